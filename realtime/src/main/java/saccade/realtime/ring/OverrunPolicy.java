package saccade.realtime.ring;

/** What happens when frames come faster than they are taken. */
public enum OverrunPolicy {
  /**
   * Cameras, LiDAR: the new frame is worth more; the oldest one nobody has leased gives way,
   * counted.
   */
  LATEST_WINS,
  /** Control: nothing is overwritten; the producer is refused, counted. */
  LOSSLESS
}
