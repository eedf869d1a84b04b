package saccade.hil.report;

import java.util.Arrays;

/** Quantiles of small samples. */
public final class Quantile {
  private Quantile() {}

  /**
   * The smallest value that at least a share {@code q} of the sample does not exceed (nearest
   * rank); infinite values sort last.
   *
   * @param values the sample, any order; not changed
   * @param q in (0, 1]
   * @return NaN for an empty sample
   */
  public static double of(double[] values, double q) {
    if (!(q > 0 && q <= 1)) {
      throw new IllegalArgumentException("quantile: wanted above 0 and at most 1, found " + q);
    }
    if (values.length == 0) {
      return Double.NaN;
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[Math.max(0, (int) Math.ceil(q * sorted.length - 1e-9) - 1)];
  }
}
