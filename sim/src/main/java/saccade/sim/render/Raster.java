package saccade.sim.render;

import java.util.Arrays;

/**
 * Buffers of inverse depth, face and shadow of one picture, and the convex polygons and ellipsoids
 * that fill them. A pixel belongs to a shape when its centre does. Inverse depth is affine on the
 * screen for a plane, so one multiply-add a pixel decides. Polygons are given in the optical frame
 * (x right, y down, z forward, metres) in {@link #x}, {@link #y}, {@link #z} and are clipped at the
 * near plane. Allocates nothing after construction.
 */
final class Raster {
  static final double NEAR_M = 0.1;

  /** Most corners of a polygon before clipping. */
  static final int CORNERS = 8;

  final int width;
  final int height;
  final double fx;
  final double fy;
  final double cx;
  final double cy;

  final float[] inverseDepth; // [height][width], 1/m, 0 = nothing
  final int[] face; // [height][width], -1 = none
  final byte[] shadow; // [height][width], 1 where a box darkens the ground

  final double[] x = new double[CORNERS];
  final double[] y = new double[CORNERS];
  final double[] z = new double[CORNERS];
  private final double[] u = new double[CORNERS + 1];
  private final double[] v = new double[CORNERS + 1];
  private final double[] slope = new double[CORNERS + 1];

  Raster(int width, int height, double fx, double fy, double cx, double cy) {
    this.width = width;
    this.height = height;
    this.fx = fx;
    this.fy = fy;
    this.cx = cx;
    this.cy = cy;
    inverseDepth = new float[width * height];
    face = new int[width * height];
    shadow = new byte[width * height];
  }

  void clear() {
    Arrays.fill(inverseDepth, 0);
    Arrays.fill(face, -1);
    Arrays.fill(shadow, (byte) 0);
  }

  /** Marks the polygon of so many corners as shadow. */
  void shade(int corners) {
    int n = toScreen(corners);
    if (n > 0) {
      fill(n, -1, 0, 0, 0);
    }
  }

  /**
   * Draws the polygon of so many corners, which lies in the plane n.p = plane; says whether any
   * pixel of it is the nearest so far.
   */
  boolean draw(int corners, int faceAt, double nx, double ny, double nz, double plane) {
    int n = toScreen(corners);
    if (n == 0) {
      return false;
    }
    double du = nx / (fx * plane);
    double dv = ny / (fy * plane);
    return fill(n, faceAt, du, dv, nz / plane - du * cx - dv * cy);
  }

  /** Clips at the near plane and projects; number of corners left, 0 when off the picture. */
  private int toScreen(int corners) {
    int out = 0;
    int previous = corners - 1;
    double minU = Double.POSITIVE_INFINITY;
    double maxU = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < corners; i++) {
      boolean in = z[i] >= NEAR_M;
      if (in != z[previous] >= NEAR_M) {
        double t = (NEAR_M - z[previous]) / (z[i] - z[previous]);
        u[out] = fx * (x[previous] + t * (x[i] - x[previous])) / NEAR_M + cx;
        v[out] = fy * (y[previous] + t * (y[i] - y[previous])) / NEAR_M + cy;
        minU = Math.min(minU, u[out]);
        maxU = Math.max(maxU, u[out++]);
      }
      if (in) {
        double inverse = 1 / z[i];
        u[out] = fx * x[i] * inverse + cx;
        v[out] = fy * y[i] * inverse + cy;
        minU = Math.min(minU, u[out]);
        maxU = Math.max(maxU, u[out++]);
      }
      previous = i;
    }
    return maxU <= 0 || minU >= width ? 0 : out;
  }

  private boolean fill(int corners, int faceAt, double du, double dv, double at0) {
    double minV = Double.POSITIVE_INFINITY;
    double maxV = Double.NEGATIVE_INFINITY;
    int previous = corners - 1;
    for (int i = 0; i < corners; i++) {
      minV = Math.min(minV, v[i]);
      maxV = Math.max(maxV, v[i]);
      double rise = v[i] - v[previous];
      slope[i] = rise == 0 ? 0 : (u[i] - u[previous]) / rise;
      previous = i;
    }
    int top = Math.max((int) Math.ceil(Math.max(minV, 0) - 0.5), 0);
    int bottom = (int) Math.ceil(Math.min(maxV, height) - 0.5);
    boolean any = false;
    for (int row = top; row < bottom; row++) {
      double vc = row + 0.5;
      double from = Double.POSITIVE_INFINITY;
      double to = Double.NEGATIVE_INFINITY;
      previous = corners - 1;
      for (int i = 0; i < corners; i++) {
        double v0 = v[previous];
        if ((v0 <= vc) != (v[i] <= vc)) {
          double at = u[previous] + (vc - v0) * slope[i];
          from = Math.min(from, at);
          to = Math.max(to, at);
        }
        previous = i;
      }
      int left = (int) Math.ceil(Math.max(from, 0) - 0.5);
      int right = (int) Math.ceil(Math.min(to, width) - 0.5);
      if (left >= right) {
        continue;
      }
      int at = row * width;
      if (faceAt < 0) {
        Arrays.fill(shadow, at + left, at + right, (byte) 1);
      } else {
        any |= span(at + left, right - left, faceAt, at0 + dv * vc + du * (left + 0.5), du);
      }
    }
    return any;
  }

  private boolean span(int at, int count, int faceAt, double w0, double du) {
    boolean any = false;
    double w = w0;
    for (int i = at; i < at + count; i++, w += du) {
      if (w > inverseDepth[i]) {
        inverseDepth[i] = (float) w;
        face[i] = faceAt;
        any = true;
      }
    }
    return any;
  }

  /**
   * Draws the ellipsoid |M (p - c)| = 1.
   *
   * @param m rows of M in the optical frame, 1/m, [3][3]
   * @param reach radius of a sphere around it, metres
   * @param ragged how far inside its outline leaves may end, 0..1; 0 for a smooth one
   * @param grain number of the tile's part that makes the outline ragged
   */
  boolean ellipsoid(
      int faceAt,
      double xc,
      double yc,
      double zc,
      double[] m,
      double reach,
      float ragged,
      int grain) {
    if (zc - reach < NEAR_M) {
      return false; // the camera is among its leaves
    }
    double off = yc / zc;
    double spread = reach / Math.max(zc - reach, 0.3 * zc) * (1.1 + off * off) + 0.02;
    int top = Math.max(0, (int) ((yc / zc - spread) * fy + cy));
    int bottom = Math.min(height, (int) ((yc / zc + spread) * fy + cy) + 2);
    double c0 = m[0] * xc + m[1] * yc + m[2] * zc;
    double c1 = m[3] * xc + m[4] * yc + m[5] * zc;
    double c2 = m[6] * xc + m[7] * yc + m[8] * zc;
    double k = c0 * c0 + c1 * c1 + c2 * c2;
    double c = k - 1;
    double rimScale = zc * zc / k;
    double scale = 1 / fx;
    boolean any = false;
    for (int row = top; row < bottom; row++) {
      double yn = (row + 0.5 - cy) / fy;
      // M d for the ray of column 0, and how it grows a column.
      double first = (0.5 - cx) * scale;
      double a0 = m[0] * first + m[1] * yn + m[2];
      double a1 = m[3] * first + m[4] * yn + m[5];
      double a2 = m[6] * first + m[7] * yn + m[8];
      double g0 = m[0] * scale;
      double g1 = m[3] * scale;
      double g2 = m[6] * scale;
      double aa = a0 * a0 + a1 * a1 + a2 * a2;
      double ag = a0 * g0 + a1 * g1 + a2 * g2;
      double gg = g0 * g0 + g1 * g1 + g2 * g2;
      double b0 = a0 * c0 + a1 * c1 + a2 * c2;
      double bg = g0 * c0 + g1 * c1 + g2 * c2;
      // Discriminant (b0 + bg i)^2 - c (aa + 2 ag i + gg i^2) >= 0 between its two roots.
      double q2 = bg * bg - c * gg;
      double q1 = b0 * bg - c * ag;
      double q0 = b0 * b0 - c * aa;
      double inside = q1 * q1 - q2 * q0;
      if (inside <= 0 || q2 >= 0) {
        continue;
      }
      double root = Math.sqrt(inside);
      int from = (int) Math.ceil(Math.max(0, (-q1 + root) / q2));
      int to = (int) Math.floor(Math.min(width - 1.0, (-q1 - root) / q2));
      int at = row * width;
      for (int i = from; i <= to; i++) {
        double disc = q0 + i * (2 * q1 + i * q2);
        if (disc < 0) {
          continue;
        }
        if (ragged > 0) {
          double across = (first + i * scale) * zc - xc;
          int leaf = Noise.texel(across * 7 + grain, yn * zc * 7);
          if (disc * rimScale < ragged * (leaf + 75) * (1 / 150.0)) {
            continue;
          }
        }
        double w = (aa + i * (2 * ag + i * gg)) / (b0 + i * bg - Math.sqrt(disc));
        if (w > inverseDepth[at + i]) {
          inverseDepth[at + i] = (float) w;
          face[at + i] = faceAt;
          any = true;
        }
      }
    }
    return any;
  }
}
