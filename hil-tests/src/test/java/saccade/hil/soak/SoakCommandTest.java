package saccade.hil.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import saccade.nodes.cli.BadInput;

class SoakCommandTest {
  private static RuntimeException ended(int exit) {
    return SoakCommand.ended(exit, List.of("a word"), Path.of("kept.tsv"));
  }

  /** Killed by signal, or ended with a complaint of its own: one line and an exit code. */
  @ParameterizedTest
  @CsvSource({"137, 69", "143, 69", "69, 69", "73, 73", "65, 65"})
  void whatIsNoBugIsOneLine(int exit, int code) {
    BadInput line = assertInstanceOf(BadInput.class, ended(exit));
    assertEquals(code, line.exitCode());
    assertTrue(String.valueOf(line.getMessage()).contains("kept.tsv"));
  }

  @ParameterizedTest
  @CsvSource({"1", "70", "134", "139"})
  void aCrashIsABug(int exit) {
    assertInstanceOf(IllegalStateException.class, ended(exit));
  }
}
