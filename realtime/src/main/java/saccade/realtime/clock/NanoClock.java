package saccade.realtime.clock;

/** Monotonic time of this process in nanoseconds; the origin means nothing, only differences do. */
@FunctionalInterface
public interface NanoClock {

  /** Hot path. Now, nanoseconds, never decreasing. */
  long nanoTime();

  /** The machine's monotonic clock; the only place of {@link System#nanoTime()} in the product. */
  static NanoClock system() {
    return SystemClock.INSTANCE;
  }
}
