package saccade.nodes.rcl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import saccade.nodes.ros.RosFault;

class RclEnvironmentTest {

  private static String fault(Map<String, String> environment) {
    String message =
        String.valueOf(
            assertThrows(RosFault.class, () -> RclEnvironment.of(environment)).getMessage());
    assertFalse(message.contains("\n"), message);
    return message;
  }

  @Test
  void shouldSayThatNothingIsSourced() {
    String message = fault(Map.of("PATH", "/usr/bin"));
    assertTrue(message.startsWith("neither AMENT_PREFIX_PATH nor LD_LIBRARY_PATH is set"), message);
    assertTrue(message.contains("source the distro's setup"), message);
  }

  @Test
  void shouldSayThatTheSourcedFoldersHoldNoRcl(@TempDir Path prefix) {
    String message =
        fault(Map.of("AMENT_PREFIX_PATH", prefix.toString(), "LD_LIBRARY_PATH", prefix.toString()));
    assertTrue(message.startsWith("librcl.so is in none of the 2 folders"), message);
  }

  @Test
  void shouldSayThatTheLoaderWillNotFindTheRest(@TempDir Path prefix) throws Exception {
    Files.createDirectories(prefix.resolve("lib"));
    Files.createFile(prefix.resolve("lib/librcl.so"));
    String message = fault(Map.of("AMENT_PREFIX_PATH", prefix.toString()));
    assertTrue(message.startsWith("LD_LIBRARY_PATH lacks " + prefix.resolve("lib")), message);
  }

  @Test
  void shouldSearchPrefixesInOrderThenTheLoaderPath(@TempDir Path root) throws Exception {
    Path overlay = Files.createDirectories(root.resolve("overlay/lib"));
    Path distro = Files.createDirectories(root.resolve("distro/lib"));
    Files.createFile(distro.resolve("librcl.so"));
    Files.createFile(distro.resolve("libstd_msgs__rosidl_typesupport_c.so"));
    Files.createFile(overlay.resolve("libstd_msgs__rosidl_typesupport_c.so"));
    RclEnvironment environment =
        RclEnvironment.of(
            Map.of(
                "AMENT_PREFIX_PATH",
                root.resolve("overlay") + ":" + root.resolve("distro"),
                "LD_LIBRARY_PATH",
                overlay + ":" + distro,
                "ROS_DISTRO",
                "jazzy"));
    assertEquals(distro.resolve("librcl.so"), environment.library("librcl.so"));
    assertEquals(
        overlay.resolve("libstd_msgs__rosidl_typesupport_c.so"),
        environment.find("libstd_msgs__rosidl_typesupport_c.so"));
    assertThrows(RosFault.class, () -> environment.library("librmw.so"));
  }

  @ParameterizedTest
  @CsvSource({
    "humble, HUMBLE, HUMBLE",
    "jazzy, JAZZY, JAZZY",
    "kilted, JAZZY, JAZZY",
    "lyrical, LYRICAL, LYRICAL",
    "rolling, LYRICAL, LYRICAL",
    "'', JAZZY, JAZZY"
  })
  void shouldChooseTheLayoutOfTheDistro(String distro, RclAbi probed, RclAbi layout) {
    assertEquals(layout, RclAbi.of(distro, probed));
  }

  @Test
  void shouldRefuseUnknownAndMixedDistros() {
    String unknown =
        String.valueOf(
            assertThrows(RosFault.class, () -> RclAbi.of("foxy", RclAbi.HUMBLE)).getMessage());
    assertTrue(unknown.startsWith("ROS_DISTRO is 'foxy'; wanted humble, jazzy"), unknown);
    String mixed =
        String.valueOf(
            assertThrows(RosFault.class, () -> RclAbi.of("humble", RclAbi.JAZZY)).getMessage());
    assertTrue(mixed.contains("two distros are sourced at once"), mixed);
  }
}
