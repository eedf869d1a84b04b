package saccade.hil.eval;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import saccade.hil.drive.DriveOutcome;
import saccade.hil.drive.Driver;
import saccade.hil.drive.ExpertDriver;
import saccade.hil.eval.DriveLog.Assignment;
import saccade.hil.eval.DriveLog.Drive;
import saccade.hil.report.Progress;
import saccade.hil.report.Report;
import saccade.kernels.geometry.Rig;
import saccade.nodes.pipeline.ClosedLoop;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.pipeline.Perceiver;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.nodes.sensor.SensorTap;
import saccade.perception.SessionOptions;
import saccade.perception.model.ModelPackage;
import saccade.planner.ActionCodec;
import saccade.planner.GeometricReflex;
import saccade.planner.OutputCodec;
import saccade.realtime.clock.NanoClock;
import saccade.sim.Scenario;

/**
 * The closed-loop half of {@code saccade model eval}: every scenario, the held-out kinds among
 * them, with seeds that nothing was trained or tried on, reflex off. The model, whose commands act
 * after the latency it really has, against three drivers with the same steering: the same model
 * without streaming, braking by a LiDAR threshold, and cruising; the latter two act after {@value
 * #RULE_LATENCY_NS} ns. All beside a truth-driven expert.
 */
final class DriveEval {
  /** Kinds of scenario that no training data has anything like. */
  static final List<String> HELD_OUT = List.of("child-from-parked", "obstacle-after-curve");

  private static final long FIRST_SEED = 640_000;
  private static final long RULE_LATENCY_NS = 10_000_000L;
  private static final int WARM_UP_SETS = 40; // more than the session predicts from

  /** Who drives. */
  enum Who {
    MODEL("model"),
    WITHOUT_STREAMING("without streaming"),
    LIDAR("LiDAR threshold"),
    CRUISE("cruise");

    final String words;

    Who(String words) {
      this.words = words;
    }

    String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Path model;
  private final int seeds;
  private final int threads;
  private final double minutes;
  private final @Nullable Path log;
  private final PipelineOptions options =
      PipelineOptions.tenHertz().withReflex(GeometricReflex.Mode.OFF);

  /**
   * An evaluation.
   *
   * @param seeds of each scenario
   * @param threads drives at a time
   * @param minutes after so long no drive is begun
   * @param log keeps what is done; null: nothing does
   */
  DriveEval(Path model, int seeds, int threads, double minutes, @Nullable Path log) {
    this.model = model;
    this.seeds = seeds;
    this.threads = threads;
    this.minutes = minutes;
    this.log = log;
  }

  /** Drives and writes what came of it into a report. */
  void run(Report report, Progress progress) throws IOException, InterruptedException {
    ModelPackage shape = ModelPerceiver.description(model);
    List<Assignment> wanted = new ArrayList<>();
    for (int seed = 0; seed < seeds; seed++) {
      for (String scenario : Scenario.names()) {
        for (Who who : Who.values()) {
          wanted.add(new Assignment(who.key(), scenario, FIRST_SEED + seed));
        }
      }
    }
    try (DriveLog done = new DriveLog(log, shape.sha256())) {
      drive(wanted, done, shape, progress);
      write(report, outcomes(wanted, done), seeds * Scenario.names().size());
    }
    report.fact("model", shape.sha256()).fact("modelVersion", shape.version());
  }

  // ---- driving ----

  private void drive(List<Assignment> wanted, DriveLog done, ModelPackage shape, Progress progress)
      throws InterruptedException {
    List<Assignment> left = wanted.stream().filter(key -> done.get(key) == null).toList();
    long untilNs = System.nanoTime() + Math.round(minutes * 60e9);
    AtomicInteger next = new AtomicInteger();
    AtomicInteger driven = new AtomicInteger(wanted.size() - left.size());
    AtomicReference<RuntimeException> failure = new AtomicReference<>();
    Runnable job =
        () -> {
          try (Seat seat = new Seat(shape)) {
            int i;
            while ((i = next.getAndIncrement()) < left.size()
                && System.nanoTime() < untilNs
                && failure.get() == null) {
              Assignment key = left.get(i);
              done.add(key, seat.drive(key));
              synchronized (progress) {
                progress.at("drives", driven.incrementAndGet(), wanted.size());
              }
            }
          } catch (RuntimeException e) {
            failure.compareAndSet(null, e);
          } catch (IOException e) {
            failure.compareAndSet(null, new UncheckedIOException(e));
          }
        };
    List<Thread> team = new ArrayList<>();
    for (int t = 0; t < Math.min(threads, left.size()); t++) {
      team.add(Thread.ofPlatform().name("drive-" + t).start(job));
    }
    for (Thread worker : team) {
      worker.join();
    }
    RuntimeException broken = failure.get();
    if (broken != null) {
      throw broken;
    }
  }

  /** A vehicle in which each of the drivers takes its turn; belongs to one thread. */
  private final class Seat implements AutoCloseable {
    private final ModelPerceiver perceiver;
    private final Map<Who, Driver> drivers = new EnumMap<>(Who.class);
    private final ExpertDriver expert = new ExpertDriver(options);

    Seat(ModelPackage shape) {
      Rig rig = ModelPerceiver.rigFor(shape);
      perceiver =
          ModelPerceiver.open(model, rig, NanoClock.system(), SessionOptions.shipped(shape));
      perceiver.warmUp(WARM_UP_SETS);
      OutputCodec codec = ModelPerceiver.codecOf(shape);
      ActionCodec actions = new ActionCodec(codec.action());
      for (Who who : Who.values()) {
        Perceiver eyes =
            switch (who) {
              case MODEL -> perceiver;
              case WITHOUT_STREAMING -> new WithoutStreaming(perceiver);
              case LIDAR -> new SpeedByRule(perceiver, actions, rig.lidar());
              case CRUISE -> new SpeedByRule(perceiver, actions, null);
            };
        boolean byRule = who == Who.LIDAR || who == Who.CRUISE;
        long latencyNs = byRule ? RULE_LATENCY_NS : ClosedLoop.MEASURED;
        drivers.put(who, new Driver(rig, eyes, codec, options, latencyNs, SensorTap.OPEN));
      }
    }

    Drive drive(Assignment key) {
      Scenario scenario = Scenario.named(key.scenario());
      Driver driver = drivers.get(Who.valueOf(key.driver().toUpperCase(Locale.ROOT)));
      if (driver == null) {
        throw new IllegalStateException("nobody drives as " + key.driver());
      }
      perceiver.reset();
      perceiver.session().limits().clear(); // of the driver before
      DriveOutcome outcome = driver.drive(scenario, key.seed(), Integer.MAX_VALUE, trace -> false);
      return Drive.of(outcome, expert.drive(scenario, key.seed(), Integer.MAX_VALUE));
    }

    @Override
    public void close() {
      perceiver.close();
    }
  }

  // ---- judging ----

  /** Drives of the sequences that everybody has driven, by driver. */
  private static Map<Who, List<Named>> outcomes(List<Assignment> wanted, DriveLog done) {
    Map<Who, List<Named>> all = new EnumMap<>(Who.class);
    int each = Who.values().length;
    for (int first = 0; first + each <= wanted.size(); first += each) {
      List<Named> here = new ArrayList<>();
      for (Assignment key : wanted.subList(first, first + each)) {
        Drive drive = done.get(key);
        if (drive != null) {
          here.add(new Named(key.scenario(), drive));
        }
      }
      if (here.size() == each) {
        for (Who who : Who.values()) {
          all.computeIfAbsent(who, w -> new ArrayList<>()).add(here.get(who.ordinal()));
        }
      }
    }
    return all;
  }

  /** A drive with the name of its scenario. */
  record Named(String scenario, Drive drive) {}

  /** Sums over drives. */
  private record Sum(
      int drives,
      long collided,
      long ranRed,
      long ranStop,
      long left,
      double completion,
      long falseStops,
      long clean,
      long misses) {

    static Sum of(List<Named> drives) {
      List<Drive> all = drives.stream().map(Named::drive).toList();
      return new Sum(
          all.size(),
          all.stream().filter(drive -> drive.collisions() > 0).count(),
          all.stream().filter(drive -> drive.redLights() > 0).count(),
          all.stream().filter(drive -> drive.stopSigns() > 0).count(),
          all.stream().filter(drive -> drive.departures() > 0).count(),
          all.stream().mapToDouble(Drive::completion).average().orElse(Double.NaN),
          all.stream().filter(Drive::falseStop).count(),
          all.stream().filter(Drive::clean).count(),
          all.stream().mapToLong(Drive::misses).sum());
    }

    double cleanShare() {
      return (double) clean / Math.max(1, drives);
    }

    List<String> row(String name) {
      return List.of(
          name,
          Integer.toString(drives),
          Long.toString(collided),
          Long.toString(ranRed),
          Long.toString(ranStop),
          Long.toString(left),
          BenchKv.percent(completion),
          Long.toString(falseStops),
          BenchKv.percent(cleanShare()),
          Long.toString(misses));
    }
  }

  /**
   * Puts figures and tables into a report.
   *
   * @param drives by driver, in the same order of sequences
   * @param wanted sequences that were asked for
   */
  static void write(Report report, Map<Who, List<Named>> drives, int wanted) {
    int sequences = drives.getOrDefault(Who.MODEL, List.of()).size();
    report.line(
        "closed loop: %d of %d sequences; reflex off; the model acts after the latency it had, rules after %d ms"
            .formatted(sequences, wanted, RULE_LATENCY_NS / 1_000_000));
    report.line(
        "all steer as the model does; completion: share of the truth-driven expert's metres, no drive more than its own");
    report.figure("sequences", sequences, "driven by all four");
    if (sequences == 0) {
      return;
    }
    List<List<String>> table = new ArrayList<>();
    table.add(
        List.of(
            "driver",
            "drives",
            "collided",
            "ran red",
            "ran stop",
            "left lane",
            "completion %",
            "false stops",
            "clean %",
            "misses"));
    Map<Who, Sum> sums = new EnumMap<>(Who.class);
    drives.forEach(
        (who, all) -> {
          Sum sum = Sum.of(all);
          sums.put(who, sum);
          table.add(sum.row(who.words));
          report.detail(who.key() + "_collided", (double) sum.collided);
          report.detail(who.key() + "_ran_red", (double) sum.ranRed);
          report.detail(who.key() + "_clean_share", sum.cleanShare());
          report.detail(who.key() + "_completion", sum.completion);
        });
    drives.forEach(
        (who, all) ->
            table.add(
                Sum.of(all.stream().filter(one -> HELD_OUT.contains(one.scenario())).toList())
                    .row(who.words + ", held-out kinds")));
    for (String scenario : Scenario.names()) {
      table.add(
          Sum.of(
                  drives.getOrDefault(Who.MODEL, List.of()).stream()
                      .filter(one -> one.scenario().equals(scenario))
                      .toList())
              .row("model, " + scenario));
    }
    report.table(table);
    Sum own = sum(sums, Who.MODEL);
    Sum lidar = sum(sums, Who.LIDAR);
    report
        .figure("collided", own.collided, "drives")
        .figure("ran_red", own.ranRed, "drives")
        .figure("collisions_over_lidar", over(own.collided, lidar.collided), "x")
        .figure("red_over_lidar", over(own.ranRed, lidar.ranRed), "x")
        .figure("completion_of_expert", own.completion, "of the expert's metres")
        .figure("false_stop_share", (double) own.falseStops / sequences, "of the drives")
        .figure(
            "clean_above_cruise",
            own.cleanShare() - sum(sums, Who.CRUISE).cleanShare(),
            "of the drives")
        .figure(
            "clean_above_without_streaming",
            own.cleanShare() - sum(sums, Who.WITHOUT_STREAMING).cleanShare(),
            "of the drives");
  }

  private static Sum sum(Map<Who, Sum> sums, Who who) {
    return sums.getOrDefault(who, Sum.of(List.of()));
  }

  /** Of what another one did; where that did nothing wrong, nothing may be wrong. */
  private static double over(long own, long other) {
    return other > 0 ? (double) own / other : own == 0 ? 0 : Double.POSITIVE_INFINITY;
  }
}
