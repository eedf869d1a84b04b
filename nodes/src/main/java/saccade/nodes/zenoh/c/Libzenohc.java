package saccade.nodes.zenoh.c;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;

/**
 * The shared library of zenoh-c, opened once for the life of the process: it keeps threads of its
 * own and must not be unloaded. Set-up only.
 */
public final class Libzenohc {
  /**
   * The environment variable that chooses it: a file, a folder, or {@code auto} for that of the
   * sourced ROS distribution. Unset or empty: sessions are in plain Java.
   */
  public static final String VARIABLE = "SACCADE_ZENOHC";

  /** Versions whose public structs and functions are those written down here. */
  static final String VERSIONS =
      "zenoh-c 1.7 to 1.9 with its unstable API, as the ROS distributions build it";

  private static final String AUTO = "auto";
  private static final Path ROS = Path.of("/opt/ros");
  private static final String OTHERWISE =
      VARIABLE + " names the file or its folder; unset it for the session in Java";

  private static @Nullable Libzenohc loaded; // guarded by the class

  private final Path path;
  private final SymbolLookup symbols;

  private Libzenohc(Path path, SymbolLookup symbols) {
    this.path = path;
    this.symbols = symbols;
  }

  /**
   * Where the library is.
   *
   * @param setting value of {@link #VARIABLE}, not empty
   * @param environment for {@code auto}: {@code AMENT_PREFIX_PATH}, {@code ROS_DISTRO}, {@code
   *     LD_LIBRARY_PATH}
   * @throws BadInput when it is not there; says where it was looked for
   */
  public static Path find(String setting, Map<String, String> environment) {
    return find(setting, environment, ROS);
  }

  /** {@code ros}: where distributions are installed. */
  static Path find(String setting, Map<String, String> environment, Path ros) {
    String name = System.mapLibraryName("zenohc");
    if (!setting.equals(AUTO)) {
      try {
        Path given = Path.of(setting);
        Path file = Files.isDirectory(given) ? given.resolve(name) : given;
        if (Files.isRegularFile(file)) {
          return file.toAbsolutePath().normalize();
        }
      } catch (InvalidPathException e) {
        throw missing(VARIABLE + " '" + setting + "' is no path");
      }
      throw missing(VARIABLE + " '" + setting + "': no " + name + " there");
    }
    Set<Path> folders = folders(environment, ros);
    for (Path folder : folders) {
      Path file = folder.resolve(name);
      if (Files.isRegularFile(file)) {
        return file.toAbsolutePath().normalize();
      }
    }
    throw missing(
        VARIABLE
            + "=auto: no "
            + name
            + " in "
            + (folders.isEmpty()
                ? "the sourced distribution: none is sourced, and " + ros + " has none"
                : String.join(", ", folders.stream().map(Path::toString).toList())));
  }

  private static BadInput missing(String oneLine) {
    return new BadInput(ExitCode.UNAVAILABLE, oneLine + "; " + OTHERWISE);
  }

  /**
   * The sourced distribution's first, then the others', then what the loader would look through.
   */
  private static Set<Path> folders(Map<String, String> environment, Path ros) {
    Set<Path> out = new LinkedHashSet<>();
    for (String prefix :
        environment.getOrDefault("AMENT_PREFIX_PATH", "").split(File.pathSeparator)) {
      add(out, prefix);
    }
    String distro = environment.getOrDefault("ROS_DISTRO", "");
    if (!distro.isEmpty()) {
      add(out, ros.resolve(distro).toString());
    }
    List<Path> installed = new ArrayList<>();
    if (Files.isDirectory(ros)) {
      try (DirectoryStream<Path> all = Files.newDirectoryStream(ros)) {
        all.forEach(installed::add);
      } catch (IOException e) {
        installed.clear(); // unreadable is as if it were not there
      }
    }
    installed.sort(Comparator.reverseOrder());
    installed.forEach(d -> add(out, d.toString()));
    for (String folder :
        environment.getOrDefault("LD_LIBRARY_PATH", "").split(File.pathSeparator)) {
      if (!folder.isEmpty()) {
        out.add(Path.of(folder));
      }
    }
    return out;
  }

  private static void add(Set<Path> folders, String prefix) {
    if (!prefix.isEmpty()) {
      folders.add(Path.of(prefix, "opt", "zenoh_cpp_vendor", "lib"));
      folders.add(Path.of(prefix, "lib"));
    }
  }

  /**
   * Opens it and compares its functions and the defaults of its public structs with those written
   * down here, or answers that this was done before.
   *
   * @throws BadInput when it cannot be opened, is another version, or another one is open
   */
  public static synchronized void load(Path path) {
    Libzenohc before = loaded;
    if (before != null) {
      if (!before.path.equals(path)) {
        throw new BadInput(
            path + ": this process has opened " + before.path + " already; wanted one " + VARIABLE);
      }
      check();
      return;
    }
    try {
      loaded = new Libzenohc(path, SymbolLookup.libraryLookup(path, Arena.global()));
    } catch (IllegalArgumentException e) {
      throw new BadInput(
          ExitCode.UNAVAILABLE,
          path
              + " cannot be opened: is it for this machine, and does ldd find all that it needs? "
              + OTHERWISE);
    }
    check();
  }

  /** Looks all functions up, and compares layouts. */
  private static void check() {
    try {
      Layouts.check();
    } catch (ExceptionInInitializerError e) {
      if (e.getCause() instanceof BadInput known) {
        throw known;
      }
      throw e;
    } catch (NoClassDefFoundError e) { // the second time, after the first failed
      throw other("it was refused when it was tried first");
    }
  }

  /** The one that {@link #load} opened. */
  static synchronized Libzenohc loaded() {
    Libzenohc now = loaded;
    if (now == null) {
      throw new IllegalStateException("libzenohc is not loaded: Libzenohc.load comes first");
    }
    return now;
  }

  /** A fault of the library as such. */
  public static BadInput other(String found) {
    return new BadInput(
        ExitCode.UNAVAILABLE,
        loaded().path + ": " + found + "; wanted " + VERSIONS + ". " + OTHERWISE);
  }

  MemorySegment symbol(String name) {
    return symbols.find(name).orElseThrow(() -> other("it has no function " + name));
  }
}
