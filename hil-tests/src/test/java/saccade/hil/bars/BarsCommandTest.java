package saccade.hil.bars;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import picocli.CommandLine;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.cli.Main;

class BarsCommandTest {
  private static final List<Bar> BARS =
      BarsFile.parse(
          """
          - {name: a, command: bench ring, figure: ratio, noise: noise, limit: "<= 1.2", why: w}
          - {name: b, command: bench ring, figure: bytes, limit: "== 0", why: w}
          - {name: c, command: hil reaction, figure: late, limit: "<= 1", why: w}
          """,
          "b");

  private final List<List<String>> ran = new ArrayList<>();
  private final StringWriter out = new StringWriter();

  private Judgement run(Map<String, String> lastLines, int exit) throws Exception {
    return BarsCommand.run(
        BARS,
        true,
        (arguments, lines) -> {
          ran.add(arguments);
          lines.add("a table");
          lines.add(lastLines.getOrDefault(String.join(" ", arguments), ""));
          return exit;
        },
        new PrintWriter(out));
  }

  @Test
  void runsEachCommandOnceAndJudgesAllItsBars() throws Exception {
    Judgement judgement =
        run(
            Map.of(
                "bench ring --quick",
                "{\"figures\":{\"ratio\":1.1,\"noise\":0.01,\"bytes\":0}}",
                "hil reaction --quick",
                "{\"figures\":{\"late\":1}}"),
            0);
    assertEquals(
        List.of(List.of("bench", "ring", "--quick"), List.of("hil", "reaction", "--quick")), ran);
    assertEquals(3, judgement.count(Bar.Verdict.HOLDS));
    assertEquals(ExitCode.OK, judgement.exitCode());
    judgement.print(new PrintWriter(out));
    assertTrue(out.toString().contains("holds"));
  }

  @Test
  void aMissedBarOutweighsOneThatIsNotMeasurable() throws Exception {
    Judgement judgement =
        run(
            Map.of(
                "bench ring --quick",
                "{\"figures\":{\"ratio\":1.1,\"noise\":0.5,\"bytes\":0}}",
                "hil reaction --quick",
                "{\"figures\":{\"late\":2}}"),
            0);
    assertEquals(1, judgement.count(Bar.Verdict.NOT_MEASURABLE));
    assertEquals(ExitCode.FAILED, judgement.exitCode());
  }

  @Test
  void onlyNoiseGivesTheExitCodeOfItsOwn() throws Exception {
    Judgement judgement =
        run(
            Map.of(
                "bench ring --quick",
                "{\"figures\":{\"ratio\":1.1,\"noise\":0.5,\"bytes\":0}}",
                "hil reaction --quick",
                "{\"figures\":{\"late\":0}}"),
            0);
    assertEquals(ExitCode.NOT_MEASURABLE, judgement.exitCode());
  }

  @Test
  void aCommandThatFailsOrSaysNothingHoldsNoBar() throws Exception {
    assertEquals(ExitCode.FAILED, run(Map.of(), 0).exitCode());
    Judgement failed = run(Map.of(), 70);
    assertEquals(3, failed.count(Bar.Verdict.NO_FIGURE));
    failed.print(new PrintWriter(out));
    assertTrue(out.toString().contains("exit 70"));
    assertNull(BarsCommand.figures(List.of()));
    assertNull(BarsCommand.figures(List.of("{\"figures\": 3}")));
    assertEquals(Double.NaN, BarsCommand.figures(List.of("{\"figures\":{\"x\":null}}")).get("x"));
  }

  @Test
  void theCommandLineFindsThisVerbThroughTheServiceLoader() {
    CommandLine root = Main.commandLine();
    assertTrue(
        root.getSubcommands().containsKey("bars"), root.getSubcommands().keySet().toString());
  }

  @Test
  void junitFileNamesMissedFailedAndNotMeasurableBars(@TempDir Path dir) throws Exception {
    Judgement judgement = new Judgement();
    judgement.add(BARS.get(0), Map.of("ratio", 1.5, "noise", 0.01));
    judgement.add(BARS.get(1), Map.of("bytes", 0.0));
    judgement.addFailed(BARS.get(2), "exit 70");
    judgement.addNotMeasurable(BARS.get(2), "exit 75");
    Path file = dir.resolve("junit.xml");
    judgement.writeJunit(file, "bars", Map.of("ratio", 1.5), 2.25);
    Element suite =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(file.toFile())
            .getDocumentElement();
    assertEquals("testsuite", suite.getTagName());
    assertEquals("4", suite.getAttribute("tests"));
    assertEquals("1", suite.getAttribute("failures"));
    assertEquals("1", suite.getAttribute("errors"));
    assertEquals("1", suite.getAttribute("skipped"));
    Element missed = (Element) suite.getElementsByTagName("failure").item(0);
    assertEquals("ratio: wanted <= 1.2, found 1.500", missed.getAttribute("message"));
    assertEquals("a", ((Element) missed.getParentNode()).getAttribute("name"));
    assertEquals(
        "saccade.bench.ring", ((Element) missed.getParentNode()).getAttribute("classname"));
    assertEquals(4, suite.getElementsByTagName("testcase").getLength());
  }

  @Test
  void aChildThatCannotMeasureNowIsNoMiss() throws Exception {
    Judgement judgement = run(Map.of(), ExitCode.NOT_MEASURABLE);
    assertEquals(3, judgement.count(Bar.Verdict.NOT_MEASURABLE));
    assertEquals(ExitCode.NOT_MEASURABLE, judgement.exitCode());
  }
}
