package saccade.perception;

import java.util.Arrays;

/** Hot path. Quantile of the newest measured times of one kind of slice; nanoseconds. */
final class SliceCost {

  private static final int WINDOW = 32;

  private final long[] newest = new long[WINDOW]; // ring
  private final long[] sorted = new long[WINDOW];
  private final double quantile;
  private int count;
  private int next;
  private long predictedNs;

  SliceCost(double quantile) {
    this.quantile = quantile;
  }

  void add(long tookNs) {
    newest[next] = tookNs;
    next = (next + 1) % WINDOW;
    count = Math.min(WINDOW, count + 1);
    System.arraycopy(newest, 0, sorted, 0, count);
    Arrays.sort(sorted, 0, count);
    predictedNs = sorted[(int) Math.ceil(quantile * count) - 1];
  }

  /** 0 before the first measurement. */
  long predictedNs() {
    return predictedNs;
  }
}
