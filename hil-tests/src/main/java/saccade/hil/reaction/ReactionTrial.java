package saccade.hil.reaction;

import java.util.List;
import saccade.hil.drive.DriveOutcome;
import saccade.hil.drive.Driver;
import saccade.hil.drive.ExpertDriver;
import saccade.hil.report.Progress;
import saccade.kernels.geometry.Rig;
import saccade.sim.Scenario;
import saccade.sim.Simulation;
import saccade.sim.truth.Expert;
import saccade.sim.truth.Plan;

/** One seed: a drive in which an obstacle appears, and its twin in which nothing does. */
public final class ReactionTrial {
  /** First seed; training never uses the pop-up scenario with these. */
  static final long FIRST_SEED = 710_000;

  private static final int SETS_AFTER = 12;
  private static final int TWIN_SETS_AFTER = 8;
  private static final long TWIN_FROM_SET = 3; // before, the profile is only starting

  /**
   * What an obstacle must demand at its first frame, by the truth, to be a test of reaction, m/s^2:
   * clearly more than what counts as braking. Who sees an obstacle that is answered by gentle
   * braking has nothing to react to.
   */
  static final double DEMAND_MPS2 = 3;

  private ReactionTrial() {}

  /** Set at which a seed's obstacle appears: the window is full by then. */
  static int appearSet(long seed) {
    return 8 + (int) (seed % 5);
  }

  /**
   * Deceleration that the expert, arriving at its own speed, wants at the obstacle's first frame,
   * m/s^2.
   */
  static double demandMps2(long seed) {
    Simulation drive =
        new Simulation(new Rig(List.of(), null), Scenario.popUp(seed, appearSet(seed), true), seed);
    Expert expert = new Expert();
    for (int set = 0; set < appearSet(seed); set++) {
      Plan plan = expert.plan(drive);
      drive.command(plan.accelMps2()[0], plan.curvature1pm()[0]);
      drive.advance(0.1);
    }
    return -expert.plan(drive).accelMps2()[0];
  }

  /**
   * Runs seeds and scores them. Seeds whose obstacle demands less than {@link #DEMAND_MPS2} are
   * passed over; the truth decides that, not the model.
   *
   * @param seeds how many seeds that demand braking
   * @param score takes the model's drives
   * @param expert takes what the truth-driven expert does with the same obstacles and twins
   * @return how many seeds were passed over
   */
  public static int run(
      Driver driver, int seeds, ReactionScore score, ReactionScore expert, Progress progress) {
    ExpertDriver truth = new ExpertDriver(driver.options());
    long seed = FIRST_SEED - 1;
    for (int i = 0; i < seeds; i++) {
      do {
        seed++;
      } while (demandMps2(seed) < DEMAND_MPS2);
      int appear = appearSet(seed);
      long appearNs = driver.captureNs(appear);
      long twinFromNs = driver.captureNs((int) TWIN_FROM_SET);
      Scenario with = Scenario.popUp(seed, appear, true);
      Scenario without = Scenario.popUp(seed, appear, false);
      DriveOutcome hit =
          driver.drive(
              with,
              seed,
              appear + SETS_AFTER,
              trace -> !Double.isInfinite(ReactionScore.reactionMs(trace, appearNs)));
      score.obstacle(hit.trace(), appearNs);
      score.twin(
          driver.drive(without, seed, appear + TWIN_SETS_AFTER, trace -> false).trace(),
          twinFromNs);
      expert.obstacle(truth.drive(with, seed, appear + SETS_AFTER).trace(), appearNs);
      expert.twin(truth.drive(without, seed, appear + TWIN_SETS_AFTER).trace(), twinFromNs);
      progress.at("seeds", i + 1, seeds);
    }
    return (int) (seed + 1 - FIRST_SEED) - seeds;
  }
}
