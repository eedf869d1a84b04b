package saccade.nodes.dashboard;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import saccade.nodes.pipeline.Pipeline;
import saccade.nodes.pipeline.PipelineCounts;
import saccade.nodes.pipeline.Publication;
import saccade.nodes.sensor.EgoState;
import saccade.perception.PerceptionOutput;
import saccade.planner.PlannerMessage;
import saccade.planner.PlannerMessage.Kind;
import saccade.realtime.frameset.FrameSet;
import saccade.realtime.ledger.DropLedger;
import saccade.realtime.ring.FrameView;

/**
 * What the page shows of one message: filled on the control thread by sharing leases (no payload is
 * copied there), emptied on the encoder's. Reused; the hand-over is {@link Dashboard}'s.
 */
final class Moment {
  private final FrameView[] views; // (sensors) held where the set had a frame
  private final Map<Kind, Long> kinds = new EnumMap<>(Kind.class);
  private @Nullable PlannerMessage message;
  private @Nullable PerceptionOutput output;
  private EgoState ego = EgoState.STANDING;
  private @Nullable Pipeline pipeline;
  private List<DropLedger> ledgers = List.of();
  private String phase = "";
  private boolean accepted;
  private double accelMps2;
  private double curvature1pm;
  private long set = -1;
  private long waitNs;
  private long deadlines;
  private long misses;

  Moment(int sensors) {
    views = new FrameView[sensors];
    for (int i = 0; i < sensors; i++) {
      views[i] = new FrameView();
    }
  }

  /** Control thread. */
  void fill(Publication publication) {
    message = publication.message();
    output = publication.output();
    ego = publication.ego();
    accepted = publication.gate().accepted();
    accelMps2 = publication.accelMps2();
    curvature1pm = publication.curvature1pm();
    phase = publication.phase().toString();
    FrameSet from = publication.set();
    set = -1;
    waitNs = 0;
    if (from != null) {
      set = from.number();
      waitNs = from.leftNs() - from.oldestNs();
      for (int i = 0; i < Math.min(views.length, from.sensors()); i++) {
        if (from.has(i)) {
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

  /** From capture until the set went on, ns. */
  long waitNs() {
    return waitNs;
  }

  long deadlines() {
    return deadlines;
  }

  long misses() {
    return misses;
  }
}
