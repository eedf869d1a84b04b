package saccade.perception;

/** What became of one sensor's data in a set. */
public enum SensorStatus {
  /**
   * Its tokens went to the decoder: perhaps fewer after sparsification; where the token policy does
   * not encode every picture, those of an earlier one, or none while those are in the window.
   */
  USED,
  /** No data in the set. */
  ABSENT,
  /** Data of wrong size or without one finite number; see the output's faults. */
  INVALID,
  /** Present, but the set was cut before its turn. */
  SKIPPED
}
