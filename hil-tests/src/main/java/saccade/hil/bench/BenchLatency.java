package saccade.hil.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import saccade.hil.Measurement;
import saccade.hil.ModelOption;
import saccade.hil.report.Progress;
import saccade.hil.report.Report;
import saccade.kernels.geometry.Rig;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.perception.PerceptionSession;
import saccade.perception.SessionOptions;
import saccade.perception.SetInput;
import saccade.perception.engine.LoadedModel;
import saccade.perception.model.ModelPackage;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.schedule.LatencyModel;
import saccade.realtime.schedule.LatencyTable;

/**
 * {@code saccade bench latency}: whether the latency model's p99 covers 97 to 99.9 % of the slices
 * of a run that it was not fitted on. One drive fits it and leaves a table, as {@code saccade model
 * bench} does. On another drive, with a session of its own, each slice is predicted before it runs:
 * by a model that begins with the table and goes on learning, as in the product, and by the table
 * alone. Wall-clock times, since that is what a deadline knows.
 */
@Command(
    name = "latency",
    mixinStandardHelpOptions = true,
    description = "Whether the predicted p99 of slices holds on a run it was not fitted on.")
public final class BenchLatency extends Measurement {
  private static final int WARM_SETS = 40;

  @Mixin private final ModelOption model = new ModelOption();

  @Option(
      names = "--sets",
      paramLabel = "N",
      description = "Sets of each drive; default 1000, with --quick 200.")
  private int sets;

  /** Filled by picocli. */
  public BenchLatency() {}

  /** Predictions of one model, each made before its slice ran. */
  private static final class Score {
    final LatencyModel model;
    final boolean learns;
    long predicted;
    long covered;
    final long[] byKind; // (kinds)
    final long[] coveredByKind; // (kinds)

    Score(List<String> names, LatencyTable table, boolean learns) {
      this.model = new LatencyModel(names);
      this.learns = learns;
      this.byKind = new long[names.size()];
      this.coveredByKind = new long[names.size()];
      model.seed(table);
    }

    void add(int kind, int size, long tookNs) {
      long p99 = model.p99Ns(kind, size);
      if (p99 > 0) {
        boolean within = tookNs <= p99;
        predicted++;
        covered += within ? 1 : 0;
        byKind[kind]++;
        coveredByKind[kind] += within ? 1 : 0;
      }
      if (learns) {
        model.observe(kind, size, tookNs);
      }
    }

    double percent() {
      return 100.0 * covered / Math.max(1, predicted);
    }
  }

  private interface Sink {
    void slice(int kind, int size, long tookNs);
  }

  private static void drive(
      PerceptionSession session, BenchStream.Loop loop, int count, Sink sink) {
    SetInput input = new SetInput(loop.cameras());
    for (int set = -WARM_SETS; set < count; set++) {
      loop.fill(input, set + WARM_SETS);
      session.begin(input, Long.MAX_VALUE / 2);
      while (session.nextSlice() != PerceptionSession.DONE) {
        int slice = session.nextSlice();
        session.step(0);
        if (set >= 0) {
          sink.slice(slice, session.lastSize(), session.lastSliceNs());
        }
      }
    }
  }

  @Override
  protected Report measure(Progress progress) {
    int count = sets > 0 ? sets : quick() ? 200 : 1000;
    ModelPackage shape = ModelPerceiver.description(model.dir());
    Rig rig = ModelPerceiver.rigFor(shape);
    Report report = new Report("bench latency");
    NanoClock clock = NanoClock.system();
    SessionOptions options = SessionOptions.shipped(shape);
    try (LoadedModel loaded = ModelPerceiver.load(model.dir());
        PerceptionSession fitted = new PerceptionSession(loaded, rig, clock, options);
        PerceptionSession judged =
            new PerceptionSession(loaded, rig, clock, SessionOptions.shipped(shape));
        BenchStream.Loop one = new BenchStream.Loop(rig, "demo", 1);
        BenchStream.Loop other = new BenchStream.Loop(rig, "crossing-pedestrian", 7)) {
      List<String> names = new ArrayList<>();
      for (int slice = 0; slice < fitted.sliceKinds(); slice++) {
        names.add(fitted.sliceName(slice));
      }
      LatencyModel fit = new LatencyModel(names);
      progress.at("drives", 0, 2);
      drive(fitted, one, count, fit::observe);
      progress.at("drives", 1, 2);
      LatencyTable table = LatencyTable.parse(fit.table(shape.sha256(), "here").text(), "table");
      Score learning = new Score(names, table, true);
      Score frozen = new Score(names, table, false);
      drive(
          judged,
          other,
          count,
          (kind, size, tookNs) -> {
            learning.add(kind, size, tookNs);
            frozen.add(kind, size, tookNs);
          });
      progress.at("drives", 2, 2);
      report.line(
          String.format(
              Locale.ROOT,
              "%d slices of a drive that was not fitted, wall clock; p99 predicted before each",
              learning.predicted));
      report.table(table(names, learning, frozen));
      report
          .figure(
              "p99_covers", learning.percent(), "% of slices, table of another run and learning on")
          .figure("p99_covers_frozen", frozen.percent(), "% of slices, the table alone")
          .figure(
              "p50_error",
              100 * learning.model.p50Error(),
              "% median distance from the predicted p50")
          .figure("slices", learning.predicted, "slices judged")
          .detail("pace", learning.model.pace())
          .fact("model", shape.sha256());
    }
    return report;
  }

  private static List<List<String>> table(List<String> names, Score learning, Score frozen) {
    List<List<String>> table = new ArrayList<>();
    table.add(List.of("slice", "ran", "within p99 %", "by the table alone %"));
    for (int kind = 0; kind < names.size(); kind++) {
      if (learning.byKind[kind] > 0) {
        table.add(
            List.of(
                names.get(kind),
                Long.toString(learning.byKind[kind]),
                share(learning, kind),
                share(frozen, kind)));
      }
    }
    return table;
  }

  private static String share(Score score, int kind) {
    return String.format(
        Locale.ROOT, "%.2f", 100.0 * score.coveredByKind[kind] / Math.max(1, score.byKind[kind]));
  }
}
