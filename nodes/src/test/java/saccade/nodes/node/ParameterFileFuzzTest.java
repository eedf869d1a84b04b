package saccade.nodes.node;

import static org.junit.jupiter.api.Assertions.assertFalse;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import saccade.nodes.ros.RosFault;

/** Whatever a parameter file holds: values, or one line. JAZZER_FUZZ=1 looks for more. */
class ParameterFileFuzzTest {

  @FuzzTest
  void file(FuzzedDataProvider data) {
    try {
      ParameterFile.parse("f.yaml", data.consumeRemainingAsString()).of("/a/b");
    } catch (RosFault e) {
      assertFalse(String.valueOf(e.getMessage()).contains("\n"));
    }
  }

  /** Whatever stands behind {@code -p name:=}. */
  @FuzzTest
  void value(FuzzedDataProvider data) {
    try {
      ParameterFile.value("p", data.consumeRemainingAsString());
    } catch (RosFault e) {
      assertFalse(String.valueOf(e.getMessage()).contains("\n"));
    }
  }
}
