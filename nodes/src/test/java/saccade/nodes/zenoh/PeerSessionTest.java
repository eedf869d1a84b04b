package saccade.nodes.zenoh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import saccade.nodes.zenoh.ZenohSession.PublisherOptions;

/** Two sessions of our own, without a router. */
class PeerSessionTest extends SessionContract {
  @Override
  ZenohSession first(ZenohConfig config) {
    return ZenohSession.open(config);
  }

  @Override
  ZenohSession second(ZenohConfig config) {
    return ZenohSession.open(config);
  }

  /** A link is counted by the thread that made it, a moment after its first message came. */
  @Override
  void reconnected(ZenohSession b, int times) throws InterruptedException {
    await("all reconnects", () -> b.counts().get(Counts.Of.RECONNECTS) >= times);
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
}
