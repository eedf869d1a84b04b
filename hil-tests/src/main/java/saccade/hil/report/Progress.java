package saccade.hil.report;

import java.io.PrintWriter;
import saccade.realtime.clock.NanoClock;

/**
 * Tells a waiting person how far a long run is, and about how long it still takes: a line on
 * standard error at most every two seconds, none for a run shorter than that. One thread.
 */
public final class Progress {
  private static final long EVERY_NS = 2_000_000_000L;
  private static final double NS_PER_S = 1e9;

  private final PrintWriter out;
  private final NanoClock clock;
  private final long startedNs;
  private long lastNs;
  private String doing = "";
  private long fromNs; // the pace of what is being done is taken from here on
  private long fromDone;

  public Progress(PrintWriter out, NanoClock clock) {
    this.out = out;
    this.clock = clock;
    this.startedNs = clock.nanoTime();
    this.lastNs = startedNs;
    this.fromNs = startedNs;
  }

  /**
   * A run goes on from where an earlier one ended.
   *
   * @param done then; it says nothing of this run's pace
   */
  public void goesOnFrom(long done) {
    fromNs = clock.nanoTime();
    fromDone = done;
  }

  /**
   * Says where the run is, when it is time to.
   *
   * @param what is being done, a few words
   * @param done of {@code total}
   */
  public void at(String what, long done, long total) {
    long nowNs = clock.nanoTime();
    if (!doing.equals(what)) {
      if (!doing.isEmpty()) {
        fromNs = nowNs;
        fromDone = done;
      }
      doing = what;
    }
    if (nowNs - lastNs < EVERY_NS) {
      return;
    }
    lastNs = nowNs;
    out.printf(
        "  %s: %d of %d, %d s%s%n",
        what, done, total, (nowNs - startedNs) / 1_000_000_000L, left(done, total, nowNs));
    out.flush();
  }

  private String left(long done, long total, long nowNs) {
    if (done <= fromDone || done >= total) {
      return "";
    }
    long s = Math.round((double) (nowNs - fromNs) / (done - fromDone) * (total - done) / NS_PER_S);
    return s < 120 ? ", about " + s + " s left" : ", about " + (s + 30) / 60 + " min left";
  }

  /** Says something at once. */
  public void say(String line) {
    out.println("  " + line);
    out.flush();
  }
}
