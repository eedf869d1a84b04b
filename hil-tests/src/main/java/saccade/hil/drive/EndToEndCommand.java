package saccade.hil.drive;

import static java.util.Objects.requireNonNull;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import saccade.hil.Measurement;
import saccade.hil.ModelOption;
import saccade.hil.report.Checkpoint;
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
import saccade.sim.truth.RecordedDrive;

/** {@code saccade hil endtoend}: whole scenarios by the model, or by the truth-driven expert. */
@Command(
    name = "endtoend",
    mixinStandardHelpOptions = true,
    description = {
      "Closed loop over scenarios and seeds: collisions, lights and signs run, lanes left, completion, comfort, misses.",
      "The expert drives every seed too, for comparison; --driver expert drives it alone, which is fast.",
      "Complete: at the goal, whatever happened. Clean: complete, and nothing hit, no light or sign run, no lane",
      "left, no stop for nothing."
    })
public final class EndToEndCommand extends Measurement {
  private static final int WARM_UP_SETS =
      40; // more than the 32 times that the session predicts from
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
      names = "--first-seed",
      paramLabel = "N",
      description =
          "Seed of each scenario's first drive; default ${DEFAULT-VALUE}. States of drives whose seed is 2^40 ="
              + " 1099511627776 or more may be learnt from, see --record.")
  private long firstSeed = 520_000;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Drives at a time; default 1, for the expert one a core.")
  private int threads;

  @Option(names = "--reflex", description = "Let the geometric reflex brake too.")
  private boolean reflex;

  @Option(
      names = "--faults",
      description = {
        "Sensors misbehave, drawn from the seed: of all frames 2 %% never come, 4 %% come 40 to 120 ms late and 2 %% come",
        "twice; the LiDAR and one camera drop out for 2 s each."
      })
  private boolean faults;

  @Option(names = "--blank", description = "Blank all sensors.")
  private boolean blank;

  @Option(
      names = "--checkpoint",
      paramLabel = "FILE",
      description = "Where drives are kept as they end; a run that finds its own there goes on.")
  private @Nullable Path checkpoint;

  @Option(
      names = "--record",
      paramLabel = "FILE",
      description =
          "Where the way of each drive is written down, for 'saccade sim export --tensors --mix DRIVEN --drives"
              + " FILE'; what was in it is lost.")
  private @Nullable Path record;

  /** Filled by picocli. */
  public EndToEndCommand() {}

  /** One scenario with one seed, and what came of it. */
  private record Pair(DriveFigures drive, DriveFigures expert) {}

  /** Drives one scenario with one seed; belongs to one thread. */
  @FunctionalInterface
  private interface Wheel extends AutoCloseable {
    DriveOutcome drive(Scenario scenario, long seed);

    @Override
    default void close() {}
  }

  @Override
  protected Report measure(Progress progress) throws InterruptedException, IOException {
    boolean byExpert = driver.equals("expert");
    if (!byExpert && !driver.equals("model")) {
      throw new BadInput("--driver: wanted model or expert, found " + driver);
    }
    if (byExpert && (faults || blank || reflex)) {
      throw new BadInput(
          "--driver expert: the expert has no sensors; leave out --faults, --blank and --reflex");
    }
    if (seeds < 0 || threads < 0 || threads > 64) {
      throw new BadInput(
          "--seeds, --threads: wanted 1 or more, at most 64 threads, found "
              + seeds
              + " and "
              + threads);
    }
    if (firstSeed < 0) {
      throw new BadInput("--first-seed: wanted 0 or more, found " + firstSeed);
    }
    if (record != null && checkpoint != null) {
      throw new BadInput(
          "--record: wanted without --checkpoint, whose drives of an earlier run it could not write down");
    }
    try {
      for (String name : record == null ? List.<String>of() : scenarios) {
        RecordedDrive.check(name, firstSeed);
      }
    } catch (IllegalArgumentException e) {
      throw new BadInput("--record: " + e.getMessage() + " (--scenario, --first-seed)");
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
    @Nullable Pair[] pairs = new @Nullable Pair[stories.size() * count];
    Path file = checkpoint;
    Checkpoint kept = file == null ? null : Checkpoint.open(file, head(count, byExpert));
    int before = kept == null ? 0 : take(kept, stories, count, pairs);
    if (before > 0) {
      progress.say(before + " of " + pairs.length + " drives are there already");
      progress.goesOnFrom(before);
    }
    Path ways = record;
    try (@Nullable BufferedWriter recorder =
        ways == null ? null : Files.newBufferedWriter(ways, StandardCharsets.UTF_8)) {
      run(stories, count, workers, options, byExpert, pairs, kept, recorder, progress);
    }
    Report report = report(stories, count, pairs).fact("driver", driver);
    return byExpert
        ? report
        : report.fact("model", ModelPerceiver.description(model.dir()).sha256());
  }

  /** Everything that the drives depend on, but the machine. */
  private String head(int count, boolean byExpert) {
    return "# saccade hil endtoend 1: driver %s seeds %d from %d scenarios %s reflex %b faults %b blank %b model %s"
        .formatted(
            driver,
            count,
            firstSeed,
            String.join(",", scenarios),
            reflex,
            faults,
            blank,
            byExpert ? "none" : ModelPerceiver.description(model.dir()).sha256());
  }

  // ---- checkpoint: scenario, seed, the drive's cells, the expert's cells ----

  private static String line(Scenario story, int seed, Pair pair) {
    return String.join(
        "\t", story.name(), Integer.toString(seed), pair.drive.line(), pair.expert.line());
  }

  /** Fills in what a checkpoint holds; how many drives that are. */
  private static int take(
      Checkpoint kept, List<Scenario> stories, int count, @Nullable Pair[] pairs) {
    List<String> names = stories.stream().map(Scenario::name).toList();
    int found = 0;
    for (int at = 0; at < kept.lines().size(); at++) {
      List<String> cells = List.of(kept.lines().get(at).split("\t", -1));
      try {
        if (cells.size() != 2 + 2 * DriveFigures.CELLS) {
          throw new IllegalArgumentException(
              "wanted " + (2 + 2 * DriveFigures.CELLS) + " cells, found " + cells.size());
        }
        int story = names.indexOf(cells.get(0));
        int seed = Integer.parseInt(cells.get(1));
        if (story < 0 || seed < 0 || seed >= count) {
          throw new IllegalArgumentException(
              "wanted a drive of this run, found " + cells.get(0) + " " + seed);
        }
        int split = 2 + DriveFigures.CELLS;
        Pair pair =
            new Pair(
                DriveFigures.of(cells.subList(2, split)),
                DriveFigures.of(cells.subList(split, cells.size())));
        found += pairs[story * count + seed] == null ? 1 : 0;
        pairs[story * count + seed] = pair;
      } catch (IllegalArgumentException e) {
        throw kept.complaint(at, String.valueOf(e.getMessage()));
      }
    }
    return found;
  }

  // ---- what is printed ----

  private Report report(List<Scenario> stories, int count, @Nullable Pair[] pairs) {
    DriveTally all = new DriveTally();
    DriveTally allByExpert = new DriveTally();
    List<List<String>> table = new ArrayList<>();
    table.add(DriveTally.HEAD);
    List<String> unclean = new ArrayList<>();
    List<DriveTally> each = new ArrayList<>();
    for (int s = 0; s < stories.size(); s++) {
      DriveTally here = new DriveTally();
      for (int i = 0; i < count; i++) {
        Pair pair = requireNonNull(pairs[s * count + i]);
        here.add(pair.drive);
        all.add(pair.drive);
        allByExpert.add(pair.expert);
        if (!pair.drive.clean()) {
          unclean.add(stories.get(s).name() + " " + (firstSeed + i) + ": " + pair.drive.faults());
        }
      }
      table.add(here.row(stories.get(s).name()));
      each.add(here);
    }
    table.add(all.row("all"));
    Report report = new Report("hil endtoend").table(table);
    unclean.stream().limit(MOST_NAMED).forEach(report::line);
    if (unclean.size() > MOST_NAMED) {
      report.line("and " + (unclean.size() - MOST_NAMED) + " more");
    }
    report
        .figure("drives", all.drives(), "")
        .figure("clean_share", all.cleanShare(), "of the drives: complete, nothing wrong")
        .figure("completed_share", all.completedShare(), "of the drives: at the goal")
        .figure("progress", all.progress(), "mean share of the way to the goal")
        .figure("collided", all.collided(), "drives")
        .figure("collided_share", all.share(all.collided()), "of the drives")
        .figure("ran_red", all.ranRed(), "drives")
        .figure("ran_red_share", all.share(all.ranRed()), "of the drives")
        .figure("ran_stop_sign", all.ranStop(), "drives")
        .figure("ran_stop_sign_share", all.share(all.ranStop()), "of the drives")
        .figure("left_lane", all.leftLane(), "drives")
        .figure("left_lane_share", all.share(all.leftLane()), "of the drives")
        .figure("false_stops", all.falseStops(), "drives")
        .figure("false_stop_share", all.share(all.falseStops()), "of the drives")
        .figure("accel_rms", all.rmsAccel(), "m/s^2")
        .figure("jerk_rms", all.rmsJerk(), "m/s^3")
        .figure("expert_clean_share", allByExpert.cleanShare(), "of the drives")
        .figure("expert_collided", allByExpert.collided(), "drives")
        .figure("expert_ran_red", allByExpert.ranRed(), "drives");
    if (!driver.equals("expert")) {
      report
          .figure("fresh_share", all.freshShare(), "of the messages")
          .figure("misses", all.misses(), "deadlines")
          .figure("miss_percent", 100 * all.missShare(), "% of the deadlines");
    }
    if (faults) {
      report.figure("frames_disturbed", all.disturbed(), "lost, late or twice, on purpose");
    }
    for (int s = 0; s < stories.size(); s++) {
      each.get(s).details(stories.get(s).name(), report);
    }
    return report;
  }

  // ---- driving ----

  /**
   * Fills the pairs that are not there, scenario by scenario; the order in which they are driven
   * has no part in them.
   */
  private void run(
      List<Scenario> stories,
      int count,
      int workers,
      PipelineOptions options,
      boolean byExpert,
      @Nullable Pair[] pairs,
      @Nullable Checkpoint kept,
      @Nullable BufferedWriter recorder,
      Progress progress)
      throws InterruptedException, IOException {
    List<Integer> todo = new ArrayList<>();
    int[] left = new int[stories.size()]; // (scenarios) drives to come
    for (int i = 0; i < pairs.length; i++) {
      if (pairs[i] == null) {
        todo.add(i);
        left[i / count]++;
      }
    }
    AtomicInteger next = new AtomicInteger();
    int[] done = {pairs.length - todo.size()};
    AtomicReference<RuntimeException> failure = new AtomicReference<>();
    Runnable job =
        () -> {
          ExpertDriver truth = new ExpertDriver(options);
          try (@Nullable Wheel wheel = byExpert ? null : modelAtTheWheel(options)) {
            int turn;
            while ((turn = next.getAndIncrement()) < todo.size() && failure.get() == null) {
              int i = todo.get(turn);
              Scenario story = stories.get(i / count);
              long seed = firstSeed + i % count;
              DriveOutcome expert = truth.drive(story, seed, Integer.MAX_VALUE);
              DriveOutcome drive = wheel == null ? expert : wheel.drive(story, seed);
              Pair pair = new Pair(DriveFigures.of(drive, expert), DriveFigures.of(expert, expert));
              synchronized (progress) {
                pairs[i] = pair;
                if (kept != null) {
                  kept.append(line(story, i % count, pair));
                }
                if (recorder != null) {
                  recorder.write(drive.way().line());
                  recorder.newLine();
                  recorder.flush();
                }
                progress.at("drives", ++done[0], pairs.length);
                if (--left[i / count] == 0) {
                  progress.say(story.name() + ": " + scenario(pairs, i / count, count).line());
                }
              }
            }
          } catch (IOException e) {
            failure.compareAndSet(null, new UncheckedIOException(e));
          } catch (RuntimeException e) {
            failure.compareAndSet(null, e);
          }
        };
    List<Thread> team = new ArrayList<>();
    for (int t = 0; t < Math.min(workers, todo.size()); t++) {
      team.add(Thread.ofPlatform().name("endtoend-" + t).start(job));
    }
    for (Thread worker : team) {
      worker.join();
    }
    RuntimeException broken = failure.get();
    if (broken instanceof UncheckedIOException disk) {
      throw disk.getCause();
    }
    if (broken != null) {
      throw broken;
    }
  }

  private static DriveTally scenario(@Nullable Pair[] pairs, int story, int count) {
    DriveTally tally = new DriveTally();
    for (int i = story * count; i < (story + 1) * count; i++) {
      tally.add(requireNonNull(pairs[i]).drive);
    }
    return tally;
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
            blank ? Driver.BLANK : SensorTap.OPEN,
            -1,
            faults);
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
