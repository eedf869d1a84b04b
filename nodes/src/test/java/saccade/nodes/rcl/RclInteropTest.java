package saccade.nodes.rcl;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import saccade.nodes.ros.Peers;

/**
 * Our rcl transport and a real rclpy, each in a process of its own. Skipped where the peers are
 * absent.
 */
class RclInteropTest {

  static final List<String> DISTROS = Peers.DISTROS;

  @ParameterizedTest
  @FieldSource("DISTROS")
  void shouldBeANodeLikeAnyOtherToRclpy(String distro, @TempDir Path folder) throws Exception {
    Peers.Peer peer = Peers.ros(distro);
    int domain = PeerProcess.domain(Peers.DISTROS.indexOf(distro));
    String script = PeerProcess.script("interop_peer.py", folder).toString();
    try (PeerProcess java = new PeerProcess("java", peer.javaProcess(InteropPeer.class), domain);
        PeerProcess python = new PeerProcess("python", peer.pythonProcess(script), domain)) {
      assertEquals("open rcl " + distro + " rmw_fastrtps_cpp", java.await("open", 60));
      java.await("node /robot1/java", 20);
      python.await("up rmw_fastrtps_cpp", 60);
      assertAll(
          // Topics both ways.
          () -> assertTrue(python.await("heard 20, last: java ", 60).endsWith(" é")),
          () -> assertTrue(java.await("heard 20, last: python ", 60).endsWith(" é, stamped true")),
          () ->
              java.await(
                  "lost /robot1/from_python listener threw"
                      + " java.lang.IllegalArgumentException: a listener's own fault 1 1",
                  1),
          // Transient local both ways.
          () -> python.await("latched: kept by java", 20),
          () -> java.await("latched: kept by python", 20),
          // Services both ways.
          () -> python.await("java answered True from java é", 30),
          () -> python.await("sees service java_set", 20),
          () ->
              java.await(
                  "sees service ServiceInfo[name=/robot1/python_set, types=[std_srvs/srv/SetBool]]",
                  20),
          // The graph, seen from both.
          () -> python.await("sees node /robot1/java", 20),
          () ->
              python.await(
                  "from_java by /robot1/java std_msgs/msg/String "
                      + InteropPeer.STRING_HASH
                      + " RELIABLE VOLATILE",
                  20),
          () -> java.await("sees node /robot1/python", 20),
          () ->
              java.await(
                  "sees topic TopicInfo[name=/robot1/from_python, types=[std_msgs/msg/String]]",
                  20),
          () ->
              java.await(
                  "from_python by /robot1/python std_msgs/msg/String "
                      + InteropPeer.STRING_HASH
                      + " PUBLISHER RELIABLE VOLATILE",
                  20),
          () -> java.await("from_java to /robot1/python", 20),
          // What does not fit is told.
          () -> java.await("qos /robot1/mismatch_java PUBLISHER RELIABILITY 1", 20),
          () -> java.await("qos /robot1/mismatch_python SUBSCRIPTION RELIABILITY 1", 20),
          () -> python.await("incompatible qos, policy 16", 20),
          () ->
              java.await(
                  "type /robot1/typed SUBSCRIPTION found std_msgs/msg/Int32 RIHS01_b6578ded", 20),
          () ->
              java.await(
                  "type /robot1/wrong_hash PUBLISHER found std_msgs/msg/String "
                      + InteropPeer.STRING_HASH
                      + " (installed here) wanted std_msgs/msg/String RIHS01_0000",
                  20),
          () -> java.await("matched /robot1/from_java PUBLISHER 1", 20));
      java.await("python answered true from python é", 30);
      // Our end is seen by the peer as an end, not as a loss of contact.
      assertEquals(0, java.end(30), () -> String.join("\n", java.lines()));
      java.await("closed", 1);
      assertEquals(0, python.end(30), () -> String.join("\n", python.lines()));
      assertTrue(java.saying("wrongly").isEmpty() && python.saying("wrongly").isEmpty());
    }
  }

  /** The packages of the robot without std_msgs: its type support is then made in memory. */
  @ParameterizedTest
  @FieldSource("DISTROS")
  void shouldSpeakTypesThatAreNotInstalled(String distro, @TempDir Path folder) throws Exception {
    Peers.Peer peer = Peers.ros(distro);
    // Not below the temporary folder, whose end warns of every link.
    Path prefix = Files.createTempDirectory("saccade-prefix");
    Path lib = Files.createDirectory(prefix.resolve("lib"));
    try (Stream<Path> files = Files.list(peer.folder().resolve("lib"))) {
      for (Path file : files.toList()) {
        if (!file.getFileName().toString().equals("libstd_msgs__rosidl_typesupport_c.so")) {
          Files.createSymbolicLink(lib.resolve(file.getFileName()), file);
        }
      }
    }
    ProcessBuilder builder = peer.javaProcess(InteropPeer.class);
    builder.environment().put("AMENT_PREFIX_PATH", prefix.toString());
    builder
        .environment()
        .compute(
            "LD_LIBRARY_PATH",
            (key, path) ->
                String.valueOf(path).replace(peer.folder().resolve("lib") + ":", lib + ":"));
    int domain = PeerProcess.domain(40 + Peers.DISTROS.indexOf(distro));
    String script = PeerProcess.script("interop_peer.py", folder).toString();
    try (PeerProcess java = new PeerProcess("java", builder, domain);
        PeerProcess python = new PeerProcess("python", peer.pythonProcess(script), domain)) {
      java.await("node /robot1/java", 60);
      python.await("up rmw_fastrtps_cpp", 60);
      assertTrue(python.await("heard 20, last: java ", 60).endsWith(" é"));
      assertTrue(java.await("heard 20, last: python ", 60).endsWith(" é, stamped true"));
      python.await(
          "from_java by /robot1/java std_msgs/msg/String "
              + InteropPeer.STRING_HASH
              + " RELIABLE VOLATILE",
          20);
      // No library here contradicts the hash that we gave: the type support is really the made one.
      assertEquals(List.of(), java.saying("type /robot1/wrong_hash"));
      assertEquals(0, java.end(30), () -> String.join("\n", java.lines()));
      assertEquals(0, python.end(30), () -> String.join("\n", python.lines()));
    } finally {
      try (Stream<Path> links = Files.walk(prefix)) {
        for (Path path : links.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
