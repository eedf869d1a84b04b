package saccade.nodes.ros;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import saccade.nodes.cli.ProcessEnding;

/**
 * Order at the end of the process. The JVM starts all its shutdown hooks at once; a transport that
 * went at once would take the way from a bridge that still has a stop to publish. Work registered
 * here is done before transports close.
 */
public final class ExitOrder {
  private static final long LOOK_MS = 10;
  private static final Set<Thread> WORK = ConcurrentHashMap.newKeySet();

  private ExitOrder() {}

  /**
   * Registers work for the end of the process, to be done before transports close.
   *
   * @return for {@link #forget}
   * @throws ProcessEnding when the process is ending already
   */
  public static Thread beforeTransports(String name, Runnable work) {
    Thread[] hook = new Thread[1];
    hook[0] =
        new Thread(
            () -> {
              try {
                work.run();
              } finally {
                WORK.remove(hook[0]);
              }
            },
            name);
    WORK.add(hook[0]);
    try {
      Runtime.getRuntime().addShutdownHook(hook[0]);
    } catch (IllegalStateException exiting) {
      WORK.remove(hook[0]);
      throw new ProcessEnding();
    }
    return hook[0];
  }

  /** Takes registered work back: it is done, or will not be needed. */
  public static void forget(Thread hook) {
    try {
      if (Runtime.getRuntime().removeShutdownHook(hook)) {
        WORK.remove(hook);
      }
    } catch (IllegalStateException exiting) {
      // The process is ending already: the hook itself says when it is done.
    }
  }

  /**
   * Waits until the work is done; for the hooks of transports.
   *
   * @return whether it was done in time
   */
  public static boolean awaitWork(Duration patience) {
    long endNs = System.nanoTime() + patience.toNanos();
    try {
      while (!WORK.isEmpty()) {
        if (System.nanoTime() - endNs > 0) {
          return false;
        }
        Thread.sleep(LOOK_MS);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
