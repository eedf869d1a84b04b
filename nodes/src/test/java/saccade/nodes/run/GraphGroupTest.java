package saccade.nodes.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import saccade.nodes.cli.BadInput;
import saccade.nodes.graph.Graph;
import saccade.nodes.graph.GraphFile;

/** Graphs that may run beside each other, and those that may not. */
class GraphGroupTest {
  private static final Path TWO_RIGS = Path.of("../launch/two-rigs");

  @TempDir Path folder;

  /** One of the shipped pair with some of its text changed. */
  private Graph changed(String file, String... changes) throws IOException {
    String text =
        Files.readString(TWO_RIGS.resolve(file))
            .replace("../rigs", Path.of("../launch/rigs").toAbsolutePath().normalize().toString())
            .replace(
                "../../perception-mllm",
                Path.of("../perception-mllm").toAbsolutePath().normalize().toString());
    for (int i = 0; i < changes.length; i += 2) {
      assertTrue(text.contains(changes[i]), changes[i]);
      text = text.replace(changes[i], changes[i + 1]);
    }
    return GraphFile.read(Files.writeString(folder.resolve(file), text));
  }

  private static void refused(Graph front, Graph rear, String... parts) {
    String line =
        String.valueOf(
            assertThrows(BadInput.class, () -> new GraphGroup(List.of(front, rear)).close())
                .getMessage());
    assertEquals(1, line.lines().count(), line);
    for (String part : parts) {
      assertTrue(line.contains(part), line);
    }
  }

  @Test
  void theShippedPairMayRun() throws IOException {
    new GraphGroup(List.of(changed("front.yaml"), changed("rear.yaml"))).close();
  }

  @Test
  void theSameNameIsRefused() throws IOException {
    refused(
        changed("front.yaml"),
        changed("rear.yaml", "name: rear\n", "name: front\n"),
        "rear.yaml: name:",
        "front.yaml",
        "\"front\" in both");
    refused(
        changed("front.yaml"),
        changed("rear.yaml", "name: rear\n", "name: at the back\n"),
        "rear.yaml: name:",
        "at the back");
  }

  @Test
  void theSamePortIsRefusedUnlessItIsAnyFreeOne() throws IOException {
    refused(
        changed("front.yaml"),
        changed("rear.yaml", "port: 8078", "port: 8077"),
        "rear.yaml: nodes.dashboard.port:",
        "8077");
    new GraphGroup(
            List.of(
                changed("front.yaml", "port: 8077", "port: 0"),
                changed("rear.yaml", "port: 8078", "port: 0")))
        .close();
  }

  @Test
  void theSameTraceIsRefused() throws IOException {
    refused(
        changed("front.yaml", "    slots: 6", "    slots: 6\n    trace: run.trace"),
        changed("rear.yaml", "    slots: 6", "    slots: 6\n    trace: ./x/../run.trace"),
        "rear.yaml: nodes.perception.trace:",
        "run.trace");
  }

  @Test
  void theSameNodeNameIsRefusedUnlessTheNamespaceDiffers() throws IOException {
    String name = "format: 1";
    String ros = "format: 1\nros: {transport: zenoh, node: eyes%s}";
    refused(
        changed("front.yaml", name, ros.formatted("")),
        changed("rear.yaml", name, ros.formatted(", namespace: /")),
        "rear.yaml: ros.node:",
        "\"/eyes\" in both");
    new GraphGroup(
            List.of(
                changed("front.yaml", name, ros.formatted("")),
                changed("rear.yaml", name, ros.formatted(", namespace: back"))))
        .close();
  }

  @Test
  void oneVehicleIsNotCommandedByTwo() throws IOException {
    String name = "format: 1";
    String ros =
        "format: 1\nros: {transport: zenoh, node: %s}\nbridges: {base: {type: ackermann, out: %s}}";
    refused(
        changed("front.yaml", name, ros.formatted("front", "/drive")),
        changed("rear.yaml", name, ros.formatted("rear", "drive")),
        "rear.yaml: bridges.base.out:",
        "\"/drive\" in both");
  }

  @Test
  void whatTheProcessSharesMustBeTheSame() throws IOException {
    String name = "format: 1";
    refused(
        changed("front.yaml", name, name + "\nhost: {lane: {cpus: \"1\"}}"),
        changed("rear.yaml"),
        "rear.yaml: host:",
        "lane");
    refused(
        changed("front.yaml", name, name + "\nhost: {memoryCapMb: 4000}"),
        changed("rear.yaml"),
        "front.yaml: host.memoryCapMb:");
  }
}
