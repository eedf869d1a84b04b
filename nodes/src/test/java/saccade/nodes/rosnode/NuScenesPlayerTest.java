package saccade.nodes.rosnode;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import saccade.nodes.cli.Main;
import saccade.nodes.rcl.PeerProcess;
import saccade.nodes.ros.Peers;
import saccade.nodes.zenoh.ZenohPeer;

/**
 * {@code saccade run launch/ros/perception.yaml} and a rclpy player of nuScenes key frames ({@code
 * hil-tests/peers/nuscenes_player.py}), end to end: through rcl with Jazzy's rclpy, and through
 * Zenoh with the official Zenoh and its router. Skipped where peers, data or Pillow are absent.
 */
class NuScenesPlayerTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path PLAYER = ROOT.resolve("hil-tests/peers/nuscenes_player.py");
  private static final Path GRAPH = ROOT.resolve("launch/ros/perception.yaml");
  private static final int SECONDS = 12;

  /** Folder of the data: the test is skipped without it. */
  private static Path data() {
    String named = System.getenv("SACCADE_NUSCENES");
    Path folder =
        named != null ? Path.of(named) : ROOT.resolve("../shared/data/nuscenes-mini").normalize();
    Assumptions.assumeTrue(
        Files.isDirectory(folder.resolve("v1.0-mini")),
        "no nuScenes in " + folder + " (SACCADE_NUSCENES names the folder)");
    return folder;
  }

  private static void needPillow(Peers.Peer peer) throws Exception {
    Process probe = peer.pythonProcess("-c", "import PIL").start();
    Assumptions.assumeTrue(
        probe.waitFor() == 0, "no Pillow in " + peer.folder() + ": its bin/pip install pillow");
  }

  private static ProcessBuilder saccade(ProcessBuilder java, String... arguments) {
    // As the launcher does it: ONNX Runtime ends a process whose command line has thousands of
    // bytes.
    int path = java.command().indexOf("-cp");
    java.environment().put("CLASSPATH", java.command().get(path + 1));
    java.command().subList(path, path + 2).clear();
    java.command().add(1, "--add-modules=jdk.incubator.vector");
    java.command().add(1, "-Dsaccade.home=" + ROOT);
    java.command().addAll(List.of(arguments));
    return java;
  }

  /** The shipped graph with times that a machine busy with other builds can keep. */
  private static Path patient(Path folder, String transport) throws IOException {
    String text =
        Files.readString(GRAPH)
            .replace("transport: rcl ", "transport: " + transport + " ")
            .replace("../rigs", ROOT.resolve("launch/rigs").toString())
            .replace("../../perception-mllm", ROOT.resolve("perception-mllm").toString());
    for (String[] time :
        new String[][] {
          {"rateHz: 2 ", "rateHz: 1 "},
          {"budgetMs: 400 ", "budgetMs: 1900 "},
          {"setTimeoutMs: 250", "setTimeoutMs: 1600"},
          {"maxAgeMs: 600", "maxAgeMs: 5000"},
          {"validMs: 1000", "validMs: 2000"}
        }) {
      assertTrue(text.contains(time[0]), "the shipped graph has " + time[0]);
      text = text.replace(time[0], time[1]);
    }
    return Files.writeString(folder.resolve("perception.yaml"), text);
  }

  private static int number(String line, String form) {
    Matcher found = Pattern.compile(form).matcher(line);
    assertTrue(found.find(), "expected " + form + " in: " + line);
    return Integer.parseInt(found.group(1));
  }

  @Test
  void throughRclWithJazzy(@TempDir Path folder) throws Exception {
    Path data = data();
    Peers.Peer peer = Peers.ros("jazzy");
    needPillow(peer);
    int domain = PeerProcess.domain(80);
    String profile = ROOT.resolve("launch/ros/fastdds-large-data.xml").toString();
    ProcessBuilder run =
        saccade(
            peer.javaProcess(Main.class),
            "run",
            patient(folder, "rcl").toString(),
            "--headless",
            "--ros-args",
            "-r",
            "__ns:=/robot1",
            "-p",
            "diagnostic_updater.period:=0.5");
    run.environment().put("FASTRTPS_DEFAULT_PROFILES_FILE", profile);
    ProcessBuilder play =
        peer.pythonProcess(
            PLAYER.toString(),
            "--data",
            data.toString(),
            "--node",
            "/robot1/perception",
            "--hz",
            "1",
            "--seconds",
            String.valueOf(SECONDS));
    play.environment().put("FASTRTPS_DEFAULT_PROFILES_FILE", profile);
    try (PeerProcess java = new PeerProcess("saccade", run, domain)) {
      java.await("ros      /robot1/perception through rcl jazzy rmw_fastrtps_cpp", 60);
      java.await("started ", 90);
      try (PeerProcess player = new PeerProcess("player", play, domain)) {
        String values = player.await("values", 120);
        assertEquals(0, player.exit(30), () -> String.join("\n", player.lines()));
        assertTrue(
            2 * number(values, "\"fresh\": \"(\\d+)\"")
                >= number(values, "\"deadlines\": \"(\\d+)\""),
            values);
        String markers = player.await("markers of", 1);
        assertAll(
            () ->
                assertTrue(
                    number(markers, "instants, (\\d+) of them stamps of pictures") >= SECONDS / 3,
                    markers),
            () -> player.await("markers frame base_link", 1),
            () -> player.await("state active", 1),
            () -> player.await("set set_speed True", 1),
            () -> player.await("set budget_ms False parameter 'budget_ms' cannot be set", 1),
            () -> player.await("get set_speed 8.5", 1),
            () -> player.await("publishes /robot1/perception/scene saccade_msgs/msg/Scene", 1),
            () ->
                player.await("publishes /robot1/perception/action saccade_msgs/msg/ActionChunk", 1),
            () ->
                player.await(
                    "publishes /robot1/perception/detections vision_msgs/msg/Detection3DArray", 1),
            () -> player.await("subscribes /cam_back/image_raw sensor_msgs/msg/Image", 1),
            () -> player.await("subscribes /lidar_top/points sensor_msgs/msg/PointCloud2", 1),
            () -> player.await("diagnostics perception: messages level", 1),
            () -> player.await("diagnostics perception: sensor cam_front level 0", 1),
            () -> player.await("diagnostics perception: sensor cam_back level 0", 1),
            () -> player.await("diagnostics perception: sensor lidar_top level 0", 1));
      }
      report(java);
    }
  }

  /** SIGTERM: the report comes, every account balances, the process ends by itself. */
  private static void report(PeerProcess java) throws Exception {
    java.terminate();
    java.await("balance      every account is right", 30);
    java.exit(30);
  }

  @Test
  void throughZenohWithoutRosOnOurSide(@TempDir Path folder) throws Exception {
    Path data = data();
    Peers.Peer zenoh = Peers.zenoh();
    Peers.Peer ros = Peers.ros("jazzy"); // its rclpy serialises for the player
    needPillow(ros);
    int port = ZenohPeer.freePort();
    Path graph = patient(folder, "zenoh");
    try (ZenohPeer router = ZenohPeer.router(port)) {
      Peers.Peer bare = new Peers.Peer(zenoh.folder(), java.util.Map.of());
      ProcessBuilder run =
          saccade(bare.javaProcess(Main.class), "run", graph.toString(), "--headless");
      run.environment()
          .put("ZENOH_CONFIG_OVERRIDE", "connect/endpoints=[\"tcp/127.0.0.1:" + port + "\"]");
      ProcessBuilder play =
          ros.pythonProcess(
              PLAYER.toString(),
              "--data",
              data.toString(),
              "--transport",
              "zenoh",
              "--connect",
              "tcp/127.0.0.1:" + port,
              "--hz",
              "1",
              "--seconds",
              String.valueOf(SECONDS));
      play.environment().put("PYTHONPATH", sitePackages(zenoh.folder()).toString());
      try (PeerProcess java = new PeerProcess("saccade", run, 0)) {
        java.await("ros      /perception through zenoh", 60);
        java.await("started ", 90);
        try (PeerProcess player = new PeerProcess("player", play, 0)) {
          String scenes = player.await("scenes of", 120);
          assertEquals(0, player.exit(30), () -> String.join("\n", player.lines()));
          assertTrue(
              number(scenes, "instants, (\\d+) of them stamps of pictures") >= SECONDS / 3, scenes);
          player.await("heard scene type saccade_msgs::msg::dds_::Scene_", 1);
          player.await("heard action type saccade_msgs::msg::dds_::ActionChunk_", 1);
          assertTrue(player.await("sentences: ", 1).contains("day"), "a sentence was said");
        }
        report(java);
      }
    }
  }

  private static Path sitePackages(Path venv) throws IOException {
    try (Stream<Path> libs = Files.list(venv.resolve("lib"))) {
      return libs.filter(lib -> lib.getFileName().toString().startsWith("python3"))
          .findFirst()
          .orElseThrow()
          .resolve("site-packages");
    }
  }
}
