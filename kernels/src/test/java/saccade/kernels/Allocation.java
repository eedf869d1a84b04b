package saccade.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.management.ManagementFactory;

/** Proof that a piece of hot path allocates nothing once it is warm. */
public final class Allocation {
  private Allocation() {}

  /**
   * Warms the code and asserts that it then runs 2 * repeats times without one byte allocated by
   * this thread.
   */
  public static void assertNone(int repeats, Runnable work) {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long id = Thread.currentThread().threadId();
    // The compiler needs a while until vectors live in registers.
    long bytes = Long.MAX_VALUE;
    int freeRounds = 0;
    for (int round = 0; round < 40 && freeRounds < 2; round++) {
      long before = threads.getThreadAllocatedBytes(id);
      for (int i = 0; i < repeats; i++) {
        work.run();
      }
      bytes = threads.getThreadAllocatedBytes(id) - before;
      freeRounds = bytes == 0 ? freeRounds + 1 : 0;
    }
    assertEquals(0, bytes, "bytes allocated in " + repeats + " calls after a long warm-up");
  }
}
