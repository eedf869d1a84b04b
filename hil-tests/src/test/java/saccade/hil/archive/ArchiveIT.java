package saccade.hil.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The archive that {@code saccade dist} writes, in an empty folder, without Maven on the path and,
 * where this user may cut it off, without any network. Runs after the jars are made.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ArchiveIT {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final List<String> TOOLS =
      List.of("bash", "tar", "gzip", "sha256sum", "du", "find", "sed", "mktemp");

  /** What the launcher and the installer call; nothing else is on their path. */
  private static final List<String> ON_PATH =
      List.of(
          "bash",
          "dirname",
          "readlink",
          "sed",
          "head",
          "cat",
          "id",
          "cp",
          "mkdir",
          "rm",
          "mv",
          "ln",
          "basename",
          "uname",
          "env");

  @TempDir static Path folder;

  private static Path unpacked;

  private record Ended(int code, String out, String err) {
    @Override
    public String toString() {
      return "exit code " + code + "\n" + out + "\n" + err;
    }
  }

  private static Path tool(String name) {
    for (String part : System.getenv("PATH").split(":")) {
      Path file = Path.of(part, name);
      if (Files.isExecutable(file)) {
        return file;
      }
    }
    return Path.of("");
  }

  private static Ended run(Path in, Map<String, String> environment, List<String> words)
      throws Exception {
    Path out = Files.createTempFile(folder, "out", ".txt");
    Path err = Files.createTempFile(folder, "err", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .directory(in.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    Process process = builder.start();
    boolean ended = process.waitFor(120, TimeUnit.SECONDS);
    if (!ended) {
      process.destroyForcibly();
    }
    String said = Files.readString(out, StandardCharsets.UTF_8);
    String complained = Files.readString(err, StandardCharsets.UTF_8);
    assertTrue(ended, () -> words + " did not end within 120 s\n" + said + complained);
    return new Ended(process.exitValue(), said, complained);
  }

  /** No Maven, no home with a repository in it; without a network where that can be had. */
  private static Ended bare(Path in, String... words) throws Exception {
    return bareWith("-Xmx512m", in, words);
  }

  /** As the other one, with flags of the virtual machine. */
  private static Ended bareWith(String options, Path in, String... words) throws Exception {
    List<String> all = new ArrayList<>();
    if (withoutNetwork()) {
      all.addAll(List.of(tool("unshare").toString(), "-rn"));
    }
    all.addAll(List.of(words));
    return run(
        in,
        Map.of(
            "PATH", folder.resolve("bin").toString(),
            "HOME", folder.resolve("home").toString(),
            "JAVA_HOME", System.getProperty("java.home"),
            "SACCADE_JAVA_OPTS", options),
        all);
  }

  private static boolean withoutNetwork() throws Exception {
    Path unshare = tool("unshare");
    return !unshare.toString().isEmpty()
        && run(folder, Map.of(), List.of(unshare.toString(), "-rn", tool("true").toString())).code()
            == 0;
  }

  @BeforeAll
  static void archive() throws Exception {
    for (String tool : TOOLS) {
      assumeTrue(!tool(tool).toString().isEmpty(), tool + " is not on the path");
    }
    assumeTrue(
        Files.isRegularFile(ROOT.resolve("hil-tests/target/classpath.txt")),
        "no class path of libraries: build with ./saccade test");
    for (String module : List.of("realtime", "nodes", "hil-tests")) {
      try (Stream<Path> files = Files.list(ROOT.resolve(module).resolve("target"))) {
        assumeTrue(
            files.anyMatch(
                file -> String.valueOf(file.getFileName()).matches("saccade-.*[0-9T]\\.jar")),
            "no jar of " + module + ": build with ./saccade test (Maven on JDK 25)");
      }
    }
    Ended made =
        run(
            folder,
            Map.of(
                "PATH", System.getenv("PATH"),
                "JAVA_HOME", System.getProperty("java.home"),
                "SACCADE_BUILD", "never"),
            List.of(ROOT.resolve("saccade").toString(), "dist", folder.resolve("dist").toString()));
    assertEquals(0, made.code(), made.toString());
    Path archive = Path.of(made.out().strip());
    assertTrue(Files.isRegularFile(archive), made.toString());
    assertTrue(made.err().contains("sha256 "), made.toString());
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Ended tar =
        run(
            empty,
            Map.of("PATH", System.getenv("PATH")),
            List.of(tool("tar").toString(), "-xzf", archive.toString()));
    assertEquals(0, tar.code(), tar.toString());
    try (Stream<Path> one = Files.list(empty)) {
      unpacked = one.findFirst().orElseThrow();
    }
    System.out.println(
        "archive: tried "
            + (withoutNetwork() ? "without any network" : "with the network there is"));
    Files.createDirectory(folder.resolve("home"));
    Path bin = Files.createDirectory(folder.resolve("bin"));
    for (String name : ON_PATH) {
      Path there = tool(name);
      if (!there.toString().isEmpty()) {
        Files.createSymbolicLink(bin.resolve(name), there);
      }
    }
  }

  /** The links go before their folder does: the cleaner warns of each that leads out of it. */
  @AfterAll
  static void unlink() throws IOException {
    Path bin = folder.resolve("bin");
    if (Files.isDirectory(bin)) {
      try (Stream<Path> links = Files.list(bin)) {
        for (Path link : links.toList()) {
          Files.delete(link);
        }
      }
    }
  }

  @Test
  @Order(1)
  void theArchiveHoldsNoRivalsAndNoSources() throws IOException {
    try (Stream<Path> files = Files.walk(unpacked)) {
      List<String> names =
          files.filter(Files::isRegularFile).map(file -> file.getFileName().toString()).toList();
      assertTrue(names.stream().anyMatch(name -> name.startsWith("onnxruntime-")), names::toString);
      assertFalse(names.stream().anyMatch(name -> name.startsWith("opencv-")), names::toString);
      assertFalse(names.contains("pom.xml"));
      assertFalse(names.stream().anyMatch(name -> name.endsWith(".java")));
    }
  }

  @Test
  @Order(2)
  void itsProgramStartsWithoutMavenAndRunsTheDemo() throws Exception {
    String program = unpacked.resolve("saccade").toString();
    Ended version = bare(folder, tool("bash").toString(), program, "--version");
    assertEquals(0, version.code(), version.toString());
    assertTrue(version.out().matches("saccade [0-9.]+\\R"), version.toString());
    assertEquals("", version.err());
    Ended demo =
        bare(folder, tool("bash").toString(), program, "demo", "--headless", "--seconds", "2");
    assertEquals(0, demo.code(), demo.toString());
    assertTrue(demo.out().contains("balance      every account is right"), demo.toString());
    assertTrue(demo.out().contains("saccade-nano"), demo.toString());
    Ended wrong = bare(folder, tool("bash").toString(), program, "play", "nowhere");
    assertEquals(65, wrong.code(), wrong.toString());
  }

  @Test
  @Order(3)
  void itInstallsIntoAnEmptyFolderAndGoesAgain() throws Exception {
    Path prefix = folder.resolve("prefix");
    String bash = tool("bash").toString();
    Ended installed =
        bare(folder, bash, unpacked.resolve("install").toString(), "--prefix", prefix.toString());
    assertEquals(0, installed.code(), installed.toString());
    Path program = prefix.resolve("bin/saccade");
    Ended version = bare(folder, bash, program.toString(), "--version");
    assertEquals(0, version.code(), version.toString());
    assertTrue(version.out().startsWith("saccade "), version.toString());
    assertEquals("", version.err());
    startsWithWhatInstallHasPrepared(prefix);
    Ended again =
        bare(folder, bash, unpacked.resolve("install").toString(), "--prefix", prefix.toString());
    assertEquals(0, again.code(), "over an earlier one: " + again);
    Ended removed =
        bare(
            folder,
            bash,
            unpacked.resolve("install").toString(),
            "--prefix",
            prefix.toString(),
            "--uninstall");
    assertEquals(0, removed.code(), removed.toString());
    assertFalse(Files.exists(program));
    try (Stream<Path> left = Files.list(prefix.resolve("lib"))) {
      assertEquals(List.of(), left.toList());
    }
    Ended wrong = bare(folder, bash, unpacked.resolve("install").toString(), "--prefx");
    assertEquals(2, wrong.code(), wrong.toString());
    assertTrue(wrong.err().contains("unknown word \"--prefx\""), wrong.toString());
  }

  /**
   * Its libraries from there, and so many classes from the archive; and none of another archive.
   */
  private static void startsWithWhatInstallHasPrepared(Path prefix) throws Exception {
    Path prepared = prefix.toRealPath().resolve("lib/saccade").toRealPath().resolve("prepared");
    Path log = folder.resolve("classes.txt");
    String program = prefix.resolve("bin/saccade").toString();
    String bash = tool("bash").toString();
    String options = "-Xmx512m -Xlog:class+load:file=" + log;
    Ended demo = bareWith(options, folder, bash, program, "demo", "--headless", "--seconds", "1");
    assertEquals(0, demo.code(), demo.toString());
    long shared = shared(log);
    assertTrue(shared > 1000, "classes of ours and of the libraries out of the archive: " + shared);
    try (Stream<Path> files = Files.list(prepared)) {
      assertEquals(
          1,
          files.filter(file -> file.getFileName().toString().startsWith("onnxruntime-")).count());
    }
    Path archive = prepared.resolve("classes.jsa");
    Files.delete(archive);
    Files.writeString(archive, "another archive");
    Ended damaged = bareWith(options, folder, bash, program, "--version");
    assertEquals(0, damaged.code(), damaged.toString());
    assertEquals("", damaged.err());
    assertTrue(damaged.out().matches("saccade [0-9.]+\\R"), damaged.toString());
    assertEquals(0, shared(log));
  }

  private static long shared(Path log) throws IOException {
    try (Stream<String> lines = Files.lines(log)) {
      return lines.filter(line -> line.endsWith("shared objects file (top)")).count();
    }
  }
}
