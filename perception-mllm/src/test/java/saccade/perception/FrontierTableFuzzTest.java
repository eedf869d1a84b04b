package saccade.perception;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;

/** Any bytes are either a table with sensible points or one line; nothing else may come out. */
class FrontierTableFuzzTest {

  @FuzzTest(maxDuration = "60s")
  void parse(byte[] data) {
    try {
      FrontierTable table = FrontierTable.parse("fuzz.json", data);
      if (!(table.within(10).millis() > 0)) {
        throw new AssertionError("a table without a way: " + table);
      }
    } catch (IOException e) {
      if (e.getMessage().lines().count() != 1) {
        throw new AssertionError("more than one line: " + e.getMessage(), e);
      }
    }
  }
}
