package saccade.sim.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import saccade.sim.traffic.TrafficLight.Colour;
import saccade.sim.traffic.Vehicle.Course;
import saccade.sim.traffic.Vehicle.Indicator;
import saccade.sim.traffic.Vehicle.Kind;
import saccade.sim.traffic.Vehicle.Phase;
import saccade.sim.traffic.Vehicle.Shift;
import saccade.sim.traffic.Vehicle.When;
import saccade.sim.world.Box;
import saccade.sim.world.Daylight;
import saccade.sim.world.Road;
import saccade.sim.world.Scene;

class TrafficTest {
  private final Ego ego = new Ego();
  private World world = new World(new Road(0, 0, 0, 2).withLanes(2), Daylight.DAY, 7);

  private Vehicle car(double s, double d, double speed) {
    Vehicle car = new Vehicle(world.newId(), Kind.CAR, s, d);
    car.speedMps = speed;
    car.phases = new Phase[] {new Phase(0, speed, 2)};
    return world.add(car);
  }

  private void run(double seconds) {
    for (int i = 0; i < Math.round(seconds * 100); i++) {
      ego.step(0.01);
      world.step(0.01, ego);
    }
  }

  @Test
  void aChangeOfLaneIsSmoothAnnouncedAndEndsInTheLane() {
    Vehicle car = car(20, 3.5, 8);
    car.shifts = new Shift[] {new Shift(When.AT_TIME, 1, 0, 2.5)};
    ego.x = -80;
    assertEquals(Indicator.RIGHT, car.showing());
    run(1.1);
    assertTrue(car.shifting());
    assertEquals(0, car.targetD());
    double fastest = 0;
    for (int i = 0; i < 30; i++) {
      double before = car.d;
      run(0.1);
      fastest = Math.max(fastest, (before - car.d) / 0.1);
    }
    assertFalse(car.shifting());
    assertEquals(0, car.d, 1e-9);
    assertEquals(0, car.shiftMps);
    assertEquals(1.5 * 3.5 / 2.5, fastest, 0.05);
    assertEquals(Indicator.OFF, car.showing());
  }

  @Test
  void whoStandsDoesNotSlideAside() {
    Vehicle car = car(20, 3.5, 0);
    car.shifts = new Shift[] {new Shift(When.AT_TIME, 0, 0, 2)};
    run(3);
    assertEquals(3.5, car.d, 1e-9);
  }

  @Test
  void indicatorsBlinkThreeTimesInTwoSeconds() {
    Vehicle car = car(20, 0, 0);
    car.indicator = Indicator.HAZARD;
    int changes = 0;
    boolean on = car.blinkOn(0);
    for (double t = 0.01; t < 2; t += 0.01) {
      changes += car.blinkOn(t) == on ? 0 : 1;
      on = car.blinkOn(t);
    }
    assertEquals(6, changes, 1);
    Scene scene = new Scene();
    world.fill(scene, ego, 0);
    assertEquals(6, scene.boxes.stream().filter(box -> box.kind() == Box.Kind.INDICATOR).count());
  }

  @Test
  void whoFollowsTheEgoStopsBehindIt() {
    Vehicle follower = car(-22, 0, 9);
    ego.speedMps = 9;
    ego.command(-5, 0);
    run(8);
    assertEquals(0, ego.speedMps);
    double gap = ego.x + Ego.REAR_M - follower.s - follower.halfS();
    assertTrue(follower.speedMps < 0.1 && gap > 1, "stands " + gap + " m behind");
  }

  @Test
  void trafficBesideGoesItsWay() {
    Vehicle beside = car(0, 3.5, 9);
    ego.speedMps = 0;
    run(2);
    assertEquals(18, beside.s, 0.5);
  }

  @Test
  void oncomingTrafficBrakesForWhoIsInItsLane() {
    world = new World(new Road(0, 0, 0, 2), Daylight.DAY, 7);
    Vehicle oncoming = car(60, 3.5, 8);
    oncoming.course = Course.ONCOMING;
    ego.y = 3.2;
    run(12);
    assertTrue(oncoming.speedMps < 0.1 && oncoming.rearS() > Ego.FRONT_M + 1, "at " + oncoming.s);
  }

  @Test
  void amberComesThreeSecondsBeforeRed() {
    TrafficLight light = new TrafficLight(30, false, 5, 9);
    assertEquals(Colour.GREEN, light.colour(1.9));
    assertEquals(Colour.AMBER, light.colour(2.1));
    assertEquals(Colour.RED, light.colour(5));
    assertEquals(Colour.RED, light.colour(8.9));
    assertEquals(Colour.GREEN, light.colour(9));
    assertEquals(Colour.GREEN, light.colour(100));
  }

  @Test
  void sideTrafficWaitsWhileTheMainRoadMayGo() {
    world = new World(new Road(0, 0, 0, 2, 30).withCrossing(36, 7), Daylight.DAY, 7);
    new Dresser(new SplittableRandom(1)).light(world, new TrafficLight(30, false, 6, 30));
    Vehicle car = car(34, 25, 7);
    car.course = Course.FROM_LEFT;
    run(5.5);
    assertTrue(car.d - car.lengthM / 2 > world.road.leftEdgeD(), "waits, at " + car.d);
    run(8);
    assertTrue(car.d < -5, "has crossed, at " + car.d);
  }

  @Test
  void othersStopAtAStopSignAndGoOn() {
    StopSign sign = new StopSign(40);
    world.add(sign, -2.5, 2);
    Vehicle car = car(15, 0, 8);
    ego.x = -30;
    double slowest = 8;
    for (int i = 0; i < 200; i++) {
      run(0.1);
      slowest = Math.min(slowest, car.speedMps);
    }
    assertTrue(slowest < 0.3 && car.s > 50, slowest + " m/s, then at " + car.s);
    assertEquals(0, sign.egoStoodS, "the ego was not there");
  }

  @Test
  void theEgoHasToStandAtASignForASecond() {
    StopSign sign = new StopSign(Ego.FRONT_M + 3);
    world.add(sign, -2.5, 2);
    run(0.9);
    assertFalse(sign.satisfied());
    run(0.2);
    assertTrue(sign.satisfied());
  }

  @Test
  void sampledStatesAreOfEveryKindAndHitNothingAtFirst() {
    var kinds = new java.util.EnumMap<RandomDrive.Kind, Integer>(RandomDrive.Kind.class);
    double[] sd = new double[2];
    for (long seed = 0; seed < 3000; seed++) {
      RandomDrive drive = RandomDrive.forFrames(seed, 8);
      kinds.merge(drive.kind, 1, Integer::sum);
      Ego at = drive.ego;
      drive.world.road.frenet(
          at.x + 1.45 * Math.cos(at.yawRad), at.y + 1.45 * Math.sin(at.yawRad), sd);
      for (Vehicle v : drive.world.vehicles) {
        assertFalse(
            v.present
                && Math.abs(v.s - sd[0]) < v.halfS() + 2.35
                && Math.abs(v.d - sd[1]) < v.halfD() + 0.95,
            () -> "seed with " + v.kind + " on the ego");
      }
    }
    assertEquals(RandomDrive.Kind.values().length, kinds.size(), kinds.toString());
    assertTrue(kinds.values().stream().allMatch(n -> n > 60), kinds.toString());
  }

  @Test
  void sampledStatesNeverTellTheTwoStoriesKeptForJudging() {
    for (long seed = 0; seed < 4000; seed++) {
      RandomDrive drive = RandomDrive.forFrames(seed, 8);
      World there = drive.world;
      boolean parked = there.vehicles.stream().anyMatch(v -> v.parked && v.d < 0);
      boolean childCrosses =
          there.pedestrians.stream().anyMatch(p -> p.heightM < 1.35 && p.walkD != 0);
      assertFalse(parked && childCrosses, "a child from behind parked cars, seed " + seed);
      double arcFrom = there.road.straightM();
      double arcTo = arcFrom + there.road.arcM();
      if (there.road.arcCurvature1pm() != 0 && arcTo > 0) {
        assertTrue(
            there.vehicles.stream()
                .filter(v -> v.brokenDown && v.s > Math.max(arcFrom, 0))
                .collect(Collectors.toList())
                .isEmpty(),
            "something stands behind a curve, seed " + seed);
      }
    }
  }
}
