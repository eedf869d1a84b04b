package saccade.kernels.geometry;

/**
 * When a spinning LiDAR measures where, for sweeps whose points carry no time of their own: the
 * beam turns evenly about z, so a point's azimuth tells its time.
 *
 * @param turnS seconds a turn
 * @param toLeft whether it turns counter-clockwise, seen from above
 * @param startRad azimuth where a sweep begins and ends, in the LiDAR frame (0 forward, left
 *     positive)
 * @param stampAt where in the sweep its stamp lies: 0 beginning, 1 end
 */
public record SweepTiming(double turnS, boolean toLeft, double startRad, double stampAt) {
  public SweepTiming {
    if (!(turnS > 0 && turnS <= 2) || !(Math.abs(startRad) <= 2 * Math.PI)) {
      throw new IllegalArgumentException(
          "sweep: expected a turn of > 0 to 2 s that starts at -360 to 360 degrees, found "
              + turnS
              + " s, "
              + Math.toDegrees(startRad));
    }
    if (!(stampAt >= 0 && stampAt <= 1)) {
      throw new IllegalArgumentException(
          "sweep: expected stampAt from 0 (beginning) to 1 (end), found " + stampAt);
    }
  }
}
