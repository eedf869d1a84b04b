package saccade.nodes.idl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdlParserTest {
  private static Structure message(String text) {
    return IdlParser.parse("a_msgs/msg/A", text).structures().get(0);
  }

  @ParameterizedTest
  @CsvSource({
    "int32 x, int32",
    "float64[9] x, float64[9]",
    "string<=5 x, string<=5",
    "string<=5[<=3] x, string<=5[<=3]",
    "wstring[] x, wstring[]",
    "B x, a_msgs/B",
    "Header x, a_msgs/Header",
    "b_msgs/B[4] x, b_msgs/B[4]",
    "b_msgs/msg/B[] x, b_msgs/B[]",
    "'uint8 x 200 # why', uint8",
    "'bool[<=3] x [false, true]', bool[<=3]",
  })
  void shouldReadTypes(String line, String type) {
    Structure.Field field = message(line).fields().get(0);
    assertEquals("x", field.name());
    assertEquals(type, field.type().text());
  }

  @Test
  void shouldTellConstantsFromDefaultsAndLeaveCommentsOut() {
    Structure message =
        message(
            "# all\nstring A=\"x = y\"\n\tuint8  B_2 = 0x10\nstring s 'it\\'s' # in\nint8 n -1#no\n");
    assertEquals(
        List.of("A \"x = y\"", "B_2 0x10"),
        message.constants().stream().map(each -> each.name() + " " + each.value()).toList());
    assertEquals(
        List.of("s 'it\\'s'", "n -1"),
        message.fields().stream().map(each -> each.name() + " " + each.initial()).toList());
  }

  @Test
  void shouldSplitDefaultsOutsideQuotes() {
    assertEquals(List.of("\"a, b\"", "'c'"), IdlParser.elements("[\"a, b\", 'c']"));
    assertEquals(List.of(), IdlParser.elements("[]"));
  }

  @Test
  void shouldDeriveWhatServicesAndActionsConsistOf() {
    Definition service = IdlParser.parse("a_msgs/srv/S", "int8 a\n---\n");
    assertEquals(
        List.of(
            "a_msgs/srv/S", "a_msgs/srv/S_Request", "a_msgs/srv/S_Response", "a_msgs/srv/S_Event"),
        service.structures().stream().map(Structure::name).toList());
    Definition action = IdlParser.parse("a_msgs/action/X", "---\n---\n");
    assertEquals(13, action.structures().size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "int33 x",
        "int32",
        "int32 X",
        "int32 x__y",
        "int32 x\nint32 x",
        "int32<=3 x",
        "int32[0] x",
        "int32[-1] x",
        "int32[99999999999] x",
        "uint8 x 256",
        "uint8 x -1",
        "int64 x 9223372036854775808",
        "bool x maybe",
        "float32 x 1,5",
        "string<=2 x \"abc\"",
        "int8[2] x [1]",
        "int8[<=2] x [1, 2, 3]",
        "int8[] x 1",
        "B x 1",
        "B C=1",
        "int8[] C=1",
        "int8 c=1",
        "a/b/c/D x",
        "../B x",
        "---",
      })
  void shouldSayInOneLineWhatIsWrong(String text) {
    IdlFault fault = assertThrows(IdlFault.class, () -> message(text));
    String line = String.valueOf(fault.getMessage());
    assertTrue(line.contains("wanted"), line);
    assertFalse(line.contains("\n"), line);
  }

  @Test
  void shouldRefuseMessagesThatContainThemselves() {
    Definitions definitions = new Definitions();
    definitions.add(IdlParser.parse("a_msgs/msg/A", "B[] b"));
    definitions.add(IdlParser.parse("a_msgs/msg/B", "A[] a"));
    assertThrows(IdlFault.class, () -> definitions.typeHash("a_msgs/msg/A"));
  }

  @Test
  void shouldFindTheFilesThatShip() {
    Definitions shipped = Definitions.shipped();
    assertEquals("sensor_msgs/msg/Image", shipped.closure("sensor_msgs/msg/Image").get(0).name());
    assertEquals(
        "std_srvs/srv/SetBool_Request", shipped.structure("std_srvs/srv/SetBool_Request").name());
    assertTrue(Definitions.shippedText("saccade_msgs/msg/Scene").contains("sentence"));
    assertThrows(IdlFault.class, () -> shipped.structure("no_msgs/msg/Such"));
    assertThrows(IdlFault.class, () -> shipped.structure("../msg/Such"));
  }
}
