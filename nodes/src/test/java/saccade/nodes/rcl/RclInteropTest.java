package saccade.nodes.rcl;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import saccade.nodes.ros.Peers;

/**
 * Our rcl transport and a real rclpy, each in a process of its own. Skipped where the peers are
 * absent.
 */
class RclInteropTest {

  static final java.util.List<String> DISTROS = Peers.DISTROS;

  @ParameterizedTest
  @FieldSource("DISTROS")
  void shouldBeANodeLikeAnyOtherToRclpy(String distro, @TempDir Path folder) throws Exception {
    Peers.Peer peer = Peers.ros(distro);
    int domain = PeerProcess.domain(Peers.DISTROS.indexOf(distro));
    String script = PeerProcess.script("interop_peer.py", folder).toString();
    try (PeerProcess java = new PeerProcess("java", peer.javaProcess(InteropPeer.class), domain);
        PeerProcess python = new PeerProcess("python", peer.pythonProcess(script), domain)) {
      assertEquals("open rcl " + distro + " rmw_fastrtps_cpp", java.await("open", 20));
      java.await("node /robot1/java", 5);
      python.await("up rmw_fastrtps_cpp", 20);
      assertAll(
          // Topics both ways.
          () -> assertTrue(python.await("heard 20, last: java ", 20).endsWith(" é")),
          () -> assertTrue(java.await("heard 20, last: python ", 20).endsWith(" é, stamped true")),
          () ->
              java.await(
                  "lost /robot1/from_python listener threw"
                      + " java.lang.IllegalArgumentException: a listener's own fault 1 1",
                  1),
          // Transient local both ways.
          () -> python.await("latched: kept by java", 5),
          () -> java.await("latched: kept by python", 5),
          // Services both ways.
          () -> python.await("java answered True from java é", 10),
          () -> python.await("sees service java_set", 5),
          () ->
              java.await(
                  "sees service ServiceInfo[name=/robot1/python_set, types=[std_srvs/srv/SetBool]]",
                  5),
          // The graph, seen from both.
          () -> python.await("sees node /robot1/java", 5),
          () ->
              python.await(
                  "from_java by /robot1/java std_msgs/msg/String "
                      + InteropPeer.STRING_HASH
                      + " RELIABLE VOLATILE",
                  5),
          () -> java.await("sees node /robot1/python", 5),
          () ->
              java.await(
                  "sees topic TopicInfo[name=/robot1/from_python, types=[std_msgs/msg/String]]", 5),
          () ->
              java.await(
                  "from_python by /robot1/python std_msgs/msg/String "
                      + InteropPeer.STRING_HASH
                      + " PUBLISHER RELIABLE VOLATILE",
                  5),
          () -> java.await("from_java to /robot1/python", 5),
          // What does not fit is told.
          () -> java.await("qos /robot1/mismatch_java PUBLISHER RELIABILITY 1", 5),
          () -> java.await("qos /robot1/mismatch_python SUBSCRIPTION RELIABILITY 1", 5),
          () -> python.await("incompatible qos, policy 16", 5),
          () ->
              java.await(
                  "type /robot1/typed SUBSCRIPTION found std_msgs/msg/Int32 RIHS01_b6578ded", 5),
          () ->
              java.await(
                  "type /robot1/wrong_hash PUBLISHER found std_msgs/msg/String "
                      + InteropPeer.STRING_HASH
                      + " (installed here) wanted std_msgs/msg/String RIHS01_0000",
                  5),
          () -> java.await("matched /robot1/from_java PUBLISHER 1", 5));
      // Our end is seen by the peer as an end, not as a loss of contact.
      assertEquals(0, java.end(10), () -> String.join("\n", java.lines()));
      java.await("python answered true from python é", 1);
      java.await("closed", 1);
      assertEquals(0, python.end(10), () -> String.join("\n", python.lines()));
      assertTrue(java.saying("wrongly").isEmpty() && python.saying("wrongly").isEmpty());
    }
  }
}
