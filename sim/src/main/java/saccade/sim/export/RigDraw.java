package saccade.sim.export;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;

/**
 * The sensors of one exported sequence.
 *
 * @param rig 1 to 6 cameras of 448x256 px and a LiDAR
 * @param lidarLoss share of the LiDAR's returns that get lost at random, [0, 1)
 */
record RigDraw(Rig rig, double lidarLoss) {
  private static final int WIDTH = 448;
  private static final int HEIGHT = 256;
  private static final int MOST_CAMERAS = 6;

  /** The shipped six-camera rig, mounted a degree and some centimetres off. */
  static RigDraw shipped(RandomGenerator random) {
    Rig rig = Rig.sixCamera();
    List<CameraModel> cameras = new ArrayList<>();
    for (CameraModel camera : rig.cameras()) {
      double zoom = 1 + 0.01 * gauss(random);
      cameras.add(
          new CameraModel(
              camera.name(),
              camera.widthPx(),
              camera.heightPx(),
              camera.fxPx() * zoom,
              camera.fyPx() * zoom,
              camera.cxPx() + 1.5 * gauss(random),
              camera.cyPx() + 1.5 * gauss(random),
              nudged(camera.baseFromOptical(), random)));
    }
    LidarModel lidar = rig.lidar();
    if (lidar == null) {
      throw new IllegalStateException("the shipped rig has a LiDAR");
    }
    return new RigDraw(
        new Rig(
            cameras,
            new LidarModel(
                lidar.name(),
                nudged(lidar.baseFromLidar(), random),
                lidar.beams(),
                lidar.columns(),
                lidar.minElevationRad(),
                lidar.maxElevationRad(),
                lidar.maxRangeM())),
        random.nextDouble() < 0.8 ? 0 : random.nextDouble(0.02, 0.3));
  }

  /**
   * Any rig: 1 to 6 cameras, the first one roughly forward, the others in any direction, 30 to 120
   * degrees wide, square pixels or not; a LiDAR of 16, 32 or 64 beams.
   */
  static RigDraw random(RandomGenerator random) {
    List<CameraModel> cameras = new ArrayList<>();
    int count = random.nextInt(1, MOST_CAMERAS + 1);
    double turn = random.nextDouble(2 * Math.PI);
    boolean ring = random.nextDouble() < 0.5;
    for (int i = 0; i < count; i++) {
      double yaw =
          i == 0
              ? Math.toRadians(8) * gauss(random)
              : ring
                  ? turn + 2 * Math.PI * i / (count - 1) + 0.1 * gauss(random)
                  : random.nextDouble() < 0.2
                      ? 0.1 * gauss(random)
                      : random.nextDouble(2 * Math.PI);
      // Somewhere on the rim of a roof of 2.2 x 1.6 m, on the side that it looks to.
      double x = 0.7 + (i == 0 ? 0.9 : 1.1 * Math.cos(yaw)) + random.nextDouble(-0.3, 0.3);
      double y = (i == 0 ? 0 : 0.7 * Math.sin(yaw)) + random.nextDouble(-0.25, 0.25);
      Pose body =
          Pose.of(
              x,
              y,
              random.nextDouble(1.2, 2.2),
              Math.toRadians(1) * gauss(random),
              Math.toRadians(random.nextDouble(-3, 8)),
              yaw);
      double hfov =
          Math.toRadians(i == 0 ? random.nextDouble(40, 115) : random.nextDouble(30, 120));
      CameraModel ideal = CameraModel.ofHorizontalFov("camera_" + i, WIDTH, HEIGHT, hfov, body);
      // Pictures of another shape, resized to this one, have pixels that are not square.
      double tall = random.nextDouble() < 0.3 ? random.nextDouble(0.85, 1.9) : 1;
      cameras.add(
          new CameraModel(
              ideal.name(),
              WIDTH,
              HEIGHT,
              ideal.fxPx(),
              ideal.fyPx() * tall,
              ideal.cxPx() + 8 * gauss(random),
              ideal.cyPx() + 6 * gauss(random),
              ideal.baseFromOptical()));
    }
    int beams = 16 << random.nextInt(3);
    double lowest = beams == 16 ? random.nextDouble(-18, -14) : random.nextDouble(-30, -22);
    double highest = beams == 16 ? random.nextDouble(8, 15) : random.nextDouble(2, 12);
    LidarModel lidar =
        new LidarModel(
            "lidar",
            Pose.of(
                random.nextDouble(0, 1.8),
                random.nextDouble(-0.3, 0.3),
                random.nextDouble(1.5, 2.3),
                Math.toRadians(0.7) * gauss(random),
                Math.toRadians(0.7) * gauss(random),
                random.nextDouble(2 * Math.PI)),
            beams,
            beams == 64 ? 768 : 1024,
            Math.toRadians(lowest),
            Math.toRadians(highest),
            random.nextDouble(60, 110));
    return new RigDraw(
        new Rig(cameras, lidar), random.nextDouble() < 0.5 ? 0 : random.nextDouble(0.02, 0.5));
  }

  /** The pose a degree and some centimetres off, in its own frame. */
  private static Pose nudged(Pose pose, RandomGenerator random) {
    double degree = Math.toRadians(1);
    return pose.then(
        Pose.of(
            0.03 * gauss(random),
            0.03 * gauss(random),
            0.03 * gauss(random),
            degree * gauss(random),
            degree * gauss(random),
            degree * gauss(random)));
  }

  /** Standard normal, no farther out than 2. */
  private static double gauss(RandomGenerator random) {
    return Math.clamp(random.nextGaussian(), -2, 2);
  }
}
