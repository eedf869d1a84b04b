package saccade.planner.command;

import saccade.planner.ActionCodecSpec.Range;
import saccade.planner.ExpiryLimits;
import saccade.planner.ExpiryProfile;
import saccade.planner.ExpiryProfile.Phase;
import saccade.planner.Maneuver;
import saccade.planner.PlannerMessage;
import saccade.planner.StaleGate;
import saccade.planner.Validation;

/**
 * Hot path. What a vehicle is told at an instant, from the messages that pass the stale gate:
 *
 * <pre>
 *  message ─► StaleGate ─► ExpiryProfile ─► acceleration, curvature ─► speed, steering angle
 * </pre>
 *
 * When messages stop, the profile goes on: hold, ramp down, latched stop. The speed to command is
 * the integral of the acceleration, tied to the measured speed where there is one: never more than
 * {@value #LEAD_MPS} m/s from it while following, and never rising outside of {@link
 * Phase#FOLLOWING}. One thread; allocates nothing but in {@link #why}.
 */
public final class MotionStream {
  /** How far the commanded speed may be from the measured one while a plan is followed, m/s. */
  public static final double LEAD_MPS = 1.0;

  private static final double REST_MPS = 1e-3;

  private final VehicleLimits vehicle;
  private final StaleGate gate;
  private final ExpiryProfile profile;
  private Validation lastDecision = Validation.ACCEPTED;
  private long lastAcceptedNs = Long.MIN_VALUE;
  private boolean stepped;
  private boolean anchored;
  private long lastStepNs;
  private double ceilingMps2 = Double.POSITIVE_INFINITY;
  private long ceilingUntilNs = Long.MIN_VALUE;
  private double accelMps2;
  private double jerkMps3;
  private double speedMps;
  private double steerRad;
  private double steerRateRadps;

  /**
   * A stream that has seen nothing.
   *
   * @param maxAgeNs oldest capture that may be acted on
   * @param accelLimits what a step of a plan may ask, m/s^2
   * @param curvatureLimits what a step of a plan may ask, 1/m
   */
  public MotionStream(
      VehicleLimits vehicle,
      ExpiryLimits expiry,
      long maxAgeNs,
      Range accelLimits,
      Range curvatureLimits) {
    this.vehicle = vehicle;
    this.gate = new StaleGate(maxAgeNs, accelLimits, curvatureLimits);
    this.profile = new ExpiryProfile(expiry);
  }

  /** Takes a message, or refuses it by name; counted in {@link #gate}. */
  public Validation offer(PlannerMessage message, long nowNs) {
    lastDecision = gate.offer(message, nowNs);
    if (lastDecision.accepted()) {
      lastAcceptedNs = nowNs;
      profile.accept(message, nowNs);
    }
    return lastDecision;
  }

  /**
   * Somebody else (the reflex) allows at most this acceleration until {@code untilNs}. It can only
   * make the command brake harder.
   */
  public void ceiling(double mostAccelMps2, long untilNs) {
    ceilingMps2 = Double.isNaN(mostAccelMps2) ? 0 : mostAccelMps2;
    ceilingUntilNs = untilNs;
  }

  /**
   * Moves to {@code nowNs}; the command is then in the accessors. Instants must not go back; one
   * before the last changes nothing.
   *
   * @param measuredMps forward speed of the vehicle, m/s; NaN (or infinite) when nobody knows
   */
  public Phase step(long nowNs, double measuredMps) {
    if (!stepped) {
      stepped = true;
      lastStepNs = nowNs;
    }
    if (nowNs < lastStepNs) {
      return profile.phase();
    }
    double dtS = (nowNs - lastStepNs) * 1e-9;
    lastStepNs = nowNs;
    Phase phase = profile.step(nowNs);
    double before = accelMps2;
    double wanted = profile.accelMps2();
    if (nowNs <= ceilingUntilNs) {
      wanted = Math.min(wanted, ceilingMps2);
    }
    accelMps2 = Math.clamp(wanted, -vehicle.maxDecelMps2(), vehicle.maxAccelMps2());
    jerkMps3 = dtS > 0 ? (accelMps2 - before) / dtS : 0;
    speed(phase, measuredMps, dtS);
    steer(dtS);
    return phase;
  }

  private void speed(Phase phase, double measuredMps, double dtS) {
    boolean known = Double.isFinite(measuredMps);
    if (known && !anchored && (phase == Phase.STARTING || phase == Phase.FOLLOWING)) {
      anchored = true;
      speedMps = clampSpeed(measuredMps);
    }
    double integral = speedMps + accelMps2 * dtS;
    double next =
        switch (phase) {
          // Coasts: whatever moves it now goes on, nothing is added.
          case STARTING -> known ? measuredMps : speedMps;
          case FOLLOWING -> {
            double tied =
                known
                    ? Math.clamp(integral, measuredMps - LEAD_MPS, measuredMps + LEAD_MPS)
                    : integral;
            yield accelMps2 > 0 ? tied : Math.min(tied, speedMps);
          }
          case HOLDING, RAMPING, STOPPED -> Math.min(integral, speedMps);
        };
    speedMps = clampSpeed(next);
    if (accelMps2 < 0 && speedMps < REST_MPS) {
      speedMps = 0;
    }
    if (speedMps >= vehicle.maxSpeedMps()) {
      accelMps2 = Math.min(accelMps2, 0);
    }
  }

  private double clampSpeed(double value) {
    return Double.isNaN(value) ? 0 : Math.clamp(value, 0, vehicle.maxSpeedMps());
  }

  private void steer(double dtS) {
    double most = vehicle.maxSteerRateRadps() * dtS;
    double before = steerRad;
    steerRad = Math.clamp(vehicle.steerRad(profile.curvature1pm()), before - most, before + most);
    steerRateRadps = dtS > 0 ? (steerRad - before) / dtS : 0;
  }

  /** Acceleration to command, m/s^2; stays at the stop deceleration while a stop is latched. */
  public double accelMps2() {
    return accelMps2;
  }

  /** Change of that acceleration over the last step, m/s^3. */
  public double jerkMps3() {
    return jerkMps3;
  }

  /** Path curvature to command, 1/m, left positive. */
  public double curvature1pm() {
    return profile.curvature1pm();
  }

  /** Forward speed to command, m/s, 0 or more. */
  public double speedMps() {
    return speedMps;
  }

  /** Front wheel angle to command, rad, left positive. */
  public double steerRad() {
    return steerRad;
  }

  /** How fast that angle changes, rad/s. */
  public double steerRateRadps() {
    return steerRateRadps;
  }

  /** What the profile is doing. */
  public Phase phase() {
    return profile.phase();
  }

  /** What the executed plan means to do; BRAKE when there never was one. */
  public Maneuver maneuver() {
    return profile.maneuver();
  }

  /** Whether the vehicle is to stand: a latched stop that has come to rest. */
  public boolean standsLatched() {
    return profile.phase() == Phase.STOPPED && speedMps == 0;
  }

  /** Counts by {@link Validation}. */
  public StaleGate gate() {
    return gate;
  }

  /** How often a stop was latched. */
  public long latches() {
    return profile.latches();
  }

  /** When the last message was accepted, or {@code Long.MIN_VALUE}. */
  public long lastAcceptedNs() {
    return lastAcceptedNs;
  }

  /** Forgets the order of messages (time was reset); everything else goes on. */
  public void restart() {
    gate.restart();
  }

  /** What is done and why, one line for diagnostics. */
  public String why(long nowNs) {
    String since =
        lastAcceptedNs == Long.MIN_VALUE
            ? "no message yet"
            : "last good message %.2f s ago".formatted((nowNs - lastAcceptedNs) * 1e-9);
    String refused =
        lastDecision.accepted() ? "" : ", newest refused as " + lastDecision.toString();
    return switch (profile.phase()) {
      case STARTING -> "starting: coasting, " + since + refused;
      case FOLLOWING -> "following the plan";
      case HOLDING -> "holding the last command: " + since + refused;
      case RAMPING -> "ramping down: " + since + refused;
      case STOPPED ->
          "stopped and latched: " + since + refused + "; left after messages decided by the model";
    };
  }
}
