package saccade.planner;

import saccade.planner.ActionCodecSpec.Range;

/**
 * Hot path. The last door before the controller: a message that is old, expired, out of order or
 * out of range is refused, and counted by its fault, so offered = accepted + sum of the faults at
 * all times. One thread; allocates nothing.
 */
public final class StaleGate {
  private final long maxAgeNs;
  private final Range accelLimits;
  private final Range curvatureLimits;
  private final long[] counts = new long[Validation.values().length]; // (validation)
  private long lastSeq = -1;
  private long lastCaptureNs = Long.MIN_VALUE;

  /**
   * A gate that has seen nothing.
   *
   * @param maxAgeNs oldest capture, relative to now, that may be acted on; above 0
   * @param accelLimits what a step may ask, m/s^2
   * @param curvatureLimits what a step may ask, 1/m
   */
  public StaleGate(long maxAgeNs, Range accelLimits, Range curvatureLimits) {
    Checks.atLeast("stale gate age limit ns", maxAgeNs, 1);
    this.maxAgeNs = maxAgeNs;
    this.accelLimits = accelLimits;
    this.curvatureLimits = curvatureLimits;
  }

  /** Decides on one message at {@code nowNs} and counts the decision. */
  public Validation offer(PlannerMessage message, long nowNs) {
    Validation decision = decide(message, nowNs);
    counts[decision.ordinal()]++;
    if (decision.accepted()) {
      lastSeq = message.seq();
      lastCaptureNs = message.captureNs();
    }
    return decision;
  }

  /** How often a decision was taken. */
  public long count(Validation decision) {
    return counts[decision.ordinal()];
  }

  /** How many messages were offered. */
  public long offered() {
    long sum = 0;
    for (long count : counts) {
      sum += count;
    }
    return sum;
  }

  /** Forgets the order of messages (a looped recording, a reset of simulated time); counts stay. */
  public void restart() {
    lastSeq = -1;
    lastCaptureNs = Long.MIN_VALUE;
  }

  private Validation decide(PlannerMessage message, long nowNs) {
    if (message.captureNs() > nowNs) {
      return Validation.FROM_THE_FUTURE;
    }
    if (message.seq() <= lastSeq || message.captureNs() < lastCaptureNs) {
      return Validation.OUT_OF_ORDER;
    }
    if (nowNs - message.captureNs() > maxAgeNs) {
      return Validation.STALE;
    }
    ActionChunk action = message.action();
    if (action == null) {
      return Validation.ACCEPTED;
    }
    if (nowNs > message.validUntilNs()) {
      return Validation.EXPIRED;
    }
    for (int i = 0; i < action.steps(); i++) {
      if (!accelLimits.contains(action.accel(i))
          || !curvatureLimits.contains(action.curvature(i))) {
        return Validation.OUT_OF_RANGE;
      }
    }
    return Validation.ACCEPTED;
  }
}
