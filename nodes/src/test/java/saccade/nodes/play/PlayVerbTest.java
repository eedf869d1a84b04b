package saccade.nodes.play;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.cli.Main;

/** What {@code saccade play} says to input it cannot use. */
final class PlayVerbTest {
  @TempDir Path folder;
  private final StringWriter err = new StringWriter();

  private int play(String... words) {
    CommandLine line = Main.commandLine();
    line.setErr(new PrintWriter(err, true));
    line.setOut(new PrintWriter(new StringWriter(), true));
    return line.execute(words);
  }

  private void expectLine(String part) {
    assertTrue(err.toString().contains(part), err.toString());
    assertEquals(1, err.toString().strip().lines().count(), err.toString());
  }

  @Test
  void shouldRefuseAFolderWithoutARecordingInOneLine() {
    assertEquals(ExitCode.BAD_INPUT, play("play", folder.toString()));
    expectLine("expected a recording");
  }

  @Test
  void shouldRefuseAFolderThatIsNotThere() {
    assertEquals(ExitCode.BAD_INPUT, play("play", folder.resolve("x").toString()));
    expectLine("expected the folder of a recording, found nothing");
  }

  @Test
  void shouldRefuseNumbersOutOfRange() {
    assertEquals(ExitCode.BAD_INPUT, play("play", "samples/recording", "--rate", "0"));
    expectLine("--rate: expected 0.01 to 100, found 0.0");
    err.getBuffer().setLength(0);
    assertEquals(ExitCode.BAD_INPUT, play("play", "samples/recording", "--keep", "1.5"));
    expectLine("--keep: expected a share above 0 and up to 1, found 1.5");
    err.getBuffer().setLength(0);
    assertEquals(ExitCode.BAD_INPUT, play("play", "samples/recording", "--speed", "-3"));
    expectLine("--speed: ");
  }

  @Test
  void shouldSayWhichModelIsMissing() {
    assertEquals(
        ExitCode.UNAVAILABLE,
        play("play", "samples/recording", "--fast", "--model", folder.toString()));
    expectLine("expected a model package");
  }
}
