package saccade.hil.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import saccade.hil.Measurement;
import saccade.hil.ModelOption;
import saccade.hil.report.Progress;
import saccade.hil.report.Quantile;
import saccade.hil.report.Report;
import saccade.kernels.geometry.Rig;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.perception.PerceptionOutput;
import saccade.perception.PerceptionSession;
import saccade.perception.SessionOptions;
import saccade.perception.SetInput;
import saccade.perception.SetLimits;
import saccade.perception.model.ModelPackage;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.deadline.WorkShape;
import saccade.realtime.schedule.LatencyModel;
import saccade.realtime.schedule.LatencyTable;

/**
 * {@code saccade bench latency}: whether the latency model's p99 covers 97 to 99.9 % of the slices
 * of a run that it was not fitted on. One drive fits it and leaves a table, as {@code saccade model
 * bench} does. On another drive, with a session of its own, each slice is predicted before it runs:
 * by a model that begins with the table and goes on learning, as in the product, and by the table
 * alone. Wall-clock times, since that is what a deadline knows.
 *
 * <p>Sets leave at each exit that may decide an action and write whole, brief and no texts, drawn
 * from a seed, since what is left of a budget asks for any of them. Texts as a whole are predicted
 * by facts and exit; beside it stands what one size for all exits would have said.
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

  /** How far texts are from what was expected of them, as a part of that. */
  private static final class TextScore {
    final LatencyModel byExit;
    final LatencyModel oneSize;
    final WorkShape shape;
    final List<Double> errors = new ArrayList<>();
    final List<Double> errorsOfOneSize = new ArrayList<>();

    TextScore(List<String> names, WorkShape shape) {
      this.byExit = new LatencyModel(names);
      this.oneSize = new LatencyModel(names);
      this.shape = shape;
    }

    void text(int facts, int exit, long tookNs) {
      int size = shape.textSize(facts, exit);
      int anyExit = shape.textSize(facts, shape.deepest());
      note(byExit, size, tookNs, errors);
      note(oneSize, anyExit, tookNs, errorsOfOneSize);
      byExit.observe(shape.textKind(), size, tookNs);
      oneSize.observe(shape.textKind(), anyExit, tookNs);
    }

    private void note(LatencyModel model, int size, long tookNs, List<Double> into) {
      long expectedNs = model.p50Ns(shape.textKind(), size);
      if (expectedNs > 0) {
        into.add(Math.abs((double) (tookNs - expectedNs)) / expectedNs);
      }
    }

    static double percent(List<Double> errors) {
      return 100 * Quantile.of(errors.stream().mapToDouble(Double::doubleValue).toArray(), 0.5);
    }
  }

  private static void drive(
      ModelPerceiver model,
      BenchStream.Loop loop,
      int count,
      long seed,
      Sink sink,
      @Nullable TextScore texts) {
    PerceptionSession session = model.session();
    WorkShape shape = model.shape();
    SetLimits limits = session.limits();
    SplittableRandom random = new SplittableRandom(seed);
    SetInput input = new SetInput(loop.cameras());
    int action = session.actionSlice();
    for (int set = -WARM_SETS; set < count; set++) {
      loop.fill(input, set + WARM_SETS);
      int exit = random.nextInt(shape.earliest(), shape.deepest() + 1);
      int facts = new int[] {shape.facts(), shape.briefFacts(), 0}[random.nextInt(3)];
      limits.exit(exit);
      limits.facts(facts);
      long actionNs = 0;
      long textNs = 0;
      session.begin(input, Long.MAX_VALUE / 2);
      while (session.nextSlice() != PerceptionSession.DONE) {
        int slice = session.nextSlice();
        session.step(0);
        actionNs += slice == action ? session.lastSliceNs() : 0;
        textNs += slice > action ? session.lastSliceNs() : 0;
        if (set >= 0) {
          sink.slice(slice, session.lastSize(), session.lastSliceNs());
        }
      }
      PerceptionOutput output = session.output();
      if (set < 0 || output.kind() != PerceptionOutput.Kind.COMPLETE) {
        continue;
      }
      int left = output.exitSlice();
      sink.slice(shape.actionKind(), shape.layersUpTo(left) * WorkShape.SIZE_PER_LAYER, actionNs);
      if (textNs > 0) {
        sink.slice(shape.textKind(), shape.textSize(facts, left), textNs);
        if (texts != null) {
          texts.text(facts, left, textNs);
        }
      }
    }
    limits.clear();
  }

  @Override
  protected Report measure(Progress progress) {
    int count = sets > 0 ? sets : quick() ? 200 : 1000;
    ModelPackage shape = ModelPerceiver.description(model.dir());
    Rig rig = ModelPerceiver.rigFor(shape);
    Report report = new Report("bench latency");
    NanoClock clock = NanoClock.system();
    try (ModelPerceiver fitted =
            ModelPerceiver.open(model.dir(), rig, clock, SessionOptions.shipped(shape));
        ModelPerceiver judged =
            ModelPerceiver.open(model.dir(), rig, clock, SessionOptions.shipped(shape));
        BenchStream.Loop one = new BenchStream.Loop(rig, "demo", 1);
        BenchStream.Loop other = new BenchStream.Loop(rig, "crossing-pedestrian", 7)) {
      List<String> names = fitted.kindNames();
      LatencyModel fit = new LatencyModel(names);
      progress.at("drives", 0, 2);
      drive(fitted, one, count, 1, fit::observe, null);
      progress.at("drives", 1, 2);
      LatencyTable table = LatencyTable.parse(fit.table(shape.sha256(), "here").text(), "table");
      Score learning = new Score(names, table, true);
      Score frozen = new Score(names, table, false);
      TextScore texts = new TextScore(names, judged.shape());
      drive(
          judged,
          other,
          count,
          2,
          (kind, size, tookNs) -> {
            learning.add(kind, size, tookNs);
            frozen.add(kind, size, tookNs);
          },
          texts);
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
          .figure(
              "text_error",
              TextScore.percent(texts.errors),
              "% median distance of a text from its predicted p50, by facts and exit")
          .figure(
              "text_error_one_size",
              TextScore.percent(texts.errorsOfOneSize),
              "% likewise, were all exits one size")
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
