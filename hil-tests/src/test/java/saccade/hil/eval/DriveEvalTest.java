package saccade.hil.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import saccade.hil.bars.Bar;
import saccade.hil.bars.BarsFile;
import saccade.hil.bars.RunName;
import saccade.hil.drive.DriveOutcome;
import saccade.hil.drive.Driver;
import saccade.hil.eval.DriveEval.Named;
import saccade.hil.eval.DriveEval.Who;
import saccade.hil.eval.DriveLog.Assignment;
import saccade.hil.eval.DriveLog.Drive;
import saccade.hil.report.Report;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.nodes.run.ProjectHome;
import saccade.nodes.sensor.SensorTap;
import saccade.perception.SessionOptions;
import saccade.perception.model.ModelPackage;
import saccade.planner.ActionCodec;
import saccade.planner.GeometricReflex;
import saccade.planner.OutputCodec;
import saccade.realtime.clock.NanoClock;
import saccade.sim.Scenario;

/** The closed-loop half of {@code model eval}: its judgement, its log, and who is to be beaten. */
class DriveEvalTest {
  private static final Drive CLEAN = new Drive(0, 0, 0, 0, false, true, true, 100, 100, 0);
  private static final Drive CRASHED = new Drive(1, 1, 0, 0, false, false, false, 60, 100, 0);

  @TempDir Path folder;

  /** Verdict of each shipped bar by its figure, where a driver did this in all of 300 sequences. */
  private static Map<String, Bar.Verdict> verdicts(Drive own) throws Exception {
    Map<Who, List<Named>> drives = new EnumMap<>(Who.class);
    for (Who who : Who.values()) {
      List<Named> all = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        boolean crash = who != Who.MODEL && i % 3 == 0;
        all.add(new Named("curve", crash ? CRASHED : who == Who.MODEL ? own : CLEAN));
      }
      drives.put(who, all);
    }
    Report report = new Report("model eval --drive");
    DriveEval.write(report, drives, 300);
    return BarsFile.read(Path.of("bars.yaml")).stream()
        .filter(bar -> bar.names(RunName.of(List.of(report.command().split(" ")))))
        .collect(Collectors.toMap(Bar::figure, bar -> bar.judge(report.figures())));
  }

  @Test
  void whoDrivesCleanlyPassesAndWhoStandsStillFails() throws Exception {
    Map<String, Bar.Verdict> clean = verdicts(CLEAN);
    assertEquals(7, clean.size());
    clean.forEach((figure, verdict) -> assertEquals(Bar.Verdict.HOLDS, verdict, figure));
    Map<String, Bar.Verdict> standing =
        verdicts(new Drive(0, 0, 0, 0, true, false, false, 2, 100, 0));
    assertEquals(Bar.Verdict.HOLDS, standing.get("collisions_over_lidar"), "it hits nothing");
    for (String figure :
        List.of("completion_of_expert", "false_stop_share", "clean_above_cruise")) {
      assertEquals(Bar.Verdict.MISSED, standing.get(figure), figure);
    }
    assertEquals(Bar.Verdict.MISSED, verdicts(CRASHED).get("red_over_lidar"));
  }

  @Test
  void aKilledRunGoesOnBehindWhatIsDone() throws Exception {
    Path file = folder.resolve("drives.tsv");
    Assignment first = new Assignment("model", "curve", 7);
    Assignment second = new Assignment("lidar", "curve", 7);
    try (DriveLog log = new DriveLog(file, "abc")) {
      log.add(first, CRASHED);
      log.add(second, CLEAN);
    }
    String text = Files.readString(file);
    Files.writeString(file, text.substring(0, text.length() - 5)); // killed in the middle of a line
    try (DriveLog log = new DriveLog(file, "abc")) {
      assertEquals(CRASHED, log.get(first));
      assertNull(log.get(second));
      log.add(second, CLEAN);
    }
    assertEquals(text, Files.readString(file));
  }

  @Test
  void aLogOfAnotherModelOrADamagedOneIsRefusedInOneLine() throws Exception {
    Path file = folder.resolve("drives.tsv");
    new DriveLog(file, "abc").close();
    for (String[] wrong :
        new String[][] {
          {"def", "", "a log of drives of this model"},
          {"abc", "model\tcurve\t7\t0\n", "line 2: found 4 fields, wanted driver"},
          {"abc", "model\tcurve\t7\t0\t0\t0\t0\t0\t1\t1\tNaN\t5\t0\n", "line 2: found NaN"},
          {"abc", "model\tcurve\t7\t-1\t0\t0\t0\t0\t1\t1\t4\t5\t0\n", "line 2: found -1"}
        }) {
      Files.writeString(file, "saccade drives 1\tabc\n" + wrong[1]);
      String line =
          assertThrows(BadInput.class, () -> new DriveLog(file, wrong[0]).close()).getMessage();
      assertTrue(line.startsWith(file.toString()) && line.contains(wrong[2]), line);
      assertEquals(1, line.lines().count());
    }
  }

  @Test
  void brakesByItsThresholdAndHoldsTheSpeedOtherwise() {
    assertEquals(-6, SpeedByRule.accel(18.9, 10, 10), "3 + 6 + 10 m");
    assertEquals(0, SpeedByRule.accel(19.1, 10, 10));
    assertEquals(1.5, SpeedByRule.accel(GeometricReflex.FREE, 2, 10));
    assertEquals(-2, SpeedByRule.accel(GeometricReflex.FREE, 14, 10));
  }

  /** The same obstacle, once seen and once not; steered by the real model. */
  @Test
  void theLidarDriverStopsWhereTheCruisingOneHits() {
    ModelPackage shape = ModelPerceiver.description(ProjectHome.shippedModel());
    Rig rig = Rig.twoCamera(); // a third of the time of six
    OutputCodec codec = ModelPerceiver.codecOf(shape);
    ActionCodec actions = new ActionCodec(codec.action());
    try (ModelPerceiver model =
        ModelPerceiver.open(shape.dir(), rig, NanoClock.system(), SessionOptions.shipped(shape))) {
      assertNotNull(rig.lidar());
      DriveOutcome seeing = drive(rig, codec, new SpeedByRule(model, actions, rig.lidar()));
      DriveOutcome blind = drive(rig, codec, new SpeedByRule(model, actions, null));
      assertEquals(0, seeing.score().collisions());
      assertEquals(1, blind.score().collisions());
      assertTrue(seeing.score().distanceM() < blind.score().distanceM());
    }
  }

  private static DriveOutcome drive(Rig rig, OutputCodec codec, SpeedByRule rule) {
    return new Driver(
            rig,
            rule,
            codec,
            PipelineOptions.tenHertz().withReflex(GeometricReflex.Mode.OFF),
            10_000_000L,
            SensorTap.OPEN)
        .drive(Scenario.popUp(3, 1, true), 1, 33, trace -> false);
  }
}
