package saccade.hil.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import saccade.hil.peers.PeerProcess;
import saccade.hil.peers.Peers;
import saccade.hil.peers.Peers.Peer;

/**
 * A hundred cycles of each native handle; ten thousand with {@code saccade hil interop --native}.
 */
class NativeCyclesTest {
  static final List<String> DISTROS = Peers.DISTROS;

  @ParameterizedTest
  @FieldSource("DISTROS")
  void everyHandleIsOpenedClosedAndRefusedAfterwards(String distro) throws Exception {
    Peer peer = Peers.find(distro);
    Assumptions.assumeTrue(peer != null, "no peer " + distro + ": run hil-tests/peers/setup");
    ProcessBuilder builder = peer.java(NativeCycles.class, "100", "5");
    builder.environment().put("ROS_DOMAIN_ID", "101");
    builder.environment().put("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST");
    try (PeerProcess process = new PeerProcess(distro, builder)) {
      process.await("done", 400);
      List<String> kinds =
          process.others().stream().filter(line -> line.contains(" cycles, ")).toList();
      assertEquals(7, kinds.size(), kinds::toString);
      for (String kind : kinds) {
        assertTrue(kind.endsWith("files +0, threads +0"), kind);
      }
      assertEquals(0, process.exit(30));
    }
  }
}
