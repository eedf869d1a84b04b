package saccade.hil.bars;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import saccade.hil.bars.Bar.Verdict;
import saccade.nodes.cli.BadInput;

class BarsFileTest {
  private static final String GOOD =
      """
      - name: ring against bare Disruptor
        command: bench ring
        figure: ratio_64
        noise: noise_64
        limit: "<= 1.2"
        why: the descriptor ring adds leases, not a second ring
      - name: late reactions
        command: hil reaction
        quick: hil reaction --seeds 10
        figure: reactions_late
        limit: "<= 1"
        why: issue 3
      """;

  @Test
  void readsBars() {
    List<Bar> bars = BarsFile.parse(GOOD, "bars.yaml");
    assertEquals(2, bars.size());
    assertEquals("bench ring --quick", bars.getFirst().commandLine(true));
    assertEquals("bench ring", bars.getFirst().commandLine(false));
    assertEquals("hil reaction --seeds 10", bars.get(1).commandLine(true));
    assertTrue(bars.getFirst().isAbout("bench ring"));
    assertFalse(bars.getFirst().isAbout("bench rin"));
  }

  @Test
  void aBarNamesItsOwnRunAndNoOtherOne() {
    List<Bar> bars = BarsFile.parse(GOOD, "b");
    Bar ring = bars.getFirst();
    Bar late = bars.get(1);
    assertTrue(ring.names(run("bench ring")));
    assertTrue(ring.names(run("bench ring --quick --check --junit out.xml")));
    assertFalse(ring.names(run("bench ring --payload 64")), "a part of it is another run");
    assertFalse(ring.names(run("bench")));
    assertTrue(late.names(run("hil reaction --model elsewhere --append=all.jsonl")));
    assertTrue(late.names(run("hil reaction --check --seeds=10")), "the quick look");
    assertFalse(late.names(run("hil reaction --seeds 11")));
    assertFalse(late.names(run("hil reaction --describing")));
    Bar expert =
        BarsFile.parse(
                "- {name: e, command: hil endtoend --driver expert --grade -1, figure: f,"
                    + " limit: '> 0', why: w}",
                "b")
            .getFirst();
    assertTrue(expert.names(run("hil endtoend --grade=-1 --driver expert")), "in any order");
    assertFalse(expert.names(run("hil endtoend")));
    assertFalse(expert.names(run("hil endtoend --driver expert --grade -1 --scenario demo")));
    assertEquals(
        "hil endtoend --driver expert --grade -1",
        run("hil endtoend --grade=-1 --driver expert").toString());
  }

  private static RunName run(String line) {
    return RunName.of(List.of(line.split(" ")));
  }

  @Test
  void theShippedFileIsReadAndEveryBarSaysWhy() throws Exception {
    for (Bar bar : BarsFile.read(Path.of("bars.yaml"))) {
      assertFalse(bar.why().isBlank());
      assertFalse(bar.command().startsWith("./"), "arguments of ./saccade: " + bar.command());
    }
  }

  @Test
  void saysInOneLineWhatIsWrongAndWhere() {
    assertEquals("b: wanted a list of bars, found nothing", refusal(""));
    assertEquals("b: wanted a list of bars, found keys [a]", refusal("a: 1"));
    assertEquals("b: bar 1: wanted keys and values, found \"x\"", refusal("- x"));
    assertEquals("b: bar 1: name: wanted text, found nothing", refusal("- {command: x}"));
    assertEquals(
        "b: bar 1: unknown key \"limits\"; known: name, command, quick, figure, noise, limit, why",
        refusal("- {limits: 3}"));
    assertEquals(
        "b: bar 2 (late reactions): limit: wanted <=, >=, > or == and a number, found \"one\"",
        refusal(GOOD.replace("\"<= 1\"", "one")));
    assertEquals(
        "b: bar 1 (ring against bare Disruptor): limit: wanted text, found \"1.2\"",
        refusal(GOOD.replace("\"<= 1.2\"", "1.2")));
    assertTrue(refusal(GOOD.replace("\"<= 1.2\"", "\">= 1.2\"")).contains("a bar with noise"));
    assertEquals(
        "b: two bars are named \"late reactions\"",
        refusal(GOOD.replace("ring against bare Disruptor", "late reactions")));
    String broken = refusal("- {name: [");
    assertTrue(broken.startsWith("b: not YAML: "), broken);
    assertFalse(broken.contains("\n"));
  }

  @Test
  void judgesPlainBarsAndTimingBars() {
    List<Bar> bars = BarsFile.parse(GOOD, "b");
    Bar timing = bars.getFirst();
    assertEquals(Verdict.HOLDS, timing.judge(Map.of("ratio_64", 1.1, "noise_64", 0.1)));
    assertEquals(Verdict.MISSED, timing.judge(Map.of("ratio_64", 1.3, "noise_64", 0.05)));
    assertEquals(Verdict.NOT_MEASURABLE, timing.judge(Map.of("ratio_64", 1.1, "noise_64", 0.11)));
    assertEquals(Verdict.NOT_MEASURABLE, timing.judge(Map.of("ratio_64", 1.1)));
    assertEquals(Verdict.NO_FIGURE, timing.judge(Map.of("noise_64", 0.0)));
    Bar plain = bars.get(1);
    assertEquals(Verdict.HOLDS, plain.judge(Map.of("reactions_late", 1.0)));
    assertEquals(Verdict.MISSED, plain.judge(Map.of("reactions_late", 2.0)));
    assertEquals(Verdict.NO_FIGURE, plain.judge(Map.of("reactions_late", Double.NaN)));
  }

  @Test
  void everySignComparesAsItReads() {
    assertTrue(Limit.parse(">0").holds(1e-9));
    assertFalse(Limit.parse("> 0").holds(0));
    assertTrue(Limit.parse(">= 0.5").holds(0.5));
    assertTrue(Limit.parse("== 0").holds(0));
    assertFalse(Limit.parse("== 0").holds(Double.NaN));
    assertFalse(Limit.parse("<= 5").holds(Double.NaN));
    assertEquals("<= 1.02", Limit.parse("<=1.02").toString());
    assertEquals("== 0", Limit.parse("== 0").toString());
  }

  private static String refusal(String yaml) {
    return assertThrows(BadInput.class, () -> BarsFile.parse(yaml, "b")).getMessage();
  }
}
