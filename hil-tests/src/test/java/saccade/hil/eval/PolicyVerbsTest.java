package saccade.hil.eval;

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

class PolicyVerbsTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    CommandLine root = Main.commandLine();
    root.setOut(new PrintWriter(out, true));
    root.setErr(new PrintWriter(err, true));
    return root.execute(arguments);
  }

  @Test
  void anUnknownPolicyIsOneLine() {
    assertEquals(
        ExitCode.BAD_INPUT, run("bench", "sparsify", "--quick", "--policy", "visionzap@S"));
    String line = err.toString().strip();
    assertTrue(
        line.contains(
            "--policy: token policy 'visionzap@0.5': found 'visionzap', wanted sparsifier"),
        line);
    assertEquals(1, line.lines().count(), line);
  }

  @Test
  void aPrunerBelowNoSplitPointIsOneLine() {
    assertEquals(ExitCode.BAD_INPUT, run("bench", "sparsify", "--policy", "fastv@S:3"));
    assertTrue(
        err.toString().contains("wanted a split point of saccade-nano: [2, 4]"), err::toString);
  }

  @Test
  void anotherEncoderIsRefusedWhereOneIsShared() {
    assertEquals(ExitCode.BAD_INPUT, run("bench", "sparsify", "--policy", "int8+random@S"));
    assertTrue(err.toString().contains("found int8+random@S, wanted one without"), err::toString);
  }

  @Test
  void comparesPoliciesOnTheSameSets() {
    assertEquals(
        ExitCode.OK,
        run(
            "bench",
            "sparsify",
            "--sequences",
            "1",
            "--frames",
            "1",
            "--seeds",
            "0",
            "--policy",
            "random@S,pooling@S,pixel-variance@S/ahead"));
    String text = out.toString();
    assertTrue(text.contains("best policy over all shares: pixel-variance@S/ahead"), text);
    assertTrue(text.contains("prefill_12_over_all"), text);
  }

  @Test
  void noRecordingsIsOneLine(@TempDir Path empty) {
    assertEquals(ExitCode.UNAVAILABLE, run("bench", "realdata", "--data", empty.toString()));
    assertTrue(err.toString().contains("wanted kitti-raw or nuscenes-mini in it"), err::toString);
  }
}
