package saccade.nodes.graph;

import static org.junit.jupiter.api.Assertions.assertFalse;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import saccade.nodes.cli.BadInput;

/** Whatever a file holds: a value, or one line. JAZZER_FUZZ=1 looks for more. */
class YamlFuzzTest {
  @FuzzTest
  void rigFile(FuzzedDataProvider data) {
    try {
      RigFile.parse("rig.yaml", data.consumeRemainingAsString());
    } catch (BadInput e) {
      assertFalse(String.valueOf(e.getMessage()).contains("\n"));
    }
  }

  @FuzzTest
  void graphFile(FuzzedDataProvider data) throws IOException {
    Path file = Files.createTempFile("graph", ".yaml");
    try {
      Files.write(file, data.consumeRemainingAsBytes());
      GraphFile.read(file);
    } catch (BadInput e) {
      assertFalse(String.valueOf(e.getMessage()).contains("\n"));
    } finally {
      Files.delete(file);
    }
  }
}
