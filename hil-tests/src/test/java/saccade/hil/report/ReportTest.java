package saccade.hil.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {
  private static final Machine MACHINE = new Machine("abc123", "A CPU", 2, "25.0.1", "Linux amd64");

  @Test
  void endsWithOneJsonLineThatHoldsEveryFigure() throws Exception {
    StringWriter text = new StringWriter();
    new Report("bench ring")
        .line("two rivals")
        .figure("ratio_64", 1.0625, "x")
        .figure("allocated_per_frame", 0, "B")
        .figure("reaction_p99", Double.POSITIVE_INFINITY, "ms")
        .fact("model", "feed")
        .print(new PrintWriter(text), MACHINE);
    List<String> lines = text.toString().lines().toList();
    assertEquals("two rivals", lines.getFirst());
    assertTrue(text.toString().contains("ratio_64"));
    JsonNode json = new ObjectMapper().readTree(lines.getLast());
    assertEquals("bench ring", json.path("command").asText());
    assertEquals("abc123", json.path("commit").asText());
    assertEquals("A CPU", json.path("machine").path("cpu").asText());
    assertEquals(2, json.path("machine").path("cores").asInt());
    assertEquals("25.0.1", json.path("jdk").asText());
    assertEquals("feed", json.path("model").asText());
    assertEquals(1.0625, json.path("figures").path("ratio_64").asDouble());
    assertEquals("0", json.path("figures").path("allocated_per_frame").toString());
    assertTrue(json.path("figures").path("reaction_p99").isNull());
  }

  @Test
  void refusesAFigureTwice() {
    Report report = new Report("x").figure("a", 1, "");
    assertThrows(IllegalArgumentException.class, () -> report.figure("a", 2, ""));
  }

  @Test
  void alignsColumnsAndRoundsForPeople() {
    assertEquals(
        List.of("name   n  unit", "a      5  ms", "bbb   12  of it"),
        Report.columns(
            List.of(
                List.of("name", "n", "unit"),
                List.of("a", "5", "ms"),
                List.of("bbb", "12", "of it"))));
    assertEquals("1.063", Report.number(1.0625));
    assertEquals("42", Report.number(42));
    assertEquals("none", Report.number(Double.NaN));
    assertEquals("inf", Report.number(Double.POSITIVE_INFINITY));
  }

  @Test
  void thisMachineHasANameForEverything() {
    Machine here = Machine.here();
    assertTrue(here.cores() >= 1);
    assertFalse(here.jdk().isBlank());
    assertFalse(here.cpu().isBlank());
    assertFalse(here.commit().isBlank());
  }

  @Test
  void progressIsSilentForTwoSecondsThenSpeaksAtMostEveryTwo() {
    long[] now = {0};
    StringWriter text = new StringWriter();
    Progress progress = new Progress(new PrintWriter(text), () -> now[0]);
    for (int i = 0; i < 60; i++) {
      now[0] = i * 100_000_000L;
      progress.at("seeds", i, 60);
    }
    assertEquals(
        List.of("  seeds: 20 of 60, 2 s, about 4 s left", "  seeds: 40 of 60, 4 s, about 2 s left"),
        text.toString().lines().toList());
  }

  @Test
  void whatIsLeftIsEstimatedFromThisRunsPaceAlone() {
    long[] now = {0};
    StringWriter text = new StringWriter();
    Progress progress = new Progress(new PrintWriter(text), () -> now[0]);
    progress.goesOnFrom(500);
    now[0] = 10_000_000_000L;
    progress.at("frames", 510, 1000);
    progress.say("half of it");
    now[0] = 20_000_000_000L;
    progress.at("sums", 1, 5); // something else begins: nothing is known of its pace
    now[0] = 30_000_000_000L;
    progress.at("sums", 3, 5);
    assertEquals(
        List.of(
            "  frames: 510 of 1000, 10 s, about 8 min left",
            "  half of it",
            "  sums: 1 of 5, 20 s",
            "  sums: 3 of 5, 30 s, about 10 s left"),
        text.toString().lines().toList());
  }
}
