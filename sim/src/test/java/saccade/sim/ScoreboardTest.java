package saccade.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import saccade.kernels.geometry.Rig;

/** Drives that are bad on purpose: the referee has to see it. */
class ScoreboardTest {
  private static final Rig NO_SENSORS = new Rig(List.of(), null);

  private static Simulation holding(Scenario scenario, long seed, double accel, double curvature) {
    Simulation simulation = new Simulation(NO_SENSORS, scenario, seed);
    simulation.command(accel, curvature);
    while (!simulation.done()) {
      simulation.advance(0.1);
    }
    return simulation;
  }

  @Test
  void runningARedLightCountsOnce() {
    for (long seed = 0; seed < 5; seed++) {
      Scoreboard score = holding(Scenario.named("red-light"), seed, 1, 0).scoreboard();
      assertEquals(1, score.redLightsRun(), "seed " + seed + ": " + score);
      assertTrue(Double.isNaN(score.stoppedAtRedM()), score.toString());
      assertTrue(Double.isNaN(score.droveOnAtGreenS()), score.toString());
    }
  }

  @Test
  void passingAtGreenIsNoFault() {
    // The demo's light is green until 10.8 s and the line is 62 m away: 14 m/s is in time.
    Simulation simulation = new Simulation(NO_SENSORS, Scenario.named("demo"), 1);
    simulation.command(3, 0);
    while (simulation.scoreboard().distanceM() < 70) {
      simulation.advance(0.1);
    }
    assertTrue(simulation.timeS() < 10, "at " + simulation.timeS() + " s");
    assertEquals(0, simulation.scoreboard().redLightsRun());
    assertEquals(1, simulation.scoreboard().collisions(), "but the lead car was in the way");
  }

  @Test
  void drivingThroughACarCountsOneCollisionThoughItLasts() {
    for (long seed = 0; seed < 5; seed++) {
      Simulation simulation = holding(Scenario.popUp(seed, 3, true), 0, 0, 0);
      Scoreboard score = simulation.scoreboard();
      assertEquals(1, score.collisions(), "seed " + seed + ": " + score);
      assertEquals(0, score.minTimeToCollisionS(), 0.05, score.toString());
      assertEquals(
          0,
          holding(Scenario.popUp(seed, 3, false), 0, 0, 0).scoreboard().collisions(),
          "the twin has nothing to hit");
    }
  }

  @Test
  void everyCarOfAQueueThatIsHitCounts() {
    Simulation simulation = new Simulation(NO_SENSORS, Scenario.named("queue"), 3);
    int queue =
        (int)
            simulation.world().vehicles.stream()
                .filter(car -> !car.parked && !car.oncoming())
                .count();
    simulation.command(2, 0);
    while (simulation.timeS() < 8) {
      simulation.advance(0.1);
    }
    assertEquals(queue, simulation.scoreboard().collisions());
  }

  @Test
  void standingForNoReasonIsNoStopAtAnything() {
    Scoreboard score = holding(Scenario.named("red-light"), 2, -8, 0).scoreboard();
    assertTrue(score.distanceM() > 3 && score.distanceM() < 12, score.toString());
    assertTrue(Double.isNaN(score.stoppedAtRedM()), score.toString());
    assertTrue(Double.isNaN(score.stoppedBehindLeadGapM()), score.toString());
    assertEquals(0, score.redLightsRun());
  }

  @Test
  void distanceIsSpeedTimesTime() {
    Simulation simulation = holding(Scenario.named("empty-road"), 4, 0, 0);
    double way = simulation.odometry().speedMps() * simulation.timeS();
    Scoreboard score = simulation.scoreboard();
    assertEquals(way, score.distanceM(), 1e-6);
    assertEquals(0, score.maxLateralM(), 1e-9);
    assertEquals(Double.POSITIVE_INFINITY, score.minTimeToCollisionS());
  }

  @Test
  void leavingTheLaneShowsInTheLateralDistance() {
    // A circle of 20 m radius from the middle of a straight lane: its far side is 40 m away.
    Simulation simulation = new Simulation(NO_SENSORS, Scenario.named("empty-road"), 4);
    simulation.ego().curvature1pm = 0.05;
    simulation.command(0, 0.05);
    while (simulation.scoreboard().distanceM() < 70) {
      simulation.advance(0.05);
    }
    assertEquals(40, simulation.scoreboard().maxLateralM(), 0.01);
  }
}
