package saccade.kernels.lidar;

/**
 * The bird's-eye grid of a model's LiDAR input, in base_link (x forward, y left, z up; metres).
 *
 * <pre>
 *   x maxX +----+----+  tokens: rows along x (near to far), columns along y (right to left),
 *          |  6 |  7 |          token = ix * tokensY + iy (here tokensY = 2 of 4)
 *          +----+----+  cells in a token: (cx, cy) row-major, cx along x, cy along y
 *          |  4 |  5 |
 *   x minX +----+----+
 *        y minY      y maxY    (right)    (left)
 * </pre>
 *
 * @param cellM side of a square cell
 * @param minX near edge; cells cover minX &lt;= x &lt; maxX
 * @param maxX far edge
 * @param minY right edge; cells cover minY &lt;= y &lt; maxY
 * @param maxY left edge
 * @param tokenCellsX cells of a token along x
 * @param tokenCellsY cells of a token along y
 * @param minZ points at or below are left out (ground)
 * @param maxZ points at or above are left out (trees, bridges)
 * @param egoMinX rear end of the own body; points in the body's box, edges included, are left out
 * @param egoMaxX front end of the own body
 * @param egoHalfWidthM own body covers |y| &lt; egoHalfWidthM
 */
public record PillarGrid(
    double cellM,
    double minX,
    double maxX,
    double minY,
    double maxY,
    int tokenCellsX,
    int tokenCellsY,
    double minZ,
    double maxZ,
    double egoMinX,
    double egoMaxX,
    double egoHalfWidthM) {

  /** Features of a cell: log1p(n) / 3, max z / 3, mean x offset, mean y offset. */
  public static final int CELL_FEATURES = 4;

  /** Grid of saccade-nano v1: 48 m x 24 m, 1 m cells, 6 x 4 tokens of 8 x 6 cells. */
  public static final PillarGrid NANO =
      new PillarGrid(1.0, 0, 48, -12, 12, 8, 6, 0.25, 3.0, -1.2, 3.9, 1.1);

  /** Grid of saccade-nano v2: as {@link #NANO}, but from 24 m behind on; 9 x 4 tokens. */
  public static final PillarGrid NANO_AROUND =
      new PillarGrid(1.0, -24, 48, -12, 12, 8, 6, 0.25, 3.0, -1.2, 3.9, 1.1);

  public PillarGrid {
    if (!(cellM > 0 && maxX > minX && maxY > minY && maxZ > minZ)) {
      throw new IllegalArgumentException(
          "pillar grid: wanted cell > 0 and min < max along x, y and z, found cell "
              + cellM
              + ", x "
              + minX
              + ".."
              + maxX
              + ", y "
              + minY
              + ".."
              + maxY
              + ", z "
              + minZ
              + ".."
              + maxZ);
    }
    if (tokenCellsX <= 0 || tokenCellsY <= 0) {
      throw new IllegalArgumentException(
          "pillar grid: wanted tokens of > 0 cells, found " + tokenCellsX + "x" + tokenCellsY);
    }
    requireWhole("x", maxX - minX, cellM * tokenCellsX);
    requireWhole("y", maxY - minY, cellM * tokenCellsY);
  }

  private static void requireWhole(String axis, double lengthM, double tokenM) {
    double tokens = lengthM / tokenM;
    if (Math.abs(tokens - Math.rint(tokens)) > 1e-6 || tokens > 4096) {
      throw new IllegalArgumentException(
          "pillar grid: wanted a whole number of tokens (<= 4096) along "
              + axis
              + ", found "
              + lengthM
              + " m / "
              + tokenM
              + " m = "
              + tokens);
    }
  }

  /** Tokens along x. */
  public int tokensX() {
    return (int) Math.rint((maxX - minX) / (cellM * tokenCellsX));
  }

  /** Tokens along y. */
  public int tokensY() {
    return (int) Math.rint((maxY - minY) / (cellM * tokenCellsY));
  }

  /** All tokens. */
  public int tokens() {
    return tokensX() * tokensY();
  }

  /** Floats of one token. */
  public int tokenFloats() {
    return tokenCellsX * tokenCellsY * CELL_FEATURES;
  }

  /** Floats of the whole input, tokens * tokenFloats. */
  public int floats() {
    return tokens() * tokenFloats();
  }
}
