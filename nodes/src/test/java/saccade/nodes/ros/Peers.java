package saccade.nodes.ros;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/**
 * The real peers that {@code hil-tests/peers/setup} makes, below {@code SACCADE_PEERS} (default
 * {@code ~/.cache/saccade/peers}). Tests that need one skip, and say why, where it is absent.
 */
public final class Peers {

  /** ROS 2 distros there are peers of. */
  public static final List<String> DISTROS = List.of("jazzy", "kilted");

  private Peers() {}

  /**
   * One peer.
   *
   * @param folder where it was made
   * @param environment its {@code env} file: what a process needs to find its libraries
   */
  public record Peer(Path folder, Map<String, String> environment) {

    /** The peer's own Python. */
    public String python() {
      return environment.getOrDefault("SACCADE_PEER_PYTHON", "");
    }

    /** A Python process of this peer, not started; arguments follow the interpreter. */
    public ProcessBuilder pythonProcess(String... arguments) {
      List<String> command = new ArrayList<>(List.of(python()));
      command.addAll(List.of(arguments));
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.environment().putAll(environment);
      // The stand-ins that a JVM needs would hide the real Python message libraries.
      String libraries = environment.get("SACCADE_PEER_PYTHON_LIBRARY_PATH");
      if (libraries != null) {
        builder.environment().put("LD_LIBRARY_PATH", libraries);
      }
      builder.environment().put("PYTHONUNBUFFERED", "1");
      return builder;
    }

    /** A JVM with this test's class path in which librcl of this peer is found, not started. */
    public ProcessBuilder javaProcess(Class<?> main, String... arguments) {
      List<String> command =
          new ArrayList<>(
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "--enable-native-access=ALL-UNNAMED",
                  "-Xmx512m",
                  "-XX:+UseSerialGC",
                  "-cp",
                  System.getProperty("java.class.path"),
                  main.getName()));
      command.addAll(List.of(arguments));
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.environment().putAll(environment);
      return builder;
    }
  }

  /** The ROS 2 peer of a distro; the test is skipped without it. */
  public static Peer ros(String distro) {
    return need("ros-" + distro);
  }

  /** The Zenoh peer; the test is skipped without it. */
  public static Peer zenoh() {
    return need("zenoh");
  }

  /** zenoh-c, a shared library: {@code SACCADE_ZENOHC} of its environment; skipped without it. */
  public static Peer zenohc() {
    return need("zenohc");
  }

  private static Peer need(String name) {
    Path folder = root().resolve(name);
    Assumptions.assumeTrue(
        Files.exists(folder.resolve("made-of")),
        "no peer in " + folder + ": run hil-tests/peers/setup (SACCADE_PEERS names the folder)");
    Map<String, String> environment = new LinkedHashMap<>();
    try {
      for (String line : Files.readAllLines(folder.resolve("env"))) {
        int equals = line.indexOf('=');
        environment.put(line.substring(0, equals), line.substring(equals + 1));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Peer(folder, Map.copyOf(environment));
  }

  private static Path root() {
    String named = System.getenv("SACCADE_PEERS");
    return named != null
        ? Path.of(named)
        : Path.of(System.getProperty("user.home"), ".cache", "saccade", "peers");
  }
}
