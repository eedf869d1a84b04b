package saccade.nodes.idl;

import java.util.List;

/**
 * Named fields in wire order, with the constants of the file.
 *
 * @param name {@code package/kind/Name}, where kind is msg, srv or action
 */
public record Structure(String name, List<Field> fields, List<Constant> constants) {

  /**
   * A field.
   *
   * @param initial default as the file writes it, empty when there is none
   */
  public record Field(String name, FieldType type, String initial) {}

  /**
   * A constant.
   *
   * @param value as the file writes it
   */
  public record Constant(String name, FieldType.Base base, String value) {}

  public Structure {
    fields = List.copyOf(fields);
    constants = List.copyOf(constants);
  }

  /** {@code sensor_msgs}. */
  public String packageName() {
    return name.substring(0, name.indexOf('/'));
  }

  /** {@code Image}. */
  public String simpleName() {
    return name.substring(name.lastIndexOf('/') + 1);
  }

  /** {@code sensor_msgs::msg::dds_::Image_}. */
  public String ddsName() {
    return ddsName(name);
  }

  /** {@code sensor_msgs/msg/Image} as {@code sensor_msgs::msg::dds_::Image_}. */
  public static String ddsName(String name) {
    int last = name.lastIndexOf('/');
    return name.substring(0, last).replace("/", "::") + "::dds_::" + name.substring(last + 1) + "_";
  }

  /**
   * A structure that did not come from a file.
   *
   * @throws IdlFault when a name could not stand in one, or stands there twice
   */
  public static Structure checked(String name, List<Field> fields) {
    IdlParser.checkNames(name, fields);
    return new Structure(name, fields, List.of());
  }

  /** The structure as a definition file without comments. */
  public String text() {
    StringBuilder text = new StringBuilder();
    for (Constant constant : constants) {
      text.append(constant.base().word + " " + constant.name() + "=" + constant.value() + "\n");
    }
    for (Field field : fields) {
      text.append(field.type().text()).append(' ').append(field.name());
      text.append(field.initial().isEmpty() ? "" : " ").append(field.initial()).append('\n');
    }
    return text.toString();
  }

  /**
   * Elements of a default {@code [a, "b, c"]}, as written.
   *
   * @throws IdlFault when it is no such list
   */
  public static List<String> elements(String initial) {
    return IdlParser.elements(initial);
  }

  /** Text of others in one line of at most 60 characters. */
  public static String shown(String text) {
    return IdlParser.shown(text);
  }
}
