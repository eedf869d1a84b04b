package saccade.planner;

import org.jspecify.annotations.Nullable;

/**
 * Hot path. What the controller executes at an instant, whatever the messages do:
 *
 * <pre>
 *  STARTING --first message--> FOLLOWING --validity ends--> HOLDING --holdNs--> RAMPING --full--> STOPPED (latched)
 *     |                           ^  ^                         |                   |                 |
 *     |                           |  +------- message ---------+------ message ----+                 |
 *     +--startNs--> RAMPING       +----------- N consecutive messages decided by the model ----------+
 * </pre>
 *
 * Every change of acceleration is jerk-limited and every change of curvature rate-limited, so
 * chunks join without a step; only an emergency plan may brake faster. A held command never
 * accelerates. The state is a function of the messages and of the {@code nowNs} given: no clock is
 * read. One thread; allocates nothing.
 */
public final class ExpiryProfile {
  /** What the profile is doing. */
  public enum Phase {
    /** No message yet: coasts. */
    STARTING,
    /** Executes a valid chunk. */
    FOLLOWING,
    /** The chunk has expired: keeps the last command, without accelerating. */
    HOLDING,
    /** Brakes up to the stop deceleration. */
    RAMPING,
    /** Brakes, or stands with the brakes on, until re-engaged by rule. */
    STOPPED
  }

  private final ExpiryLimits limits;
  private Phase phase = Phase.STARTING;
  private @Nullable ActionChunk chunk;
  private long chunkValidUntilNs;
  private double accelMps2;
  private double curvature1pm;
  private double heldAccelMps2;
  private double heldCurvature1pm;
  private boolean stepped;
  private long lastStepNs;
  private long startedNs;
  private int consecutive;
  private long lastSeq = Long.MIN_VALUE;
  private long lastAcceptedNs;
  private long latches;

  public ExpiryProfile(ExpiryLimits limits) {
    this.limits = limits;
  }

  /**
   * Takes a message that a {@link StaleGate} accepted at {@code nowNs}. A message without an action
   * changes nothing but ends a run of consecutive ones; a description changes nothing at all.
   */
  public void accept(PlannerMessage message, long nowNs) {
    if (message.kind() == PlannerMessage.Kind.DESCRIPTION) {
      lastSeq = message.seq() == lastSeq + 1 ? message.seq() : lastSeq; // no link is missing
      return;
    }
    boolean follows =
        message.seq() == lastSeq + 1 && nowNs - lastAcceptedNs <= limits.engageGapNs();
    consecutive = !message.decidedByModel() ? 0 : follows ? consecutive + 1 : 1;
    lastSeq = message.seq();
    lastAcceptedNs = nowNs;
    ActionChunk action = message.action();
    if (action == null) {
      return;
    }
    long validUntilNs = Math.min(message.validUntilNs(), action.endNs());
    if (validUntilNs < nowNs) {
      return;
    }
    boolean mayFollow =
        switch (phase) {
          case FOLLOWING -> true;
          case STARTING, HOLDING, RAMPING -> message.decidedByModel();
          case STOPPED -> consecutive >= limits.engageMessages();
        };
    if (mayFollow) {
      chunk = action;
      chunkValidUntilNs = validUntilNs;
      phase = Phase.FOLLOWING;
    }
  }

  /**
   * Moves the profile to {@code nowNs} and returns what it does there; the command is then in
   * {@link #accelMps2()} and {@link #curvature1pm()}. Call at controller rate (e.g. 50 Hz) with
   * instants that do not go back; an instant before the last one changes nothing.
   */
  public Phase step(long nowNs) {
    if (!stepped) {
      stepped = true;
      startedNs = nowNs;
      lastStepNs = nowNs;
    }
    if (nowNs < lastStepNs) {
      return phase;
    }
    double dtS = (nowNs - lastStepNs) * 1e-9;
    lastStepNs = nowNs;
    leavePhase(nowNs);
    switch (phase) {
      case STARTING -> steer(0, 0, dtS, limits.brakeJerkMps3());
      case FOLLOWING -> follow(nowNs, dtS);
      case HOLDING ->
          steer(Math.min(heldAccelMps2, 0), heldCurvature1pm, dtS, limits.brakeJerkMps3());
      case RAMPING, STOPPED -> {
        steer(
            Math.min(heldAccelMps2, -limits.stopDecelMps2()),
            heldCurvature1pm,
            dtS,
            limits.rampJerkMps3());
        if (phase == Phase.RAMPING && accelMps2 <= -limits.stopDecelMps2()) {
          phase = Phase.STOPPED;
          latches++;
          consecutive = 0;
        }
      }
    }
    return phase;
  }

  /** Commanded longitudinal acceleration, m/s^2, as of the last step. */
  public double accelMps2() {
    return accelMps2;
  }

  /** Commanded path curvature, 1/m, left positive, as of the last step. */
  public double curvature1pm() {
    return curvature1pm;
  }

  /** What the profile is doing, as of the last step or message. */
  public Phase phase() {
    return phase;
  }

  /** How often a stop was latched. */
  public long latches() {
    return latches;
  }

  /**
   * Capture instant of the chunk that is executed, or {@code Long.MIN_VALUE} when none ever was.
   */
  public long chunkCaptureNs() {
    ActionChunk current = chunk;
    return current == null ? Long.MIN_VALUE : current.captureNs();
  }

  /** What the chunk that is executed, or was last, means to do; BRAKE when there never was one. */
  public Maneuver maneuver() {
    ActionChunk current = chunk;
    return current == null ? Maneuver.BRAKE : current.maneuver();
  }

  private void leavePhase(long nowNs) {
    if (phase == Phase.STARTING && nowNs - startedNs > limits.startNs()) {
      hold(Phase.RAMPING);
    }
    if (phase == Phase.FOLLOWING && nowNs > chunkValidUntilNs) {
      hold(Phase.HOLDING);
    }
    if (phase == Phase.HOLDING && nowNs > chunkValidUntilNs + limits.holdNs()) {
      phase = Phase.RAMPING;
    }
  }

  private void hold(Phase next) {
    heldAccelMps2 = accelMps2;
    heldCurvature1pm = curvature1pm;
    phase = next;
  }

  private void follow(long nowNs, double dtS) {
    ActionChunk current = chunk;
    if (current == null) {
      return;
    }
    double wanted = current.accelAt(nowNs);
    boolean emergency = wanted < limits.emergencyBelowMps2();
    steer(
        wanted,
        current.curvatureAt(nowNs),
        dtS,
        emergency ? limits.emergencyJerkMps3() : limits.brakeJerkMps3());
  }

  private void steer(double accel, double curvature, double dtS, double fallJerk) {
    accelMps2 =
        Math.clamp(accel, accelMps2 - fallJerk * dtS, accelMps2 + limits.easeJerkMps3() * dtS);
    double turn = limits.curvatureRate1pmps() * dtS;
    curvature1pm = Math.clamp(curvature, curvature1pm - turn, curvature1pm + turn);
  }
}
