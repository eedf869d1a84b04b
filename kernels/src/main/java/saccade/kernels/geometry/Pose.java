package saccade.kernels.geometry;

/**
 * Rigid transform from a child frame to its parent: {@code parent = R * child + t}.
 *
 * @param x translation along the parent's x axis, metres
 * @param y translation along the parent's y axis, metres
 * @param z translation along the parent's z axis, metres
 * @param qw real part of the unit rotation quaternion
 * @param qx first imaginary part
 * @param qy second imaginary part
 * @param qz third imaginary part
 */
public record Pose(double x, double y, double z, double qw, double qx, double qy, double qz) {

  /** The transform that changes nothing. */
  public static final Pose IDENTITY = new Pose(0, 0, 0, 1, 0, 0, 0);

  public Pose {
    double norm = Math.sqrt(qw * qw + qx * qx + qy * qy + qz * qz);
    if (!(Math.abs(norm - 1) < 1e-3)) {
      throw new IllegalArgumentException("pose: expected a unit quaternion, found norm " + norm);
    }
    if (!Double.isFinite(x) || !Double.isFinite(y) || !Double.isFinite(z)) {
      throw new IllegalArgumentException(
          "pose: expected a finite translation, found " + x + ", " + y + ", " + z);
    }
    qw /= norm;
    qx /= norm;
    qy /= norm;
    qz /= norm;
  }

  /** Rotation by fixed-axis roll, pitch, yaw (radians; REP-103: Rz(yaw) Ry(pitch) Rx(roll)). */
  public static Pose of(
      double x, double y, double z, double rollRad, double pitchRad, double yawRad) {
    double cr = Math.cos(rollRad / 2);
    double sr = Math.sin(rollRad / 2);
    double cp = Math.cos(pitchRad / 2);
    double sp = Math.sin(pitchRad / 2);
    double cy = Math.cos(yawRad / 2);
    double sy = Math.sin(yawRad / 2);
    return new Pose(
        x,
        y,
        z,
        cr * cp * cy + sr * sp * sy,
        sr * cp * cy - cr * sp * sy,
        cr * sp * cy + sr * cp * sy,
        cr * cp * sy - sr * sp * cy);
  }

  /**
   * From a row-major 3x3 rotation matrix and a translation.
   *
   * @param r nine entries, orthonormal with determinant +1
   * @param t three entries, metres
   */
  public static Pose of(double[] r, double[] t) {
    if (r.length != 9 || t.length != 3) {
      throw new IllegalArgumentException(
          "pose: expected 9 rotation and 3 translation entries, found "
              + r.length
              + " and "
              + t.length);
    }
    // Shepperd's method: divide by the largest of the four candidates to stay accurate.
    double trace = r[0] + r[4] + r[8];
    double w;
    double i;
    double j;
    double k;
    if (trace > 0) {
      double s = 2 * Math.sqrt(trace + 1);
      w = s / 4;
      i = (r[7] - r[5]) / s;
      j = (r[2] - r[6]) / s;
      k = (r[3] - r[1]) / s;
    } else if (r[0] > r[4] && r[0] > r[8]) {
      double s = 2 * Math.sqrt(1 + r[0] - r[4] - r[8]);
      w = (r[7] - r[5]) / s;
      i = s / 4;
      j = (r[1] + r[3]) / s;
      k = (r[2] + r[6]) / s;
    } else if (r[4] > r[8]) {
      double s = 2 * Math.sqrt(1 + r[4] - r[0] - r[8]);
      w = (r[2] - r[6]) / s;
      i = (r[1] + r[3]) / s;
      j = s / 4;
      k = (r[5] + r[7]) / s;
    } else {
      double s = 2 * Math.sqrt(1 + r[8] - r[0] - r[4]);
      w = (r[3] - r[1]) / s;
      i = (r[2] + r[6]) / s;
      j = (r[5] + r[7]) / s;
      k = s / 4;
    }
    return new Pose(t[0], t[1], t[2], w, i, j, k);
  }

  /** Row-major 3x3 rotation matrix, nine entries, newly allocated. */
  public double[] rotation() {
    return new double[] {
      1 - 2 * (qy * qy + qz * qz),
      2 * (qx * qy - qz * qw),
      2 * (qx * qz + qy * qw),
      2 * (qx * qy + qz * qw),
      1 - 2 * (qx * qx + qz * qz),
      2 * (qy * qz - qx * qw),
      2 * (qx * qz - qy * qw),
      2 * (qy * qz + qx * qw),
      1 - 2 * (qx * qx + qy * qy)
    };
  }

  /** Point {@code child} (3, metres) seen in the parent frame; newly allocated. */
  public double[] apply(double... child) {
    double[] r = rotation();
    return new double[] {
      r[0] * child[0] + r[1] * child[1] + r[2] * child[2] + x,
      r[3] * child[0] + r[4] * child[1] + r[5] * child[2] + y,
      r[6] * child[0] + r[7] * child[1] + r[8] * child[2] + z
    };
  }

  /** The transform from parent to child. */
  public Pose inverse() {
    double[] r = rotation();
    return new Pose(
        -(r[0] * x + r[3] * y + r[6] * z),
        -(r[1] * x + r[4] * y + r[7] * z),
        -(r[2] * x + r[5] * y + r[8] * z),
        qw,
        -qx,
        -qy,
        -qz);
  }

  /** Composition: {@code a.then(b)} maps b's child frame to a's parent frame (matrix a * b). */
  public Pose then(Pose inner) {
    double[] t = apply(inner.x, inner.y, inner.z);
    return new Pose(
        t[0],
        t[1],
        t[2],
        qw * inner.qw - qx * inner.qx - qy * inner.qy - qz * inner.qz,
        qw * inner.qx + qx * inner.qw + qy * inner.qz - qz * inner.qy,
        qw * inner.qy - qx * inner.qz + qy * inner.qw + qz * inner.qx,
        qw * inner.qz + qx * inner.qy - qy * inner.qx + qz * inner.qw);
  }

  /** Rotation about z of the child in the parent, radians in (-pi, pi]. */
  public double yawRad() {
    return Math.atan2(2 * (qw * qz + qx * qy), 1 - 2 * (qy * qy + qz * qz));
  }
}
