package saccade.nodes.node;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import saccade.nodes.rcl.PeerProcess;
import saccade.nodes.ros.Peers;

/**
 * A node of ours over rcl, and a real rclpy that asks it what ROS tools ask. Skipped where the
 * peers are absent.
 */
class NodeInteropTest {
  static final List<String> DISTROS = Peers.DISTROS;

  @ParameterizedTest
  @FieldSource("DISTROS")
  void shouldAnswerWhatRosToolsAsk(String distro, @TempDir Path folder) throws Exception {
    Peers.Peer peer = Peers.ros(distro);
    int domain = PeerProcess.domain(60 + DISTROS.indexOf(distro));
    Path script = folder.resolve("node_peer.py");
    try (InputStream in = NodeInteropTest.class.getResourceAsStream("node_peer.py")) {
      Files.write(script, in.readAllBytes());
    }
    try (PeerProcess java = new PeerProcess("java", peer.javaProcess(NodePeer.class), domain)) {
      java.await("node /robot1/java", 60);
      try (PeerProcess python =
          new PeerProcess("python", peer.pythonProcess(script.toString()), domain)) {
        python.await("asked", 90);
        assertAll(
            () ->
                assertEquals(
                    "list camera.name diagnostic_updater.period model"
                        + " qos_overrides./robot1/tuned.publisher.durability rate secret"
                        + " start_type_description_service use_sim_time weights"
                        + " groups camera diagnostic_updater qos_overrides./robot1/tuned.publisher",
                    python.await("list", 1)),
            () -> assertEquals("get 20.0 front 0", python.await("get", 1)),
            () -> assertEquals("types 3 8", python.await("types", 1)),
            () -> assertEquals("describe sets a second 100.0 True", python.await("describe", 1)),
            () -> assertEquals("set True False False False False False", python.await("set", 1)),
            () -> python.await("because Parameter {rate} doesn't comply with floating point", 1),
            () -> python.await("because Wrong parameter type, parameter {rate}", 1),
            () ->
                python.await("because parameter 'model' cannot be set because it is read-only", 1),
            () -> python.await("because parameter 'secret' of /robot1/java may not be set", 1),
            () -> python.await("because parameter 'nobody' cannot be set because it was not", 1),
            () -> assertEquals("atomically False", python.await("atomically", 1)),
            () -> python.await("event /robot1/java rate 12.5", 60),
            () -> java.await("changed rate 12.5", 1),
            () -> assertEquals("state 1 unconfigured", python.await("state", 1)),
            () -> assertEquals("states 11", python.await("states", 1)),
            () -> assertEquals("graph 25", python.await("graph", 1)),
            () -> assertEquals("available configure shutdown", python.await("available", 1)),
            () -> assertEquals("change True True False False", python.await("change", 1)),
            () -> python.await("state 3 active", 1),
            () -> python.await("transition unconfigured configure configuring", 60),
            () -> python.await("transition activating transition_success active", 60),
            () -> assertEquals("tuned TRANSIENT_LOCAL RELIABLE", python.await("tuned", 1)),
            () -> assertEquals("description True data 1", python.await("description", 1)),
            () -> python.await("rosout robot1.java 30 a word from Java", 60),
            () -> python.await("diagnostics java: camera 1 late rate=9.5 Hz", 60),
            () -> assertEquals("handed over 20 of 20", java.await("handed over", 30)),
            () -> java.await("python's gain 2.5", 60),
            () -> java.await("python describes types: true", 60),
            () -> java.await("timer at 10", 60),
            () -> java.await("jump BACKWARD to 50000000000", 60));
        assertEquals(0, python.end(30), () -> String.join("\n", python.lines()));
      }
      assertEquals(0, java.end(30), () -> String.join("\n", java.lines()));
      java.await("closed", 1);
      assertTrue(java.saying("Exception").isEmpty());
    }
  }
}
