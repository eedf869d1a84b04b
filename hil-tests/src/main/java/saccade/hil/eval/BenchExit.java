package saccade.hil.eval;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import saccade.hil.Measurement;
import saccade.hil.ModelOption;
import saccade.hil.report.PairedRatio;
import saccade.hil.report.Progress;
import saccade.hil.report.Report;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.perception.DecodeOptions;
import saccade.perception.SessionOptions;
import saccade.perception.engine.LoadedModel;
import saccade.perception.exit.Agreement;
import saccade.perception.exit.Confidence;
import saccade.perception.exit.ExitBudget;
import saccade.perception.exit.ExitRule;
import saccade.perception.exit.ExitView;
import saccade.perception.exit.FixedExit;
import saccade.perception.model.ModelPackage;
import saccade.planner.ActionCodec;
import saccade.realtime.clock.NanoClock;

/**
 * {@code saccade bench exit}: accuracy against the mean number of decoder layers. Fixed exits,
 * confidence and agreement of exits (DeeR), both with thresholds solved on other sequences for the
 * same budgets; drafts from the first slice (LayerSkip), which change nothing but the time; a
 * skipped slice. Exits decide here whatever they are asked, also what the package does not let
 * them.
 */
@Command(
    name = "exit",
    mixinStandardHelpOptions = true,
    description =
        "Accuracy against mean decoder layers: fixed exits, confidence, agreement (DeeR), LayerSkip, a skipped slice.")
public final class BenchExit extends Measurement {
  private static final double[] BUDGETS = {2.5, 3, 3.5, 4, 5}; // mean layers
  private static final int CALIBRATION_FROM = 500_000; // index of its first sequence

  @Mixin private final ModelOption model = new ModelOption();

  @Option(
      names = "--sequences",
      paramLabel = "N",
      description = "Held-out sequences, and as many to calibrate; default 60, with --quick 12.")
  private int sequences;

  @Option(
      names = "--frames",
      paramLabel = "N",
      description = "Frames of each sequence; default ${DEFAULT-VALUE}.")
  private int frames = 5;

  /** Filled by picocli. */
  public BenchExit() {}

  /** Never leaves, and writes down what other rules would have seen. */
  static final class Recorder implements ExitRule {
    final List<float[]> changes = new ArrayList<>(); // (exits but the last)
    final List<float[]> doubts = new ArrayList<>(); // (exits but the last) minus confidence
    private final int exits;

    Recorder(int exits) {
      this.exits = exits;
    }

    @Override
    public boolean leaves(ExitView view) {
      if (view.slice() == 0) {
        changes.add(new float[exits - 1]);
        doubts.add(new float[exits - 1]);
      }
      changes.getLast()[view.slice()] = view.change();
      doubts.getLast()[view.slice()] = -view.confidence(0);
      return false;
    }

    @Override
    public String name() {
      return "recorder";
    }

    Agreement agreement(double[] shares) {
      return new Agreement(ExitBudget.thresholds(changes.toArray(float[][]::new), shares));
    }

    Confidence confidence(double[] shares) {
      float[] thresholds = ExitBudget.thresholds(doubts.toArray(float[][]::new), shares);
      for (int i = 0; i < thresholds.length; i++) {
        thresholds[i] = -thresholds[i];
      }
      return new Confidence(thresholds);
    }
  }

  @Override
  protected Report measure(Progress progress) {
    int count = sequences > 0 ? sequences : quick() ? 12 : 60;
    if (sequences < 0 || frames < 2 || frames > 64) {
      throw new BadInput(
          "--sequences, --frames: wanted 1 or more and 2 to 64, found %d and %d"
              .formatted(sequences, frames));
    }
    ModelPackage shape = ModelPerceiver.description(model.dir());
    Rig rig = ModelPerceiver.rigFor(shape);
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    NanoClock cpu = threads::getCurrentThreadCpuTime;
    ActionCodec codec = new ActionCodec(ModelPerceiver.codecOf(shape).action());
    Report report = new Report("bench exit");
    try (LoadedModel loaded = ModelPerceiver.load(model.dir())) {
      Recorder recorder = calibrate(loaded, rig, cpu, codec, count, frames, progress);
      List<DecodeWay> ways = new ArrayList<>();
      try (EncodedDrive drive = new EncodedDrive(loaded, rig, 0, count, frames, cpu, progress)) {
        ways(ways, loaded, rig, cpu, recorder);
        DecodeWay.run(ways, drive, shape, codec, "sequences", progress);
        write(report, ways, shape, count);
      } finally {
        ways.forEach(DecodeWay::close);
      }
    }
    return report.fact("model", shape.sha256()).fact("modelVersion", shape.version());
  }

  /** What the exits of other held-out sequences look like. */
  static Recorder calibrate(
      LoadedModel loaded,
      Rig rig,
      NanoClock cpu,
      ActionCodec codec,
      int count,
      int frames,
      Progress progress) {
    Recorder recorder = new Recorder(loaded.model().decoder().slices());
    try (EncodedDrive drive =
            new EncodedDrive(loaded, rig, CALIBRATION_FROM, count, frames, cpu, progress);
        DecodeWay way = way("calibration", recorder, loaded, rig, cpu)) {
      DecodeWay.run(List.of(way), drive, loaded.model(), codec, "calibration", progress);
    }
    return recorder;
  }

  static int[] layers(ModelPackage model) {
    int[] layers = model.decoder().layersPerSlice().clone();
    for (int i = 1; i < layers.length; i++) {
      layers[i] += layers[i - 1];
    }
    return layers;
  }

  private static DecodeWay way(
      String name, ExitRule rule, LoadedModel loaded, Rig rig, NanoClock cpu) {
    return way(name, DecodeOptions.SHIPPED.withExits(rule, true), true, loaded, rig, cpu);
  }

  private static DecodeWay way(
      String name,
      DecodeOptions decode,
      boolean drafts,
      LoadedModel loaded,
      Rig rig,
      NanoClock cpu) {
    return new DecodeWay(
        name,
        loaded,
        rig,
        cpu,
        SessionOptions.DEFAULT.withDrafts(drafts).withDecode(decode),
        DecodeWay.Memory.STREAM);
  }

  private static void ways(
      List<DecodeWay> ways, LoadedModel loaded, Rig rig, NanoClock cpu, Recorder recorder) {
    int[] layers = layers(loaded.model());
    int last = layers.length - 1;
    ways.add(way("layers_" + layers[last], ExitRule.DEEPEST, loaded, rig, cpu));
    for (int exit = 0; exit < last; exit++) {
      ways.add(way("layers_" + layers[exit], new FixedExit(exit), loaded, rig, cpu));
    }
    for (double budget : BUDGETS) {
      if (budget > layers[0] && budget < layers[last]) {
        double[] shares = ExitBudget.shares(layers, budget);
        String name =
            String.format(Locale.ROOT, "_%.1f", budget).replace(".0", "").replace('.', '_');
        ways.add(way("confidence" + name, recorder.confidence(shares), loaded, rig, cpu));
        ways.add(way("agreement" + name, recorder.agreement(shares), loaded, rig, cpu));
      }
    }
    DecodeOptions any = DecodeOptions.SHIPPED.withExits(ExitRule.DEEPEST, true);
    ways.add(way("no_drafts", any, false, loaded, rig, cpu));
    ways.add(way("layer_skip", any.withLayerSkip(true), false, loaded, rig, cpu));
    ways.add(way("layer_skip_too", any.withLayerSkip(true), true, loaded, rig, cpu));
    for (int slice = 1; slice <= last; slice++) {
      ways.add(way("without_slice_" + slice, any.withSkippedSlice(slice), true, loaded, rig, cpu));
    }
  }

  private void write(Report report, List<DecodeWay> ways, ModelPackage shape, int count) {
    DecodeWay whole = ways.getFirst();
    report.line(
        "%d held-out sequences of %d frames, thresholds from as many others; encoder features shared; processor time of one thread, p50"
            .formatted(count, frames));
    report.line("layers: mean of the sets; stood: drafted tokens that stood");
    List<List<String>> table = new ArrayList<>();
    table.add(
        List.of(
            "rule",
            "layers",
            "mean %",
            "kept %",
            "maneuver %",
            "same %",
            "prefill ms",
            "decode ms",
            "stood %"));
    for (DecodeWay way : ways) {
      long drafted = way.session.draftedTokens();
      table.add(
          List.of(
              way.name,
              String.format(Locale.ROOT, "%.2f", way.meanLayers()),
              BenchKv.percent(way.score.mean()),
              BenchKv.percent(way.score.mean() / whole.score.mean()),
              BenchKv.percent(way.score.accuracy(0)),
              BenchKv.percent(way.sameAs(whole, frames, 0, frames)),
              String.format(Locale.ROOT, "%.1f", way.prefillMs()),
              String.format(Locale.ROOT, "%.1f", way.decodeMs()),
              drafted == 0 ? "-" : Long.toString(100 * way.session.acceptedTokens() / drafted)));
      report.detail(way.name + "_layers", BenchKv.round(way.meanLayers()));
      report.detail(way.name + "_mean", BenchKv.round(way.score.mean()));
    }
    report.table(table);
    int deepest = shape.decoder().layers();
    double best = Double.NaN;
    String by = "none";
    for (DecodeWay way : ways) {
      boolean asked = !way.name.startsWith("without_") && way.meanLayers() <= deepest / 2.0 + 1e-9;
      if (asked && !(way.score.mean() <= best)) {
        best = way.score.mean();
        by = way.name;
      }
    }
    int rounds = 0;
    double ahead = 0;
    for (double budget : BUDGETS) {
      String name = String.format(Locale.ROOT, "_%.1f", budget).replace(".0", "").replace('.', '_');
      DecodeWay sure = named(ways, "confidence" + name);
      DecodeWay agree = named(ways, "agreement" + name);
      if (sure != null && agree != null) {
        rounds++;
        ahead += agree.score.mean() - sure.score.mean();
      }
    }
    DecodeWay plain = named(ways, "no_drafts");
    DecodeWay skip = named(ways, "layer_skip");
    PairedRatio skipTime = new PairedRatio();
    if (plain != null && skip != null) {
      for (int i = 0; i < plain.sets(); i++) {
        skipTime.add(plain.decodeNs.get(i), skip.decodeNs.get(i), plain.decodeNs.get(i));
      }
      report.figure(
          "layer_skip_same",
          skip.sameAs(plain, frames, 0, frames),
          "answers equal to those without drafts");
      report.figure("layer_skip_time", skipTime.median(), "x, processor time without drafts");
    }
    report
        .figure("sets", whole.sets(), "")
        .figure(
            "kept_at_half",
            best / whole.score.mean(),
            "of the accuracy of all layers, half of them or fewer")
        .fact("best_at_half", by)
        .figure(
            "agreement_over_confidence",
            rounds == 0 ? Double.NaN : ahead / rounds,
            "right answers more, mean of equal budgets")
        .line(
            ahead > 0
                ? "agreement of exits (DeeR) beats confidence at equal budgets"
                : "agreement of exits (DeeR) does not beat confidence at equal budgets");
  }

  private static @Nullable DecodeWay named(List<DecodeWay> ways, String name) {
    return ways.stream().filter(way -> way.name.equals(name)).findFirst().orElse(null);
  }
}
