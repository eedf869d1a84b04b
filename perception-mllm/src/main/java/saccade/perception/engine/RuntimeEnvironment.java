package saccade.perception.engine;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * ONNX Runtime's environment of this process, up to the end of the process. Set-up only.
 *
 * <p>The Java API gives the environment back in a shutdown hook of its own, and the JVM starts all
 * hooks at once: a run that is being stopped in order, or a session that is being opened, would
 * work on freed memory. The environment counts its references, so one is taken here, which nobody
 * gives back; and before the Java API has one, for its hook may run as soon as it is there.
 * Sessions are not opened any more once the process ends, and the one being opened is waited for,
 * since the library's static data goes with the process.
 */
final class RuntimeEnvironment {
  private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(5);

  private static final long STACK_BYTES = 64 << 20;

  private static final Object LOCK = new Object();
  private static boolean kept; // guarded by LOCK
  private static boolean ending; // guarded by LOCK
  private static int opening; // sessions; guarded by LOCK

  private RuntimeEnvironment() {}

  /** How a session is opened. */
  @FunctionalInterface
  interface Opening {
    OrtSession open(OrtEnvironment environment) throws OrtException;
  }

  /**
   * The environment, which stays to the end of the process.
   *
   * @throws EngineEndingException when the process is ending
   */
  static OrtEnvironment get() {
    synchronized (LOCK) {
      if (ending) {
        throw new EngineEndingException();
      }
      try {
        if (!kept) {
          Runtime.getRuntime().addShutdownHook(new Thread(() -> end(PATIENCE_NS), "engine-end"));
          made();
          kept = true;
        }
        return OrtEnvironment.getEnvironment();
      } catch (IllegalStateException e) { // the JVM takes no shutdown hook any more
        ending = true;
        throw new EngineEndingException();
      }
    }
  }

  /**
   * Makes it, on a stack of its own: making it, ONNX Runtime 1.29 matches the command line of the
   * process against a regular expression whose depth grows with it, and 4 kB of class path are the
   * end of a thread with the stack that the JVM gives.
   */
  private static void made() {
    Runnable making =
        () -> {
          DirectCalls.keepEnvironment();
          OrtEnvironment.getEnvironment();
        };
    try { // join waits on though this thread is interrupted
      CompletableFuture.runAsync(
              making, task -> new Thread(null, task, "engine-start", STACK_BYTES).start())
          .join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new EngineException("ONNX Runtime's environment: " + e.getCause(), e);
    }
  }

  /**
   * Opens a session; the caller closes it.
   *
   * @throws EngineEndingException when the process is ending
   */
  static OrtSession open(Opening how) throws OrtException {
    OrtEnvironment environment = get();
    synchronized (LOCK) {
      if (ending) {
        throw new EngineEndingException();
      }
      opening++;
    }
    try {
      return how.open(environment);
    } finally {
      synchronized (LOCK) {
        opening--;
        LOCK.notifyAll();
      }
    }
  }

  /** From here on nothing is opened; waits for what is being opened, as long as said. */
  private static void end(long patienceNs) {
    long endNs = System.nanoTime() + patienceNs;
    synchronized (LOCK) {
      ending = true;
      try {
        for (long leftNs = patienceNs; opening > 0 && leftNs > 0; ) {
          TimeUnit.NANOSECONDS.timedWait(LOCK, leftNs);
          leftNs = endNs - System.nanoTime();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
