package saccade.planner.command;

import saccade.planner.ActionChunk;

/**
 * Hot path. The path that a plan drives: points at equal times from now on, in the pose it starts
 * at. Between two points acceleration and curvature are those of the plan half-way; the way between
 * is an arc of that curvature. Speed never falls below 0: from there on the points stay where they
 * are. The arrays are reused. One thread.
 */
public final class TrajectoryRollout {
  private final long stepNs;
  private final double[] x; // (points), metres
  private final double[] y; // (points), metres
  private final double[] yaw; // (points), rad
  private final double[] speed; // (points), m/s
  private final double[] accel; // (points), m/s^2
  private final double[] curvature; // (points), 1/m, left positive

  /**
   * A rollout of a fixed number of points.
   *
   * @param points with the one at time 0; 2 or more
   * @param stepNs from one to the next, ns
   */
  public TrajectoryRollout(int points, long stepNs) {
    Limits.within("points of a trajectory", points, 2, 10_000);
    Limits.within("step of a trajectory ns", (double) stepNs, 1e6, 10e9);
    this.stepNs = stepNs;
    x = new double[points];
    y = new double[points];
    yaw = new double[points];
    speed = new double[points];
    accel = new double[points];
    curvature = new double[points];
  }

  /**
   * Rolls a plan out.
   *
   * @param nowNs instant of point 0
   * @param startMps speed there, 0 or more
   * @param startX metres, in the frame of the caller's choice
   */
  public void plan(
      ActionChunk chunk,
      VehicleLimits vehicle,
      long nowNs,
      double startMps,
      double startX,
      double startY,
      double startYaw) {
    start(startMps, startX, startY, startYaw);
    double dtS = stepNs * 1e-9;
    for (int i = 0; i < x.length; i++) {
      long atNs = nowNs + i * stepNs;
      boolean ended = atNs > chunk.endNs();
      // Behind its end a plan says nothing: from there on nothing accelerates.
      double a =
          ended ? Math.min(chunk.accelAt(chunk.endNs()), 0) : chunk.accelAt(atNs + stepNs / 2);
      accel[i] = Math.clamp(a, -vehicle.maxDecelMps2(), vehicle.maxAccelMps2());
      curvature[i] =
          vehicle.curvature1pm(vehicle.steerRad(chunk.curvatureAt(Math.min(atNs, chunk.endNs()))));
      advance(i, dtS, vehicle.maxSpeedMps());
    }
  }

  /** A stop with one deceleration (m/s^2, positive) on one curvature. */
  public void stop(
      double decelMps2,
      double curvature1pm,
      double startMps,
      double startX,
      double startY,
      double startYaw) {
    start(startMps, startX, startY, startYaw);
    for (int i = 0; i < x.length; i++) {
      accel[i] = -decelMps2;
      curvature[i] = curvature1pm;
      advance(i, stepNs * 1e-9, Double.MAX_VALUE);
    }
  }

  private void start(double startMps, double startX, double startY, double startYaw) {
    x[0] = startX;
    y[0] = startY;
    yaw[0] = startYaw;
    speed[0] = Double.isNaN(startMps) ? 0 : Math.max(startMps, 0);
  }

  /** Point {@code i + 1} from point {@code i}. */
  private void advance(int i, double dtS, double maxMps) {
    if (i + 1 == x.length) {
      return;
    }
    double v = speed[i];
    double next = Math.min(v + accel[i] * dtS, Math.max(maxMps, v));
    double way;
    if (next < 0) {
      way = v * v / (-2 * accel[i]);
      next = 0;
    } else {
      way = (v + next) / 2 * dtS;
    }
    double turn = way * curvature[i];
    // Chord of an arc: its direction is the mean heading, its length 2 sin(turn / 2) / curvature.
    double chord = Math.abs(turn) < 1e-9 ? way : way * Math.sin(turn / 2) / (turn / 2);
    x[i + 1] = x[i] + chord * Math.cos(yaw[i] + turn / 2);
    y[i + 1] = y[i] + chord * Math.sin(yaw[i] + turn / 2);
    yaw[i + 1] = yaw[i] + turn;
    speed[i + 1] = next;
  }

  public int points() {
    return x.length;
  }

  /** From one point to the next, ns. */
  public long stepNs() {
    return stepNs;
  }

  /** Metres. */
  public double x(int point) {
    return x[point];
  }

  /** Metres. */
  public double y(int point) {
    return y[point];
  }

  /** Heading, rad. */
  public double yaw(int point) {
    return yaw[point];
  }

  /** m/s. */
  public double speed(int point) {
    return speed[point];
  }

  /** m/s^2; 0 where the vehicle stands. */
  public double accel(int point) {
    return speed[point] == 0 ? Math.max(0, accel[point]) : accel[point];
  }

  /** 1/m, left positive. */
  public double curvature(int point) {
    return curvature[point];
  }
}
