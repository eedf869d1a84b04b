package saccade.nodes.inspect;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Trees of maps, lists, numbers and texts as Python's tools print them: block YAML as PyYAML dumps
 * it (YAML 1.1 rules for what must be quoted), and {@code repr}. Held against PyYAML in tests.
 */
final class PyText {
  /** Texts that YAML 1.1 would read as something else. */
  private static final Pattern RESOLVED =
      Pattern.compile(
          "~|null|Null|NULL|<<|=|"
              + "yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF|"
              + "[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|"
              + "[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+|"
              + "[-+]?(?:[0-9][0-9_]*)\\.[0-9_]*(?:[eE][-+][0-9]+)?|\\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|"
              + "[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\\.[0-9_]*|[-+]?\\.(?:inf|Inf|INF)|\\.(?:nan|NaN|NAN)|"
              + "[0-9]{4}-[0-9]{2}-[0-9]{2}|"
              + "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \\t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}"
              + "(?:\\.[0-9]*)?(?:[ \\t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?");

  private PyText() {}

  /** {@code yaml.dump(tree, allow_unicode=True, width=sys.maxsize)}; ends with a line break. */
  static String yaml(Map<String, Object> tree) {
    if (tree.isEmpty()) {
      return "{}\n";
    }
    StringBuilder out = new StringBuilder();
    mapping(tree, 0, false, out);
    return out.toString();
  }

  private static void mapping(Map<?, ?> map, int indent, boolean begun, StringBuilder out) {
    boolean first = begun;
    for (Map.Entry<?, ?> each : map.entrySet()) {
      out.append(first ? "" : " ".repeat(indent));
      first = false;
      out.append(scalar(String.valueOf(each.getKey()), indent)).append(':');
      value(each.getValue(), indent, out);
    }
  }

  private static void value(Object value, int indent, StringBuilder out) {
    switch (value) {
      case Map<?, ?> map when !map.isEmpty() -> {
        out.append('\n');
        mapping(map, indent + 2, false, out);
      }
      case Map<?, ?> map -> out.append(" {}\n");
      case List<?> list when !list.isEmpty() -> {
        out.append('\n');
        for (Object item : list) {
          out.append(" ".repeat(indent)).append('-');
          if (item instanceof Map<?, ?> map && !map.isEmpty()) {
            out.append(' ');
            mapping(map, indent + 2, true, out);
          } else {
            value(item, indent, out);
          }
        }
      }
      case List<?> list -> out.append(" []\n");
      default -> out.append(' ').append(scalar(value, indent)).append('\n');
    }
  }

  private static String scalar(Object value, int indent) {
    return switch (value) {
      case Double number -> yamlFloat(number);
      case String text -> text(text, indent + 2);
      default -> value.toString();
    };
  }

  private static String yamlFloat(double value) {
    if (Double.isNaN(value)) {
      return ".nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? ".inf" : "-.inf";
    }
    String repr = pythonFloat(value);
    return repr.indexOf('.') < 0 && repr.indexOf('e') >= 0 ? repr.replace("e", ".0e") : repr;
  }

  /** Python's {@code repr} of a float: shortest digits, an exponent below 1e-4 and from 1e16 on. */
  static String pythonFloat(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    BigDecimal exact = new BigDecimal(Double.toString(Math.abs(value))).stripTrailingZeros();
    // Java shows two digits at least; near the smallest numbers one may do.
    BigDecimal one = new BigDecimal(Math.abs(value)).round(new MathContext(1));
    exact = one.doubleValue() == Math.abs(value) ? one.stripTrailingZeros() : exact;
    String digits = exact.unscaledValue().toString();
    int exponent = digits.length() - exact.scale() - 1;
    String sign = value < 0 ? "-" : "";
    if (exponent < -4 || exponent >= 16) {
      return sign
          + digits.charAt(0)
          + (digits.length() > 1 ? "." + digits.substring(1) : "")
          + "e"
          + (exponent < 0 ? "-" : "+")
          + (Math.abs(exponent) < 10 ? "0" : "")
          + Math.abs(exponent);
    }
    String plain = exact.toPlainString();
    return sign + (plain.indexOf('.') < 0 ? plain + ".0" : plain);
  }

  private static String text(String text, int indent) {
    if (text.isEmpty()) {
      return "''";
    }
    boolean plain = !RESOLVED.matcher(text).matches();
    boolean single = true;
    plain &= !text.startsWith("---") && !text.startsWith("...");
    plain &= text.charAt(0) != ' ' && text.charAt(text.length() - 1) != ' ';
    int before = ' ';
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      int next = i + Character.charCount(c);
      int after = next < text.length() ? text.charAt(next) : ' ';
      boolean spaceAfter = space(after);
      if (isBreak(c)) {
        plain = false;
        // A space beside a break would be lost in folding.
        single &= before != ' ' || i == 0;
        single &= after != ' ' || next == text.length();
      } else if (!printable(c)) {
        plain = false;
        single = false;
      }
      if (i == 0) {
        plain &= "#,[]{}&*!|>'\"%@`".indexOf(c) < 0;
        plain &= !((c == '?' || c == ':' || c == '-') && spaceAfter);
      } else {
        plain &= !(c == ':' && spaceAfter);
        plain &= !(c == '#' && space(before));
      }
      before = c;
      i = next;
    }
    return plain ? text : single ? quoted(text, indent) : escaped(text);
  }

  /** What YAML 1.1 takes for the end of a line. */
  private static boolean isBreak(int c) {
    return c == '\n' || c == 0x85 || c == 0x2028 || c == 0x2029;
  }

  private static boolean space(int c) {
    return c == ' ' || c == '\t' || c == '\r' || c == 0 || isBreak(c);
  }

  private static boolean printable(int c) {
    return c >= 0x20 && c <= 0x7e
        || c == 0x85
        || c >= 0xa0 && c <= 0xd7ff
        || c >= 0xe000 && c <= 0xfffd && c != 0xfeff
        || c >= 0x10000;
  }

  private static String quoted(String text, int indent) {
    StringBuilder out = new StringBuilder("'");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isBreak(c)) {
        // A single line feed would be read as a space: one more, then the rest indented.
        out.append(c == '\n' ? "\n" : "");
        for (; i < text.length() && isBreak(text.charAt(i)); i++) {
          out.append(text.charAt(i));
        }
        i--;
        out.append(" ".repeat(indent));
      } else {
        out.append(c == '\'' ? "''" : String.valueOf(c));
      }
    }
    return out.append('\'').toString();
  }

  private static String escaped(String text) {
    StringBuilder out = new StringBuilder("\"");
    text.codePoints()
        .forEach(
            c -> {
              String escape =
                  switch (c) {
                    case 0 -> "0";
                    case 7 -> "a";
                    case 8 -> "b";
                    case 9 -> "t";
                    case 10 -> "n";
                    case 11 -> "v";
                    case 12 -> "f";
                    case 13 -> "r";
                    case 27 -> "e";
                    case '"' -> "\"";
                    case '\\' -> "\\";
                    case 0x85 -> "N";
                    case 0xa0 -> "_";
                    case 0x2028 -> "L";
                    case 0x2029 -> "P";
                    default -> "";
                  };
              boolean shown =
                  c >= 0x20 && c <= 0x7e
                      || c >= 0xa0 && c <= 0xd7ff
                      || c >= 0xe000 && c <= 0xfffd && c != 0xfeff;
              if (!escape.isEmpty() && !(c > 0x85 && shown)) {
                out.append('\\').append(escape);
              } else if (shown) {
                out.appendCodePoint(c);
              } else if (c <= 0xff) {
                out.append("\\x%02X".formatted(c));
              } else if (c <= 0xffff) {
                out.append("\\u%04X".formatted(c));
              } else {
                out.append("\\U%08X".formatted(c));
              }
            });
    return out.append('"').toString();
  }

  /** A message as Python shows it: {@code std_srvs.srv.SetBool_Response(success=True)}. */
  static String repr(Object value, String type) {
    return switch (value) {
      case Map<?, ?> map -> {
        StringBuilder out = new StringBuilder(type.replace('/', '.')).append('(');
        String comma = "";
        for (Map.Entry<?, ?> each : map.entrySet()) {
          out.append(comma).append(each.getKey()).append('=').append(repr(each.getValue(), ""));
          comma = ", ";
        }
        yield out.append(')').toString();
      }
      case List<?> list -> {
        StringBuilder out = new StringBuilder("[");
        for (int i = 0; i < list.size(); i++) {
          out.append(i == 0 ? "" : ", ").append(repr(list.get(i), ""));
        }
        yield out.append(']').toString();
      }
      case Boolean truth -> truth ? "True" : "False";
      case Double number -> pythonFloat(number);
      case String text ->
          "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'";
      default -> value.toString();
    };
  }
}
