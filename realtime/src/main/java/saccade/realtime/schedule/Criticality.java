package saccade.realtime.schedule;

/** Classes of work, most urgent first; a class runs only when the classes above it have nothing. */
public enum Criticality {
  /**
   * Keeps the vehicle from hitting something. The product's geometric reflex is no slice at all: it
   * runs on the control thread as soon as a sweep is there and waits for no lane. The class is for
   * reflexes that are queued; {@code hil overload} queues them to judge the scheduler.
   */
  REFLEX,
  /** Action tokens. */
  ACTION,
  /** Scene sentences. */
  DESCRIPTION,
  /**
   * What only people look at. The product has none of it on a lane: pictures of the page, logs,
   * traces and diagnostics are made on threads of their own.
   */
  TELEMETRY
}
