package saccade.realtime.clock;

/** What is wrong with a capture stamp. */
public enum StampFault {
  /** Nothing. */
  NONE,
  /** The stamp is 0: the driver did not fill it in. */
  ZERO,
  /** The stamp lies further ahead of now than the tolerance. */
  FUTURE,
  /** The same stamp as the one before of this source. */
  DUPLICATE,
  /** Older than the one before of this source. */
  BACKWARDS,
  /** In order, but older than any use allows. */
  STALE
}
