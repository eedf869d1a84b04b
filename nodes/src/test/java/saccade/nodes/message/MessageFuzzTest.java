package saccade.nodes.message;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.foreign.MemorySegment;
import saccade.msg.type_description_interfaces.TypeDescription;
import saccade.nodes.cdr.CdrFault;
import saccade.nodes.cdr.CdrReader;
import saccade.nodes.cdr.CdrWriter;
import saccade.nodes.idl.Definitions;
import saccade.nodes.idl.IdlFault;

/**
 * Whatever a peer says its type is, and whatever a message of it holds. JAZZER_FUZZ=1 looks for
 * more.
 */
class MessageFuzzTest {
  private static void oneLine(RuntimeException fault) {
    String line = String.valueOf(fault.getMessage());
    assertFalse(line.contains("\n"), line);
  }

  @FuzzTest
  void description(byte[] payload) {
    try {
      TypeDescription description = TypeDescription.TYPE.decode(payload);
      String name = description.typeDescription().typeName();
      Definitions definitions = TypeDescriptions.definitions(description);
      assertTrue(definitions.typeHash(name).startsWith("RIHS01_"));
    } catch (CdrFault | IdlFault fault) {
      oneLine(fault);
    }
  }

  @FuzzTest
  void bundle(FuzzedDataProvider data) {
    byte[] payload = data.consumeBytes(200);
    try {
      Definitions definitions =
          Definitions.ofBundle("a_msgs/msg/A", data.consumeRemainingAsString());
      CdrReader in = new CdrReader();
      in.wrap(MemorySegment.ofArray(payload), payload.length);
      String text = new MessageText(definitions, "a_msgs/msg/A").text(in, 3);
      assertFalse(text.contains("\0"));
    } catch (CdrFault | IdlFault fault) {
      oneLine(fault);
    }
  }

  @FuzzTest
  void yaml(FuzzedDataProvider data) {
    String type =
        data.pickValue(
            new String[] {
              "sensor_msgs/msg/CameraInfo",
              "rcl_interfaces/msg/ParameterEvent",
              "std_msgs/msg/UInt64"
            });
    try (CdrWriter out = CdrWriter.confined()) {
      new MessageText(Definitions.shipped(), type).encode(data.consumeRemainingAsString(), out);
      assertTrue(out.bytes() >= CdrReader.HEADER);
    } catch (IdlFault fault) {
      oneLine(fault);
    }
  }
}
