package saccade.nodes.play;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.play.Recording.Frame;
import saccade.nodes.play.Recording.Pictures;
import saccade.nodes.play.Recording.Place;
import saccade.nodes.play.Recording.Sweeps;
import saccade.nodes.play.Recording.Track;
import saccade.nodes.play.Recording.Window;
import saccade.nodes.sensor.EgoState;

/**
 * One scene in the layout in which nuScenes is published.
 *
 * <pre>
 *   v1.0-{mini,trainval,test}/{scene,sample,sample_data,sensor,calibrated_sensor,ego_pose}.json
 *   samples/{CAM_*,LIDAR_TOP}/*.{jpg,pcd.bin}     key frames, 2 Hz
 *   sweeps/...                                    the frames between them, 12 Hz and 20 Hz
 * </pre>
 *
 * <p>The tables refer to each other by tokens and may be gigabytes long: they are read as streams
 * and only rows of the chosen scene are kept. The ego frame of nuScenes is base_link (x forward, y
 * left, z up, on the ground below the rear axle); a quaternion is w, x, y, z; a sweep's point is
 * float32 x, y, z, intensity 0..255, ring. Source: H. Caesar et al., nuScenes, CVPR 2020, and the
 * published schema.
 */
final class NuScenes {
  private static final int MAX_TEXT = 4096;
  private static final int MAX_ROWS_KEPT = 200_000;
  private static final int MAX_POINTS = 32 * 2200;
  private static final double INTENSITY_MAX = 255;
  private static final long NS_PER_US = 1000;
  private static final long LARGEST_PHASE_NS = 50_000_000L;
  private static final double MOST_SPEED_MPS = 150;
  private static final double MOST_METRES = 1e8; // more than twice around the Earth
  private static final String LIDAR = "LIDAR_TOP";

  /** Camera places in this order: the model's first camera looks ahead. */
  private static final List<String> CAMERAS =
      List.of(
          "CAM_FRONT",
          "CAM_FRONT_LEFT",
          "CAM_FRONT_RIGHT",
          "CAM_BACK_LEFT",
          "CAM_BACK_RIGHT",
          "CAM_BACK");

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(MAX_TEXT)
                  .maxNameLength(256)
                  .maxNumberLength(64)
                  .maxNestingDepth(8)
                  .build())
          .build();

  private final Path root;
  private final Path tables;
  private final List<String> remarks = new ArrayList<>();

  private NuScenes(Path root, Path tables) {
    this.root = root;
    this.tables = tables;
  }

  /** Whether a folder looks like this layout: its root, or the folder of its tables. */
  static boolean isThere(Path path) {
    return tablesOf(path) != null;
  }

  private static @Nullable Path tablesOf(Path path) {
    if (Files.isRegularFile(path.resolve("sample_data.json"))) {
      return path;
    }
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(path, "v1.0-*")) {
      for (Path entry : entries) {
        if (Files.isRegularFile(entry.resolve("sample_data.json"))) {
          found.add(entry);
        }
      }
    } catch (IOException e) {
      return null;
    }
    found.sort(null);
    return found.isEmpty() ? null : found.getFirst();
  }

  /**
   * Opens one scene.
   *
   * @param scene its name, e.g. {@code scene-0061}; null = the first of the table
   * @throws BadInput in one line when nothing of it can be played
   */
  static Recording open(Path path, @Nullable String scene, EgoAssumptions assumed) {
    Path tables = tablesOf(path);
    if (tables == null) {
      throw new BadInput(path + ": expected v1.0-*/sample_data.json, found none");
    }
    Path parent = tables.toAbsolutePath().normalize().getParent();
    return new NuScenes(parent == null ? path : parent, tables).open(scene, assumed);
  }

  private record SceneRow(String token, String name) {}

  private record Calibrated(String channel, Pose baseFromSensor, double[] intrinsics) {}

  /** A frame; {@code afterSampleNs} is its stamp minus that of the sample it belongs to. */
  private record Datum(
      String channel,
      long afterSampleNs,
      String calibration,
      String egoPose,
      long stampNs,
      String file,
      int width,
      int height) {}

  private Recording open(@Nullable String wanted, EgoAssumptions assumed) {
    SceneRow scene = scene(wanted);
    Map<String, Long> samples = samples(scene);
    Map<String, String> channels = new HashMap<>();
    rows(
        "sensor.json",
        row -> {
          if (channels.size() < MAX_ROWS_KEPT) {
            channels.put(row.text("token"), row.text("channel"));
          }
        });
    Map<String, List<Datum>> byChannel = data(samples, channels);
    Map<String, Calibrated> calibrations = calibrations(byChannel, channels);
    return assemble(scene, byChannel, calibrations, assumed);
  }

  /** Time of each sample of a scene, by token. */
  private Map<String, Long> samples(SceneRow scene) {
    Map<String, Long> samples = new HashMap<>();
    rows(
        "sample.json",
        row -> {
          if (row.text("scene_token").equals(scene.token)) {
            if (samples.size() >= MAX_ROWS_KEPT) {
              throw new BadInput(
                  tables.resolve("sample.json")
                      + ": expected at most "
                      + MAX_ROWS_KEPT
                      + " samples in a scene, found more");
            }
            samples.put(row.text("token"), row.whole("timestamp") * NS_PER_US);
          }
        });
    if (samples.isEmpty()) {
      throw new BadInput(
          tables.resolve("sample.json") + ": expected samples of " + scene.name + ", found none");
    }
    return samples;
  }

  private SceneRow scene(@Nullable String wanted) {
    List<String> names = new ArrayList<>();
    List<SceneRow> found = new ArrayList<>();
    rows(
        "scene.json",
        row -> {
          String name = row.text("name");
          if (names.size() < 20) {
            names.add(name);
          }
          if (found.isEmpty() && (wanted == null || wanted.equals(name))) {
            found.add(new SceneRow(row.text("token"), name));
          }
        });
    if (found.isEmpty()) {
      throw new BadInput(
          tables.resolve("scene.json")
              + ": expected "
              + (wanted == null ? "a scene" : "the scene " + wanted + " (--scene)")
              + ", found "
              + (names.isEmpty() ? "none" : String.join(", ", names)));
    }
    return found.getFirst();
  }

  /** Rows of the scene's samples whose channel is known, by channel, in order of time. */
  private Map<String, List<Datum>> data(Map<String, Long> samples, Map<String, String> channels) {
    Map<String, String> channelOfCalibration = new HashMap<>();
    rows(
        "calibrated_sensor.json",
        row -> {
          String channel = channels.get(row.text("sensor_token"));
          if (channel != null && (CAMERAS.contains(channel) || channel.equals(LIDAR))) {
            if (channelOfCalibration.size() < MAX_ROWS_KEPT) {
              channelOfCalibration.put(row.text("token"), channel);
            }
          }
        });
    Map<String, List<Datum>> byChannel = new LinkedHashMap<>();
    int[] kept = {0};
    rows(
        "sample_data.json",
        row -> {
          Long sampleNs = samples.get(row.text("sample_token"));
          if (sampleNs == null) {
            return;
          }
          String calibration = row.text("calibrated_sensor_token");
          String channel = channelOfCalibration.get(calibration);
          if (channel == null) {
            return; // radar
          }
          if (++kept[0] > MAX_ROWS_KEPT) {
            throw new BadInput(
                tables.resolve("sample_data.json")
                    + ": expected at most "
                    + MAX_ROWS_KEPT
                    + " frames in a scene, found more");
          }
          long stampNs = row.whole("timestamp") * NS_PER_US;
          byChannel
              .computeIfAbsent(channel, key -> new ArrayList<>())
              .add(
                  new Datum(
                      channel,
                      stampNs - sampleNs,
                      calibration,
                      row.text("ego_pose_token"),
                      stampNs,
                      row.text("filename"),
                      (int) row.whole("width"),
                      (int) row.whole("height")));
        });
    byChannel.values().forEach(list -> list.sort(Comparator.comparingLong(Datum::stampNs)));
    return byChannel;
  }

  private Map<String, Calibrated> calibrations(
      Map<String, List<Datum>> byChannel, Map<String, String> channels) {
    Map<String, String> wanted = new HashMap<>();
    byChannel.forEach((channel, data) -> wanted.put(data.getFirst().calibration, channel));
    Map<String, Calibrated> found = new HashMap<>();
    rows(
        "calibrated_sensor.json",
        row -> {
          String channel = wanted.get(row.text("token"));
          if (channel != null && channel.equals(channels.get(row.text("sensor_token")))) {
            found.put(
                channel,
                new Calibrated(
                    channel,
                    pose(row, "calibrated_sensor.json"),
                    row.numbers("camera_intrinsic", 0, 9)));
          }
        });
    return found;
  }

  private Recording assemble(
      SceneRow scene,
      Map<String, List<Datum>> byChannel,
      Map<String, Calibrated> calibrations,
      EgoAssumptions assumed) {
    List<Long> phases = new ArrayList<>();
    List<CameraModel> cameras = new ArrayList<>();
    List<Track> tracks = new ArrayList<>();
    for (String channel : CAMERAS) {
      List<Datum> data = byChannel.get(channel);
      Calibrated calibrated = calibrations.get(channel);
      if (data == null || calibrated == null) {
        remarks.add(name(channel) + ": left out, the scene has no frame or no calibration of it");
        continue;
      }
      try {
        CameraModel camera = camera(calibrated, data.getFirst());
        Window all = new Window(cameras.size(), 0, 0, camera.widthPx(), camera.heightPx());
        tracks.add(
            new Track(
                camera.name(),
                frames(data),
                new Pictures(camera.widthPx(), camera.heightPx(), List.of(all), camera)));
        cameras.add(camera);
        phases.add(phase(data));
      } catch (IllegalArgumentException e) {
        remarks.add(name(channel) + ": left out: " + e.getMessage());
      }
    }
    LidarModel lidar = null;
    List<Datum> sweeps = byChannel.get(LIDAR);
    Calibrated place = calibrations.get(LIDAR);
    if (sweeps != null && place != null) {
      phases.add(phase(sweeps));
      lidar =
          new LidarModel(
              name(LIDAR),
              place.baseFromSensor,
              32,
              2200,
              Math.toRadians(-30.67),
              Math.toRadians(10.67),
              100);
      tracks.add(
          new Track(
              name(LIDAR),
              frames(sweeps),
              new Sweeps(cameras.size(), MAX_POINTS, 5, (float) (1 / INTENSITY_MAX))));
    } else {
      remarks.add(name(LIDAR) + ": left out, the scene has no sweep or no calibration of it");
    }
    if (tracks.isEmpty()) {
      throw new BadInput(
          tables + ": expected frames of " + scene.name + ", found none (" + remarks + ")");
    }
    Map<String, Pose> egoPoses = egoPoses(byChannel);
    List<Datum> along = sweeps == null ? byChannel.values().iterator().next() : sweeps;
    List<EgoState> motion = motion(along, egoPoses, tracks, assumed);
    return new Recording(
            "nuScenes " + scene.name,
            new Rig(cameras, lidar),
            tracks,
            motion,
            FrameFiles.periodNs(tracks, remarks),
            phases,
            remarks)
        .withPlaces(places(byChannel, egoPoses));
  }

  /** Where base_link was in the map at each frame, by token. */
  private Map<String, Pose> egoPoses(Map<String, List<Datum>> byChannel) {
    Set<String> wanted = new HashSet<>();
    byChannel.values().forEach(all -> all.forEach(datum -> wanted.add(datum.egoPose)));
    Map<String, Pose> poses = new HashMap<>();
    rows(
        "ego_pose.json",
        row -> {
          if (wanted.contains(row.text("token"))) {
            poses.put(row.text("token"), pose(row, "ego_pose.json"));
          }
        });
    return poses;
  }

  /** Each frame has a pose of its own, of its own stamp. */
  private static List<Place> places(
      Map<String, List<Datum>> byChannel, Map<String, Pose> egoPoses) {
    List<Place> places = new ArrayList<>();
    for (List<Datum> all : byChannel.values()) {
      for (Datum datum : all) {
        Pose pose = egoPoses.get(datum.egoPose);
        if (pose != null) {
          places.add(new Place(datum.stampNs, pose));
        }
      }
    }
    return places;
  }

  /** Cameras are triggered when the LiDAR looks their way: usual offset from the key frame. */
  private static long phase(List<Datum> data) {
    long[] offsets =
        data.stream()
            .mapToLong(Datum::afterSampleNs)
            .filter(ns -> Math.abs(ns) < LARGEST_PHASE_NS)
            .sorted()
            .toArray();
    return offsets.length == 0 ? 0 : offsets[offsets.length / 2];
  }

  private static String name(String channel) {
    return channel.toLowerCase(Locale.ROOT);
  }

  private static CameraModel camera(Calibrated calibrated, Datum first) {
    double[] k = calibrated.intrinsics;
    if (k.length != 9) {
      throw new IllegalArgumentException(
          "camera_intrinsic: expected 3 x 3 numbers, found " + k.length);
    }
    return new CameraModel(
        name(calibrated.channel),
        first.width,
        first.height,
        k[0],
        k[4],
        k[2],
        k[5],
        calibrated.baseFromSensor);
  }

  private List<Frame> frames(List<Datum> data) {
    List<Frame> frames = new ArrayList<>(data.size());
    int missing = 0;
    String firstMissing = "";
    for (Datum datum : data) {
      Path file = below(root, datum.file);
      boolean there = file != null && Files.isRegularFile(file);
      if (!there && missing++ == 0) {
        firstMissing = datum.file;
      }
      frames.add(new Frame(frames.size(), datum.stampNs, there ? file : null));
    }
    if (missing > 0) {
      remarks.add(
          name(data.getFirst().channel)
              + ": expected "
              + data.size()
              + " files, found "
              + (data.size() - missing)
              + "; the first missing one is "
              + Lines.shown(firstMissing));
    }
    return frames;
  }

  /** A file of the data set; null when its name is none or leads out of it. */
  private static @Nullable Path below(Path root, String name) {
    try {
      Path file = root.resolve(name).normalize();
      return file.startsWith(root) ? file : null;
    } catch (InvalidPathException e) {
      return null;
    }
  }

  // ---- ego motion ----

  private List<EgoState> motion(
      List<Datum> along, Map<String, Pose> egoPoses, List<Track> tracks, EgoAssumptions assumed) {
    List<EgoState> motion = new ArrayList<>();
    double lastSpeed = Double.NaN;
    for (int i = 1; i < along.size(); i++) {
      Pose before = egoPoses.get(along.get(i - 1).egoPose);
      Pose after = egoPoses.get(along.get(i).egoPose);
      double seconds = (along.get(i).stampNs - along.get(i - 1).stampNs) * 1e-9;
      if (before == null || after == null || !(seconds > 1e-3 && seconds < 2)) {
        lastSpeed = Double.NaN;
        continue;
      }
      double yaw = yaw(before);
      double dx = after.x() - before.x();
      double dy = after.y() - before.y();
      double speed = (dx * Math.cos(yaw) + dy * Math.sin(yaw)) / seconds;
      if (!(Math.abs(speed) < MOST_SPEED_MPS)) {
        lastSpeed = Double.NaN; // a jump of the map's frame is no motion
        continue;
      }
      double turned = Math.IEEEremainder(yaw(after) - yaw, 2 * Math.PI);
      double accel = Double.isNaN(lastSpeed) ? 0 : (speed - lastSpeed) / seconds;
      motion.add(
          new EgoState(
              along.get(i).stampNs,
              speed,
              turned / seconds,
              Math.clamp(accel, -10, 10),
              assumed.setSpeedMps()));
      lastSpeed = speed;
    }
    if (motion.isEmpty()) {
      return KittiRaw.assumedMotion(tracks.getFirst(), assumed, remarks);
    }
    remarks.add("ego motion: from ego_pose; set speed assumed, " + assumed.setSpeedMps() + " m/s");
    return motion;
  }

  private static double yaw(Pose pose) {
    double[] r = pose.rotation();
    return Math.atan2(r[3], r[0]);
  }

  private static Pose pose(Row row, String table) {
    double[] t = row.numbers("translation", 3, 3);
    for (double metres : t) {
      if (!(Math.abs(metres) < MOST_METRES)) {
        throw new BadInput(
            table + ": translation: expected less than " + MOST_METRES + " m, found " + metres);
      }
    }
    double[] q = row.numbers("rotation", 4, 4);
    double norm = Math.sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
    if (!(Math.abs(norm - 1) < 1e-3)) {
      throw new BadInput(
          table + ": rotation: expected a unit quaternion w, x, y, z, found length " + norm);
    }
    return new Pose(t[0], t[1], t[2], q[0] / norm, q[1] / norm, q[2] / norm, q[3] / norm);
  }

  // ---- boxes ----

  /** Annotated boxes of a scene's key frames, see {@link RecordedBox}. */
  static List<RecordedBox> boxes(Path path, @Nullable String scene) {
    Path tables = tablesOf(path);
    if (tables == null) {
      throw new BadInput(path + ": expected v1.0-*/sample_data.json, found none");
    }
    Path parent = tables.toAbsolutePath().normalize().getParent();
    return new NuScenes(parent == null ? path : parent, tables).boxes(scene);
  }

  /** A word by its token, as far as there is room. */
  private static void keep(Map<String, String> words, String token, String word) {
    if (words.size() < MAX_ROWS_KEPT) {
      words.put(token, word);
    }
  }

  /** The sweep that a sample's boxes were drawn in: the nearest in time. */
  private record Sweep(long afterSampleNs, long stampNs, String egoPose) {}

  private List<RecordedBox> boxes(@Nullable String wanted) {
    Map<String, Long> samples = samples(scene(wanted));
    Map<String, String> channels = new HashMap<>();
    rows("sensor.json", row -> keep(channels, row.text("token"), row.text("channel")));
    List<String> calibrations = new ArrayList<>();
    rows(
        "calibrated_sensor.json",
        row -> {
          if (LIDAR.equals(channels.get(row.text("sensor_token")))
              && calibrations.size() < MAX_ROWS_KEPT) {
            calibrations.add(row.text("token"));
          }
        });
    Map<String, Sweep> sweeps = new HashMap<>();
    rows(
        "sample_data.json",
        row -> {
          String sample = row.text("sample_token");
          Long sampleNs = samples.get(sample);
          if (sampleNs != null && calibrations.contains(row.text("calibrated_sensor_token"))) {
            long stampNs = row.whole("timestamp") * NS_PER_US;
            long after = Math.abs(stampNs - sampleNs);
            Sweep known = sweeps.get(sample);
            if (known == null || after < known.afterSampleNs) {
              sweeps.put(sample, new Sweep(after, stampNs, row.text("ego_pose_token")));
            }
          }
        });
    Map<String, Pose> poses = new HashMap<>();
    sweeps.values().forEach(sweep -> poses.put(sweep.egoPose, Pose.IDENTITY));
    rows(
        "ego_pose.json",
        row -> {
          if (poses.containsKey(row.text("token"))) {
            poses.put(row.text("token"), pose(row, "ego_pose.json"));
          }
        });
    Map<String, String> categories = new HashMap<>();
    rows("category.json", row -> keep(categories, row.text("token"), row.text("name")));
    Map<String, String> kinds = new HashMap<>();
    rows(
        "instance.json",
        row ->
            keep(
                kinds,
                row.text("token"),
                categories.getOrDefault(row.text("category_token"), "unknown")));
    List<RecordedBox> boxes = new ArrayList<>();
    rows(
        "sample_annotation.json",
        row -> {
          Sweep sweep = sweeps.get(row.text("sample_token"));
          Pose ego = sweep == null ? null : poses.get(sweep.egoPose);
          if (sweep != null && ego != null && boxes.size() < MAX_ROWS_KEPT) {
            Pose box = ego.inverse().then(pose(row, "sample_annotation.json"));
            double[] size = row.numbers("size", 3, 3); // width, length, height
            boxes.add(
                RecordedBox.of(
                    sweep.stampNs,
                    kinds.getOrDefault(row.text("instance_token"), "unknown"),
                    (int) row.whole("num_lidar_pts"),
                    box,
                    size[1],
                    size[0],
                    size[2]));
          }
        });
    return boxes;
  }

  // ---- tables ----

  /** One row of a table; what is not a text, number or list of numbers is passed over. */
  static final class Row {
    private final String table;
    private final Map<String, String> texts = new HashMap<>();
    private final Map<String, double[]> lists = new HashMap<>();

    private Row(String table) {
      this.table = table;
    }

    String text(String key) {
      String value = texts.get(key);
      if (value == null) {
        throw new BadInput(table + ": expected a text " + key + " in each row, found none");
      }
      return value;
    }

    long whole(String key) {
      String value = text(key);
      try {
        return Long.parseLong(value);
      } catch (NumberFormatException e) {
        throw new BadInput(
            table + ": " + key + ": expected a whole number, found " + Lines.shown(value));
      }
    }

    double[] numbers(String key, int least, int most) {
      double[] value = lists.get(key);
      if (value == null || value.length < least || value.length > most) {
        throw new BadInput(
            table
                + ": "
                + key
                + ": expected "
                + (least == most ? "" + most : least + " to " + most)
                + " numbers, found "
                + (value == null ? "none" : value.length));
      }
      return value;
    }
  }

  private void rows(String table, Consumer<Row> each) {
    Path file = tables.resolve(table);
    if (!Files.isRegularFile(file)) {
      throw new BadInput(file + ": expected a table of nuScenes, found no file");
    }
    try (JsonParser json = JSON.createParser(file.toFile())) {
      rows(file.toString(), json, each);
    } catch (IOException e) {
      throw new BadInput(file + ": expected a JSON table, found " + firstLine(e));
    }
  }

  /** As {@code rows}, of bytes already there; for fuzzing. */
  static void parse(String where, byte[] bytes, Consumer<Row> each) {
    try (JsonParser json = JSON.createParser(bytes)) {
      rows(where, json, each);
    } catch (IOException e) {
      throw new BadInput(where + ": expected a JSON table, found " + firstLine(e));
    }
  }

  private static void rows(String where, JsonParser json, Consumer<Row> each) throws IOException {
    if (json.nextToken() != JsonToken.START_ARRAY) {
      throw new BadInput(where + ": expected a list of rows, found something else");
    }
    while (json.nextToken() == JsonToken.START_OBJECT) {
      each.accept(row(where, json));
    }
    if (json.currentToken() != JsonToken.END_ARRAY) {
      throw new BadInput(where + ": expected a list of rows, found another thing in it");
    }
  }

  private static Row row(String where, JsonParser json) throws IOException {
    Row row = new Row(where);
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String key = json.currentName();
      switch (json.nextToken()) {
        case VALUE_STRING, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
            row.texts.put(key, json.getText());
        case START_ARRAY -> {
          double[] numbers = numbers(json);
          if (numbers != null) {
            row.lists.put(key, numbers);
          }
        }
        case START_OBJECT -> json.skipChildren();
        default -> {} // true, false, null
      }
    }
    return row;
  }

  /** Up to nine numbers, nested lists flattened; null when there is anything else. */
  private static double @Nullable [] numbers(JsonParser json) throws IOException {
    double[] found = new double[9];
    int count = 0;
    boolean plain = true;
    int depth = 1;
    while (depth > 0) {
      JsonToken token = json.nextToken();
      if (token == null) {
        return null;
      }
      switch (token) {
        case START_ARRAY -> depth++;
        case END_ARRAY -> depth--;
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
          double value = json.getDoubleValue();
          if (count < found.length && Double.isFinite(value)) {
            found[count++] = value;
          } else {
            plain = false;
          }
        }
        case START_OBJECT -> {
          json.skipChildren();
          plain = false;
        }
        default -> plain = false;
      }
    }
    return plain ? java.util.Arrays.copyOf(found, count) : null;
  }

  private static String firstLine(IOException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("").strip();
  }
}
