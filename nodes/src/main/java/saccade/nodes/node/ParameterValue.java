package saccade.nodes.node;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The value of a parameter with its type. Immutable. Set-up only.
 *
 * @param type one of ROS's nine, or not set
 * @param value {@code Boolean}, {@code Long}, {@code Double}, {@code String}, or a {@code List} of
 *     {@code Byte}, {@code Boolean}, {@code Long}, {@code Double}, {@code String}; an empty text
 *     when not set
 */
public record ParameterValue(Type type, Object value) {

  /** Types in the order of rcl_interfaces/ParameterType. */
  public enum Type {
    NOT_SET(String.class),
    BOOL(Boolean.class),
    INTEGER(Long.class),
    DOUBLE(Double.class),
    STRING(String.class),
    BYTE_ARRAY(Byte.class),
    BOOL_ARRAY(Boolean.class),
    INTEGER_ARRAY(Long.class),
    DOUBLE_ARRAY(Double.class),
    STRING_ARRAY(String.class);

    private final Class<?> element;

    Type(Class<?> element) {
      this.element = element;
    }

    boolean isArray() {
      return compareTo(BYTE_ARRAY) >= 0;
    }

    /** As rclcpp prints it: {@code double_array}. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** No value. */
  public static final ParameterValue NOT_SET = new ParameterValue(Type.NOT_SET, "");

  public ParameterValue {
    if (type.isArray() && value instanceof List<?> list) {
      value = List.copyOf(list);
    }
    boolean fits =
        type.isArray()
            ? value instanceof List<?> list && list.stream().allMatch(type.element::isInstance)
            : type.element.isInstance(value);
    if (!fits) {
      throw new IllegalArgumentException("parameter value of type " + type + ", found " + value);
    }
  }

  public static ParameterValue of(boolean value) {
    return new ParameterValue(Type.BOOL, value);
  }

  public static ParameterValue of(long value) {
    return new ParameterValue(Type.INTEGER, value);
  }

  public static ParameterValue of(double value) {
    return new ParameterValue(Type.DOUBLE, value);
  }

  public static ParameterValue of(String value) {
    return new ParameterValue(Type.STRING, value);
  }

  public static ParameterValue of(byte... values) {
    List<Byte> list = new ArrayList<>(values.length);
    for (byte value : values) {
      list.add(value);
    }
    return new ParameterValue(Type.BYTE_ARRAY, list);
  }

  public static ParameterValue of(boolean[] values) {
    List<Boolean> list = new ArrayList<>(values.length);
    for (boolean value : values) {
      list.add(value);
    }
    return new ParameterValue(Type.BOOL_ARRAY, list);
  }

  public static ParameterValue of(long[] values) {
    List<Long> list = new ArrayList<>(values.length);
    for (long value : values) {
      list.add(value);
    }
    return new ParameterValue(Type.INTEGER_ARRAY, list);
  }

  public static ParameterValue of(double[] values) {
    List<Double> list = new ArrayList<>(values.length);
    for (double value : values) {
      list.add(value);
    }
    return new ParameterValue(Type.DOUBLE_ARRAY, list);
  }

  /** An array of strings. */
  public static ParameterValue of(List<String> values) {
    return new ParameterValue(Type.STRING_ARRAY, values);
  }

  /** The value of a bool parameter. */
  public boolean asBool() {
    return (Boolean) is(Type.BOOL);
  }

  /** The value of an integer parameter. */
  public long asInteger() {
    return (Long) is(Type.INTEGER);
  }

  /** The value of a double parameter. */
  public double asDouble() {
    return (Double) is(Type.DOUBLE);
  }

  /** The value of a string parameter. */
  public String asString() {
    return (String) is(Type.STRING);
  }

  /** The elements of an array. */
  public List<?> asList() {
    if (value instanceof List<?> list) {
      return list;
    }
    throw new IllegalStateException("expected an array parameter, found " + type + " " + value);
  }

  private Object is(Type wanted) {
    if (type != wanted) {
      throw new IllegalStateException(
          "expected a parameter of type " + wanted + ", found " + type + " " + value);
    }
    return value;
  }

  /** As a message carries it. */
  public saccade.msg.rcl_interfaces.ParameterValue message() {
    var empty = saccade.msg.rcl_interfaces.ParameterValue.defaults().withType(type.ordinal());
    return switch (type) {
      case NOT_SET -> empty;
      case BOOL -> empty.withBoolValue(asBool());
      case INTEGER -> empty.withIntegerValue(asInteger());
      case DOUBLE -> empty.withDoubleValue(asDouble());
      case STRING -> empty.withStringValue(asString());
      case BYTE_ARRAY -> {
        byte[] bytes = new byte[asList().size()];
        for (int i = 0; i < bytes.length; i++) {
          bytes[i] = (Byte) asList().get(i);
        }
        yield empty.withByteArrayValue(bytes);
      }
      case BOOL_ARRAY -> {
        boolean[] truths = new boolean[asList().size()];
        for (int i = 0; i < truths.length; i++) {
          truths[i] = (Boolean) asList().get(i);
        }
        yield empty.withBoolArrayValue(truths);
      }
      case INTEGER_ARRAY ->
          empty.withIntegerArrayValue(asList().stream().mapToLong(v -> (Long) v).toArray());
      case DOUBLE_ARRAY ->
          empty.withDoubleArrayValue(asList().stream().mapToDouble(v -> (Double) v).toArray());
      case STRING_ARRAY ->
          empty.withStringArrayValue(asList().stream().map(v -> (String) v).toList());
    };
  }

  /**
   * From a message.
   *
   * @throws IllegalArgumentException when its type number is none
   */
  public static ParameterValue of(saccade.msg.rcl_interfaces.ParameterValue message) {
    if (message.type() >= Type.values().length) {
      throw new IllegalArgumentException(
          "parameter type " + message.type() + ", wanted 0 to " + (Type.values().length - 1));
    }
    return switch (Type.values()[message.type()]) {
      case NOT_SET -> NOT_SET;
      case BOOL -> of(message.boolValue());
      case INTEGER -> of(message.integerValue());
      case DOUBLE -> of(message.doubleValue());
      case STRING -> of(message.stringValue());
      case BYTE_ARRAY -> of(message.byteArrayValue());
      case BOOL_ARRAY -> of(message.boolArrayValue());
      case INTEGER_ARRAY -> of(message.integerArrayValue());
      case DOUBLE_ARRAY -> of(message.doubleArrayValue());
      case STRING_ARRAY -> of(message.stringArrayValue());
    };
  }

  /** The value as a person writes it. */
  @Override
  public String toString() {
    return type == Type.NOT_SET ? "not set" : value.toString();
  }
}
