package saccade.nodes.verbs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.cli.Main;

/** {@code saccade run} with two graphs in this process. */
class TwoGraphsTest {
  private static final String FRONT = "../launch/two-rigs/front.yaml";
  private static final String REAR = "../launch/two-rigs/rear.yaml";

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... words) {
    CommandLine command = Main.commandLine();
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(err, true));
    return command.execute(words);
  }

  private void complains(String part, String... words) {
    assertEquals(ExitCode.BAD_INPUT, run(words), () -> out + "" + err);
    String text = err.toString().strip();
    assertEquals(1, text.lines().count(), text);
    assertTrue(text.contains(part), text);
    err.getBuffer().setLength(0);
  }

  @Test
  void whatWouldBeTheSameForBothIsRefused() {
    complains("name:", "run", FRONT, FRONT, "--headless");
    complains("--port", "run", FRONT, REAR, "--port", "0");
    complains("--json", "run", FRONT, REAR, "--headless", "--json");
    complains("--ros-args", "run", FRONT, REAR, "--headless", "--ros-args=-r");
  }

  /** A copy at two sets a second, each with half a second: a busy machine is no matter here. */
  private static String slow(String graph, Path folder) throws IOException {
    Path shipped = Path.of(graph);
    String root = Path.of("..").toAbsolutePath().normalize().toString();
    String text =
        Files.readString(shipped)
            .replaceAll("rateHz: (10|5)\n", "rateHz: 2\n")
            .replaceAll("budgetMs: \\d+", "budgetMs: 480")
            .replaceAll("maxAgeMs: \\d+", "maxAgeMs: 1000")
            .replaceAll("validMs: \\d+", "validMs: 1000")
            .replace("../rigs", root + "/launch/rigs")
            .replace("../../perception-mllm", root + "/perception-mllm");
    return Files.writeString(folder.resolve(shipped.getFileName().toString()), text).toString();
  }

  @Test
  @Timeout(60)
  void bothDriveInOneProcessAndEachHasItsMessagesAndItsReport(@TempDir Path folder)
      throws IOException {
    assumeTrue(
        Files.exists(Path.of("../perception-mllm/models/saccade-nano/saccade-model.json")),
        "the shipped model is not here");
    String front = slow(FRONT, folder);
    String rear = slow(REAR, folder);
    Path log = folder.resolve("log.jsonl");
    int code = run("run", front, rear, "--headless", "--seconds", "2.5", "--json", log.toString());
    assertEquals(ExitCode.OK, code, () -> out + "" + err);
    String text = out.toString();
    for (String name : List.of("front", "rear")) {
      List<String> lines = Files.readAllLines(folder.resolve("log-" + name + ".jsonl"));
      assertTrue(
          lines.stream().anyMatch(line -> line.contains("\"sensorsUsed\":[\"")),
          () -> name + ": no set was looked at; the last message: " + lines.getLast());
      assertTrue(text.contains("[" + name + "] started"), text);
      assertTrue(text.contains("== " + name + ", "), text);
    }
    assertFalse(Files.exists(log));
    assertEquals(
        2, text.lines().filter(line -> line.contains("every account is right")).count(), text);
    assertTrue(text.contains("lane         cpu: front, rear"), text);
  }
}
