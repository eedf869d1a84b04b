package saccade.realtime.overload;

import java.util.concurrent.locks.LockSupport;
import saccade.realtime.clock.ManualClock;
import saccade.realtime.clock.NanoClock;

/** A clock that a run can wait on. */
public interface RunClock extends NanoClock {
  /** Comes back at that instant or a little later; at once when it is over. */
  void idleUntil(long ns);

  /** The machine's clock; the last 60 us of a wait are spent looking at it. */
  static RunClock wall() {
    return new RunClock() {
      @Override
      public long nanoTime() {
        return NanoClock.system().nanoTime();
      }

      @Override
      public void idleUntil(long ns) {
        long leftNs = ns - nanoTime();
        while (leftNs > 0) {
          if (leftNs > 100_000L) {
            LockSupport.parkNanos(this, leftNs - 60_000L);
          } else {
            Thread.onSpinWait();
          }
          leftNs = ns - nanoTime();
        }
      }
    };
  }

  /**
   * Processor time of the thread that asks, and waits that take none: real work that other programs
   * on the machine neither slow down nor interrupt. One thread.
   *
   * @param processorTime of that thread
   */
  static RunClock processor(NanoClock processorTime) {
    return new RunClock() {
      private long skippedNs;

      @Override
      public long nanoTime() {
        return processorTime.nanoTime() + skippedNs;
      }

      @Override
      public void idleUntil(long ns) {
        skippedNs += Math.max(0, ns - nanoTime());
      }
    };
  }

  /** A clock that jumps where it waits. */
  static Simulated simulated(long startNs) {
    return new Simulated(startNs);
  }

  /** Time goes on where somebody says so. */
  final class Simulated implements RunClock {
    private final ManualClock clock;

    private Simulated(long startNs) {
      clock = new ManualClock(startNs);
    }

    @Override
    public long nanoTime() {
      return clock.nanoTime();
    }

    /** Work took so long. */
    public void advance(long ns) {
      clock.advance(ns);
    }

    @Override
    public void idleUntil(long ns) {
      clock.set(Math.max(ns, clock.nanoTime()));
    }
  }
}
