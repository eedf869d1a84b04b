package saccade.planner.command;

/**
 * Hot path. Acceleration to throttle, brake and steering wheel as simulators of cars take them:
 * throttle and brake 0..1, steering -1..1 with right positive (CARLA). A feed-forward map with
 * limits, and a proportional correction where the speed is known:
 *
 * <pre>
 *  a >= -coast : throttle = (a + coast) / (full throttle + coast)
 *  a <  -coast : brake    = (-a - coast) / (full brake - coast)
 * </pre>
 *
 * Throttle and brake are never both above 0; while a stop is latched or asked for at rest the brake
 * is at least {@code standBrake}. Every output is finite whatever goes in. One thread; allocates
 * nothing.
 */
public final class PedalMap {
  private static final double REST_MPS = 0.1;

  /**
   * A vehicle's pedals.
   *
   * @param fullThrottleMps2 acceleration at full throttle, m/s^2
   * @param fullBrakeMps2 deceleration at full brake, m/s^2, positive, above {@code coastMps2}
   * @param coastMps2 deceleration with both pedals up, m/s^2, 0 or more
   * @param standBrake brake that holds the vehicle, 0..1
   * @param gainPerS acceleration added for each m/s the vehicle is too slow, 1/s; 0 = feed-forward
   *     alone
   * @param maxSteerRad wheel angle at full steering, rad
   */
  public record Pedals(
      double fullThrottleMps2,
      double fullBrakeMps2,
      double coastMps2,
      double standBrake,
      double gainPerS,
      double maxSteerRad) {
    public Pedals {
      Limits.within("acceleration at full throttle m/s^2", fullThrottleMps2, 0.1, 50);
      Limits.within("deceleration without pedals m/s^2", coastMps2, 0, 5);
      Limits.within("deceleration at full brake m/s^2", fullBrakeMps2, coastMps2 + 0.1, 50);
      Limits.within("brake at rest", standBrake, 0, 1);
      Limits.within("speed gain 1/s", gainPerS, 0, 10);
      Limits.within("wheel angle at full steering rad", maxSteerRad, 0.01, 1.6);
    }

    /** A CARLA car: 4.5 and 8 m/s^2, 0.3 m/s^2 coasting, 70 degrees at the wheel. */
    public static Pedals carlaCar() {
      return new Pedals(4.5, 8, 0.3, 0.5, 0.5, Math.toRadians(70));
    }

    /** The same pedals with another full steering angle (what the vehicle itself says). */
    public Pedals withMaxSteerRad(double rad) {
      return new Pedals(fullThrottleMps2, fullBrakeMps2, coastMps2, standBrake, gainPerS, rad);
    }
  }

  private double throttle;
  private double brake;
  private double steer;
  private boolean handBrake;

  /** Both pedals up, straight ahead. */
  public PedalMap() {}

  /** Sets the outputs from a stream's present command; {@code measuredMps} NaN when unknown. */
  public void set(Pedals pedals, MotionStream motion, double measuredMps) {
    set(
        pedals,
        motion.accelMps2(),
        motion.speedMps(),
        motion.steerRad(),
        measuredMps,
        motion.standsLatched());
  }

  /**
   * Sets the outputs.
   *
   * @param accelMps2 wanted acceleration
   * @param speedMps wanted speed, 0 or more
   * @param steerRad wanted wheel angle, left positive
   * @param measuredMps measured speed; NaN when unknown
   * @param parked whether the vehicle is to stand until re-engaged
   */
  public void set(
      Pedals pedals,
      double accelMps2,
      double speedMps,
      double steerRad,
      double measuredMps,
      boolean parked) {
    double wanted = Double.isNaN(accelMps2) ? -pedals.fullBrakeMps2 : accelMps2;
    double lag = speedMps - measuredMps;
    if (Double.isFinite(lag)) {
      // A command to slow down never becomes throttle, however slow the vehicle is.
      double most =
          wanted < -pedals.coastMps2
              ? -pedals.coastMps2
              : wanted < 0 ? 0 : Double.POSITIVE_INFINITY;
      wanted = Math.min(most, wanted + pedals.gainPerS * Math.clamp(lag, -2, 2));
    }
    boolean rest =
        accelMps2 <= 0 && speedMps <= REST_MPS && !(Math.abs(measuredMps) > 5 * REST_MPS);
    if (wanted >= -pedals.coastMps2) {
      throttle =
          Math.clamp(
              (wanted + pedals.coastMps2) / (pedals.fullThrottleMps2 + pedals.coastMps2), 0, 1);
      brake = 0;
    } else {
      throttle = 0;
      brake =
          Math.clamp(
              (-wanted - pedals.coastMps2) / (pedals.fullBrakeMps2 - pedals.coastMps2), 0, 1);
    }
    if (parked || rest) {
      throttle = 0;
      brake = Math.max(brake, pedals.standBrake);
    }
    handBrake = parked && !(Math.abs(measuredMps) > REST_MPS);
    double wheel = Double.isNaN(steerRad) ? 0 : steerRad;
    steer = Math.clamp(-wheel / pedals.maxSteerRad, -1, 1);
  }

  /** 0..1. */
  public double throttle() {
    return throttle;
  }

  /** 0..1. */
  public double brake() {
    return brake;
  }

  /** -1..1, right positive. */
  public double steer() {
    return steer;
  }

  /** Only where the vehicle stands and is to stay so. */
  public boolean handBrake() {
    return handBrake;
  }
}
