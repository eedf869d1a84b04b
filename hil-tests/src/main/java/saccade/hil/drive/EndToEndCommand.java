package saccade.hil.drive;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
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
import saccade.sim.Scoreboard;

/** {@code saccade hil endtoend}: whole scenarios by the model, or by the truth-driven expert. */
@Command(
    name = "endtoend",
    mixinStandardHelpOptions = true,
    description = {
      "Closed loop over scenarios and seeds: collisions, lights and signs run, lanes left, completion, comfort, misses.",
      "The expert drives every seed too, for comparison; --driver expert drives it alone, which is fast."
    })
public final class EndToEndCommand extends Measurement {
  private static final int WARM_UP_SETS =
      40; // more than the 32 times that the session predicts from
  private static final long FIRST_SEED = 520_000;
  private static final int MOST_NAMED = 20;

  @Mixin private final ModelOption model = new ModelOption();

  @Option(
      names = "--driver",
      paramLabel = "model|expert",
      description = "Who drives; default ${DEFAULT-VALUE}.")
  private String driver = "model";

  @Option(
      names = "--scenario",
      split = ",",
      paramLabel = "NAME",
      description = "Scenarios, separated by commas; default every one there is.")
  private List<String> scenarios = Scenario.names();

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "Seeds of each scenario; default 20, with --quick 1 (expert: 5).")
  private int seeds;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Drives at a time; default 1, for the expert one a core.")
  private int threads;

  @Option(names = "--reflex", description = "Let the geometric reflex brake too.")
  private boolean reflex;

  @Option(names = "--blank", description = "Blank all sensors.")
  private boolean blank;

  /** Filled by picocli. */
  public EndToEndCommand() {}

  /** One scenario with one seed, and what came of it. */
  private record Pair(DriveOutcome drive, DriveOutcome expert) {}

  /** Drives one scenario with one seed; belongs to one thread. */
  @FunctionalInterface
  private interface Wheel extends AutoCloseable {
    DriveOutcome drive(Scenario scenario, long seed);

    @Override
    default void close() {}
  }

  @Override
  protected Report measure(Progress progress) throws InterruptedException {
    boolean byExpert = driver.equals("expert");
    if (!byExpert && !driver.equals("model")) {
      throw new BadInput("--driver: wanted model or expert, found " + driver);
    }
    if (seeds < 0 || threads < 0 || threads > 64) {
      throw new BadInput(
          "--seeds, --threads: wanted 1 or more, at most 64 threads, found "
              + seeds
              + " and "
              + threads);
    }
    int count = seeds > 0 ? seeds : !quick() ? 20 : byExpert ? 5 : 1;
    int workers = threads > 0 ? threads : byExpert ? Runtime.getRuntime().availableProcessors() : 1;
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
    Pair[] pairs = new Pair[stories.size() * count];
    run(stories, count, workers, options, byExpert, pairs, progress);

    DriveTally all = new DriveTally();
    DriveTally allByExpert = new DriveTally();
    List<List<String>> table = new ArrayList<>();
    table.add(DriveTally.HEAD);
    List<String> unclean = new ArrayList<>();
    for (int s = 0; s < stories.size(); s++) {
      DriveTally here = new DriveTally();
      for (int i = 0; i < count; i++) {
        Pair pair = pairs[s * count + i];
        here.add(pair.drive, pair.expert);
        allByExpert.add(pair.expert, pair.expert);
        if (!pair.drive.score().clean()) {
          unclean.add(
              stories.get(s).name() + " " + (FIRST_SEED + i) + ": " + faults(pair.drive.score()));
        }
      }
      table.add(here.row(stories.get(s).name()));
      all.add(here);
    }
    table.add(all.row("all"));
    Report report = new Report("hil endtoend").table(table);
    unclean.stream().limit(MOST_NAMED).forEach(report::line);
    if (unclean.size() > MOST_NAMED) {
      report.line("and " + (unclean.size() - MOST_NAMED) + " more");
    }
    report
        .figure("drives", all.drives(), "")
        .figure("clean_share", all.cleanShare(), "of the drives")
        .figure("collided", all.collided(), "drives")
        .figure("ran_red", all.ranRed(), "drives")
        .figure("ran_stop_sign", all.ranStop(), "drives")
        .figure("left_lane", all.leftLane(), "drives")
        .figure("completed_share", all.completedShare(), "")
        .figure("false_stops", all.falseStops(), "drives")
        .figure("accel_rms", all.rmsAccel(), "m/s^2")
        .figure("jerk_rms", all.rmsJerk(), "m/s^3")
        .figure("expert_clean_share", allByExpert.cleanShare(), "of the drives")
        .figure("expert_collided", allByExpert.collided(), "drives")
        .figure("expert_ran_red", allByExpert.ranRed(), "drives")
        .fact("driver", driver);
    if (!byExpert) {
      report
          .figure("fresh_share", all.freshShare(), "of the messages")
          .figure("misses", all.misses(), "deadlines")
          .fact("model", ModelPerceiver.description(model.dir()).sha256());
    }
    return report;
  }

  /** What was not clean, in a few words. */
  private static String faults(Scoreboard score) {
    List<String> faults = new ArrayList<>();
    Consumer<String> add = faults::add;
    say(add, score.collisions(), "hit");
    say(add, score.redLightsRun(), "ran red");
    say(add, score.stopSignsRun(), "ran a stop sign");
    say(add, score.laneDepartures(), "left its lane");
    say(add, score.falseStops(), "stood for nothing");
    if (score.progress() < 1) {
      faults.add("got " + Math.round(100 * score.progress()) + " % of the way");
    }
    return String.join(", ", faults);
  }

  private static void say(Consumer<String> to, int times, String what) {
    if (times > 0) {
      to.accept(times == 1 ? what : what + " " + times + " times");
    }
  }

  /**
   * Fills the pairs, scenario by scenario; the order in which they are driven has no part in them.
   */
  private void run(
      List<Scenario> stories,
      int count,
      int workers,
      PipelineOptions options,
      boolean byExpert,
      Pair[] pairs,
      Progress progress)
      throws InterruptedException {
    AtomicInteger next = new AtomicInteger();
    AtomicInteger done = new AtomicInteger();
    AtomicReference<RuntimeException> failure = new AtomicReference<>();
    Runnable job =
        () -> {
          ExpertDriver truth = new ExpertDriver(options);
          try (@Nullable Wheel wheel = byExpert ? null : modelAtTheWheel(options)) {
            int i;
            while ((i = next.getAndIncrement()) < pairs.length && failure.get() == null) {
              Scenario story = stories.get(i / count);
              long seed = FIRST_SEED + i % count;
              DriveOutcome expert = truth.drive(story, seed, Integer.MAX_VALUE);
              pairs[i] = new Pair(wheel == null ? expert : wheel.drive(story, seed), expert);
              synchronized (progress) {
                progress.at("drives", done.incrementAndGet(), pairs.length);
              }
            }
          } catch (RuntimeException e) {
            failure.compareAndSet(null, e);
          }
        };
    List<Thread> team = new ArrayList<>();
    for (int t = 0; t < Math.min(workers, pairs.length); t++) {
      team.add(Thread.ofPlatform().name("endtoend-" + t).start(job));
    }
    for (Thread worker : team) {
      worker.join();
    }
    RuntimeException broken = failure.get();
    if (broken != null) {
      throw broken;
    }
  }

  private Wheel modelAtTheWheel(PipelineOptions options) {
    ModelPackage shape = ModelPerceiver.description(model.dir());
    Rig rig = ModelPerceiver.rigFor(shape);
    ModelPerceiver perceiver =
        ModelPerceiver.open(model.dir(), rig, NanoClock.system(), SessionOptions.shipped(shape));
    perceiver.warmUp(WARM_UP_SETS);
    Driver wheel =
        new Driver(
            rig,
            perceiver,
            ModelPerceiver.codecOf(shape),
            options,
            ClosedLoop.MEASURED,
            blank ? Driver.BLANK : SensorTap.OPEN);
    return new Wheel() {
      @Override
      public DriveOutcome drive(Scenario scenario, long seed) {
        return wheel.drive(scenario, seed, Integer.MAX_VALUE, trace -> false);
      }

      @Override
      public void close() {
        perceiver.close();
      }
    };
  }
}
