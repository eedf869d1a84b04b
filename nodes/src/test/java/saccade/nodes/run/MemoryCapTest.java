package saccade.nodes.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.cli.Main;
import saccade.nodes.graph.GraphFile;
import saccade.realtime.os.ProcessMemory;

/**
 * A graph with {@code host.memoryCapMb}, each in a process of its own: its memory is what counts.
 */
final class MemoryCapTest {
  private static final Path LAUNCH = Path.of("../launch").toAbsolutePath().normalize();
  private static final long LEAK_BYTES = 2L << 20;

  @TempDir Path folder;

  private Path graph(long capMb) throws IOException {
    String demo = Files.readString(LAUNCH.resolve("demo.yaml"));
    Path file = folder.resolve("capped.yaml");
    Files.writeString(
        file,
        demo.replace("rig: rigs/six-camera.yaml", "rig: " + LAUNCH.resolve("rigs/two-camera.yaml"))
                .replaceFirst("(?s)inputs: \\[simulator/front_wide.*?\\]", INPUTS)
                .replace("model: ../", "model: " + LAUNCH.getParent() + "/")
            + "\nhost:\n  memoryCapMb: "
            + capMb
            + "\n");
    return file;
  }

  private static final String INPUTS =
      "inputs: [simulator/front_wide, simulator/front_tele, simulator/lidar_top, simulator/odometry]";

  private record Ended(int code, String said) {}

  private static Ended java(Class<?> main, String... words) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx192m",
            "-XX:+UseZGC",
            "-XX:TieredStopAtLevel=1",
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-Dsaccade.home=" + LAUNCH.getParent(),
            main.getName()));
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    Process process = builder.start();
    try (var out = process.getInputStream()) {
      String said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(process.waitFor(60, TimeUnit.SECONDS), said);
      return new Ended(process.exitValue(), said);
    }
  }

  @Test
  void aCapBelowWhatIsClaimedIsRefusedAndAnEnoughOneHoldsUntilSomethingLeaks() throws Exception {
    assumeTrue(ProcessMemory.residentBytes() > 0, "this system does not say what is resident");
    Ended refused = java(Main.class, "run", graph(64).toString(), "--headless", "--seconds", "2");
    assertEquals(ExitCode.BAD_INPUT, refused.code(), refused.said());
    Matcher wanted =
        Pattern.compile("host\\.memoryCapMb: expected at least ([0-9]+) MB \\(Java heap up to 201,")
            .matcher(refused.said());
    assertTrue(wanted.find(), refused.said());
    assertFalse(refused.said().contains("started"), "no sensor was started: " + refused.said());
    long enoughMb = Math.round(Long.parseLong(wanted.group(1)) / 1.048576) + 32;

    Ended held =
        java(Main.class, "run", graph(enoughMb).toString(), "--headless", "--seconds", "2");
    assertEquals(ExitCode.OK, held.code(), held.said());
    assertTrue(held.said().contains("over it in 0 checks"), held.said());
    assertTrue(held.said().contains("RLIMIT_DATA"), held.said());

    Ended leaking = java(Leaking.class, graph(enoughMb).toString());
    assertEquals(ExitCode.FAILED, leaking.code(), leaking.said());
    assertTrue(leaking.said().contains("MB resident: heap and malloc give back"), leaking.said());
    assertTrue(
        leaking.said().contains("FAULT        memory cap: expected at most"), leaking.said());
    Matcher peak = Pattern.compile("resident, found ([0-9]+) MB").matcher(leaking.said());
    assertTrue(peak.find(), leaking.said());
    assertTrue(
        Long.parseLong(peak.group(1)) < 1.5 * 1.048576 * enoughMb,
        () -> "ended near the cap of " + enoughMb + " MB: " + leaking.said());
    assertTrue(leaking.said().contains("every account is right"), leaking.said());
  }

  /** A run with an output that leaks native memory at each message. */
  static final class Leaking {
    private Leaking() {}

    public static void main(String[] words) {
      try {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        RunReport report =
            GraphRun.ofSimulator(GraphFile.read(Path.of(words[0])).headless(), out)
                .with(publication -> Arena.global().allocate(LEAK_BYTES).fill((byte) 1))
                .run(40);
        report.lines().forEach(out::println);
        System.exit(report.exitCode());
      } catch (BadInput e) {
        System.out.println(e.getMessage());
        System.exit(e.exitCode());
      }
    }
  }
}
