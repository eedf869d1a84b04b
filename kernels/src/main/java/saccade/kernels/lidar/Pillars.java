package saccade.kernels.lidar;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import saccade.kernels.geometry.Pose;

/**
 * Hot path. A LiDAR sweep as pillars of a bird's-eye grid.
 *
 * <p>Features of a cell over its points: [log1p(n) / 3, highest z / 3, mean x offset - 0.5, mean y
 * offset - 0.5], offsets from the cell's near right corner in cells; all 0 in an empty cell. Plain
 * Java: the work is a scatter, which lanes do not help. Holds scratch memory: one instance a
 * thread. A call allocates nothing.
 */
public final class Pillars {
  private final PillarGrid grid;
  private final int cellsX;
  private final int cellsY;
  private final double[] r; // row-major 3x3, base_link from LiDAR
  private final double tx;
  private final double ty;
  private final double tz;
  private final float[] chunk = new float[PointLayout.CHUNK_POINTS * PointLayout.POINT_FLOATS];
  // Cells are numbered as in the output: token-major, then (cx, cy).
  private final int[] points; // (cells)
  private final double[] highestZ; // (cells)
  private final double[] offsetX; // (cells) sum, in cells
  private final double[] offsetY; // (cells) sum, in cells
  private final float[] features; // (cells, 4)
  private int pointsUsed;

  /**
   * Prepares a grid for one LiDAR.
   *
   * @param grid the grid, in base_link
   * @param baseFromLidar pose of the LiDAR in base_link
   */
  public Pillars(PillarGrid grid, Pose baseFromLidar) {
    this.grid = grid;
    this.cellsX = grid.tokensX() * grid.tokenCellsX();
    this.cellsY = grid.tokensY() * grid.tokenCellsY();
    this.r = baseFromLidar.rotation();
    this.tx = baseFromLidar.x();
    this.ty = baseFromLidar.y();
    this.tz = baseFromLidar.z();
    int cells = cellsX * cellsY;
    this.points = new int[cells];
    this.highestZ = new double[cells];
    this.offsetX = new double[cells];
    this.offsetY = new double[cells];
    this.features = new float[cells * PillarGrid.CELL_FEATURES];
  }

  /** The grid. */
  public PillarGrid grid() {
    return grid;
  }

  /** Points of the last sweep that fell into a cell. */
  public int pointsUsed() {
    return pointsUsed;
  }

  /**
   * Turns one sweep into features.
   *
   * @param sweep points as in {@link PointLayout}; only read, during the call
   * @param count points in the sweep, &gt;= 0
   * @param bev f32 [tokens, tokenFloats] in native order, wholly overwritten
   * @return points left out because x, y or z was NaN or infinite
   * @throws IllegalArgumentException when sweep or bev is too small
   */
  public int fill(MemorySegment sweep, int count, MemorySegment bev) {
    PointLayout.requirePoints(sweep, count);
    PointLayout.requireFloats("bird's-eye input", bev, features.length);
    Arrays.fill(points, 0);
    pointsUsed = 0;
    int notFinite = 0;
    for (int from = 0; from < count; from += PointLayout.CHUNK_POINTS) {
      int n = Math.min(PointLayout.CHUNK_POINTS, count - from);
      MemorySegment.copy(
          sweep,
          PointLayout.F32_LE,
          (long) from * PointLayout.POINT_BYTES,
          chunk,
          0,
          n * PointLayout.POINT_FLOATS);
      notFinite += collect(n);
    }
    writeFeatures();
    MemorySegment.copy(features, 0, bev, PointLayout.F32, 0, features.length);
    return notFinite;
  }

  private int collect(int n) {
    int notFinite = 0;
    int used = 0;
    double perCell = 1.0 / grid.cellM();
    for (int p = 0; p < n * PointLayout.POINT_FLOATS; p += PointLayout.POINT_FLOATS) {
      double lx = chunk[p];
      double ly = chunk[p + 1];
      double lz = chunk[p + 2];
      if (!Double.isFinite(lx + ly + lz)) {
        notFinite++;
        continue;
      }
      double z = r[6] * lx + r[7] * ly + r[8] * lz + tz;
      double x = r[0] * lx + r[1] * ly + r[2] * lz + tx;
      double y = r[3] * lx + r[4] * ly + r[5] * lz + ty;
      double gx = (x - grid.minX()) * perCell;
      double gy = (y - grid.minY()) * perCell;
      boolean inside =
          z > grid.minZ() && z < grid.maxZ() && gx >= 0 && gx < cellsX && gy >= 0 && gy < cellsY;
      if (!inside || inEgoBox(x, y)) {
        continue;
      }
      int ix = (int) gx;
      int iy = (int) gy;
      int cell = cell(ix, iy);
      if (points[cell]++ == 0) {
        highestZ[cell] = z;
        offsetX[cell] = gx - ix;
        offsetY[cell] = gy - iy;
      } else {
        highestZ[cell] = Math.max(highestZ[cell], z);
        offsetX[cell] += gx - ix;
        offsetY[cell] += gy - iy;
      }
      used++;
    }
    pointsUsed += used;
    return notFinite;
  }

  private boolean inEgoBox(double x, double y) {
    return x >= grid.egoMinX() && x <= grid.egoMaxX() && Math.abs(y) < grid.egoHalfWidthM();
  }

  private int cell(int ix, int iy) {
    int token = ix / grid.tokenCellsX() * grid.tokensY() + iy / grid.tokenCellsY();
    int inToken = ix % grid.tokenCellsX() * grid.tokenCellsY() + iy % grid.tokenCellsY();
    return token * grid.tokenCellsX() * grid.tokenCellsY() + inToken;
  }

  private void writeFeatures() {
    for (int cell = 0, f = 0; cell < points.length; cell++, f += PillarGrid.CELL_FEATURES) {
      int n = points[cell];
      if (n == 0) {
        features[f] = 0f;
        features[f + 1] = 0f;
        features[f + 2] = 0f;
        features[f + 3] = 0f;
      } else {
        features[f] = (float) (Math.log1p(n) / 3);
        features[f + 1] = (float) (highestZ[cell] / 3);
        features[f + 2] = (float) (offsetX[cell] / n - 0.5);
        features[f + 3] = (float) (offsetY[cell] / n - 0.5);
      }
    }
  }
}
