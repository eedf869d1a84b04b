package saccade.planner;

import java.util.Arrays;

/**
 * Timed actions that start at a capture instant: step i is meant for [captureNs + i stepNs,
 * captureNs + (i+1) stepNs). Immutable; reading it allocates nothing (the array accessors copy and
 * are for reports).
 *
 * @param captureNs start of step 0, monotonic nanoseconds of this process (or simulated time)
 * @param stepNs length of a step, nanoseconds, above 0
 * @param maneuver what the model says it means to do
 * @param accelMps2 (steps) longitudinal acceleration, m/s^2
 * @param curvature1pm (steps) path curvature, 1/m, left positive
 */
public record ActionChunk(
    long captureNs, long stepNs, Maneuver maneuver, double[] accelMps2, double[] curvature1pm) {

  public ActionChunk {
    Checks.atLeast("action step ns", stepNs, 1);
    if (accelMps2.length == 0 || accelMps2.length != curvature1pm.length) {
      throw new IllegalArgumentException(
          "action chunk: wanted as many accelerations as curvatures, at least 1, found "
              + accelMps2.length
              + " and "
              + curvature1pm.length);
    }
    accelMps2 = accelMps2.clone();
    curvature1pm = curvature1pm.clone();
    for (int i = 0; i < accelMps2.length; i++) {
      Checks.finite("acceleration of step " + i, accelMps2[i]);
      Checks.finite("curvature of step " + i, curvature1pm[i]);
    }
  }

  /** Number of steps. */
  public int steps() {
    return accelMps2.length;
  }

  /** End of the last step, nanoseconds. */
  public long endNs() {
    return captureNs + steps() * stepNs;
  }

  /**
   * Acceleration in m/s^2 at an instant: linear between step centres, constant before the first and
   * after the last.
   */
  public double accelAt(long nowNs) {
    return at(accelMps2, nowNs);
  }

  /** Curvature in 1/m at an instant, by the same rule as {@link #accelAt}. */
  public double curvatureAt(long nowNs) {
    return at(curvature1pm, nowNs);
  }

  /** Acceleration in m/s^2 of one step. */
  public double accel(int step) {
    return accelMps2[step];
  }

  /** Curvature in 1/m of one step. */
  public double curvature(int step) {
    return curvature1pm[step];
  }

  @Override
  public double[] accelMps2() {
    return accelMps2.clone();
  }

  @Override
  public double[] curvature1pm() {
    return curvature1pm.clone();
  }

  private double at(double[] values, long nowNs) {
    double place = (double) (nowNs - captureNs) / stepNs - 0.5;
    if (place <= 0) {
      return values[0];
    }
    int last = values.length - 1;
    if (place >= last) {
      return values[last];
    }
    int left = (int) place;
    return values[left] + (place - left) * (values[left + 1] - values[left]);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ActionChunk that
        && captureNs == that.captureNs
        && stepNs == that.stepNs
        && maneuver == that.maneuver
        && Arrays.equals(accelMps2, that.accelMps2)
        && Arrays.equals(curvature1pm, that.curvature1pm);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(captureNs) * 31 + Arrays.hashCode(accelMps2);
  }

  @Override
  public String toString() {
    return "ActionChunk["
        + maneuver
        + " at "
        + captureNs
        + " ns, accel "
        + Arrays.toString(accelMps2)
        + ", curvature "
        + Arrays.toString(curvature1pm)
        + "]";
  }
}
