package saccade.nodes.node;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import saccade.nodes.cdr.CdrWriter;
import saccade.nodes.cdr.ServiceType;
import saccade.nodes.ros.RosFault;
import saccade.nodes.ros.ServiceClient;
import saccade.realtime.clock.NanoClock;

/**
 * Calls one service. Any thread but the transport's receive threads, which bring the answers.
 *
 * @param <Q> the request's record
 * @param <R> the response's record
 */
public final class Client<Q, R> implements AutoCloseable {
  private static final long POLL_MS = 10;

  private final ServiceType<Q, R> type;
  private final ServiceClient client;

  Client(ServiceType<Q, R> type, ServiceClient client) {
    this.type = type;
    this.client = client;
  }

  /** Full name. */
  public String name() {
    return client.name();
  }

  /** Whether a server is there now. */
  public boolean isServiceReady() {
    return client.ready();
  }

  /** Waits for a server; false when the time is up. */
  public boolean waitForService(Duration most) {
    long endNs = NanoClock.system().nanoTime() + most.toNanos();
    try {
      while (!client.ready()) {
        if (NanoClock.system().nanoTime() - endNs >= 0) {
          return false;
        }
        Thread.sleep(POLL_MS);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Sends a request; bound the wait, a service may never answer. */
  public CompletableFuture<R> sendRequest(Q request) {
    try (CdrWriter writer = new CdrWriter()) {
      type.request().encode(request, writer);
      return client
          .call(writer.buffer(), writer.bytes())
          .thenApply(bytes -> type.response().decode(bytes));
    }
  }

  /**
   * Sends a request and waits for its answer.
   *
   * @throws RosFault when there is none in time
   */
  public R call(Q request, Duration most) {
    CompletableFuture<R> answer = sendRequest(request);
    try {
      return answer.get(most.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      answer.cancel(false);
      throw new RosFault(
          "service %s: expected an answer within %d ms, found none"
              .formatted(name(), most.toMillis()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RosFault("service " + name() + ": interrupted while waiting for its answer", e);
    } catch (ExecutionException e) {
      throw new RosFault("service " + name() + ": " + e.getCause(), e);
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
