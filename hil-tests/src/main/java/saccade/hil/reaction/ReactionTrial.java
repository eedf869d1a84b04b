package saccade.hil.reaction;

import saccade.hil.drive.DriveOutcome;
import saccade.hil.drive.Driver;
import saccade.hil.drive.ExpertDriver;
import saccade.hil.report.Progress;
import saccade.sim.Scenario;

/** One seed: a drive in which an obstacle appears, and its twin in which nothing does. */
public final class ReactionTrial {
  /** First seed; training never uses the pop-up scenario with these. */
  static final long FIRST_SEED = 710_000;

  private static final int SETS_AFTER = 12;
  private static final int TWIN_SETS_AFTER = 8;
  private static final long TWIN_FROM_SET = 3; // before, the profile is only starting

  private ReactionTrial() {}

  /** Set at which a seed's obstacle appears: the window is full by then. */
  static int appearSet(long seed) {
    return 8 + (int) (seed % 5);
  }

  /**
   * Runs seeds and scores them.
   *
   * @param score takes the model's drives
   * @param expert takes what the truth-driven expert does with the same obstacles and twins
   */
  public static void run(
      Driver driver, int seeds, ReactionScore score, ReactionScore expert, Progress progress) {
    ExpertDriver truth = new ExpertDriver(driver.options());
    for (int i = 0; i < seeds; i++) {
      long seed = FIRST_SEED + i;
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
  }
}
