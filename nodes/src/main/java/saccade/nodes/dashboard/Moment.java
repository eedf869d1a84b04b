package saccade.nodes.dashboard;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import saccade.nodes.pipeline.Pipeline;
import saccade.nodes.pipeline.PipelineCounts;
import saccade.nodes.pipeline.Publication;
import saccade.nodes.pipeline.SliceTrace;
import saccade.nodes.sensor.EgoState;
import saccade.perception.PerceptionOutput;
import saccade.planner.PlannerMessage;
import saccade.planner.PlannerMessage.Kind;
import saccade.realtime.frameset.FrameSet;
import saccade.realtime.frameset.Presence;
import saccade.realtime.ledger.DropLedger;
import saccade.realtime.ring.FrameView;

/**
 * What the page shows of one message: filled on the control thread by sharing leases (no payload is
 * copied there), emptied on the encoder's. Reused; the hand-over is {@link Dashboard}'s.
 */
final class Moment {
  private final FrameView[] views; // (sensors) held where the set had a frame
  private final Presence[] presence; // (sensors)
  private final long[] arrivedNs; // (sensors) after the set's oldest capture; 0 where absent
  private final SliceTrace slices = new SliceTrace();
  private final AgeHistory history = new AgeHistory();
  private final Map<Kind, Long> kinds = new EnumMap<>(Kind.class);
  private @Nullable PlannerMessage message;
  private @Nullable PlannerMessage said;
  private @Nullable PerceptionOutput output;
  private EgoState ego = EgoState.STANDING;
  private @Nullable Pipeline pipeline;
  private List<DropLedger> ledgers = List.of();
  private String phase = "";
  private boolean accepted;
  private double accelMps2;
  private double curvature1pm;
  private long set = -1;
  private long captureNs;
  private long readyNs;
  private double coverage = 1;
  private double predictionError;
  private double pace = 1;
  private String pauses = "";
  private long deadlines;
  private long misses;

  Moment(int sensors) {
    views = new FrameView[sensors];
    presence = new Presence[sensors];
    arrivedNs = new long[sensors];
    for (int i = 0; i < sensors; i++) {
      views[i] = new FrameView();
      presence[i] = Presence.LATE;
    }
  }

  /**
   * Control thread.
   *
   * @param shown the message with the action, which may have gone ahead of the published one
   */
  void fill(Publication publication, AgeHistory ages, PlannerMessage shown) {
    ages.copyTo(history);
    message = shown;
    said = publication.message();
    output = publication.output();
    ego = publication.ego();
    accepted = publication.gate().accepted();
    accelMps2 = publication.accelMps2();
    curvature1pm = publication.curvature1pm();
    phase = publication.phase().toString();
    FrameSet from = publication.set();
    SliceTrace ran = publication.slices();
    set = -1;
    if (from != null && ran != null) {
      set = from.number();
      captureNs = from.oldestNs();
      readyNs = from.leftNs() - captureNs;
      ran.copyTo(slices);
      for (int i = 0; i < Math.min(views.length, from.sensors()); i++) {
        presence[i] = from.presence(i);
        arrivedNs[i] = 0;
        if (from.has(i)) {
          arrivedNs[i] = from.view(i).publishedNs() - captureNs;
          from.view(i).shareWith(views[i]);
        }
      }
    }
    Pipeline seen = publication.pipeline();
    if (pipeline != seen) {
      pipeline = seen;
      ledgers = new ArrayList<>(seen.ledgers());
    }
    PipelineCounts counts = seen.counts();
    for (Kind kind : Kind.values()) {
      kinds.put(kind, counts.messages(kind));
    }
    deadlines = counts.deadlines();
    misses = counts.misses();
    coverage = seen.latency().coverage();
    predictionError = seen.latency().p50Error();
    pace = seen.latency().pace();
    pauses = seen.pauses().line();
  }

  /** Gives the leases back. */
  void release() {
    for (FrameView view : views) {
      view.release();
    }
  }

  /** The frame of a sensor; not held when the set was without it. */
  FrameView view(int sensor) {
    return views[sensor];
  }

  PlannerMessage message() {
    PlannerMessage filled = message;
    if (filled == null) {
      throw new IllegalStateException("expected a filled moment");
    }
    return filled;
  }

  /** The message with the scene: the one above, or its description. */
  PlannerMessage said() {
    PlannerMessage filled = said;
    return filled == null ? message() : filled;
  }

  /** Share of slices within their predicted p99, 0..1. */
  double coverage() {
    return coverage;
  }

  /** Median distance of a slice from its predicted median, as a part of that. */
  double predictionError() {
    return predictionError;
  }

  /** How much slower than usual the machine is, 1 = as usual. */
  double pace() {
    return pace;
  }

  /** Pauses of the virtual machine so far, one line; empty when there were none. */
  String pauses() {
    return pauses;
  }

  @Nullable PerceptionOutput output() {
    return output;
  }

  EgoState ego() {
    return ego;
  }

  /** For stages, which any thread may read. */
  @Nullable Pipeline pipeline() {
    return pipeline;
  }

  List<DropLedger> ledgers() {
    return ledgers;
  }

  Map<Kind, Long> kinds() {
    return kinds;
  }

  String phase() {
    return phase;
  }

  boolean accepted() {
    return accepted;
  }

  double accelMps2() {
    return accelMps2;
  }

  double curvature1pm() {
    return curvature1pm;
  }

  /** Number of the set, -1 for a message without one. */
  long set() {
    return set;
  }

  /** Oldest capture stamp of the set, ns; what the waterfall counts from. */
  long captureNs() {
    return captureNs;
  }

  /** From capture until the set went on, ns. */
  long readyNs() {
    return readyNs;
  }

  /** Whether a sensor was in the set, or why not. */
  Presence presence(int sensor) {
    return presence[sensor];
  }

  /** From the set's capture until the sensor's frame was in its ring, ns. */
  long arrivedNs(int sensor) {
    return arrivedNs[sensor];
  }

  /** When each slice ran. */
  SliceTrace slices() {
    return slices;
  }

  /** The last messages, this one included. */
  AgeHistory history() {
    return history;
  }

  long deadlines() {
    return deadlines;
  }

  long misses() {
    return misses;
  }
}
