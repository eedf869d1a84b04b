package saccade.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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

  @Test
  void leavingTheRoadCountsOnce() {
    Simulation simulation = new Simulation(NO_SENSORS, Scenario.named("empty-road"), 4);
    simulation.command(0, -0.03);
    for (int i = 0; i < 20; i++) {
      simulation.advance(0.1);
    }
    assertEquals(1, simulation.scoreboard().laneDepartures());
    assertFalse(simulation.scoreboard().clean());
  }

  @Test
  void theOncomingLaneIsForPassingOnly() {
    Simulation nothingThere = new Simulation(NO_SENSORS, Scenario.named("empty-road"), 4);
    nothingThere.ego().y = 2;
    nothingThere.command(0, 0);
    nothingThere.advance(1);
    assertEquals(1, nothingThere.scoreboard().laneDepartures());

    Simulation cones = new Simulation(NO_SENSORS, Scenario.named("lane-closed"), 4);
    cones.ego().x = cones.world().cones.getFirst().s() - 10;
    cones.ego().y = 2;
    cones.ego().speedMps = 3;
    cones.command(0, 0);
    cones.advance(1);
    assertEquals(0, cones.scoreboard().laneDepartures());
  }

  @Test
  void drivingPastAStopSignCounts() {
    for (long seed = 0; seed < 5; seed++) {
      assertEquals(
          1, holding(Scenario.named("stop-sign"), seed, 0.5, 0).scoreboard().stopSignsRun());
    }
  }

  @Test
  void standingForNothingIsAFalseStop() {
    Scoreboard score = holding(Scenario.named("empty-road"), 2, -8, 0).scoreboard();
    assertEquals(1, score.falseStops());
    assertTrue(score.progress() < 0.3, score.toString());
    // At a red light, 2 m before its line, one may stand for as long as it takes.
    Simulation atRed = new Simulation(NO_SENSORS, Scenario.named("red-light"), 2);
    atRed.ego().x = atRed.world().lights.getFirst().stopS - 6;
    atRed.ego().speedMps = 0;
    atRed.command(-1, 0);
    atRed.advance(9);
    assertEquals(0, atRed.scoreboard().falseStops());
  }

  @Test
  void hittingAConeIsACollision() {
    Simulation simulation = new Simulation(NO_SENSORS, Scenario.named("lane-closed"), 4);
    simulation.command(0, 0);
    while (simulation.scoreboard().distanceM() < 75) {
      simulation.advance(0.1);
    }
    assertTrue(simulation.scoreboard().collisions() >= 3, simulation.scoreboard().toString());
  }

  @Test
  void comfortIsMeasuredFromTheMotion() {
    Simulation simulation = new Simulation(NO_SENSORS, Scenario.named("empty-road"), 4);
    simulation.ego().speedMps = 10;
    simulation.command(-3, 0);
    simulation.advance(2);
    Scoreboard.Comfort comfort = simulation.scoreboard().comfort();
    assertEquals(3, comfort.maxAccelMps2(), 0.01);
    assertTrue(comfort.rmsAccelMps2() > 2.7 && comfort.rmsAccelMps2() < 3, comfort.toString());
    // A lag of 0.15 s: 1 - 1/e^(2/3) of 3 m/s^2 in the first tenth of a second.
    assertEquals(14.6, comfort.maxJerkMps3(), 0.8);
    assertEquals(0, comfort.maxLateralMps2());
  }
}
