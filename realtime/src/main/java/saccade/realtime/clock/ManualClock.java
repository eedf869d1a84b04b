package saccade.realtime.clock;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A clock turned by hand: tests and as-fast-as-possible runs decide what time it is. Any thread may
 * read or turn it.
 */
public final class ManualClock implements NanoClock {

  private final AtomicLong nowNs;

  /** A clock that shows {@code startNs}. */
  public ManualClock(long startNs) {
    this.nowNs = new AtomicLong(startNs);
  }

  @Override
  public long nanoTime() {
    return nowNs.get();
  }

  /** Moves on by {@code deltaNs} (0 or more) and returns the new time. */
  public long advance(long deltaNs) {
    if (deltaNs < 0) {
      throw new IllegalArgumentException(
          "expected a step of 0 ns or more, found " + deltaNs + " ns: this clock never goes back");
    }
    return nowNs.addAndGet(deltaNs);
  }

  /** Jumps to {@code timeNs}, which must not lie before the time shown. */
  public void set(long timeNs) {
    long seen = nowNs.get();
    if (timeNs < seen || !nowNs.compareAndSet(seen, timeNs)) {
      throw new IllegalArgumentException(
          "expected a time of "
              + seen
              + " ns or later, found "
              + timeNs
              + " ns: this clock never goes back");
    }
  }
}
