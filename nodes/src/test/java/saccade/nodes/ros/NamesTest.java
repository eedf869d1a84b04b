package saccade.nodes.ros;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {

  private static Names names(String node, String namespace, String... rosArgs) {
    return Names.of(node, namespace, RosArguments.parse(List.of(rosArgs)));
  }

  @ParameterizedTest
  @CsvSource({
    "chatter, '', /chatter",
    "chatter, /robot1, /robot1/chatter",
    "chatter, robot1, /robot1/chatter",
    "/chatter, /robot1, /chatter",
    "~, /robot1, /robot1/cam",
    "~/image, /robot1, /robot1/cam/image",
    "~/image, '', /cam/image",
    "{node}/image, /robot1, /robot1/cam/image",
    "/x{ns}/{node}, /robot1, /x/robot1/cam",
    "{ns}/image, /robot1, /robot1/image",
    "{ns}/image, '', /image",
    "_hidden/topic, '', /_hidden/topic",
  })
  void shouldExpandAsRclDoes(String name, String namespace, String full) {
    assertEquals(full, names("cam", namespace).topic(name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "a//b", "a/", "/", "1a", "a/1b", "a b", "a-b", "~a", "a~", "a/~/b", "{x}", "{node", "ü"
      })
  void shouldRefuseNamesThatBreakTheRules(String name) {
    RosFault fault = assertThrows(RosFault.class, () -> names("cam", "/robot1").topic(name));
    assertTrue(fault.getMessage().contains(name), fault.getMessage());
    assertFalse(fault.getMessage().contains("\n"));
  }

  @Test
  void shouldRefuseFullNamesLongerThanTheMiddlewareCarries() {
    Names names = names("cam", "");
    assertEquals(247, names.topic("a".repeat(246)).length());
    assertThrows(RosFault.class, () -> names.topic("a".repeat(247)));
  }

  @ParameterizedTest
  @CsvSource({"'', /ns", "1x, /ns", "a/b, /ns", "a.b, /ns", "a, /n/", "a, /n//m", "a, /1"})
  void shouldRefuseBadNodeNamesAndNamespaces(String node, String namespace) {
    assertThrows(RosFault.class, () -> names(node, namespace));
  }

  @Test
  void shouldRemapNodeNameThenNamespaceThenTopics() {
    Names names =
        names(
            "cam",
            "/a",
            "--ros-args",
            "-r",
            "cam:__node:=eye",
            "-r",
            "eye:__ns:=/robot1",
            "--remap",
            "image:=picture",
            "-r",
            "/a/image:=/never",
            "-r",
            "~/info:=/info",
            "-r",
            "other:image:=/never");
    assertEquals("/robot1/eye", names.fullyQualifiedNode());
    assertEquals("/robot1/picture", names.topic("image"));
    assertEquals("/robot1/picture", names.topic("/robot1/image"));
    assertEquals("/info", names.topic("~/info"));
    assertEquals("/a/image", names("cam", "/a").topic("image"));
  }

  @Test
  void shouldLetTheFirstRuleWinAndKeepTopicsAndServicesApart() {
    Names names =
        names(
            "cam",
            "",
            "--ros-args",
            "-r",
            "rosservice://set:=/s",
            "-r",
            "set:=/t",
            "-r",
            "set:=/u");
    assertEquals("/s", names.service("set"));
    assertEquals("/t", names.topic("set"));
  }

  @Test
  void shouldReadOnlyWhatIsBetweenRosArgsAndTwoDashes() {
    RosArguments arguments =
        RosArguments.parse(
            List.of(
                "--model",
                "x",
                "--ros-args",
                "-p",
                "use_sim_time:=true",
                "-p",
                "cam:rate:=5",
                "--params-file",
                "p.yaml",
                "--log-level",
                "debug",
                "--disable-rosout-logs",
                "--",
                "tail",
                "--ros-args",
                "-e",
                "a/b"));
    assertEquals(List.of("--model", "x", "tail"), arguments.rest());
    assertEquals(
        List.of(
            new RosArguments.ParameterRule(null, "use_sim_time", "true"),
            new RosArguments.ParameterRule("cam", "rate", "5")),
        arguments.parameters());
    assertEquals(List.of("p.yaml"), arguments.parameterFiles());
    assertEquals(List.of("debug"), arguments.logLevels());
    assertEquals("/a/b", arguments.enclave());
    assertFalse(arguments.rosoutEnabled());
  }

  @ParameterizedTest
  @ValueSource(strings = {"bad", ":=x", "a:=", "a b:=c", "__ns:=x", "__node:=1", "1:a:=b"})
  void shouldNameTheRemapRuleItCannotRead(String rule) {
    RosFault fault =
        assertThrows(RosFault.class, () -> RosArguments.parse(List.of("--ros-args", "-r", rule)));
    assertFalse(fault.getMessage().isBlank());
  }

  @Test
  void shouldRefuseUnknownArgumentsAndMissingValues() {
    assertThrows(
        RosFault.class, () -> RosArguments.parse(List.of("--ros-args", "chatter:=/other")));
    assertThrows(RosFault.class, () -> RosArguments.parse(List.of("--ros-args", "-r")));
  }
}
