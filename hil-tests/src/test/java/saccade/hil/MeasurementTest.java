package saccade.hil;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import saccade.hil.bars.Bar;
import saccade.hil.bars.BarsFile;
import saccade.nodes.cli.Main;

class MeasurementTest {
  private static final List<Bar> BARS =
      BarsFile.parse(
          """
          - {name: a, command: hil soak, figure: f, limit: '> 0', why: w}
          - {name: b, command: hil soak --full-every 20, figure: f, limit: '> 0', why: w}
          """,
          "bars");

  private static boolean isNamed(Bar bar, String line) {
    CommandLine root = Main.commandLine();
    Measurement verb =
        root.parseArgs(line.split(" ")).asCommandLineList().getLast().<Measurement>getCommand();
    return verb.isNamed(bar, verb.run());
  }

  /** Whoever writes out what holds anyway does the same run. */
  @ParameterizedTest
  @CsvSource({
    "hil soak, true",
    "hil soak --frames 1000000 --check, true",
    "hil soak --frames=1000000 --full-every 20, true",
    "hil soak --quick --frames 14000, true",
    "hil soak --frames 14000, false",
    "hil soak --quick --frames 1000000, false",
    "hil soak --full-every 19, false",
  })
  void aRunThatStatesDefaultsIsTheSameRun(String line, boolean same) {
    assertEquals(same, isNamed(BARS.getFirst(), line));
  }

  @Test
  void aBarThatStatesADefaultIsStillNamedByItsOwnWords() {
    assertEquals(true, isNamed(BARS.get(1), "hil soak --full-every 20"));
  }
}
