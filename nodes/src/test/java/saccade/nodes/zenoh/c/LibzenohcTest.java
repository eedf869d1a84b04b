package saccade.nodes.zenoh.c;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;

/** Where the library is looked for, and what is said of one that is none. */
class LibzenohcTest {
  private static final String NAME = System.mapLibraryName("zenohc");
  @TempDir Path root;

  private Path put(String folder) throws IOException {
    return Files.createFile(Files.createDirectories(root.resolve(folder)).resolve(NAME));
  }

  @Test
  void theSourcedDistributionComesFirst() throws Exception {
    Path ros = root.resolve("ros");
    Path kilted = put("ros/kilted/lib");
    assertEquals(kilted, Libzenohc.find("auto", Map.of(), ros));
    Path jazzy = put("ros/jazzy/opt/zenoh_cpp_vendor/lib");
    assertEquals(kilted, Libzenohc.find("auto", Map.of(), ros));
    assertEquals(jazzy, Libzenohc.find("auto", Map.of("ROS_DISTRO", "jazzy"), ros));
    Path overlay = put("overlay/opt/zenoh_cpp_vendor/lib");
    assertEquals(
        overlay,
        Libzenohc.find(
            "auto",
            Map.of(
                "AMENT_PREFIX_PATH",
                root.resolve("overlay") + java.io.File.pathSeparator + ros.resolve("jazzy"),
                "ROS_DISTRO",
                "jazzy"),
            ros));
    Path loader = put("loader");
    assertEquals(
        loader,
        Libzenohc.find(
            "auto",
            Map.of("LD_LIBRARY_PATH", root.resolve("loader").toString()),
            root.resolve("none")));
  }

  @Test
  void aFileOrItsFolder() throws Exception {
    Path file = put("given");
    assertEquals(file, Libzenohc.find(file.toString(), Map.of()));
    assertEquals(file, Libzenohc.find(file.getParent().toString(), Map.of()));
  }

  @Test
  void whatIsMissingIsOneLineThatSaysWhereItWasLookedFor() {
    Path ros = root.resolve("none");
    for (BadInput e :
        List.of(
            assertThrows(
                BadInput.class,
                () -> Libzenohc.find("auto", Map.of("AMENT_PREFIX_PATH", "/some/where"), ros)),
            assertThrows(BadInput.class, () -> Libzenohc.find("/some/where", Map.of(), ros)),
            assertThrows(BadInput.class, () -> Libzenohc.find("\0", Map.of(), ros)))) {
      assertEquals(ExitCode.UNAVAILABLE, e.exitCode());
      assertTrue(e.getMessage().contains(Libzenohc.VARIABLE), e.getMessage());
      assertFalse(e.getMessage().contains("\n"), e.getMessage());
    }
    String auto =
        assertThrows(
                BadInput.class,
                () -> Libzenohc.find("auto", Map.of("AMENT_PREFIX_PATH", "/some/where"), ros))
            .getMessage();
    assertTrue(auto.contains("/some/where/opt/zenoh_cpp_vendor/lib, /some/where/lib"), auto);
  }

  /** A process of its own, for one process has one library: the arguments are libraries to open. */
  public static final class Opens {
    private Opens() {}

    public static void main(String[] files) {
      for (String file : files) {
        try {
          Libzenohc.load(Path.of(file));
          System.out.println("opened");
        } catch (BadInput e) {
          System.out.println(e.getMessage());
        }
      }
    }
  }

  private static List<String> opening(String... files) throws Exception {
    List<String> command =
        new java.util.ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Opens.class.getName()));
    command.addAll(List.of(files));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    List<String> lines = process.inputReader().lines().toList();
    assertEquals(0, process.waitFor(), lines.toString());
    return lines.stream().filter(line -> line.startsWith("/")).toList(); // not the JVM's warnings
  }

  @Test
  void anotherLibraryIsRefusedEachTimeInOneLine() throws Exception {
    Path text = Files.writeString(root.resolve(NAME), "no library");
    Path other = Path.of(System.getProperty("java.home"), "lib", System.mapLibraryName("java"));
    List<String> said = opening(text.toString(), other.toString(), other.toString());
    assertEquals(3, said.size(), said.toString());
    assertTrue(said.get(0).startsWith(text + " cannot be opened"), said.get(0));
    assertTrue(said.get(1).startsWith(other + ": it has no function z"), said.get(1));
    assertTrue(said.get(1).contains(Libzenohc.VERSIONS), said.get(1));
    assertTrue(said.get(2).startsWith(other + ": it was refused"), said.get(2));
  }
}
