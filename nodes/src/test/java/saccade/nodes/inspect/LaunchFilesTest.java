package saccade.nodes.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import saccade.nodes.graph.YamlFields;
import saccade.nodes.ros.Peers;

/** The ROS package {@code saccade} as far as it can be checked without a ROS install. */
class LaunchFilesTest {
  private static final Path PACKAGE = Path.of("../launch/ros/saccade");

  private static List<Path> files(String folder, String end) throws Exception {
    try (Stream<Path> all = Files.list(PACKAGE.resolve(folder))) {
      return all.filter(file -> file.toString().endsWith(end)).sorted().toList();
    }
  }

  @Test
  void xmlAndYamlFrontEndsSayTheSame() throws Exception {
    Document xml =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(PACKAGE.resolve("launch/perception.launch.xml").toFile());
    YamlFields yaml = YamlFields.read(PACKAGE.resolve("launch/perception.launch.yaml"));
    List<YamlFields> entries = yaml.list("launch", 20);
    int arguments = 0;
    for (YamlFields entry : entries) {
      if (entry.has("arg")) {
        String name = entry.fields("arg").text("name");
        var tag = (org.w3c.dom.Element) xml.getElementsByTagName("arg").item(arguments);
        assertEquals(name, tag.getAttribute("name"));
        arguments++;
      }
    }
    assertEquals(6, arguments);
    var node = (org.w3c.dom.Element) xml.getElementsByTagName("node").item(0);
    YamlFields same = entries.getLast().fields("node");
    for (String key : List.of("pkg", "exec", "args", "name", "namespace")) {
      assertEquals(same.text(key), node.getAttribute(key), key);
    }
  }

  /**
   * With ROS's {@code launch} where the peer has it (PyPI has none): every file is read and run.
   * Else the Python files are compiled.
   */
  @Test
  void theFilesAreRightForLaunchOrAtLeastForPython() throws Exception {
    Process python =
        Peers.ros("jazzy")
            .pythonProcess(PACKAGE.resolve("test_launch_files.py").toString())
            .start();
    String said = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(python.waitFor(60, TimeUnit.SECONDS));
    assertTrue(python.exitValue() == 0 || python.exitValue() == 3, said);
    for (Path file : files("launch", ".py")) {
      assertTrue(said.contains(" " + file.getFileName()), said);
    }
  }

  @Test
  void everythingThatIsInstalledIsThere() throws Exception {
    String cmake = Files.readString(PACKAGE.resolve("CMakeLists.txt"));
    assertTrue(cmake.contains("install(DIRECTORY launch config rviz "));
    for (String folder : List.of("launch", "config", "rviz")) {
      assertTrue(!files(folder, "").isEmpty(), folder);
    }
    assertTrue(Files.isExecutable(PACKAGE.resolve("scripts/saccade")));
    Document xml =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(PACKAGE.resolve("package.xml").toFile());
    assertEquals("saccade", xml.getElementsByTagName("name").item(0).getTextContent());
  }
}
