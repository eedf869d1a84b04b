package saccade.nodes.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import saccade.msg.KnownTestTypes;
import saccade.msg.KnownTypes;
import saccade.msg.type_description_interfaces.Field;
import saccade.msg.type_description_interfaces.FieldType;
import saccade.msg.type_description_interfaces.IndividualTypeDescription;
import saccade.msg.type_description_interfaces.TypeDescription;
import saccade.nodes.cdr.TestDefinitions;
import saccade.nodes.idl.Definitions;
import saccade.nodes.idl.IdlFault;
import saccade.nodes.ros.Peers;

class TypeDescriptionsTest {
  private final Definitions definitions = TestDefinitions.all();
  private final ObjectMapper json = new ObjectMapper();

  @Test
  void shouldKeepTheHashOnTheWayThroughADescription() {
    for (String name : KnownTypes.messageNames()) {
      TypeDescription described = TypeDescriptions.of(definitions, name);
      Definitions back =
          TypeDescriptions.definitions(
              TypeDescription.TYPE.decode(TypeDescription.TYPE.encode(described)));
      assertEquals(definitions.typeHash(name), back.typeHash(name), name);
    }
  }

  @Test
  void shouldKeepTheHashOnTheWayThroughABundle() {
    int compared = 0;
    for (String name : KnownTypes.messageNames()) {
      if (name.contains("/msg/")) {
        Definitions back = Definitions.ofBundle(name, definitions.bundle(name));
        assertEquals(definitions.typeHash(name), back.typeHash(name), name);
        compared++;
      }
    }
    assertTrue(compared > 150, "only " + compared);
    assertThrows(
        IdlFault.class,
        () ->
            Definitions.ofBundle(
                "a_msgs/msg/A", "B b\n" + "=".repeat(80) + "\nMSG: c_msgs/B\nint8 x"));
  }

  private static TypeDescription described(FieldType type) {
    return new TypeDescription(
        new IndividualTypeDescription("a_msgs/msg/A", List.of(new Field("x", type, ""))),
        List.of());
  }

  @Test
  void shouldRefuseWhatIsNoDescription() {
    TypeDescriptions.definitions(described(new FieldType(6, 0, 0, "")));
    for (FieldType wrong :
        List.of(
            new FieldType(0, 0, 0, ""),
            new FieldType(12, 0, 0, ""),
            new FieldType(200, 0, 0, ""),
            new FieldType(54, 0, 0, ""),
            new FieldType(54, 1L << 40, 0, ""),
            new FieldType(21, 0, -1, ""),
            new FieldType(1, 0, 0, ""),
            new FieldType(1, 0, 0, "a_msgs/msg/A"),
            new FieldType(1, 0, 0, "b_msgs/msg/B"))) {
      assertThrows(
          IdlFault.class, () -> TypeDescriptions.definitions(described(wrong)), wrong::toString);
    }
  }

  /** What we answer get_type_description with is what the peer's own files say. */
  @ParameterizedTest
  @ValueSource(strings = {"jazzy", "kilted"})
  void shouldEqualThePeersOwnDescriptions(String distro) throws IOException {
    Path share = Peers.ros(distro).folder().resolve("share");
    int compared = 0;
    for (String name :
        Stream.concat(KnownTypes.messageNames().stream(), KnownTestTypes.messageNames().stream())
            .toList()) {
      Path file = share.resolve(name + ".json");
      if (Files.exists(file)) {
        JsonNode theirs = json.readTree(file.toFile()).get("type_description_msg");
        assertEquals(theirs, tree(TypeDescriptions.of(definitions, name)), name);
        compared++;
      }
    }
    assertTrue(compared > 120, "compared only " + compared);
  }

  private ObjectNode tree(TypeDescription description) {
    ObjectNode tree = json.createObjectNode();
    tree.set("type_description", tree(description.typeDescription()));
    ArrayNode others = tree.putArray("referenced_type_descriptions");
    description.referencedTypeDescriptions().forEach(each -> others.add(tree(each)));
    return tree;
  }

  private ObjectNode tree(IndividualTypeDescription description) {
    ObjectNode tree = json.createObjectNode();
    tree.put("type_name", description.typeName());
    ArrayNode fields = tree.putArray("fields");
    for (Field field : description.fields()) {
      ObjectNode node = fields.addObject();
      node.put("name", field.name());
      ObjectNode type = node.putObject("type");
      type.put("type_id", field.type().typeId());
      type.put("capacity", (int) field.type().capacity());
      type.put("string_capacity", (int) field.type().stringCapacity());
      type.put("nested_type_name", field.type().nestedTypeName());
      node.put("default_value", field.defaultValue());
    }
    return tree;
  }
}
