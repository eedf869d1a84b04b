package saccade.sim.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import saccade.sim.traffic.Vehicle.Course;
import saccade.sim.world.Daylight;
import saccade.sim.world.Road;
import saccade.sim.world.Weather;

class DenseTrafficTest {
  private static final int STATES = 3000;

  @Test
  void nobodyStandsInSomebodyElse() {
    for (int seed = 0; seed < STATES; seed++) {
      DenseTraffic state = DenseTraffic.forFrames(seed, 6);
      for (Vehicle a : state.world.vehicles) {
        for (Vehicle b : state.world.vehicles) {
          // Who moves over is put into the midst of it, a lane away from where room was looked for.
          boolean over = a.shifting() || b.shifting() || a.appearS > 0 || b.appearS > 0;
          assertTrue(
              over
                  || a.id >= b.id
                  || Math.abs(a.s - b.s) > a.halfS() + b.halfS()
                  || Math.abs(a.d - b.d) > a.halfD() + b.halfD(),
              "seed " + seed + ": " + a.kind + " at " + a.s + ", " + a.d + " in " + b.kind);
        }
      }
    }
  }

  @Test
  void nothingStandsInTheLaneAfterABendYetToCome() {
    int bends = 0;
    for (int seed = 0; seed < STATES; seed++) {
      World world = DenseTraffic.forFrames(seed, 6).world;
      double bend = world.road.straightM();
      if (world.road.arcCurvature1pm() == 0 || bend < 0) {
        continue;
      }
      bends++;
      for (Vehicle v : world.vehicles) {
        boolean stands = v.course == Course.ALONG && !v.parked && v.speedMps == 0;
        assertFalse(
            stands && Math.abs(v.d) < 1.8 && v.rearS() > bend && !drivesOff(v), "seed " + seed);
      }
      for (Pedestrian p : world.pedestrians) {
        assertFalse(p.walkD == 0 && Math.abs(p.d) < 1.4 && p.s > bend, "seed " + seed);
      }
      for (Cone cone : world.cones) {
        assertTrue(cone.s() < bend, "seed " + seed);
      }
    }
    assertTrue(bends > 200, bends + " states before a bend");
  }

  private static boolean drivesOff(Vehicle v) {
    return v.phases.length > 1 && v.phases[1].targetMps() > 0;
  }

  @Test
  void noChildComesFromBehindAParkedVehicle() {
    int children = 0;
    for (int seed = 0; seed < STATES; seed++) {
      World world = DenseTraffic.forFrames(seed, 6).world;
      for (Pedestrian p : world.pedestrians) {
        if (p.heightM > 1.35 || p.walkD == 0) {
          continue;
        }
        children++;
        for (Vehicle v : world.vehicles) {
          boolean before = v.s < p.s + 1 && v.s > -5 && v.d * p.d > 0 && Math.abs(p.d) > 1.2;
          assertFalse(v.parked && before, "seed " + seed);
        }
      }
    }
    assertTrue(children > 20, children + " children cross");
  }

  @Test
  void everyIngredientIsThere() {
    Set<RandomDrive.Kind> kinds = EnumSet.noneOf(RandomDrive.Kind.class);
    Set<Vehicle.Kind> vehicles = EnumSet.noneOf(Vehicle.Kind.class);
    Set<Course> courses = EnumSet.noneOf(Course.class);
    Set<Daylight> lights = EnumSet.noneOf(Daylight.class);
    Set<Weather> weathers = EnumSet.noneOf(Weather.class);
    int cones = 0;
    int signs = 0;
    int amber = 0;
    for (int seed = 0; seed < 400; seed++) {
      DenseTraffic state = DenseTraffic.forFrames(seed, 6);
      kinds.add(state.kind());
      lights.add(state.world.daylight);
      weathers.add(state.world.weather);
      for (Vehicle v : state.world.vehicles) {
        vehicles.add(v.kind);
        courses.add(v.course);
      }
      cones += state.world.cones.isEmpty() ? 0 : 1;
      signs += state.world.stopSigns.size();
      for (TrafficLight light : state.world.lights) {
        amber += light.colour(0) == TrafficLight.Colour.AMBER ? 1 : 0;
      }
    }
    assertTrue(kinds.size() >= 9, kinds.toString());
    assertEquals(EnumSet.allOf(Vehicle.Kind.class), vehicles);
    assertEquals(EnumSet.allOf(Course.class), courses);
    assertEquals(EnumSet.allOf(Daylight.class), lights);
    assertEquals(EnumSet.allOf(Weather.class), weathers);
    assertTrue(cones > 8 && signs > 30 && amber > 10, cones + ", " + signs + ", " + amber);
  }

  @Test
  void theSeedDecides() {
    DenseTraffic one = DenseTraffic.forFrames(7, 6);
    DenseTraffic two = DenseTraffic.forFrames(7, 6);
    assertEquals(one.ego.x, two.ego.x);
    assertEquals(one.world.vehicles.size(), two.world.vehicles.size());
    assertEquals(one.world.scenery, two.world.scenery);
    assertTrue(Road.LANE_WIDTH_M > Math.abs(one.ego.y));
  }
}
