package saccade.nodes.sensor;

/**
 * Measured motion of the vehicle at one instant.
 *
 * @param stampNs when it was measured, in the domain of the frames' capture stamps
 * @param speedMps along base_link x, m/s
 * @param yawRateRps radians a second, left positive
 * @param accelMps2 longitudinal acceleration, m/s^2
 * @param setSpeedMps speed wanted on a free road, m/s
 */
public record EgoState(
    long stampNs, double speedMps, double yawRateRps, double accelMps2, double setSpeedMps) {

  /** Stands still and nobody wants to move. */
  public static final EgoState STANDING = new EgoState(0, 0, 0, 0, 0);

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
}
