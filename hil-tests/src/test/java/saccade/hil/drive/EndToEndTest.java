package saccade.hil.drive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.cli.Main;
import saccade.sim.truth.RecordedDrive;

/** The verb from its command line, with the expert at the wheel: no model, seconds. */
class EndToEndTest {
  private static final List<String> SHORT =
      List.of("hil", "endtoend", "--driver", "expert", "--scenario", "lead-brake", "--seeds", "3");

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(List<String> words, String... more) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    CommandLine line = Main.commandLine();
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    List<String> all = new ArrayList<>(words);
    all.addAll(List.of(more));
    return line.execute(all.toArray(String[]::new));
  }

  private JsonNode figures() throws Exception {
    String last = out.toString().lines().reduce("", (before, line) -> line);
    return new ObjectMapper().readTree(last).path("figures");
  }

  @Test
  void aRunThatWasKilledGoesOnAndFindsTheSame(@TempDir Path dir) throws Exception {
    Path file = dir.resolve("drives.tsv");
    assertEquals(ExitCode.OK, run(SHORT, "--checkpoint", file.toString()));
    JsonNode whole = figures();
    assertEquals(3, whole.path("drives").asInt());
    assertEquals(1, whole.path("lead_brake_clean_share").asDouble());
    assertTrue(err.toString().contains("lead-brake: 3 drives, 100 % clean"), err.toString());
    List<String> lines = Files.readAllLines(file);
    assertEquals(4, lines.size());
    // killed in the middle of the second drive's line
    String torn = lines.get(2).substring(0, 30);
    Files.writeString(file, lines.get(0) + "\n" + lines.get(1) + "\n" + torn);
    assertEquals(ExitCode.OK, run(SHORT, "--checkpoint", file.toString()));
    assertTrue(err.toString().contains("1 of 3 drives are there already"), err.toString());
    for (String figure : List.of("drives", "clean_share", "jerk_rms", "progress", "accel_rms")) {
      assertEquals(whole.path(figure), figures().path(figure), figure);
    }
    assertEquals(4, Files.readAllLines(file).size());
  }

  @Test
  void aCheckpointOfOtherOptionsIsRefused(@TempDir Path dir) throws Exception {
    Path file = dir.resolve("drives.tsv");
    Files.writeString(file, "# saccade hil endtoend 1: driver model seeds 20\n");
    assertEquals(ExitCode.BAD_INPUT, run(SHORT, "--checkpoint", file.toString()));
    assertTrue(err.toString().contains("wanted the checkpoint of this run"), err.toString());
    assertEquals("# saccade hil endtoend 1: driver model seeds 20\n", Files.readString(file));
  }

  @Test
  void aPartOfTheRunIsJudgedByNoBar(@TempDir Path dir) throws Exception {
    Path bars = dir.resolve("bars.yaml");
    Files.writeString(
        bars,
        """
        - {name: model, command: hil endtoend, figure: clean_share, limit: ">= 0.6", why: w}
        - {name: expert, command: hil endtoend --driver expert, figure: expert_clean_share, limit: ">= 0.98", why: w}
        - {name: mine, command: hil endtoend --driver expert --scenario lead-brake --seeds 3, figure: drives, limit: "== 3", why: w}
        """);
    assertEquals(
        ExitCode.BAD_INPUT,
        run(SHORT.subList(0, 6), "--seeds", "2", "--check", "--bars", bars.toString()));
    assertTrue(
        err.toString().contains("found hil endtoend --driver expert --scenario lead-brake"),
        err.toString());
    assertEquals(ExitCode.OK, run(SHORT, "--check", "--bars", bars.toString()));
    List<String> judged =
        out.toString().lines().filter(line -> line.contains("not judged")).toList();
    assertEquals(2, judged.size(), out.toString());
    assertTrue(judged.getFirst().contains("it names ./saccade hil endtoend"), judged.getFirst());
  }

  @Test
  void whatMayNotBeLearntFromIsNotRecorded(@TempDir Path dir) throws Exception {
    Path file = dir.resolve("ways.tsv");
    assertEquals(ExitCode.BAD_INPUT, run(SHORT, "--record", file.toString()));
    assertTrue(
        err.toString().contains("found seed 520000, which is kept for judging"), err.toString());
    assertTrue(Files.notExists(file));
    List<String> learnt = List.of("--record", file.toString(), "--first-seed", "1099511627776");
    assertEquals(ExitCode.OK, run(SHORT, learnt.toArray(String[]::new)));
    assertEquals(3, RecordedDrive.read(file).size());
  }

  @Test
  void theExpertHasNoSensorsThatCouldMisbehave() {
    assertEquals(ExitCode.BAD_INPUT, run(SHORT, "--faults"));
  }
}
