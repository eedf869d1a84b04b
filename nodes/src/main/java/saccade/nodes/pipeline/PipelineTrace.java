package saccade.nodes.pipeline;

import java.util.List;
import org.jspecify.annotations.Nullable;
import saccade.nodes.sensor.EgoState;
import saccade.planner.GeometricReflex;
import saccade.planner.PlannerMessage;
import saccade.planner.Validation;
import saccade.realtime.deadline.Decision;
import saccade.realtime.deadline.DegradeLadder;
import saccade.realtime.deadline.WorkShape;
import saccade.realtime.frameset.FrameSet;
import saccade.realtime.schedule.LatencyModel;
import saccade.realtime.schedule.LatencyTable;
import saccade.realtime.schedule.Watchdog;
import saccade.realtime.stats.PauseLog;
import saccade.realtime.trace.TraceKind;
import saccade.realtime.trace.TraceRing;

/**
 * Hot path, control thread. What a pipeline writes into its trace, record by record ({@link
 * TraceKind} says what the numbers mean); nothing until it has a ring.
 */
final class PipelineTrace {
  private static final int FIRST_SHAPE = 16; // numbers of facts
  private static final int FIRST_SEED = 256;

  private @Nullable TraceRing ring;
  private int lastLevel;

  // ---- set-up ----

  /** From here on everything is recorded; first what a replay must know. */
  void begin(
      TraceRing into,
      PipelineOptions options,
      List<String> sensors,
      LatencyModel latency,
      boolean degrades,
      @Nullable WorkShape work) {
    ring = into;
    for (int kind = 0; kind < latency.kinds(); kind++) {
      into.name(TraceKind.NAME_SLICE, kind, latency.name(kind));
    }
    for (int sensor = 0; sensor < sensors.size(); sensor++) {
      into.name(TraceKind.NAME_SENSOR, sensor, sensors.get(sensor));
    }
    into.name(TraceKind.NAME_FACT, 0, "periodNs=" + options.periodNs());
    into.name(TraceKind.NAME_FACT, 1, "budgetNs=" + options.budgetNs());
    into.name(TraceKind.NAME_FACT, 2, "leastBudgetNs=" + options.leastBudgetNs());
    into.name(TraceKind.NAME_FACT, 3, "reserveNs=" + options.reserveNs());
    into.name(TraceKind.NAME_FACT, 4, "setTimeoutNs=" + options.setTimeoutNs());
    into.name(TraceKind.NAME_FACT, 5, "degrade=" + (degrades ? "on" : "off"));
    if (work != null) {
      shape(into, work);
    }
  }

  /** What sets are made of, so that a replay can make other ones. */
  private static void shape(TraceRing into, WorkShape shape) {
    int number = FIRST_SHAPE;
    into.name(
        TraceKind.NAME_FACT,
        number++,
        "work=%d %d %d %d %d %d %d %d"
            .formatted(
                shape.sensors(),
                shape.deepest() + 1,
                shape.assembleKind(),
                shape.ownTokens(),
                shape.actionKind(),
                shape.textKind(),
                shape.facts(),
                shape.briefFacts()));
    for (int i = 0; i < shape.sensors(); i++) {
      into.name(
          TraceKind.NAME_FACT,
          number++,
          "sensor%d=%d %d %d %d"
              .formatted(
                  i,
                  shape.encodeKinds()[i],
                  shape.fullTokens()[i],
                  shape.leastTokens()[i],
                  shape.essential()[i] ? 1 : 0));
    }
    for (int block = 0; block <= shape.deepest(); block++) {
      into.name(
          TraceKind.NAME_FACT,
          number++,
          "block%d=%d %d %d"
              .formatted(
                  block,
                  shape.layerKinds()[block],
                  shape.layers()[block],
                  shape.mayDecide()[block] ? 1 : 0));
    }
  }

  /** A stage that is watched. */
  void name(int stage, String name) {
    TraceRing to = ring;
    if (to != null) {
      to.name(TraceKind.NAME_STAGE, stage, name);
    }
  }

  /** Slice times that the predictions began with: a replay begins with the same. */
  void seed(LatencyTable table, LatencyModel latency) {
    TraceRing to = ring;
    if (to == null) {
      return;
    }
    int number = FIRST_SEED;
    for (LatencyTable.Row row : table.rows()) {
      int kind = latency.kind(row.kind());
      if (kind >= 0) {
        String text = kind + " " + row.size() + " " + row.p50Ns() + " " + row.p99Ns();
        to.name(TraceKind.NAME_FACT, number, "seed" + (number - FIRST_SEED) + "=" + text);
        number++;
      }
    }
  }

  // ---- on the way ----

  void frame(int sensor, long captureNs, long publishedNs) {
    TraceRing to = ring;
    if (to != null) {
      to.put(TraceKind.FRAME, 0, sensor, 0, publishedNs, captureNs, 0, 0, 0, 0, 0);
    }
  }

  /**
   * A set that goes to the model, the state it was judged in, and what was decided.
   *
   * @param present bit i = what sensor i sent is used, or what another sent in its stead
   * @param waitFor sensors that were waited for; -1 = all
   * @param everyNs from one set to the next on the lane, all streams together
   * @param decision null when nothing is decided
   */
  void set(
      FrameSet set,
      long present,
      long waitFor,
      long everyNs,
      EgoState ego,
      @Nullable GeometricReflex eyes,
      @Nullable Decision decision,
      long nowNs) {
    TraceRing to = ring;
    if (to == null) {
      return;
    }
    int number = (int) set.number();
    to.put(
        TraceKind.SET,
        0,
        0,
        number,
        nowNs,
        set.oldestNs(),
        set.openedNs(),
        present,
        waitFor,
        everyNs,
        0);
    double closingS = eyes == null ? Double.POSITIVE_INFINITY : eyes.timeToCollisionS();
    to.put(
        TraceKind.STATE,
        0,
        0,
        number,
        nowNs,
        Math.round(ego.speedMps() * 1e3),
        closingS > 1e9 ? -1 : Math.round(closingS * 1e9),
        eyes == null ? 0 : Math.round(eyes.closingMps() * 1e3),
        Math.round(ego.stoodS() * 1e3),
        Math.round(ego.drivenM() * 1e3),
        0);
    if (decision != null) {
      to.put(
          TraceKind.DECISION,
          decision.level().ordinal(),
          decision.exit() << 8 | decision.reason().ordinal(),
          number,
          nowNs,
          decision.budgetNs(),
          decision.leftNs(),
          decision.actionP50Ns(),
          decision.actionP99Ns(),
          decision.wholeNs(),
          decision.record());
    }
  }

  /** Slice i of a set that was run, with what was predicted before it is learnt from. */
  void slice(long set, SliceTrace slices, int i, LatencyModel latency) {
    TraceRing to = ring;
    if (to != null) {
      int kind = slices.kind(i);
      to.put(
          TraceKind.SLICE,
          0,
          kind,
          (int) set,
          slices.startNs(i),
          slices.tookNs(i),
          slices.size(i),
          latency.p50Ns(kind, slices.size(i)),
          latency.p99Ns(kind, slices.size(i)),
          slices.expectedNs(i),
          0);
    }
  }

  /** What a set ended at, where a slice would not have fitted. */
  void refused(long set, SliceTrace slices, long endNs) {
    TraceRing to = ring;
    if (to != null && slices.refusedKind() >= 0) {
      to.put(
          TraceKind.SLICE,
          TraceKind.SLICE_REFUSED,
          slices.refusedKind(),
          (int) set,
          endNs,
          0,
          0,
          0,
          0,
          slices.refusedExpectedNs(),
          0);
    }
  }

  /**
   * What is learnt of a set as a whole.
   *
   * @param actionNs 0 = nothing is
   * @param textNs 0 = nothing is
   */
  void learnt(long set, long actionNs, int actionSize, long textNs, int textSize, long endNs) {
    TraceRing to = ring;
    if (to != null && (actionNs > 0 || textNs > 0)) {
      to.put(
          TraceKind.LEARNT, 0, 0, (int) set, endNs, actionNs, actionSize, textNs, textSize, 0, 0);
    }
  }

  /** The ladder is told something. */
  void news(DegradeLadder.News news, long nowNs) {
    TraceRing to = ring;
    if (to != null) {
      to.put(TraceKind.NEWS, news.ordinal(), 0, 0, nowNs, 0, 0, 0, 0, 0, 0);
    }
  }

  /**
   * @param owed what the message is to its instant's deadline
   */
  void message(PlannerMessage message, Validation verdict, long set, int owed, long nowNs) {
    TraceRing to = ring;
    if (to != null) {
      to.put(
          TraceKind.MESSAGE,
          message.kind().ordinal(),
          message.degradeLevel() << 8 | verdict.ordinal(),
          (int) set,
          nowNs,
          message.captureNs(),
          message.seq(),
          message.effort().budgetNs(),
          owed,
          message.validUntilNs(),
          0);
    }
  }

  /** The ladder has moved. */
  void level(DegradeLadder ladder, long nowNs) {
    TraceRing to = ring;
    if (to != null) {
      int level = ladder.level().ordinal();
      to.put(
          TraceKind.LEVEL,
          ladder.cause().ordinal(),
          lastLevel << 8 | level,
          0,
          nowNs,
          0,
          0,
          0,
          0,
          0,
          0);
      lastLevel = level;
    }
  }

  /** A stage went out, or came back. */
  void stage(Watchdog watchdog, int stage, long nowNs) {
    TraceRing to = ring;
    if (to != null) {
      to.put(
          TraceKind.STAGE,
          watchdog.state(stage).ordinal(),
          stage,
          0,
          nowNs,
          watchdog.restarts(stage),
          0,
          0,
          0,
          0,
          0);
    }
  }

  /** A pause of the virtual machine, and how many outputs it hit. */
  void pause(PauseLog.Cause cause, long startNs, long durationNs, int hit) {
    TraceRing to = ring;
    if (to != null) {
      to.put(TraceKind.PAUSE, cause.ordinal(), 0, 0, startNs, durationNs, hit, 0, 0, 0, 0);
    }
  }
}
