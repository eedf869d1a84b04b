package saccade.nodes.zenoh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.net.NetworkInterface;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import saccade.nodes.zenoh.ZenohSession.PublisherOptions;

/** Peers that find each other: by the official router's gossip, by multicast. */
class DiscoveryTest {
  private static void await(String what, BooleanSupplier holds) throws InterruptedException {
    long end = System.nanoTime() + 60_000_000_000L;
    while (!holds.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "in 60 s never: " + what);
      Thread.sleep(10);
    }
  }

  @Test
  void twoOfOurPeersByTheRoutersGossip() throws Exception {
    int port = ZenohPeer.freePort();
    try (ZenohPeer router = ZenohPeer.router(port);
        ZenohSession a = ZenohSession.open(ZenohConfig.peer("tcp/127.0.0.1:" + port));
        ZenohSession b = ZenohSession.open(ZenohConfig.peer("tcp/127.0.0.1:" + port))) {
      await("a direct link", () -> a.peers().contains(b.id()) && b.peers().contains(a.id()));
      var got = new LinkedBlockingQueue<String>();
      b.declareSubscriber("k", x -> got.add("b"));
      ZenohPublisher p = a.declarePublisher("k", PublisherOptions.BLOCKING);
      await(
          "b hears a",
          () -> {
            p.put(MemorySegment.ofArray(new byte[1]), 1, null);
            return !got.isEmpty();
          });
      Thread.sleep(1000);
      got.clear();
      p.put(MemorySegment.ofArray(new byte[1]), 1, null);
      assertEquals("b", got.poll(60, TimeUnit.SECONDS));
      assertEquals(null, got.poll(500, TimeUnit.MILLISECONDS), "not twice, by the router as well");
      router.kill();
      await("the router is gone", () -> a.peers().size() == 1);
      p.put(MemorySegment.ofArray(new byte[1]), 1, null);
      assertEquals("b", got.poll(60, TimeUnit.SECONDS), "without the router");
    }
  }

  @Test
  void anOfficialPeerByTheRoutersGossip() throws Exception {
    int port = ZenohPeer.freePort();
    String at = "tcp/127.0.0.1:" + port;
    try (ZenohPeer router = ZenohPeer.router(port);
        ZenohPeer python = ZenohPeer.start("peer", "connect", at, "listen", "tcp/127.0.0.1:0");
        ZenohSession a = ZenohSession.open(ZenohConfig.peer(at))) {
      await("a link to the router and the peer", () -> a.peers().size() == 2);
      python.tell("sub there");
      python.tell("tokens @t/**");
      var got = new LinkedBlockingQueue<String>();
      a.declareSubscriber("here", x -> got.add("" + x.payload().byteSize()));
      a.declareToken("@t/java");
      python.expect("TOKEN + @t/java");
      ZenohPublisher p = a.declarePublisher("there", PublisherOptions.BLOCKING);
      python.settle(a);
      p.put(MemorySegment.ofArray(new byte[100_000]), 100_000, null);
      python.expect("SAMPLE there 100000");
      python.tell("pub here 100000");
      assertEquals("100000", got.poll(60, TimeUnit.SECONDS));
      assertEquals(null, got.poll(300, TimeUnit.MILLISECONDS), "not twice");
    }
  }

  @Test
  void byMulticastOnTheLoopback() throws Exception {
    NetworkInterface lo = NetworkInterface.getByName("lo");
    Assumptions.assumeTrue(lo != null && lo.isUp(), "no network interface lo");
    int port = 17_000 + (int) (ProcessHandle.current().pid() % 1000);
    var where = new ZenohConfig.Scouting("224.0.0.224", port, "lo");
    ZenohConfig config =
        ZenohConfig.builder(Role.PEER).listen("tcp/127.0.0.1:0").scouting(where).build();
    try (ZenohSession a = ZenohSession.open(config);
        ZenohSession b = ZenohSession.open(config)) {
      long end = System.nanoTime() + 60_000_000_000L;
      while (!a.peers().contains(b.id()) && System.nanoTime() < end) {
        Thread.sleep(10);
      }
      Assumptions.assumeTrue(
          !a.peers().isEmpty() || lo.supportsMulticast(), "lo carries no multicast here");
      assertTrue(a.peers().contains(b.id()), a.counts().toString());
    }
  }
}
