package saccade.nodes.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import saccade.nodes.ros.PeerProgram;
import saccade.nodes.ros.Peers;

/** Bridges over rcl against a real rclpy that plays Nav2 and the robot's base. */
class BridgeInteropTest {
  static final List<String> DISTROS = Peers.DISTROS;

  @ParameterizedTest
  @FieldSource("DISTROS")
  void rclpysTwistsAreGatedAndStopWhenMessagesStop(String distro, @TempDir Path folder)
      throws Exception {
    Peers.Peer peer = Peers.ros(distro);
    int domain = PeerProgram.domain(Peers.DISTROS.indexOf(distro));
    String script = PeerProgram.script(getClass(), "bridge_peer.py", folder).toString();
    try (PeerProgram java = new PeerProgram("java", peer.javaProcess(BridgePeer.class), domain);
        PeerProgram python = new PeerProgram("python", peer.pythonProcess(script), domain)) {
      assertEquals("up rcl " + distro + " rmw_fastrtps_cpp", java.await("up", 60));
      python.await("standing before the first message", 60);
      java.tell("feed NaN");
      python.await("passed 0.400 0.200", 60);
      java.tell("rest");
      python.await("stopped though the twist goes on", 60);
      python.await(
          "diagnostics 2 /saccade: bridge nav2: stopped and latched: last good message", 60);
      java.tell("feed NaN");
      python.await("passed again", 60);
      java.tell("feed 0.3");
      python.await("stopped for the object, backing away passes", 60);
      python.await("ackermann_cmd is in the graph", 60);
      python.tell("end");
      assertEquals(0, python.exit(30), () -> String.join("\n", python.lines()));
      assertEquals(
          List.of(), python.lines().stream().filter(line -> line.startsWith("wrong")).toList());
      java.tell("end");
      assertEquals(0, java.exit(30), () -> String.join("\n", java.lines()));
    }
  }
}
