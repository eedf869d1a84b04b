package saccade.nodes.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import saccade.msg.rcl_interfaces.FloatingPointRange;
import saccade.msg.rcl_interfaces.IntegerRange;
import saccade.msg.rcl_interfaces.ParameterDescriptor;
import saccade.msg.rcl_interfaces.SetParametersResult;
import saccade.nodes.ros.RosFault;

class ParametersTest {
  private final Parameters parameters =
      new Parameters("/robot/n", Map.of("rate", ParameterValue.of(20.0)));

  @Test
  void overrideTakesThePlaceOfTheDefault() {
    assertEquals(20.0, parameters.declareDouble("rate", 10, 0, 100, "sets a second"));
    assertEquals("sets a second", parameters.describe("rate").description());
    assertEquals(3, parameters.describe("rate").type());
    assertThrows(
        RosFault.class, () -> parameters.declareDouble("rate", 10, 0, 100, ""), "declared twice");
  }

  @Test
  void overrideOfAnotherTypeIsRefusedInOneLine() {
    Parameters wrong = new Parameters("/n", Map.of("rate", ParameterValue.of("fast")));
    RosFault fault =
        assertThrows(RosFault.class, () -> wrong.declareDouble("rate", 10, 0, 100, ""));
    assertEquals(
        "node /n: parameter rate cannot be fast: Wrong parameter type, parameter {rate} is of type"
            + " {double}, setting it to {string} is not allowed.",
        fault.getMessage());
    assertFalse(wrong.has("rate"));
  }

  @Test
  void setSaysWhyNot() {
    parameters.declareDouble("rate", 10, 0, 100, "");
    parameters.declareInteger("slots", 4, 2, 10, "");
    parameters.declare(
        "model", ParameterValue.of("nano"), ParameterDescriptor.defaults().withReadOnly(true));
    assertTrue(parameters.set("rate", ParameterValue.of(99.0)).successful());
    assertEquals(99.0, parameters.get("rate").asDouble());
    for (SetParametersResult result :
        List.of(
            parameters.set("rate", ParameterValue.of(101.0)),
            parameters.set("rate", ParameterValue.of(Double.NaN)),
            parameters.set("rate", ParameterValue.of(50)),
            parameters.set("rate", ParameterValue.NOT_SET),
            parameters.set("slots", ParameterValue.of(11)),
            parameters.set("model", ParameterValue.of("other")),
            parameters.set("nobody", ParameterValue.of(1)))) {
      assertFalse(result.successful());
      assertFalse(result.reason().isEmpty() || result.reason().contains("\n"));
    }
    assertEquals(99.0, parameters.get("rate").asDouble());
    assertEquals(
        "parameter 'model' cannot be set because it is read-only",
        parameters.set("model", ParameterValue.of("other")).reason());
  }

  @Test
  void stepsOfRangesHold() {
    parameters.declare(
        "even",
        ParameterValue.of(2),
        ParameterDescriptor.defaults().withIntegerRange(List.of(new IntegerRange(0, 9, 2))));
    assertTrue(parameters.set("even", ParameterValue.of(8)).successful());
    assertFalse(parameters.set("even", ParameterValue.of(7)).successful());
    assertTrue(parameters.set("even", ParameterValue.of(9)).successful(), "the end always fits");
    parameters.declare(
        "tenths",
        ParameterValue.of(0.1),
        ParameterDescriptor.defaults()
            .withFloatingPointRange(List.of(new FloatingPointRange(0, 1, 0.1))));
    assertTrue(parameters.set("tenths", ParameterValue.of(0.30000000000000004)).successful());
    assertFalse(parameters.set("tenths", ParameterValue.of(0.35)).successful());
  }

  @Test
  void atomicallyIsAllOrNothing() {
    parameters.declareDouble("rate", 10, 0, 100, "");
    parameters.declareBool("on", false, "");
    List<Parameters.Change> changes = new ArrayList<>();
    parameters.onChange(changes::add);
    assertFalse(
        parameters
            .setAtomically(
                List.of(
                    new Parameter("rate", ParameterValue.of(1.0)),
                    new Parameter("on", ParameterValue.of(3))))
            .successful());
    assertEquals(20.0, parameters.get("rate").asDouble());
    assertEquals(List.of(), changes);
    List<Parameter> good =
        List.of(
            new Parameter("rate", ParameterValue.of(1.0)),
            new Parameter("on", ParameterValue.of(true)));
    assertTrue(parameters.setAtomically(good).successful());
    assertEquals(List.of(new Parameters.Change(List.of(), good, List.of())), changes);
  }

  @Test
  void onSetCallbackDecides() throws Exception {
    parameters.declareInteger("n", 1, 0, 10, "");
    AutoCloseable judge =
        parameters.onSet(
            all -> all.get(0).value().equals(ParameterValue.of(7)) ? "seven is not for us" : "");
    assertEquals("seven is not for us", parameters.set("n", ParameterValue.of(7)).reason());
    assertTrue(parameters.set("n", ParameterValue.of(6)).successful());
    judge.close();
    assertTrue(parameters.set("n", ParameterValue.of(7)).successful());
  }

  @Test
  void dynamicTypingFollowsTheValue() {
    parameters.declare(
        "any", ParameterValue.of(1), ParameterDescriptor.defaults().withDynamicTyping(true));
    assertTrue(parameters.set("any", ParameterValue.of("text")).successful());
    assertEquals(4, parameters.describe("any").type());
  }

  @Test
  void listsByPrefixAndDepth() {
    for (String name : List.of("a", "a.b", "a.b.c", "ab.x", "z")) {
      parameters.declareBool(name, true, "");
    }
    assertEquals(List.of("a", "a.b", "a.b.c", "ab.x", "z"), parameters.list(List.of(), 0).names());
    assertEquals(List.of("a", "z"), parameters.list(List.of(), 1).names());
    assertEquals(List.of("a", "a.b", "a.b.c"), parameters.list(List.of("a"), 0).names());
    assertEquals(List.of("a", "a.b"), parameters.list(List.of("a"), 1).names());
    assertEquals(List.of("a", "a.b", "ab"), parameters.list(List.of(), 0).prefixes());
  }

  @Test
  void valuesOfEveryTypeSurviveTheWire() {
    for (ParameterValue value :
        List.of(
            ParameterValue.NOT_SET,
            ParameterValue.of(true),
            ParameterValue.of(-5),
            ParameterValue.of(0.1),
            ParameterValue.of("é"),
            ParameterValue.of((byte) 1, (byte) -1),
            ParameterValue.of(new boolean[] {true, false}),
            ParameterValue.of(new long[] {1, Long.MIN_VALUE}),
            ParameterValue.of(new double[] {}),
            ParameterValue.of(List.of("a", "")))) {
      byte[] bytes = saccade.msg.rcl_interfaces.ParameterValue.TYPE.encode(value.message());
      assertEquals(
          value, ParameterValue.of(saccade.msg.rcl_interfaces.ParameterValue.TYPE.decode(bytes)));
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> ParameterValue.of(ParameterValue.of(1).message().withType(10)));
  }

  @Test
  void accessRulesAreKeyExpressions() {
    AccessList access =
        new AccessList(List.of("robot/n/camera/*", "robot/*/rate"), List.of("robot/n/activate"));
    assertTrue(access.maySet("/robot/n", "camera.gain"));
    assertTrue(access.maySet("/robot/other", "rate"));
    assertFalse(access.maySet("/robot/n", "model"));
    assertFalse(access.maySet("/robot/n", "camera.front.gain"));
    assertFalse(access.maySet("/robot/n", "camera.*"), "a name is no pattern");
    assertTrue(access.mayChange("/robot/n", "activate"));
    assertFalse(access.mayChange("/robot/n", "shutdown"));
    assertTrue(AccessList.ALL.maySet("/n", "any name at all"));
    assertFalse(AccessList.NONE.maySet("/n", "rate"));
    assertThrows(RosFault.class, () -> new AccessList(List.of("/robot//n"), List.of()));
  }
}
