package saccade.nodes.idl;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import saccade.nodes.idl.FieldType.Base;
import saccade.nodes.idl.FieldType.Shape;
import saccade.nodes.idl.Structure.Constant;
import saccade.nodes.idl.Structure.Field;

/**
 * Parser of {@code .msg}, {@code .srv} and {@code .action} files by the rules of rosidl: a line is
 * a field ({@code type name [default]}) or a constant ({@code type NAME=value}), {@code #} starts a
 * comment, {@code ---} parts request from response, goal from result from feedback.
 */
public final class IdlParser {
  /** Longest file that is looked at, characters. */
  static final int MAX_TEXT = 1 << 20;

  private static final Pattern PACKAGE = Pattern.compile("[a-z](_?[a-z0-9]){0,254}");
  private static final Pattern FIELD = PACKAGE;
  private static final Pattern MESSAGE = Pattern.compile("[A-Z][A-Za-z0-9]{0,254}");
  private static final Pattern DERIVED =
      Pattern.compile("[A-Z][A-Za-z0-9]{0,254}(_[A-Z][A-Za-z0-9]{0,254}){0,2}");
  private static final Pattern CONSTANT = Pattern.compile("[A-Z](_?[A-Z0-9]){0,254}");
  private static final Pattern TYPE =
      Pattern.compile("([A-Za-z0-9_/]+?)(?:<=(\\d{1,9}))?(\\[(?:(<=)?(\\d{1,9}))?\\])?");
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d{1,40}(\\.\\d{0,40})?|\\.\\d{1,40})([eE][+-]?\\d{1,3})?");

  private final String name;
  private final String packageName;
  private final List<Field> fields = new ArrayList<>();
  private final List<Constant> constants = new ArrayList<>();
  private final Set<String> names = new HashSet<>();
  private String line = "";
  private int lineNumber;

  private IdlParser(String name) {
    this.name = name;
    this.packageName = name.substring(0, name.indexOf('/'));
  }

  /**
   * Parses one file.
   *
   * @param name {@code package/kind/Name}; the kind tells the form
   * @throws IdlFault with the line
   */
  public static Definition parse(String name, String text) {
    String[] parts = name.split("/", -1);
    if (parts.length != 3
        || !PACKAGE.matcher(parts[0]).matches()
        || !MESSAGE.matcher(parts[2]).matches()) {
      throw new IdlFault("name '" + shown(name) + "': wanted package/msg|srv|action/Name");
    }
    if (text.length() > MAX_TEXT) {
      throw new IdlFault(name + ": " + text.length() + " characters: wanted at most " + MAX_TEXT);
    }
    List<List<String>> sections = sections(text);
    return switch (parts[1]) {
      case "msg" -> new Definition.Message(only(name, sections, 1, "").get(0));
      case "srv" -> {
        List<Structure> halves = only(name, sections, 2, "_Request _Response");
        yield Definition.Service.of(name, halves.get(0), halves.get(1));
      }
      case "action" -> {
        List<Structure> thirds = only(name, sections, 3, "_Goal _Result _Feedback");
        yield Definition.Action.of(name, thirds.get(0), thirds.get(1), thirds.get(2));
      }
      default ->
          throw new IdlFault("name '" + shown(name) + "': wanted package/msg|srv|action/Name");
    };
  }

  /**
   * Whether the text is a full name of a message, or of a structure that a service or an action
   * has.
   */
  static boolean isFullName(String name) {
    String[] parts = name.split("/", -1);
    return parts.length == 3
        && PACKAGE.matcher(parts[0]).matches()
        && (parts[1].equals("msg") || parts[1].equals("srv") || parts[1].equals("action"))
        && DERIVED.matcher(parts[2]).matches();
  }

  static void checkNames(String name, List<Field> fields) {
    if (!isFullName(name)) {
      throw new IdlFault("name '" + shown(name) + "': wanted package/msg|srv|action/Name");
    }
    Set<String> names = new HashSet<>();
    for (Field field : fields) {
      String nested = field.type().nested();
      if (!FIELD.matcher(field.name()).matches() || !names.add(field.name())) {
        throw new IdlFault(
            name
                + " field '"
                + shown(field.name())
                + "': wanted lower case, digits, underscores, each name once");
      }
      if (field.type().base() == Base.NESTED && !isFullName(nested)) {
        throw new IdlFault(
            name + " type '" + shown(nested) + "': wanted package/msg|srv|action/Name");
      }
    }
  }

  private static List<Structure> only(
      String name, List<List<String>> sections, int wanted, String suffixes) {
    if (sections.size() != wanted) {
      throw new IdlFault(
          name + ": " + (sections.size() - 1) + " lines of '---': wanted " + (wanted - 1));
    }
    String[] suffix = suffixes.split(" ", -1);
    List<Structure> structures = new ArrayList<>();
    int lines = 0;
    for (int i = 0; i < wanted; i++) {
      structures.add(new IdlParser(name + suffix[i]).structure(sections.get(i), lines));
      lines += sections.get(i).size() + 1;
    }
    return structures;
  }

  private static List<List<String>> sections(String text) {
    List<List<String>> sections = new ArrayList<>();
    List<String> current = new ArrayList<>();
    for (String each : text.split("\r?\n", -1)) {
      if (each.strip().equals("---")) {
        sections.add(current);
        current = new ArrayList<>();
      } else {
        current.add(each);
      }
    }
    sections.add(current);
    return sections;
  }

  private Structure structure(List<String> lines, int linesBefore) {
    lineNumber = linesBefore;
    for (String each : lines) {
      lineNumber++;
      line = withoutComment(each).strip();
      if (!line.isEmpty()) {
        parseLine();
      }
    }
    return new Structure(name, fields, constants);
  }

  private void parseLine() {
    int typeEnd = 0;
    while (typeEnd < line.length() && !Character.isWhitespace(line.charAt(typeEnd))) {
      typeEnd++;
    }
    String rest = line.substring(typeEnd).strip();
    FieldType type = type(line.substring(0, typeEnd));
    int nameEnd = 0;
    while (nameEnd < rest.length()
        && !Character.isWhitespace(rest.charAt(nameEnd))
        && rest.charAt(nameEnd) != '=') {
      nameEnd++;
    }
    String member = rest.substring(0, nameEnd);
    String value = rest.substring(nameEnd).strip();
    if (!names.add(member)) {
      throw fault("'" + shown(member) + "' a second time: wanted each name once");
    }
    if (value.startsWith("=")) {
      constant(type, member, value.substring(1).strip());
    } else {
      field(type, member, value);
    }
  }

  private void field(FieldType type, String member, String initial) {
    if (!FIELD.matcher(member).matches()) {
      throw fault(
          "field name '" + shown(member) + "': wanted lower case, digits, single underscores");
    }
    if (!initial.isEmpty()) {
      if (type.base() == Base.NESTED) {
        throw fault("default '" + shown(initial) + "' of a message: wanted none");
      }
      if (type.shape() == Shape.SINGLE) {
        literal(type, initial);
      } else {
        List<String> elements = elements(initial);
        if (type.shape() == Shape.ARRAY && elements.size() != type.count()
            || type.shape() == Shape.BOUNDED_SEQUENCE && elements.size() > type.count()) {
          throw fault(elements.size() + " defaults: wanted " + type.count());
        }
        elements.forEach(element -> literal(type, element));
      }
    }
    fields.add(new Field(member, type, initial));
  }

  private void constant(FieldType type, String member, String value) {
    if (!CONSTANT.matcher(member).matches()) {
      throw fault(
          "constant '" + shown(member) + "': wanted upper case, digits, single underscores");
    }
    if (type.base() == Base.NESTED || type.shape() != Shape.SINGLE) {
      throw fault("constant of type " + type.text() + ": wanted a primitive or a string");
    }
    literal(type, value);
    constants.add(new Constant(member, type.base(), value));
  }

  private FieldType type(String text) {
    Matcher matcher = TYPE.matcher(text);
    if (text.length() > 300 || !matcher.matches()) {
      throw fault("type '" + shown(text) + "': wanted name, name[], name[n] or name[<=n]");
    }
    String element = matcher.group(1);
    Base base = Base.NESTED;
    for (Base each : Base.values()) {
      if (each.word.equals(element)) {
        base = each;
      }
    }
    int stringBound = 0;
    if (matcher.group(2) != null) {
      if (base != Base.STRING && base != Base.WSTRING) {
        throw fault("bound of '" + shown(element) + "': wanted one for strings only");
      }
      stringBound = positive(matcher.group(2));
    }
    Shape shape = Shape.SINGLE;
    int count = 0;
    if (matcher.group(3) != null) {
      if (matcher.group(5) == null) {
        shape = Shape.SEQUENCE;
      } else {
        shape = matcher.group(4) == null ? Shape.ARRAY : Shape.BOUNDED_SEQUENCE;
        count = positive(matcher.group(5));
      }
    }
    return new FieldType(
        base, base == Base.NESTED ? nested(element) : "", stringBound, shape, count);
  }

  private int positive(String digits) {
    int number = Integer.parseInt(digits);
    if (number < 1) {
      throw fault("bound 0: wanted 1 or more");
    }
    return number;
  }

  /** Full name of a type that a file names short, half or in full. */
  private String nested(String text) {
    String[] parts = text.split("/", -1);
    String full =
        switch (parts.length) {
          case 1 -> packageName + "/msg/" + text;
          case 2 -> parts[0] + "/msg/" + parts[1];
          default -> text;
        };
    if (!isFullName(full)) {
      throw fault("type '" + shown(text) + "': wanted a primitive, Name or package/Name");
    }
    return full;
  }

  /** Everything before the first '#', be it in quotes or not, as rosidl reads it. */
  private static String withoutComment(String text) {
    int comment = text.indexOf('#');
    return comment < 0 ? text : text.substring(0, comment);
  }

  /** Elements of a default {@code [a, "b, c"]}, as written. */
  static List<String> elements(String text) {
    if (!text.startsWith("[") || !text.endsWith("]") || text.length() < 2) {
      throw new IdlFault("default '" + shown(text) + "': wanted [a, b, ...]");
    }
    List<String> elements = new ArrayList<>();
    String inner = text.substring(1, text.length() - 1);
    char quote = 0;
    int from = 0;
    for (int i = 0; i < inner.length(); i++) {
      char c = inner.charAt(i);
      if (quote != 0) {
        if (c == '\\') {
          i++;
        } else if (c == quote) {
          quote = 0;
        }
      } else if (c == ',') {
        elements.add(inner.substring(from, i).strip());
        from = i + 1;
      } else if ((c == '"' || c == '\'') && inner.substring(from, i).isBlank()) {
        quote = c;
      }
    }
    String last = inner.substring(from).strip();
    if (!last.isEmpty() || !elements.isEmpty()) {
      elements.add(last);
    }
    return elements;
  }

  private void literal(FieldType type, String text) {
    try {
      value(type.base(), text);
    } catch (IdlFault fault) {
      throw fault(String.valueOf(fault.getMessage()));
    }
    if (type.stringBound() > 0 && string(text).length() > type.stringBound()) {
      throw fault("string of " + string(text).length() + ": wanted at most " + type.stringBound());
    }
  }

  /**
   * The value of a literal: Boolean, BigInteger within the type's range, Double or String.
   *
   * @throws IdlFault when the text is no such literal
   */
  static Object value(Base base, String text) {
    return switch (base) {
      case BOOL ->
          switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "1" -> true;
            case "false", "0" -> false;
            default -> throw new IdlFault("bool '" + shown(text) + "': wanted true or false");
          };
      case FLOAT32, FLOAT64 -> {
        if (!NUMBER.matcher(text).matches()) {
          throw new IdlFault(base.word + " '" + shown(text) + "': wanted a number");
        }
        yield new BigDecimal(text).doubleValue();
      }
      case STRING, WSTRING -> string(text);
      case NESTED -> throw new IdlFault("literal '" + shown(text) + "' of a message: wanted none");
      default -> integer(base, text);
    };
  }

  private static BigInteger integer(Base base, String text) {
    boolean signed = base.word.startsWith("int");
    int bits = 8 * base.bytes;
    BigInteger least = signed ? BigInteger.ONE.shiftLeft(bits - 1).negate() : BigInteger.ZERO;
    BigInteger most = BigInteger.ONE.shiftLeft(signed ? bits - 1 : bits).subtract(BigInteger.ONE);
    try {
      if (text.length() > 70) {
        throw new NumberFormatException();
      }
      String digits = text.toLowerCase(Locale.ROOT);
      boolean minus = digits.startsWith("-");
      String bare = minus || digits.startsWith("+") ? digits.substring(1) : digits;
      BigInteger value =
          switch (bare.length() > 2 ? bare.substring(0, 2) : "") {
            case "0x" -> new BigInteger(bare.substring(2), 16);
            case "0o" -> new BigInteger(bare.substring(2), 8);
            case "0b" -> new BigInteger(bare.substring(2), 2);
            default -> new BigInteger(bare);
          };
      value = minus ? value.negate() : value;
      if (value.compareTo(least) >= 0 && value.compareTo(most) <= 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Said below, with what was wanted.
    }
    throw new IdlFault(base.word + " '" + shown(text) + "': wanted " + least + ".." + most);
  }

  private static String string(String text) {
    for (char quote : new char[] {'"', '\''}) {
      if (text.length() > 1 && text.charAt(0) == quote && text.charAt(text.length() - 1) == quote) {
        return text.substring(1, text.length() - 1).replace("\\" + quote, "" + quote);
      }
    }
    return text;
  }

  private IdlFault fault(String what) {
    return new IdlFault(name + " line " + lineNumber + ": " + what);
  }

  /** Text of others in one short line. */
  static String shown(String text) {
    String line = text.replaceAll("\\p{Cntrl}|[\\u2028\\u2029]", "?");
    return line.length() <= 60 ? line : line.substring(0, 57) + "...";
  }
}
