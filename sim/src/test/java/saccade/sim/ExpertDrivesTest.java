package saccade.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import saccade.kernels.geometry.Rig;
import saccade.sim.traffic.Ego;
import saccade.sim.traffic.Pedestrian;
import saccade.sim.traffic.Vehicle;
import saccade.sim.traffic.World;
import saccade.sim.truth.Expert;
import saccade.sim.truth.Plan;

/** The expert, asked ten times a second, drives every scenario cleanly and to its end. */
class ExpertDrivesTest {
  private static final int SEEDS = 6;
  private static final Set<String> PASSING =
      Set.of("obstacle-after-curve", "overtake-cyclist", "lane-closed", "random");
  private static final Rig NO_SENSORS = new Rig(List.of(), null);

  /** A drive at its end, with what the scoreboard does not keep. */
  private record Drive(Simulation simulation, double stoodS, double stoodWithoutReasonS) {
    double frontS() {
      Ego ego = simulation.ego();
      double[] sd = new double[2];
      simulation
          .world()
          .road
          .frenet(
              ego.x + Ego.FRONT_M * Math.cos(ego.yawRad),
              ego.y + Ego.FRONT_M * Math.sin(ego.yawRad),
              sd);
      return sd[0];
    }

    double speedMps() {
      return simulation.odometry().speedMps();
    }
  }

  private static Drive drive(String name, long seed) {
    Simulation simulation = new Simulation(NO_SENSORS, Scenario.named(name), seed);
    Expert expert = new Expert();
    double stood = 0;
    double withoutReason = 0;
    while (!simulation.done()) {
      Plan plan = expert.plan(simulation);
      if (simulation.odometry().speedMps() < 0.1) {
        stood += 0.1;
        if (plan.reason() == Plan.Reason.CLEAR && plan.maneuver() != Plan.Maneuver.ACCELERATE) {
          withoutReason += 0.1;
        }
      }
      simulation.command(plan.accelMps2()[0], plan.curvature1pm()[0]);
      simulation.advance(0.1);
    }
    return new Drive(simulation, stood, withoutReason);
  }

  @Test
  void aSeedDrivenTwiceIsTheSame() {
    for (String name : List.of("cut-in", "lane-closed", "random")) {
      assertEquals(drive(name, 5).simulation.scoreboard(), drive(name, 5).simulation.scoreboard());
    }
  }

  @ParameterizedTest
  @MethodSource("saccade.sim.Scenario#names")
  void drivesCleanlyToTheEnd(String name) {
    for (long seed = 0; seed < SEEDS; seed++) {
      Drive drive = drive(name, seed);
      Scoreboard score = drive.simulation.scoreboard();
      String what = name + ", seed " + seed + ": " + score;
      assertTrue(score.clean(), what);
      assertEquals(0, drive.stoodWithoutReasonS, what);
      assertTrue(score.minTimeToCollisionS() > 0.6, what);
      assertTrue(score.comfort().maxLateralMps2() < 3.5, what);
      assertTrue(
          score.maxLateralM() < 0.6 || PASSING.contains(name), what + ": left its lane's middle");
      complete(name, drive, score, what);
    }
  }

  /** What a finished drive has to have seen. */
  private static void complete(String name, Drive drive, Scoreboard score, String what) {
    World world = drive.simulation.world();
    double setSpeed = drive.simulation.setSpeedMps();
    switch (name) {
      case "demo" -> {
        stoppedBehindLead(score, what);
        stoppedAtRedAndDroveOn(score, what);
        assertTrue(score.stoppedBehindLeadAtS() < score.stoppedAtRedAtS(), what);
        assertTrue(drive.frontS() > world.lights.get(0).stopS + 5, what);
      }
      case "lead-brake" -> {
        stoppedBehindLead(score, what);
        assertTrue(drive.speedMps() > 2, what + " ends at " + drive.speedMps() + " m/s");
      }
      case "red-light" -> {
        stoppedAtRedAndDroveOn(score, what);
        assertTrue(drive.frontS() > world.lights.get(0).stopS + 5, what);
      }
      case "empty-road" -> {
        assertEquals(0, drive.stoodS, what);
        assertEquals(setSpeed, drive.speedMps(), 0.5, what);
        assertTrue(score.distanceM() > 0.8 * 12 * (setSpeed - 2), what);
      }
      case "curve" -> {
        assertEquals(0, drive.stoodS, what);
        assertTrue(drive.frontS() > world.road.straightM() + world.road.arcM(), what);
      }
      case "pop-up" -> {
        assertTrue(drive.speedMps() < 0.1, what);
        double gap = obstacleS(world) - drive.frontS();
        assertTrue(gap > 1 && gap < 4, what + ": stands " + gap + " m before it");
      }
      case "crossing-pedestrian" -> {
        assertTrue(drive.frontS() > world.pedestrians.get(0).s + 10, what);
        assertTrue(drive.speedMps() > 4, what);
      }
      case "queue" -> {
        stoppedBehindLead(score, what);
        assertTrue(drive.speedMps() > 5, what + " ends at " + drive.speedMps() + " m/s");
      }
      case "overtake-cyclist" ->
          assertTrue(world.vehicles.getFirst().s < drive.frontS() - 4, what + ": not past yet");
      case "stop-sign" -> assertTrue(world.stopSigns.getFirst().satisfied(), what);
      default -> assertTrue(score.distanceM() > 15, what);
    }
  }

  private static void stoppedBehindLead(Scoreboard score, String what) {
    assertTrue(score.stoppedBehindLeadGapM() > 1 && score.stoppedBehindLeadGapM() < 4, what);
  }

  private static void stoppedAtRedAndDroveOn(Scoreboard score, String what) {
    assertTrue(score.stoppedAtRedM() > 0.5 && score.stoppedAtRedM() < 4, what);
    assertTrue(score.droveOnAtGreenS() > 0 && score.droveOnAtGreenS() < 1.5, what);
  }

  /** Near end of what popped up in the lane. */
  private static double obstacleS(World world) {
    for (Vehicle car : world.vehicles) {
      if (car.appearS > 0) {
        return car.rearS();
      }
    }
    for (Pedestrian pedestrian : world.pedestrians) {
      if (pedestrian.appearS > 0) {
        return pedestrian.s - Pedestrian.RADIUS_M;
      }
    }
    throw new AssertionError("nothing popped up");
  }
}
