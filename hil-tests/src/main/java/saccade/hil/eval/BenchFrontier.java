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
import saccade.perception.sparsify.TokenPolicy;
import saccade.planner.ActionCodec;
import saccade.realtime.clock.NanoClock;

/**
 * {@code saccade bench frontier}: pictures encoded x tokens x exits x window together, every
 * combination on the same encoder features; the best ones as a table and a picture. Exits decide
 * here whatever they are asked; {@code model tune} keeps to what the package lets them.
 *
 * <p>Judged are sets behind a full window, so that pictures by turns have settled and nobody is
 * charged for, or gains by, the first set of a sequence, in which every picture is encoded.
 */
@Command(
    name = "frontier",
    mixinStandardHelpOptions = true,
    description =
        "Pictures encoded x tokens x exits x window together: accuracy against time a set, the best ones as frontier.json and frontier.svg.")
public final class BenchFrontier extends Measurement {
  private static final String EVERY_PICTURE = "all";
  private static final String NONE = "none";
  private static final List<String> PICTURES =
      List.of(
          EVERY_PICTURE,
          "hold+every:2/4",
          "hold+vts:2/4",
          "int8",
          "int8+hold+every:1/4",
          "int8+hold+every:2/4",
          "int8+hold+every:3/6");
  private static final List<String> TOKENS =
      List.of(
          NONE,
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
      description =
          "Frames of each sequence, more than the model's window: those behind it are judged; default ${DEFAULT-VALUE}.")
  private int frames = 8;

  @Option(
      names = "--pictures",
      split = ",",
      paramLabel = "FRAMES",
      description =
          "Which pictures are encoded, separated by commas: all, or as in a token policy; default ${DEFAULT-VALUE}.")
  private List<String> pictures = PICTURES;

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

  /** A way and what it came to. */
  private record Tried(Point point, double encodeMs, double pictures) {}

  @Override
  protected Report measure(Progress progress) throws IOException {
    int count = sequences > 0 ? sequences : quick() ? 10 : 40;
    ModelPackage shape = ModelPerceiver.description(model.dir());
    int settle = shape.window().sets();
    if (sequences < 0 || frames <= settle || frames > 64) {
      throw new BadInput(
          "--sequences, --frames: wanted 1 or more and %d to 64, found %d and %d"
              .formatted(settle + 1, sequences, frames));
    }
    Rig rig = ModelPerceiver.rigFor(shape);
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    NanoClock cpu = threads::getCurrentThreadCpuTime;
    ActionCodec codec = new ActionCodec(ModelPerceiver.codecOf(shape).action());
    Report report = new Report("bench frontier");
    List<Tried> tried = new ArrayList<>();
    EncodedDrive.EncodeCost cost;
    try (LoadedModel loaded = ModelPerceiver.load(model.dir());
        EncodedDrive drive = new EncodedDrive(loaded, rig, 0, count, frames, cpu, progress)) {
      cost = drive.cost();
      for (String frame : pictures) {
        if (TokenPolicy.parse(frame.equals(EVERY_PICTURE) ? NONE : frame).int8()
            && !shape.hasInt8Encoder()) {
          report.line("passed over, the package has no encoder in int8: " + frame);
          continue;
        }
        for (String token : tokens) {
          String policy = frame.equals(EVERY_PICTURE) ? token : frame + "+" + token;
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
                            DecodeWay.Memory.STREAM)
                        .settled(settle));
              }
            }
            DecodeWay.run(ways, drive, shape, codec, policy, progress);
            for (int i = 0; i < ways.size(); i++) {
              DecodeWay way = ways.get(i);
              Point point = wanted.get(i);
              double encodeMs = way.encodeMs(cost);
              tried.add(
                  new Tried(
                      new Point(
                          policy,
                          point.exit(),
                          point.windowSets(),
                          encodeMs + way.decodeMs(),
                          way.score.mean()),
                      encodeMs,
                      way.picturesASet()));
            }
          } catch (IllegalArgumentException e) {
            throw new BadInput("--pictures, --tokens, --windows: " + e.getMessage());
          } finally {
            ways.forEach(DecodeWay::close);
          }
        }
      }
    }
    write(report, tried, cost, shape, count);
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
      Report report, List<Tried> tried, EncodedDrive.EncodeCost cost, ModelPackage shape, int count)
      throws IOException {
    List<Point> points = tried.stream().map(Tried::point).toList();
    List<Point> best = FrontierTable.frontier(points);
    Tried full = tried.getFirst();
    double fullMs = full.point.millis();
    Files.createDirectories(out);
    Path table = out.resolve("frontier.json");
    Path picture = out.resolve("frontier.svg");
    new FrontierTable(shape.sha256(), Machine.here().cpu(), best).write(table);
    Files.writeString(
        picture,
        FrontierPicture.svg(
            "%s %s: pictures x tokens x exits x window".formatted(shape.name(), shape.version()),
            points,
            best));
    report.line(
        "%d held-out sequences of %d frames, judged behind the first %d; processor time of a set, p50: a picture %.2f ms encoded, %.2f in int8, %.2f only looked at, LiDAR %.2f ms; the best of %d ways"
            .formatted(
                count,
                frames,
                shape.window().sets(),
                cost.cameraMs(),
                cost.int8Ms(),
                cost.lookMs(),
                cost.lidarMs(),
                points.size()));
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "pictures and tokens",
            "exit",
            "window",
            "pictures a set",
            "ms",
            "decode ms",
            "mean %",
            "kept %",
            "x faster"));
    Tried fast = null;
    for (Point point : best) {
      Tried one = tried.get(points.indexOf(point));
      rows.add(row(one, full.point));
      if (fast == null && point.accuracy() >= 0.95 * full.point.accuracy()) {
        fast = one;
      }
    }
    rows.add(row(full, full.point));
    report.table(rows);
    report.line("written: " + table + ", " + picture);
    double ms = fast == null ? Double.NaN : fast.point.millis();
    double fastDecodeMs = fast == null ? Double.NaN : ms - fast.encodeMs;
    double fastEncodeMs = fast == null ? Double.NaN : fast.encodeMs;
    report
        .figure("ways", points.size(), "")
        .figure("full_ms", fullMs, "ms, all pictures, all tokens, all layers, the window")
        .figure("full_mean", full.point.accuracy(), "right answers")
        .figure("faster_at_95", fullMs / ms, "x less time a set at 95 % of the accuracy")
        .figure(
            "decode_faster_at_95",
            (fullMs - full.encodeMs) / fastDecodeMs,
            "x, without the encoders")
        .figure("encode_faster_at_95", full.encodeMs / fastEncodeMs, "x, the encoders alone")
        .figure("encode_ms", full.encodeMs, "ms of a set with every picture");
  }

  private static List<String> row(Tried one, Point full) {
    Point point = one.point;
    return List.of(
        point.tokens(),
        Integer.toString(point.exit()),
        Integer.toString(point.windowSets()),
        String.format(Locale.ROOT, "%.2f", one.pictures),
        String.format(Locale.ROOT, "%.1f", point.millis()),
        String.format(Locale.ROOT, "%.1f", point.millis() - one.encodeMs),
        BenchKv.percent(point.accuracy()),
        BenchKv.percent(point.accuracy() / full.accuracy()),
        String.format(Locale.ROOT, "%.2f", full.millis() / point.millis()));
  }
}
