package saccade.nodes.rcl;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import saccade.nodes.ros.RosFault;

/**
 * Where the sourced distro keeps its libraries.
 *
 * @param distro {@code ROS_DISTRO}, empty when not set
 * @param rmw {@code RMW_IMPLEMENTATION}, empty when not set
 * @param folders library folders, in the order they are searched
 */
record RclEnvironment(String distro, String rmw, List<Path> folders) {

  private static final String SOURCE_IT =
      ": source the distro's setup (such as /opt/ros/jazzy/setup.bash) in the shell that starts this program, or use the"
          + " Zenoh transport";

  /**
   * Reads the environment.
   *
   * @throws RosFault when no distro is sourced in it
   */
  static RclEnvironment of(Map<String, String> environment) {
    String prefixes = environment.getOrDefault("AMENT_PREFIX_PATH", "");
    String libraries = environment.getOrDefault("LD_LIBRARY_PATH", "");
    if (prefixes.isEmpty() && libraries.isEmpty()) {
      throw new RosFault("neither AMENT_PREFIX_PATH nor LD_LIBRARY_PATH is set" + SOURCE_IT);
    }
    Set<Path> folders = new LinkedHashSet<>();
    for (String prefix : prefixes.split(File.pathSeparator)) {
      if (!prefix.isEmpty()) {
        folders.add(Path.of(prefix, "lib"));
      }
    }
    for (String folder : libraries.split(File.pathSeparator)) {
      if (!folder.isEmpty()) {
        folders.add(Path.of(folder));
      }
    }
    RclEnvironment found =
        new RclEnvironment(
            environment.getOrDefault("ROS_DISTRO", ""),
            environment.getOrDefault("RMW_IMPLEMENTATION", ""),
            List.copyOf(folders));
    if (found.find("librcl.so") == null) {
      throw new RosFault(
          "librcl.so is in none of the "
              + folders.size()
              + " folders of AMENT_PREFIX_PATH and LD_LIBRARY_PATH"
              + SOURCE_IT);
    }
    // The middleware opens type libraries by bare name, and the dynamic loader reads this variable
    // once, at start.
    Path home = found.library("librcl.so").getParent();
    List<Path> loaderPath = new ArrayList<>();
    for (String folder : libraries.split(File.pathSeparator)) {
      loaderPath.add(Path.of(folder));
    }
    if (home != null && !loaderPath.contains(home)) {
      throw new RosFault(
          "LD_LIBRARY_PATH lacks "
              + home
              + ", where librcl.so is; it must be there before the JVM starts"
              + SOURCE_IT);
    }
    return found;
  }

  /** The first library of that file name, null when there is none. */
  @Nullable Path find(String fileName) {
    for (Path folder : folders) {
      Path candidate = folder.resolve(fileName);
      if (Files.exists(candidate)) {
        return candidate;
      }
    }
    return null;
  }

  /**
   * The first library of that file name.
   *
   * @throws RosFault when there is none
   */
  Path library(String fileName) {
    Path found = find(fileName);
    if (found == null) {
      throw new RosFault(
          fileName
              + " is in none of the "
              + folders.size()
              + " folders of AMENT_PREFIX_PATH and LD_LIBRARY_PATH (first: "
              + (folders.isEmpty() ? "none" : folders.getFirst())
              + ")");
    }
    return found;
  }
}
