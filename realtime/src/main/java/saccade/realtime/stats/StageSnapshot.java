package saccade.realtime.stats;

import java.util.Locale;

/**
 * How long a stage took. All times in ns; 0 when nothing was recorded.
 *
 * @param stage name of the stage
 * @param count how many were recorded
 * @param p50Ns median
 * @param p99Ns 99th percentile
 * @param p999Ns 99.9th percentile
 * @param maxNs longest
 */
public record StageSnapshot(
    String stage, long count, long p50Ns, long p99Ns, long p999Ns, long maxNs) {

  /** Column heads that fit {@link #line()}. */
  public static String header() {
    return String.format(
        Locale.ROOT,
        "%-24s %8s %10s %10s %10s %10s",
        "stage",
        "count",
        "p50 ms",
        "p99 ms",
        "p99.9 ms",
        "max ms");
  }

  /** One line for people, milliseconds. */
  public String line() {
    return String.format(
        Locale.ROOT,
        "%-24s %8d %10.3f %10.3f %10.3f %10.3f",
        stage,
        count,
        p50Ns / 1e6,
        p99Ns / 1e6,
        p999Ns / 1e6,
        maxNs / 1e6);
  }
}
