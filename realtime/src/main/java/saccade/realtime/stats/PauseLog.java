package saccade.realtime.stats;

import java.util.Locale;

/**
 * Which outputs were hit by moments in which the virtual machine stood still. Outputs are
 * remembered for a while, since pauses are heard of about a second late. Pure; one thread;
 * allocates nothing but in {@link #line}.
 */
public final class PauseLog {
  /** What stopped or held up the threads. */
  public enum Cause {
    /** All threads stood still for the garbage collector. */
    GC("GC"),
    /** A thread waited for memory. */
    ALLOCATION_STALL("allocation stall"),
    /** All threads stood still for another reason (deoptimisation, a dump). */
    VM_OPERATION("VM operation"),
    /** The compiler worked for long: no thread stood still, but a core was taken. */
    JIT("JIT");

    private final String word;

    Cause(String word) {
      this.word = word;
    }

    /** In a word. */
    public String word() {
      return word;
    }
  }

  private static final int REMEMBERED = 512;

  private final long[] fromNs = new long[REMEMBERED];
  private final long[] toNs = new long[REMEMBERED];
  private final boolean[] hit = new boolean[REMEMBERED];
  private long outputs;
  private final long[] count = new long[Cause.values().length]; // (causes)
  private final long[] longestNs = new long[count.length];
  private final long[] totalNs = new long[count.length];
  private final long[] hits = new long[count.length]; // outputs, each pause counted by itself
  private long outputsHit;

  /** Nothing has happened yet. */
  public PauseLog() {}

  /** An output was made from {@code from} (its capture) to {@code to} (its publication). */
  public void output(long from, long to) {
    int at = (int) (outputs++ % REMEMBERED);
    fromNs[at] = from;
    toNs[at] = to;
    hit[at] = false;
  }

  /**
   * A pause has become known.
   *
   * @return outputs that were in the making meanwhile
   */
  public int pause(Cause cause, long startNs, long durationNs) {
    int c = cause.ordinal();
    long lastsNs = Math.max(0, durationNs);
    count[c]++;
    totalNs[c] += lastsNs;
    longestNs[c] = Math.max(longestNs[c], lastsNs);
    int found = 0;
    for (int i = 0; i < Math.min(outputs, REMEMBERED); i++) {
      if (fromNs[i] < startNs + lastsNs && startNs < toNs[i]) {
        found++;
        if (!hit[i] && cause != Cause.JIT) {
          hit[i] = true;
          outputsHit++;
        }
      }
    }
    hits[c] += found;
    return found;
  }

  public long count(Cause cause) {
    return count[cause.ordinal()];
  }

  public long longestNs(Cause cause) {
    return longestNs[cause.ordinal()];
  }

  public long totalNs(Cause cause) {
    return totalNs[cause.ordinal()];
  }

  /** Outputs hit by pauses of this cause; one hit by two counts twice. */
  public long hits(Cause cause) {
    return hits[cause.ordinal()];
  }

  /** Outputs hit by any pause that stopped threads, each counted once. */
  public long outputsHit() {
    return outputsHit;
  }

  /** One line for people; empty when nothing happened. */
  public String line() {
    StringBuilder out = new StringBuilder();
    for (Cause cause : Cause.values()) {
      int c = cause.ordinal();
      if (count[c] > 0) {
        out.append(out.isEmpty() ? "" : "; ")
            .append(
                String.format(
                    Locale.ROOT,
                    "%s %d, longest %.2f ms, sum %.1f ms, outputs hit %d",
                    cause.word(),
                    count[c],
                    longestNs[c] * 1e-6,
                    totalNs[c] * 1e-6,
                    hits[c]));
      }
    }
    return out.toString();
  }
}
