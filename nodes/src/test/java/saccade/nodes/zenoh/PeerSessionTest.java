package saccade.nodes.zenoh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import saccade.nodes.zenoh.ZenohSession.GetOptions;
import saccade.nodes.zenoh.ZenohSession.PublisherOptions;
import saccade.nodes.zenoh.ZenohSession.ReplyListener;
import saccade.nodes.zenoh.ZenohSession.Target;

/** Two sessions of our own, without a router. */
class PeerSessionTest {
  private static String at(ZenohSession s) {
    return s.listening().get(0).toString();
  }

  private static void await(String what, java.util.function.BooleanSupplier holds)
      throws InterruptedException {
    long end = System.nanoTime() + 60_000_000_000L;
    while (!holds.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "in 60 s never: " + what);
      Thread.sleep(5);
    }
  }

  @Test
  void samplesQueriesAndTokensBetweenPeersAndAClient() throws Exception {
    try (ZenohSession a = ZenohSession.open(ZenohConfig.peer());
        ZenohSession b = ZenohSession.open(ZenohConfig.peer(at(a)));
        ZenohSession c = ZenohSession.open(ZenohConfig.client(at(a)));
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
            got.clear();
            p.put(big, 1, null);
            return got.size() == 2;
          });
      got.clear();
      p.put(big, 300_000, null);
      var both =
          java.util.Set.of(
              String.valueOf(got.poll(60, TimeUnit.SECONDS)),
              String.valueOf(got.poll(60, TimeUnit.SECONDS)));
      assertEquals(java.util.Set.of("b k/1 300000", "c k/1 300000"), both);

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
    try (ZenohSession a = ZenohSession.open(ZenohConfig.peer())) {
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
    try (ZenohSession b = ZenohSession.open(ZenohConfig.peer("tcp/127.0.0.1:" + port))) {
      b.declareSubscriber("k", x -> got.add("" + x.payload().byteSize()));
      b.declareToken("@x/b");
      for (int round = 0; round < 5; round++) {
        try (ZenohSession a = ZenohSession.open(at)) {
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
      // A link is counted by the thread that made it, a moment after its first message may have
      // come.
      await("four reconnects", () -> b.counts().get(Counts.Of.RECONNECTS) >= 4);
    }
  }

  @Test
  void strangersAreCountedAndHarmNobody() throws Exception {
    try (ZenohSession a = ZenohSession.open(ZenohConfig.peer())) {
      int port = a.listening().get(0).port();
      byte[][] sayings = {
        "GET / HTTP/1.1\r\n\r\n".getBytes(),
        {2, 0, 1, 8}, // INIT of version 8
        {1, 0, 0x1F},
        {(byte) 0xFF, (byte) 0xFF},
        {4, 0, 0x22, 1, 2, 3},
      };
      for (byte[] saying : sayings) {
        try (Socket s = new Socket(InetAddress.getLoopbackAddress(), port)) {
          s.getOutputStream().write(saying);
          s.getOutputStream().flush();
          s.shutdownOutput();
          s.getInputStream().readAllBytes();
        }
      }
      try (ZenohSession b = ZenohSession.open(ZenohConfig.peer(at(a)))) {
        assertTrue(b.awaitLink(Duration.ofSeconds(60)));
      }
      Counts c = a.counts();
      assertTrue(c.get(ZenohFault.Kind.VERSION) >= 1, c.toString());
      assertTrue(
          c.get(ZenohFault.Kind.HANDSHAKE)
                  + c.get(ZenohFault.Kind.MALFORMED)
                  + c.get(ZenohFault.Kind.CONNECTION_LOST)
              >= 3,
          c.toString());
    }
  }

  @Test
  void listensNowhereUnlessTold() {
    try (ZenohSession c = ZenohSession.open(ZenohConfig.client("tcp/127.0.0.1:1"));
        ZenohSession p = ZenohSession.open(ZenohConfig.peer())) {
      assertTrue(c.listening().isEmpty());
      assertEquals("127.0.0.1", p.listening().get(0).host());
    }
  }

  @Test
  void aPeerThatTakesNothingCostsDroppableMessagesOnly() throws Exception {
    // a peer that opens a link by hand and then never reads
    try (ZenohSession a =
            ZenohSession.open(
                ZenohConfig.builder(Role.PEER).listen("tcp/127.0.0.1:0").blockMs(500).build());
        Arena arena = Arena.ofShared();
        SleepingPeer deaf = new SleepingPeer(a.listening().get(0).port())) {
      await("the link", () -> !a.peers().isEmpty());
      ZenohPublisher p = a.declarePublisher("k", PublisherOptions.DEFAULT);
      MemorySegment m = arena.allocate(1 << 20);
      for (int i = 0; i < 40; i++) {
        p.put(m, 1 << 20, null);
      }
      Counts c = a.counts();
      assertTrue(c.get(Counts.Of.DROPPED_BY_CONGESTION) > 0, c.toString());
      assertFalse(deaf.closed());
    }
  }

  /** Says INIT and OPEN, then nothing, and reads nothing. */
  private static final class SleepingPeer implements AutoCloseable {
    private final PlainChannel channel;

    SleepingPeer(int port) throws Exception {
      channel = PlainChannel.connect(new Locator(false, "127.0.0.1", port), 1000);
      assertNotNull(new Handshake(channel, Role.PEER, ZenohId.random(), 60_000, 5000).dial());
    }

    boolean closed() {
      return false;
    }

    @Override
    public void close() {
      channel.close();
    }
  }

  @Test
  void payloadsOfHeapAndNativeMemoryArriveAlike() throws Exception {
    try (ZenohSession a = ZenohSession.open(ZenohConfig.peer());
        ZenohSession b = ZenohSession.open(ZenohConfig.peer(at(a)));
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
