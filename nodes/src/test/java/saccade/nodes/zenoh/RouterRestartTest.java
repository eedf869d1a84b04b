package saccade.nodes.zenoh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import saccade.nodes.zenoh.ZenohSession.PublisherOptions;

/**
 * The official router, killed and started anew; {@code -Dsaccade.router.restarts=50} for the whole
 * account.
 */
class RouterRestartTest {
  private static final int ROUNDS = Integer.getInteger("saccade.router.restarts", 3);

  private static long openFiles() {
    return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getOpenFileDescriptorCount();
  }

  @Test
  void everythingIsDeclaredAnewEachTime() throws Exception {
    int port = ZenohPeer.freePort();
    var got = new LinkedBlockingQueue<Long>();
    var tokens = new LinkedBlockingQueue<String>();
    long longest = 0;
    long filesBefore = 0;
    int threadsBefore = 0;
    try (ZenohSession s = ZenohSession.open(ZenohConfig.client("tcp/127.0.0.1:" + port));
        ZenohSession other = ZenohSession.open(ZenohConfig.client("tcp/127.0.0.1:" + port))) {
      s.declareSubscriber("data", x -> got.add(x.payload().byteSize()));
      s.declareToken("@t/s");
      ZenohPublisher p = other.declarePublisher("data", PublisherOptions.BLOCKING);
      other.declareTokenListener("@t/**", (k, lives) -> tokens.add((lives ? "+" : "-") + k));
      for (int round = 0; round < ROUNDS; round++) {
        ZenohPeer router = ZenohPeer.router(port); // READY: it listens
        long up = System.nanoTime();
        assertTrue(s.awaitLink(Duration.ofSeconds(60)), "round " + round);
        assertTrue(other.awaitLink(Duration.ofSeconds(60)), "round " + round);
        longest = Math.max(longest, System.nanoTime() - up);
        assertEquals("+@t/s", tokens.poll(60, TimeUnit.SECONDS), "round " + round);
        long until = System.nanoTime() + 60_000_000_000L;
        while (got.poll(20, TimeUnit.MILLISECONDS) == null) {
          p.put(MemorySegment.ofArray(new byte[7]), 7, null);
          assertTrue(System.nanoTime() < until, "no sample in round " + round);
        }
        router.kill();
        assertEquals("-@t/s", tokens.poll(60, TimeUnit.SECONDS), "round " + round);
        got.clear();
        if (round == 0) {
          filesBefore = openFiles();
          threadsBefore = Thread.activeCount();
        }
      }
      assertTrue(longest < 2_000_000_000L, "link after " + longest / 1_000_000 + " ms");
      assertTrue(
          openFiles() <= filesBefore + 12, // two sessions may be dialling, six each
          filesBefore + " files, now " + openFiles());
      assertTrue(
          Thread.activeCount() <= threadsBefore + 2,
          threadsBefore + " threads, now " + Thread.activeCount());
      assertEquals(ROUNDS - 1, s.counts().get(Counts.Of.RECONNECTS));
      System.out.printf(
          "router restarted %d times: link at most %d ms after it listened%n",
          ROUNDS, longest / 1_000_000);
    }
  }
}
