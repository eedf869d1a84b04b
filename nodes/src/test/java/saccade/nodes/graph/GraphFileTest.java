package saccade.nodes.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.perception.engine.EngineOptions;
import saccade.perception.engine.ExecutionProvider;
import saccade.realtime.os.ThreadPolicy;

class GraphFileTest {
  private static final Path CASES = Path.of("src/test/resources/graphs");
  private static final Path DEMO = Path.of("../launch/demo.yaml");

  /** The first line of an invalid case is {@code # expect: TEXT}, a part of the complaint. */
  @TestFactory
  Stream<DynamicTest> readsValidFilesAndRefusesInvalidOnes() throws IOException {
    List<Path> files;
    try (Stream<Path> listing = Files.list(CASES)) {
      files = listing.sorted().toList();
    }
    assertTrue(files.size() >= 15, "case files are there: " + files.size());
    return files.stream()
        .map(
            file ->
                DynamicTest.dynamicTest(
                    file.getFileName().toString(),
                    () -> {
                      if (file.getFileName().toString().startsWith("valid-")) {
                        assertNotNull(GraphFile.read(file));
                      } else {
                        String expect = Files.readString(file).lines().findFirst().orElseThrow();
                        assertTrue(expect.startsWith("# expect: "), "first line says what");
                        BadInput bad = assertThrows(BadInput.class, () -> GraphFile.read(file));
                        String message = String.valueOf(bad.getMessage());
                        assertEquals(ExitCode.BAD_INPUT, bad.exitCode());
                        assertFalse(message.contains("\n"), message);
                        assertTrue(
                            message.contains(expect.substring("# expect: ".length())), message);
                        assertTrue(message.contains(file.getFileName().toString()), message);
                      }
                    }));
  }

  @Test
  void theFileOfLiveCamerasShowsEveryKeyWithItsDefault() {
    Graph graph = GraphFile.read(Path.of("../launch/cameras.yaml"));
    GraphNode.Cameras shown = (GraphNode.Cameras) graph.source();
    assertEquals(
        new GraphNode.Cameras(
            "cameras", shown.rig(), java.util.Map.of("front_wide", "/dev/video0"), 10, 1, false, 0),
        shown);
    assertEquals(List.of("front_wide"), GraphFile.sensors(RigFile.read(shown.rig())));
  }

  @Test
  void demoFileShowsTheDefaults() throws IOException {
    Graph demo = GraphFile.read(DEMO);
    Path bare = CASES.resolve("valid-defaults.yaml");
    Graph defaults = GraphFile.read(bare);
    assertEquals(defaults.perception().budgetNs(), demo.perception().budgetNs());
    assertEquals(defaults.perception().budgetNs(), defaults.perception().leastBudgetNs());
    assertEquals(60_000_000L, demo.perception().leastBudgetNs(), "by the vehicle's state");
    assertEquals(defaults.perception().setTimeoutNs(), demo.perception().setTimeoutNs());
    assertEquals(defaults.perception().slots(), demo.perception().slots());
    assertEquals(defaults.perception().engine(), demo.perception().engine());
    assertEquals(defaults.perception().cameraTokens(), demo.perception().cameraTokens());
    assertEquals(defaults.planner().reflex(), demo.planner().reflex());
    assertEquals(defaults.planner().maxAgeNs(), demo.planner().maxAgeNs());
    assertNotNull(defaults.controller());
    assertNotNull(demo.controller());
    assertEquals(defaults.controller().rateHz(), demo.controller().rateHz());
    assertNotNull(defaults.dashboard());
    assertNotNull(demo.dashboard());
    assertEquals(defaults.dashboard().port(), demo.dashboard().port());
    GraphNode.Simulator shown = assertInstanceOf(GraphNode.Simulator.class, demo.source());
    GraphNode.Simulator absent = assertInstanceOf(GraphNode.Simulator.class, defaults.source());
    assertEquals(absent.seed(), shown.seed());
    assertEquals(absent.rateHz(), shown.rateHz());
    assertTrue(Files.isRegularFile(shown.rig()));
  }

  @Test
  void engineAndTokenBudgetsAreOfThePerceptionNode() {
    GraphNode.Perception perception =
        GraphFile.read(CASES.resolve("valid-engine.yaml")).perception();
    assertEquals(List.of(28, 10), perception.cameraTokens());
    assertEquals("visionzip@0.25/ahead+fastv@0.5", perception.tokens());
    assertEquals("", GraphFile.read(DEMO).perception().tokens());
    EngineOptions engine = perception.engine();
    assertEquals(ExecutionProvider.TENSORRT, engine.provider());
    assertEquals(2, engine.threads());
    assertEquals(1, engine.device());
    assertEquals(CASES.resolve("cache/rt").toAbsolutePath(), engine.engineCache());
    assertTrue(engine.fp16());
    assertEquals(EngineOptions.Call.JNI, engine.call());
    GraphNode.Perception plain = GraphFile.read(CASES.resolve("valid-defaults.yaml")).perception();
    assertEquals(EngineOptions.DEFAULT, plain.engine());
    assertEquals(List.of(), plain.cameraTokens());
  }

  @Test
  void hostPartAsksForCoresClassesAndMemory() {
    HostPolicy host = GraphFile.read(CASES.resolve("valid-host.yaml")).host();
    assertEquals(new ThreadPolicy(3, 40, ThreadPolicy.NICE_AS_IS), host.control());
    assertEquals(new ThreadPolicy(0, 0, -5), host.lane());
    assertTrue(host.lockMemory());
    assertEquals(1500L << 20, host.memoryCapBytes());
    assertEquals(HostPolicy.AS_IS, GraphFile.read(DEMO).host());
  }

  @Test
  void commandLineChangesOnlyWhatItNames() {
    Graph demo = GraphFile.read(DEMO);
    Graph changed =
        demo.withScenario("red-light", 7)
            .withModel(Path.of("/m"))
            .withReflex(GraphNode.Planner.Reflex.ON)
            .withPort(0);
    GraphNode.Simulator simulator = assertInstanceOf(GraphNode.Simulator.class, changed.source());
    assertEquals("red-light", simulator.scenario());
    assertEquals(7, simulator.seed());
    assertEquals(Path.of("/m"), changed.perception().model());
    assertEquals(GraphNode.Planner.Reflex.ON, changed.planner().reflex());
    assertNotNull(changed.dashboard());
    assertEquals(0, changed.dashboard().port());
    assertEquals(demo.perception().budgetNs(), changed.perception().budgetNs());
    assertEquals(null, changed.headless().dashboard());
  }

  @Test
  void refusesALongFileAndBytesThatAreNoText(@TempDir Path dir) throws IOException {
    Path big = dir.resolve("big.yaml");
    Files.writeString(big, "a: " + "x".repeat(YamlFields.MAX_BYTES));
    assertTrue(
        String.valueOf(assertThrows(BadInput.class, () -> GraphFile.read(big)).getMessage())
            .contains("at most"));
    Path bytes = dir.resolve("bytes.yaml");
    Files.write(bytes, new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
    assertThrows(BadInput.class, () -> GraphFile.read(bytes));
    Path deep = dir.resolve("deep.yaml");
    Files.writeString(deep, "[".repeat(60_000));
    assertThrows(BadInput.class, () -> GraphFile.read(deep));
    Path none = dir.resolve("none.yaml");
    assertTrue(
        String.valueOf(assertThrows(BadInput.class, () -> GraphFile.read(none)).getMessage())
            .contains("none.yaml"));
  }
}
