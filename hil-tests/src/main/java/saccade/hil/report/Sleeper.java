package saccade.hil.report;

import java.util.concurrent.locks.LockSupport;
import saccade.realtime.clock.NanoClock;

/**
 * A thread that only sleeps, and how late it wakes: what a busy machine does to whoever has to be
 * in time, beside a figure that says how late somebody was.
 */
public final class Sleeper implements AutoCloseable {
  private final NanoClock clock;
  private final long sleepNs;
  private final Thread thread;
  private volatile boolean stopping;
  private volatile long longestNs;

  /**
   * Begins to sleep.
   *
   * @param sleepNs each time
   */
  public Sleeper(NanoClock clock, long sleepNs) {
    this.clock = clock;
    this.sleepNs = sleepNs;
    this.thread = Thread.ofPlatform().name("sleeper").daemon(true).start(this::sleep);
  }

  private void sleep() {
    while (!stopping) {
      long begunNs = clock.nanoTime();
      LockSupport.parkNanos(this, sleepNs);
      long lateNs = clock.nanoTime() - begunNs - sleepNs;
      if (lateNs > longestNs) {
        longestNs = lateNs;
      }
    }
  }

  /** Latest waking, ns behind its time. */
  public long longestNs() {
    return longestNs;
  }

  @Override
  public void close() {
    stopping = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
