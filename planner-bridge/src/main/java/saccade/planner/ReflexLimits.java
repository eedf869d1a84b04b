package saccade.planner;

/**
 * Limits of a {@link GeometricReflex}; lengths in base_link metres.
 *
 * @param frontBumperM x of the front bumper
 * @param corridorHalfWidthM half the width of the corridor that must be free
 * @param minHeightM points at or below this height are ground
 * @param maxHeightM points above this height do not matter
 * @param maxRangeM how far along the path is looked
 * @param minPoints points that one metre of the corridor needs to be an obstacle
 * @param marginM gap that must remain
 * @param maxTimeToCollisionS the reflex acts only below this, seconds
 * @param minDecelMps2 and only when stopping in the gap needs at least this, m/s^2
 * @param maxDecelMps2 hardest deceleration it asks for, m/s^2
 * @param maxSweepAgeNs an older sweep says nothing
 */
public record ReflexLimits(
    double frontBumperM,
    double corridorHalfWidthM,
    double minHeightM,
    double maxHeightM,
    double maxRangeM,
    int minPoints,
    double marginM,
    double maxTimeToCollisionS,
    double minDecelMps2,
    double maxDecelMps2,
    long maxSweepAgeNs) {

  public ReflexLimits {
    Checks.within("reflex front bumper m", frontBumperM, 0, 20);
    Checks.within("reflex corridor half width m", corridorHalfWidthM, 0.1, 10);
    Checks.within("reflex minimum height m", minHeightM, -5, 5);
    Checks.within("reflex maximum height m", maxHeightM, minHeightM, 20);
    Checks.within("reflex range m", maxRangeM, 1, 200);
    Checks.atLeast("reflex points", minPoints, 1);
    Checks.within("reflex margin m", marginM, 0, 20);
    Checks.within("reflex time to collision s", maxTimeToCollisionS, 0.1, 20);
    Checks.within("reflex minimum deceleration m/s^2", minDecelMps2, 0, 20);
    Checks.within("reflex maximum deceleration m/s^2", maxDecelMps2, minDecelMps2, 20);
    Checks.atLeast("reflex sweep age ns", maxSweepAgeNs, 1);
  }

  /** Values for the shipped rig's vehicle (bumper at 3.8 m, 2.2 m wide). */
  public static ReflexLimits passengerCar() {
    return new ReflexLimits(3.8, 1.25, 0.3, 2.5, 40, 3, 1.0, 1.6, 3, 8, 300_000_000L);
  }
}
