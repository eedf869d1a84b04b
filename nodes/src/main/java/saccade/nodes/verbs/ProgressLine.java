package saccade.nodes.verbs;

import java.io.PrintWriter;
import java.util.Locale;
import saccade.realtime.clock.NanoClock;

/**
 * Progress of a long job on standard error: nothing in the first two seconds, then at most a line a
 * second. Several threads may report.
 */
final class ProgressLine {
  private static final long QUIET_NS = 2_000_000_000L;
  private static final long EVERY_NS = 1_000_000_000L;

  private final PrintWriter err;
  private final String what;
  private final NanoClock clock = NanoClock.system();
  private final long startNs = clock.nanoTime();
  private long nextNs = startNs + QUIET_NS;

  ProgressLine(PrintWriter err, String what) {
    this.err = err;
    this.what = what;
  }

  synchronized void progress(long done, long total) {
    long nowNs = clock.nanoTime();
    if (nowNs < nextNs) {
      return;
    }
    nextNs = nowNs + EVERY_NS;
    double spentS = (nowNs - startNs) * 1e-9;
    double leftS = done == 0 ? Double.NaN : spentS / done * (total - done);
    err.println(
        String.format(
            Locale.ROOT,
            "%s %d of %d, %.0f s, about %.0f s to go",
            what,
            done,
            total,
            spentS,
            leftS));
    err.flush();
  }
}
