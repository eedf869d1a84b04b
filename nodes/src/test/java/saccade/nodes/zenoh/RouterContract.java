package saccade.nodes.zenoh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import saccade.nodes.zenoh.ZenohSession.GetOptions;
import saccade.nodes.zenoh.ZenohSession.PublisherOptions;
import saccade.nodes.zenoh.ZenohSession.ReplyListener;
import saccade.nodes.zenoh.ZenohSession.Target;

/** As a client of the official router, with an official client at the other side. */
abstract class RouterContract {
  private static final byte[] ATTACHMENT = new byte[33];
  private static int port;
  private static ZenohPeer router;
  private static ZenohPeer python;

  @BeforeAll
  static void start() throws Exception {
    port = ZenohPeer.freePort();
    router = ZenohPeer.router(port);
    python = ZenohPeer.client(port);
  }

  @AfterAll
  static void stop() throws Exception {
    if (python != null) {
      python.close();
    }
    if (router != null) {
      router.close();
    }
  }

  /** A session of the kind that is tested. */
  abstract ZenohSession open(ZenohConfig config);

  private ZenohSession open() throws InterruptedException {
    ZenohSession s = open(ZenohConfig.client("tcp/127.0.0.1:" + port));
    assertTrue(s.awaitLink(Duration.ofSeconds(60)), "no link");
    return s;
  }

  private static String sha1(byte[] data) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(data));
  }

  @Test
  void everySizeBothWaysByteForByte() throws Exception {
    python.tell("sub java/data");
    try (ZenohSession s = open();
        Arena arena = Arena.ofShared()) {
      var got = new LinkedBlockingQueue<byte[]>();
      s.declareSubscriber("python/data", x -> got.add(x.payload().toArray(ValueLayout.JAVA_BYTE)));
      ZenohPublisher p = s.declarePublisher("java/data", PublisherOptions.BLOCKING);
      python.settle(s);
      Random random = new Random(1);
      for (int n : new int[] {0, 1, 64, 4096, 4097, 49_100, 49_150, 65_536, 1 << 20, 6_220_800}) {
        byte[] data = new byte[n];
        random.nextBytes(data);
        MemorySegment memory = arena.allocate(n + 1L);
        MemorySegment.copy(data, 0, memory, ValueLayout.JAVA_BYTE, 0, n);
        p.put(memory, n, ATTACHMENT);
        String line = python.expect("SAMPLE java/data " + n);
        assertTrue(line.contains(sha1(data)), n + " bytes to Python: " + line);
        assertTrue(line.contains(HexFormat.of().formatHex(ATTACHMENT)), line);
      }
      for (int n : new int[] {0, 64, 50_000, 6_220_800}) {
        python.tell("pub python/data " + n);
        String sum = python.expect("PUT").substring(4);
        byte[] data = got.poll(60, TimeUnit.SECONDS);
        assertNotNull(data, n + " bytes");
        assertEquals(n, data.length);
        assertEquals(sum, sha1(data));
      }
      assertEquals(0, s.counts().get(Counts.Of.REASSEMBLY_DROPPED), s.counts().toString());
    }
  }

  @Test
  void queriesBothWays() throws Exception {
    python.tell("queryable python/service pong");
    try (ZenohSession s = open()) {
      var got = new LinkedBlockingQueue<String>();
      python.settle(s);
      byte[] question = "ping".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
      s.get(
          "python/service",
          new GetOptions(Target.ALL_COMPLETE, "", 5000),
          MemorySegment.ofArray(question),
          4,
          ATTACHMENT,
          new ReplyListener() {
            @Override
            public void onReply(Sample x) {
              got.add(new String(x.payload().toArray(ValueLayout.JAVA_BYTE)));
              got.add("" + x.attachmentBytes());
            }

            @Override
            public void onDone(boolean timedOut) {
              got.add("done " + timedOut);
            }
          });
      assertEquals("pongping", got.poll(60, TimeUnit.SECONDS));
      assertEquals("33", got.poll(60, TimeUnit.SECONDS));
      assertEquals("done false", got.poll(60, TimeUnit.SECONDS));

      s.declareQueryable(
          "java/service",
          true,
          q -> {
            assertArrayEquals(question, q.payload());
            MemorySegment answer = MemorySegment.ofArray("fromjava".getBytes());
            q.reply(q.key(), answer, answer.byteSize(), q.attachment());
            q.close();
          });
      python.settle(s);
      python.tell("get java/service ping");
      String reply = python.expect("REPLY");
      assertTrue(reply.startsWith("REPLY java/service 8 ") && reply.endsWith("fromjava"), reply);
      python.expect("DONE");
    }
  }

  @Test
  void tokensComeAndGo() throws Exception {
    python.tell("token @t/python/1");
    python.tell("tokens @t/**");
    var got = new LinkedBlockingQueue<String>();
    try (ZenohSession s = open()) {
      var watch = s.declareTokenListener("@t/**", (k, lives) -> got.add((lives ? "+" : "-") + k));
      assertEquals("+@t/python/1", got.poll(60, TimeUnit.SECONDS));
      var token = s.declareToken("@t/java/1");
      assertEquals("+@t/java/1", got.poll(60, TimeUnit.SECONDS));
      python.expect("TOKEN + @t/java/1");
      token.close();
      python.expect("TOKEN - @t/java/1");
      assertEquals("-@t/java/1", got.poll(60, TimeUnit.SECONDS));
      python.tell("token @t/python/2");
      assertEquals("+@t/python/2", got.poll(60, TimeUnit.SECONDS));
      python.tell("untoken @t/python/2");
      assertEquals("-@t/python/2", got.poll(60, TimeUnit.SECONDS));
      watch.close();
      s.declareToken("@t/java/2");
      python.expect("TOKEN + @t/java/2");
    }
    python.expect("TOKEN - @t/java/2"); // the session is gone
  }
}
