package saccade.nodes.graph;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Distortion;
import saccade.kernels.geometry.Lens;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.kernels.geometry.SweepTiming;
import saccade.nodes.cli.BadInput;

/**
 * Calibration of a vehicle's sensors as a YAML file ({@code launch/rigs/*.yaml}). Metres, degrees
 * and pixels in the file; radians in the {@link Rig}. Set-up only.
 *
 * <p>A camera states either {@code hfovDeg} (ideal pinhole, principal point in the middle) or
 * {@code intrinsics: [fx, fy, cx, cy]} in pixels; its place either as body pose {@code xyz, rpyDeg}
 * (x forward) or, for a measured calibration, {@code xyz, quatOptical: [w, x, y, z]} (rotation of
 * the optical frame in base_link). Instead of size and intrinsics {@code cameraInfo: FILE} names a
 * calibration in ROS's camera_info form; or {@code lens: {intrinsics: [fx, fy, cx, cy], model:
 * plumb_bob, d: [...]}} says how the real pictures differ from the pinhole's.
 *
 * <p>A LiDAR that turns while the vehicle moves, and whose sweeps nobody has corrected, states
 * {@code sweep: {turnS: 0.1, direction: left, startDeg: 180, stampAt: 0.5}}: seconds a turn, seen
 * from above left or right round, azimuth where a sweep begins, and where in it the stamp lies (0
 * beginning, 1 end).
 */
public final class RigFile {
  private static final int MAX_CAMERAS = 16;

  private RigFile() {}

  /**
   * Reads and checks a rig file.
   *
   * @throws BadInput in one line: value found, value wanted, file and key
   */
  public static Rig read(Path file) {
    return rig(YamlFields.read(file));
  }

  /** As {@link #read}, from text; {@code file} is the name used in complaints. */
  public static Rig parse(String file, String text) {
    return rig(YamlFields.parse(file, text));
  }

  /**
   * Writes a rig so that {@link #read} gives it back (to the last bit of a double).
   *
   * @param name of the rig, for people
   */
  public static void write(Path file, String name, Rig rig) throws IOException {
    StringBuilder text = new StringBuilder(1024);
    text.append("# Sensor calibration. base_link: x forward, y left, z up, origin on the ground")
        .append(" below the rear axle.\n# xyz in metres, angles in degrees, sizes in pixels;")
        .append(" intrinsics: [fx, fy, cx, cy].\n")
        .append("name: ")
        .append(name)
        .append("\ncameras:\n");
    for (CameraModel camera : rig.cameras()) {
      Pose pose = camera.baseFromOptical();
      text.append(
          String.format(
              Locale.ROOT,
              "  - {name: %s, width: %d, height: %d, intrinsics: [%s, %s, %s, %s],"
                  + " xyz: [%s, %s, %s], quatOptical: [%s, %s, %s, %s]%s}%n",
              camera.name(),
              camera.widthPx(),
              camera.heightPx(),
              camera.fxPx(),
              camera.fyPx(),
              camera.cxPx(),
              camera.cyPx(),
              pose.x(),
              pose.y(),
              pose.z(),
              pose.qw(),
              pose.qx(),
              pose.qy(),
              pose.qz(),
              lensText(rig.lenses().get(camera.name()))));
    }
    LidarModel lidar = rig.lidar();
    if (lidar != null) {
      Pose pose = lidar.baseFromLidar();
      text.append(
          String.format(
              Locale.ROOT,
              "lidar: {name: %s, beams: %d, columns: %d, elevationDeg: [%s, %s], maxRangeM: %s,"
                  + " xyz: [%s, %s, %s], quat: [%s, %s, %s, %s]%s}%n",
              lidar.name(),
              lidar.beams(),
              lidar.columns(),
              Math.toDegrees(lidar.minElevationRad()),
              Math.toDegrees(lidar.maxElevationRad()),
              lidar.maxRangeM(),
              pose.x(),
              pose.y(),
              pose.z(),
              pose.qw(),
              pose.qx(),
              pose.qy(),
              pose.qz(),
              sweepText(lidar.sweep())));
    }
    Files.writeString(file, text);
  }

  private static String sweepText(@Nullable SweepTiming sweep) {
    return sweep == null
        ? ""
        : String.format(
            Locale.ROOT,
            ", sweep: {turnS: %s, direction: %s, startDeg: %s, stampAt: %s}",
            sweep.turnS(),
            sweep.toLeft() ? "left" : "right",
            Math.toDegrees(sweep.startRad()),
            sweep.stampAt());
  }

  private static String lensText(@Nullable Lens lens) {
    return lens == null
        ? ""
        : String.format(
            Locale.ROOT,
            ", lens: {intrinsics: [%s, %s, %s, %s], model: %s, d: %s}",
            lens.fxPx(),
            lens.fyPx(),
            lens.cxPx(),
            lens.cyPx(),
            lens.distortion().model().rosName(),
            Arrays.toString(lens.distortion().coefficients()));
  }

  private static Rig rig(YamlFields top) {
    top.text("name");
    List<CameraModel> cameras = new ArrayList<>();
    Map<String, Lens> lenses = new HashMap<>();
    for (YamlFields fields : top.list("cameras", MAX_CAMERAS)) {
      cameras.add(fields.has("cameraInfo") ? calibrated(fields, lenses) : camera(fields, lenses));
    }
    LidarModel lidar = top.has("lidar") ? lidar(top.fields("lidar")) : null;
    top.end();
    try {
      Rig rig = new Rig(cameras, lidar, lenses);
      if (lidar != null && cameras.stream().anyMatch(c -> c.name().equals(lidar.name()))) {
        throw top.wrong("lidar.name", "a name no camera has", lidar.name());
      }
      return rig;
    } catch (IllegalArgumentException e) {
      throw new BadInput(top.file() + ": " + e.getMessage());
    }
  }

  /** A camera whose matrices and lens stand in a file of their own. */
  private static CameraModel calibrated(YamlFields fields, Map<String, Lens> lenses) {
    String name = sensorName(fields);
    Path file;
    try {
      Path folder = Path.of(fields.file()).toAbsolutePath().getParent();
      Path given = Path.of(fields.text("cameraInfo"));
      file = folder == null ? given : folder.resolve(given).normalize();
    } catch (InvalidPathException e) {
      throw fields.wrong("cameraInfo", "a path", fields.text("cameraInfo"));
    }
    Pose optical = pose(fields, "quatOptical");
    Pose place =
        optical != null
            ? optical
            : CameraModel.ofHorizontalFov(name, 2, 2, 1, bodyPose(fields)).baseFromOptical();
    fields.end();
    CameraInfoFile info = CameraInfoFile.read(file);
    if (!info.isIdeal()) {
      lenses.put(name, info.lens());
    }
    try {
      return info.camera(name, place);
    } catch (IllegalArgumentException e) {
      throw new BadInput(file + ": " + e.getMessage());
    }
  }

  private static @Nullable Lens lens(YamlFields camera) {
    if (!camera.has("lens")) {
      return null;
    }
    YamlFields fields = camera.fields("lens");
    double[] k = fields.numbers("intrinsics", 4);
    String model = fields.text("model");
    List<Double> d = fields.numbers("d");
    fields.end();
    try {
      return new Lens(
          k[0],
          k[1],
          k[2],
          k[3],
          Distortion.of(model, d.stream().mapToDouble(Double::doubleValue).toArray()));
    } catch (IllegalArgumentException e) {
      throw new BadInput(fields.file() + ": " + e.getMessage());
    }
  }

  private static CameraModel camera(YamlFields fields, Map<String, Lens> lenses) {
    String name = sensorName(fields);
    int width = (int) fields.whole("width", 1, 16384);
    int height = (int) fields.whole("height", 1, 16384);
    double[] intrinsics = fields.has("intrinsics") ? fields.numbers("intrinsics", 4) : null;
    double hfovDeg = intrinsics == null ? fields.number("hfovDeg", 1, 179) : 0;
    Pose optical = pose(fields, "quatOptical");
    Pose body = optical == null ? bodyPose(fields) : Pose.IDENTITY;
    Lens lens = lens(fields);
    if (lens != null) {
      lenses.put(name, lens);
    }
    fields.end();
    try {
      CameraModel ideal =
          CameraModel.ofHorizontalFov(
              name, width, height, Math.toRadians(intrinsics == null ? hfovDeg : 90), body);
      Pose place = optical == null ? ideal.baseFromOptical() : optical;
      return intrinsics == null
          ? new CameraModel(
              name, width, height, ideal.fxPx(), ideal.fyPx(), ideal.cxPx(), ideal.cyPx(), place)
          : new CameraModel(
              name,
              width,
              height,
              intrinsics[0],
              intrinsics[1],
              intrinsics[2],
              intrinsics[3],
              place);
    } catch (IllegalArgumentException e) {
      throw new BadInput(fields.file() + ": " + e.getMessage());
    }
  }

  private static LidarModel lidar(YamlFields fields) {
    String name = sensorName(fields);
    int beams = (int) fields.whole("beams", 1, 256);
    int columns = (int) fields.whole("columns", 1, 8192);
    double[] elevation = fields.numbers("elevationDeg", 2);
    double range = fields.number("maxRangeM", 0.1, 1000);
    Pose measured = pose(fields, "quat");
    Pose place = measured == null ? bodyPose(fields) : measured;
    SweepTiming sweep = fields.has("sweep") ? sweep(fields.fields("sweep")) : null;
    fields.end();
    try {
      return new LidarModel(
          name,
          place,
          beams,
          columns,
          Math.toRadians(elevation[0]),
          Math.toRadians(elevation[1]),
          range,
          sweep);
    } catch (IllegalArgumentException e) {
      throw new BadInput(fields.file() + ": " + e.getMessage());
    }
  }

  private static SweepTiming sweep(YamlFields fields) {
    double turnS = fields.number("turnS", 0.001, 2);
    String direction = fields.text("direction");
    if (!direction.equals("left") && !direction.equals("right")) {
      throw fields.wrong("direction", "left (counter-clockwise from above) or right", direction);
    }
    double startDeg = fields.number("startDeg", -360, 360);
    double stampAt = fields.number("stampAt", 0, 1);
    fields.end();
    return new SweepTiming(turnS, direction.equals("left"), Math.toRadians(startDeg), stampAt);
  }

  /** A name is a word that may stand in a path and in {@code node/output}. */
  private static String sensorName(YamlFields fields) {
    String name = fields.text("name");
    if (!name.matches("[a-z][a-z0-9_]{0,39}")) {
      throw fields.wrong("name", "lower-case letters, digits and _ (at most 40)", name);
    }
    return name;
  }

  private static Pose bodyPose(YamlFields fields) {
    double[] xyz = fields.numbers("xyz", 3);
    double[] rpy = fields.numbers("rpyDeg", 3);
    return Pose.of(
        xyz[0],
        xyz[1],
        xyz[2],
        Math.toRadians(rpy[0]),
        Math.toRadians(rpy[1]),
        Math.toRadians(rpy[2]));
  }

  private static @Nullable Pose pose(YamlFields fields, String key) {
    if (!fields.has(key)) {
      return null;
    }
    double[] xyz = fields.numbers("xyz", 3);
    double[] q = fields.numbers(key, 4);
    try {
      return new Pose(xyz[0], xyz[1], xyz[2], q[0], q[1], q[2], q[3]);
    } catch (IllegalArgumentException e) {
      throw fields.wrong(key, "a unit quaternion [w, x, y, z]", e.getMessage());
    }
  }
}
