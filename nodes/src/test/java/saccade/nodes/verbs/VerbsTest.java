package saccade.nodes.verbs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.cli.Main;
import saccade.nodes.graph.RigFile;

class VerbsTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... words) {
    CommandLine command = Main.commandLine();
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(err, true));
    return command.execute(words);
  }

  private void complains(int exitCode, String part, String... words) {
    assertEquals(exitCode, run(words), () -> out + "" + err);
    String text = err.toString().strip();
    assertEquals(1, text.lines().count(), text);
    assertTrue(text.contains(part), text);
  }

  @Test
  void everyVerbExplainsItself() {
    for (List<String> verb :
        List.of(
            List.of("demo"),
            List.of("run"),
            List.of("doctor"),
            List.of("sim", "export"),
            List.of("model", "inspect"),
            List.of("model", "verify"))) {
      String[] words = new String[verb.size() + 1];
      verb.toArray(words);
      words[verb.size()] = "--help";
      assertEquals(ExitCode.OK, run(words));
    }
    assertTrue(out.toString().contains("--headless"), out.toString());
  }

  @Test
  void badInputIsOneLineAndAnExitCode() {
    complains(ExitCode.BAD_INPUT, "unknown scenario", "demo", "--headless", "--scenario", "parade");
  }

  @Test
  void aScenarioComplaintNamesTheKnownOnes() {
    complains(ExitCode.BAD_INPUT, "lead-brake", "demo", "--headless", "--scenario", "parade");
  }

  @Test
  void aMissingModelIsUnavailable(@TempDir Path dir) {
    complains(
        ExitCode.UNAVAILABLE,
        "--model DIR",
        "demo",
        "--headless",
        "--model",
        dir.resolve("none").toString());
  }

  @Test
  void aDamagedModelIsBadInput(@TempDir Path dir) throws IOException {
    Files.writeString(dir.resolve("saccade-model.json"), "{\"format\": 1}");
    complains(ExitCode.BAD_INPUT, "saccade-model.json", "model", "verify", dir.toString());
  }

  @Test
  void aMissingGraphIsBadInput() {
    complains(ExitCode.BAD_INPUT, "nowhere.yaml", "run", "nowhere.yaml");
  }

  @Test
  void aMissingTraceIsBadInputAsAMissingGraphIs(@TempDir Path dir) {
    complains(ExitCode.BAD_INPUT, "found no such file", "whatif", dir + "/none.trace");
    err.getBuffer().setLength(0);
    complains(ExitCode.BAD_INPUT, "found a folder", "whatif", dir.toString());
  }

  @Test
  void anAgeBeforeTheFirstActionIsSaidInAWord() {
    assertEquals("never", WhatIfVerb.age(Double.POSITIVE_INFINITY));
    assertEquals("none", WhatIfVerb.age(Double.NaN));
    assertEquals("220.3", WhatIfVerb.age(220.26));
  }

  @Test
  void wrongOptionsAreNamed() {
    complains(ExitCode.BAD_INPUT, "--reflex", "demo", "--headless", "--reflex", "maybe");
    err.getBuffer().setLength(0);
    complains(ExitCode.BAD_INPUT, "--port", "demo", "--port", "70000");
    err.getBuffer().setLength(0);
    complains(ExitCode.BAD_INPUT, "--seconds", "demo", "--headless", "--seconds", "-1");
  }

  @Test
  void aFileThatCannotBeWrittenIsSaid(@TempDir Path dir) {
    complains(
        ExitCode.CANNOT_WRITE,
        "--json",
        "demo",
        "--headless",
        "--json",
        dir.resolve("no/such/folder/log.jsonl").toString());
  }

  @Test
  void exportWritesARecordingThatSaysItsRig(@TempDir Path dir) throws IOException {
    Path target = dir.resolve("sample");
    assertEquals(
        ExitCode.OK,
        run("sim", "export", "--out", target.toString(), "--seconds", "0.2", "--seed", "5"),
        err::toString);
    assertEquals(Rig.sixCamera().cameras(), RigFile.read(target.resolve("rig.yaml")).cameras());
    for (String sensor : List.of("front_wide", "front_tele", "lidar_top")) {
      List<String> stamps = Files.readAllLines(target.resolve(sensor + "/timestamps.txt"));
      assertEquals(
          List.of("2026-01-01 00:00:00.000000000", "2026-01-01 00:00:00.100000000"), stamps);
    }
    assertTrue(Files.size(target.resolve("front_wide/data/000001.png")) > 1000);
    assertEquals(0, Files.size(target.resolve("lidar_top/data/000001.bin")) % 16);
    assertEquals(3, Files.readAllLines(target.resolve("odometry.csv")).size());
    // Same seed, same bytes.
    Path again = dir.resolve("again");
    run("sim", "export", "--out", again.toString(), "--seconds", "0.2", "--seed", "5");
    assertEquals(
        -1,
        Files.mismatch(
            target.resolve("lidar_top/data/000001.bin"),
            again.resolve("lidar_top/data/000001.bin")));
    assertEquals(
        -1,
        Files.mismatch(
            target.resolve("front_tele/data/000001.png"),
            again.resolve("front_tele/data/000001.png")));
  }

  @Test
  void exportToAFileInsteadOfAFolderIsSaid(@TempDir Path dir) throws IOException {
    Path file = Files.writeString(dir.resolve("taken"), "x");
    complains(
        ExitCode.CANNOT_WRITE,
        "cannot write",
        "sim",
        "export",
        "--out",
        file.resolve("x").toString());
    assertFalse(Files.exists(file.resolve("x")));
  }

  @Test
  void doctorSaysWhatKeepsTheDemoFromRunning(@TempDir Path dir) {
    assertEquals(ExitCode.UNAVAILABLE, run("doctor", "--model", dir.resolve("none").toString()));
    List<String> lines = out.toString().lines().toList();
    assertEquals(1, lines.stream().filter(line -> line.startsWith("bad ")).count(), out::toString);
    for (String what : List.of("JDK", "cores", "memory", "governor", "disk", "port", "timer")) {
      assertTrue(
          lines.stream().anyMatch(line -> line.contains(" " + what + " ")),
          () -> what + "\n" + out);
    }
  }

  @Test
  void aPortInUseIsUnavailableAndSaysWhatToDo() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      complains(
          ExitCode.UNAVAILABLE,
          "--port",
          "demo",
          "--seconds",
          "1",
          "--port",
          Integer.toString(taken.getLocalPort()));
    }
  }
}
