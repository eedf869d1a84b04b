package saccade.nodes.rcl;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import saccade.nodes.ros.Peers;

/** What the native side must survive, in a JVM of its own, whose crash is then a failed test. */
class RclNativeEdgeTest {

  static final List<String> DISTROS = Peers.DISTROS;

  private static PeerProcess start(ProcessBuilder builder) throws IOException {
    return new PeerProcess("java", builder, PeerProcess.domain(7));
  }

  @ParameterizedTest
  @FieldSource("DISTROS")
  void shouldAllocateNothingForAMessage(String distro) throws Exception {
    try (PeerProcess java =
        start(Peers.ros(distro).javaProcess(HotPathPeer.class, "20000", "10000"))) {
      assertEquals(0, java.exit(60), () -> String.join("\n", java.lines()));
      assertEquals(10_000, number(java.await("received", 1)));
      // What the JVM itself does once is allowed for; one byte a message is not.
      assertTrue(number(java.await("publishing", 1)) < 10_000, () -> java.lines().toString());
      assertTrue(number(java.await("receiving", 1)) < 10_000, () -> java.lines().toString());
    }
  }

  private static long number(String line) {
    Matcher digits = Pattern.compile("\\d+").matcher(line);
    assertTrue(digits.find(), line);
    return Long.parseLong(digits.group());
  }

  @ParameterizedTest
  @FieldSource("DISTROS")
  void shouldSayInOneLineWhatIsWrong(String distro) throws Exception {
    try (PeerProcess java = start(Peers.ros(distro).javaProcess(FaultsPeer.class))) {
      assertEquals(0, java.exit(30), () -> String.join("\n", java.lines()));
      assertAll(
          () -> java.await("domain: domain id 300: wanted 0 to 232", 1),
          () ->
              java.await(
                  "missing package: type saccade_msgs/msg/Scene: package saccade_msgs is not installed"
                      + " in the sourced "
                      + distro,
                  1),
          () ->
              java.await(
                  "missing type: type std_msgs/msg/Strong: the installed package std_msgs has no such"
                      + " type",
                  1),
          () ->
              java.await(
                  "malformed type: type 'std_msgs/String': wanted a name such as"
                      + " sensor_msgs/msg/Image",
                  1),
          () -> java.await("missing service: type std_srvs/srv/Set: the installed package", 1),
          () -> java.await("topic: topic name 'a b' is not valid", 1),
          () -> java.await("node name: node name '1x' is not valid", 1),
          () -> java.await("heap: /x: message of 9 bytes in heap memory of 9; wanted", 1),
          () -> java.await("short: /x: message of 3 bytes in native memory of 9; wanted", 1),
          () -> java.await("long: /x: message of 10 bytes in native memory of 9; wanted", 1),
          () -> java.await("request: request to /x, 4 bytes: ", 1),
          () ->
              java.await(
                  "layout: rcl_node_get_default_options of this librcl gives 152 bytes, the layout of "
                      + distro
                      + " has 160",
                  1),
          () -> java.await("closed", 1));
      assertEquals(List.of(), java.saying("worked"));
      assertEquals(13, java.lines().size(), () -> String.join("\n", java.lines()));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ROS_DISTRO, foxy, open: ROS_DISTRO is 'foxy'; wanted humble",
    "ROS_DISTRO, humble, open: ROS_DISTRO is 'humble' but the librcl found is of the jazzy family",
    "RMW_IMPLEMENTATION, rmw_none_cpp, open: librmw_none_cpp.so is in none of the",
    "LD_LIBRARY_PATH, /nowhere, open: LD_LIBRARY_PATH lacks",
  })
  void shouldSayWhatIsWrongWithTheEnvironment(String variable, String value, String message)
      throws Exception {
    ProcessBuilder builder = Peers.ros("jazzy").javaProcess(FaultsPeer.class);
    builder.environment().put(variable, value);
    try (PeerProcess java = start(builder)) {
      assertEquals(0, java.exit(30), () -> String.join("\n", java.lines()));
      String said = java.await(message, 1);
      // The same words the second time, not those of a half-made state.
      assertEquals(said.replaceFirst("open", "again"), java.await("again", 1));
    }
  }

  @Test
  void whatIsRegisteredForTheEndIsDoneBeforeTheTransportGoes() throws Exception {
    try (PeerProcess java = start(Peers.ros("jazzy").javaProcess(ExitPeer.class))) {
      java.await("up", 60);
      java.terminate();
      assertEquals(128 + 15, java.exit(30), () -> String.join("\n", java.lines()));
      assertEquals(List.of("up", "published a stop"), java.lines());
    }
  }

  @Test
  void shouldSayThatALibraryCannotBeOpened() throws Exception {
    Peers.Peer peer = Peers.ros("jazzy");
    ProcessBuilder builder = peer.javaProcess(FaultsPeer.class);
    // Without the neighbours of librcl that its wheel needs.
    builder.environment().put("LD_LIBRARY_PATH", peer.folder().resolve("lib").toString());
    try (PeerProcess java = start(builder)) {
      assertEquals(0, java.exit(30), () -> String.join("\n", java.lines()));
      String said = java.await("open: ", 1);
      assertTrue(said.contains(".so cannot be opened (") && said.contains("LD_LIBRARY_PATH"), said);
    }
  }
}
