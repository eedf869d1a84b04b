package saccade.perception.model;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Any bytes are either a table or one line; nothing else may come out. */
class WorthTableFuzzTest {

  @FuzzTest(maxDuration = "60s")
  void parse(byte[] data) {
    try {
      WorthTable table = WorthTable.parse("fuzz.json", data);
      if (table.model() == null || table.measured() == null) {
        throw new AssertionError("not a table: " + new String(data, StandardCharsets.ISO_8859_1));
      }
    } catch (IOException e) {
      if (e.getMessage().lines().count() != 1) {
        throw new AssertionError("more than one line: " + e.getMessage(), e);
      }
    }
  }
}
