package saccade.hil.report;

import java.util.Arrays;

/**
 * A candidate's time over a baseline's, measured so that a busy machine cannot decide: candidate
 * and baseline alternate, and the baseline also runs against itself. One thread.
 *
 * <p>A bar on the median ratio can be judged when there are at least {@value #MIN_PAIRS} pairs and
 * the baseline against itself stays within half the bar's margin; otherwise the answer is "not
 * measurable now".
 */
public final class PairedRatio {
  /** Fewest pairs that can be judged. */
  public static final int MIN_PAIRS = 20;

  private double[] ratios = new double[64]; // (pairs) candidate / baseline
  private double[] selves = new double[64]; // (pairs) baseline / baseline
  private int pairs;

  /** What a paired measurement says about a bar. */
  public enum Verdict {
    HOLDS,
    MISSED,
    NOT_MEASURABLE
  }

  /**
   * Adds a pair.
   *
   * @param baseline time of the baseline, any unit, above 0
   * @param candidate time of the candidate, same unit
   * @param baselineAgain time of the baseline's second run in this pair
   */
  public void add(double baseline, double candidate, double baselineAgain) {
    if (!(baseline > 0) || !(candidate > 0) || !(baselineAgain > 0)) {
      throw new IllegalArgumentException(
          "paired times: wanted three above 0, found "
              + baseline
              + ", "
              + candidate
              + ", "
              + baselineAgain);
    }
    if (pairs == ratios.length) {
      ratios = Arrays.copyOf(ratios, pairs * 2);
      selves = Arrays.copyOf(selves, pairs * 2);
    }
    // The candidate is held against the mean of the two baselines around it, the baselines against
    // each other.
    ratios[pairs] = candidate / ((baseline + baselineAgain) / 2);
    selves[pairs] = baselineAgain / baseline;
    pairs++;
  }

  /** Number of pairs. */
  public int pairs() {
    return pairs;
  }

  /** Median of candidate / baseline; NaN without pairs. */
  public double median() {
    return median(ratios, pairs);
  }

  /** How far the baseline is from itself: |median(baseline / baseline) - 1|; NaN without pairs. */
  public double noise() {
    return Math.abs(median(selves, pairs) - 1);
  }

  /** Judges the bar {@code median <= limit}; the margin is {@code limit - 1}. */
  public Verdict judge(double limit) {
    return pairs < MIN_PAIRS ? Verdict.NOT_MEASURABLE : judge(median(), noise(), limit);
  }

  /** Judges a bar from its two figures, as they stand in a report. */
  public static Verdict judge(double median, double noise, double limit) {
    double margin = Math.abs(limit - 1);
    if (!(noise <= margin / 2 + 1e-9) || Double.isNaN(median)) {
      return Verdict.NOT_MEASURABLE;
    }
    return median <= limit ? Verdict.HOLDS : Verdict.MISSED;
  }

  /** Median of the first {@code count} values; NaN of none. */
  public static double median(double[] values, int count) {
    if (count == 0) {
      return Double.NaN;
    }
    double[] sorted = Arrays.copyOf(values, count);
    Arrays.sort(sorted);
    return count % 2 == 1 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
  }
}
