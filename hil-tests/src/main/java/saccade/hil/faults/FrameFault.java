package saccade.hil.faults;

import java.lang.foreign.MemorySegment;

/** What a sensor's driver does to its frames while a fault is on. Source thread. */
@FunctionalInterface
public interface FrameFault {

  /** One frame before it is pushed; the fields may be changed. */
  final class Frame {
    /** Sensor, cameras first. */
    public final int sensor;

    /** Number of its set. */
    public final long set;

    /** Whether the fault is on; what it does to stamps before may be needed as well. */
    public final boolean on;

    /** When it was really taken, ns. */
    public final long takenNs;

    /** The stamp it carries, ns. */
    public long captureNs;

    /** How much later it comes. */
    public long delayNs;

    /** How often it is pushed; 0 = never. */
    public int copies = 1;

    /** Which set's content it shows. */
    public long shows;

    /** Bytes that count; less than 0 = as many as there are. */
    public int bytes = -1;

    /** Does something to the payload in its slot. */
    public Change change = (payload, bytes) -> {};

    Frame(int sensor, long set, boolean on, long takenNs) {
      this.sensor = sensor;
      this.set = set;
      this.on = on;
      this.takenNs = takenNs;
      this.captureNs = takenNs;
      this.shows = set;
    }
  }

  /** Changes a payload. */
  @FunctionalInterface
  interface Change {
    /** In the slot, before it is published. */
    void make(MemorySegment payload, int bytes);
  }

  /** No fault. */
  FrameFault NONE = frame -> {};

  /** Changes a frame; called whether the fault is on or not. */
  void apply(Frame frame);

  /** Any thread. Jumps that were seen of the clocks that the stamps come from. */
  default long clockJumps() {
    return 0;
  }
}
