package saccade.nodes.idl;

import static saccade.nodes.idl.JavaNames.component;
import static saccade.nodes.idl.JavaNames.family;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import saccade.nodes.idl.FieldType.Base;
import saccade.nodes.idl.FieldType.Shape;
import saccade.nodes.idl.Structure.Constant;
import saccade.nodes.idl.Structure.Field;

/**
 * Java source of one definition: a record a structure, with its codec. Names of java.lang are
 * written in full, because messages are called String, Byte and the like.
 */
final class JavaSource {
  private static final String CDR = "saccade.nodes.cdr.";
  private static final String NO_BOUND = "java.lang.Integer.MAX_VALUE";

  private final Definitions definitions;
  private final JavaNames names;
  private final WireSize sizes;
  private final StringBuilder out = new StringBuilder();
  private int depth;

  private JavaSource(Definitions definitions) {
    this.definitions = definitions;
    this.names = new JavaNames(definitions);
    this.sizes = new WireSize(definitions);
  }

  /** A whole file. */
  static String of(Definition definition, Definitions definitions) {
    JavaSource source = new JavaSource(definitions);
    String javaClass = source.names.javaClass(definition.name());
    source.line("// Generated from " + definition.name() + "; edit that file instead.");
    source.line("package " + javaClass.substring(0, javaClass.lastIndexOf('.')) + ";");
    source.line("");
    switch (definition) {
      case Definition.Message(Structure structure) -> source.structure(structure, "public record");
      case Definition.Service service -> source.service(service, "public final class");
      case Definition.Action action -> source.action(action);
    }
    return source.out.toString();
  }

  private void action(Definition.Action action) {
    String simple = simple(action.name());
    line("/** The action {@code " + action.name() + "}. */");
    open("public final class " + simple);
    line("/** The action's name. */");
    line("public static final java.lang.String ROS_NAME = \"" + action.name() + "\";");
    line("");
    line("private " + simple + "() {}");
    structure(action.goal(), "public record");
    structure(action.result(), "public record");
    structure(action.feedback(), "public record");
    service(action.sendGoal(), "public static final class");
    service(action.getResult(), "public static final class");
    structure(action.feedbackMessage(), "public record");
    close();
  }

  private void service(Definition.Service service, String form) {
    String simple = simple(service.name());
    String request = names.javaClass(service.request().name());
    String response = names.javaClass(service.response().name());
    String type = CDR + "ServiceType<" + request + ", " + response + ">";
    line("");
    line("/** The service {@code " + service.name() + "}. */");
    open(form + " " + simple);
    line("/** What the wire knows the service by. */");
    line("public static final " + type + " TYPE = new Wire();");
    line("");
    line("private " + simple + "() {}");
    structure(service.request(), "public record");
    structure(service.response(), "public record");
    structure(service.event(), "public record");
    line("");
    open("private static final class Wire implements " + type);
    names(service.self());
    method(CDR + "MessageType<" + request + "> request()", "return " + request + ".TYPE;");
    method(CDR + "MessageType<" + response + "> response()", "return " + response + ".TYPE;");
    close();
    close();
  }

  private void names(Structure structure) {
    method("java.lang.String rosName()", "return \"" + structure.name() + "\";");
    method("java.lang.String ddsName()", "return \"" + structure.ddsName() + "\";");
    method(
        "java.lang.String typeHash()",
        "return \"" + definitions.typeHash(structure.name()) + "\";");
  }

  private void structure(Structure structure, String form) {
    String self = names.javaClass(structure.name());
    List<Field> fields = structure.fields();
    checkNames(structure);
    line("");
    line("/**");
    line(" * {@code " + structure.name() + "}.");
    line(fields.isEmpty() ? " */" : " *");
    for (Field field : fields) {
      line(" * @param " + component(field.name()) + " " + doc(field));
    }
    if (!fields.isEmpty()) {
      line(" */");
    }
    String components =
        fields.stream()
            .map(field -> names.type(field.type()) + " " + component(field.name()))
            .collect(Collectors.joining(", "));
    open(form + " " + simple(structure.name()) + "(" + components + ")");
    line("/** What the wire knows the message by, and its codec. */");
    line("public static final " + CDR + "MessageType<" + self + "> TYPE = new Wire();");
    structure.constants().forEach(this::constant);
    compactConstructor(structure);
    defaults(structure, self);
    codec(structure, self);
    if (fields.size() > 1) {
      fields.forEach(field -> wither(structure, field, self));
    }
    if (fields.stream().anyMatch(JavaSource::isArray)) {
      equality(structure, self);
    }
    wire(structure, self);
    close();
  }

  private void checkNames(Structure structure) {
    Set<String> taken = new HashSet<>();
    for (Field field : structure.fields()) {
      if (!taken.add(component(field.name()))) {
        throw new IdlFault(
            structure.name()
                + ": field '"
                + field.name()
                + "': wanted a name that differs in Java, too");
      }
    }
  }

  private static String doc(Field field) {
    String doc = "{@code " + field.type().text() + "}";
    boolean bits =
        switch (field.type().base()) {
          case UINT32, UINT64 -> true;
          case UINT8, BYTE, CHAR, UINT16 -> field.type().shape() != Shape.SINGLE;
          default -> false;
        };
    return doc
        + (bits ? ", unsigned: the bits" : "")
        + (field.initial().isEmpty() ? "" : ", {@code " + field.initial() + "} by default");
  }

  private void constant(Constant constant) {
    line("");
    line("/** {@code " + constant.base().word + "}. */");
    line(
        "public static final "
            + JavaNames.scalar(constant.base())
            + " "
            + JavaNames.constant(constant.name())
            + " = "
            + JavaNames.literal(constant.base(), constant.value())
            + ";");
  }

  private void compactConstructor(Structure structure) {
    List<Field> checked =
        structure.fields().stream()
            .filter(field -> field.type().shape() != Shape.SINGLE)
            .filter(
                field -> !field.type().base().primitive() || field.type().shape() == Shape.ARRAY)
            .toList();
    if (checked.isEmpty()) {
      return;
    }
    line("");
    open("public " + simple(structure.name()));
    for (Field field : checked) {
      String name = component(field.name());
      boolean list = !field.type().base().primitive();
      if (list) {
        line(name + " = java.util.List.copyOf(" + name + ");");
      }
      if (field.type().shape() == Shape.ARRAY) {
        line(
            CDR
                + "CdrFault.unlessLength(\""
                + field.name()
                + "\", "
                + name
                + (list ? ".size()" : ".length")
                + ", "
                + field.type().count()
                + ");");
      }
    }
    close();
  }

  private void defaults(Structure structure, String self) {
    line("");
    line("/** Every field at its default. */");
    open("public static " + self + " defaults()");
    line(
        "return new "
            + self
            + "("
            + structure.fields().stream().map(this::initial).collect(Collectors.joining(", "))
            + ");");
    close();
  }

  private String initial(Field field) {
    FieldType type = field.type();
    Base base = type.base();
    if (type.shape() == Shape.SINGLE) {
      return single(type, field.initial());
    }
    List<String> elements =
        field.initial().isEmpty() ? List.of() : IdlParser.elements(field.initial());
    if (base.primitive()) {
      String array = "new " + JavaNames.arrayElement(base);
      if (elements.isEmpty()) {
        return array + "[" + (type.shape() == Shape.ARRAY ? type.count() : 0) + "]";
      }
      return elements.stream()
          .map(element -> JavaNames.arrayLiteral(base, element))
          .collect(Collectors.joining(", ", array + "[] {", "}"));
    }
    if (elements.isEmpty() && type.shape() == Shape.ARRAY) {
      return "java.util.Collections.nCopies(" + type.count() + ", " + single(type, "") + ")";
    }
    return elements.stream()
        .map(element -> JavaNames.literal(base, element))
        .collect(Collectors.joining(", ", "java.util.List.of(", ")"));
  }

  private String single(FieldType type, String initial) {
    if (!initial.isEmpty()) {
      return JavaNames.literal(type.base(), initial);
    }
    return switch (type.base()) {
      case NESTED -> names.javaClass(type.nested()) + ".defaults()";
      case STRING, WSTRING -> "\"\"";
      case BOOL -> "false";
      default -> JavaNames.literal(type.base(), "0");
    };
  }

  private void codec(Structure structure, String self) {
    boolean empty = structure.fields().isEmpty();
    line("");
    line("/** Reads the fields at the reader's position. */");
    open("public static " + self + " read(" + CDR + "CdrReader in)");
    if (empty) {
      line("in.emptyStructure();");
    }
    for (Field field : structure.fields()) {
      line("var " + component(field.name()) + "_ = " + read(field.type()) + ";");
    }
    line(
        "return new "
            + self
            + "("
            + structure.fields().stream()
                .map(field -> component(field.name()) + "_")
                .collect(Collectors.joining(", "))
            + ");");
    close();
    line("");
    line("/** Writes the fields at the writer's position. */");
    open("public void write(" + CDR + "CdrWriter out)");
    if (empty) {
      line("out.emptyStructure();");
    }
    for (Field field : structure.fields()) {
      line(write(field.type(), component(field.name())) + ";");
    }
    close();
  }

  private String read(FieldType type) {
    Base base = type.base();
    String bound = bound(type);
    if (type.shape() == Shape.SINGLE) {
      return switch (base) {
        case NESTED -> names.javaClass(type.nested()) + ".read(in)";
        case STRING, WSTRING -> "in." + base.word + "(" + stringBound(type) + ")";
        default -> "in." + JavaNames.method(base) + "()";
      };
    }
    if (base.primitive()) {
      return type.shape() == Shape.ARRAY
          ? "in." + family(base) + "Array(" + type.count() + ")"
          : "in." + family(base) + "s(" + bound + ")";
    }
    String element =
        base == Base.NESTED
            ? names.javaClass(type.nested()) + "::read"
            : "each -> each." + base.word + "(" + stringBound(type) + ")";
    return type.shape() == Shape.ARRAY
        ? "in.listArray(" + sizes.fewest(type) + ", " + type.count() + ", " + element + ")"
        : "in.list(" + sizes.fewest(type) + ", " + bound + ", " + element + ")";
  }

  private String write(FieldType type, String value) {
    Base base = type.base();
    if (type.shape() == Shape.SINGLE) {
      return switch (base) {
        case NESTED -> value + ".write(out)";
        case STRING, WSTRING -> "out." + base.word + "(" + value + ", " + stringBound(type) + ")";
        default -> "out." + JavaNames.method(base) + "(" + value + ")";
      };
    }
    if (base.primitive()) {
      return type.shape() == Shape.ARRAY
          ? "out." + family(base) + "Array(" + value + ")"
          : "out." + family(base) + "s(" + value + ", " + bound(type) + ")";
    }
    String element =
        base == Base.NESTED
            ? names.javaClass(type.nested()) + "::write"
            : "(each, to) -> to." + base.word + "(each, " + stringBound(type) + ")";
    return type.shape() == Shape.ARRAY
        ? "out.listArray(" + value + ", " + element + ")"
        : "out.list(" + value + ", " + bound(type) + ", " + element + ")";
  }

  private static String bound(FieldType type) {
    return type.shape() == Shape.BOUNDED_SEQUENCE ? Integer.toString(type.count()) : NO_BOUND;
  }

  private static String stringBound(FieldType type) {
    return type.stringBound() > 0 ? Integer.toString(type.stringBound()) : NO_BOUND;
  }

  private void wither(Structure structure, Field changed, String self) {
    String name = component(changed.name());
    String upper = Character.toUpperCase(name.charAt(0)) + name.substring(1);
    line("");
    line("/** The same message with another {@code " + changed.name() + "}. */");
    open("public " + self + " with" + upper + "(" + names.type(changed.type()) + " " + name + ")");
    line(
        "return new "
            + self
            + "("
            + structure.fields().stream()
                .map(field -> component(field.name()))
                .collect(Collectors.joining(", "))
            + ");");
    close();
  }

  private static boolean isArray(Field field) {
    return field.type().shape() != Shape.SINGLE && field.type().base().primitive();
  }

  private void equality(Structure structure, String self) {
    line("");
    line("@java.lang.Override");
    open("public boolean equals(java.lang.@org.jspecify.annotations.Nullable Object other)");
    line("return other instanceof " + self + " that");
    for (Field field : structure.fields()) {
      String name = component(field.name());
      String test =
          isArray(field)
              ? "java.util.Arrays.equals(" + name + ", that." + name + ")"
              : switch (field.type().base()) {
                case FLOAT32 -> "java.lang.Float.compare(" + name + ", that." + name + ") == 0";
                case FLOAT64 -> "java.lang.Double.compare(" + name + ", that." + name + ") == 0";
                default ->
                    field.type().base().primitive()
                        ? name + " == that." + name
                        : name + ".equals(that." + name + ")";
              };
      line("    && " + test);
    }
    line("    ;");
    close();
    line("");
    line("@java.lang.Override");
    open("public int hashCode()");
    line("int hash = 1;");
    for (Field field : structure.fields()) {
      String name = component(field.name());
      String value =
          isArray(field)
              ? "java.util.Arrays.hashCode(" + name + ")"
              : "java.util.Objects.hashCode(" + name + ")";
      line("hash = 31 * hash + " + value + ";");
    }
    line("return hash;");
    close();
  }

  private void wire(Structure structure, String self) {
    line("");
    open("private static final class Wire implements " + CDR + "MessageType<" + self + ">");
    names(structure);
    method("java.lang.Class<" + self + "> javaClass()", "return " + self + ".class;");
    method(self + " defaults()", "return " + self + ".defaults();");
    method("void write(" + self + " message, " + CDR + "CdrWriter out)", "message.write(out);");
    method(self + " read(" + CDR + "CdrReader in)", "return " + self + ".read(in);");
    method("int maxSerializedSize()", "return " + sizes.most(structure) + ";");
    close();
  }

  private void method(String head, String body) {
    line("");
    line("@java.lang.Override");
    open("public " + head);
    line(body);
    close();
  }

  private String simple(String name) {
    String javaClass = names.javaClass(name);
    return javaClass.substring(javaClass.lastIndexOf('.') + 1);
  }

  private void open(String head) {
    line(head + " {");
    depth++;
  }

  private void close() {
    depth--;
    line("}");
  }

  private void line(String text) {
    if (!text.isEmpty()) {
      out.repeat(' ', 2 * depth).append(text);
    }
    out.append('\n');
  }
}
