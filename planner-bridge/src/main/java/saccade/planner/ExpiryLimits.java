package saccade.planner;

/**
 * Limits of an {@link ExpiryProfile}.
 *
 * @param startNs how long the profile coasts before the first message, nanoseconds
 * @param holdNs how long the last command is held after the validity ends, nanoseconds
 * @param stopDecelMps2 deceleration of a stop that nobody asked for, m/s^2, above 0
 * @param rampJerkMps3 how fast that deceleration builds up, m/s^3
 * @param easeJerkMps3 how fast acceleration may rise (brakes released, throttle opened), m/s^3
 * @param brakeJerkMps3 how fast acceleration may fall in normal driving, m/s^3
 * @param emergencyJerkMps3 how fast acceleration may fall when the plan asks for less than {@code
 *     emergencyBelowMps2}, m/s^3
 * @param emergencyBelowMps2 a plan below this is an emergency, m/s^2, negative
 * @param curvatureRate1pmps how fast curvature may change, 1/m a second
 * @param engageMessages consecutive messages decided by the model that end a latched stop, 1 or
 *     more
 * @param engageGapNs two messages further apart than this are not consecutive, nanoseconds
 */
public record ExpiryLimits(
    long startNs,
    long holdNs,
    double stopDecelMps2,
    double rampJerkMps3,
    double easeJerkMps3,
    double brakeJerkMps3,
    double emergencyJerkMps3,
    double emergencyBelowMps2,
    double curvatureRate1pmps,
    int engageMessages,
    long engageGapNs) {

  public ExpiryLimits {
    Checks.atLeast("expiry start ns", startNs, 0);
    Checks.atLeast("expiry hold ns", holdNs, 0);
    Checks.within("expiry stop deceleration m/s^2", stopDecelMps2, 0.1, 8);
    Checks.within("expiry ramp jerk m/s^3", rampJerkMps3, 0.1, 1000);
    Checks.within("expiry ease jerk m/s^3", easeJerkMps3, 0.1, 1000);
    Checks.within("expiry brake jerk m/s^3", brakeJerkMps3, 0.1, 1000);
    Checks.within("expiry emergency jerk m/s^3", emergencyJerkMps3, brakeJerkMps3, 1000);
    Checks.within("expiry emergency threshold m/s^2", emergencyBelowMps2, -20, 0);
    Checks.within("expiry curvature rate 1/m/s", curvatureRate1pmps, 1e-3, 100);
    Checks.atLeast("expiry engage messages", engageMessages, 1);
    Checks.atLeast("expiry engage gap ns", engageGapNs, 1);
  }

  /** Values for a passenger car with sets at 10 Hz. */
  public static ExpiryLimits passengerCar() {
    return new ExpiryLimits(
        1_000_000_000L, 200_000_000L, 3, 5, 8, 10, 30, -2.5, 0.2, 3, 350_000_000L);
  }
}
