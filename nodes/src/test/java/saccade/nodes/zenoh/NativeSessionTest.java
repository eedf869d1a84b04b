package saccade.nodes.zenoh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import saccade.nodes.cli.BadInput;
import saccade.nodes.zenoh.ZenohSession.Declaration;
import saccade.nodes.zenoh.ZenohSession.GetOptions;
import saccade.nodes.zenoh.ZenohSession.PublisherOptions;
import saccade.nodes.zenoh.ZenohSession.ReplyListener;
import saccade.nodes.zenoh.ZenohSession.Target;
import saccade.nodes.zenoh.c.Blocks;
import saccade.nodes.zenoh.c.Upcalls;

/** What there is to a session of libzenohc beyond the contract of all sessions. */
class NativeSessionTest {
  private static final int LARGE = 6_220_800; // an image of 1920 x 1080, rgb8
  private static Path library;

  @BeforeAll
  static void library() {
    library = RealLibrary.path();
  }

  private static ZenohSession open(ZenohConfig config) {
    return ZenohSession.open(library, config);
  }

  private static void await(String what, java.util.function.BooleanSupplier holds)
      throws InterruptedException {
    SessionContract.await(what, holds);
  }

  private static byte[] random(int bytes) {
    byte[] out = new byte[bytes];
    new Random(bytes).nextBytes(out);
    return out;
  }

  /** A peer as a user's file would open it: JSON, shared memory on. */
  private static ZenohSession sharing(String connect) {
    return ZenohSession.open(
        library,
        """
        {"mode": "peer", "connect": {"endpoints": [%s]}, "listen": {"endpoints": ["tcp/127.0.0.1:0"]},
         "scouting": {"multicast": {"enabled": false}},
         "transport": {"shared_memory": {"enabled": true, "mode": "init",
           "transport_optimization": {"enabled": true, "pool_size": 67108864, "message_size_threshold": 3072}}}}
        """
            .formatted(connect));
  }

  @Test
  void aLargeMessageGoesThroughSharedMemoryWhereTheConfigurationSaysSo() throws Exception {
    byte[] data = random(LARGE);
    try (ZenohSession a = sharing("");
        ZenohSession b = sharing("\"" + SessionContract.at(a) + "\"");
        ZenohSession c = open(ZenohConfig.peer(SessionContract.at(a)));
        Arena arena = Arena.ofShared()) {
      var shared = new LinkedBlockingQueue<byte[]>();
      var copied = new LinkedBlockingQueue<byte[]>();
      b.declareSubscriber("k", x -> shared.add(x.payload().toArray(ValueLayout.JAVA_BYTE)));
      c.declareSubscriber("k", x -> copied.add(x.payload().toArray(ValueLayout.JAVA_BYTE)));
      ZenohPublisher p = a.declarePublisher("k", PublisherOptions.BLOCKING);
      MemorySegment image = arena.allocateFrom(ValueLayout.JAVA_BYTE, data);
      await(
          "both subscribe, and the memory is there",
          () -> {
            shared.clear();
            copied.clear();
            long before = b.counts().get(Counts.Of.FRAGMENTS_RECEIVED);
            p.put(image, LARGE, null);
            try {
              byte[] one = shared.poll(5, TimeUnit.SECONDS);
              byte[] other = copied.poll(5, TimeUnit.SECONDS);
              if (one == null || other == null) {
                return false;
              }
              assertArrayEquals(data, one);
              assertArrayEquals(data, other);
            } catch (InterruptedException e) {
              return false;
            }
            return b.counts().get(Counts.Of.FRAGMENTS_RECEIVED) == before;
          });
      assertTrue(
          c.counts().get(Counts.Of.FRAGMENTS_RECEIVED) > 0, "through TCP it comes in pieces");
    }
  }

  @Test
  void everySizeBothWaysWithJavaByteForByte() throws Exception {
    try (ZenohSession java = ZenohSession.open(ZenohConfig.peer());
        ZenohSession c = open(ZenohConfig.peer(SessionContract.at(java)));
        Arena arena = Arena.ofShared()) {
      for (ZenohSession[] way : new ZenohSession[][] {{java, c}, {c, java}}) {
        var got = new LinkedBlockingQueue<byte[]>();
        var attached = new LinkedBlockingQueue<Integer>();
        way[1].declareSubscriber(
            "sizes",
            x -> {
              attached.add(x.attachmentBytes());
              got.add(x.payload().toArray(ValueLayout.JAVA_BYTE));
            });
        ZenohPublisher p = way[0].declarePublisher("sizes", PublisherOptions.BLOCKING);
        await(
            "the subscriber",
            () -> {
              p.put(arena.allocate(1), 1, null);
              return !got.isEmpty();
            });
        Thread.sleep(100);
        got.clear();
        attached.clear();
        for (int bytes : new int[] {0, 1, 64, 4097, 49_150, 65_536, 1 << 20, LARGE}) {
          byte[] data = random(bytes);
          MemorySegment memory = arena.allocate(bytes + 1L);
          MemorySegment.copy(data, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes);
          assertTrue(p.put(memory, bytes, new byte[bytes == 64 ? 3000 : 33]));
          assertArrayEquals(data, got.poll(60, TimeUnit.SECONDS), bytes + " bytes");
          assertEquals(bytes == 64 ? 3000 : 33, attached.poll(60, TimeUnit.SECONDS));
        }
        p.close();
      }
    }
  }

  @Test
  void whatIsClosedSaysSo() throws Exception {
    int blocks = Blocks.live();
    ZenohSession s = open(ZenohConfig.peer());
    ZenohPublisher p = s.declarePublisher("k", PublisherOptions.DEFAULT);
    ZenohPublisher left = s.declarePublisher("k", PublisherOptions.DEFAULT);
    MemorySegment m = MemorySegment.ofArray(new byte[3]);
    assertTrue(p.put(m, 3, null));
    p.close();
    p.close();
    assertEquals(
        "the publisher of k is closed",
        assertThrows(IllegalStateException.class, () -> p.put(m, 3, null)).getMessage());
    s.close();
    s.close();
    String message = "the Zenoh session " + s.id() + " is closed";
    for (Runnable late :
        new Runnable[] {
          () -> s.declareSubscriber("k", x -> {}),
          () -> s.declarePublisher("k", PublisherOptions.DEFAULT),
          () -> s.declareQueryable("k", true, Query::close),
          () -> s.declareToken("k"),
          () -> s.declareTokenListener("k", (k, lives) -> {}),
          () -> s.peers(),
          () ->
              s.get(
                  "k", new GetOptions(Target.ALL, "", 1000), null, 0, null, (Done) timedOut -> {}),
        }) {
      assertEquals(message, assertThrows(IllegalStateException.class, late::run).getMessage());
    }
    assertThrows(IllegalStateException.class, () -> left.put(m, 3, null));
    left.close();
    await("all memory is back", () -> Blocks.live() == blocks);
  }

  /** Only the end of a query. */
  private interface Done extends ReplyListener {
    @Override
    default void onReply(Sample sample) {}
  }

  @Test
  void aListenerMayCloseWhatCallsItAndTheSessionToo() throws Exception {
    int blocks = Blocks.live();
    int upcalls = Upcalls.live();
    try (ZenohSession s = open(ZenohConfig.peer())) {
      var own = new AtomicReference<Declaration>();
      var calls = new LinkedBlockingQueue<String>();
      own.set(
          s.declareSubscriber(
              "k",
              x -> {
                calls.add("subscriber");
                own.get().close();
              }));
      ZenohPublisher p = s.declarePublisher("k", PublisherOptions.DEFAULT);
      MemorySegment m = MemorySegment.ofArray(new byte[3]);
      p.put(m, 3, null);
      p.put(m, 3, null);
      p.put(m, 3, null);
      assertEquals("[subscriber]", calls.toString());
      s.declareSubscriber(
          "k",
          x -> {
            p.close(); // in the middle of its own put
            calls.add("publisher");
          });
      p.put(m, 3, null);
      assertThrows(IllegalStateException.class, () -> p.put(m, 3, null));
      CountDownLatch closing = new CountDownLatch(1);
      s.declareQueryable(
          "q",
          true,
          q -> {
            s.close();
            q.close();
            closing.countDown();
          });
      s.get(
          "q",
          new GetOptions(Target.ALL_COMPLETE, "", 5000),
          null,
          0,
          null,
          (Done) timedOut -> calls.add("done"));
      assertTrue(closing.await(60, TimeUnit.SECONDS));
      await("the end of the query", () -> calls.contains("done"));
    }
    await("all closures are dropped", () -> Upcalls.live() == upcalls);
    await("all memory is back", () -> Blocks.live() == blocks);
    assertEquals(0, Upcalls.thrown());
  }

  @Test
  void whatListenersThrowIsCountedAndStopsNothing() throws Exception {
    try (ZenohSession s = open(ZenohConfig.peer())) {
      var got = new LinkedBlockingQueue<Long>();
      s.declareSubscriber(
          "k",
          x -> {
            got.add(x.payload().byteSize());
            throw new IllegalStateException("listener of the test");
          });
      s.declareTokenListener(
          "@t/**",
          (k, lives) -> {
            throw new IllegalStateException("listener of the test");
          });
      s.declareQueryable(
          "q",
          true,
          q -> {
            throw new IllegalStateException("listener of the test");
          });
      ZenohPublisher p = s.declarePublisher("k", PublisherOptions.DEFAULT);
      for (int i = 0; i < 3; i++) {
        p.put(MemorySegment.ofArray(new byte[i]), i, null);
      }
      assertEquals("[0, 1, 2]", got.toString());
      s.declareToken("@t/1");
      var done = new LinkedBlockingQueue<Boolean>();
      s.get(
          "q",
          new GetOptions(Target.ALL_COMPLETE, "", 5000),
          null,
          0,
          null,
          (Done) timedOut -> done.add(timedOut));
      assertEquals(false, done.poll(60, TimeUnit.SECONDS), "the query is over without an answer");
      assertEquals(5, s.counts().get(Counts.Of.LISTENER_FAILED));
      assertEquals(0, Upcalls.thrown());
    }
  }

  @Test
  void aQueryOutOfTimeAndOneCutOffBySessionEndSaySo() throws Exception {
    var kept = new LinkedBlockingQueue<Query>();
    var done = new LinkedBlockingQueue<Boolean>();
    ZenohSession s = open(ZenohConfig.peer());
    s.declareQueryable("q", true, kept::add);
    s.get(
        "q",
        new GetOptions(Target.ALL_COMPLETE, "", 200),
        null,
        0,
        null,
        (Done) timedOut -> done.add(timedOut));
    assertEquals(true, done.poll(60, TimeUnit.SECONDS));
    assertEquals(1, s.counts().get(Counts.Of.QUERIES_TIMED_OUT));
    s.get(
        "q",
        new GetOptions(Target.ALL_COMPLETE, "", 60_000),
        null,
        0,
        null,
        (Done) timedOut -> done.add(timedOut));
    s.close();
    assertEquals(true, done.poll(60, TimeUnit.SECONDS));
    // answers that come too late harm nobody
    for (Query q : kept) {
      q.reply("q", MemorySegment.ofArray(new byte[2]), 2, null);
      q.error(new byte[1]);
      q.close();
    }
    assertEquals(2, kept.size());
  }

  @Test
  void aMessageLongerThanTheSessionAcceptsIsCountedAndDropped() throws Exception {
    try (ZenohSession a = ZenohSession.open(ZenohConfig.peer());
        ZenohSession b =
            open(
                ZenohConfig.builder(Role.PEER)
                    .connect(SessionContract.at(a))
                    .maxMessageBytes(10_000)
                    .build())) {
      var got = new LinkedBlockingQueue<Long>();
      b.declareSubscriber("k", x -> got.add(x.payload().byteSize()));
      ZenohPublisher p = a.declarePublisher("k", PublisherOptions.BLOCKING);
      await(
          "the subscriber",
          () -> {
            p.put(MemorySegment.ofArray(new byte[3]), 3, null);
            return !got.isEmpty();
          });
      p.put(MemorySegment.ofArray(new byte[20_000]), 20_000, null);
      await("it is counted", () -> b.counts().get(ZenohFault.Kind.TOO_LARGE) == 1);
      got.clear();
      p.put(MemorySegment.ofArray(new byte[4]), 4, null);
      assertEquals(4L, got.poll(60, TimeUnit.SECONDS));
      ZenohPublisher q = b.declarePublisher("k", PublisherOptions.BLOCKING);
      assertThrows(
          IllegalArgumentException.class,
          () -> q.put(MemorySegment.ofArray(new byte[20_000]), 20_000, null));
    }
  }

  @Test
  void badConfigurationsAreOneLine() {
    for (String json :
        new String[] {
          "[]",
          "{",
          "{\"mode\": \"peer\", \"nonsense\": 1}",
          "{\"transport\": 5}",
          "{\"mode\": \"client\", \"connect\": {\"endpoints\": [\"tcp/127.0.0.1:1\"]}}",
        }) {
      BadInput e = assertThrows(BadInput.class, () -> ZenohSession.open(library, json), json);
      assertFalse(String.valueOf(e.getMessage()).contains("\n"), e.getMessage());
    }
    BadInput other =
        assertThrows(
            BadInput.class,
            () -> ZenohSession.open(Path.of("/elsewhere/libzenohc.so"), ZenohConfig.peer()));
    assertTrue(other.getMessage().contains(library.toString()), other.getMessage());
  }

  @Test
  void listensNowhereUnlessTold() throws Exception {
    try (ZenohSession p = open(ZenohConfig.peer());
        ZenohSession c = open(ZenohConfig.client(SessionContract.at(p)))) {
      assertTrue(c.awaitLink(Duration.ofSeconds(60)));
      assertTrue(c.listening().isEmpty());
      assertEquals("127.0.0.1", p.listening().get(0).host());
      assertEquals(p.id(), c.peers().get(0));
    }
  }
}
