package saccade.hil.faults;

import java.util.HashMap;
import java.util.Map;
import saccade.nodes.pipeline.Pipeline;
import saccade.nodes.pipeline.PipelineCounts;
import saccade.nodes.sensor.SensorInlets;
import saccade.realtime.ledger.DropLedger;
import saccade.realtime.ledger.DropReason;
import saccade.realtime.stats.PauseLog;

/**
 * What a run had counted by an instant, by its own accounts.
 *
 * @param atNs when it was read, run's clock
 * @param counts by name; what is not in it was not counted
 */
record Tally(long atNs, Map<String, Long> counts) {
  /** How often a slice that hung was asked to come back. */
  static final String STOPS = "slices asked to come back";

  /** Sets given up with a stage that hung. */
  static final String GIVEN_UP = "sets given up";

  /** Sources and outputs made anew. */
  static final String PARTS = "parts made anew";

  /** Sets whose perception threw. */
  static final String FAILURES = "sets whose perception failed";

  /** Messages in whose making the collector stopped everything. */
  static final String PAUSED = "messages hit by the collector";

  /** How long it did, ms. */
  static final String PAUSED_MS = "ms of the collector";

  /** How much slower than usual slices are, in hundredths. */
  static final String PACE = "pace in hundredths";

  /** Jumps of clocks that stamps come from. */
  static final String CLOCK_JUMPS = "clock jumps";

  /** Graphs that run on another provider than was wanted, where the report names both. */
  static final String ELSEWHERE = "graphs on another provider";

  Tally {
    counts = Map.copyOf(counts);
  }

  /** Frames that a sensor has sent, whole. */
  static String sent(String sensor) {
    return "frames of " + sensor;
  }

  /** Frames that came to the sets and were refused. */
  static String refused(DropReason reason) {
    return "frameset " + reason;
  }

  /**
   * Reads a pipeline's accounts. Control thread, or after the run's end.
   *
   * @param more counted elsewhere
   */
  static Tally of(Pipeline pipeline, Map<String, Long> more, long nowNs) {
    Map<String, Long> counts = new HashMap<>(more);
    for (DropLedger ledger : pipeline.ledgers()) {
      for (DropReason reason : DropReason.values()) {
        counts.put(ledger.boundary() + " " + reason, ledger.dropped(reason));
      }
    }
    SensorInlets inlets = pipeline.inlets();
    for (int i = 0; i < inlets.sensors(); i++) {
      DropLedger ring = inlets.ring(i).ledger();
      counts.put(
          sent(inlets.name(i)),
          ring.offered() - ring.dropped(DropReason.ABORTED) - ring.dropped(DropReason.UNREADABLE));
    }
    PipelineCounts done = pipeline.counts();
    counts.put(STOPS, done.stops());
    counts.put(GIVEN_UP, done.setsAbandoned());
    counts.put(PARTS, done.partRestarts());
    counts.put(FAILURES, done.perceptionFailures());
    counts.put(PAUSED, pipeline.pauses().hits(PauseLog.Cause.GC));
    counts.put(PAUSED_MS, pipeline.pauses().totalNs(PauseLog.Cause.GC) / 1_000_000);
    counts.put(PACE, Math.round(100 * pipeline.latency().pace()));
    return new Tally(nowNs, counts);
  }

  /** How often something was counted. */
  long of(String name) {
    return counts.getOrDefault(name, 0L);
  }
}
