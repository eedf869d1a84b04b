package saccade.perception;

import java.util.Arrays;

/**
 * Hot path. Quantile of the newest measured times of one kind of slice; nanoseconds.
 *
 * <p>A slice that is refused because it was slow is not measured, so its slow times would never be
 * forgotten and it would never run again. So a refusal forgets the slowest time when the fastest
 * one would have fit; and when none would, several refusals in a row forget all of them (soon the
 * first time, which is the cold start; rarely from then on).
 */
final class SliceCost {

  private static final int WINDOW = 32;
  private static final int FIRST_PATIENCE = 2; // refusals in a row
  private static final int PATIENCE = 16;
  private static final int FAR_TOO_LITTLE = 16; // times less time than predicted: no surprise
  private static final int STALE_AFTER = 8; // sets in a row in which it was passed over

  private final long[] newest = new long[WINDOW]; // oldest first
  private final long[] sorted = new long[WINDOW];
  private final double quantile;
  private int count;
  private int refusals;
  private int passedOver; // sets in a row
  private int patience = FIRST_PATIENCE;
  private long predictedNs;

  SliceCost(double quantile) {
    this.quantile = quantile;
  }

  void add(long tookNs) {
    refusals = 0;
    if (isStale()) {
      count = 0; // those times are of another moment
    }
    passedOver = 0;
    if (count == WINDOW) {
      remove(0);
    }
    newest[count++] = tookNs;
    predict();
  }

  /** The slice did not run, because only {@code leftNs} was left. */
  void refuse(long leftNs) {
    refusals++;
    if (count == 0 || leftNs <= 0) {
      return;
    }
    if (leftNs >= sorted[0]) {
      int slowest = 0;
      for (int i = 1; i < count; i++) {
        slowest = newest[i] > newest[slowest] ? i : slowest;
      }
      remove(slowest);
      predict();
    } else if (refusals >= patience && leftNs >= predictedNs / FAR_TOO_LITTLE) {
      patience = PATIENCE;
      count = 0;
      predict();
    }
  }

  /** The set left at an earlier exit, so that this slice neither ran nor was measured. */
  void passOver() {
    passedOver++;
  }

  /**
   * Prediction that does not go by times nobody has checked for long: then a slice of the same kind
   * that does run counts too, if it makes this one look faster.
   *
   * @param neighbourNs prediction of that slice, for as much work
   */
  long predictedNs(long neighbourNs) {
    return isStale() ? Math.min(predictedNs, neighbourNs) : predictedNs;
  }

  private boolean isStale() {
    return passedOver >= STALE_AFTER;
  }

  /** 0 before the first measurement. */
  long predictedNs() {
    return predictedNs;
  }

  private void remove(int index) {
    count--;
    System.arraycopy(newest, index + 1, newest, index, count - index);
  }

  private void predict() {
    System.arraycopy(newest, 0, sorted, 0, count);
    Arrays.sort(sorted, 0, count);
    predictedNs = count == 0 ? 0 : sorted[(int) Math.ceil(quantile * count) - 1];
  }
}
