package saccade.hil.eval;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
import saccade.perception.SessionOptions;
import saccade.perception.engine.LoadedModel;
import saccade.perception.exit.FixedExit;
import saccade.perception.model.ModelPackage;
import saccade.planner.ActionCodec;
import saccade.realtime.clock.NanoClock;

/**
 * {@code saccade bench frontier}: tokens x exits x window together, every combination on the same
 * encoder features; the best ones as a table and a picture. Exits decide here whatever they are
 * asked; {@code model tune} keeps to what the package lets them.
 */
@Command(
    name = "frontier",
    mixinStandardHelpOptions = true,
    description =
        "Tokens x exits x window together: accuracy against time a set, the best ones as frontier.json and frontier.svg.")
public final class BenchFrontier extends Measurement {
  private static final List<String> TOKENS =
      List.of(
          "none",
          "pixel-variance@0.5/ahead",
          "pixel-variance@0.25/ahead",
          "pixel-variance@0.12/ahead",
          "pixel-variance@0.06/ahead");

  @Mixin private final ModelOption model = new ModelOption();

  @Option(
      names = "--sequences",
      paramLabel = "N",
      description = "Held-out sequences; default 40, with --quick 10.")
  private int sequences;

  @Option(
      names = "--frames",
      paramLabel = "N",
      description = "Frames of each sequence; default ${DEFAULT-VALUE}.")
  private int frames = 5;

  @Option(
      names = "--tokens",
      split = ",",
      paramLabel = "POLICY",
      description = "Token policies, separated by commas; default ${DEFAULT-VALUE}.")
  private List<String> tokens = TOKENS;

  @Option(
      names = "--windows",
      split = ",",
      paramLabel = "SETS",
      description = "Windows, sets; default ${DEFAULT-VALUE}.")
  private List<Integer> windows = List.of(4, 2, 1);

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where table and picture go; default ${DEFAULT-VALUE}.")
  private Path out = Path.of("frontier");

  /** Filled by picocli. */
  public BenchFrontier() {}

  @Override
  protected Report measure(Progress progress) throws IOException {
    int count = sequences > 0 ? sequences : quick() ? 10 : 40;
    if (sequences < 0 || frames < 1 || frames > 64) {
      throw new BadInput(
          "--sequences, --frames: wanted 1 or more and 1 to 64, found %d and %d"
              .formatted(sequences, frames));
    }
    ModelPackage shape = ModelPerceiver.description(model.dir());
    Rig rig = ModelPerceiver.rigFor(shape);
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    NanoClock cpu = threads::getCurrentThreadCpuTime;
    ActionCodec codec = new ActionCodec(ModelPerceiver.codecOf(shape).action());
    Report report = new Report("bench frontier");
    List<Point> points = new ArrayList<>();
    double encodeMs;
    try (LoadedModel loaded = ModelPerceiver.load(model.dir());
        EncodedDrive drive = new EncodedDrive(loaded, rig, 0, count, frames, cpu, progress)) {
      encodeMs = drive.encodeMs();
      for (String policy : tokens) {
        List<DecodeWay> ways = new ArrayList<>();
        List<Point> wanted = new ArrayList<>();
        try {
          for (int window : windows) {
            for (int exit = shape.decoder().slices() - 1; exit >= 0; exit--) {
              Point point = new Point(policy, exit, window, 1, 0);
              wanted.add(point);
              ways.add(
                  new DecodeWay(
                      FrontierPicture.name(point),
                      loaded,
                      rig,
                      cpu,
                      anywhere(point, shape, rig),
                      DecodeWay.Memory.STREAM));
            }
          }
          DecodeWay.run(ways, drive, shape, codec, policy, progress);
          for (int i = 0; i < ways.size(); i++) {
            DecodeWay way = ways.get(i);
            Point point = wanted.get(i);
            points.add(
                new Point(
                    policy,
                    point.exit(),
                    point.windowSets(),
                    encodeMs + way.decodeMs(),
                    way.score.mean()));
          }
        } catch (IllegalArgumentException e) {
          throw new BadInput("--tokens, --windows: " + e.getMessage());
        } finally {
          ways.forEach(DecodeWay::close);
        }
      }
    }
    write(report, points, encodeMs, shape, count);
    return report.fact("model", shape.sha256()).fact("modelVersion", shape.version());
  }

  /** As the point says, where the exit may decide anything. */
  private static SessionOptions anywhere(Point point, ModelPackage model, Rig rig) {
    SessionOptions options = FrontierTable.options(point, model, rig);
    return point.exit() == model.decoder().slices() - 1
        ? options
        : options.withDecode(options.decode().withExits(new FixedExit(point.exit()), true));
  }

  private void write(
      Report report, List<Point> points, double encodeMs, ModelPackage shape, int count)
      throws IOException {
    List<Point> best = FrontierTable.frontier(points);
    Point full = points.getFirst();
    Files.createDirectories(out);
    Path table = out.resolve("frontier.json");
    Path picture = out.resolve("frontier.svg");
    new FrontierTable(shape.sha256(), Machine.here().cpu(), best).write(table);
    Files.writeString(
        picture,
        FrontierPicture.svg(
            "%s %s: tokens x exits x window".formatted(shape.name(), shape.version()),
            points,
            best));
    report.line(
        "%d held-out sequences of %d frames; processor time of a set with its encoders (%.1f ms), p50; the best of %d ways"
            .formatted(count, frames, encodeMs, points.size()));
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of("tokens", "exit", "window", "ms", "decode ms", "mean %", "kept %", "x faster"));
    for (Point point : best) {
      rows.add(row(point, full, encodeMs));
    }
    rows.add(row(full, full, encodeMs));
    report.table(rows);
    report.line("written: " + table + ", " + picture);
    Point fast = null;
    for (Point point : best) {
      if (fast == null && point.accuracy() >= 0.95 * full.accuracy()) {
        fast = point;
      }
    }
    double ms = fast == null ? Double.NaN : fast.millis();
    report
        .figure("ways", points.size(), "")
        .figure("full_ms", full.millis(), "ms, all tokens, all layers, the window")
        .figure("full_mean", full.accuracy(), "right answers")
        .figure("faster_at_95", full.millis() / ms, "x less time a set at 95 % of the accuracy")
        .figure(
            "decode_faster_at_95",
            (full.millis() - encodeMs) / (ms - encodeMs),
            "x, without the encoders")
        .figure("encode_ms", encodeMs, "ms of every set");
  }

  private static List<String> row(Point point, Point full, double encodeMs) {
    return List.of(
        point.tokens(),
        Integer.toString(point.exit()),
        Integer.toString(point.windowSets()),
        String.format(Locale.ROOT, "%.1f", point.millis()),
        String.format(Locale.ROOT, "%.1f", point.millis() - encodeMs),
        BenchKv.percent(point.accuracy()),
        BenchKv.percent(point.accuracy() / full.accuracy()),
        String.format(Locale.ROOT, "%.2f", full.millis() / point.millis()));
  }
}
