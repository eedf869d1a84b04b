package saccade.hil.overload;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import saccade.hil.Measurement;
import saccade.hil.ModelOption;
import saccade.hil.bench.BenchStream;
import saccade.hil.report.PairedRatio;
import saccade.hil.report.Progress;
import saccade.hil.report.Report;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.perception.SessionOptions;
import saccade.perception.model.ModelPackage;
import saccade.perception.model.WorthTable;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.deadline.BudgetController;
import saccade.realtime.deadline.Decision;
import saccade.realtime.deadline.DegradeLadder;
import saccade.realtime.deadline.Sight;
import saccade.realtime.deadline.WorkShape;
import saccade.realtime.deadline.Worth;
import saccade.realtime.overload.Arrivals;
import saccade.realtime.overload.Baselines;
import saccade.realtime.overload.Engine;
import saccade.realtime.overload.Policy;
import saccade.realtime.overload.RunClock;
import saccade.realtime.overload.SaccadePolicy;
import saccade.realtime.overload.SimulatedEngine;
import saccade.realtime.overload.StreamRun;
import saccade.realtime.overload.StreamRun.Figures;
import saccade.realtime.overload.TableTimes;
import saccade.realtime.overload.Terms;
import saccade.realtime.schedule.LatencyModel;
import saccade.realtime.schedule.LatencyTable;

/**
 * {@code saccade hil overload}: sets come at half to five times the rate that the machine can run
 * in full, whatever becomes of them, and then at half of it again. The same arrivals for the
 * product's policy and six others, in turn, on the real engine; with {@code --simulated} on a
 * simulated clock with the slice times that were measured at the start.
 *
 * <p>An instant has missed its action when, at its deadline, there is none of it or of a newer one:
 * as {@code Pipeline} counts. Useful is an action or a text that is delivered while valid, weighted
 * by what it is worth at the sight it was made with ({@code saccade model worth}); 1 would be both,
 * by the whole model, of every set.
 */
@Command(
    name = "overload",
    mixinStandardHelpOptions = true,
    description =
        "Arrivals at 0.5 to 5 times capacity and back: misses, useful outputs and age of seven policies.")
public final class OverloadCommand extends Measurement {
  private static final double[] LOADS = {0.5, 1, 1.5, 2, 3, 5};
  private static final String OURS = "saccade";
  private static final double CALM = 0.5; // load before and after
  private static final long CALM_NS = 600_000_000L;
  private static final long BACK_NS = 2_600_000_000L;
  private static final int FULL_IN_ROW = 5;
  private static final long REFLEX_NS = 30_000_000L;
  private static final int WARM_SETS = 40;
  private static final int CAPACITY_SETS = 60;

  @Mixin private final ModelOption model = new ModelOption();

  @Option(
      names = "--simulated",
      description = "A simulated clock with slice times measured at the start: no real slices.")
  private boolean simulated;

  @Option(
      names = "--wall",
      description =
          "Deadlines by the wall clock. Default: by the processor time of the thread that runs the slices, so that other"
              + " programs on the machine do not decide.")
  private boolean wall;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "Of each load; default 5, with --quick 2.")
  private double seconds;

  @Option(
      names = "--repeats",
      paramLabel = "N",
      description = "Of everything, policies in turn; default 5, with --quick 1.")
  private int repeats;

  @Option(
      names = "--loads",
      split = ",",
      paramLabel = "X",
      description = "Times capacity; default 0.5,1,1.5,2,3,5.")
  private double[] loads = LOADS;

  /** Filled by picocli. */
  public OverloadCommand() {}

  /** What one run of a policy under a load showed. */
  private record Shown(Figures load, double recoveryS, StreamRun.Outcome outcome) {}

  @Override
  protected Report measure(Progress progress) {
    double eachS = seconds > 0 ? seconds : quick() ? 2 : 5;
    int rounds = repeats > 0 ? repeats : quick() ? 1 : 5;
    ModelPackage shape = ModelPerceiver.description(model.dir());
    Rig rig = ModelPerceiver.rigFor(shape);
    Report report = new Report("hil overload");
    try (ModelPerceiver perceiver =
            ModelPerceiver.open(model.dir(), rig, clock(), SessionOptions.shipped(shape));
        BenchStream.Loop drive = new BenchStream.Loop(rig, "demo", 1)) {
      Worth worth = perceiver.worth();
      if (worth == null) {
        throw new BadInput(
            "%s: found no %s, wanted what its answers are worth; measure it with ./saccade model worth --out"
                .formatted(model.dir(), WorthTable.FILE));
      }
      perceiver.warmUp(WARM_SETS);
      LatencyTable table = perceiver.profile(quick() ? 120 : 240, "here");
      RealEngine engine = new RealEngine(perceiver, rig, drive);
      double capacity = capacity(engine);
      measure(report, engine, table, worth, capacity, eachS, rounds, progress);
      report.fact("model", shape.sha256()).fact("mode", mode());
    }
    return report;
  }

  /** Measures slices; in the domain of deadlines but for its origin. */
  private NanoClock clock() {
    return wall ? NanoClock.system() : ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime;
  }

  private RunClock runClock() {
    return wall ? RunClock.wall() : RunClock.processor(clock());
  }

  private String mode() {
    return simulated
        ? "simulated slices"
        : wall ? "real slices, wall clock" : "real slices, processor time";
  }

  /** Sets a second, in full, one after the other; text included. */
  private double capacity(RealEngine engine) {
    RunClock clock = runClock();
    WorkShape shape = engine.shape();
    Decision full = new Decision(shape.sensors());
    double[] tookS = new double[CAPACITY_SETS];
    for (int set = -WARM_SETS; set < CAPACITY_SETS; set++) {
      full.settle(shape, Sight.WHOLE, shape.facts(), -1L, 0, 0);
      long fromNs = clock.nanoTime();
      engine.reflex(set + WARM_SETS);
      engine.begin(set + WARM_SETS, full, Policy.NEVER);
      boolean more = true;
      while (more) {
        more = engine.step(clock.nanoTime());
      }
      if (set >= 0) {
        tookS[set] = (clock.nanoTime() - fromNs) * 1e-9;
      }
    }
    return 1 / Arrays.stream(tookS).average().orElseThrow();
  }

  private void measure(
      Report report,
      RealEngine engine,
      LatencyTable table,
      Worth worth,
      double capacity,
      double eachS,
      int rounds,
      Progress progress) {
    PipelineOptions options = PipelineOptions.tenHertz();
    Terms terms = new Terms(REFLEX_NS, options.maxAgeNs(), worth);
    Map<String, List<List<Shown>>> all = new LinkedHashMap<>(); // by policy: (loads)(rounds)
    int done = 0;
    int policies = policies(engine, table, worth, options).size();
    for (int round = 0; round < rounds; round++) {
      for (int load = 0; load < loads.length; load++) {
        for (int i = 0; i < policies; i++) {
          Policy policy =
              policies(engine, table, worth, options).get((i + round + load) % policies);
          Shown shown =
              once(engine, table, options, terms, policy, capacity, loads[load], eachS, round);
          List<List<Shown>> byLoad =
              all.computeIfAbsent(
                  policy.name(),
                  name ->
                      Arrays.stream(loads)
                          .mapToObj(x -> (List<Shown>) new ArrayList<Shown>())
                          .toList());
          byLoad.get(load).add(shown);
          progress.at("runs", ++done, (long) rounds * loads.length * policies);
        }
      }
    }
    write(report, all, capacity, options, eachS, rounds);
  }

  private static List<Policy> policies(
      Engine engine, LatencyTable table, Worth worth, PipelineOptions options) {
    WorkShape shape = engine.shape();
    LatencyModel learnt = new LatencyModel(engine.kindNames());
    learnt.seed(table);
    List<Policy> list = new ArrayList<>();
    list.add(
        new SaccadePolicy(
            new BudgetController(
                learnt, shape, new DegradeLadder(DegradeLadder.Options.DEFAULT), worth),
            options.reserveNs(),
            0));
    list.addAll(Baselines.all(shape, Baselines.stageNs(shape, learnt)));
    return list;
  }

  private Shown once(
      RealEngine real,
      LatencyTable table,
      PipelineOptions options,
      Terms terms,
      Policy policy,
      double capacity,
      double load,
      double eachS,
      int round) {
    RunClock clock;
    Engine engine;
    if (simulated) {
      RunClock.Simulated virtual = RunClock.simulated(1_000_000_000L);
      LatencyModel times = new LatencyModel(real.kindNames());
      times.seed(table);
      engine =
          new SimulatedEngine(
              real.shape(),
              real.kindNames(),
              new TableTimes(real.shape(), times, round + 1, 1),
              virtual,
              1);
      clock = virtual;
    } else {
      real.reset();
      engine = real;
      clock = runClock();
    }
    long startNs = clock.nanoTime() + 2_000_000L;
    long loadNs = Math.round(eachS * 1e9);
    long sensors = (1L << real.shape().sensors()) - 1;
    Arrivals arrivals =
        Arrivals.openLoop(
            startNs,
            sensors,
            options.budgetNs(),
            new Arrivals.Stretch(CALM * capacity, CALM_NS),
            new Arrivals.Stretch(load * capacity, loadNs),
            new Arrivals.Stretch(CALM * capacity, BACK_NS));
    StreamRun.Outcome outcome = new StreamRun(arrivals, engine, policy, clock).run();
    long fromNs = startNs + CALM_NS;
    Figures figures = outcome.figures(arrivals.from(fromNs), arrivals.from(fromNs + loadNs), terms);
    return new Shown(figures, outcome.recoveryS(fromNs + loadNs, FULL_IN_ROW), outcome);
  }

  // ---- what is printed ----

  private interface Value {
    double of(Shown shown);
  }

  private static double mean(List<Shown> shown, Value value) {
    return shown.stream().mapToDouble(value::of).average().orElse(Double.NaN);
  }

  private static double median(List<Shown> shown, Value value) {
    double[] values = shown.stream().mapToDouble(value::of).toArray();
    return PairedRatio.median(values, values.length);
  }

  private void write(
      Report report,
      Map<String, List<List<Shown>>> all,
      double capacity,
      PipelineOptions options,
      double eachS,
      int rounds) {
    report.line(
        String.format(
            Locale.ROOT,
            "capacity %.1f sets/s in full (reflex, action, text); budget %d ms; %s; %d x %.1f s a load",
            capacity,
            options.budgetNs() / 1_000_000,
            mode(),
            rounds,
            eachS));
    report.line(
        "missed: at the deadline nothing of the instant or newer (reflex 30 ms, action and text the budget);"
            + " own: sets without an action of their own in time");
    report.line(
        "useful: actions and texts delivered within "
            + options.maxAgeNs() / 1_000_000
            + " ms, weighted by what they are worth where they were made (saccade model worth), of all that whole ones would be");
    for (int load = 0; load < loads.length; load++) {
      List<List<String>> table = new ArrayList<>();
      table.add(
          List.of(
              times(loads[load]),
              "reflex missed %",
              "action missed %",
              "own %",
              "text missed %",
              "useful",
              "actions alone",
              "age p50 ms",
              "age p99 ms",
              "quality",
              "full after s"));
      for (Map.Entry<String, List<List<Shown>>> entry : all.entrySet()) {
        List<Shown> shown = entry.getValue().get(load);
        table.add(
            List.of(
                entry.getKey(),
                percent(mean(shown, s -> s.load.reflexMisses())),
                percent(mean(shown, s -> s.load.actionMisses())),
                percent(mean(shown, s -> s.load.unanswered())),
                percent(mean(shown, s -> s.load.textMisses())),
                three(mean(shown, s -> s.load.useful())),
                three(mean(shown, s -> s.load.usefulActions())),
                Report.number(median(shown, s -> s.load.ageP50Ms())),
                Report.number(median(shown, s -> s.load.ageP99Ms())),
                three(mean(shown, s -> s.load.quality())),
                Report.number(median(shown, Shown::recoveryS))));
      }
      report.line("");
      report.table(table);
      String x = word(loads[load]);
      List<Shown> ours = all.getOrDefault(OURS, List.of()).get(load);
      for (Map.Entry<String, List<List<Shown>>> entry : all.entrySet()) {
        String name = entry.getKey().replace('-', '_');
        List<Shown> shown = entry.getValue().get(load);
        report
            .detail(name + "_reflex_missed_" + x, mean(shown, s -> s.load.reflexMisses()))
            .detail(name + "_action_missed_" + x, mean(shown, s -> s.load.actionMisses()))
            .detail(name + "_own_missed_" + x, mean(shown, s -> s.load.unanswered()))
            .detail(name + "_text_missed_" + x, mean(shown, s -> s.load.textMisses()))
            .detail(name + "_useful_" + x, mean(shown, s -> s.load.useful()))
            .detail(name + "_useful_actions_" + x, mean(shown, s -> s.load.usefulActions()))
            .detail(name + "_age_p50_ms_" + x, median(shown, s -> s.load.ageP50Ms()))
            .detail(name + "_age_p99_ms_" + x, median(shown, s -> s.load.ageP99Ms()))
            .detail(name + "_quality_" + x, mean(shown, s -> s.load.quality()))
            .detail(name + "_recovery_s_" + x, median(shown, Shown::recoveryS));
      }
      report.detail("useful_ratio_" + x, overBest(all, ours, load));
    }
    figures(report, all, capacity);
  }

  /** Ours over the best other one of the same round; the median of the rounds. */
  private static double overBest(Map<String, List<List<Shown>>> all, List<Shown> ours, int load) {
    double[] ratios = new double[ours.size()];
    for (int round = 0; round < ratios.length; round++) {
      double best = 0;
      for (Map.Entry<String, List<List<Shown>>> entry : all.entrySet()) {
        if (!entry.getKey().equals(OURS)) {
          best = Math.max(best, entry.getValue().get(load).get(round).load.useful());
        }
      }
      ratios[round] = ours.get(round).load.useful() / best;
    }
    return PairedRatio.median(ratios, ratios.length);
  }

  private void figures(Report report, Map<String, List<List<Shown>>> all, double capacity) {
    List<List<Shown>> ours = all.getOrDefault(OURS, List.of());
    report.figure("capacity", capacity, "sets/s in full");
    double recoveryS = 0;
    double longestNs = 0;
    double reflexWaitNs = 0;
    for (int load = 0; load < loads.length; load++) {
      recoveryS =
          loads[load] > 1
              ? Math.max(recoveryS, median(ours.get(load), Shown::recoveryS))
              : recoveryS;
      for (Shown shown : ours.get(load)) {
        longestNs = Math.max(longestNs, (double) shown.outcome.longestSliceNs());
        reflexWaitNs = Math.max(reflexWaitNs, (double) shown.outcome.longestReflexWaitNs());
      }
      if (loads[load] == 1.5) {
        report
            .figure(
                "reflex_missed_at_1_5", 100 * mean(ours.get(load), s -> s.load.reflexMisses()), "%")
            .figure(
                "action_missed_at_1_5", 100 * mean(ours.get(load), s -> s.load.actionMisses()), "%")
            .figure(
                "fifo_action_missed_at_1_5",
                100
                    * mean(
                        all.getOrDefault("fifo-10", List.of()).get(load),
                        s -> s.load.actionMisses()),
                "%");
      } else if (loads[load] == 3) {
        report
            .figure(
                "action_missed_at_3", 100 * mean(ours.get(load), s -> s.load.actionMisses()), "%")
            .figure(
                "useful_over_best_at_3",
                overBest(all, ours.get(load), load),
                "times the best other");
      } else if (loads[load] == 0.5) {
        report.figure(
            "useful_over_best_at_0_5", overBest(all, ours.get(load), load), "times the best other");
      }
    }
    report
        .figure("back_at_full", recoveryS, "s after the load, the slowest load's median")
        .figure("longest_slice", longestNs * 1e-6, "ms, under our policy")
        .figure("longest_reflex_wait", reflexWaitNs * 1e-6, "ms, under our policy");
  }

  private static String word(double load) {
    return times(load).substring(0, times(load).length() - 1).replace('.', '_');
  }

  private static String times(double load) {
    return (load == Math.rint(load) ? Integer.toString((int) load) : Double.toString(load)) + "x";
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f", 100 * share);
  }

  private static String three(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}
