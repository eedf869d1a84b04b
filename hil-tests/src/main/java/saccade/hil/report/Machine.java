package saccade.hil.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import saccade.nodes.run.ProjectHome;

/**
 * Where a run ran.
 *
 * @param commit of the source tree, or {@code unknown}; ends in {@code +} when tracked files differ
 *     from it
 * @param cpu model of the processor
 * @param cores processors this process may use
 * @param jdk runtime version
 * @param os name and architecture
 */
public record Machine(String commit, String cpu, int cores, String jdk, String os) {

  /** This machine, and the source tree below {@link #home}. */
  public static Machine here() {
    return new Machine(
        commit(home()),
        processor(),
        Runtime.getRuntime().availableProcessors(),
        Runtime.version().toString(),
        System.getProperty("os.name") + " " + System.getProperty("os.arch"));
  }

  /**
   * Root of the installation or the source tree: what the launcher says, else the working
   * directory.
   */
  public static Path home() {
    return Path.of(System.getProperty(ProjectHome.PROPERTY, "")).toAbsolutePath();
  }

  private static String processor() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"), StandardCharsets.UTF_8)) {
        if (line.startsWith("model name")) {
          return line.substring(line.indexOf(':') + 1).strip();
        }
      }
    } catch (IOException e) {
      return "unknown"; // not Linux
    }
    return "unknown";
  }

  private static String commit(Path root) {
    String head = git(root, "rev-parse", "--short=12", "HEAD");
    if (head.isEmpty()) {
      return "unknown";
    }
    return git(root, "status", "--porcelain", "--untracked-files=no").isEmpty() ? head : head + "+";
  }

  /** First line that git prints, or nothing when there is no git or no repository. */
  private static String git(Path root, String... words) {
    String[] command = new String[words.length + 3];
    command[0] = "git";
    command[1] = "-C";
    command[2] = root.toString();
    System.arraycopy(words, 0, command, 3, words.length);
    try {
      Process git =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      git.getOutputStream().close();
      String out = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return git.waitFor(10, TimeUnit.SECONDS) && git.exitValue() == 0
          ? out.lines().findFirst().orElse("")
          : "";
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }
}
