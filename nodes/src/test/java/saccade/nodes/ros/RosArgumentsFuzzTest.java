package saccade.nodes.ros;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.ArrayList;
import java.util.List;

/**
 * Whatever stands on a command line, and whatever a topic is called: full names by the rules of
 * ROS, or one line. JAZZER_FUZZ=1 looks for more.
 */
class RosArgumentsFuzzTest {
  @FuzzTest
  void commandLine(FuzzedDataProvider data) {
    String topic = data.consumeString(40);
    List<String> words = new ArrayList<>(List.of("--ros-args"));
    words.addAll(List.of(data.consumeRemainingAsString().split(" ", -1)));
    try {
      Names names = Names.of("n", "/ns", RosArguments.parse(words));
      String full = names.topic(topic);
      assertTrue(full.startsWith("/") && !full.endsWith("/") && !full.contains("//"), full);
      Names.checkFull("topic", full);
      Names.checkFull("service", names.service(topic));
    } catch (RosFault fault) {
      assertFalse(String.valueOf(fault.getMessage()).contains("\n"), fault.getMessage());
    }
  }
}
