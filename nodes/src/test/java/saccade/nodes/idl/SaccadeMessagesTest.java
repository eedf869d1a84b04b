package saccade.nodes.idl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import saccade.nodes.cdr.TestDefinitions;
import saccade.planner.EgoSource;
import saccade.planner.Maneuver;
import saccade.planner.PlannerMessage;
import saccade.planner.SceneDescription;
import saccade.planner.SceneObject;

/**
 * Our own messages can say what the planner's records can, and the ROS package lists every file.
 */
class SaccadeMessagesTest {
  static Stream<Arguments> words() {
    return Stream.of(
        Arguments.of("Scene", "ROAD", SceneDescription.Road.values()),
        Arguments.of("Scene", "LIGHT", SceneDescription.Light.values()),
        Arguments.of("Scene", "SIGN", SceneDescription.Sign.values()),
        Arguments.of("Scene", "HAZARD", SceneDescription.Hazard.values()),
        Arguments.of("Scene", "DAYLIGHT", SceneDescription.Daylight.values()),
        Arguments.of("Scene", "WEATHER", SceneDescription.Weather.values()),
        Arguments.of("Scene", "REASON", SceneDescription.Reason.values()),
        Arguments.of("SceneObject", "KIND", SceneObject.Kind.values()),
        Arguments.of("SceneObject", "ZONE", SceneObject.Zone.values()),
        Arguments.of("SceneObject", "MOTION", SceneObject.Motion.values()),
        Arguments.of("SceneObject", "BRAKE_LIGHTS", SceneObject.BrakeLights.values()),
        Arguments.of("ActionChunk", "MANEUVER", Maneuver.values()),
        Arguments.of("PlannerMessage", "KIND", PlannerMessage.Kind.values()),
        Arguments.of("PlannerMessage", "EGO", EgoSource.values()));
  }

  @ParameterizedTest
  @MethodSource("words")
  void shouldHaveAConstantForEveryWord(String message, String group, Enum<?>[] words) {
    List<String> constants =
        TestDefinitions.all().structure("saccade_msgs/msg/" + message).constants().stream()
            .map(Structure.Constant::name)
            .toList();
    for (Enum<?> word : words) {
      assertTrue(
          constants.contains(group + "_" + word.name()),
          message + ".msg: wanted a constant " + group + "_" + word.name());
    }
  }

  @Test
  void shouldListEveryFileInTheRosPackage() throws IOException {
    Path folder = Path.of("../launch/ros/saccade_msgs");
    String cmake = Files.readString(folder.resolve("CMakeLists.txt"));
    TreeSet<String> listed =
        cmake
            .lines()
            .map(String::strip)
            .filter(line -> line.startsWith("\"msg/"))
            .map(line -> line.substring(5, line.length() - 1))
            .collect(Collectors.toCollection(TreeSet::new));
    try (Stream<Path> files = Files.list(folder.resolve("msg"))) {
      assertEquals(
          files
              .map(file -> file.getFileName().toString())
              .collect(Collectors.toCollection(TreeSet::new)),
          listed);
    }
  }
}
