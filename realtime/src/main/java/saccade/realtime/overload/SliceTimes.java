package saccade.realtime.overload;

/** What slices would take: of a table, of a recorded run, or made up. In ns. */
public interface SliceTimes {
  /** {@link #expectedNs}. */
  long NOT_RECORDED = -1;

  /** Takes the time of each slice of a part. */
  interface Sink {
    void slice(int kind, int size, long tookNs);
  }

  /** One slice of a sensor, of the assembly, of a block of layers. */
  long tookNs(int kind, int size, long nowNs);

  /** The slices that decide an action at so many layers x 8. */
  void action(int size, long nowNs, Sink into);

  /** The slices that write a text of so many facts at so many layers x 8. */
  void text(int size, int facts, long nowNs, Sink into);

  /**
   * What a session expected of a slice before it ran it or refused to, where somebody recorded
   * that; {@link #NOT_RECORDED} where not.
   */
  default long expectedNs(int kind, int size, long nowNs) {
    return NOT_RECORDED;
  }

  /** From a set's being handed over to its first slice. */
  default long startDelayNs(long nowNs) {
    return 0;
  }

  /** From the end of the slice before to the beginning of one of this kind, within a set. */
  default long gapNs(int kind, long nowNs) {
    return 0;
  }

  /** From the end of a set until the next one that waits already is handed over. */
  default long turnaroundNs(long nowNs) {
    return 0;
  }

  /**
   * From an answer to its message.
   *
   * @param acted whether it has an action of its own; a set that was cut ahead of it has not
   */
  default long messageDelayNs(boolean acted, long nowNs) {
    return 0;
  }

  /** Reflex work of a set. */
  default long reflexNs() {
    return 300_000L;
  }
}
