package saccade.nodes.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import saccade.nodes.ros.PeerProgram;
import saccade.nodes.ros.Peers;

/** The verbs through rcl, as on a robot, looking at a real rclpy node. */
class VerbsInteropTest {
  static final List<String> DISTROS = Peers.DISTROS;
  private String printed = "";

  private void run(PeerProgram java, String... words) throws Exception {
    // Discovery over DDS may take long on a busy machine; a verb ends its wait when it has seen
    // what it wants.
    String asked = String.join("\t", words) + "\t--spin-time\t30";
    java.tell(asked);
    String begin = asked.replace('\t', ' ') + " => ";
    String line = java.await(begin, 90);
    assertTrue(line.startsWith(begin + "0 "), line);
    printed = line.substring(begin.length() + 2).replace("\\n", "\n");
  }

  @ParameterizedTest
  @FieldSource("DISTROS")
  void seeAnRclpyNodeAsRos2Does(String distro, @TempDir Path folder) throws Exception {
    Peers.Peer peer = Peers.ros(distro);
    int domain = PeerProgram.domain(5 + Peers.DISTROS.indexOf(distro));
    String script = PeerProgram.script(getClass(), "verbs_peer.py", folder).toString();
    try (PeerProgram java = new PeerProgram("java", peer.javaProcess(VerbsPeer.class), domain);
        PeerProgram python = new PeerProgram("python", peer.pythonProcess(script), domain)) {
      python.await("up", 60);
      java.await("up", 60);
      run(java, "node", "list");
      assertEquals("/robot/rclpy_node\n", printed);
      run(java, "topic", "list", "-t");
      assertTrue(printed.contains("/robot/imu [sensor_msgs/msg/Imu]\n"), printed);
      run(java, "topic", "info", "/robot/imu");
      assertEquals(
          "Type: sensor_msgs/msg/Imu\nPublisher count: 1\nSubscription count: 0\n", printed);
      // Byte for byte what PyYAML makes of the very message rclpy sent.
      run(java, "topic", "echo", "--once", "/robot/imu");
      assertEquals(said(python, "imu ") + "---\n", printed);
      run(java, "topic", "echo", "--once", "/robot/diagnostics");
      assertEquals(said(python, "diagnostics ") + "---\n", printed);
      run(java, "topic", "hz", "--seconds", "1.5", "/robot/imu");
      assertTrue(printed.startsWith("average rate: "), printed);
      run(java, "topic", "pub", "--once", "/robot/in", "std_msgs/msg/String", "{data: 'é ä'}");
      python.await("heard é ä", 20);
      run(java, "node", "info", "/robot/rclpy_node");
      assertTrue(printed.contains("    /robot/set: std_srvs/srv/SetBool\n"), printed);
      assertTrue(printed.contains("    /robot/in: std_msgs/msg/String\n"), printed);
      assertTrue(
          printed.contains(
              "    /robot/rclpy_node/get_parameters: rcl_interfaces/srv/GetParameters\n"),
          printed);
      run(java, "service", "call", "/robot/set", "std_srvs/srv/SetBool", "{data: true}");
      assertTrue(
          printed.endsWith(
              "response:\nstd_srvs.srv.SetBool_Response(success=True, message='set')\n\n"),
          printed);
      run(java, "param", "list", "/robot/rclpy_node");
      assertTrue(printed.contains("  gain\n") && printed.contains("  use_sim_time\n"), printed);
      run(java, "param", "get", "/robot/rclpy_node", "gain");
      assertEquals("Double value is: 1.5\n", printed);
      run(java, "param", "set", "/robot/rclpy_node", "gain", "2.5");
      assertEquals("Set parameter successful\n", printed);
      python.await("gain 2.5", 20);
      run(java, "param", "dump", "/robot/rclpy_node");
      assertTrue(
          printed.startsWith("/robot/rclpy_node:\n  ros__parameters:\n    gain: 2.5\n"), printed);
      java.tell("param\tset\t/robot/rclpy_node\tgain\ttext\t--spin-time\t30");
      String refused = java.await("param set /robot/rclpy_node gain text --spin-time 30 => ", 90);
      assertTrue(
          refused.contains("=> 1 ") && refused.contains("Setting parameter failed"), refused);
    }
  }

  private static String said(PeerProgram python, String what) throws InterruptedException {
    return python.await(what, 10).substring(what.length()).replace("\\n", "\n");
  }
}
