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
import saccade.sim.traffic.TrafficLight;
import saccade.sim.traffic.World;
import saccade.sim.world.Daylight;
import saccade.sim.world.Road;

class ExpertTest {
  private final Expert expert = new Expert();
  private final World world = new World(new Road(0, 0, 0, 2), Daylight.DAY, 7);
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
}
