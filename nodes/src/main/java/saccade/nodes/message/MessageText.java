package saccade.nodes.message;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import saccade.nodes.cdr.CdrFault;
import saccade.nodes.cdr.CdrReader;
import saccade.nodes.cdr.CdrWriter;
import saccade.nodes.idl.Definitions;
import saccade.nodes.idl.FieldType;
import saccade.nodes.idl.FieldType.Base;
import saccade.nodes.idl.FieldType.Shape;
import saccade.nodes.idl.IdlFault;
import saccade.nodes.idl.Structure;

/**
 * Messages of one type as YAML, from and to CDR, by the type's definition alone. For people: set-up
 * and control, never a hot path. One thread.
 */
public final class MessageText {
  private static final int MAX_TEXT = 1 << 20;
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z_/][A-Za-z0-9_/.]*");
  private static final Pattern WORD =
      Pattern.compile("(?i)true|false|null|yes|no|on|off|y|n", Pattern.CASE_INSENSITIVE);

  private final Definitions definitions;
  private final String name;

  /**
   * For messages of a type.
   *
   * @param name for example {@code sensor_msgs/msg/Image} or {@code std_srvs/srv/SetBool_Request}
   * @throws IdlFault when the type, or one that it reaches, is unknown
   */
  public MessageText(Definitions definitions, String name) {
    definitions.closure(name);
    this.definitions = definitions;
    this.name = name;
  }

  /**
   * The message at the reader's position as YAML, a line a field.
   *
   * @param most elements of each array or sequence that are shown; the others are read and counted
   * @throws CdrFault when the bytes are not such a message
   */
  public String text(CdrReader in, int most) {
    StringBuilder out = new StringBuilder();
    show(definitions.structure(name), in, out, "", most);
    return out.toString();
  }

  private void show(Structure structure, CdrReader in, StringBuilder out, String indent, int most) {
    if (structure.fields().isEmpty()) {
      in.emptyStructure();
    }
    for (Structure.Field field : structure.fields()) {
      FieldType type = field.type();
      out.append(indent).append(field.name()).append(':');
      if (type.shape() != Shape.SINGLE) {
        several(type, in, out, indent, most);
      } else if (type.base() == Base.NESTED) {
        nested(type, in, out, indent + "  ", most);
      } else {
        out.append(' ').append(scalar(type, in)).append('\n');
      }
    }
  }

  private void nested(FieldType type, CdrReader in, StringBuilder out, String indent, int most) {
    Structure structure = definitions.structure(type.nested());
    out.append(structure.fields().isEmpty() ? " {}\n" : "\n");
    show(structure, in, out, indent, most);
  }

  private void several(FieldType type, CdrReader in, StringBuilder out, String indent, int most) {
    int count =
        switch (type.shape()) {
          case ARRAY -> {
            in.expect(Math.max(1, type.base().bytes), type.count());
            yield type.count();
          }
          case BOUNDED_SEQUENCE -> in.count(Math.max(1, type.base().bytes), type.count());
          default -> in.count(Math.max(1, type.base().bytes), Integer.MAX_VALUE);
        };
    boolean nested = type.base() == Base.NESTED && count > 0 && most > 0;
    out.append(nested ? "\n" : " [");
    // What is not shown is read all the same, but into nothing.
    StringBuilder unseen = new StringBuilder();
    for (int i = 0; i < count; i++) {
      boolean shown = i < most;
      unseen.setLength(0);
      StringBuilder to = shown ? out : unseen;
      if (type.base() != Base.NESTED) {
        to.append(i > 0 ? ", " : "").append(scalar(type, in));
      } else {
        element(type, in, to, indent, shown ? most : 0);
      }
    }
    String rest = count > most ? "'" + (count - most) + " more'" : "";
    if (nested) {
      out.append(rest.isEmpty() ? "" : indent + "- " + rest + "\n");
    } else {
      out.append(rest.isEmpty() ? "" : (most > 0 ? ", " : "") + rest).append("]\n");
    }
  }

  /** An element of a sequence of messages: its first line carries the dash. */
  private void element(FieldType type, CdrReader in, StringBuilder out, String indent, int most) {
    int start = out.length();
    String inner = indent + "  ";
    Structure structure = definitions.structure(type.nested());
    show(structure, in, out, inner, most);
    if (structure.fields().isEmpty()) {
      out.append(indent).append("- {}\n");
    } else {
      out.setCharAt(start + indent.length(), '-');
    }
  }

  private static String scalar(FieldType type, CdrReader in) {
    return switch (type.base()) {
      case BOOL -> Boolean.toString(in.bool());
      case INT8 -> Byte.toString(in.int8());
      case UINT8, BYTE, CHAR -> Integer.toString(in.uint8());
      case INT16 -> Short.toString(in.int16());
      case UINT16 -> Integer.toString(in.uint16());
      case INT32 -> Integer.toString(in.int32());
      case UINT32 -> Integer.toUnsignedString(in.uint32());
      case INT64 -> Long.toString(in.int64());
      case UINT64 -> Long.toUnsignedString(in.uint64());
      case FLOAT32 -> {
        float value = in.float32();
        yield Float.isFinite(value) ? Float.toString(value) : notFinite(value);
      }
      case FLOAT64 -> {
        double value = in.float64();
        yield Double.isFinite(value) ? Double.toString(value) : notFinite(value);
      }
      case STRING ->
          quoted(in.string(type.stringBound() > 0 ? type.stringBound() : Integer.MAX_VALUE));
      case WSTRING ->
          quoted(in.wstring(type.stringBound() > 0 ? type.stringBound() : Integer.MAX_VALUE));
      case NESTED -> throw new IllegalStateException("a message is no scalar");
    };
  }

  private static String notFinite(double value) {
    return Double.isNaN(value) ? ".nan" : value > 0 ? ".inf" : "-.inf";
  }

  private static String quoted(String text) {
    if (PLAIN.matcher(text).matches() && !WORD.matcher(text).matches()) {
      return text;
    }
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        case '\t' -> out.append("\\t");
        default -> {
          boolean paired =
              Character.isHighSurrogate(c)
                      && i + 1 < text.length()
                      && Character.isLowSurrogate(text.charAt(i + 1))
                  || Character.isLowSurrogate(c)
                      && i > 0
                      && Character.isHighSurrogate(text.charAt(i - 1));
          boolean shown =
              c >= ' ' && c < 0x7f
                  || c >= 0xa0 && c != 0x2028 && c != 0x2029 && c < 0xfffe && c != 0xfeff;
          if (Character.isSurrogate(c) ? paired : shown) {
            out.append(c);
          } else {
            out.append(String.format("\\u%04x", (int) c));
          }
        }
      }
    }
    return out.append('"').toString();
  }

  /**
   * Makes the writer's content the message that a YAML mapping describes; fields that are not named
   * have their defaults.
   *
   * @param yaml for example {@code {linear: {x: 1.0}}}; empty text is a message of defaults
   * @throws IdlFault naming the field, the value found and the value wanted
   */
  public void encode(String yaml, CdrWriter out) {
    if (yaml.length() > MAX_TEXT) {
      throw new IdlFault(
          name + ": text of " + yaml.length() + " characters: wanted at most " + MAX_TEXT);
    }
    Object tree;
    try {
      LoadSettings settings =
          LoadSettings.builder()
              .setAllowDuplicateKeys(false)
              .setMaxAliasesForCollections(0)
              .build();
      tree = new Load(settings).loadFromString(yaml);
    } catch (YamlEngineException e) {
      throw new IdlFault(
          name + ": " + Structure.shown(String.valueOf(e.getMessage())) + ": wanted YAML");
    }
    out.begin();
    try {
      put(definitions.structure(name), tree, name, out);
    } catch (CdrFault e) {
      throw new IdlFault(name + ": " + e.getMessage());
    }
  }

  private void put(Structure structure, @Nullable Object tree, String path, CdrWriter out) {
    if (structure.fields().isEmpty()) {
      out.emptyStructure();
    }
    if (tree != null && !(tree instanceof Map<?, ?>)) {
      throw wrong(path, tree, "a mapping of the fields of " + structure.name());
    }
    Map<?, ?> values = tree == null ? Map.of() : (Map<?, ?>) tree;
    Set<Object> known = new HashSet<>();
    for (Structure.Field field : structure.fields()) {
      known.add(field.name());
      FieldType type = field.type();
      String at = path + "." + field.name();
      Object value = values.get(field.name());
      if (type.shape() == Shape.SINGLE) {
        single(type, value == null ? initial(type, field.initial()) : value, at, out);
      } else {
        several(type, value == null ? initials(field) : value, at, out);
      }
    }
    for (Object key : values.keySet()) {
      if (!known.contains(key)) {
        throw wrong(path, key, "one of the fields " + known);
      }
    }
  }

  private static @Nullable Object initial(FieldType type, String text) {
    return switch (type.base()) {
      case NESTED -> null;
      case STRING, WSTRING -> text.isEmpty() ? "" : type.base().value(text);
      case BOOL -> text.isEmpty() ? false : type.base().value(text);
      default -> text.isEmpty() ? (Object) 0 : type.base().value(text);
    };
  }

  private static List<?> initials(Structure.Field field) {
    FieldType type = field.type();
    if (!field.initial().isEmpty()) {
      return Structure.elements(field.initial()).stream().map(type.base()::value).toList();
    }
    if (type.shape() != Shape.ARRAY) {
      return List.of();
    }
    Object one = initial(type, "");
    return java.util.Collections.nCopies(type.count(), one == null ? Map.of() : one);
  }

  private void several(FieldType type, Object value, String at, CdrWriter out) {
    if (!(value instanceof List<?> list)) {
      throw wrong(at, value, "a list");
    }
    if (type.shape() == Shape.ARRAY && list.size() != type.count()) {
      throw wrong(at, list.size() + " elements", type.count() + "");
    }
    if (type.shape() != Shape.ARRAY) {
      out.count(list.size(), type.shape() == Shape.SEQUENCE ? Integer.MAX_VALUE : type.count());
    }
    for (int i = 0; i < list.size(); i++) {
      single(type, list.get(i), at + "[" + i + "]", out);
    }
  }

  private void single(FieldType type, @Nullable Object value, String at, CdrWriter out) {
    switch (type.base()) {
      case NESTED -> put(definitions.structure(type.nested()), value, at, out);
      case BOOL -> {
        if (!(value instanceof Boolean truth)) {
          throw wrong(at, value, "true or false");
        }
        out.bool(truth);
      }
      case STRING ->
          out.string(
              string(value, at), type.stringBound() > 0 ? type.stringBound() : Integer.MAX_VALUE);
      case WSTRING ->
          out.wstring(
              string(value, at), type.stringBound() > 0 ? type.stringBound() : Integer.MAX_VALUE);
      case FLOAT32 -> out.float32((float) number(value, at));
      case FLOAT64 -> out.float64(number(value, at));
      default -> integer(type.base(), value, at, out);
    }
  }

  private static String string(@Nullable Object value, String at) {
    if (value == null || value instanceof Map || value instanceof List) {
      throw wrong(at, value, "text");
    }
    return value.toString();
  }

  private static double number(@Nullable Object value, String at) {
    if (!(value instanceof Number number)) {
      throw wrong(at, value, "a number");
    }
    return number.doubleValue();
  }

  private static void integer(Base base, @Nullable Object value, String at, CdrWriter out) {
    BigInteger number =
        switch (value) {
          case BigInteger big -> big;
          case Integer small -> BigInteger.valueOf(small);
          case Long wide -> BigInteger.valueOf(wide);
          case Double real when real == Math.rint(real) && Math.abs(real) < 1e15 ->
              BigDecimal.valueOf(real).toBigInteger();
          case null, default -> throw wrong(at, value, "a whole number");
        };
    boolean signed = base.word.startsWith("int");
    int bits = 8 * base.bytes;
    BigInteger least = signed ? BigInteger.ONE.shiftLeft(bits - 1).negate() : BigInteger.ZERO;
    BigInteger most = BigInteger.ONE.shiftLeft(signed ? bits - 1 : bits).subtract(BigInteger.ONE);
    if (number.compareTo(least) < 0 || number.compareTo(most) > 0) {
      throw wrong(at, value, least + ".." + most);
    }
    switch (base.bytes) {
      case 1 -> out.octetArray(new byte[] {number.byteValue()});
      case 2 -> out.shortArray(new short[] {number.shortValue()});
      case 4 -> out.int32(number.intValue());
      default -> out.int64(number.longValue());
    }
  }

  private static IdlFault wrong(String path, @Nullable Object found, String wanted) {
    return new IdlFault(
        Structure.shown(path)
            + ": '"
            + Structure.shown(String.valueOf(found))
            + "', wanted "
            + wanted);
  }
}
