package saccade.planner;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Hot path. Brakes when LiDAR points stand in the path corridor and time runs out; knows no model.
 * It can only brake harder than what it is given, never softer, never steer. Reports its own
 * interventions; a model that is judged alone runs with it OFF.
 *
 * <p>The gap is the first metre of the corridor (an arc of the commanded curvature from the bumper)
 * that holds enough points. Closing speed is the gap's rate over the last sweeps; an obstacle seen
 * for the first time is taken as standing, so closing at our own speed. One thread; allocates
 * nothing.
 */
public final class GeometricReflex {
  /** Whether a reflex acts. */
  public enum Mode {
    /** Brakes when it must. */
    ON,
    /** Measures, but lets every command through. */
    OFF
  }

  /** Gap when the corridor is free, metres. */
  public static final double FREE = Double.POSITIVE_INFINITY;

  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final long POINT_BYTES = 16;
  private static final int HISTORY = 4;

  private final ReflexLimits limits;
  private final Mode mode;
  private final double[] baseFromLidar; // (3, 4) row-major rotation | translation
  private final int[] pointsPerMetre; // (metres along the path from the bumper)
  private final double[] nearestPerMetre; // (metres along the path), metres
  private final double[] gapHistoryM =
      new double[HISTORY]; // (sweeps), newest at (seen - 1) % HISTORY
  private final long[] gapHistoryNs = new long[HISTORY]; // (sweeps)
  private int seen;
  private double gapM = FREE;
  private double closingMps;
  private long sweepNs = Long.MIN_VALUE;
  private boolean acting;
  private double neededMps2;
  private long interventions;
  private long sweeps;

  /**
   * A reflex that has seen nothing.
   *
   * @param baseFromLidar (3, 4) row-major, rotation | translation in metres: LiDAR frame to
   *     base_link
   */
  public GeometricReflex(ReflexLimits limits, Mode mode, double[] baseFromLidar) {
    if (baseFromLidar.length != 12) {
      throw new IllegalArgumentException(
          "base_link from LiDAR: wanted 12 numbers (3 x 4), found " + baseFromLidar.length);
    }
    for (double value : baseFromLidar) {
      Checks.finite("base_link from LiDAR", value);
    }
    this.limits = limits;
    this.mode = mode;
    this.baseFromLidar = baseFromLidar.clone();
    int metres = (int) Math.ceil(limits.maxRangeM());
    this.pointsPerMetre = new int[metres];
    this.nearestPerMetre = new double[metres];
  }

  /**
   * Looks at one sweep.
   *
   * @param points (count, 4) float32 little endian x, y, z, intensity in the LiDAR frame; read only
   *     during the call
   * @param count number of points, 0 or more; points that are not finite are skipped
   * @param captureNs capture instant of the sweep
   * @param speedMps our speed, 0 or more
   * @param curvature1pm curvature of the path we drive, 1/m, left positive
   */
  public void sweep(
      MemorySegment points, int count, long captureNs, double speedMps, double curvature1pm) {
    Arrays.fill(pointsPerMetre, 0);
    Arrays.fill(nearestPerMetre, FREE);
    for (int i = 0; i < count; i++) {
      long at = i * POINT_BYTES;
      put(points.get(F32, at), points.get(F32, at + 4), points.get(F32, at + 8), curvature1pm);
    }
    double gap = FREE;
    for (int m = 0; m < pointsPerMetre.length && gap == FREE; m++) {
      int here = pointsPerMetre[m] + (m > 0 ? pointsPerMetre[m - 1] : 0);
      if (here >= limits.minPoints() && pointsPerMetre[m] > 0) {
        gap = m > 0 ? Math.min(nearestPerMetre[m - 1], nearestPerMetre[m]) : nearestPerMetre[m];
      }
    }
    remember(gap, captureNs, speedMps);
    sweeps++;
  }

  /**
   * The acceleration to execute: the given one, or a harder braking.
   *
   * @param accelMps2 what the profile commands, m/s^2
   * @param nowNs now, in the domain of the sweeps' capture instants
   * @return never more than {@code accelMps2}
   */
  public double limit(double accelMps2, long nowNs) {
    double needed = neededDecelMps2(nowNs);
    neededMps2 = needed;
    boolean act = needed > 0 && -needed < accelMps2;
    boolean braking = act && mode == Mode.ON;
    if (braking && !acting) {
      interventions++;
    }
    acting = braking;
    return braking ? -needed : accelMps2;
  }

  /** How often the reflex began to brake harder than it was told. */
  public long interventions() {
    return interventions;
  }

  /** Whether the last {@link #limit} call braked harder than it was told. */
  public boolean acting() {
    return acting;
  }

  /**
   * Deceleration that the last {@link #limit} call found necessary, m/s^2, whether it may act or
   * not.
   */
  public double neededMps2() {
    return neededMps2;
  }

  /** Gap from the bumper along the path, metres, or {@link #FREE}. */
  public double gapM() {
    return gapM;
  }

  /** Rate at which the gap shrinks, m/s, 0 or more. */
  public double closingMps() {
    return closingMps;
  }

  /**
   * Seconds until the gap is gone at the present closing speed; infinite when it does not shrink.
   */
  public double timeToCollisionS() {
    return closingMps > 1e-3 ? gapM / closingMps : Double.POSITIVE_INFINITY;
  }

  /** Sweeps looked at. */
  public long sweeps() {
    return sweeps;
  }

  private void put(double xl, double yl, double zl, double curvature) {
    double[] t = baseFromLidar;
    double z = t[8] * xl + t[9] * yl + t[10] * zl + t[11];
    if (!(z > limits.minHeightM() && z <= limits.maxHeightM())) {
      return; // also when not finite
    }
    double x = t[0] * xl + t[1] * yl + t[2] * zl + t[3];
    double y = t[4] * xl + t[5] * yl + t[6] * zl + t[7];
    if (!(x > limits.frontBumperM()) || Double.isInfinite(x)) {
      return;
    }
    double along;
    double aside;
    if (Math.abs(curvature) < 1e-4) {
      along = x;
      aside = y;
    } else {
      double radius = 1 / curvature;
      double fromCentre = radius - y; // sign of the curvature while on the near side of the centre
      aside = Math.abs(radius) - Math.hypot(x, fromCentre);
      along = Math.atan2(x, fromCentre * Math.signum(radius)) * Math.abs(radius);
    }
    double gap = along - limits.frontBumperM();
    if (Math.abs(aside) <= limits.corridorHalfWidthM() && gap >= 0 && gap < pointsPerMetre.length) {
      int metre = (int) gap;
      pointsPerMetre[metre]++;
      nearestPerMetre[metre] = Math.min(nearestPerMetre[metre], gap);
    }
  }

  private void remember(double gap, long captureNs, double speedMps) {
    boolean jump =
        gap == FREE
            || gapM == FREE
            || captureNs <= sweepNs
            || Math.abs(gap - gapM) > 1.5 + speedMps * (captureNs - sweepNs) * 1e-9;
    if (jump) {
      seen = 0;
    }
    gapM = gap;
    sweepNs = captureNs;
    if (gap == FREE) {
      closingMps = 0;
      return;
    }
    gapHistoryM[seen % HISTORY] = gap;
    gapHistoryNs[seen % HISTORY] = captureNs;
    seen++;
    if (seen < 3) {
      closingMps = speedMps;
      return;
    }
    int oldest = seen < HISTORY ? 0 : seen % HISTORY;
    double dtS = (captureNs - gapHistoryNs[oldest]) * 1e-9;
    closingMps = Math.max(0, (gapHistoryM[oldest] - gap) / dtS);
  }

  private double neededDecelMps2(long nowNs) {
    if (gapM == FREE || nowNs - sweepNs > limits.maxSweepAgeNs() || closingMps <= 0.3) {
      return 0;
    }
    if (timeToCollisionS() > limits.maxTimeToCollisionS()) {
      return 0;
    }
    double room = Math.max(0.1, gapM - limits.marginM());
    double needed = closingMps * closingMps / (2 * room);
    return needed < limits.minDecelMps2() ? 0 : Math.min(needed, limits.maxDecelMps2());
  }
}
