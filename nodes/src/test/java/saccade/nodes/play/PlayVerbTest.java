package saccade.nodes.play;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.cli.Main;
import saccade.planner.JsonLines;
import saccade.planner.PlannerMessage;

/** What {@code saccade play} says to input it cannot use. */
final class PlayVerbTest {
  @TempDir Path folder;
  private final StringWriter err = new StringWriter();
  private final StringWriter out = new StringWriter();

  private int play(String... words) {
    CommandLine line = Main.commandLine();
    line.setErr(new PrintWriter(err, true));
    line.setOut(new PrintWriter(out, true));
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

  /** The shipped model on the recording in the repository, as a user of a fresh clone sees it. */
  @Test
  void shouldPlayTheSampleToItsEndWithASentenceAndAnActionForEachSet() throws IOException {
    Path json = folder.resolve("messages.jsonl");
    int code =
        play(
            "play",
            "samples/recording",
            "--offline",
            "--pictures",
            "2",
            "--out",
            folder.toString(),
            "--json",
            json.toString());
    assertEquals(ExitCode.OK, code, err.toString() + out);
    List<PlannerMessage> messages = Files.readAllLines(json).stream().map(JsonLines::read).toList();
    assertEquals(11, messages.size());
    for (PlannerMessage message : messages) {
      assertEquals(PlannerMessage.Kind.FRESH, message.kind());
      assertNotNull(message.action());
      // The sample was recorded with two cameras; the model has places for six.
      assertEquals(
          List.of("camera 2", "camera 3", "camera 4", "camera 5"), message.sensorsMissing());
      assertTrue(message.scene().sentence().contains(" "), message.scene().sentence());
    }
    assertEquals(11, out.toString().lines().filter(line -> line.matches("set +[0-9]+ .*")).count());
    assertTrue(out.toString().contains("balance      every account is right"), out.toString());
    assertTrue(Files.size(folder.resolve("projection_front_wide_000000.png")) > 1000);
    assertTrue(Files.size(folder.resolve("projection_front_wide_000005.png")) > 1000);
  }

  @Test
  void shouldSayWhichModelIsMissing() {
    assertEquals(
        ExitCode.UNAVAILABLE,
        play("play", "samples/recording", "--fast", "--model", folder.toString()));
    expectLine("expected a model package");
  }
}
