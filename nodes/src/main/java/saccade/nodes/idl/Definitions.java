package saccade.nodes.idl;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Structures by their full names, and what follows from several together: RIHS01 hashes and what a
 * type reaches. Not for several threads at once.
 */
public final class Definitions {
  /** Deepest nesting that is followed; the deepest of ROS itself is below 10. */
  private static final int MAX_DEPTH = 64;

  private static final String END_OF_BUNDLE = "=".repeat(80);

  private final Map<String, Definition> definitions = new TreeMap<>();
  private final Map<String, Structure> structures = new TreeMap<>();
  private final Function<String, Definition> finder;

  public Definitions() {
    this(
        name -> {
          throw new IdlFault(
              "type " + IdlParser.shown(name) + ": wanted one whose definition is known");
        });
  }

  private Definitions(Function<String, Definition> finder) {
    this.finder = finder;
  }

  /** The definitions that ship with Saccade, read when asked for. */
  public static Definitions shipped() {
    return new Definitions(name -> IdlParser.parse(name, shippedText(name)));
  }

  /**
   * The file of a type that ships with Saccade.
   *
   * @param name of a message, a service or an action
   * @throws IdlFault when there is none
   */
  public static String shippedText(String name) {
    if (IdlParser.isFullName(name)) {
      String kind = name.split("/", -1)[1];
      try (InputStream in =
          Definitions.class.getResourceAsStream("/saccade/msg/ros/" + name + "." + kind)) {
        if (in != null) {
          return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    throw new IdlFault("type " + IdlParser.shown(name) + ": wanted one that ships with Saccade");
  }

  /** Adds every definition file of a tree {@code package/kind/Name.kind}. */
  public Definitions addTree(Path root) throws IOException {
    for (Path file : files(root.toAbsolutePath().normalize())) {
      // .../package/kind/Name.kind
      int names = file.getNameCount();
      String fileName = file.getName(names - 1).toString();
      String name =
          file.getName(names - 3)
              + "/"
              + file.getName(names - 2)
              + "/"
              + fileName.substring(0, fileName.indexOf('.'));
      add(IdlParser.parse(name, Files.readString(file)));
    }
    return this;
  }

  /** Definition files of a tree, sorted. */
  static List<Path> files(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(
              file -> file.toString().matches(".*/(msg|srv|action)/\\w+\\.(msg|srv|action)"))
          .sorted()
          .toList();
    }
  }

  public Definitions add(Definition definition) {
    definitions.put(definition.name(), definition);
    for (Structure structure : definition.structures()) {
      structures.put(structure.name(), structure);
    }
    return this;
  }

  /** Adds one structure alone, as a type description gives it. */
  public Definitions add(Structure structure) {
    structures.put(structure.name(), structure);
    return this;
  }

  /** All added or found so far, by name. */
  public List<Definition> all() {
    return List.copyOf(definitions.values());
  }

  /** Whether the name is known without looking further. */
  boolean has(String name) {
    return structures.containsKey(name);
  }

  /**
   * A structure by its full name, parts of services and actions included.
   *
   * @throws IdlFault when it is unknown
   */
  public Structure structure(String name) {
    Structure known = structures.get(name);
    if (known != null) {
      return known;
    }
    // pkg/srv/X_Request is in the file of pkg/srv/X, as pkg/action/X_SendGoal_Request in that of X.
    String file =
        name.contains("/msg/") || name.indexOf('_', name.lastIndexOf('/') + 1) < 0
            ? name
            : name.substring(0, name.indexOf('_', name.lastIndexOf('/') + 1));
    add(finder.apply(file));
    Structure found = structures.get(name);
    if (found == null) {
      throw new IdlFault(
          "type " + IdlParser.shown(name) + ": wanted one that " + file + " defines");
    }
    return found;
  }

  /**
   * The structure and all it reaches, itself first, the others by name in byte order.
   *
   * @throws IdlFault when one of them is unknown, or contains itself
   */
  public List<Structure> closure(String name) {
    Structure self = structure(name);
    Map<String, Structure> reached = new TreeMap<>();
    reach(self, reached, new HashSet<>(), 0);
    reached.remove(name);
    List<Structure> closure = new ArrayList<>();
    closure.add(self);
    closure.addAll(reached.values());
    return closure;
  }

  private void reach(Structure from, Map<String, Structure> reached, Set<String> above, int depth) {
    if (depth > MAX_DEPTH || !above.add(from.name())) {
      throw new IdlFault(from.name() + " contains itself: wanted messages that end");
    }
    if (reached.put(from.name(), from) == null) {
      for (Structure.Field field : from.fields()) {
        if (field.type().base() == FieldType.Base.NESTED) {
          reach(structure(field.type().nested()), reached, above, depth + 1);
        }
      }
    }
    above.remove(from.name());
  }

  /**
   * The type's hash as ROS 2 computes it since Iron.
   *
   * @return {@code RIHS01_} and 64 lowercase hex digits
   */
  public String typeHash(String name) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(canonical(name).getBytes(StandardCharsets.US_ASCII));
      return "RIHS01_" + HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The text that is hashed: the type description on one line, defaults left out. */
  public String canonical(String name) {
    List<Structure> closure = closure(name);
    StringBuilder json = new StringBuilder("{\"type_description\": ");
    describe(closure.get(0), json);
    json.append(", \"referenced_type_descriptions\": [");
    for (int i = 1; i < closure.size(); i++) {
      describe(closure.get(i), json.append(i > 1 ? ", " : ""));
    }
    return json.append("]}").toString();
  }

  private static void describe(Structure structure, StringBuilder json) {
    json.append("{\"type_name\": \"").append(structure.name()).append("\", \"fields\": [");
    String separator = "";
    for (Structure.Field field : described(structure)) {
      FieldType type = field.type();
      json.append(separator).append("{\"name\": \"").append(field.name());
      json.append("\", \"type\": {\"type_id\": ").append(type.id());
      json.append(", \"capacity\": ").append(type.count());
      json.append(", \"string_capacity\": ").append(type.stringBound());
      json.append(", \"nested_type_name\": \"").append(type.nested()).append("\"}}");
      separator = ", ";
    }
    json.append("]}");
  }

  /**
   * The type and all it reaches as one text, the form of MCAP's and Foxglove's {@code ros2msg}: the
   * type itself, then each other behind a line of 80 equals signs and a line {@code MSG:
   * package/Name}.
   */
  public String bundle(String name) {
    List<Structure> closure = closure(name);
    StringBuilder text = new StringBuilder(closure.get(0).text());
    for (Structure each : closure.subList(1, closure.size())) {
      text.repeat('=', 80).append("\nMSG: ").append(each.packageName()).append('/');
      text.append(each.simpleName()).append('\n').append(each.text());
    }
    return text.toString();
  }

  /**
   * The definitions of a text as {@link #bundle} makes it.
   *
   * @param name full name of its first type, {@code package/msg/Name}
   * @throws IdlFault when it is none, or lacks a type
   */
  public static Definitions ofBundle(String name, String text) {
    if (text.length() > IdlParser.MAX_TEXT) {
      throw new IdlFault(
          name + ": " + text.length() + " characters: wanted at most " + IdlParser.MAX_TEXT);
    }
    Definitions definitions = new Definitions();
    String each = name;
    StringBuilder body = new StringBuilder();
    for (String line : (text + "\n" + END_OF_BUNDLE).split("\r?\n", -1)) {
      if (line.startsWith("MSG: ")) {
        String[] parts = line.substring(5).strip().split("/", -1);
        each = parts[0] + "/msg/" + parts[parts.length - 1];
      } else if (line.length() >= 80 && line.chars().allMatch(c -> c == '=')) {
        definitions.add(IdlParser.parse(each, body.toString()));
        body.setLength(0);
      } else {
        body.append(line).append('\n');
      }
    }
    definitions.closure(name);
    return definitions;
  }

  /** Fields as a type description lists them: an empty structure has one. */
  public static List<Structure.Field> described(Structure structure) {
    return structure.fields().isEmpty()
        ? List.of(
            new Structure.Field(
                "structure_needs_at_least_one_member", FieldType.single(FieldType.Base.UINT8), ""))
        : structure.fields();
  }
}
