package saccade.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import saccade.kernels.geometry.Rig;
import saccade.sim.traffic.Cone;
import saccade.sim.traffic.Ego;
import saccade.sim.traffic.Pedestrian;
import saccade.sim.traffic.Vehicle;
import saccade.sim.traffic.World;
import saccade.sim.truth.Expert;
import saccade.sim.truth.Plan;
import saccade.sim.truth.RaySight;
import saccade.sim.world.Daylight;
import saccade.sim.world.Weather;

/** What the scenarios promise does happen. */
class ScenarioTest {
  private static final Rig RIG = Rig.twoCamera();
  private static final Rig NO_SENSORS = new Rig(List.of(), null);
  private static final int SEEDS = 10;

  private static Simulation start(String name, long seed) {
    return new Simulation(NO_SENSORS, Scenario.named(name), seed);
  }

  private static double front(Simulation simulation) {
    return simulation.ego().x + Ego.FRONT_M;
  }

  /** The expert drives; somebody looks ten times a second. */
  private static Simulation drive(String name, long seed, Consumer<Simulation> look) {
    Simulation simulation = start(name, seed);
    Expert expert = new Expert();
    while (!simulation.done()) {
      look.accept(simulation);
      Plan plan = expert.plan(simulation);
      simulation.command(plan.accelMps2()[0], plan.curvature1pm()[0]);
      simulation.advance(0.1);
    }
    return simulation;
  }

  private static boolean sees(Simulation simulation, int id) {
    return new RaySight(RIG, simulation.scene()).any(id);
  }

  @Test
  void theCutInCutsInRightBeforeTheEgo() {
    for (long seed = 0; seed < SEEDS; seed++) {
      double[] gap = {Double.NaN};
      Vehicle[] cutter = new Vehicle[1];
      drive(
          "cut-in",
          seed,
          simulation -> {
            Vehicle v = simulation.world().vehicles.getFirst();
            cutter[0] = v;
            if (simulation.timeS() == 0) {
              assertTrue(v.d > 3, "starts in the second lane");
            }
            if (Double.isNaN(gap[0]) && v.d < 1.75) {
              gap[0] = v.rearS() - front(simulation);
            }
          });
      assertTrue(gap[0] > 1.5 && gap[0] < 15, "seed " + seed + ": came in " + gap[0] + " m ahead");
      assertEquals(0, cutter[0].d, 0.25);
    }
  }

  @Test
  void theChildCannotBeSeenUntilItRuns() {
    for (long seed = 0; seed < SEEDS; seed++) {
      boolean[] seen = new boolean[1];
      drive(
          "child-from-parked",
          seed,
          simulation -> {
            Pedestrian child = simulation.world().pedestrians.getFirst();
            assertTrue(child.heightM < 1.35);
            boolean visible = sees(simulation, child.id);
            if (child.vd(simulation.timeS()) == 0 && child.d < -2) {
              assertFalse(visible, "hidden while it waits");
            }
            seen[0] |= visible && child.d < -0.95;
          });
      assertTrue(seen[0], "seed " + seed + ": in sight before it is in the way");
    }
  }

  @Test
  void theChildRunsIntoTheWayOfWhoDoesNotBrake() {
    int hit = 0;
    for (long seed = 0; seed < SEEDS; seed++) {
      Simulation simulation = start("child-from-parked", seed);
      simulation.command(0, 0);
      simulation.advance(8);
      hit += simulation.scoreboard().collisions();
    }
    assertTrue(hit >= SEEDS * 0.6, hit + " hit");
  }

  @Test
  void theObstacleBehindTheCurveIsHiddenAtFirst() {
    for (long seed = 0; seed < SEEDS; seed++) {
      Simulation simulation = start("obstacle-after-curve", seed);
      Vehicle obstacle = simulation.world().vehicles.getFirst();
      assertTrue(
          obstacle.rearS() > simulation.world().road.straightM() + simulation.world().road.arcM());
      assertFalse(sees(simulation, obstacle.id), "seed " + seed);
    }
  }

  @Test
  void theColumnStopsMoreThanOnce() {
    int[] stops = new int[1];
    boolean[] moved = {true};
    drive(
        "stop-and-go",
        3,
        simulation -> {
          Vehicle first = simulation.world().vehicles.getFirst();
          if (moved[0] && first.speedMps < 0.05) {
            stops[0]++;
            moved[0] = false;
          }
          moved[0] |= first.speedMps > 1.5;
        });
    assertTrue(stops[0] >= 2, stops[0] + " stops");
  }

  @Test
  void theOncomingOneComesOverTheMiddleAndGoesBack() {
    for (long seed = 0; seed < SEEDS; seed++) {
      double[] nearest = {99};
      Simulation over =
          drive(
              "oncoming",
              seed,
              simulation -> {
                Vehicle v = simulation.world().vehicles.get(1);
                if (v.s > front(simulation)) {
                  nearest[0] = Math.min(nearest[0], v.d - v.halfD());
                }
              });
      assertTrue(nearest[0] < 0.4, "seed " + seed + ": as near as " + nearest[0]);
      assertEquals(3.5, over.world().vehicles.get(1).d, 0.3);
    }
  }

  @Test
  void theRiderIsPassedWithRoom() {
    for (long seed = 0; seed < SEEDS; seed++) {
      double[] room = {99};
      drive(
          "overtake-cyclist",
          seed,
          simulation -> {
            Vehicle rider = simulation.world().vehicles.getFirst();
            assertEquals(Vehicle.Kind.CYCLIST, rider.kind);
            double along = rider.s - (simulation.ego().x + 1.45);
            if (Math.abs(along) < 3.2) {
              room[0] =
                  Math.min(room[0], simulation.ego().y - Ego.WIDTH_M / 2 - rider.d - rider.halfD());
            }
          });
      assertTrue(room[0] > 0.75 && room[0] < 90, "seed " + seed + ": " + room[0] + " m");
    }
  }

  @Test
  void conesCloseTheLane() {
    for (long seed = 0; seed < SEEDS; seed++) {
      World world = start("lane-closed", seed).world();
      double left = world.cones.stream().mapToDouble(Cone::d).max().orElseThrow();
      double right = world.cones.stream().mapToDouble(Cone::d).min().orElseThrow();
      assertTrue(left > 1 && right < -1.5, left + " to " + right);
    }
  }

  @Test
  void weatherAndVehiclesAreWhatTheNamesSay() {
    for (long seed = 0; seed < SEEDS; seed++) {
      World rain = start("night-rain", seed).world();
      assertEquals(Daylight.NIGHT, rain.daylight);
      assertEquals(Weather.RAIN, rain.weather);
      assertTrue(rain.rainMmPerH >= 8 && rain.visibilityM < 500);
      World fog = start("fog-lead", seed).world();
      assertEquals(Weather.FOG, fog.weather);
      assertTrue(fog.visibilityM <= 80);
      assertEquals(Vehicle.Kind.TRUCK, start("truck-ahead", seed).world().vehicles.getFirst().kind);
    }
  }

  @Test
  void crossingTrafficCrossesRightBeforeTheEgo() {
    int close = 0;
    for (long seed = 0; seed < SEEDS; seed++) {
      Simulation simulation = start("crossing-traffic", seed);
      Vehicle v = simulation.world().vehicles.getFirst();
      assertTrue(v.crossing());
      simulation.command(0, 0);
      double nearest = 99;
      while (!simulation.done()) {
        simulation.advance(0.1);
        double gap = v.rearS() - front(simulation);
        if (Math.abs(v.d) < v.halfD() + 1.2 && gap > -6) {
          nearest = Math.min(nearest, gap);
        }
      }
      close += nearest < 14 ? 1 : 0;
    }
    assertTrue(close >= SEEDS * 0.7, close + " of " + SEEDS);
  }

  @Test
  void randomDrawsAnyKindInAnyWeather() {
    Set<Daylight> daylights = EnumSet.noneOf(Daylight.class);
    Set<Weather> weathers = EnumSet.noneOf(Weather.class);
    Set<Vehicle.Kind> kinds = EnumSet.noneOf(Vehicle.Kind.class);
    int lights = 0;
    int signs = 0;
    int cones = 0;
    int crossing = 0;
    int twoLanes = 0;
    for (long seed = 0; seed < 120; seed++) {
      World world = start("random", seed).world();
      daylights.add(world.daylight);
      weathers.add(world.weather);
      world.vehicles.forEach(v -> kinds.add(v.kind));
      lights += world.lights.size();
      signs += world.stopSigns.size();
      cones += world.cones.isEmpty() ? 0 : 1;
      crossing += world.vehicles.stream().anyMatch(Vehicle::crossing) ? 1 : 0;
      twoLanes += world.road.lanes() - 1;
    }
    assertEquals(EnumSet.allOf(Daylight.class), daylights);
    assertEquals(EnumSet.allOf(Weather.class), weathers);
    assertEquals(EnumSet.allOf(Vehicle.Kind.class), kinds);
    assertTrue(lights > 5 && signs > 2 && cones > 2 && crossing > 5 && twoLanes > 10);
  }
}
