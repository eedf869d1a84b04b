package saccade.nodes.dashboard;

import io.javalin.http.sse.SseClient;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One open page. Holds the latest update only: a slow page misses updates and delays nobody. Its
 * own thread does the sending.
 */
final class LiveClient {
  private static final long QUIET_NS = 3_000_000_000L;

  private final SseClient sse;
  private final AtomicReference<@Nullable String> latest = new AtomicReference<>();
  private final Thread sender;
  private final AtomicLong behind;
  private volatile boolean closed;

  /**
   * @param behind counts the updates that this page did not get in time
   * @param gone is told once when the page has left
   */
  LiveClient(SseClient sse, AtomicLong behind, Runnable gone) {
    this.sse = sse;
    this.behind = behind;
    this.sender =
        Thread.ofPlatform()
            .name("page")
            .daemon(true)
            .unstarted(
                () -> {
                  try {
                    send();
                  } finally {
                    gone.run();
                    sse.close();
                  }
                });
  }

  void start() {
    sender.start();
  }

  /** Any thread, never waits: replaces what has not been sent yet. */
  void offer(String update) {
    if (latest.getAndSet(update) != null) {
      behind.incrementAndGet();
    }
    LockSupport.unpark(sender);
  }

  /** Characters that wait to be sent. */
  long waiting() {
    String update = latest.get();
    return update == null ? 0 : update.length();
  }

  private void send() {
    while (!closed && !sse.terminated()) {
      String update = latest.getAndSet(null);
      if (update != null) {
        sse.sendEvent("set", update);
        continue;
      }
      LockSupport.parkNanos(this, QUIET_NS);
      if (latest.get() == null) {
        sse.sendComment("still here"); // finds out that a page has left
      }
    }
  }

  void close() {
    closed = true;
    LockSupport.unpark(sender);
  }
}
