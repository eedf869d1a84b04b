package saccade.nodes.pipeline;

import java.util.Arrays;
import saccade.realtime.schedule.SliceKind;

/**
 * Hot path. When each slice of one set ran: written by the lane, read by the control thread after
 * the set's hand-over. Preallocated; slices beyond {@value #MOST} prolong the last one.
 */
public final class SliceTrace {
  /** Slices that are kept apart. */
  public static final int MOST = 96;

  private static final SliceKind NONE = new SliceKind("none");

  private final SliceKind[] kinds = new SliceKind[MOST];
  private final int[] index = new int[MOST];
  private final int[] size = new int[MOST];
  private final long[] expectedNs = new long[MOST];
  private final long[] startNs = new long[MOST];
  private final long[] endNs = new long[MOST];
  private int count;
  private int refusedKind = -1;
  private long refusedExpectedNs;

  public SliceTrace() {
    Arrays.fill(kinds, NONE);
  }

  void clear() {
    count = 0;
    refusedKind = -1;
  }

  /** The set ended because this one would not have fitted. */
  void refuse(int kindIndex, long expected) {
    refusedKind = kindIndex;
    refusedExpectedNs = expected;
  }

  void record(SliceKind kind, int kindIndex, int work, long expected, long fromNs, long toNs) {
    if (count < MOST) {
      kinds[count] = kind;
      index[count] = kindIndex;
      size[count] = work;
      expectedNs[count] = expected;
      startNs[count] = fromNs;
      count++;
    }
    endNs[count - 1] = toNs;
  }

  /** Copies everything into another one. */
  public void copyTo(SliceTrace other) {
    System.arraycopy(kinds, 0, other.kinds, 0, count);
    System.arraycopy(index, 0, other.index, 0, count);
    System.arraycopy(size, 0, other.size, 0, count);
    System.arraycopy(expectedNs, 0, other.expectedNs, 0, count);
    System.arraycopy(startNs, 0, other.startNs, 0, count);
    System.arraycopy(endNs, 0, other.endNs, 0, count);
    other.count = count;
    other.refusedKind = refusedKind;
    other.refusedExpectedNs = refusedExpectedNs;
  }

  /** How many slices ran. */
  public int count() {
    return count;
  }

  /** Name of the i-th. */
  public String name(int i) {
    return kinds[i].name();
  }

  /** Index of its kind among {@link Perceiver#kinds}. */
  public int kind(int i) {
    return index[i];
  }

  /** Amount of work in it, see {@link Perceiver#size}. */
  public int size(int i) {
    return size[i];
  }

  /** What the perceiver itself expected of it, ns; 0 = it knew nothing. */
  public long expectedNs(int i) {
    return expectedNs[i];
  }

  /** Index of the kind that did not fit, so that the set ended; -1 when it ended otherwise. */
  public int refusedKind() {
    return refusedKind;
  }

  /** What {@link #refusedKind} was expected to take, ns. */
  public long refusedExpectedNs() {
    return refusedExpectedNs;
  }

  /** Time it took, ns; 0 when the clock was set back meanwhile. */
  public long tookNs(int i) {
    return Math.max(0, endNs[i] - startNs[i]);
  }

  /** When it began, ns, lane's clock. */
  public long startNs(int i) {
    return startNs[i];
  }

  /** When it was done, ns, lane's clock. */
  public long endNs(int i) {
    return endNs[i];
  }
}
