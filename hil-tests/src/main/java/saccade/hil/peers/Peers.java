package saccade.hil.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import saccade.hil.report.Machine;
import saccade.nodes.cli.BadInput;

/**
 * The real peers that {@code hil-tests/peers/setup} makes, below {@code SACCADE_PEERS} (default
 * {@code ~/.cache/saccade/peers}).
 */
public final class Peers {
  /** ROS 2 distros that there are peers of. */
  public static final List<String> DISTROS = List.of("jazzy", "kilted");

  private Peers() {}

  /**
   * One peer.
   *
   * @param name as {@code peers/setup} calls it
   * @param folder where it was made
   * @param environment its file {@code env}: what a process needs to find its libraries
   */
  public record Peer(String name, Path folder, Map<String, String> environment) {
    /**
     * A process of its Python, not started; the first argument is a script of the peers' folder.
     */
    public ProcessBuilder python(String... arguments) {
      List<String> command =
          new ArrayList<>(List.of(environment.getOrDefault("SACCADE_PEER_PYTHON", "python3")));
      command.add(script(arguments[0]).toString());
      command.addAll(List.of(arguments).subList(1, arguments.length));
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().putAll(environment);
      // The stand-ins that a JVM needs would hide the real Python message libraries.
      String libraries = environment.get("SACCADE_PEER_PYTHON_LIBRARY_PATH");
      if (libraries != null) {
        builder.environment().put("LD_LIBRARY_PATH", libraries);
      }
      builder.environment().put("PYTHONUNBUFFERED", "1");
      builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
      return builder;
    }

    /** A JVM with our class path, in which the libraries of this peer are found; not started. */
    public ProcessBuilder java(Class<?> main, String... arguments) {
      ProcessBuilder builder = Peers.java(main, arguments);
      builder.environment().putAll(environment);
      return builder;
    }

    /**
     * What Fast DDS is told to read its settings from: 2 (Jazzy) knows the one variable, 3 (Kilted)
     * the other.
     */
    public String profileVariable() {
      return name.equals("jazzy")
          ? "FASTRTPS_DEFAULT_PROFILES_FILE"
          : "FASTDDS_DEFAULT_PROFILES_FILE";
    }
  }

  /** A JVM with our class path, not started. */
  public static ProcessBuilder java(Class<?> main, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-Dsaccade.home=" + Machine.home(),
                main.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    // Not -cp: a long command line is what some native libraries crash on.
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    return builder;
  }

  /**
   * The peer of that name.
   *
   * @param name a distro of {@link #DISTROS}, or {@code zenoh}
   * @throws BadInput when it has not been made
   */
  public static Peer need(String name) {
    Peer peer = find(name);
    if (peer == null) {
      throw new BadInput(
          "no peer "
              + name
              + " in "
              + root()
              + ": run hil-tests/peers/setup "
              + name
              + " (SACCADE_PEERS names the folder)");
    }
    return peer;
  }

  /** The peer of that name, or null. */
  public static @Nullable Peer find(String name) {
    Path folder = root().resolve(DISTROS.contains(name) ? "ros-" + name : name);
    if (!Files.exists(folder.resolve("made-of"))) {
      return null;
    }
    Map<String, String> environment = new LinkedHashMap<>();
    try {
      for (String line : Files.readAllLines(folder.resolve("env"))) {
        int equals = line.indexOf('=');
        environment.put(line.substring(0, equals), line.substring(equals + 1));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Peer(name, folder, Map.copyOf(environment));
  }

  /** A script that ships beside {@code peers/setup}. */
  public static Path script(String name) {
    Path script = Machine.home().resolve("hil-tests").resolve("peers").resolve(name);
    if (!Files.exists(script)) {
      throw new BadInput("no " + script + ": peers are run from the repository");
    }
    return script;
  }

  /** The settings of Fast DDS that carry large messages. */
  public static Path largeDataProfile() {
    return Machine.home().resolve("launch").resolve("ros").resolve("fastdds-large-data.xml");
  }

  private static Path root() {
    String named = System.getenv("SACCADE_PEERS");
    return named != null && !named.isEmpty()
        ? Path.of(named)
        : Path.of(System.getProperty("user.home"), ".cache", "saccade", "peers");
  }
}
