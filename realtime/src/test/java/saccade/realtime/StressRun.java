package saccade.realtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs jcstress tests in sanity mode, on the JDK that runs this one. */
public final class StressRun {

  private static final Pattern RESULTS =
      Pattern.compile("Results: (\\d+) planned; (\\d+) passed, 0 failed, 0 soft errs, 0 hard errs");

  private StressRun() {}

  /**
   * Runs those of a class; fails on a forbidden result, an error, or fewer tests than that.
   *
   * @param dir for its output
   */
  public static void of(Class<?> tests, int least, Path dir) throws Exception {
    int cores = Runtime.getRuntime().availableProcessors();
    assumeTrue(cores > 1, "jcstress races threads on two cores and more, found " + cores);
    Path out = dir.resolve("out.txt");
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.add("-XX:+UseSerialGC");
    command.add("-cp");
    command.add(classPath());
    command.addAll(List.of("org.openjdk.jcstress.Main", "-t", tests.getName()));
    command.addAll(List.of("-m", "sanity", "-r", dir.resolve("results").toString()));
    // Sanity alone runs each test once; with these it runs some ten thousand times. One mode of the
    // virtual machine, the one that reorders most, spares probing and forking some forty others.
    command.addAll(List.of("-c", "2", "-time", "400", "-strideSize", "50", "-strideCount", "4"));
    command.addAll(List.of("-sc", "false", "-spinStyle", "THREAD_YIELD"));
    command.addAll(
        List.of("-jvmArgs", "-XX:+UseSerialGC -Xms256m -Xmx256m -XX:-TieredCompilation"));
    Process process =
        new ProcessBuilder(command)
            .directory(dir.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    try {
      assertTrue(
          process.waitFor(300, TimeUnit.SECONDS), () -> "jcstress did not end: " + read(out));
    } finally {
      process.destroyForcibly();
    }
    String output = read(out);
    assertEquals(0, process.exitValue(), () -> "a forbidden result, or an error: " + output);
    Matcher results = RESULTS.matcher(output);
    String last = "no results";
    boolean allPassed = false;
    while (results.find()) {
      last = results.group();
      allPassed =
          Integer.parseInt(results.group(1)) >= least && results.group(1).equals(results.group(2));
    }
    assertTrue(allPassed, last + " in " + output);
    System.out.println("jcstress " + last);
  }

  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "(no output: " + e + ")";
    }
  }
}
