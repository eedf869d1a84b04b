package saccade.hil.report;

import java.io.PrintWriter;
import saccade.realtime.clock.NanoClock;

/**
 * Tells a waiting person how far a long run is: a line on standard error at most every two seconds,
 * none for a run shorter than that. One thread.
 */
public final class Progress {
  private static final long EVERY_NS = 2_000_000_000L;

  private final PrintWriter out;
  private final NanoClock clock;
  private final long startedNs;
  private long lastNs;

  public Progress(PrintWriter out, NanoClock clock) {
    this.out = out;
    this.clock = clock;
    this.startedNs = clock.nanoTime();
    this.lastNs = startedNs;
  }

  /**
   * Says where the run is, when it is time to.
   *
   * @param what is being done, a few words
   * @param done of {@code total}
   */
  public void at(String what, long done, long total) {
    long nowNs = clock.nanoTime();
    if (nowNs - lastNs < EVERY_NS) {
      return;
    }
    lastNs = nowNs;
    out.printf("  %s: %d of %d, %d s%n", what, done, total, (nowNs - startedNs) / 1_000_000_000L);
    out.flush();
  }
}
