package saccade.hil.eval;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import saccade.hil.Measurement;
import saccade.hil.ModelOption;
import saccade.hil.report.Machine;
import saccade.hil.report.Progress;
import saccade.hil.report.Report;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.perception.FrontierTable;
import saccade.perception.FrontierTable.Point;
import saccade.perception.engine.LoadedModel;
import saccade.perception.model.ModelPackage;
import saccade.planner.ActionCodec;
import saccade.realtime.clock.NanoClock;

/**
 * {@code saccade model tune}: searches pictures encoded x keep ratios x exits x window on this
 * machine and writes the best ways as a table that {@code frontier} of the perception node reads.
 *
 * <p>Greedy, in the form of G-Search: from the most accurate way, each step tries every knob one
 * notch lower and takes the one that loses the least accuracy for the time it saves, so that a few
 * dozen ways are measured and not all of them. Exits decide only what the package lets them.
 */
@Command(
    name = "tune",
    mixinStandardHelpOptions = true,
    description =
        "Searches pictures x tokens x exits x window on this machine; writes the table that the perception node's \"frontier\" reads.")
public final class ModelTune extends Measurement {
  private static final double[] SHARES = {1, 0.75, 0.5, 0.35, 0.25, 0.18, 0.12, 0.06};

  /** Which pictures are encoded; fewer from notch to notch. */
  private static final List<String> PICTURES =
      List.of("", "hold+every:1/2", "hold+every:1/4", "hold+every:2/4", "hold+every:3/6");

  private static final String INT8 = "int8+";

  private static final double GIVE_UP = 0.85; // of the accuracy of the whole model

  @Mixin private final ModelOption model = new ModelOption();

  @Option(
      names = "--sequences",
      paramLabel = "N",
      description = "Held-out sequences; default 40, with --quick 8.")
  private int sequences;

  @Option(
      names = "--frames",
      paramLabel = "N",
      description =
          "Frames of each sequence, more than the model's window: those behind it are judged; default ${DEFAULT-VALUE}.")
  private int frames = 8;

  @Option(
      names = "--tokens",
      paramLabel = "POLICY",
      description =
          "Token policy whose share is searched, @S in its place; default ${DEFAULT-VALUE}.")
  private String policy = "pixel-variance@S/ahead";

  @Option(
      names = "--ways",
      paramLabel = "N",
      description =
          "Begin no step of the search once so many ways are measured; default: all the way down.")
  private int most = Integer.MAX_VALUE;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "The table; default ${DEFAULT-VALUE}.")
  private Path out = Path.of("frontier.json");

  /** Filled by picocli. */
  public ModelTune() {}

  /** Notches of the knobs, 0 = whole. */
  private record Knobs(boolean int8, int pictures, int share, int exit, int window) {
    Point point(String policy, ModelPackage model, double ms, double accuracy) {
      String chosen = share == 0 ? "none" : policy.replace("@S", "@" + SHARES[share]);
      String tokens = int8 ? INT8 + chosen : chosen;
      return new Point(
          pictures == 0 ? tokens : PICTURES.get(pictures) + "+" + tokens,
          model.decoder().slices() - 1 - exit,
          model.window().sets() - window,
          ms,
          accuracy);
    }
  }

  @Override
  protected Report measure(Progress progress) throws IOException {
    int count = sequences > 0 ? sequences : quick() ? 8 : 40;
    ModelPackage shape = ModelPerceiver.description(model.dir());
    int settle = shape.window().sets();
    if (sequences < 0 || frames <= settle || frames > 64 || !policy.contains("@S")) {
      throw new BadInput(
          "--sequences, --frames, --tokens: wanted 1 or more, %d to 64 and a policy with @S, found %d, %d and %s"
              .formatted(settle + 1, sequences, frames, policy));
    }
    Rig rig = ModelPerceiver.rigFor(shape);
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    NanoClock cpu = threads::getCurrentThreadCpuTime;
    Report report = new Report("model tune");
    List<Point> measured = new ArrayList<>();
    try (LoadedModel loaded = ModelPerceiver.load(model.dir());
        EncodedDrive drive = new EncodedDrive(loaded, rig, 0, count, frames, cpu, progress)) {
      Knobs at = new Knobs(false, 0, 0, 0, 0);
      Point here = measure(List.of(at), loaded, rig, cpu, drive, progress).getFirst();
      Point full = here;
      measured.add(full);
      while (measured.size() < most && here.accuracy() >= GIVE_UP * full.accuracy()) {
        List<Knobs> next = lower(at, shape);
        if (next.isEmpty()) {
          break;
        }
        List<Point> tried = measure(next, loaded, rig, cpu, drive, progress);
        measured.addAll(tried);
        int best = best(here, tried);
        at = next.get(best);
        here = tried.get(best);
      }
    }
    List<Point> best = FrontierTable.frontier(measured);
    new FrontierTable(shape.sha256(), Machine.here().cpu(), best).write(out);
    write(report, measured, best, shape, count);
    return report.fact("model", shape.sha256()).fact("modelVersion", shape.version());
  }

  private static List<Knobs> lower(Knobs at, ModelPackage model) {
    List<Knobs> next = new ArrayList<>();
    if (!at.int8 && model.hasInt8Encoder()) {
      next.add(new Knobs(true, at.pictures, at.share, at.exit, at.window));
    }
    if (at.pictures < PICTURES.size() - 1) {
      next.add(new Knobs(at.int8, at.pictures + 1, at.share, at.exit, at.window));
    }
    if (at.share < SHARES.length - 1) {
      next.add(new Knobs(at.int8, at.pictures, at.share + 1, at.exit, at.window));
    }
    int exit = at.exit + 1;
    int slice = model.decoder().slices() - 1 - exit;
    if (slice >= 0 && model.exits().get(slice).mayDecide(ModelPackage.Exit.ACTION)) {
      next.add(new Knobs(at.int8, at.pictures, at.share, exit, at.window));
    }
    if (at.window < model.window().sets() - 1) {
      next.add(new Knobs(at.int8, at.pictures, at.share, at.exit, at.window + 1));
    }
    return next;
  }

  /** Which loses the least accuracy for the time it saves; one that loses none goes first. */
  private static int best(Point from, List<Point> tried) {
    int best = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < tried.size(); i++) {
      double saved = Math.max(1e-3, from.millis() - tried.get(i).millis());
      double price = (from.accuracy() - tried.get(i).accuracy()) / saved;
      if (price < least) {
        least = price;
        best = i;
      }
    }
    return best;
  }

  private List<Point> measure(
      List<Knobs> knobs,
      LoadedModel loaded,
      Rig rig,
      NanoClock cpu,
      EncodedDrive drive,
      Progress progress) {
    ModelPackage shape = loaded.model();
    ActionCodec codec = new ActionCodec(ModelPerceiver.codecOf(shape).action());
    List<DecodeWay> ways = new ArrayList<>();
    try {
      for (Knobs one : knobs) {
        Point point = one.point(policy, shape, 1, 0);
        ways.add(
            new DecodeWay(
                    FrontierPicture.name(point),
                    loaded,
                    rig,
                    cpu,
                    FrontierTable.options(point, shape, rig),
                    DecodeWay.Memory.STREAM)
                .settled(shape.window().sets()));
      }
      DecodeWay.run(ways, drive, shape, codec, "ways of a step", progress);
      List<Point> points = new ArrayList<>();
      for (int i = 0; i < ways.size(); i++) {
        points.add(
            knobs
                .get(i)
                .point(
                    policy,
                    shape,
                    ways.get(i).encodeMs(drive.cost()) + ways.get(i).decodeMs(),
                    ways.get(i).score.mean()));
      }
      return points;
    } catch (IllegalArgumentException e) {
      throw new BadInput("--tokens: " + e.getMessage());
    } finally {
      ways.forEach(DecodeWay::close);
    }
  }

  private void write(
      Report report, List<Point> measured, List<Point> best, ModelPackage shape, int count) {
    Point full = measured.getFirst();
    report.line(
        "%d held-out sequences of %d frames; processor time of a set with its encoders, p50; %d ways measured; %s %s"
            .formatted(count, frames, measured.size(), shape.name(), shape.version()));
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("tokens", "exit", "window", "ms", "mean %", "kept %"));
    @Nullable Point fast = null;
    for (Point point : best) {
      rows.add(
          List.of(
              point.tokens(),
              Integer.toString(point.exit()),
              Integer.toString(point.windowSets()),
              String.format(Locale.ROOT, "%.1f", point.millis()),
              BenchKv.percent(point.accuracy()),
              BenchKv.percent(point.accuracy() / full.accuracy())));
      if (fast == null && point.accuracy() >= 0.95 * full.accuracy()) {
        fast = point;
      }
    }
    report.table(rows);
    report.line("written: " + out);
    report
        .figure("ways", measured.size(), "")
        .figure("points", best.size(), "of the table")
        .figure(
            "faster_at_95",
            fast == null ? Double.NaN : full.millis() / fast.millis(),
            "x less time a set at 95 % of the accuracy");
  }
}
