package saccade.kernels.geometry;

/**
 * How a real camera's pictures differ from those of its ideal pinhole: its own matrix and a bent
 * ray. Pictures have the size of the pinhole's. Named as in sensor_msgs/CameraInfo: {@code K} and
 * {@code D} are here, {@code P} is the pinhole.
 *
 * @param fxPx focal length of K, pixels (likewise fy)
 * @param cxPx principal point of K, pixels, pixel centres at +0.5 (likewise cy)
 * @param distortion of the ray
 */
public record Lens(double fxPx, double fyPx, double cxPx, double cyPx, Distortion distortion) {
  public Lens {
    if (!(fxPx > 0 && fyPx > 0) || !Double.isFinite(fxPx + fyPx + cxPx + cyPx)) {
      throw new IllegalArgumentException(
          "lens: expected positive focal lengths and a finite principal point, found "
              + fxPx
              + ", "
              + fyPx
              + ", "
              + cxPx
              + ", "
              + cyPx);
    }
  }

  /** The camera whose matrix is K, at the place of the pinhole. */
  public CameraModel raw(CameraModel pinhole) {
    return new CameraModel(
        pinhole.name(),
        pinhole.widthPx(),
        pinhole.heightPx(),
        fxPx,
        fyPx,
        cxPx,
        cyPx,
        pinhole.baseFromOptical());
  }
}
