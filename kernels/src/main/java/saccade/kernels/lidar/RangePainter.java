package saccade.kernels.lidar;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Pose;

/**
 * Hot path. Paints the ranges of a LiDAR sweep on the patches of one camera's picture.
 *
 * <p>A patch gets [least depth / scale, mean depth / scale, log1p(points) / 4] over the points that
 * project into it; depth is the optical z in metres; all 0 without points. Every point counts, also
 * one that a nearer surface hides from the camera. The picture size cancels out, so the camera
 * model may be that of the source picture or of the resized one. Plain Java: a scatter. Holds
 * scratch memory: one instance a thread. A call allocates nothing.
 */
public final class RangePainter {
  private final PaintGrid grid;
  private final double[] r; // row-major 3x3, optical frame from LiDAR
  private final double tx;
  private final double ty;
  private final double tz;
  private final double[] up = new double[4]; // height in base_link: up . (x, y, z, 1)
  private final double colsPerTan; // focal length along x, patches
  private final double rowsPerTan;
  private final double centreCol; // principal point, patches
  private final double centreRow;
  private final float[] chunk = new float[PointLayout.CHUNK_POINTS * PointLayout.POINT_FLOATS];
  private final int[] points; // (rows, cols)
  private final double[] leastDepth; // (rows, cols) metres
  private final double[] depthSum; // (rows, cols) metres
  private final float[] features; // (rows, cols, 3)
  private int notFinite;

  /**
   * Prepares painting for one camera and one LiDAR.
   *
   * @param camera the camera, in base_link
   * @param baseFromLidar pose of the LiDAR in base_link
   * @param grid patches over the whole picture, and limits
   */
  public RangePainter(CameraModel camera, Pose baseFromLidar, PaintGrid grid) {
    this.grid = grid;
    Pose opticalFromLidar = camera.baseFromOptical().inverse().then(baseFromLidar);
    this.r = opticalFromLidar.rotation();
    this.tx = opticalFromLidar.x();
    this.ty = opticalFromLidar.y();
    this.tz = opticalFromLidar.z();
    double[] base = baseFromLidar.rotation();
    up[0] = base[6];
    up[1] = base[7];
    up[2] = base[8];
    up[3] = baseFromLidar.z();
    double colsPerPx = (double) grid.cols() / camera.widthPx();
    double rowsPerPx = (double) grid.rows() / camera.heightPx();
    this.colsPerTan = camera.fxPx() * colsPerPx;
    this.rowsPerTan = camera.fyPx() * rowsPerPx;
    this.centreCol = camera.cxPx() * colsPerPx;
    this.centreRow = camera.cyPx() * rowsPerPx;
    int patches = grid.rows() * grid.cols();
    this.points = new int[patches];
    this.leastDepth = new double[patches];
    this.depthSum = new double[patches];
    this.features = new float[grid.floats()];
  }

  /** The grid. */
  public PaintGrid grid() {
    return grid;
  }

  /** Points of the last sweep left out because x, y or z was NaN or infinite. */
  public int notFinite() {
    return notFinite;
  }

  /**
   * Paints one sweep.
   *
   * @param sweep points as in {@link PointLayout}; only read, during the call
   * @param count points in the sweep, &gt;= 0
   * @param paint f32 [rows * cols, 3] in native order, wholly overwritten
   * @return points painted
   * @throws IllegalArgumentException when sweep or paint is too small
   */
  public int paint(MemorySegment sweep, int count, MemorySegment paint) {
    PointLayout.requirePoints(sweep, count);
    PointLayout.requireFloats("paint", paint, features.length);
    Arrays.fill(points, 0);
    notFinite = 0;
    int painted = 0;
    for (int from = 0; from < count; from += PointLayout.CHUNK_POINTS) {
      int n = Math.min(PointLayout.CHUNK_POINTS, count - from);
      MemorySegment.copy(
          sweep,
          PointLayout.F32_LE,
          (long) from * PointLayout.POINT_BYTES,
          chunk,
          0,
          n * PointLayout.POINT_FLOATS);
      painted += collect(n);
    }
    writeFeatures();
    MemorySegment.copy(features, 0, paint, PointLayout.F32, 0, features.length);
    return painted;
  }

  private int collect(int n) {
    int painted = 0;
    int bad = 0;
    for (int p = 0; p < n * PointLayout.POINT_FLOATS; p += PointLayout.POINT_FLOATS) {
      double lx = chunk[p];
      double ly = chunk[p + 1];
      double lz = chunk[p + 2];
      if (!Double.isFinite(lx + ly + lz)) {
        bad++;
        continue;
      }
      double depth = r[6] * lx + r[7] * ly + r[8] * lz + tz;
      double height = up[0] * lx + up[1] * ly + up[2] * lz + up[3];
      if (!(depth > grid.minDepthM() && depth <= grid.maxDepthM() && height > grid.minHeightM())) {
        continue;
      }
      double right = r[0] * lx + r[1] * ly + r[2] * lz + tx;
      double down = r[3] * lx + r[4] * ly + r[5] * lz + ty;
      double col = right / depth * colsPerTan + centreCol;
      double row = down / depth * rowsPerTan + centreRow;
      if (!(col >= 0 && col < grid.cols() && row >= 0 && row < grid.rows())) {
        continue;
      }
      int patch = ((int) row) * grid.cols() + (int) col;
      if (points[patch]++ == 0) {
        leastDepth[patch] = depth;
        depthSum[patch] = depth;
      } else {
        leastDepth[patch] = Math.min(leastDepth[patch], depth);
        depthSum[patch] += depth;
      }
      painted++;
    }
    notFinite += bad;
    return painted;
  }

  private void writeFeatures() {
    for (int patch = 0, f = 0; patch < points.length; patch++, f += PaintGrid.FEATURES) {
      int n = points[patch];
      if (n == 0) {
        features[f] = 0f;
        features[f + 1] = 0f;
        features[f + 2] = 0f;
      } else {
        features[f] = (float) (leastDepth[patch] / grid.rangeScaleM());
        features[f + 1] = (float) (depthSum[patch] / n / grid.rangeScaleM());
        features[f + 2] = (float) (Math.log1p(n) / 4);
      }
    }
  }
}
