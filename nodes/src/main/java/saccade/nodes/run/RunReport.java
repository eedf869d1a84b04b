package saccade.nodes.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.graph.Graph;
import saccade.nodes.graph.GraphNode.Planner;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.pipeline.Pipeline;
import saccade.nodes.pipeline.PipelineCounts;
import saccade.nodes.pipeline.RealTimeRun;
import saccade.nodes.sensor.SensorSource;
import saccade.nodes.sensor.SimulatorSource;
import saccade.planner.GeometricReflex;
import saccade.planner.PlannerMessage.Kind;
import saccade.realtime.ledger.DropLedger;
import saccade.realtime.ledger.DropReason;
import saccade.realtime.os.MachineState;
import saccade.realtime.os.ProcessMemory;
import saccade.realtime.schedule.LatencyModel;
import saccade.realtime.schedule.SliceKind;
import saccade.realtime.stats.StageSnapshot;
import saccade.sim.Scoreboard;

/**
 * What a run has done, as lines for people and figures for checks. Made after the threads have
 * stopped.
 *
 * @param framesIn frames the source tried to push
 * @param sets sets handed to the model
 * @param fresh messages by kind
 * @param cutShort messages by kind
 * @param fallback messages by kind
 * @param starting messages by kind
 * @param deadlines instants owed a message
 * @param misses of them late or without an answer
 * @param imbalances boundaries whose account is wrong; empty when all is well
 * @param pipelineCores processor time of the process without its source, in cores; NaN in simulated
 *     time
 * @param stages latencies
 * @param laps the simulator's drives; empty for a recording
 * @param lines for people
 * @param faults what went wrong besides: one line each
 */
public record RunReport(
    long framesIn,
    long sets,
    long fresh,
    long cutShort,
    long fallback,
    long starting,
    long deadlines,
    long misses,
    double pipelineCores,
    List<String> imbalances,
    List<StageSnapshot> stages,
    List<Scoreboard> laps,
    List<String> lines,
    List<String> faults) {

  public RunReport {
    imbalances = List.copyOf(imbalances);
    stages = List.copyOf(stages);
    laps = List.copyOf(laps);
    lines = List.copyOf(lines);
    faults = List.copyOf(faults);
  }

  /** Late instants as a part of all, 0..1. */
  public double missRate() {
    return deadlines == 0 ? 0 : (double) misses / deadlines;
  }

  /** {@link ExitCode#OK} when every account is right and nothing broke. */
  public int exitCode() {
    return imbalances.isEmpty() && faults.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
  }

  /** Of a run in real time that has stopped. */
  static RunReport of(
      Graph graph,
      SensorSource source,
      ModelPerceiver model,
      RealTimeRun run,
      ProcessMemory memory,
      MachineState held,
      String page) {
    RunReport report = of(graph, source, model, run.pipeline(), run);
    List<String> lines = new ArrayList<>(report.lines);
    if (!page.isEmpty()) {
      lines.add("page         " + page);
    }
    lines.add("machine      " + held.line());
    run.threads().forEach(found -> lines.add("thread       " + found.line()));
    lines.add(
        line(
            "memory       at most %.0f MB resident%s%s",
            memory.peakBytes() * 1e-6,
            memory.capBytes() == ProcessMemory.NO_CAP
                ? ", no cap"
                : line(
                    " of %.0f MB; over it in %d checks, heap drawn in %d times, malloc gave back %d times",
                    memory.capBytes() * 1e-6,
                    memory.checksOverCap(),
                    memory.drawnIn(),
                    memory.trimmed()),
            graph.host().lockMemory() ? ", asked to be locked" : ""));
    run.refusals().forEach(refusal -> lines.add("ERROR        " + refusal));
    List<String> faults = new ArrayList<>(report.faults);
    if (memory.isBroken()) {
      String fault =
          line(
              "memory cap: expected at most %.0f MB resident, found %.0f MB and nothing more to give back; the"
                  + " run was ended before the kernel would",
              memory.capBytes() * 1e-6, memory.peakBytes() * 1e-6);
      faults.add(fault);
      lines.add("FAULT        " + fault);
    }
    return report.with(lines, faults);
  }

  private RunReport with(List<String> others, List<String> wrong) {
    return new RunReport(
        framesIn,
        sets,
        fresh,
        cutShort,
        fallback,
        starting,
        deadlines,
        misses,
        pipelineCores,
        imbalances,
        stages,
        laps,
        others,
        wrong);
  }

  /**
   * Of a pipeline that has been shut down.
   *
   * @param run null in simulated time
   */
  public static RunReport of(
      Graph graph,
      SensorSource source,
      ModelPerceiver model,
      Pipeline pipeline,
      @Nullable RealTimeRun run) {
    PipelineCounts counts = pipeline.counts();
    List<StageSnapshot> stages = new ArrayList<>();
    List<Scoreboard> laps = List.of();
    List<String> faults = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    SimulatorSource simulator = source instanceof SimulatorSource s ? s : null;
    if (simulator != null) {
      stages.add(simulator.renderStage().total());
      laps = simulator.laps();
      fault(faults, "the simulator stopped", simulator.failure());
    }
    stages.addAll(pipeline.stages().total());
    fault(faults, "the control thread stopped", run == null ? null : run.failure());
    if (run != null && run.laneHung()) {
      faults.add("the model did not come back within 2 s; its thread was left behind");
    }
    List<String> imbalances = pipeline.imbalances();

    lines.add(
        line(
            "frames in    %d%s",
            source.framesIn(),
            simulator != null && simulator.setsSkipped() > 0
                ? "; the simulator had no CPU for "
                    + simulator.setsSkipped()
                    + " instants and left them out"
                : ""));
    lines.add(
        line(
            "sets         %d: %d with every sensor, %d partial; %d handed to the model, %d answered; %d without a camera ahead",
            pipeline.completeSets() + pipeline.partialSets(),
            pipeline.completeSets(),
            pipeline.partialSets(),
            counts.sets(),
            counts.setsAnswered(),
            counts.setsBlind()));
    lines.add(
        line(
            "outputs      fresh %d, cut short %d, fallback %d, starting %d; %d actions went ahead of their text%s",
            counts.messages(Kind.FRESH),
            counts.messages(Kind.CUT_SHORT),
            counts.messages(Kind.FALLBACK),
            counts.messages(Kind.STARTING),
            counts.actionsAhead(),
            counts.textsRefused() == 0
                ? ""
                : line("; %d texts had no room on the lane", counts.textsRefused())));
    lines.add(
        line(
            "deadlines    %d of %d ms, missed %d (%.1f %%), late answers %d; gate refused %d",
            counts.deadlines(),
            pipeline.options().budgetNs() / 1_000_000,
            counts.misses(),
            100 * counts.missRate(),
            counts.lateAnswers(),
            counts.refusedByGate()));
    lines.add(
        line(
            "commands     %d, %d instants without CPU, latched stops %d%s",
            counts.ticks(),
            counts.ticksSkipped(),
            pipeline.latches(),
            reflex(graph, pipeline.reflex())));
    if (counts.seams() > 0) {
      lines.add(
          line(
              "seams        %d: recording, drive or clock began again, and the model with no memory of what went before",
              counts.seams()));
    }
    if (counts.perceptionFailures() > 0 || counts.listenerFailures() > 0) {
      lines.add(
          line(
              "failures     perception %d, listeners %d; the last: %s",
              counts.perceptionFailures(),
              counts.listenerFailures(),
              String.valueOf(counts.lastFailure())));
    }
    LatencyModel latency = pipeline.latency();
    lines.add(
        line(
            "prediction   %.2f %% of %d slices within their p99, median error %.1f %%, pace %.2f",
            100 * latency.coverage(), latency.judged(), 100 * latency.p50Error(), latency.pace()));
    lines.add(
        line(
            "ladder       %s at the end, moved %d times%s",
            pipeline.ladder().level().word(),
            pipeline.ladder().moves(),
            counts.restarts() + counts.stops() == 0
                ? ""
                : line(
                    "; slices asked to come back %d, stage made anew %d times",
                    counts.stops(), counts.restarts())));
    if (!pipeline.pauses().line().isEmpty()) {
      lines.add("pauses       " + pipeline.pauses().line());
    }
    if (run != null && run.controlDefects() > 0) {
      faults.add(
          "the control thread threw in " + run.controlDefects() + " cycles: " + run.lastDefect());
    }
    lines.add("drops        " + drops(pipeline.ledgers()));
    for (DropLedger ledger : pipeline.ledgers()) {
      lines.add("  " + ledger.report());
    }
    lines.add("  " + counts.report());
    lines.add("balance      " + (imbalances.isEmpty() ? "every account is right" : "WRONG"));
    imbalances.forEach(wrong -> lines.add("  wrong: " + wrong));
    lines.add("");
    lines.add(StageSnapshot.header());
    stages.forEach(stage -> lines.add(stage.line()));
    lines.add("");
    if (run != null) {
      RealTimeRun.CpuTimes cpu = run.cpu();
      lines.add(
          line(
              "CPU          pipeline %.2f cores (control %.2f, model %.2f, page, JIT, collector and the"
                  + " rest %.2f), source %.2f, whole process %.2f of %d, over %.1f s",
              cpu.pipeline(),
              cpu.control(),
              cpu.lane(),
              cpu.pipeline() - cpu.control() - cpu.lane(),
              cpu.source(),
              cpu.process(),
              Runtime.getRuntime().availableProcessors(),
              cpu.wallS()));
    }
    String motion = pipeline.inlets().fusion().line();
    if (!motion.isEmpty()) {
      lines.add("ego motion   " + motion);
    }
    source.clocks().forEach(clock -> lines.add("clock        " + clock.line()));
    lines.add("engine       ONNX Runtime " + model.runtime());
    SliceKind longest = null;
    for (SliceKind kind : model.kinds()) {
      if (longest == null || kind.longestNs() > longest.longestNs()) {
        longest = kind;
      }
    }
    if (longest != null) {
      lines.add(
          line(
              "slices       the longest was %s with %.1f ms: the most something urgent had to wait",
              longest.name(), longest.longestNs() * 1e-6));
    }
    for (int i = 0; i < laps.size(); i++) {
      lines.add(
          (laps.size() == 1 ? "ego          " : "ego, lap " + (i + 1) + "   ") + ego(laps.get(i)));
    }
    faults.forEach(fault -> lines.add("FAULT        " + fault));
    return new RunReport(
        source.framesIn(),
        counts.sets(),
        counts.messages(Kind.FRESH),
        counts.messages(Kind.CUT_SHORT),
        counts.messages(Kind.FALLBACK),
        counts.messages(Kind.STARTING),
        counts.deadlines(),
        counts.misses(),
        run == null ? Double.NaN : run.cpu().pipeline(),
        imbalances,
        stages,
        laps,
        lines,
        faults);
  }

  private static void fault(List<String> faults, String what, @Nullable Throwable cause) {
    if (cause != null) {
      faults.add(what + ": " + cause);
    }
  }

  private static String reflex(Graph graph, @Nullable GeometricReflex reflex) {
    if (reflex == null || graph.planner().reflex() == Planner.Reflex.OFF) {
      return "; reflex off";
    }
    return "; reflex on, braked " + reflex.interventions() + " times";
  }

  private static String drops(List<DropLedger> ledgers) {
    StringJoiner all = new StringJoiner(", ");
    for (DropReason reason : DropReason.values()) {
      long sum = 0;
      for (DropLedger ledger : ledgers) {
        sum += ledger.dropped(reason);
      }
      if (sum > 0) {
        all.add(reason + " " + sum);
      }
    }
    return all.length() == 0 ? "none" : all.toString();
  }

  /** The referee's view of a drive in words. */
  static String ego(Scoreboard score) {
    StringJoiner words = new StringJoiner("; ");
    if (!Double.isNaN(score.stoppedBehindLeadGapM())) {
      words.add(
          line(
              "stopped for the lead car %.1f m behind it at %.1f s",
              score.stoppedBehindLeadGapM(), score.stoppedBehindLeadAtS()));
    }
    if (!Double.isNaN(score.stoppedAtRedM())) {
      words.add(
          line(
              "stopped at the red light %.1f m before the line at %.1f s",
              score.stoppedAtRedM(), score.stoppedAtRedAtS()));
    }
    if (!Double.isNaN(score.droveOnAtGreenS())) {
      words.add(line("drove on %.1f s after green", score.droveOnAtGreenS()));
    }
    words.add(
        line(
            "%d collisions, %d red lights run, %.0f m driven, at most %.1f m off the lane's centre",
            score.collisions(), score.redLightsRun(), score.distanceM(), score.maxLateralM()));
    return words.toString();
  }

  private static String line(String form, Object... values) {
    return String.format(Locale.ROOT, form, values);
  }
}
