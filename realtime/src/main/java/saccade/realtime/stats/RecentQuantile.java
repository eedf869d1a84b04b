package saccade.realtime.stats;

import java.util.Arrays;

/**
 * Hot path. A quantile of the last so many samples, exact: they are kept in order. A wild one now
 * and then counts as one; as many in a row above the quantile as chance gives once in a million are
 * no chance, the stream has changed, and what came before them is forgotten. Cost a sample: one
 * search and one move within the window. One writer.
 */
public final class RecentQuantile {
  private static final double NO_CHANCE = 1e-6;

  private final double q;
  private final int changed; // samples in a row above the quantile that are no chance
  private final long[] ring; // (window) in the order they came
  private final long[] sorted; // (window) the first count
  private int count;
  private int next;
  private int above;

  /**
   * @param window samples that are remembered, 2 or more
   * @param q share that lies at or below, between 0 and 1
   */
  public RecentQuantile(int window, double q) {
    this(window, q, Forget.AT_A_CHANGE);
  }

  /** What makes a quantile forget before its window is over. */
  public enum Forget {
    /** As many samples in a row above it as chance does not give. */
    AT_A_CHANGE,
    /** Nothing: each sample stays for a whole window. */
    BY_WINDOW_ONLY
  }

  /** As the other one, with what it forgets at. */
  public RecentQuantile(int window, double q, Forget forget) {
    if (window < 2 || !(q > 0 && q < 1)) {
      throw new IllegalArgumentException(
          "expected a window of 2 or more and a share between 0 and 1, found "
              + window
              + " and "
              + q);
    }
    this.q = q;
    this.changed =
        forget == Forget.BY_WINDOW_ONLY
            ? Integer.MAX_VALUE
            : Math.max(2, (int) Math.ceil(Math.log(NO_CHANCE) / Math.log(1 - q)));
    this.ring = new long[window];
    this.sorted = new long[window];
  }

  /** Takes one sample in, in any unit. */
  public void record(long sample) {
    above = count > 0 && sample > value() ? above + 1 : 0;
    if (above >= changed) {
      forgetAllBut(above - 1);
      above = 0;
    }
    if (count == ring.length) {
      remove(ring[next]);
    }
    ring[next] = sample;
    next = (next + 1) % ring.length;
    insert(sample);
  }

  private void forgetAllBut(int last) {
    int keep = Math.min(last, count);
    for (int back = count; back > keep; back--) {
      remove(ring[Math.floorMod(next - back, ring.length)]);
    }
  }

  private void insert(long sample) {
    int at = Arrays.binarySearch(sorted, 0, count, sample);
    at = at < 0 ? -at - 1 : at;
    System.arraycopy(sorted, at, sorted, at + 1, count - at);
    sorted[at] = sample;
    count++;
  }

  private void remove(long sample) {
    int at = Arrays.binarySearch(sorted, 0, count, sample);
    count--;
    System.arraycopy(sorted, at + 1, sorted, at, count - at);
  }

  /** The quantile, in the samples' unit; 0 before the first. */
  public long value() {
    return at(q);
  }

  /** Another quantile of the same samples, in their unit; 0 before the first. */
  public long at(double share) {
    return count == 0 ? 0 : sorted[Math.clamp((int) (share * count), 0, count - 1)];
  }

  /** How many samples it rests on. */
  public int samples() {
    return count;
  }

  /** Forgets all. */
  public void reset() {
    count = 0;
    next = 0;
    above = 0;
  }
}
