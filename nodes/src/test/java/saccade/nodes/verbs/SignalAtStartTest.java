package saccade.nodes.verbs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ctrl-C and SIGTERM to a process of its own that is still starting. */
@Timeout(60)
class SignalAtStartTest {
  private static final Path LAUNCH = Path.of("../launch").toAbsolutePath().normalize();
  private static final List<String> ONE = List.of("demo.yaml");
  private static final List<String> TWO = List.of("two-rigs/front.yaml", "two-rigs/rear.yaml");
  private static final String GIVEN_UP = "saccade: told to end while starting";
  private static final long END_S = 10; // waiting for a model that is being opened counts

  @TempDir Path folder;

  @BeforeEach
  void partsAreHere() {
    assumeTrue(
        Files.exists(Path.of("../perception-mllm/models/saccade-nano/saccade-model.json")),
        "the shipped model is not here");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/env")), "no /usr/bin/env here");
  }

  /** A run of the program; SIGINT means what it does at a terminal, whoever started this test. */
  private Process start(List<String> graphs, Path out) throws IOException {
    List<String> command = new ArrayList<>(List.of("/usr/bin/env", "--default-signal=INT,TERM"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx1g", "-XX:+UseZGC", "-XX:-CreateCoredumpOnCrash"));
    command.addAll(List.of("--add-modules", "jdk.incubator.vector"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of("saccade.nodes.cli.Main", "run", "--headless"));
    graphs.forEach(graph -> command.add(LAUNCH.resolve(graph).toString()));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile());
    builder.environment().put("CLASSPATH", absolute(System.getProperty("java.class.path")));
    return builder.start();
  }

  private static String absolute(String classPath) {
    return String.join(
        ":",
        Stream.of(classPath.split(":"))
            .map(part -> Path.of(part).toAbsolutePath().toString())
            .toList());
  }

  private static void send(String signal, Process to) throws Exception {
    new ProcessBuilder("kill", "-" + signal, String.valueOf(to.pid())).start().waitFor();
  }

  /** Waits until a line of the output has these words. */
  private static void awaitText(Process process, Path out, String words) throws Exception {
    while (process.isAlive() && !Files.readString(out).contains(words)) {
      Thread.sleep(5);
    }
  }

  /** It ended by that signal, by itself, and without a word of a crash. */
  private String ended(String signal, Process process, Path out) throws Exception {
    boolean inTime = process.waitFor(END_S, TimeUnit.SECONDS);
    process.destroyForcibly();
    String text = Files.readString(out);
    assertTrue(inTime, () -> "still there after " + END_S + " s:\n" + text);
    assertEquals(signal.equals("INT") ? 130 : 143, process.exitValue(), text);
    assertFalse(text.contains("\tat ") || text.contains("Exception"), text);
    assertFalse(text.contains("fatal error") || text.contains("ONNX Runtime"), text);
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(
          List.of(), files.filter(file -> file.toString().contains("hs_err")).toList(), text);
    }
    return text;
  }

  /** By time, since what the process is doing then is a matter of the machine. */
  @ParameterizedTest
  @CsvSource({
    "INT, 1, 500",
    "TERM, 1, 1000",
    "INT, 1, 1500",
    "TERM, 2, 1000",
    "INT, 2, 1600",
    "TERM, 2, 2000"
  })
  void endsWithItsCodeAndNoCrash(String signal, int graphs, int ms) throws Exception {
    Path out = folder.resolve("out.txt");
    Process process = start(graphs == 1 ? ONE : TWO, out);
    Thread.sleep(ms);
    send(signal, process);
    ended(signal, process, out);
  }

  @ParameterizedTest
  @CsvSource({"INT, 1", "TERM, 2"})
  void aRunThatIsWarmingUpIsGivenUpInOneLine(String signal, int graphs) throws Exception {
    Path out = folder.resolve("out.txt");
    Process process = start(graphs == 1 ? ONE : TWO, out);
    awaitText(process, out, "warming");
    send(signal, process);
    String text = ended(signal, process, out);
    assertEquals(1, text.lines().filter(line -> line.startsWith(GIVEN_UP)).count(), text);
    assertFalse(text.contains("every account is right"), text);
  }

  @Test
  void aModelThatIsNotThereIsToldBeforeTheOtherGraphOpensItsOwn() throws Exception {
    String rear = Files.readString(LAUNCH.resolve(TWO.getLast()));
    Path other =
        Files.writeString(
            folder.resolve("rear.yaml"),
            rear.replaceAll("model: \\S+", "model: " + folder.resolve("none"))
                .replace("../rigs", LAUNCH.resolve("rigs").toString()));
    Path out = folder.resolve("out.txt");
    Process process = start(List.of(TWO.getFirst(), other.toString()), out);
    assertTrue(process.waitFor(30, TimeUnit.SECONDS));
    String text = Files.readString(out);
    assertEquals(69, process.exitValue(), text);
    assertTrue(text.contains("expected a model package"), text);
    assertFalse(text.contains("model    "), text);
  }
}
