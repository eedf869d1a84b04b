package saccade.kernels.lidar;

/**
 * The grid of picture patches that LiDAR ranges are painted on.
 *
 * @param rows rows of patches over the whole picture height
 * @param cols columns of patches over the whole picture width
 * @param minDepthM points at or below this optical depth are left out, metres, &gt; 0
 * @param maxDepthM points beyond this optical depth are left out, metres
 * @param minHeightM points at or below this height in base_link are left out (ground), metres
 * @param rangeScaleM painted ranges are depth / rangeScaleM
 */
public record PaintGrid(
    int rows, int cols, double minDepthM, double maxDepthM, double minHeightM, double rangeScaleM) {

  /** Features of a patch: least depth / scale, mean depth / scale, log1p(points) / 4. */
  public static final int FEATURES = 3;

  /** Grid of saccade-nano v1: 8 x 14 patches, 0.5 m..60 m, above 0.25 m, scale 40 m. */
  public static final PaintGrid NANO = new PaintGrid(8, 14, 0.5, 60, 0.25, 40);

  public PaintGrid {
    if (rows <= 0 || cols <= 0 || (long) rows * cols > 1 << 20) {
      throw new IllegalArgumentException(
          "paint grid: wanted rows and cols > 0 and <= 2^20 patches, found " + rows + "x" + cols);
    }
    if (!(minDepthM > 0 && maxDepthM > minDepthM && rangeScaleM > 0)) {
      throw new IllegalArgumentException(
          "paint grid: wanted 0 < minDepth < maxDepth and scale > 0, found "
              + minDepthM
              + ".."
              + maxDepthM
              + " m, scale "
              + rangeScaleM
              + " m");
    }
  }

  /** Floats of the painted input, rows * cols * 3. */
  public int floats() {
    return rows * cols * FEATURES;
  }
}
