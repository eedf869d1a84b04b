package saccade.nodes.sensor;

import saccade.kernels.motion.Standstill;
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
 * @param stoodS how long the last standstill lasted so far, 0..3 s ({@link Standstill})
 * @param drivenM how far it is behind, 0..20 m; 0 = stands, 20 = none is known
 */
public record EgoState(
    long stampNs,
    double speedMps,
    double yawRateRps,
    double accelMps2,
    double setSpeedMps,
    EgoSource source,
    double stoodS,
    double drivenM) {

  /** Nothing is known: stands still and nobody wants to move. */
  public static final EgoState STANDING = new EgoState(0, 0, 0, 0, 0, EgoSource.NONE);

  /** Of an instant, whatever was before. */
  public EgoState(
      long stampNs,
      double speedMps,
      double yawRateRps,
      double accelMps2,
      double setSpeedMps,
      EgoSource source) {
    this(stampNs, speedMps, yawRateRps, accelMps2, setSpeedMps, source, 0, Standstill.MOST_M);
  }

  /** Of odometry alone, at an instant. */
  public EgoState(
      long stampNs, double speedMps, double yawRateRps, double accelMps2, double setSpeedMps) {
    this(stampNs, speedMps, yawRateRps, accelMps2, setSpeedMps, EgoSource.ODOMETRY);
  }

  public EgoState {
    if (!Double.isFinite(speedMps)
        || !Double.isFinite(yawRateRps)
        || !Double.isFinite(accelMps2)
        || !Double.isFinite(setSpeedMps)
        || !Double.isFinite(stoodS)
        || !Double.isFinite(drivenM)) {
      throw new IllegalArgumentException(
          "ego state: expected finite numbers, found speed "
              + speedMps
              + ", yaw rate "
              + yawRateRps
              + ", acceleration "
              + accelMps2
              + ", set speed "
              + setSpeedMps
              + ", stood "
              + stoodS
              + " s, driven since "
              + drivenM
              + " m");
    }
  }

  /** The same motion at another instant. */
  public EgoState at(long newStampNs) {
    return new EgoState(
        newStampNs, speedMps, yawRateRps, accelMps2, setSpeedMps, source, stoodS, drivenM);
  }

  /** The same motion with what is remembered of the last standstill. */
  public EgoState after(Standstill standstill) {
    return new EgoState(
        stampNs,
        speedMps,
        yawRateRps,
        accelMps2,
        setSpeedMps,
        source,
        standstill.stoodS(),
        standstill.drivenM());
  }
}
