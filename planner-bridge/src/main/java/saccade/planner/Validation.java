package saccade.planner;

/** What a {@link StaleGate} decides on a message; everything but ACCEPTED is a named fault. */
public enum Validation {
  /** May be acted on now. */
  ACCEPTED,
  /** Older than the limit. */
  STALE,
  /** Past the end of its validity. */
  EXPIRED,
  /** Captured after now: a clock is wrong. */
  FROM_THE_FUTURE,
  /** Its number is not above, or its capture lies before, that of the last accepted message. */
  OUT_OF_ORDER,
  /** A step of its plan is outside what the vehicle may be asked. */
  OUT_OF_RANGE;

  /** Whether the message may be acted on. */
  public boolean accepted() {
    return this == ACCEPTED;
  }
}
