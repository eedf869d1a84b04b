package saccade.realtime.os;

import java.util.Collection;
import java.util.List;

/** The end of threads, waited for by whoever frees what they use. */
public final class ThreadEnd {
  private ThreadEnd() {}

  /**
   * Returns when all of them have ended, and not before: an interrupt of the caller is kept for
   * later. They must have been told to end.
   */
  public static void await(Collection<Thread> threads) {
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** As {@link #await(Collection)}, of one. */
  public static void await(Thread thread) {
    await(List.of(thread));
  }
}
