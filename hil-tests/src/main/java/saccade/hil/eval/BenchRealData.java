package saccade.hil.eval;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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
import saccade.kernels.geometry.LidarModel;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.play.EgoAssumptions;
import saccade.nodes.play.RecordedBox;
import saccade.nodes.play.RecordedSets;
import saccade.nodes.play.Recording;
import saccade.nodes.play.Recordings;
import saccade.nodes.run.ProjectHome;
import saccade.perception.PerceptionOutput;
import saccade.perception.PerceptionSession;
import saccade.perception.SessionOptions;
import saccade.perception.SetInput;
import saccade.perception.engine.LoadedModel;
import saccade.perception.model.ModelPackage;
import saccade.planner.GeometricReflex;
import saccade.planner.ReflexLimits;
import saccade.realtime.clock.NanoClock;
import saccade.sim.truth.TruthFacts;

/**
 * {@code saccade bench realdata}: how far the nearest obstacle in the ego lane is, on recordings
 * that the model never saw anything like: with all sensors, with the LiDAR alone, with the LiDAR
 * blanked, and by plain geometry.
 */
@Command(
    name = "realdata",
    mixinStandardHelpOptions = true,
    description = {
      "Distance to the nearest obstacle in the ego lane, per frame of recordings (KITTI raw, nuScenes).",
      "By all sensors, LiDAR alone, LiDAR blanked, plain geometry; truth from boxes where there are any, else from points."
    })
public final class BenchRealData extends Measurement {
  /** x of the front bumper of the vehicle that the model drives; all gaps begin there. */
  private static final double BUMPER_M = ReflexLimits.passengerCar().frontBumperM();

  private static final double LANE_HALF_M = 1.75;
  private static final double LEAST_HEIGHT_M = 0.4;
  private static final double MOST_HEIGHT_M = 2.2;
  private static final double MOST_M = 45; // what the model has words for
  private static final double CLUSTER_M = 0.5;
  private static final int CLUSTER_POINTS = 10;
  private static final double CLOSE_ENOUGH = 0.15;
  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  @Mixin private final ModelOption model = new ModelOption();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Folder with kitti-raw and nuscenes-mini, each in the layout it is published in; default ../shared/data.")
  private @Nullable Path data;

  @Option(
      names = "--speed",
      paramLabel = "M/S",
      description = "Speed of the vehicle where the recording has none. Default: ${DEFAULT-VALUE}.")
  private double speed = 2;

  @Option(
      names = "--every",
      paramLabel = "N",
      description =
          "The model sees only every N-th point of a sweep (sensors differ in density). Default: ${DEFAULT-VALUE}.")
  private int every = 1;

  /** Filled by picocli. */
  public BenchRealData() {}

  /** What the model gets. */
  private enum Mode {
    FUSION("all sensors"),
    LIDAR("LiDAR alone"),
    BLANKED("LiDAR blanked"),
    GEOMETRY("geometry");

    final String words;

    Mode(String words) {
      this.words = words;
    }

    void change(SetInput input, int cameras) {
      if (this == BLANKED) {
        input.noLidar();
      }
      for (int camera = 0; camera < cameras && this == LIDAR; camera++) {
        input.noCamera(camera);
      }
    }
  }

  /** Relative errors of one mode, frame by frame; a gap that was not seen is an error of 1. */
  private static final class Errors {
    final List<Double> fromBumper = new ArrayList<>();
    final List<Double> fromAxle = new ArrayList<>();
    int rightBin;
    int nextBin;
    int unseen;
    int invented; // something said where nothing is

    void add(double truthM, double saidM) {
      if (Double.isInfinite(truthM)) {
        invented += Double.isInfinite(saidM) ? 0 : 1;
        return;
      }
      boolean seen = !Double.isInfinite(saidM);
      unseen += seen ? 0 : 1;
      fromBumper.add(seen ? Math.abs(saidM - truthM) / truthM : 1);
      fromAxle.add(seen ? Math.abs(saidM - truthM) / (truthM + BUMPER_M) : 1);
      int apart = seen ? Math.abs(bin(saidM) - bin(truthM)) : Integer.MAX_VALUE;
      rightBin += apart == 0 ? 1 : 0;
      nextBin += apart <= 1 ? 1 : 0;
    }

    static double within(List<Double> errors) {
      return errors.isEmpty()
          ? Double.NaN
          : (double) errors.stream().filter(error -> error <= CLOSE_ENOUGH).count() / errors.size();
    }

    static double median(List<Double> errors) {
      double[] array = errors.stream().mapToDouble(Double::doubleValue).toArray();
      return array.length == 0 ? Double.NaN : PairedRatio.median(array, array.length);
    }
  }

  @Override
  protected Report measure(Progress progress) {
    if (!(speed >= 0 && speed <= 60)) {
      throw new BadInput("--speed: wanted 0 to 60 m/s, found " + speed);
    }
    if (every < 1 || every > 1000) {
      throw new BadInput("--every: wanted 1 to 1000, found " + every);
    }
    Path given = data;
    Path folder = given == null ? ProjectHome.root().resolve("../shared/data").normalize() : given;
    List<Path> recordings =
        List.of(folder.resolve("kitti-raw"), folder.resolve("nuscenes-mini")).stream()
            .filter(Files::isDirectory)
            .toList();
    if (recordings.isEmpty()) {
      throw new BadInput(
          ExitCode.UNAVAILABLE,
          folder + ": wanted kitti-raw or nuscenes-mini in it, found neither; give it with --data");
    }
    Report report = new Report("bench realdata");
    Errors[] errors = new Errors[Mode.values().length];
    Arrays.setAll(errors, i -> new Errors());
    List<List<String>> table = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("recording", "frame", "truth m", "truth of"));
    for (Mode mode : Mode.values()) {
      head.add(mode.words + " m");
      head.add("error %");
    }
    head.add("all sensors say");
    table.add(head);
    try (LoadedModel loaded = ModelPerceiver.load(model.dir())) {
      for (Path path : recordings) {
        report.line(play(loaded, path, table, errors, progress));
      }
      report.fact("model", loaded.model().sha256()).fact("modelVersion", loaded.model().version());
    }
    report.line(
        "gaps from the bumper (%.1f m ahead of the rear axle) along a lane %.1f m wide; the model says one of %d bins"
            .formatted(BUMPER_M, 2 * LANE_HALF_M, TruthFacts.DISTANCE_EDGES_M.size() - 1));
    report.table(table);
    write(report, errors);
    return report;
  }

  private static void write(Report report, Errors[] errors) {
    List<List<String>> table = new ArrayList<>();
    table.add(
        List.of(
            "mode",
            "frames",
            "median error %",
            "within 15 %",
            "from the axle: median",
            "within 15 %",
            "right bin",
            "or next to it",
            "not seen",
            "invented"));
    for (Mode mode : Mode.values()) {
      Errors one = errors[mode.ordinal()];
      table.add(
          List.of(
              mode.words,
              Integer.toString(one.fromBumper.size()),
              percent(Errors.median(one.fromBumper)),
              percent(Errors.within(one.fromBumper)),
              percent(Errors.median(one.fromAxle)),
              percent(Errors.within(one.fromAxle)),
              Integer.toString(one.rightBin),
              Integer.toString(one.nextBin),
              Integer.toString(one.unseen),
              Integer.toString(one.invented)));
    }
    report.line("").table(table);
    for (Mode mode : Mode.values()) {
      Errors one = errors[mode.ordinal()];
      String name = mode.name().toLowerCase(Locale.ROOT);
      report
          .figure(name + "_within_15", Errors.within(one.fromBumper), "of the frames")
          .figure(
              name + "_median_error", Errors.median(one.fromBumper), "relative, from the bumper")
          .detail(name + "_axle_within_15", Errors.within(one.fromAxle));
      report.detail(name + "_axle_median_error", Errors.median(one.fromAxle));
      report.detail(
          name + "_right_bin_share", (double) one.rightBin / Math.max(1, one.fromBumper.size()));
    }
  }

  private static String percent(double share) {
    return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.0f", 100 * share);
  }

  /** Plays one recording in every mode; one line about it. */
  private String play(
      LoadedModel loaded, Path path, List<List<String>> table, Errors[] errors, Progress progress) {
    Recording recording = Recordings.open(path, new EgoAssumptions(speed, 13.9));
    List<RecordedBox> boxes = Recordings.boxes(path, null);
    LidarModel lidar = recording.rig().lidar();
    if (lidar == null) {
      return recording.name() + ": passed over, it has no LiDAR";
    }
    int cameras = recording.rig().cameras().size();
    List<PerceptionSession> sessions = new ArrayList<>();
    GeometricReflex geometry =
        new GeometricReflex(ReflexLimits.passengerCar(), GeometricReflex.Mode.OFF, matrix(lidar));
    try (RecordedSets sets = new RecordedSets(recording)) {
      for (int i = 0; i < Mode.GEOMETRY.ordinal(); i++) {
        sessions.add(
            new PerceptionSession(
                loaded,
                recording.rig(),
                NanoClock.system(),
                SessionOptions.shipped(loaded.model())));
      }
      SetInput input = new SetInput(cameras);
      for (int set = 0; set < sets.sets(); set++) {
        List<String> row = new ArrayList<>();
        double[] said = new double[Mode.values().length];
        String sentence = "";
        for (Mode mode : Mode.values()) {
          sets.fill(set, input);
          if (mode == Mode.GEOMETRY) {
            geometry.sweep(sets.points(), sets.pointCount(), set * 100_000_000L, speed, 0);
            said[mode.ordinal()] = geometry.gapM();
          } else {
            thin(sets, input, every);
            mode.change(input, cameras);
            PerceptionOutput output =
                sessions.get(mode.ordinal()).run(input, Long.MAX_VALUE / 2, 0);
            said[mode.ordinal()] = gap(output, loaded.model());
            sentence = mode == Mode.FUSION ? output.sentence() : sentence;
          }
        }
        boolean boxed = boxes.stream().anyMatch(box -> box.stampNs() == sets.sweepStampNs());
        double truth =
            boxed
                ? nearestBox(boxes, sets.sweepStampNs())
                : nearestPoints(sets.points(), sets.pointCount(), matrix(lidar));
        row.add(recording.name());
        row.add(Integer.toString(set));
        row.add(metres(truth));
        row.add(boxed ? "boxes" : "points");
        for (Mode mode : Mode.values()) {
          double one = said[mode.ordinal()];
          errors[mode.ordinal()].add(truth, one);
          row.add(metres(one));
          row.add(
              Double.isInfinite(truth) || Double.isInfinite(one)
                  ? "-"
                  : percent(Math.abs(one - truth) / truth));
        }
        row.add(sentence);
        table.add(row);
        progress.at("frames of " + recording.name(), set + 1, sets.sets());
      }
    } finally {
      sessions.forEach(PerceptionSession::close);
    }
    return "%s: %d cameras; %s"
        .formatted(recording.name(), cameras, String.join("; ", recording.remarks()));
  }

  /** Leaves every {@code step}-th point of the set's sweep; whoever needs all fills it anew. */
  private static void thin(RecordedSets sets, SetInput input, int step) {
    if (step > 1 && sets.pointCount() > 0) {
      int kept = 0;
      for (int i = 0; i < sets.pointCount(); i += step) {
        MemorySegment.copy(sets.points(), 16L * i, sets.points(), 16L * kept++, 16);
      }
      input.lidar(sets.points(), kept);
    }
  }

  private static String metres(double gap) {
    return Double.isInfinite(gap) ? "none" : String.format(Locale.ROOT, "%.1f", gap);
  }

  private static int bin(double gapM) {
    int bin = 0;
    while (bin < TruthFacts.DISTANCE_EDGES_M.size() - 2
        && gapM >= TruthFacts.DISTANCE_EDGES_M.get(bin + 1)) {
      bin++;
    }
    return bin;
  }

  /** Middle of the bin that the model says; infinite when it sees nothing ahead. */
  private static double gap(PerceptionOutput output, ModelPackage shape) {
    int fact = shape.factIndex("first.distance");
    int value = fact < 0 ? -1 : output.factValues()[fact];
    return value < 0
        ? Double.POSITIVE_INFINITY
        : (TruthFacts.DISTANCE_EDGES_M.get(value) + TruthFacts.DISTANCE_EDGES_M.get(value + 1)) / 2;
  }

  /** Gap to the nearest annotated object in the lane, infinite beyond what the model can say. */
  private static double nearestBox(List<RecordedBox> boxes, long stampNs) {
    double nearest = Double.POSITIVE_INFINITY;
    for (RecordedBox box : boxes) {
      if (box.stampNs() == stampNs
          && box.leastY() < LANE_HALF_M
          && box.mostY() > -LANE_HALF_M
          && box.nearestX() > BUMPER_M) {
        nearest = Math.min(nearest, box.nearestX() - BUMPER_M);
      }
    }
    return nearest <= MOST_M ? nearest : Double.POSITIVE_INFINITY;
  }

  /**
   * Gap to the nearest half metre of the lane that holds enough points off the ground.
   *
   * @param t (3, 4) base_link from LiDAR
   */
  private static double nearestPoints(MemorySegment points, int count, double[] t) {
    List<Double> ahead = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double xl = points.get(F32, 16L * i);
      double yl = points.get(F32, 16L * i + 4);
      double zl = points.get(F32, 16L * i + 8);
      double x = t[0] * xl + t[1] * yl + t[2] * zl + t[3];
      double y = t[4] * xl + t[5] * yl + t[6] * zl + t[7];
      double z = t[8] * xl + t[9] * yl + t[10] * zl + t[11];
      if (x > BUMPER_M
          && x < BUMPER_M + MOST_M
          && Math.abs(y) < LANE_HALF_M
          && z > LEAST_HEIGHT_M
          && z < MOST_HEIGHT_M) {
        ahead.add(x - BUMPER_M);
      }
    }
    ahead.sort(null);
    for (int i = 0; i + CLUSTER_POINTS <= ahead.size(); i++) {
      if (ahead.get(i + CLUSTER_POINTS - 1) - ahead.get(i) <= CLUSTER_M) {
        return ahead.get(i);
      }
    }
    return Double.POSITIVE_INFINITY;
  }

  /** (3, 4) base_link from a LiDAR's frame. */
  static double[] matrix(LidarModel lidar) {
    double[] r = lidar.baseFromLidar().rotation();
    return new double[] {
      r[0], r[1], r[2], lidar.baseFromLidar().x(),
      r[3], r[4], r[5], lidar.baseFromLidar().y(),
      r[6], r[7], r[8], lidar.baseFromLidar().z()
    };
  }
}
