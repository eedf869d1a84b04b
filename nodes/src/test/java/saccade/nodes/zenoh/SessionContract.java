package saccade.nodes.zenoh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import saccade.nodes.zenoh.ZenohSession.GetOptions;
import saccade.nodes.zenoh.ZenohSession.PublisherOptions;
import saccade.nodes.zenoh.ZenohSession.ReplyListener;
import saccade.nodes.zenoh.ZenohSession.Target;

/** What two sessions owe each other without a router, whoever makes them. */
abstract class SessionContract {
  /** The side that listens. */
  abstract ZenohSession first(ZenohConfig config);

  /** The side that dials. */
  abstract ZenohSession second(ZenohConfig config);

  /** How often a peer comes back. */
  int rounds() {
    return 5;
  }

  /** Whether {@code b} has noticed so many. */
  void reconnected(ZenohSession b, int times) throws InterruptedException {}

  static String at(ZenohSession s) {
    return s.listening().get(0).toString();
  }

  static void await(String what, java.util.function.BooleanSupplier holds)
      throws InterruptedException {
    long end = System.nanoTime() + 60_000_000_000L;
    while (!holds.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "in 60 s never: " + what);
      Thread.sleep(5);
    }
  }

  @Test
  void samplesQueriesAndTokensBetweenPeersAndAClient() throws Exception {
    try (ZenohSession a = first(ZenohConfig.peer());
        ZenohSession b = second(ZenohConfig.peer(at(a)));
        ZenohSession c = second(ZenohConfig.client(at(a)));
        Arena arena = Arena.ofShared()) {
      assertTrue(b.awaitLink(Duration.ofSeconds(60)));
      assertTrue(c.awaitLink(Duration.ofSeconds(60)));
      var got = new LinkedBlockingQueue<String>();
      var tokens = new LinkedBlockingQueue<String>();
      b.declareSubscriber("k/**", x -> got.add("b " + x.key() + " " + x.payload().byteSize()));
      c.declareSubscriber("k/**", x -> got.add("c " + x.key() + " " + x.payload().byteSize()));
      b.declareTokenListener("@x/**", (k, lives) -> tokens.add((lives ? "+" : "-") + k));
      ZenohPublisher p = a.declarePublisher("k/1", PublisherOptions.BLOCKING);
      MemorySegment big = arena.allocate(300_000);
      await(
          "both subscribe",
          () -> {
            p.put(big, 1, null);
            return got.contains("b k/1 1") && got.contains("c k/1 1");
          });
      p.put(big, 300_000, null);
      await(
          "the large one at both",
          () -> got.contains("b k/1 300000") && got.contains("c k/1 300000"));

      var token = a.declareToken("@x/a");
      assertEquals("+@x/a", tokens.poll(60, TimeUnit.SECONDS));
      token.close();
      assertEquals("-@x/a", tokens.poll(60, TimeUnit.SECONDS));

      b.declareQueryable(
          "q/b",
          true,
          q -> {
            MemorySegment answer = MemorySegment.ofArray(q.payload());
            q.reply("q/b", answer, answer.byteSize(), null);
            q.close();
          });
      var replies = new LinkedBlockingQueue<String>();
      await(
          "an answer",
          () -> {
            a.get(
                "q/*",
                new GetOptions(Target.ALL, "", 2000),
                big,
                100_000,
                null,
                new ReplyListener() {
                  @Override
                  public void onReply(Sample x) {
                    replies.add(x.key() + " " + x.payload().byteSize());
                  }

                  @Override
                  public void onDone(boolean timedOut) {
                    replies.add("done " + timedOut);
                  }
                });
            try {
              return "q/b 100000".equals(replies.poll(3, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
              return false;
            }
          });
      assertEquals("done false", replies.poll(60, TimeUnit.SECONDS));
    }
  }

  @Test
  void oneSessionHearsItself() {
    try (ZenohSession a = first(ZenohConfig.peer())) {
      var got = new LinkedBlockingQueue<String>();
      a.declareSubscriber("k/*", x -> got.add(x.key() + " " + x.payload().byteSize()));
      ZenohPublisher p = a.declarePublisher("k/1", PublisherOptions.DEFAULT);
      p.put(MemorySegment.ofArray(new byte[5]), 5, null);
      assertEquals("k/1 5", got.poll());
    }
  }

  @Test
  void aPeerThatComesBackGetsEverythingDeclaredAnew() throws Exception {
    int port = ZenohPeer.freePort();
    ZenohConfig at = ZenohConfig.builder(Role.PEER).listen("tcp/127.0.0.1:" + port).build();
    var got = new LinkedBlockingQueue<String>();
    var tokens = new LinkedBlockingQueue<String>();
    try (ZenohSession b = second(ZenohConfig.peer("tcp/127.0.0.1:" + port))) {
      b.declareSubscriber("k", x -> got.add("" + x.payload().byteSize()));
      b.declareToken("@x/b");
      for (int round = 0; round < rounds(); round++) {
        try (ZenohSession a = first(at)) {
          a.declareTokenListener("@x/**", (k, lives) -> tokens.add((lives ? "+" : "-") + k));
          assertEquals("+@x/b", tokens.poll(60, TimeUnit.SECONDS), "round " + round);
          ZenohPublisher p = a.declarePublisher("k", PublisherOptions.DEFAULT);
          await(
              "the sample",
              () -> {
                p.put(MemorySegment.ofArray(new byte[3]), 3, null);
                return got.poll() != null;
              });
        }
        tokens.clear();
      }
      reconnected(b, rounds() - 1);
    }
  }

  @Test
  void payloadsOfHeapAndNativeMemoryArriveAlike() throws Exception {
    try (ZenohSession a = first(ZenohConfig.peer());
        ZenohSession b = second(ZenohConfig.peer(at(a)));
        Arena arena = Arena.ofConfined()) {
      var got = new LinkedBlockingQueue<byte[]>();
      b.declareSubscriber("k", x -> got.add(x.payload().toArray(ValueLayout.JAVA_BYTE)));
      ZenohPublisher p = a.declarePublisher("k", PublisherOptions.BLOCKING);
      byte[] data = new byte[70_000];
      new java.util.Random(3).nextBytes(data);
      await(
          "the subscriber",
          () -> {
            p.put(MemorySegment.ofArray(data), data.length, null);
            return !got.isEmpty();
          });
      byte[] heap = got.poll();
      MemorySegment off = arena.allocate(data.length);
      MemorySegment.copy(data, 0, off, ValueLayout.JAVA_BYTE, 0, data.length);
      got.clear();
      p.put(off, data.length, null);
      byte[] nativeBytes = got.poll(60, TimeUnit.SECONDS);
      assertTrue(java.util.Arrays.equals(data, heap));
      assertTrue(java.util.Arrays.equals(data, nativeBytes));
    }
  }
}
