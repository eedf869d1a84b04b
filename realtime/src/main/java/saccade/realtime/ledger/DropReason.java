package saccade.realtime.ledger;

/** Why a frame, a set or a message did not go on. The names are printed as they stand. */
public enum DropReason {
  /** A newer frame of the same sensor was ready when the consumer came. */
  SUPERSEDED,
  /** No slot was free; the oldest frame nobody had leased gave its slot to the new one. */
  OVERRUN_OLDEST,
  /** No slot was free and none could be retaken: the new frame was not taken in. */
  NO_SLOT,
  /** A lossless boundary was full: the producer was told to wait or give up. */
  REFUSED,
  /** The producer gave the frame up after it had a slot. */
  ABORTED,
  /** Came after the set of its instant had left. */
  LATE,
  /** Lies between the instants of two sets (the sensor is faster than the sets). */
  BETWEEN_SETS,
  /** The stamp is 0. */
  STAMP_ZERO,
  /** The stamp lies in the future. */
  STAMP_FUTURE,
  /** The stamp was seen before. */
  STAMP_DUPLICATE,
  /** The stamp goes backwards. */
  STAMP_BACKWARDS,
  /** The stamp is older than any use allows. */
  STAMP_STALE,
  /** The payload could not be read (truncated image, empty sweep, wrong size). */
  UNREADABLE,
  /** A newer set was ready, or had to be opened, before this one was fetched. */
  SET_SUPERSEDED,
  /** Still waiting when the graph was shut down. */
  SHUTDOWN
}
