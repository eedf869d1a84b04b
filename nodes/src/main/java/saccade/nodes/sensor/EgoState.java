package saccade.nodes.sensor;

import saccade.planner.EgoSource;

/**
 * Measured motion of the vehicle at one instant.
 *
 * @param stampNs when it was measured, in the domain of the frames' capture stamps
 * @param speedMps along base_link x, m/s
 * @param yawRateRps radians a second, left positive
 * @param accelMps2 longitudinal acceleration, m/s^2
 * @param setSpeedMps speed wanted on a free road, m/s
 * @param source where it comes from
 */
public record EgoState(
    long stampNs,
    double speedMps,
    double yawRateRps,
    double accelMps2,
    double setSpeedMps,
    EgoSource source) {

  /** Nothing is known: stands still and nobody wants to move. */
  public static final EgoState STANDING = new EgoState(0, 0, 0, 0, 0, EgoSource.NONE);

  /** Of odometry alone. */
  public EgoState(
      long stampNs, double speedMps, double yawRateRps, double accelMps2, double setSpeedMps) {
    this(stampNs, speedMps, yawRateRps, accelMps2, setSpeedMps, EgoSource.ODOMETRY);
  }

  public EgoState {
    if (!Double.isFinite(speedMps)
        || !Double.isFinite(yawRateRps)
        || !Double.isFinite(accelMps2)
        || !Double.isFinite(setSpeedMps)) {
      throw new IllegalArgumentException(
          "ego state: expected finite numbers, found speed "
              + speedMps
              + ", yaw rate "
              + yawRateRps
              + ", acceleration "
              + accelMps2
              + ", set speed "
              + setSpeedMps);
    }
  }

  /** The same motion at another instant. */
  public EgoState at(long newStampNs) {
    return new EgoState(newStampNs, speedMps, yawRateRps, accelMps2, setSpeedMps, source);
  }
}
