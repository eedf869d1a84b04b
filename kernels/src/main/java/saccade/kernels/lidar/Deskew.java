package saccade.kernels.lidar;

import java.lang.foreign.MemorySegment;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.SweepTiming;

/**
 * Hot path. A sweep as if all of it had been measured at one instant, while the vehicle moves.
 *
 * <p>A point's azimuth tells when in the turn it was measured. In between, the vehicle goes on an
 * arc of constant speed and yaw rate (a circle of the rear axle); the point is taken back along it.
 * What moves by itself stays where it was seen. The arc is worked out for 1024 parts of a turn, a
 * point takes the middle of its part: at 30 m/s and 10 Hz at most 2 mm beside. Without motion the
 * sweep comes out bit for bit as it went in. Holds scratch memory: one instance a thread. A call
 * allocates nothing.
 */
public final class Deskew {
  private static final int STEPS = 1024;

  private final SweepTiming timing;
  private final double[] r; // row-major 3x3, base_link from LiDAR
  private final double tx;
  private final double ty;
  private final float[] chunk = new float[PointLayout.CHUNK_POINTS * PointLayout.POINT_FLOATS];
  private final float[] motion = new float[12 * STEPS]; // (steps) 3x4, LiDAR then from LiDAR now

  /**
   * Prepares one LiDAR.
   *
   * @param baseFromLidar pose of the LiDAR in base_link
   * @param timing when it looks where
   */
  public Deskew(Pose baseFromLidar, SweepTiming timing) {
    this.timing = timing;
    this.r = baseFromLidar.rotation();
    this.tx = baseFromLidar.x();
    this.ty = baseFromLidar.y();
  }

  /**
   * Corrects one sweep.
   *
   * @param sweep points as in {@link PointLayout}; only read, during the call
   * @param count points in the sweep, &gt;= 0
   * @param stampS the sweep's stamp less the instant wanted, seconds
   * @param speedMps of the rear axle along base_link x
   * @param yawRateRps left positive
   * @param into takes count points; points that are not finite go over as they are
   * @throws IllegalArgumentException when sweep or into is too small
   */
  public void correct(
      MemorySegment sweep,
      int count,
      double stampS,
      double speedMps,
      double yawRateRps,
      MemorySegment into) {
    PointLayout.requirePoints(sweep, count);
    PointLayout.requirePoints(into, count);
    if (speedMps == 0 && yawRateRps == 0) {
      MemorySegment.copy(sweep, 0, into, 0, (long) count * PointLayout.POINT_BYTES);
      return;
    }
    prepare(stampS, speedMps, yawRateRps);
    for (int from = 0; from < count; from += PointLayout.CHUNK_POINTS) {
      int n = Math.min(PointLayout.CHUNK_POINTS, count - from);
      long at = (long) from * PointLayout.POINT_BYTES;
      int floats = n * PointLayout.POINT_FLOATS;
      MemorySegment.copy(sweep, PointLayout.F32_LE, at, chunk, 0, floats);
      move(floats);
      MemorySegment.copy(chunk, 0, into, PointLayout.F32_LE, at, floats);
    }
  }

  /** For each part of the turn: where the LiDAR was then, seen from where it is at the instant. */
  private void prepare(double stampS, double speedMps, double yawRateRps) {
    for (int i = 0; i < STEPS; i++) {
      // Parts are counted to the left from where the sweep begins, so that none has both ends of
      // it.
      double left = (i + 0.5) / STEPS;
      double turned = timing.toLeft() ? left : 1 - left; // 0..1 of the sweep
      double t = stampS + (turned - timing.stampAt()) * timing.turnS();
      double yaw = yawRateRps * t;
      double half = yaw / 2;
      double chord = speedMps * t * (Math.abs(half) < 1e-9 ? 1 : Math.sin(half) / half);
      double x = chord * Math.cos(half);
      double y = chord * Math.sin(half);
      put(12 * i, Math.cos(yaw), Math.sin(yaw), x, y);
    }
  }

  /** LiDAR from base, after the arc, after base from LiDAR. */
  private void put(int at, double cos, double sin, double x, double y) {
    // Where the LiDAR stands after the arc, less where it stands without, in base_link.
    double dx = cos * tx - sin * ty + x - tx;
    double dy = sin * tx + cos * ty + y - ty;
    for (int row = 0; row < 3; row++) {
      double rx = r[row];
      double ry = r[3 + row];
      double rz = r[6 + row];
      for (int col = 0; col < 3; col++) {
        double cx = cos * r[col] - sin * r[3 + col];
        double cy = sin * r[col] + cos * r[3 + col];
        motion[at + 4 * row + col] = (float) (rx * cx + ry * cy + rz * r[6 + col]);
      }
      motion[at + 4 * row + 3] = (float) (rx * dx + ry * dy);
    }
  }

  private void move(int floats) {
    float[] m = motion;
    float start = (float) (timing.startRad() / (2 * Math.PI));
    for (int p = 0; p < floats; p += PointLayout.POINT_FLOATS) {
      float x = chunk[p];
      float y = chunk[p + 1];
      float z = chunk[p + 2];
      if (!Float.isFinite(x + y + z)) {
        continue;
      }
      float left = turns(y, x) - start;
      left -= (float) Math.floor(left);
      int at = 12 * Math.min(STEPS - 1, (int) (left * STEPS));
      chunk[p] = m[at] * x + m[at + 1] * y + m[at + 2] * z + m[at + 3];
      chunk[p + 1] = m[at + 4] * x + m[at + 5] * y + m[at + 6] * z + m[at + 7];
      chunk[p + 2] = m[at + 8] * x + m[at + 9] * y + m[at + 10] * z + m[at + 11];
    }
  }

  /** Azimuth in turns, -0.5 to 0.5, to 1e-4 of a turn: a polynomial, where atan2 takes too long. */
  static float turns(float y, float x) {
    float ax = Math.abs(x);
    float ay = Math.abs(y);
    float most = Math.max(ax, ay);
    if (most == 0) {
      return 0;
    }
    float q = Math.min(ax, ay) / most;
    float s = q * q;
    // Odd polynomial for atan on 0..1 (Abramowitz and Stegun 4.4.49), over 2 pi.
    float a = ((0.0208351f * s - 0.0851330f) * s + 0.1801410f) * s - 0.3302995f;
    a = (a * s + 0.9998660f) * q * (float) (1 / (2 * Math.PI));
    a = ay > ax ? 0.25f - a : a;
    a = x < 0 ? 0.5f - a : a;
    return y < 0 ? -a : a;
  }
}
