package saccade.nodes.play;

import com.code_intelligence.jazzer.junit.FuzzTest;
import saccade.nodes.cli.BadInput;

class NuScenesFuzzTest {
  /** A table of any bytes gives rows or one line of complaint. */
  @FuzzTest(maxDuration = "30s")
  void table(byte[] bytes) {
    try {
      NuScenes.parse(
          "table.json",
          bytes,
          row -> {
            row.text("token");
            row.whole("timestamp");
            row.numbers("rotation", 4, 4);
          });
    } catch (BadInput e) {
      if (e.getMessage() == null || e.getMessage().lines().count() != 1) {
        throw new AssertionError("expected one line, found " + e.getMessage(), e);
      }
    }
  }
}
