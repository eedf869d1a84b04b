package saccade.nodes.rosnode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Distortion;
import saccade.kernels.geometry.Lens;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.msg.sensor_msgs.CameraInfo;
import saccade.msg.sensor_msgs.PointCloud2;
import saccade.nodes.cdr.PointCloud2View;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.graph.CameraInfoFile;
import saccade.nodes.graph.GraphNode;
import saccade.nodes.node.Node;
import saccade.nodes.node.TransformBuffer;
import saccade.nodes.node.TransformFault;
import saccade.nodes.node.TransformListener;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.Subscription;

/**
 * The rig as a robot itself publishes it: sizes, matrices and lenses of the cameras from
 * sensor_msgs/CameraInfo, places of all sensors from {@code /tf_static} (and {@code /tf}). The rig
 * file says which sensors there are, in which order, and how the LiDAR turns. Set-up only: what
 * changes later is for {@link CameraInfoCheck}.
 *
 * <p>A camera stands where the frame of its camera_info stands, the LiDAR where that of its first
 * cloud does.
 */
final class TopicCalibration {
  private static final long POLL_MS = 20;
  private static final double TURNED = 1e-3;

  private final Node node;
  private final GraphNode.Ros topics;
  private final GraphNode.Ros.Calibration wanted;
  private final Rig plan;
  private final TransformBuffer transforms = new TransformBuffer();
  private final Map<String, CameraInfo> infos = new ConcurrentHashMap<>(); // by camera
  private volatile @Nullable String lidarFrame;

  private TopicCalibration(
      Node node, GraphNode.Ros topics, GraphNode.Ros.Calibration wanted, Rig plan) {
    this.node = node;
    this.topics = topics;
    this.wanted = wanted;
    this.plan = plan;
  }

  /**
   * Waits until all is known, as long as the graph says.
   *
   * @param plan the rig file: names, order, the LiDAR's beams
   * @throws BadInput in one line, naming what is missing or cannot be used
   */
  static Rig read(Node node, GraphNode.Ros topics, GraphNode.Ros.Calibration wanted, Rig plan) {
    return new TopicCalibration(node, topics, wanted, plan).read();
  }

  private Rig read() {
    List<AutoCloseable> open = new ArrayList<>();
    try {
      open.add(new TransformListener(node, transforms));
      for (CameraModel camera : plan.cameras()) {
        open.add(
            node.createSubscription(
                CameraInfo.TYPE,
                topics.cameraInfoTopic(camera.name()),
                QosProfile.SENSOR_DATA,
                (info, from) -> infos.put(camera.name(), info)));
      }
      LidarModel lidar = plan.lidar();
      if (lidar != null) {
        open.add(clouds(lidar));
      }
      long endNs = System.nanoTime() + (long) (wanted.waitS() * 1e9);
      while (true) {
        Map<String, String> missing = missing();
        if (missing.isEmpty()) {
          return rig();
        }
        if (System.nanoTime() > endNs) {
          throw new BadInput(
              ExitCode.UNAVAILABLE,
              "calibration from topics: after "
                  + wanted.waitS()
                  + " s still wanted: "
                  + String.join("; ", missing.values()));
        }
        TimeUnit.MILLISECONDS.sleep(POLL_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BadInput(ExitCode.UNAVAILABLE, "calibration from topics: interrupted");
    } finally {
      open.forEach(TopicCalibration::close);
    }
  }

  private Subscription clouds(LidarModel lidar) {
    String topic = topics.topics().getOrDefault(lidar.name(), "");
    PointCloud2View view = new PointCloud2View();
    return node.createRawSubscription(
        PointCloud2.TYPE,
        topic,
        QosProfile.SENSOR_DATA,
        (cdr, bytes, from) -> {
          if (lidarFrame == null && view.wrap(cdr, bytes)) {
            lidarFrame = view.frameId();
          }
        });
  }

  private static void close(AutoCloseable it) {
    try {
      it.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** What is not known yet, by sensor. */
  private Map<String, String> missing() {
    Map<String, String> missing = new LinkedHashMap<>();
    for (CameraModel camera : plan.cameras()) {
      CameraInfo info = infos.get(camera.name());
      if (info == null) {
        missing.put(camera.name(), "camera_info on topic " + topics.cameraInfoTopic(camera.name()));
      } else {
        place(info.header().frameId(), camera.name(), missing);
      }
    }
    LidarModel lidar = plan.lidar();
    if (lidar != null) {
      String frame = lidarFrame;
      if (frame == null) {
        missing.put(lidar.name(), "a cloud on topic " + topics.topics().get(lidar.name()));
      } else {
        place(frame, lidar.name(), missing);
      }
    }
    return missing;
  }

  private @Nullable Pose place(String frame, String sensor, Map<String, String> missing) {
    try {
      return transforms.lookup(wanted.base(), frame, TransformBuffer.LATEST);
    } catch (TransformFault e) {
      missing.put(
          sensor,
          "where %s stands (frame '%s' in '%s'): %s"
              .formatted(sensor, frame, wanted.base(), e.getMessage()));
      return null;
    }
  }

  private Rig rig() {
    List<CameraModel> cameras = new ArrayList<>();
    Map<String, Lens> lenses = new HashMap<>();
    for (CameraModel camera : plan.cameras()) {
      CameraInfo info = infos.get(camera.name());
      if (info == null) {
        throw new IllegalStateException("no camera_info of " + camera.name());
      }
      CameraInfoFile calibration =
          calibration(topics.cameraInfoTopic(camera.name()), camera.name(), info);
      cameras.add(
          calibration.camera(
              camera.name(),
              transforms.lookup(wanted.base(), info.header().frameId(), TransformBuffer.LATEST)));
      if (!calibration.isIdeal()) {
        lenses.put(camera.name(), calibration.lens());
      }
    }
    LidarModel lidar = plan.lidar();
    String frame = lidarFrame;
    LidarModel placed =
        lidar == null || frame == null
            ? lidar
            : new LidarModel(
                lidar.name(),
                transforms.lookup(wanted.base(), frame, TransformBuffer.LATEST),
                lidar.beams(),
                lidar.columns(),
                lidar.minElevationRad(),
                lidar.maxElevationRad(),
                lidar.maxRangeM(),
                lidar.sweep());
    Rig rig = new Rig(cameras, placed, lenses);
    node.logger()
        .info(
            "rig from topics: "
                + cameras.stream()
                    .map(c -> c.name() + " " + c.widthPx() + "x" + c.heightPx())
                    .toList()
                + " in "
                + wanted.base());
    return rig;
  }

  /**
   * A message as a calibration file would say it.
   *
   * @throws BadInput in one line, when it does not describe pictures that we can use
   */
  static CameraInfoFile calibration(String topic, String camera, CameraInfo info) {
    String where = "topic " + topic + " (" + camera + "): camera_info ";
    double[] k = info.k();
    double[] p = info.p();
    double[] r = info.r();
    if (k[0] == 0) {
      throw new BadInput(where + "of an uncalibrated camera: K[0] is 0, wanted a focal length");
    }
    boolean turned = false;
    boolean given = Arrays.stream(r).anyMatch(value -> value != 0);
    for (int i = 0; i < r.length && given; i++) {
      turned |= !(Math.abs(r[i] - (i % 4 == 0 ? 1 : 0)) <= TURNED);
    }
    if (turned) {
      throw new BadInput(
          where + "with a rectification that turns the picture: R is " + Arrays.toString(r));
    }
    if (Integer.compareUnsigned(info.binningX(), 1) > 0
        || Integer.compareUnsigned(info.binningY(), 1) > 0
        || info.roi().width() != 0
        || info.roi().height() != 0) {
      throw new BadInput(
          "%swith binning %s x %s, region %s x %s: wanted whole pictures (0 or 1, and 0)"
              .formatted(
                  where,
                  Integer.toUnsignedString(info.binningX()),
                  Integer.toUnsignedString(info.binningY()),
                  Integer.toUnsignedString(info.roi().width()),
                  Integer.toUnsignedString(info.roi().height())));
    }
    double[] pinhole =
        p[0] > 0 && p[5] > 0
            ? new double[] {p[0], p[5], p[2], p[6]}
            : new double[] {k[0], k[4], k[2], k[5]};
    String model = info.distortionModel().isEmpty() ? "plumb_bob" : info.distortionModel();
    try {
      Lens lens = new Lens(k[0], k[4], k[2], k[5], Distortion.of(model, info.d()));
      CameraInfoFile file = new CameraInfoFile(camera, info.width(), info.height(), pinhole, lens);
      file.camera(camera, Pose.IDENTITY); // its own bounds
      return file;
    } catch (IllegalArgumentException e) {
      throw new BadInput(where + "cannot be used: " + e.getMessage());
    }
  }
}
