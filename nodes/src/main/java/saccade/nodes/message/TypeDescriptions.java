package saccade.nodes.message;

import java.util.ArrayList;
import java.util.List;
import saccade.msg.type_description_interfaces.Field;
import saccade.msg.type_description_interfaces.IndividualTypeDescription;
import saccade.msg.type_description_interfaces.TypeDescription;
import saccade.nodes.idl.Definitions;
import saccade.nodes.idl.FieldType;
import saccade.nodes.idl.FieldType.Base;
import saccade.nodes.idl.FieldType.Shape;
import saccade.nodes.idl.IdlFault;
import saccade.nodes.idl.Structure;

/** Type descriptions as the service get_type_description carries them. */
public final class TypeDescriptions {
  /** Most fields of all types of one description together. */
  private static final int MAX_FIELDS = 10_000;

  private TypeDescriptions() {}

  /**
   * What the service answers for a type.
   *
   * @throws IdlFault when the type is unknown
   */
  public static TypeDescription of(Definitions definitions, String name) {
    List<IndividualTypeDescription> all = new ArrayList<>();
    for (Structure structure : definitions.closure(name)) {
      all.add(
          new IndividualTypeDescription(
              structure.name(),
              Definitions.described(structure).stream().map(TypeDescriptions::field).toList()));
    }
    return new TypeDescription(all.get(0), all.subList(1, all.size()));
  }

  private static Field field(Structure.Field field) {
    FieldType type = field.type();
    return new Field(
        field.name(),
        new saccade.msg.type_description_interfaces.FieldType(
            type.id(), type.count(), type.stringBound(), type.nested()),
        initial(type, field.initial()));
  }

  /** A default in the form of the peers' own descriptions, which is Python's. */
  private static String initial(FieldType type, String text) {
    if (text.isEmpty()) {
      return "";
    }
    if (type.shape() == Shape.SINGLE) {
      Object value = type.base().value(text);
      return value instanceof String string ? string : python(value);
    }
    List<String> elements =
        Structure.elements(text).stream().map(each -> python(type.base().value(each))).toList();
    return "(" + String.join(", ", elements) + (elements.size() == 1 ? ",)" : ")");
  }

  private static String python(Object value) {
    return switch (value) {
      case Boolean truth -> truth ? "True" : "False";
      case String text -> "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
      default -> value.toString();
    };
  }

  /**
   * The structures of a description; its own is {@code description.typeDescription().typeName()}.
   * Nothing outside the description is looked at.
   *
   * @throws IdlFault when it is none: unknown type numbers, bad names, missing or circular types
   */
  public static Definitions definitions(TypeDescription description) {
    List<IndividualTypeDescription> all = new ArrayList<>();
    all.add(description.typeDescription());
    all.addAll(description.referencedTypeDescriptions());
    Definitions definitions = new Definitions();
    int fields = 0;
    for (IndividualTypeDescription each : all) {
      fields += each.fields().size() + 1;
      if (fields > MAX_FIELDS) {
        throw new IdlFault(
            "description of " + fields + " fields or more: wanted at most " + MAX_FIELDS);
      }
      definitions.add(structure(each));
    }
    definitions.closure(description.typeDescription().typeName());
    return definitions;
  }

  private static Structure structure(IndividualTypeDescription description) {
    List<Structure.Field> fields = new ArrayList<>();
    for (Field field : description.fields()) {
      fields.add(new Structure.Field(field.name(), type(description.typeName(), field), ""));
    }
    boolean empty =
        fields.size() == 1 && fields.get(0).name().equals("structure_needs_at_least_one_member");
    return Structure.checked(description.typeName(), empty ? List.of() : fields);
  }

  private static FieldType type(String name, Field field) {
    int id = field.type().typeId();
    Shape shape =
        switch (id / 48) {
          case 0 -> Shape.SINGLE;
          case 1 -> Shape.ARRAY;
          case 2 -> Shape.BOUNDED_SEQUENCE;
          case 3 -> Shape.SEQUENCE;
          default -> throw unknown(name, field);
        };
    Base base =
        switch (id % 48) {
          case 1 -> Base.NESTED;
          case 2 -> Base.INT8;
          case 3, 13 -> Base.UINT8;
          case 4 -> Base.INT16;
          case 5 -> Base.UINT16;
          case 6 -> Base.INT32;
          case 7 -> Base.UINT32;
          case 8 -> Base.INT64;
          case 9 -> Base.UINT64;
          case 10 -> Base.FLOAT32;
          case 11 -> Base.FLOAT64;
          case 15 -> Base.BOOL;
          case 16 -> Base.BYTE;
          case 17, 21 -> Base.STRING;
          case 18, 22 -> Base.WSTRING;
          default -> throw unknown(name, field);
        };
    boolean bounded = id % 48 > 20;
    return new FieldType(
        base,
        base == Base.NESTED ? field.type().nestedTypeName() : "",
        bounded ? bound(name, field, field.type().stringCapacity()) : 0,
        shape,
        shape == Shape.ARRAY || shape == Shape.BOUNDED_SEQUENCE
            ? bound(name, field, field.type().capacity())
            : 0);
  }

  private static IdlFault unknown(String name, Field field) {
    return new IdlFault(
        Structure.shown(name + " " + field.name())
            + ": type number "
            + field.type().typeId()
            + ", wanted one of a .msg file");
  }

  private static int bound(String name, Field field, long capacity) {
    if (capacity < 1 || capacity > 999_999_999) {
      throw new IdlFault(
          Structure.shown(name + " " + field.name())
              + ": capacity "
              + Long.toUnsignedString(capacity)
              + ", wanted 1..999999999");
    }
    return (int) capacity;
  }
}
