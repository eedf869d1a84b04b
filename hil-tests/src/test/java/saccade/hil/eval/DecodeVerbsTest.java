package saccade.hil.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.cli.Main;
import saccade.nodes.graph.GraphNode;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.run.GraphRun;
import saccade.nodes.run.ProjectHome;
import saccade.perception.DecodeOptions;
import saccade.perception.FrontierTable;
import saccade.perception.FrontierTable.Point;
import saccade.perception.engine.EngineOptions;
import saccade.perception.kv.KvOptions;
import saccade.perception.model.ModelPackage;

/** The verbs that measure the decoder: bad input in one line, and the table that a run reads. */
class DecodeVerbsTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir Path folder;

  private int run(String... arguments) {
    CommandLine root = Main.commandLine();
    root.setOut(new PrintWriter(out, true));
    root.setErr(new PrintWriter(err, true));
    return root.execute(arguments);
  }

  @Test
  void badInputIsOneLine() {
    assertEquals(ExitCode.BAD_INPUT, run("bench", "kv", "--frames", "4"));
    assertEquals(ExitCode.BAD_INPUT, run("bench", "exit", "--frames", "1"));
    assertEquals(ExitCode.BAD_INPUT, run("bench", "frontier", "--frames", "0"));
    assertEquals(ExitCode.BAD_INPUT, run("model", "tune", "--tokens", "pixel-variance@0.5"));
    assertEquals(4, err.toString().strip().lines().count(), err::toString);
    assertTrue(
        err.toString().contains("wanted 5..24, more than the window, found 4"), err::toString);
  }

  @Test
  void writesATableThatARunReads() throws Exception {
    Path table = folder.resolve("frontier.json");
    assertEquals(
        ExitCode.OK,
        run(
            "model",
            "tune",
            "--sequences",
            "1",
            "--frames",
            "5",
            "--ways",
            "8",
            "--out",
            table.toString()),
        err::toString);
    ModelPackage model = ModelPerceiver.description(ProjectHome.shippedModel());
    FrontierTable read = FrontierTable.read(table, model);
    assertTrue(read.points().size() >= 1);
    Point best = read.within(1e6);
    assertEquals(
        best.exit() < model.decoder().slices() - 1 ? "fixed " + best.exit() : "deepest",
        GraphRun.session(perception(model.dir(), table), Rig.sixCamera(), 1)
            .decode()
            .exits()
            .name());
  }

  @Test
  void refusesATableOfAnotherModelInOneLine() throws Exception {
    Path table = folder.resolve("frontier.json");
    new FrontierTable("0123456789abcdef", "elsewhere", List.of(new Point("none", 2, 4, 40, 0.7)))
        .write(table);
    BadInput refusal =
        assertThrows(
            BadInput.class,
            () ->
                GraphRun.session(
                    perception(ProjectHome.shippedModel(), table), Rig.sixCamera(), 1));
    String line = refusal.getMessage();
    assertTrue(line.startsWith("nodes.eyes.frontier: " + table), line);
    assertTrue(line.contains("found a frontier table of model 0123456789ab, wanted one of"), line);
    assertEquals(1, line.lines().count());
  }

  @Test
  void drawsEveryPointAndTheFrontier() throws Exception {
    List<Point> points =
        List.of(new Point("none", 2, 4, 40, 0.76), new Point("a<b", 0, 1, 20, 0.70));
    String svg = FrontierPicture.svg("a & b", points, FrontierTable.frontier(points));
    assertEquals(4, svg.split("<circle", -1).length - 1, "two points, both on the frontier");
    assertTrue(svg.contains("a &amp; b") && svg.contains("a&lt;b, exit 0, window 1"), svg);
    javax.xml.parsers.DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(
            new java.io.ByteArrayInputStream(
                svg.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
  }

  @Test
  void widensTheBuffersOfACopyAndNothingElse() throws Exception {
    ModelPackage model = ModelPerceiver.description(ProjectHome.shippedModel());
    Path dir;
    try (WidePackage wide = new WidePackage(model, 4096)) {
      dir = wide.dir();
      ModelPackage copy = ModelPerceiver.description(dir);
      assertEquals(4096, copy.decoder().kvCapacity());
      assertEquals(
          -1, Files.mismatch(model.dir().resolve("head_0.onnx"), dir.resolve("head_0.onnx")));
      assertEquals(
          Files.size(model.dir().resolve("decoder_0.onnx")),
          Files.size(dir.resolve("decoder_0.onnx")));
      ModelPerceiver.load(dir).close(); // the graphs open with these shapes
    }
    assertTrue(Files.notExists(dir));
  }

  @Test
  void refusesUnknownPoliciesAndRulesInOneLine() {
    Path model = ProjectHome.shippedModel();
    for (String[] words :
        new String[][] {
          {
            "streaming-vml:4",
            "",
            "nodes.eyes.kv: kv 'streaming-vml:4': found 'streaming-vml', wanted"
          },
          {"look-m:0.2", "", "nodes.eyes.kv: kv 'look-m:0.2'"},
          {"look-m:2,0.1", "", "nodes.eyes.kv: look-m: wanted shares in 0..1"},
          {"byte-cap:1000", "", "nodes.eyes.kv: byte cap: wanted >= "},
          {"", "sometimes", "nodes.eyes.exits: exits 'sometimes': found 'sometimes', wanted"},
          {"", "agreement:0.1", "nodes.eyes.exits: exits 'agreement:0.1': wanted 2 numbers"},
          {"", "confidence:x,0.9", "nodes.eyes.exits: exits 'confidence:x,0.9': wanted 2 numbers"}
        }) {
      BadInput refusal =
          assertThrows(
              BadInput.class,
              () ->
                  GraphRun.session(
                      perception(model, null, words[0], words[1]), Rig.sixCamera(), 1));
      assertTrue(refusal.getMessage().startsWith(words[2]), refusal.getMessage());
      assertEquals(1, refusal.getMessage().lines().count());
    }
    DecodeOptions decode =
        GraphRun.session(
                perception(model, null, "inf-mllm:100,80/int8", "agreement:0.02,0.01"),
                Rig.sixCamera(),
                1)
            .decode();
    assertEquals("inf-mllm 100+80", decode.kv().policy().name());
    assertEquals(KvOptions.Storage.INT8, decode.kv().storage());
    assertEquals("agreement [0.02, 0.01]", decode.exits().name());
  }

  private static GraphNode.Perception perception(Path model, Path frontier) {
    return perception(model, frontier, "", "");
  }

  private static GraphNode.Perception perception(
      Path model, Path frontier, String kv, String exits) {
    return new GraphNode.Perception(
        "eyes",
        List.of(),
        model,
        90_000_000L,
        55_000_000L,
        6,
        "",
        List.of(),
        frontier,
        kv,
        exits,
        EngineOptions.DEFAULT,
        90_000_000L,
        true,
        null,
        null);
  }
}
