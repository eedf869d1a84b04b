package saccade.nodes.idl;

import java.math.BigInteger;
import java.util.Set;
import saccade.nodes.idl.FieldType.Base;
import saccade.nodes.idl.FieldType.Shape;

/** How ROS names, types and literals read in Java. */
final class JavaNames {
  static final String ROOT = "saccade.msg.";

  private static final Set<String> TAKEN =
      Set.of(
          ("abstract assert boolean break byte case catch char class const continue default do double else enum"
                  + " extends false final finally float for goto if implements import instanceof int interface long"
                  + " native new null package private protected public return short static strictfp super switch"
                  + " synchronized this throw throws transient true try void volatile while"
                  + " clone finalize getClass hashCode notify notifyAll toString wait defaults")
              .split(" "));

  private final Definitions definitions;

  JavaNames(Definitions definitions) {
    this.definitions = definitions;
  }

  /**
   * {@code sensor_msgs/msg/Image} as saccade.msg.sensor_msgs.Image, {@code x/srv/Y_Request} as
   * saccade.msg.x.Y.Request.
   */
  String javaClass(String name) {
    int packageEnd = name.indexOf('/');
    String simple = name.substring(name.lastIndexOf('/') + 1);
    String file = simple.indexOf('_') < 0 ? simple : simple.substring(0, simple.indexOf('_'));
    return ROOT
        + name.substring(0, packageEnd)
        + "."
        + topClass(name, file)
        + simple.substring(file.length()).replace('_', '.');
  }

  /** The class of a file; one that shares its name with a message says what it is. */
  private String topClass(String name, String file) {
    String kind = name.split("/", -1)[1];
    String twin = name.substring(0, name.indexOf('/')) + "/msg/" + file;
    if (kind.equals("msg") || !definitions.has(twin)) {
      return file;
    }
    return file + (kind.equals("srv") ? "Service" : "Action");
  }

  /** {@code frame_id} as frameId. */
  static String component(String field) {
    StringBuilder name = new StringBuilder();
    boolean upper = false;
    for (int i = 0; i < field.length(); i++) {
      char c = field.charAt(i);
      if (c == '_') {
        upper = true;
      } else {
        name.append(upper ? Character.toUpperCase(c) : c);
        upper = false;
      }
    }
    return TAKEN.contains(name.toString()) ? name.append('_').toString() : name.toString();
  }

  static String constant(String name) {
    return name.equals("TYPE") ? "TYPE_" : name;
  }

  /** The Java type of a component. */
  String type(FieldType type) {
    return type.shape() == Shape.SINGLE
        ? element(type)
        : type.base().primitive()
            ? arrayElement(type.base()) + "[]"
            : "java.util.List<" + element(type) + ">";
  }

  /** The Java type of one value. */
  String element(FieldType type) {
    return switch (type.base()) {
      case NESTED -> javaClass(type.nested());
      case STRING, WSTRING -> "java.lang.String";
      default -> scalar(type.base());
    };
  }

  static String scalar(Base base) {
    return switch (base) {
      case BOOL -> "boolean";
      case INT64, UINT64 -> "long";
      case FLOAT32 -> "float";
      case FLOAT64 -> "double";
      case STRING, WSTRING -> "java.lang.String";
      default -> "int";
    };
  }

  static String arrayElement(Base base) {
    return switch (base.bytes) {
      case 1 -> base == Base.BOOL ? "boolean" : "byte";
      case 2 -> "short";
      case 4 -> base == Base.FLOAT32 ? "float" : "int";
      default -> base == Base.FLOAT64 ? "double" : "long";
    };
  }

  /** Name of the reader's and writer's method for one value. */
  static String method(Base base) {
    return base == Base.BYTE || base == Base.CHAR ? "uint8" : base.word;
  }

  /** Name of the reader's and writer's methods for several: doubles, doubleArray. */
  static String family(Base base) {
    return base == Base.BOOL ? "bool" : base.bytes == 1 ? "octet" : arrayElement(base);
  }

  /** A literal of a definition as a Java expression for one value. */
  static String literal(Base base, String text) {
    Object value = IdlParser.value(base, text);
    return switch (base) {
      case BOOL -> value.toString();
      case FLOAT32 -> (float) (double) (Double) value + "f";
      case FLOAT64 -> value.toString();
      case STRING, WSTRING -> quoted((String) value);
      case INT64, UINT64 -> ((BigInteger) value).longValue() + "L";
      default -> Integer.toString(((BigInteger) value).intValue());
    };
  }

  /** A literal as an element of a Java array. */
  static String arrayLiteral(Base base, String text) {
    String literal = literal(base, text);
    String element = arrayElement(base);
    return element.equals("byte") || element.equals("short")
        ? "(" + element + ") " + literal
        : literal;
  }

  static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < 0x20 || c > 0x7e) {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }
}
