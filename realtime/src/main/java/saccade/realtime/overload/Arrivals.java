package saccade.realtime.overload;

import java.util.Arrays;

/**
 * When sets come, whatever becomes of them: an open loop.
 *
 * @param captureNs (sets) instant of each, increasing
 * @param readyNs (sets) when it is complete, not before its capture
 * @param present (sets) bit i = sensor i is in it
 * @param budgetNs (sets) from its capture to its message
 */
public record Arrivals(long[] captureNs, long[] readyNs, long[] present, long[] budgetNs) {
  public Arrivals {
    int sets = captureNs.length;
    if (readyNs.length != sets || present.length != sets || budgetNs.length != sets) {
      throw new IllegalArgumentException("expected four arrays of one length, found " + sets);
    }
    for (int i = 0; i < sets; i++) {
      if (readyNs[i] < captureNs[i] || (i > 0 && captureNs[i] <= captureNs[i - 1])) {
        throw new IllegalArgumentException(
            "set " + i + ": expected captures that increase and are not after ready");
      }
    }
  }

  /** How many. */
  public int count() {
    return captureNs.length;
  }

  /** A stretch of one rate. */
  public record Stretch(double setsPerS, long durationNs) {}

  /**
   * Sets at even intervals, complete when captured.
   *
   * @param fromNs capture of the first
   */
  public static Arrivals openLoop(
      long fromNs, long presentMask, long budget, Stretch... stretches) {
    long[] captures = new long[16];
    int count = 0;
    double startNs = fromNs;
    double atNs = fromNs;
    for (Stretch stretch : stretches) {
      double endNs = startNs + stretch.durationNs;
      for (; atNs < endNs; atNs += 1e9 / stretch.setsPerS) {
        captures = count == captures.length ? Arrays.copyOf(captures, 2 * count) : captures;
        captures[count++] = Math.round(atNs);
      }
      startNs = endNs;
      atNs = Math.max(endNs, atNs - 1e9 / stretch.setsPerS + 1);
    }
    captures = Arrays.copyOf(captures, count);
    long[] present = new long[count];
    long[] budgets = new long[count];
    Arrays.fill(present, presentMask);
    Arrays.fill(budgets, budget);
    return new Arrivals(captures, captures.clone(), present, budgets);
  }

  /** The first arrival captured at or after an instant. */
  public int from(long ns) {
    int at = Arrays.binarySearch(captureNs, ns);
    return at < 0 ? -at - 1 : at;
  }
}
