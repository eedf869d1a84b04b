package saccade.sim.truth;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import saccade.sim.traffic.Ego;
import saccade.sim.traffic.Pedestrian;
import saccade.sim.traffic.RandomDrive;
import saccade.sim.traffic.StopSign;
import saccade.sim.traffic.TrafficLight;
import saccade.sim.traffic.Vehicle;
import saccade.sim.traffic.World;
import saccade.sim.world.Daylight;
import saccade.sim.world.Road;

class ExpertTest {
  private final Expert expert = new Expert();
  private World world = new World(new Road(0, 0, 0, 2), Daylight.DAY, 7);
  private final Ego ego = new Ego();

  private Plan plan() {
    return expert.plan(world, ego, 9);
  }

  @Property(tries = 150)
  void everyPlanIsWithinItsRangesAndNamedByItsFirstSecond(@ForAll long seed) {
    RandomDrive drive = RandomDrive.forFrames(seed, 6);
    double speed = drive.ego.speedMps;
    Plan plan = expert.plan(drive.world, drive.ego, drive.setSpeedMps);
    assertEquals(Plan.STEPS, plan.accelMps2().length);
    assertEquals(Plan.STEPS, plan.curvature1pm().length);
    for (int i = 0; i < Plan.STEPS; i++) {
      assertTrue(plan.accelMps2()[i] >= -8 && plan.accelMps2()[i] <= 3);
      assertTrue(Math.abs(plan.curvature1pm()[i]) <= 0.15);
    }
    double mean = Arrays.stream(plan.accelMps2(), 0, 5).average().orElseThrow();
    Plan.Maneuver wanted =
        mean < -0.7 || speed < 0.3 && mean <= 0
            ? Plan.Maneuver.BRAKE
            : mean > 0.3 ? Plan.Maneuver.ACCELERATE : Plan.Maneuver.KEEP;
    assertEquals(wanted, plan.maneuver());

    assertEquals(speed, drive.ego.speedMps, "planning moves nothing");
    Plan again = new Expert().plan(drive.world, drive.ego, drive.setSpeedMps);
    assertArrayEquals(plan.accelMps2(), again.accelMps2());
    assertArrayEquals(plan.curvature1pm(), again.curvature1pm());
    assertEquals(plan.reason(), again.reason());
  }

  @Test
  void holdsTheBrakeAtARedLightAndLeavesAtGreen() {
    ego.x = 18;
    world.add(new TrafficLight(Ego.FRONT_M + 20, true, 5), -2.8, 2.5, 11, 0.5);
    Plan atRed = plan();
    assertEquals(Plan.Maneuver.BRAKE, atRed.maneuver());
    assertEquals(Plan.Reason.RED_LIGHT, atRed.reason());
    assertEquals(-1, atRed.accelMps2()[0]);
    for (int i = 0; i < 500; i++) {
      world.step(0.01, ego);
    }
    Plan atGreen = plan();
    assertEquals(Plan.Maneuver.ACCELERATE, atGreen.maneuver());
    assertEquals(Plan.Reason.CLEAR, atGreen.reason());
  }

  @Test
  void doesNotBrakeForALightTooNearToStopAt() {
    ego.speedMps = 9;
    // 9 m/s need 6.75 m at 6 m/s^2.
    world.add(new TrafficLight(Ego.FRONT_M + 5, true), -2.8, 2.5, 11, 0.5);
    assertTrue(plan().accelMps2()[0] > -0.5);
  }

  @Test
  void waitsForWhoIsAboutToCrossAndNotForWhoWalksAlong() {
    ego.speedMps = 8;
    Pedestrian walker = world.add(new Pedestrian(world.newId(), 24, -3));
    walker.walkS = 1.2;
    assertEquals(Plan.Reason.CLEAR, plan().reason());
    walker.walkS = 0;
    walker.walkD = 1.4;
    Plan plan = plan();
    assertEquals(Plan.Reason.PEDESTRIAN, plan.reason());
    assertEquals(Plan.Maneuver.BRAKE, plan.maneuver());
    walker.walkD = -1.4;
    assertEquals(Plan.Reason.CLEAR, plan().reason(), "walking away");
  }

  @Test
  void steersBackToTheLaneCentre() {
    ego.speedMps = 8;
    ego.y = 0.5;
    assertTrue(plan().curvature1pm()[0] < 0);
    ego.y = -0.5;
    assertTrue(plan().curvature1pm()[0] > 0);
    ego.y = 0;
    assertEquals(0, plan().curvature1pm()[0], 1e-12);
  }

  @Test
  void slowsDownBeforeASharpCurve() {
    World bend = new World(new Road(10, 30, 0.05, 2), Daylight.DAY, 7);
    ego.speedMps = 10;
    Plan plan = expert.plan(bend, ego, 10);
    assertEquals(Plan.Reason.CURVE, plan.reason());
    assertEquals(Plan.Maneuver.BRAKE, plan.maneuver());
  }

  private Vehicle vehicle(Vehicle.Kind kind, double s, double d, double speed) {
    Vehicle v = new Vehicle(world.newId(), kind, s, d);
    v.speedMps = speed;
    return world.add(v);
  }

  @Test
  void goesRoundAStalledVehicleOnlyWhenNobodyComes() {
    ego.speedMps = 6;
    Vehicle stalled = vehicle(Vehicle.Kind.TRUCK, 28, -0.2, 0);
    stalled.brokenDown = true;
    stalled.indicator = Vehicle.Indicator.HAZARD;
    Plan free = plan();
    assertEquals(Plan.Reason.TRUCK, free.reason());
    assertTrue(Arrays.stream(free.curvature1pm()).max().orElseThrow() > 0.01, "steers left");
    assertTrue(free.accelMps2()[0] > -1);

    Vehicle comes = vehicle(Vehicle.Kind.CAR, 70, 3.5, 8);
    comes.course = Vehicle.Course.ONCOMING;
    Plan waits = plan();
    assertEquals(Plan.Reason.TRUCK, waits.reason());
    assertEquals(0, waits.curvature1pm()[0], 1e-9);
    assertTrue(waits.accelMps2()[0] < free.accelMps2()[0]);
  }

  @Test
  void staysBehindAVehicleThatDoesNotSayItIsStalled() {
    ego.speedMps = 6;
    vehicle(Vehicle.Kind.CAR, 26, 0, 0).brokenDown = true;
    Plan plan = plan();
    assertEquals(Plan.Reason.CAR, plan.reason());
    assertEquals(0, Arrays.stream(plan.curvature1pm()).map(Math::abs).max().orElseThrow(), 1e-9);
  }

  @Test
  void leavesRoomBesideARiderAndWaitsBehindConesWithoutAnotherLane() {
    ego.speedMps = 7;
    vehicle(Vehicle.Kind.CYCLIST, 26, -1, 4);
    Plan round = plan();
    assertTrue(Arrays.stream(round.curvature1pm()).max().orElseThrow() > 0.003);
    world.vehicles.clear();
    for (double d = -1.6; d < 1.5; d += 0.5) {
      world.cone(26, d);
    }
    Vehicle comes = vehicle(Vehicle.Kind.CAR, 50, 3.5, 8);
    comes.course = Vehicle.Course.ONCOMING;
    Plan waits = plan();
    assertEquals(Plan.Reason.CONES, waits.reason());
    assertEquals(Plan.Maneuver.BRAKE, waits.maneuver());
  }

  @Test
  void stopsAtAmberWhenItCanGentlyAndGoesOnWhenItCannot() {
    ego.speedMps = 8;
    // 8 m/s need 10.7 m at 3 m/s^2.
    World far = new World(new Road(0, 0, 0, 2), Daylight.DAY, 7);
    far.add(new TrafficLight(Ego.FRONT_M + 22, false, 2), -2.8, 2.5, 11, 0.5);
    Plan stops = expert.plan(far, ego, 9);
    assertEquals(Plan.Reason.RED_LIGHT, stops.reason());
    assertTrue(stops.accelMps2()[0] < -0.5);
    World near = new World(new Road(0, 0, 0, 2), Daylight.DAY, 7);
    near.add(new TrafficLight(Ego.FRONT_M + 9, false, 2), -2.8, 2.5, 11, 0.5);
    assertTrue(expert.plan(near, ego, 9).accelMps2()[0] > -0.5);
  }

  @Test
  void holdsAtAStopSignForASecondAndLongerForWhoCrosses() {
    World junction = new World(new Road(0, 0, 0, 2, 6).withCrossing(11, 7), Daylight.DAY, 7);
    StopSign sign = new StopSign(Ego.FRONT_M + 2);
    junction.add(sign, -2.8, 2);
    Plan first = expert.plan(junction, ego, 9);
    assertEquals(Plan.Reason.STOP_SIGN, first.reason());
    assertEquals(-1, first.accelMps2()[0]);
    sign.egoStoodS = 1.1;
    assertEquals(Plan.Maneuver.ACCELERATE, expert.plan(junction, ego, 9).maneuver());
    Vehicle crosses = new Vehicle(junction.newId(), Vehicle.Kind.CAR, 9.5, 14);
    crosses.course = Vehicle.Course.FROM_LEFT;
    crosses.speedMps = 7;
    junction.add(crosses);
    Plan waits = expert.plan(junction, ego, 9);
    assertEquals(Plan.Reason.CAR, waits.reason());
    assertEquals(-1, waits.accelMps2()[0]);
  }

  @Test
  void doesNotKnowOfWhomAParkedCarHides() {
    ego.speedMps = 8;
    Pedestrian child = world.add(new Pedestrian(world.newId(), 26, -2.8));
    child.walkD = 1.8;
    assertEquals(Plan.Reason.PEDESTRIAN, plan().reason());
    Vehicle parked = vehicle(Vehicle.Kind.CAR, 23, -3, 0);
    parked.parked = true;
    assertEquals(Plan.Reason.CLEAR, plan().reason());
  }

  @Test
  void brakesForWhoComesIntoItsLane() {
    world = new World(new Road(0, 0, 0, 2).withLanes(2), Daylight.DAY, 7);
    ego.speedMps = 9;
    Vehicle car = vehicle(Vehicle.Kind.CAR, Ego.FRONT_M + 8, 3.5, 7);
    assertTrue(plan().accelMps2()[0] > -0.3, "beside is no reason");
    car.shifts = new Vehicle.Shift[] {new Vehicle.Shift(Vehicle.When.AT_TIME, 0, 0, 2.5)};
    car.beginShift(0.2);
    Plan plan = plan();
    assertEquals(Plan.Reason.CAR, plan.reason());
    assertTrue(plan.accelMps2()[0] < -0.8 && plan.accelMps2()[0] > -6);
  }

  @Test
  void theLastMetresBeforeALineAreGentle() {
    for (double gap = 0.4; gap < 6; gap += 0.2) {
      for (double speed = 0.5; speed < 6; speed += 0.25) {
        World atLine = new World(new Road(0, 0, 0, 2), Daylight.DAY, 7);
        atLine.add(new TrafficLight(Ego.FRONT_M + gap, true), -2.8, 2.5, 11, 0.5);
        ego.speedMps = speed;
        double accel = expert.plan(atLine, ego, 9).accelMps2()[0];
        double needed = speed * speed / (2 * gap);
        assertTrue(accel >= -6 - 1e-9, gap + " m, " + speed + " m/s: " + accel);
        if (needed < 1) {
          assertTrue(accel > -3.2, gap + " m, " + speed + " m/s: " + accel);
        }
      }
    }
  }
}
