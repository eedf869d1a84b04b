package saccade.nodes.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import saccade.nodes.ros.PeerProgram;
import saccade.nodes.ros.Peers;

class PyTextTest {

  @Test
  void blockYamlAsTheRosToolsPrintIt() {
    Map<String, Object> stamp = new LinkedHashMap<>();
    stamp.put("sec", 3L);
    stamp.put("nanosec", 0L);
    Map<String, Object> header = new LinkedHashMap<>();
    header.put("stamp", stamp);
    header.put("frame_id", "");
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("header", header);
    message.put("values", List.of(0.0, 1e-7, 0.1f + 0.0));
    message.put("status", List.of(Map.of("level", "\0")));
    message.put("none", List.of());
    assertEquals(
        """
        header:
          stamp:
            sec: 3
            nanosec: 0
          frame_id: ''
        values:
        - 0.0
        - 1.0e-07
        - 0.10000000149011612
        status:
        - level: "\\0"
        none: []
        """,
        PyText.yaml(message));
    assertEquals("{}\n", PyText.yaml(Map.of()));
  }

  @Test
  void pythonsRepr() {
    assertEquals("1e+16", PyText.pythonFloat(1e16));
    assertEquals("1234567890123456.0", PyText.pythonFloat(1234567890123456.0));
    assertEquals("-0.0", PyText.pythonFloat(-0.0));
    assertEquals("5e-324", PyText.pythonFloat(Double.MIN_VALUE));
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("success", true);
    answer.put("message", "it's");
    assertEquals(
        "std_srvs.srv.SetBool_Response(success=True, message='it\\'s')",
        PyText.repr(answer, "std_srvs/srv/SetBool_Response"));
  }

  /** Python's own dump of random trees; skipped where no peer is installed. */
  @Test
  void equalsPyYaml(@TempDir Path folder) throws Exception {
    String script = PeerProgram.script(getClass(), "yaml_peer.py", folder).toString();
    Process python = Peers.ros("jazzy").pythonProcess(script, "5", "400").start();
    JsonMapper json =
        JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();
    int compared = 0;
    try (var lines = python.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        List<?> pair = json.readValue(line, List.class);
        @SuppressWarnings("unchecked")
        Map<String, Object> tree = (Map<String, Object>) pair.get(0);
        assertEquals(pair.get(1), PyText.yaml(tree), line);
        compared++;
      }
    }
    assertTrue(compared > 450, "compared " + compared);
  }
}
