package saccade.realtime.stats;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/**
 * Latencies of one stage. {@link #recordNs} is hot path and for any thread; snapshots are for any
 * one thread at a time and do not disturb those who record. Range 1 µs to 60 s with 3 digits; what
 * is shorter counts as up to 1 µs, what is longer as 60 s.
 */
public final class StageHistogram {

  private static final long LOWEST_NS = 1_000L;
  private static final long HIGHEST_NS = 60_000_000_000L;

  private final String stage;
  private final Recorder recorder = new Recorder(LOWEST_NS, HIGHEST_NS, 3);
  private final Histogram total = new Histogram(LOWEST_NS, HIGHEST_NS, 3);
  private @Nullable Histogram interval;

  public StageHistogram(String stage) {
    this.stage = stage;
  }

  /** Hot path. One duration, ns; below 0 counts as 0. */
  public void recordNs(long durationNs) {
    recorder.recordValue(Math.min(HIGHEST_NS, Math.max(0, durationNs)));
  }

  /**
   * What was recorded since the last call of this method or of {@link #total()}; adds it to the
   * total.
   */
  public synchronized StageSnapshot interval() {
    return snapshot(flip());
  }

  /** What was recorded since the start. */
  public synchronized StageSnapshot total() {
    flip();
    return snapshot(total);
  }

  private Histogram flip() {
    Histogram since = recorder.getIntervalHistogram(interval);
    interval = since;
    total.add(since);
    return since;
  }

  private StageSnapshot snapshot(Histogram histogram) {
    long count = histogram.getTotalCount();
    return new StageSnapshot(
        stage,
        count,
        count == 0 ? 0 : histogram.getValueAtPercentile(50),
        count == 0 ? 0 : histogram.getValueAtPercentile(99),
        count == 0 ? 0 : histogram.getValueAtPercentile(99.9),
        count == 0 ? 0 : histogram.getMaxValue());
  }

  public String stage() {
    return stage;
  }
}
