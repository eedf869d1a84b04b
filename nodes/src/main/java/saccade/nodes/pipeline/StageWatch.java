package saccade.nodes.pipeline;

import java.util.ArrayList;
import java.util.List;
import saccade.realtime.schedule.Watchdog;

/**
 * Hot path, control thread. Watches the stages that have threads of their own beside the model's
 * (sources, outputs) and the control stage itself: a part that hangs or has crashed is made anew,
 * later each time. Nobody is judged right after everything stood still.
 */
final class StageWatch {
  private static final int MOST_PART_RESTARTS = 3;
  private static final long PART_BACKOFF_NS = 500_000_000L; // doubled with each restart
  private static final long TOLD_NS = 1_000_000_000L; // a restart is told for so long at least
  private static final int MOST_CONTROL_RESTARTS = 3;
  private static final long STANDSTILL_NS = 300_000_000L; // this thread itself had no time
  private static final long GRACE_NS = 1_000_000_000L; // then nobody is judged at once

  private record Part(int stage, String name, WatchedPart part) {}

  private final Watchdog watchdog;
  private final PipelineTrace trace;
  private final PipelineCounts counts;
  private final long standstillNs;
  private final int controlStage;
  private final List<Part> parts = new ArrayList<>();
  private long lastLookNs = Long.MIN_VALUE;
  private long graceUntilNs = Long.MIN_VALUE;
  private volatile boolean sourceDown;

  /**
   * @param watchdog knows the model's stage already; shared
   * @param periodNs between two looks when nothing happens
   */
  StageWatch(Watchdog watchdog, PipelineTrace trace, PipelineCounts counts, long periodNs) {
    this.watchdog = watchdog;
    this.trace = trace;
    this.counts = counts;
    this.standstillNs = STANDSTILL_NS + periodNs;
    this.controlStage = watchdog.watch("control", TOLD_NS, MOST_CONTROL_RESTARTS);
  }

  /**
   * Set-up. One more stage; the first one is the source.
   *
   * @param patienceNs longer at one piece of work is hanging
   */
  void add(String name, WatchedPart part, long patienceNs) {
    parts.add(new Part(watchdog.watch(name, patienceNs, MOST_PART_RESTARTS), name, part));
  }

  /** Set-up. Tells the trace which stages there are. */
  void nameStages() {
    trace.name(controlStage, "control");
    parts.forEach(part -> trace.name(part.stage, part.name));
  }

  /** Looks at every part, and makes anew what has to be. */
  void look(long nowNs) {
    if (lastLookNs != Long.MIN_VALUE && nowNs - lastLookNs > standstillNs) {
      graceUntilNs = nowNs + GRACE_NS; // all stood still, not only the others
    }
    lastLookNs = nowNs;
    if (watchdog.state(controlStage) == Watchdog.State.RESTARTING
        && nowNs - watchdog.sinceNs(controlStage) > TOLD_NS) {
      watchdog.restarted(controlStage, nowNs);
      trace.stage(watchdog, controlStage, nowNs);
    }
    for (int i = 0; i < parts.size(); i++) {
      Part watched = parts.get(i);
      Watchdog.State before = watchdog.state(watched.stage);
      judge(watched, before, nowNs);
      restart(watched, nowNs);
      Watchdog.State after = watchdog.state(watched.stage);
      if (after != before && (after.isOut() || before.isOut())) {
        trace.stage(watchdog, watched.stage, nowNs);
        if (i == 0 && after == Watchdog.State.DOWN) {
          sourceDown = true;
        }
      }
    }
  }

  private void judge(Part watched, Watchdog.State before, long nowNs) {
    int stage = watched.stage;
    long busyNs = watched.part.busySinceNs();
    Throwable crash = watched.part.crash();
    if (crash != null) {
      if (before != Watchdog.State.CRASHED && before != Watchdog.State.DOWN) {
        counts.lastFailure = crash;
        if (before == Watchdog.State.RESTARTING) {
          watchdog.restartFailed(stage, nowNs);
        } else {
          watchdog.crashed(stage, nowNs);
        }
      }
    } else if (before == Watchdog.State.RESTARTING || before == Watchdog.State.DOWN) {
      if ((busyNs == 0 || busyNs > watchdog.sinceNs(stage))
          && nowNs - watchdog.sinceNs(stage) > TOLD_NS) {
        watchdog.restarted(stage, nowNs); // it lives
      }
    } else if (busyNs == 0) {
      watchdog.idle(stage, nowNs);
    } else {
      watchdog.working(stage, busyNs);
    }
  }

  private void restart(Part watched, long nowNs) {
    int stage = watched.stage;
    long backoffNs = PART_BACKOFF_NS * ((1L << watchdog.restarts(stage)) - 1);
    if (wantsRestart(stage, nowNs)
        && nowNs - watchdog.sinceNs(stage) >= backoffNs
        && watched.part.restart()) {
      counts.partRestarts++;
      watchdog.restarting(stage, nowNs);
    }
  }

  /** Whether a stage has to be made anew, and is not merely behind like everything else. */
  boolean wantsRestart(int stage, long nowNs) {
    return nowNs >= graceUntilNs && watchdog.wantsRestart(stage, nowNs);
  }

  /** Whether the first part, the source, was given up. Any thread. */
  boolean isSourceDown() {
    return sourceDown;
  }

  /**
   * Guard thread, after the control thread has ended by what a cycle threw.
   *
   * @return false when it has ended too often to go on
   */
  boolean controlCrashed(long nowNs) {
    watchdog.crashed(controlStage, nowNs);
    if (!watchdog.wantsRestart(controlStage, nowNs)) {
      return false;
    }
    watchdog.restarting(controlStage, nowNs);
    return true;
  }
}
