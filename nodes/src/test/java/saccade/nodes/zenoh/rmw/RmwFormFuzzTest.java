package saccade.nodes.zenoh.rmw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Map;
import saccade.nodes.cli.BadInput;
import saccade.nodes.ros.QosProfile;

/**
 * Whatever a token says, and whatever the environment holds for rmw_zenoh. JAZZER_FUZZ=1 looks for
 * more.
 */
class RmwFormFuzzTest {
  @FuzzTest
  void token(FuzzedDataProvider data) {
    String key = data.consumeRemainingAsString();
    Token token = Token.parse(key);
    if (token != null) {
      assertEquals(32, token.gid().length());
      assertFalse(token.node().fullyQualified().isEmpty());
    }
    QosProfile qos = RmwQos.parse(key);
    if (qos != null) {
      assertNotNull(RmwQos.parse(RmwQos.text(qos)));
    }
  }

  /** Whatever a configuration file holds; JSON5. */
  @FuzzTest
  void sessionConfig(FuzzedDataProvider data) {
    try {
      assertFalse(
          RmwConfig.parse("f", data.consumeRemainingAsString()).session().connect().size()
              > 10_000);
    } catch (BadInput wanted) {
      assertFalse(String.valueOf(wanted.getMessage()).isEmpty());
    }
  }

  @FuzzTest
  void environment(FuzzedDataProvider data) {
    Map<String, String> environment =
        Map.of(
            "ROS_DOMAIN_ID",
            data.consumeString(6),
            "ZENOH_CONFIG_OVERRIDE",
            data.consumeRemainingAsString());
    try {
      assertFalse(RmwConfig.of(environment).session().connect().size() > 10_000);
    } catch (BadInput wanted) {
      assertFalse(String.valueOf(wanted.getMessage()).isEmpty());
    }
  }
}
