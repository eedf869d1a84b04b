package saccade.nodes.node;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingEndEvent;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceEndEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import saccade.nodes.ros.RosFault;

/**
 * A ROS 2 parameter file, and the values of {@code -p name:=value}. Read as rcl_yaml_param_parser
 * reads them: node names (with wildcards), {@code ros__parameters}, nested names joined by dots,
 * types told from the way a plain scalar is written. Set-up only.
 *
 * <pre>{@code
 * /**:                       # any node; also /ns/node, ns: {node: ...}, /ns/*
 *   ros__parameters:
 *     use_sim_time: true
 *     camera: {rate: 10.0}   # camera.rate
 * }</pre>
 *
 * <p>Bounds: {@value #MAX_BYTES} bytes, {@value #MAX_DEPTH} levels, no aliases.
 *
 * @param label name of the file in complaints
 * @param nodes parameters by node name as written, in the order of the file
 */
public record ParameterFile(String label, Map<String, Map<String, ParameterValue>> nodes) {
  /** Longest file that is read. */
  public static final int MAX_BYTES = 1 << 20;

  /** Deepest nesting. */
  public static final int MAX_DEPTH = 32;

  private static final String PARAMETERS = "ros__parameters";
  private static final Pattern INTEGER =
      Pattern.compile("[-+]?(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)");
  private static final Pattern REAL =
      Pattern.compile("[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?");

  public ParameterFile {
    nodes = new LinkedHashMap<>(nodes);
  }

  /**
   * Reads a file.
   *
   * @throws RosFault in one line: what was found, what was wanted, file and place
   */
  public static ParameterFile read(String name) {
    try {
      Path file = Path.of(name);
      if (!Files.isRegularFile(file)) {
        throw new RosFault("parameter file " + name + ": expected a file, found none");
      }
      if (Files.size(file) > MAX_BYTES) {
        throw new RosFault(
            "parameter file %s: expected at most %d bytes, found %d"
                .formatted(name, MAX_BYTES, Files.size(file)));
      }
      return parse(
          name,
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
              .toString());
    } catch (CharacterCodingException e) {
      throw new RosFault("parameter file " + name + ": expected UTF-8 text, found other bytes", e);
    } catch (InvalidPathException | IOException e) {
      throw new RosFault(
          "parameter file " + name + ": expected a readable file, found " + e.getMessage(), e);
    }
  }

  /** As {@link #read}, from text; {@code label} is the name used in complaints. */
  public static ParameterFile parse(String label, String text) {
    Walk walk = new Walk("parameter file " + label, text);
    try {
      walk.file();
    } catch (RuntimeException e) {
      throw walk.fault(e);
    }
    return new ParameterFile(label, walk.nodes);
  }

  /**
   * The value of {@code -p name:=value}.
   *
   * @throws RosFault when it is neither a scalar nor a list of them
   */
  public static ParameterValue value(String name, String text) {
    Walk walk = new Walk("parameter " + name + ":=" + text, text);
    try {
      walk.begin();
      return walk.value(walk.next(), name);
    } catch (RuntimeException e) {
      throw walk.fault(e);
    }
  }

  /**
   * What the file has for a node; later entries of the file win.
   *
   * @param node its full name
   */
  public Map<String, ParameterValue> of(String node) {
    Map<String, ParameterValue> found = new LinkedHashMap<>();
    nodes.forEach(
        (name, parameters) -> {
          if (matches(name, node)) {
            found.putAll(parameters);
          }
        });
    return found;
  }

  /** Whether a node name of a file, {@code *} for one part and {@code **} for any, is this one. */
  static boolean matches(String name, String node) {
    String full = name.startsWith("/") ? name : "/" + name;
    return match(full.substring(1).split("/", -1), 0, node.substring(1).split("/", -1), 0);
  }

  private static boolean match(String[] pattern, int p, String[] parts, int n) {
    if (p == pattern.length) {
      return n == parts.length;
    }
    if (pattern[p].equals("**")) {
      for (int skip = n; skip <= parts.length; skip++) {
        if (match(pattern, p + 1, parts, skip)) {
          return true;
        }
      }
      return false;
    }
    return n < parts.length
        && (pattern[p].equals("*") || pattern[p].equals(parts[n]))
        && match(pattern, p + 1, parts, n + 1);
  }

  /** One pass over the events of a text. */
  private static final class Walk {
    private final String label;
    private final Iterator<Event> events;
    private final Map<String, Map<String, ParameterValue>> nodes = new LinkedHashMap<>();

    Walk(String label, String text) {
      this.label = label;
      LoadSettings settings =
          LoadSettings.builder().setLabel("parameters").setCodePointLimit(MAX_BYTES).build();
      this.events = new Parse(settings).parseString(text).iterator();
    }

    RosFault fault(RuntimeException e) {
      return switch (e) {
        case RosFault already -> already;
        case MarkedYamlEngineException marked ->
            new RosFault(
                label
                    + marked
                        .getProblemMark()
                        .map(m -> " line " + (m.getLine() + 1) + " column " + (m.getColumn() + 1))
                        .orElse("")
                    + ": expected YAML, found: "
                    + oneLine(marked.getProblem()),
                e);
        case YamlEngineException yaml ->
            new RosFault(
                label + ": expected YAML, found: " + oneLine(String.valueOf(yaml.getMessage())), e);
        default -> throw e;
      };
    }

    private RosFault bad(Event at, String wanted, String found) {
      return new RosFault(
          label
              + at.getStartMark().map(m -> " line " + (m.getLine() + 1)).orElse("")
              + ": expected "
              + wanted
              + ", found "
              + oneLine(found));
    }

    Event next() {
      if (!events.hasNext()) {
        throw new RosFault(label + ": expected more, found its end");
      }
      Event event = events.next();
      if (event instanceof AliasEvent) {
        throw bad(event, "no aliases", event.toString());
      }
      return event;
    }

    /** Stream and document start. */
    void begin() {
      next();
      Event document = next();
      if (document.getEventId() != Event.ID.DocumentStart) {
        throw new RosFault(label + ": expected a document, found none");
      }
    }

    void file() {
      begin();
      Event top = next();
      if (!(top instanceof MappingStartEvent)) {
        throw bad(top, "node names at the top", described(top));
      }
      names("", 1);
    }

    /** Within the mapping below a part of a node's name. */
    private void names(String prefix, int depth) {
      for (Event key = next(); !(key instanceof MappingEndEvent); key = next()) {
        String name = key(key);
        if (name.equals(PARAMETERS)) {
          if (prefix.isEmpty()) {
            throw bad(key, "a node's name above " + PARAMETERS, "none");
          }
          Event below = next();
          if (!(below instanceof MappingStartEvent)) {
            throw bad(below, "parameters below " + prefix, described(below));
          }
          String node = prefix.startsWith("/") ? prefix : "/" + prefix;
          parameters(nodes.computeIfAbsent(node, n -> new LinkedHashMap<>()), "", depth + 1);
          continue;
        }
        Event below = next();
        if (!(below instanceof MappingStartEvent)) {
          throw bad(below, PARAMETERS + " or a node's name below " + name, described(below));
        }
        if (depth >= MAX_DEPTH) {
          throw bad(below, "at most " + MAX_DEPTH + " levels", "more");
        }
        String part = name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
        names(
            prefix.isEmpty() ? part : prefix + (part.startsWith("/") ? "" : "/") + part, depth + 1);
      }
    }

    private void parameters(Map<String, ParameterValue> into, String prefix, int depth) {
      for (Event key = next(); !(key instanceof MappingEndEvent); key = next()) {
        String name = prefix.isEmpty() ? key(key) : prefix + "." + key(key);
        Event below = next();
        if (below instanceof MappingStartEvent) {
          if (depth >= MAX_DEPTH) {
            throw bad(below, "at most " + MAX_DEPTH + " levels", "more");
          }
          parameters(into, name, depth + 1);
        } else {
          into.put(name, value(below, name));
        }
      }
    }

    private String key(Event event) {
      if (event instanceof ScalarEvent scalar && !scalar.getValue().isBlank()) {
        return scalar.getValue();
      }
      throw bad(event, "a name", described(event));
    }

    ParameterValue value(Event event, String name) {
      if (event instanceof ScalarEvent scalar) {
        return scalar(scalar);
      }
      if (!(event instanceof SequenceStartEvent)) {
        throw bad(event, "a value or a list of values for " + name, described(event));
      }
      List<Object> elements = new ArrayList<>();
      ParameterValue first = null;
      for (Event each = next(); !(each instanceof SequenceEndEvent); each = next()) {
        if (!(each instanceof ScalarEvent scalar)) {
          throw bad(each, "only scalars in the list " + name, described(each));
        }
        ParameterValue element = scalar(scalar);
        if (first == null) {
          first = element;
        } else if (element.type() != first.type()) {
          throw bad(
              each,
              "elements of one type in the list " + name + " (" + first.type() + ")",
              element.type() + " " + element.value());
        }
        elements.add(element.value());
      }
      if (first == null) {
        // rcl has no type for it either; an array of strings can be told apart from nothing.
        return new ParameterValue(ParameterValue.Type.STRING_ARRAY, elements);
      }
      return new ParameterValue(
          switch (first.type()) {
            case BOOL -> ParameterValue.Type.BOOL_ARRAY;
            case INTEGER -> ParameterValue.Type.INTEGER_ARRAY;
            case DOUBLE -> ParameterValue.Type.DOUBLE_ARRAY;
            default -> ParameterValue.Type.STRING_ARRAY;
          },
          elements);
    }

    private static ParameterValue scalar(ScalarEvent event) {
      String text = event.getValue();
      boolean asWritten =
          event.getScalarStyle() != ScalarStyle.PLAIN
              || event.getTag().map(tag -> tag.endsWith("str")).orElse(false);
      return asWritten ? ParameterValue.of(text) : plain(text);
    }

    private static String described(Event event) {
      return switch (event) {
        case ScalarEvent scalar -> "\"" + scalar.getValue() + "\"";
        case SequenceStartEvent list -> "a list";
        case MappingStartEvent map -> "a mapping";
        default -> event.getEventId().toString();
      };
    }

    private static String oneLine(String text) {
      String line = text.replaceAll("\\s+", " ").strip();
      return line.length() <= 80 ? line : line.substring(0, 77) + "...";
    }
  }

  /** The type of a plain scalar, as rcl tells it. */
  static ParameterValue plain(String text) {
    switch (text) {
      case "Y", "y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON" -> {
        return ParameterValue.of(true);
      }
      case "N", "n", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF" -> {
        return ParameterValue.of(false);
      }
      case ".nan", ".NaN", ".NAN" -> {
        return ParameterValue.of(Double.NaN);
      }
      case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF" -> {
        return ParameterValue.of(Double.POSITIVE_INFINITY);
      }
      case "-.inf", "-.Inf", "-.INF" -> {
        return ParameterValue.of(Double.NEGATIVE_INFINITY);
      }
      default -> {}
    }
    if (text.length() <= 80 && INTEGER.matcher(text).matches()) {
      try {
        return ParameterValue.of(integer(text));
      } catch (NumberFormatException tooLong) {
        // A number that no int64 holds becomes a double below.
      }
    }
    if (text.length() <= 400 && REAL.matcher(text).matches()) {
      return ParameterValue.of(Double.parseDouble(text));
    }
    return ParameterValue.of(text);
  }

  private static long integer(String text) {
    boolean negative = text.startsWith("-");
    String digits = negative || text.startsWith("+") ? text.substring(1) : text;
    int radix = 10;
    if (digits.startsWith("0x") || digits.startsWith("0X")) {
      radix = 16;
      digits = digits.substring(2);
    } else if (digits.length() > 1 && digits.startsWith("0")) {
      radix = 8; // as strtoll reads it
    }
    return Long.parseLong(negative ? "-" + digits : digits, radix);
  }
}
