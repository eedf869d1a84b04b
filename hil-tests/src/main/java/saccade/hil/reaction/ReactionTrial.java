package saccade.hil.reaction;

import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import saccade.hil.drive.ControlTrace;
import saccade.hil.drive.DriveOutcome;
import saccade.hil.drive.Driver;
import saccade.hil.drive.ExpertDriver;
import saccade.hil.report.Progress;
import saccade.kernels.geometry.Rig;
import saccade.sim.Scenario;
import saccade.sim.Simulation;
import saccade.sim.truth.Expert;
import saccade.sim.truth.Plan;
import saccade.sim.truth.TruthFacts;

/** One seed: a drive in which an obstacle appears, and its twin in which nothing does. */
public final class ReactionTrial {
  /** First seed; training never uses the pop-up scenario with these. */
  static final long FIRST_SEED = 710_000;

  private static final long REFLEX_TIME_NS = 600_000_000L;
  private static final int SETS_AFTER = 12;
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
    Simulation drive = atAppearance(seed, new Rig(List.of(), null));
    return -new Expert().plan(drive).accelMps2()[0];
  }

  /** A drive that the expert has brought to the obstacle's first frame. */
  private static Simulation atAppearance(long seed, Rig rig) {
    Simulation drive = new Simulation(rig, Scenario.popUp(seed, appearSet(seed), true), seed);
    Expert expert = new Expert();
    for (int set = 0; set < appearSet(seed); set++) {
      Plan plan = expert.plan(drive);
      drive.command(plan.accelMps2()[0], plan.curvature1pm()[0]);
      drive.advance(0.1);
    }
    return drive;
  }

  /** A seed's obstacle in words, and how hard the model's commands were in the time allowed. */
  private static String late(
      Rig rig, long seed, double reactionMs, ControlTrace trace, long appearNs) {
    Simulation drive = atAppearance(seed, rig);
    Plan plan = new Expert().plan(drive);
    int[] facts = TruthFacts.of(drive, rig, plan);
    StringBuilder text = new StringBuilder("late: seed " + seed + ", ");
    for (int fact :
        new int[] {TruthFacts.DAYLIGHT, TruthFacts.FIRST_KIND, TruthFacts.FIRST_DISTANCE}) {
      if (facts[fact] != TruthFacts.SKIPPED) {
        text.append(TruthFacts.WORDS.get(fact).get(facts[fact])).append(' ');
      }
    }
    double hardest = 0;
    for (int i = 0; i < trace.size(); i++) {
      long after = trace.atNs(i) - appearNs;
      if (after >= 0 && after <= ReactionScore.LATE_MS * 1e6) {
        hardest = Math.min(hardest, trace.accelMps2(i));
      }
    }
    return text.append(
            String.format(
                Locale.ROOT,
                "for %.1f m/s, wants %.1f m/s^2; reaction %s, hardest in %.0f ms: %.1f m/s^2",
                drive.odometry().speedMps(),
                plan.accelMps2()[0],
                Double.isInfinite(reactionMs) ? "never" : Math.round(reactionMs) + " ms",
                ReactionScore.LATE_MS,
                hardest))
        .toString();
  }

  /** It has reacted, and the reflex has, too, or had its time. */
  private static boolean enough(ControlTrace trace, long appearNs) {
    return !Double.isInfinite(ReactionScore.reactionMs(trace, appearNs))
        && (!Double.isInfinite(ReactionScore.reflexMs(trace, appearNs))
            || trace.atNs(trace.size() - 1) > appearNs + REFLEX_TIME_NS);
  }

  /**
   * Runs seeds and scores them. Seeds whose obstacle demands less than {@link #DEMAND_MPS2} are
   * passed over; the truth decides that, not the model.
   *
   * @param seeds how many seeds that demand braking
   * @param score takes the model's drives
   * @param expert takes what the truth-driven expert does with the same obstacles and twins
   * @param lateOnes takes a line for each late reaction
   * @return how many seeds were passed over
   */
  public static int run(
      Driver driver,
      int seeds,
      ReactionScore score,
      ReactionScore expert,
      Consumer<String> lateOnes,
      Progress progress) {
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
          driver.drive(with, seed, appear + SETS_AFTER, trace -> enough(trace, appearNs));
      double ms = score.obstacle(hit.trace(), appearNs);
      if (!(ms <= ReactionScore.LATE_MS)) {
        lateOnes.accept(late(driver.rig(), seed, ms, hit.trace(), appearNs));
      }
      score.twin(
          driver.drive(without, seed, appear + SETS_AFTER, trace -> false).trace(), twinFromNs);
      expert.obstacle(truth.drive(with, seed, appear + SETS_AFTER).trace(), appearNs);
      expert.twin(truth.drive(without, seed, appear + SETS_AFTER).trace(), twinFromNs);
      progress.at("seeds", i + 1, seeds);
    }
    return (int) (seed + 1 - FIRST_SEED) - seeds;
  }
}
