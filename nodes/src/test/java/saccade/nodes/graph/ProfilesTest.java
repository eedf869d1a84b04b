package saccade.nodes.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import saccade.nodes.cli.BadInput;

/** The graphs of simulators and robots: every key is known, every sensor has its topic. */
class ProfilesTest {
  private static final Path ROBOTS = Path.of("../launch/robots");

  @Test
  void everyProfileIsAGraphOfTopicsWithABridge() throws Exception {
    List<Path> files;
    try (Stream<Path> all = Files.list(ROBOTS)) {
      files = all.sorted().toList();
    }
    assertEquals(6, files.size(), files.toString());
    for (Path file : files) {
      Graph graph = GraphFile.read(file);
      assertEquals(file.getFileName().toString().replace(".yaml", ""), graph.name());
      GraphNode.Ros source = assertInstanceOf(GraphNode.Ros.class, graph.source(), file.toString());
      assertEquals(
          java.util.Set.copyOf(GraphFile.sensors(RigFile.read(source.rig()))),
          source.topics().keySet());
      assertNotNull(graph.ros());
      assertFalse(graph.bridges().isEmpty(), file + ": a bridge");
      assertTrue(Files.isDirectory(graph.perception().model()), file + ": the model");
    }
  }

  @Test
  void bridgesWithoutARosPartAreRefused(@TempDir Path folder) throws Exception {
    String text = Files.readString(ROBOTS.resolve("../bridges.yaml"));
    Path file = folder.resolve("b.yaml");
    Files.writeString(
        file,
        text.replaceFirst("(?m)^ros: .*\n", "")
            .replace("rigs/", Path.of("../launch/rigs").toAbsolutePath() + "/"));
    BadInput bad =
        org.junit.jupiter.api.Assertions.assertThrows(BadInput.class, () -> GraphFile.read(file));
    assertTrue(String.valueOf(bad.getMessage()).contains("which bridges need"), bad.getMessage());
  }
}
