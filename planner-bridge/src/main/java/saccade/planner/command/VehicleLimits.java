package saccade.planner.command;

/**
 * What a vehicle may be commanded, and the geometry that turns curvature into steering.
 *
 * @param wheelbaseM from axle to axle, metres
 * @param maxSteerRad largest angle of the (mean) front wheel, rad
 * @param maxSteerRateRadps how fast that angle may change, rad/s
 * @param maxSpeedMps largest forward speed ever commanded, m/s
 * @param maxAccelMps2 largest acceleration ever commanded, m/s^2
 * @param maxDecelMps2 largest deceleration ever commanded, m/s^2, positive
 */
public record VehicleLimits(
    double wheelbaseM,
    double maxSteerRad,
    double maxSteerRateRadps,
    double maxSpeedMps,
    double maxAccelMps2,
    double maxDecelMps2) {

  public VehicleLimits {
    Limits.within("wheelbase m", wheelbaseM, 0.05, 20);
    Limits.within("largest steering angle rad", maxSteerRad, 0.01, 1.5);
    Limits.within("largest steering rate rad/s", maxSteerRateRadps, 0.01, 50);
    Limits.within("largest speed m/s", maxSpeedMps, 0.05, 100);
    Limits.within("largest acceleration m/s^2", maxAccelMps2, 0.05, 20);
    Limits.within("largest deceleration m/s^2", maxDecelMps2, 0.05, 20);
  }

  /** A passenger car: 2.8 m, 0.6 rad, 0.7 rad/s, 20 m/s, 3 and 8 m/s^2. */
  public static VehicleLimits passengerCar() {
    return new VehicleLimits(2.8, 0.6, 0.7, 20, 3, 8);
  }

  /**
   * Steering angle in rad, left positive, that drives a curvature: {@code atan(wheelbase
   * curvature)}, the kinematic single-track model with its origin on the rear axle; clamped to
   * {@link #maxSteerRad}. A curvature that is no number gives 0.
   */
  public double steerRad(double curvature1pm) {
    double angle = Math.atan(wheelbaseM * curvature1pm);
    return Double.isNaN(angle) ? 0 : Math.clamp(angle, -maxSteerRad, maxSteerRad);
  }

  /** The curvature in 1/m that a steering angle drives, left positive. */
  public double curvature1pm(double steerRad) {
    return Math.tan(steerRad) / wheelbaseM;
  }
}
