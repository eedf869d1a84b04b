package saccade.realtime.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

class LatencyTableFuzzTest {
  /** Any text is a table that reads back to itself, or is refused in one line. */
  @FuzzTest(maxDuration = "20s")
  void anyText(byte[] bytes) {
    LatencyTable table;
    try {
      table = LatencyTable.parse(new String(bytes, StandardCharsets.UTF_8), "fuzz");
    } catch (IllegalArgumentException e) {
      assertEquals(1, String.valueOf(e.getMessage()).lines().count());
      return;
    }
    assertEquals(table.rows().size(), LatencyTable.parse(table.text(), "again").rows().size());
  }
}
