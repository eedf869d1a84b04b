package saccade.hil.drive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import saccade.hil.bars.Bar;
import saccade.hil.bars.BarsFile;
import saccade.hil.bars.Judgement;
import saccade.hil.bars.RunName;
import saccade.hil.reaction.ReactionScore;
import saccade.hil.reaction.ReactionTrial;
import saccade.hil.report.Progress;
import saccade.hil.report.Report;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.nodes.sensor.SensorTap;
import saccade.planner.GeometricReflex;
import saccade.sim.Scenario;

/**
 * The product's pipeline in closed loop with a rule in the model's place: sees by LiDAR, so it can
 * be blinded.
 */
class ClosedLoopReactionTest {
  private static final int SEEDS = 4;
  private static final long LATENCY_NS = 50_000_000L;
  private static final Rig RIG =
      new Rig(
          List.of(
              CameraModel.ofHorizontalFov(
                  "small", 64, 32, Math.toRadians(90), Pose.of(1.6, 0, 1.5, 0, 0, 0))),
          Rig.twoCamera().lidar());

  private final ReactionScore score = new ReactionScore();
  private final ReactionScore expert = new ReactionScore();
  private final List<String> late = new ArrayList<>();

  private static Driver driver(SensorTap before) {
    LidarRule rule = new LidarRule(RIG.cameras().size());
    SensorTap tap =
        (sensor, captureNs, payload, byteLength) ->
            before.pass(sensor, captureNs, payload, byteLength)
                && rule.pass(sensor, captureNs, payload, byteLength);
    return new Driver(
        RIG,
        rule,
        LidarRule.CODEC,
        PipelineOptions.tenHertz().withReflex(GeometricReflex.Mode.OFF),
        LATENCY_NS,
        tap);
  }

  private Map<String, Double> figures(SensorTap before) {
    ReactionTrial.run(
        driver(before),
        SEEDS,
        score,
        expert,
        late::add,
        new Progress(new PrintWriter(new StringWriter()), () -> 0));
    Report report = new Report("hil reaction");
    score.report(report);
    return report.figures();
  }

  private static Judgement judge(Map<String, Double> figures) throws Exception {
    Judgement judgement = new Judgement();
    for (Bar bar : BarsFile.read(Path.of("bars.yaml"))) {
      if (bar.names(RunName.of(List.of("hil", "reaction")))) {
        judgement.add(bar, figures);
      }
    }
    return judgement;
  }

  @Test
  void whoSeesReactsAfterItsLatencyAndSparesTheTwins() throws Exception {
    Map<String, Double> figures = figures(SensorTap.OPEN);
    assertEquals((double) SEEDS, figures.get("seeds"));
    assertEquals(0.0, figures.get("reactions_late"));
    assertEquals(0.0, figures.get("twins_braking_share"));
    assertEquals(0, expert.late(), "every obstacle taken demands braking at once");
    // 50 ms to the answer, then the emergency jerk of 30 m/s^3 needs 67 ms to 2 m/s^2, in ticks of
    // 20 ms.
    assertTrue(
        figures.get("reaction_p50") >= 110 && figures.get("reaction_p99") <= 160,
        figures.toString());
    assertEquals(ExitCode.OK, judge(figures).exitCode());
  }

  @Test
  void withSensorsBlankedTheCheckFails() throws Exception {
    Map<String, Double> figures = figures(Driver.BLANK);
    assertEquals((double) SEEDS, figures.get("reactions_never"));
    assertEquals(ExitCode.FAILED, judge(figures).exitCode());
    assertEquals(SEEDS, late.size());
    assertTrue(
        late.getFirst().contains("ahead at ") && late.getFirst().contains("reaction never"),
        late.getFirst());
  }

  @Test
  void theExpertStopsForEveryObstacleAndTheSameDriveTwiceIsTheSame() {
    ExpertDriver truth = new ExpertDriver(PipelineOptions.tenHertz());
    DriveOutcome first = truth.drive(Scenario.named("lead-brake"), 3, 400);
    DriveOutcome again = truth.drive(Scenario.named("lead-brake"), 3, 400);
    assertEquals(0, first.score().collisions());
    assertEquals(first.score(), again.score());
    assertTrue(DriveJudge.completed(first, again));
  }
}
