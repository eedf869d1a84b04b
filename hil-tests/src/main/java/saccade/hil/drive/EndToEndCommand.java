package saccade.hil.drive;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import saccade.hil.Measurement;
import saccade.hil.ModelOption;
import saccade.hil.report.Progress;
import saccade.hil.report.Report;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.pipeline.ClosedLoop;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.nodes.sensor.SensorTap;
import saccade.perception.SessionOptions;
import saccade.perception.model.ModelPackage;
import saccade.planner.GeometricReflex;
import saccade.realtime.clock.NanoClock;
import saccade.sim.Scenario;

/** {@code saccade hil endtoend}: whole scenarios by the model, beside the truth-driven expert. */
@Command(
    name = "endtoend",
    mixinStandardHelpOptions = true,
    description =
        "Closed loop over scenarios and seeds: collisions, red lights, completion, false stops.")
public final class EndToEndCommand extends Measurement {
  private static final int WARM_UP_SETS =
      40; // more than the 32 times that the session predicts from
  private static final long FIRST_SEED = 520_000;

  @Mixin private final ModelOption model = new ModelOption();

  @Option(
      names = "--scenario",
      split = ",",
      paramLabel = "NAME",
      description = "Scenarios, separated by commas; default all that tell different stories.")
  private List<String> scenarios =
      List.of(
          "lead-brake",
          "red-light",
          "empty-road",
          "curve",
          "pop-up",
          "crossing-pedestrian",
          "queue");

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "Seeds of each scenario; default 6, with --quick 1.")
  private int seeds;

  @Option(names = "--reflex", description = "Let the geometric reflex brake too.")
  private boolean reflex;

  @Option(names = "--blank", description = "Blank all sensors.")
  private boolean blank;

  /** Filled by picocli. */
  public EndToEndCommand() {}

  /** Sums over the drives of a scenario. */
  private static final class Tally {
    int drives;
    int collided;
    int ranRed;
    int completed;
    int falseStops;
    double distanceM;
    double expertDistanceM;
    long messages;
    long fresh;
    long misses;

    void add(DriveOutcome drive, DriveOutcome expert) {
      drives++;
      collided += drive.score().collisions() > 0 ? 1 : 0;
      ranRed += drive.score().redLightsRun() > 0 ? 1 : 0;
      completed += DriveJudge.completed(drive, expert) ? 1 : 0;
      falseStops += DriveJudge.falseStop(drive, expert) ? 1 : 0;
      distanceM += drive.score().distanceM();
      expertDistanceM += expert.score().distanceM();
      messages += drive.fresh() + drive.cutShort() + drive.fallback();
      fresh += drive.fresh();
      misses += drive.misses();
    }

    void add(Tally other) {
      drives += other.drives;
      collided += other.collided;
      ranRed += other.ranRed;
      completed += other.completed;
      falseStops += other.falseStops;
      distanceM += other.distanceM;
      expertDistanceM += other.expertDistanceM;
      messages += other.messages;
      fresh += other.fresh;
      misses += other.misses;
    }
  }

  @Override
  protected Report measure(Progress progress) {
    int count = seeds > 0 ? seeds : quick() ? 1 : 6;
    Rig rig = Rig.twoCamera();
    List<Scenario> stories = new ArrayList<>();
    for (String name : scenarios) {
      try {
        stories.add(Scenario.named(name));
      } catch (IllegalArgumentException e) {
        throw new BadInput("--scenario: " + e.getMessage());
      }
    }
    PipelineOptions options =
        PipelineOptions.tenHertz()
            .withReflex(reflex ? GeometricReflex.Mode.ON : GeometricReflex.Mode.OFF);
    ModelPackage shape = ModelPerceiver.description(model.dir());
    Tally byModel = new Tally();
    Tally byExpert = new Tally();
    List<List<String>> table = new ArrayList<>();
    table.add(
        List.of(
            "scenario",
            "drives",
            "collided",
            "ran red",
            "completed",
            "false stops",
            "metres",
            "expert metres",
            "expert collided",
            "fresh %"));
    try (ModelPerceiver perceiver =
        ModelPerceiver.open(model.dir(), rig, NanoClock.system(), SessionOptions.DEFAULT)) {
      perceiver.warmUp(WARM_UP_SETS);
      Driver driver =
          new Driver(
              rig,
              perceiver,
              ModelPerceiver.codecOf(shape),
              options,
              ClosedLoop.MEASURED,
              blank ? Driver.BLANK : SensorTap.OPEN);
      ExpertDriver truth = new ExpertDriver(options);
      int done = 0;
      for (Scenario story : stories) {
        Tally here = new Tally();
        Tally expertHere = new Tally();
        for (int i = 0; i < count; i++) {
          long seed = FIRST_SEED + i;
          DriveOutcome expert = truth.drive(story, seed, Integer.MAX_VALUE);
          int atDrive = done++;
          progress.at("drives", atDrive, (long) stories.size() * count);
          DriveOutcome drive =
              driver.drive(
                  story,
                  seed,
                  Integer.MAX_VALUE,
                  trace -> {
                    progress.at("drives", atDrive, (long) stories.size() * count);
                    return false;
                  });
          here.add(drive, expert);
          expertHere.add(expert, expert);
        }
        table.add(row(story.name(), here, expertHere));
        byModel.add(here);
        byExpert.add(expertHere);
      }
    }
    table.add(row("all", byModel, byExpert));
    return new Report("hil endtoend")
        .table(table)
        .figure("drives", byModel.drives, "")
        .figure("collided", byModel.collided, "drives")
        .figure("ran_red", byModel.ranRed, "drives")
        .figure("completed_share", (double) byModel.completed / byModel.drives, "")
        .figure("false_stops", byModel.falseStops, "drives")
        .figure("expert_collided", byExpert.collided, "drives")
        .figure("expert_ran_red", byExpert.ranRed, "drives")
        .figure(
            "fresh_share",
            (double) byModel.fresh / Math.max(1, byModel.messages),
            "of the messages")
        .figure("misses", byModel.misses, "deadlines")
        .fact("model", shape.sha256());
  }

  private static List<String> row(String name, Tally tally, Tally expert) {
    return List.of(
        name,
        Integer.toString(tally.drives),
        Integer.toString(tally.collided),
        Integer.toString(tally.ranRed),
        Integer.toString(tally.completed),
        Integer.toString(tally.falseStops),
        Long.toString(Math.round(tally.distanceM)),
        Long.toString(Math.round(tally.expertDistanceM)),
        Integer.toString(expert.collided),
        Long.toString(Math.round(100.0 * tally.fresh / Math.max(1, tally.messages))));
  }
}
