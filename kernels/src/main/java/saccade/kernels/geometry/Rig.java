package saccade.kernels.geometry;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The sensors of one vehicle or robot and where they sit.
 *
 * @param cameras in the order of the model's camera slots
 * @param lidar absent when the rig has none
 * @param lenses by camera name: those whose pictures are not as their pinhole makes them
 */
public record Rig(List<CameraModel> cameras, @Nullable LidarModel lidar, Map<String, Lens> lenses) {
  private static final double AHEAD_COS = Math.cos(Math.toRadians(35)); // of an optical axis

  public Rig {
    cameras = List.copyOf(cameras);
    lenses = Map.copyOf(lenses);
    if (cameras.stream().map(CameraModel::name).distinct().count() != cameras.size()) {
      throw new IllegalArgumentException(
          "rig: expected distinct camera names, found "
              + cameras.stream().map(CameraModel::name).toList());
    }
  }

  /** A rig of ideal cameras. */
  public Rig(List<CameraModel> cameras, @Nullable LidarModel lidar) {
    this(cameras, lidar, Map.of());
  }

  /**
   * Cameras that look ahead: their optical axis lies within 35 degrees of base_link's x axis.
   *
   * @return bit i = camera i; 0: the rig has none that does
   */
  public long camerasAhead() {
    long mask = 0;
    for (int i = 0; i < cameras.size(); i++) {
      double alongX = cameras.get(i).baseFromOptical().rotation()[2];
      mask |= alongX >= AHEAD_COS ? 1L << i : 0;
    }
    return mask;
  }

  /**
   * A wide and a tele camera ahead, and a LiDAR; the same as {@code launch/rigs/two-camera.yaml}.
   */
  public static Rig twoCamera() {
    Pose windscreen = Pose.of(1.6, 0, 1.5, 0, 0, 0);
    return new Rig(
        List.of(
            CameraModel.ofHorizontalFov("front_wide", 448, 256, Math.toRadians(90), windscreen),
            CameraModel.ofHorizontalFov("front_tele", 448, 256, Math.toRadians(35), windscreen)),
        new LidarModel(
            "lidar_top",
            Pose.of(1.2, 0, 1.9, 0, 0, 0),
            32,
            512,
            Math.toRadians(-25),
            Math.toRadians(8),
            80));
  }

  /**
   * Six cameras around the vehicle and a LiDAR on the roof: the rig of the shipped model; the same
   * as {@code launch/rigs/six-camera.yaml}. The camera at index i takes the model's camera place i.
   */
  public static Rig sixCamera() {
    return new Rig(
        List.of(
            camera("front_wide", 90, 1.6, 0, 0),
            camera("front_tele", 35, 1.6, 0, 0),
            camera("left", 90, 1.0, 0.9, 85),
            camera("right", 90, 1.0, -0.9, -85),
            camera("rear_left", 90, 0, 0.5, 150),
            camera("rear_right", 90, 0, -0.5, -150)),
        new LidarModel(
            "lidar_top",
            Pose.of(1.2, 0, 1.9, 0, 0, 0),
            32,
            1024,
            Math.toRadians(-25),
            Math.toRadians(8),
            80));
  }

  private static CameraModel camera(
      String name, double hfovDeg, double x, double y, double yawDeg) {
    return CameraModel.ofHorizontalFov(
        name, 448, 256, Math.toRadians(hfovDeg), Pose.of(x, y, 1.5, 0, 0, Math.toRadians(yawDeg)));
  }
}
