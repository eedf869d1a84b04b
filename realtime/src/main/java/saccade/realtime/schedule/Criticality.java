package saccade.realtime.schedule;

/** Classes of work, most urgent first; a class runs only when the classes above it have nothing. */
public enum Criticality {
  /** Keeps the vehicle from hitting something. */
  REFLEX,
  /** Action tokens. */
  ACTION,
  /** Scene sentences. */
  DESCRIPTION,
  /** Everything that only people look at. */
  TELEMETRY
}
