package saccade.nodes.zenoh;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import saccade.nodes.zenoh.ZenohSession.PublisherOptions;

/**
 * Round trips and flow of our session, for comparison with {@code bench.py} through the same
 * router: {@code PingPong ROLE ENDPOINT BYTES COUNT}, roles as there.
 */
final class PingPong {
  private static final PublisherOptions EXPRESS = new PublisherOptions(true, true, 5, true);

  private PingPong() {}

  public static void main(String[] arguments) throws Exception {
    String role = arguments[0];
    int bytes = Integer.parseInt(arguments[2]);
    int count = Integer.parseInt(arguments[3]);
    try (ZenohSession session = ZenohSession.open(ZenohConfig.client(arguments[1]));
        Arena arena = Arena.ofShared()) {
      if (!session.awaitLink(Duration.ofSeconds(5))) {
        throw new IllegalStateException("no link: " + session.counts());
      }
      MemorySegment data = arena.allocate(Math.max(1, bytes), 64);
      switch (role) {
        case "pong" -> {
          ZenohPublisher echo = session.declarePublisher("bench/pong", EXPRESS);
          session.declareSubscriber(
              "bench/ping", s -> echo.put(s.payload(), s.payload().byteSize(), null));
          System.out.println("READY");
          System.in.read();
        }
        case "ping" -> ping(session, data, bytes, count);
        case "source" -> {
          ZenohPublisher flow = session.declarePublisher("bench/flow", PublisherOptions.BLOCKING);
          Thread.sleep(500);
          for (int i = 0; i < count; i++) {
            flow.put(data, bytes, null);
          }
          Thread.sleep(2000);
        }
        case "sink" -> sink(session, bytes, count);
        default -> throw new IllegalArgumentException(role);
      }
    }
  }

  private static void ping(ZenohSession session, MemorySegment data, int bytes, int count)
      throws InterruptedException {
    ZenohPublisher ping = session.declarePublisher("bench/ping", EXPRESS);
    Semaphore back = new Semaphore(0);
    session.declareSubscriber("bench/pong", s -> back.release());
    Thread.sleep(500);
    int warm = Math.max(count / 4, Math.min(20_000, 4 * count));
    long[] times = new long[count];
    for (int i = 0; i < warm + count; i++) {
      long start = System.nanoTime();
      ping.put(data, bytes, null);
      if (!back.tryAcquire(5, TimeUnit.SECONDS)) {
        throw new IllegalStateException("no echo: " + session.counts());
      }
      if (i >= warm) {
        times[i - warm] = System.nanoTime() - start;
      }
    }
    Arrays.sort(times);
    System.out.printf(
        "java ping %d B: p50 %.1f us p99 %.1f us%n",
        bytes, times[count / 2] / 1e3, times[count * 99 / 100] / 1e3);
  }

  private static void sink(ZenohSession session, int bytes, int count) throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    AtomicLong got = new AtomicLong();
    AtomicLong first = new AtomicLong();
    AtomicLong last = new AtomicLong();
    session.declareSubscriber(
        "bench/flow",
        s -> {
          long n = got.incrementAndGet();
          last.set(System.nanoTime());
          if (n == 1) {
            first.set(last.get());
          }
          if (n == count) {
            done.countDown();
          }
        });
    System.out.println("READY");
    done.await(60, TimeUnit.SECONDS);
    double seconds = (last.get() - first.get()) / 1e9;
    System.out.printf(
        "java sink %d B: %d of %d, %.0f MiB/s%n",
        bytes, got.get(), count, (got.get() - 1) * (double) bytes / (1 << 20) / seconds);
  }
}
