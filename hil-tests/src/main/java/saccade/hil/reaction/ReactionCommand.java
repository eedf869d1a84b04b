package saccade.hil.reaction;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import saccade.hil.Measurement;
import saccade.hil.ModelOption;
import saccade.hil.drive.Driver;
import saccade.hil.report.Progress;
import saccade.hil.report.Report;
import saccade.kernels.geometry.Rig;
import saccade.nodes.pipeline.ClosedLoop;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.nodes.sensor.SensorTap;
import saccade.perception.SessionOptions;
import saccade.perception.model.ModelPackage;
import saccade.planner.GeometricReflex;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.schedule.SliceKind;

/**
 * {@code saccade hil reaction}: from an obstacle's appearance to the model's braking, in closed
 * loop, with twins.
 */
@Command(
    name = "reaction",
    mixinStandardHelpOptions = true,
    description = {
      "Obstacle to brake: seeds in which an obstacle appears, each with a twin without it.",
      "Simulated time; the model's measured latency passes before its answer acts; the reflex is off."
    })
public final class ReactionCommand extends Measurement {
  private static final long DESCRIBING_BUDGET_NS = 150_000_000L;
  private static final int LATE_CAMERA = 1;
  private static final int WARM_UP_SETS =
      40; // more than the 32 times that the session predicts from

  @Mixin private final ModelOption model = new ModelOption();

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "Drives with an obstacle; default 100, with --quick 12.")
  private int seeds;

  @Option(names = "--blank", description = "Blank all sensors: the check must fail.")
  private boolean blank;

  @Option(
      names = "--latency-ms",
      paramLabel = "MS",
      description = "Let every answer take this long instead of what it takes here.")
  private double latencyMs = -1;

  @Option(
      names = "--describing",
      description =
          "Sentences word by word and with time into the next set: a description is being written when the obstacle"
              + " appears.")
  private boolean describing;

  @Option(names = "--late-camera", description = "The tele camera comes 120 ms late, always.")
  private boolean lateCamera;

  /** Filled by picocli. */
  public ReactionCommand() {}

  @Override
  protected Report measure(Progress progress) {
    int count = seeds > 0 ? seeds : quick() ? 12 : 100;
    ModelPackage shape = ModelPerceiver.description(model.dir());
    Rig rig = ModelPerceiver.rigFor(shape);
    Report report = new Report("hil reaction");
    ReactionScore score = new ReactionScore();
    ReactionScore expert = new ReactionScore();
    int passedOver;
    SliceKind longest = null;
    SessionOptions session = SessionOptions.shipped(shape).withDrafts(!describing);
    PipelineOptions options = PipelineOptions.tenHertz().withReflex(GeometricReflex.Mode.OFF);
    try (ModelPerceiver perceiver =
        ModelPerceiver.open(model.dir(), rig, NanoClock.system(), session)) {
      perceiver.warmUp(WARM_UP_SETS);
      Driver driver =
          new Driver(
              rig,
              perceiver,
              ModelPerceiver.codecOf(shape),
              describing ? options.withBudgetNs(DESCRIBING_BUDGET_NS) : options,
              latencyMs < 0 ? ClosedLoop.MEASURED : Math.round(latencyMs * 1e6),
              blank ? Driver.BLANK : SensorTap.OPEN,
              lateCamera ? LATE_CAMERA : -1);
      passedOver = ReactionTrial.run(driver, count, score, expert, report::line, progress);
      for (SliceKind kind : perceiver.kinds()) {
        longest = longest == null || kind.longestNs() > longest.longestNs() ? kind : longest;
      }
    }
    if (blank) {
      report.line("sensors are blanked: nothing below can be a reaction");
    }
    if (describing) {
      report.line(
          "a description is being written when the obstacle appears: no drafts, 150 ms a set");
    }
    if (lateCamera) {
      report.line(rig.cameras().get(LATE_CAMERA).name() + " comes 120 ms late, always");
    }
    score.report(report);
    if (longest != null) {
      report
          .line("longest slice: " + longest.name())
          .figure("longest_slice", longest.longestNs() * 1e-6, "ms, what urgent work may wait for");
    }
    report
        .figure("seeds_passed_over", passedOver, "the truth demands less than 3 m/s^2 at once")
        .figure("expert_p50", expert.quantileMs(0.5), "ms, truth-driven, no latency")
        .figure("expert_late", expert.late(), "")
        .figure("expert_twins_braking_share", expert.twinShare(), "")
        .fact("model", shape.sha256());
    return report;
  }
}
