package saccade.kernels.geometry;

/**
 * Pinhole camera. Optical frame: x right, y down, z forward (REP-103); pixel centres lie at +0.5.
 *
 * @param name sensor name, e.g. {@code front_wide}
 * @param widthPx image width, pixels
 * @param heightPx image height, pixels
 * @param fxPx focal length along x, pixels
 * @param fyPx focal length along y, pixels
 * @param cxPx principal point x, pixels
 * @param cyPx principal point y, pixels
 * @param baseFromOptical pose of the optical frame in {@code base_link}
 */
public record CameraModel(
    String name,
    int widthPx,
    int heightPx,
    double fxPx,
    double fyPx,
    double cxPx,
    double cyPx,
    Pose baseFromOptical) {

  /** Rotation of a forward-looking optical frame in {@code base_link} (z to +x, x to -y). */
  private static final Pose OPTICAL = new Pose(0, 0, 0, 0.5, -0.5, 0.5, -0.5);

  public CameraModel {
    if (widthPx < 1 || heightPx < 1 || widthPx > 16384 || heightPx > 16384) {
      throw new IllegalArgumentException(
          "camera " + name + ": expected a size of 1..16384 px, found " + widthPx + "x" + heightPx);
    }
    if (!(fxPx > 0) || !(fyPx > 0) || !Double.isFinite(fxPx) || !Double.isFinite(fyPx)) {
      throw new IllegalArgumentException(
          "camera " + name + ": expected positive focal lengths, found " + fxPx + ", " + fyPx);
    }
  }

  /**
   * An ideal camera from its horizontal field of view.
   *
   * @param bodyPose pose of the camera body (x forward, y left, z up) in {@code base_link}
   */
  public static CameraModel ofHorizontalFov(
      String name, int widthPx, int heightPx, double hfovRad, Pose bodyPose) {
    double f = widthPx / 2.0 / Math.tan(hfovRad / 2);
    return new CameraModel(
        name, widthPx, heightPx, f, f, widthPx / 2.0, heightPx / 2.0, bodyPose.then(OPTICAL));
  }

  /** The same camera delivering a resized picture. */
  public CameraModel scaledTo(int newWidthPx, int newHeightPx) {
    double sx = (double) newWidthPx / widthPx;
    double sy = (double) newHeightPx / heightPx;
    return new CameraModel(
        name, newWidthPx, newHeightPx, fxPx * sx, fyPx * sy, cxPx * sx, cyPx * sy, baseFromOptical);
  }

  /**
   * Projects a point of {@code base_link} (metres).
   *
   * @param uvDepth receives u, v (pixels) and depth along the optical axis (metres)
   * @return whether the point is in front of the camera and inside the picture; otherwise only the
   *     depth of {@code uvDepth} means something
   */
  public boolean project(double xBase, double yBase, double zBase, double[] uvDepth) {
    Pose inv = baseFromOptical.inverse();
    double[] p = inv.apply(xBase, yBase, zBase);
    uvDepth[2] = p[2];
    if (p[2] < 1e-6) {
      return false;
    }
    uvDepth[0] = fxPx * p[0] / p[2] + cxPx;
    uvDepth[1] = fyPx * p[1] / p[2] + cyPx;
    return uvDepth[0] >= 0 && uvDepth[0] < widthPx && uvDepth[1] >= 0 && uvDepth[1] < heightPx;
  }

  /** Unit ray in {@code base_link} through pixel position (u, v); into {@code dirBase} (3). */
  public void ray(double u, double v, double[] dirBase) {
    double x = (u - cxPx) / fxPx;
    double y = (v - cyPx) / fyPx;
    double n = Math.sqrt(x * x + y * y + 1);
    double[] r = baseFromOptical.rotation();
    dirBase[0] = (r[0] * x + r[1] * y + r[2]) / n;
    dirBase[1] = (r[3] * x + r[4] * y + r[5]) / n;
    dirBase[2] = (r[6] * x + r[7] * y + r[8]) / n;
  }
}
