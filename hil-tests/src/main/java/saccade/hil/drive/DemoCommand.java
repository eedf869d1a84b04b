package saccade.hil.drive;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import saccade.hil.Measurement;
import saccade.hil.ModelOption;
import saccade.hil.report.Progress;
import saccade.hil.report.Report;
import saccade.nodes.cli.BadInput;
import saccade.nodes.graph.Graph;
import saccade.nodes.graph.GraphFile;
import saccade.nodes.graph.GraphNode.Simulator;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.run.GraphRun;
import saccade.nodes.run.ProjectHome;
import saccade.nodes.run.RunReport;
import saccade.nodes.sensor.SimulatorSource;
import saccade.realtime.stats.StageSnapshot;
import saccade.sim.Scoreboard;

/**
 * {@code saccade hil demo}: the main job in real time, as {@code demo --headless} runs it, with
 * figures for bars.
 */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description =
        "The demo in real time: late sets, drops, how the ego drove. Takes as long as it says.")
public final class DemoCommand extends Measurement {
  private static final String EVENT = "1 = yes, first drive; none: the run ended before it";

  @Mixin private final ModelOption model = new ModelOption();

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "How long; default the length of the demo's drive.")
  private double seconds = Double.NaN;

  /** Filled by picocli. */
  public DemoCommand() {}

  @Override
  protected Report measure(Progress progress) {
    Path dir = model.dir();
    Graph graph =
        GraphFile.read(ProjectHome.root().resolve("launch/demo.yaml")).withModel(dir).headless();
    if (!(graph.source() instanceof Simulator simulator)) {
      throw new BadInput(graph.file() + ": wanted a simulator, found " + graph.source());
    }
    double wholeS = SimulatorSource.scenario(simulator.scenario()).durationS();
    double lengthS = Double.isNaN(seconds) ? wholeS : seconds;
    if (!(lengthS >= 1 && lengthS <= 86_400)) {
      throw new BadInput("--seconds: wanted 1 to 86400, found " + seconds);
    }
    String hash = ModelPerceiver.description(dir).sha256();
    GraphRun run = GraphRun.ofSimulator(graph, new PrintWriter(new StringWriter())).withoutLines();
    run.with(
        publication ->
            progress.at(
                "seconds",
                Math.min(Math.round(lengthS), Math.round(publication.message().seq() * 0.1)),
                Math.round(lengthS)));
    RunReport done = run.run(lengthS);
    Report report = new Report("hil demo");
    done.lines().forEach(report::line);
    Scoreboard drive = done.laps().getFirst();
    boolean over = lengthS >= wholeS;
    long messages = Math.max(1, done.fresh() + done.cutShort() + done.fallback());
    report
        .figure("sets", done.sets(), "")
        .figure("late_share", done.missRate(), "of the deadlines")
        .figure(
            "pipeline_cores",
            done.pipelineCores(),
            "processor time of the process without the simulator's thread, over the run's")
        .figure("fresh_share", (double) done.fresh() / messages, "of the messages")
        .figure("cut_short_share", (double) done.cutShort() / messages, "of the messages")
        .figure("fallback_share", (double) done.fallback() / messages, "of the messages")
        .figure(
            "imbalances",
            done.imbalances().size() + (long) done.faults().size(),
            "accounts and parts")
        .figure("stopped_for_lead", flag(drive.stoppedBehindLeadGapM(), over), EVENT)
        .figure("stopped_at_red", flag(drive.stoppedAtRedM(), over), EVENT)
        .figure("stopped_at_red_s", drive.stoppedAtRedAtS(), "s into the drive")
        .figure("drove_on_at_green", flag(drive.droveOnAtGreenS(), over), EVENT)
        .figure("collisions", drive.collisions(), "")
        .figure("red_lights_run", drive.redLightsRun(), "");
    for (StageSnapshot stage : done.stages()) {
      String name = stage.stage().replaceAll("[^a-z]+", "_");
      report.detail(name + "_p50_ms", stage.p50Ns() / 1e6);
      report.detail(name + "_p99_ms", stage.p99Ns() / 1e6);
    }
    return report.fact("model", hash);
  }

  /** None, and not no, where the run ended before its first drive did. */
  private static double flag(double happened, boolean over) {
    return Double.isNaN(happened) ? over ? 0 : Double.NaN : 1;
  }
}
