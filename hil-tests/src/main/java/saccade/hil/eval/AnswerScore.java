package saccade.hil.eval;

import java.util.HashMap;
import java.util.Map;

/**
 * Right answers to one question with a finite set of values, beside what always giving the
 * commonest value would reach on the same sample. Frames in which the question does not apply are
 * not counted; saying nothing where it applies is wrong.
 */
public final class AnswerScore {
  private final Map<Integer, Integer> truths = new HashMap<>();
  private int asked;
  private int right;

  /** Nothing asked yet. */
  public AnswerScore() {}

  /**
   * Adds one frame.
   *
   * @param truth true value, negative = the question does not apply
   * @param said the model's value, negative = it said nothing
   */
  public void add(int truth, int said) {
    if (truth < 0) {
      return;
    }
    asked++;
    truths.merge(truth, 1, Integer::sum);
    if (truth == said) {
      right++;
    }
  }

  /** Frames in which the question applied. */
  public int asked() {
    return asked;
  }

  /** Share of right answers; NaN when never asked. */
  public double accuracy() {
    return asked == 0 ? Double.NaN : (double) right / asked;
  }

  /** Share of the commonest true value; NaN when never asked. */
  public double majority() {
    return asked == 0
        ? Double.NaN
        : (double) truths.values().stream().mapToInt(Integer::intValue).max().orElse(0) / asked;
  }

  /** Accuracy minus majority; NaN when never asked. */
  public double aboveMajority() {
    return accuracy() - majority();
  }

  /**
   * What part of the possible gain over the majority was reached: 0 = none, 1 = all; NaN when there
   * was nothing to gain.
   */
  public double gain() {
    double possible = 1 - majority();
    return possible > 0 ? aboveMajority() / possible : Double.NaN;
  }
}
