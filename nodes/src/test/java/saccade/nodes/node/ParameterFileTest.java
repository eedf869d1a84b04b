package saccade.nodes.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import saccade.nodes.ros.RosFault;

class ParameterFileTest {
  private static final String FILE =
      """
      /**:
        ros__parameters:
          use_sim_time: true
          rate: 10
      /robot/perception:
        ros__parameters:
          rate: 20.0
          camera:
            front: {topic: /front/image, size: [896, 512]}
          names: [a, 'true']
          text: '12'
          qos_overrides:
            /scan:
              subscription: {depth: 5}
      robot:
        planner:
          ros__parameters: {age: 1.5e-3}
      """;

  @Test
  void nodesWithWildcardsAndNesting() {
    ParameterFile file = ParameterFile.parse("f.yaml", FILE);
    Map<String, ParameterValue> perception = file.of("/robot/perception");
    assertEquals(ParameterValue.of(true), perception.get("use_sim_time"));
    assertEquals(ParameterValue.of(20.0), perception.get("rate"));
    assertEquals(ParameterValue.of("/front/image"), perception.get("camera.front.topic"));
    assertEquals(ParameterValue.of(new long[] {896, 512}), perception.get("camera.front.size"));
    assertEquals(ParameterValue.of("12"), perception.get("text"));
    assertEquals(ParameterValue.of(5), perception.get("qos_overrides./scan.subscription.depth"));
    assertEquals(
        Map.of(
            "use_sim_time", ParameterValue.of(true),
            "rate", ParameterValue.of(10),
            "age", ParameterValue.of(0.0015)),
        file.of("/robot/planner"));
    assertEquals(ParameterValue.of(10), file.of("/else").get("rate"));
  }

  @ParameterizedTest
  @CsvSource({
    "/**, /n, true",
    "/**, /a/b/n, true",
    "/*, /n, true",
    "/*, /a/n, false",
    "/a/*, /a/n, true",
    "/**/n, /n, true",
    "/**/n, /a/b/n, true",
    "/**/n, /a/b/m, false",
    "n, /n, true",
    "n, /a/n, false",
    "/a/**/n, /a/n, true"
  })
  void wildcards(String pattern, String node, boolean matches) {
    assertEquals(matches, ParameterFile.matches(pattern, node));
  }

  @ParameterizedTest
  @CsvSource({
    "true, BOOL, true",
    "Yes, BOOL, true",
    "off, BOOL, false",
    "tRUE, STRING, tRUE",
    "0, INTEGER, 0",
    "-12, INTEGER, -12",
    "0x1F, INTEGER, 31",
    "010, INTEGER, 8",
    "08, DOUBLE, 8.0",
    "9223372036854775808, DOUBLE, 9.223372036854776E18",
    "1., DOUBLE, 1.0",
    ".5, DOUBLE, 0.5",
    "-1e3, DOUBLE, -1000.0",
    ".nan, DOUBLE, NaN",
    "-.inf, DOUBLE, -Infinity",
    "1.2.3, STRING, 1.2.3",
    "1e, STRING, 1e",
    "a b, STRING, a b",
  })
  void typesOfPlainScalars(String text, ParameterValue.Type type, String value) {
    ParameterValue read = ParameterFile.value("p", text);
    assertEquals(type, read.type());
    assertEquals(value, read.value().toString());
  }

  @Test
  void commandLineValues() {
    assertEquals(ParameterValue.of("true"), ParameterFile.value("p", "'true'"));
    assertEquals(ParameterValue.of("12"), ParameterFile.value("p", "!!str 12"));
    assertEquals(
        ParameterValue.of(new double[] {1.0, 2.5}), ParameterFile.value("p", "[1.0, 2.5]"));
    assertEquals(
        ParameterValue.of(List.of("front", "rear")), ParameterFile.value("p", "[front, rear]"));
    assertEquals(ParameterValue.of(""), ParameterFile.value("p", "\"\""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "just text",
        "[a, b]",
        "n: 5",
        "n: {rate: 5}",
        "ros__parameters: {rate: 5}",
        "n: {ros__parameters: 5}",
        "n: {ros__parameters: {a: [1, two]}}",
        "n: {ros__parameters: {a: [[1]]}}",
        "n: {ros__parameters: {? [x] : 1}}",
        "n: {ros__parameters: {a: &x 1, b: *x}}",
        "n: {ros__parameters: {a: 1",
        "n:\n\tros__parameters: {}",
      })
  void whatIsNoParameterFileIsOneLine(String text) {
    RosFault fault = assertThrows(RosFault.class, () -> ParameterFile.parse("f.yaml", text));
    assertFalse(fault.getMessage().contains("\n"), fault.getMessage());
    assertTrue(fault.getMessage().startsWith("parameter file f.yaml"), fault.getMessage());
  }

  @Test
  void filesAreBounded(@TempDir Path folder) throws Exception {
    Path large = folder.resolve("large.yaml");
    Files.writeString(large, "n: {ros__parameters: {a: " + "x".repeat(ParameterFile.MAX_BYTES));
    assertThrows(RosFault.class, () -> ParameterFile.read(large.toString()));
    assertThrows(RosFault.class, () -> ParameterFile.read(folder.resolve("none").toString()));
    assertThrows(RosFault.class, () -> ParameterFile.read("bad\0name"));
    String deep = "n: {ros__parameters: " + "{a: ".repeat(10_000);
    assertThrows(RosFault.class, () -> ParameterFile.parse("deep", deep));
  }
}
