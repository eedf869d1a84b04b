package saccade.planner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class JsonLinesTest {
  private static PlannerMessage full(double accel, double confidence, String sentence) {
    int[] values = {1, 2, 1, 1, 3, 0, 0, 2, 0, 4, 3, 0, 2, 1, 4, 2, 1, 5};
    return PlannerMessage.about(42, 1_000_000_007L)
        .kind(PlannerMessage.Kind.FRESH, "slack 12 ms")
        .publishedNs(1_050_000_000L)
        .degradeLevel(1)
        .sensors(List.of("front_wide", "lidar_top"), List.of("front_tele"))
        .ego(EgoSource.ODOMETRY_WITHOUT_IMU, 990_000_000L)
        .tokens(40, 81)
        .exit(4, confidence)
        .action(Messages.constant(1_000_000_007L, accel, 0.01), 1_500_000_000L)
        .effort(new PlannerMessage.Effort("brief", 90_000_000L, "brief: 60 tokens", "page down"))
        .scene(FactsToScene.saccadeNano().scene(values, 0.01, sentence))
        .build();
  }

  @Test
  void keepsEveryFieldInAStableOrder() {
    String line = JsonLines.write(full(-2, 0.5, "curve left, green light"));
    List<String> order =
        List.of(
            "seq",
            "captureNs",
            "publishedNs",
            "frameId",
            "ageNs",
            "validUntilNs",
            "kind",
            "degradeLevel",
            "sensorsUsed",
            "sensorsMissing",
            "egoSource",
            "egoAgeNs",
            "tokensKept",
            "tokensTotal",
            "exitLayer",
            "confidence",
            "action",
            "scene",
            "level",
            "budgetNs",
            "decision",
            "stages");
    int at = 0;
    for (String name : order) {
      int next = line.indexOf("\"" + name + "\":", at);
      assertTrue(next >= 0, name + " after position " + at + " in " + line);
      at = next;
    }
    assertTrue(line.endsWith("\"reason\":\"slack 12 ms\"}"));
  }

  @Test
  void writesAMessageWithoutAnAction() {
    PlannerMessage message = Messages.fallback(3, 5);
    assertEquals(message, JsonLines.read(JsonLines.write(message)));
  }

  @Test
  void saysHowOldTheOwnMotionIs() {
    String line = JsonLines.write(full(0, 1, ""));
    assertTrue(
        line.contains("\"egoSource\":\"ODOMETRY_WITHOUT_IMU\",\"egoAgeNs\":60000000,"), line);
    assertEquals(-1, Messages.fallback(3, 5).egoAgeNs());
    assertTrue(refusal(line.replace("60000000", "-1")).contains("ego age"));
  }

  @Property
  void readsBackWhatItWrote(
      @ForAll @DoubleRange(min = -8, max = 3) double accel,
      @ForAll @DoubleRange(min = 0, max = 1) double confidence,
      @ForAll String sentence) {
    PlannerMessage message = full(accel, confidence, sentence);
    String line = JsonLines.write(message);
    assertFalse(line.contains("\n"));
    assertEquals(message, JsonLines.read(line));
  }

  @Test
  void saysWhichFieldIsWrong() {
    String line = JsonLines.write(full(0, 1, ""));
    String broken = line.replace("\"kind\":\"FRESH\"", "\"kind\":\"NEW\"");
    assertEquals(
        "planner message: field kind: wanted one of [FRESH, CUT_SHORT, FALLBACK, STARTING,"
            + " DESCRIPTION], found NEW",
        refusal(broken));
    assertEquals(
        "planner message: field seq is missing", refusal(line.replace("\"seq\"", "\"sequence\"")));
    assertEquals(
        "planner message: field seq: wanted a whole number, found x",
        refusal(line.replace("\"seq\":42", "\"seq\":\"x\"")));
    assertTrue(refusal("").contains("empty line"));
    assertTrue(refusal("{\"seq\":").contains("not JSON"));
    assertTrue(refusal("[1]").contains("wanted a JSON object"));
    assertTrue(refusal(line + line).contains("found more"));
  }

  @Property
  void anyTextIsAMessageOrOneClearRefusal(@ForAll String text) {
    assertTrue(refusal(text).startsWith("planner message"));
  }

  private static String refusal(String line) {
    return assertThrows(IllegalArgumentException.class, () -> JsonLines.read(line)).getMessage();
  }
}
