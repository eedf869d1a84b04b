package saccade.nodes.rosnode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import saccade.nodes.zenoh.ZenohConfig;
import saccade.nodes.zenoh.ZenohSession;
import saccade.nodes.zenoh.rmw.RmwConfig;

class LinkWatchTest {
  private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();

  private void says(String part) throws InterruptedException {
    String line = lines.poll(60, TimeUnit.SECONDS);
    assertNotNull(line, part);
    assertTrue(line.contains(part), line);
  }

  @Test
  void noLinkALinkAndItsLossAreOneLineEach() throws Exception {
    String noLink =
        RmwConfig.of(Map.of("ZENOH_CONFIG_OVERRIDE", "connect/endpoints=[\"tcp/192.0.2.1:7447\"]"))
            .noLink();
    ZenohSession robot = ZenohSession.open(ZenohConfig.peer());
    try (LinkWatch watch = new LinkWatch(robot, noLink, 1, lines::add)) {
      says("no Zenoh router or peer answers at tcp/192.0.2.1:7447; start a router");
      try (ZenohSession peer =
          ZenohSession.open(ZenohConfig.peer(robot.listening().get(0).toString()))) {
        says("a link is up, to [");
        assertEquals(1, peer.peers().size());
      }
      says("the last link is lost, it is dialled again; no Zenoh router or peer answers at");
      assertTrue(lines.isEmpty(), lines::toString);
    } finally {
      robot.close();
    }
  }
}
