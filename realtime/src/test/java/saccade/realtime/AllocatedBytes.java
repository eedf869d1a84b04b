package saccade.realtime;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What the calling thread allocates on the Java heap while it runs something many times. */
public final class AllocatedBytes {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private AllocatedBytes() {}

  /**
   * Warms {@code cycle} up, then runs it {@code cycles} times and returns the bytes allocated
   * meanwhile. Steady state is meant: when the virtual machine itself had something to set up in
   * the window (a class met first, code not compiled yet), another window is measured, up to 20.
   */
  public static long of(int cycles, Runnable cycle) {
    run(20_000, cycle);
    long least = Long.MAX_VALUE;
    for (int window = 0; window < 20 && least != 0; window++) {
      least = Math.min(least, run(cycles, cycle));
    }
    return least;
  }

  private static long run(int cycles, Runnable cycle) {
    long start = THREADS.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < cycles; i++) {
      cycle.run();
    }
    return THREADS.getCurrentThreadAllocatedBytes() - start;
  }
}
