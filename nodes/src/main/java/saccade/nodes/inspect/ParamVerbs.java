package saccade.nodes.inspect;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import saccade.msg.rcl_interfaces.GetParameters;
import saccade.msg.rcl_interfaces.ListParameters;
import saccade.msg.rcl_interfaces.Parameter;
import saccade.msg.rcl_interfaces.ParameterType;
import saccade.msg.rcl_interfaces.ParameterValue;
import saccade.msg.rcl_interfaces.SetParameters;
import saccade.msg.rcl_interfaces.SetParametersResult;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.ros.NodeName;

/** {@code saccade param ...}, over the parameter services that every ROS node offers. */
final class ParamVerbs {
  private static final int MAX_FILE_BYTES = 1 << 20;

  private ParamVerbs() {}

  private static List<String> names(GraphSession session, NodeName node)
      throws InterruptedException {
    return session
        .ask(
            node.fullyQualified() + "/list_parameters",
            ListParameters.TYPE,
            new ListParameters.Request(List.of(), ListParameters.Request.DEPTH_RECURSIVE))
        .result()
        .names()
        .stream()
        .sorted()
        .toList();
  }

  private static List<ParameterValue> values(
      GraphSession session, NodeName node, List<String> names) throws InterruptedException {
    List<ParameterValue> values =
        session
            .ask(
                node.fullyQualified() + "/get_parameters",
                GetParameters.TYPE,
                new GetParameters.Request(names))
            .values();
    // rclcpp answers with nothing at all when one of the names is not declared.
    return values.size() == names.size() ? values : List.of();
  }

  /** A value as texts, numbers and lists; null when it is not set. */
  static @Nullable Object plain(ParameterValue value) {
    List<Object> list = new ArrayList<>();
    switch (value.type()) {
      case ParameterType.PARAMETER_BOOL:
        return value.boolValue();
      case ParameterType.PARAMETER_INTEGER:
        return value.integerValue();
      case ParameterType.PARAMETER_DOUBLE:
        return value.doubleValue();
      case ParameterType.PARAMETER_STRING:
        return value.stringValue();
      case ParameterType.PARAMETER_BYTE_ARRAY:
        for (byte each : value.byteArrayValue()) {
          list.add((long) (each & 0xff));
        }
        return list;
      case ParameterType.PARAMETER_BOOL_ARRAY:
        for (boolean each : value.boolArrayValue()) {
          list.add(each);
        }
        return list;
      case ParameterType.PARAMETER_INTEGER_ARRAY:
        for (long each : value.integerArrayValue()) {
          list.add(each);
        }
        return list;
      case ParameterType.PARAMETER_DOUBLE_ARRAY:
        for (double each : value.doubleArrayValue()) {
          list.add(each);
        }
        return list;
      case ParameterType.PARAMETER_STRING_ARRAY:
        list.addAll(value.stringArrayValue());
        return list;
      default:
        return null;
    }
  }

  /** As {@code ros2 param get} says it. */
  static String said(ParameterValue value) {
    Object plain = plain(value);
    String kind =
        switch (value.type()) {
          case ParameterType.PARAMETER_BOOL -> "Boolean value is: ";
          case ParameterType.PARAMETER_INTEGER -> "Integer value is: ";
          case ParameterType.PARAMETER_DOUBLE -> "Double value is: ";
          case ParameterType.PARAMETER_STRING -> "String value is: ";
          case ParameterType.PARAMETER_BYTE_ARRAY -> "Byte values are: ";
          case ParameterType.PARAMETER_BOOL_ARRAY -> "Boolean values are: ";
          case ParameterType.PARAMETER_INTEGER_ARRAY -> "Integer values are: ";
          case ParameterType.PARAMETER_DOUBLE_ARRAY -> "Double values are: ";
          case ParameterType.PARAMETER_STRING_ARRAY -> "String values are: ";
          default -> "";
        };
    if (plain == null) {
      return "Parameter not set.";
    }
    return kind + (plain instanceof String text ? text : PyText.repr(plain, ""));
  }

  /**
   * The value that a YAML text or tree means.
   *
   * @throws BadInput for what no parameter can be: mappings, mixed lists
   */
  static ParameterValue value(String where, @Nullable Object tree) {
    ParameterValue none = ParameterValue.defaults();
    return switch (tree) {
      case null -> none;
      case Boolean truth -> none.withType(ParameterType.PARAMETER_BOOL).withBoolValue(truth);
      case Integer small ->
          none.withType(ParameterType.PARAMETER_INTEGER).withIntegerValue(small.longValue());
      case Long wide -> none.withType(ParameterType.PARAMETER_INTEGER).withIntegerValue(wide);
      case Double real -> none.withType(ParameterType.PARAMETER_DOUBLE).withDoubleValue(real);
      case String text -> none.withType(ParameterType.PARAMETER_STRING).withStringValue(text);
      case List<?> list -> list(where, list);
      default ->
          throw new BadInput(
              where + ": expected true, a number, a text or a list of one of them, found " + tree);
    };
  }

  private static ParameterValue list(String where, List<?> list) {
    ParameterValue none = ParameterValue.defaults();
    if (list.stream().allMatch(Boolean.class::isInstance) && !list.isEmpty()) {
      boolean[] all = new boolean[list.size()];
      for (int i = 0; i < all.length; i++) {
        all[i] = (Boolean) list.get(i);
      }
      return none.withType(ParameterType.PARAMETER_BOOL_ARRAY).withBoolArrayValue(all);
    }
    if (list.stream().allMatch(e -> e instanceof Integer || e instanceof Long) && !list.isEmpty()) {
      return none.withType(ParameterType.PARAMETER_INTEGER_ARRAY)
          .withIntegerArrayValue(list.stream().mapToLong(e -> ((Number) e).longValue()).toArray());
    }
    if (list.stream().allMatch(Number.class::isInstance) && !list.isEmpty()) {
      return none.withType(ParameterType.PARAMETER_DOUBLE_ARRAY)
          .withDoubleArrayValue(
              list.stream().mapToDouble(e -> ((Number) e).doubleValue()).toArray());
    }
    if (list.stream().allMatch(String.class::isInstance)) {
      return none.withType(ParameterType.PARAMETER_STRING_ARRAY)
          .withStringArrayValue(list.stream().map(String.class::cast).toList());
    }
    throw new BadInput(where + ": expected a list of one kind of value, found " + list);
  }

  private static @Nullable Object yaml(String where, String text) {
    try {
      LoadSettings settings =
          LoadSettings.builder()
              .setAllowDuplicateKeys(false)
              .setMaxAliasesForCollections(0)
              .setCodePointLimit(MAX_FILE_BYTES)
              .build();
      return new Load(settings).loadFromString(text);
    } catch (YamlEngineException e) {
      String problem = String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
      throw new BadInput(where + ": expected YAML, found: " + problem);
    } catch (StackOverflowError e) {
      throw new BadInput(where + ": expected a flat value, found one nested too deeply");
    }
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists the parameters of a node, or of all.")
  static final class ListParams extends GraphVerb {
    @Parameters(arity = "0..1", paramLabel = "NODE", description = "Default: every node.")
    @Nullable String name;

    @Override
    int run(GraphSession session, PrintWriter out) throws InterruptedException {
      String one = name;
      if (one != null) {
        names(session, session.find(one)).forEach(each -> out.println("  " + each));
        return ExitCode.OK;
      }
      for (NodeName node : session.settled().nodes()) {
        if (node.name().startsWith("_")) {
          continue;
        }
        try {
          List<String> names = names(session, node);
          out.println(node.fullyQualified() + ":");
          names.forEach(each -> out.println("  " + each));
        } catch (BadInput silent) {
          err().println(silent.getMessage());
        }
      }
      return ExitCode.OK;
    }
  }

  @Command(name = "get", mixinStandardHelpOptions = true, description = "The value of a parameter.")
  static final class Get extends GraphVerb {
    @Parameters(index = "0", paramLabel = "NODE", description = "Name of the node.")
    String name = "";

    @Parameters(index = "1", paramLabel = "PARAMETER", description = "Name of the parameter.")
    String parameter = "";

    @Option(names = "--hide-type", description = "The value alone.")
    boolean hideType;

    @Override
    int run(GraphSession session, PrintWriter out) throws InterruptedException {
      NodeName node = session.find(name);
      List<ParameterValue> values = values(session, node, List.of(parameter));
      Object plain = values.isEmpty() ? null : plain(values.get(0));
      if (plain == null) {
        throw new BadInput(
            ExitCode.FAILED, node.fullyQualified() + ": parameter " + parameter + " is not set");
      }
      out.println(
          hideType
              ? plain instanceof String text ? text : PyText.repr(plain, "")
              : said(values.get(0)));
      return ExitCode.OK;
    }
  }

  private static List<SetParametersResult> set(
      GraphSession session, NodeName node, List<Parameter> parameters) throws InterruptedException {
    List<SetParametersResult> results =
        session
            .ask(
                node.fullyQualified() + "/set_parameters",
                SetParameters.TYPE,
                new SetParameters.Request(parameters))
            .results();
    if (results.size() != parameters.size()) {
      throw new BadInput(
          ExitCode.FAILED,
          node.fullyQualified()
              + ": "
              + results.size()
              + " results for "
              + parameters.size()
              + " parameters");
    }
    return results;
  }

  @Command(name = "set", mixinStandardHelpOptions = true, description = "Sets a parameter.")
  static final class Set extends GraphVerb {
    @Parameters(index = "0", paramLabel = "NODE", description = "Name of the node.")
    String name = "";

    @Parameters(index = "1", paramLabel = "PARAMETER", description = "Name of the parameter.")
    String parameter = "";

    @Parameters(index = "2", paramLabel = "VALUE", description = "YAML: true, 3, 3.0, text, [1, 2]")
    String value = "";

    @Override
    int run(GraphSession session, PrintWriter out) throws InterruptedException {
      ParameterValue wanted = value("VALUE", yaml("VALUE", value));
      NodeName node = session.find(name);
      SetParametersResult result =
          set(session, node, List.of(new Parameter(parameter, wanted))).get(0);
      if (result.successful()) {
        out.println(
            "Set parameter successful" + (result.reason().isEmpty() ? "" : ": " + result.reason()));
        return ExitCode.OK;
      }
      throw new BadInput(
          ExitCode.FAILED,
          "Setting parameter failed" + (result.reason().isEmpty() ? "" : ": " + result.reason()));
    }
  }

  @Command(
      name = "dump",
      mixinStandardHelpOptions = true,
      description = "All parameters of a node as a parameter file.")
  static final class Dump extends GraphVerb {
    @Parameters(paramLabel = "NODE", description = "Name of the node.")
    String name = "";

    @Override
    int run(GraphSession session, PrintWriter out) throws InterruptedException {
      NodeName node = session.find(name);
      Map<String, Object> tree = new TreeMap<>();
      // One by one, as a node may refuse all for one that is not set.
      for (String parameter : names(session, node)) {
        List<ParameterValue> values = values(session, node, List.of(parameter));
        Object plain = values.isEmpty() ? null : plain(values.get(0));
        if (plain != null) {
          put(tree, parameter, plain);
        }
      }
      out.print(PyText.yaml(Map.of(node.fullyQualified(), Map.of("ros__parameters", tree))));
      return ExitCode.OK;
    }

    /** Dots are levels, as in ros2 param dump; a name that is a value and a level stays flat. */
    private static void put(Map<String, Object> tree, String name, Object value) {
      int dot = name.indexOf('.');
      if (dot > 0) {
        Object below = tree.computeIfAbsent(name.substring(0, dot), key -> new TreeMap<>());
        if (below instanceof Map<?, ?> map) {
          @SuppressWarnings("unchecked") // we made it
          Map<String, Object> level = (Map<String, Object>) map;
          put(level, name.substring(dot + 1), value);
          return;
        }
      }
      tree.put(name, value);
    }
  }

  @Command(
      name = "load",
      mixinStandardHelpOptions = true,
      description = "Sets the parameters that a parameter file has for a node.")
  static final class LoadFile extends GraphVerb {
    @Parameters(index = "0", paramLabel = "NODE", description = "Name of the node.")
    String name = "";

    @Parameters(index = "1", paramLabel = "FILE", description = "Parameter file.")
    Path file = Path.of("");

    @Override
    int run(GraphSession session, PrintWriter out) throws IOException, InterruptedException {
      NodeName node = session.find(name);
      Map<String, Object> wanted = read(file, node);
      List<Parameter> parameters = new ArrayList<>();
      wanted.forEach(
          (key, tree) -> parameters.add(new Parameter(key, value(file + ": " + key, tree))));
      List<SetParametersResult> results = set(session, node, parameters);
      boolean all = true;
      for (int i = 0; i < results.size(); i++) {
        SetParametersResult result = results.get(i);
        String which = parameters.get(i).name();
        String reason = result.reason().isEmpty() ? "" : ": " + result.reason();
        out.println(
            result.successful()
                ? "Set parameter " + which + " successful" + reason
                : "Set parameter " + which + " failed" + reason);
        all &= result.successful();
      }
      return all ? ExitCode.OK : ExitCode.FAILED;
    }

    /** What a file says of a node: its full or bare name, or wildcards; dotted names. */
    static Map<String, Object> read(Path file, NodeName node) throws IOException {
      if (Files.size(file) > MAX_FILE_BYTES) {
        throw new BadInput(file + ": expected at most " + MAX_FILE_BYTES + " bytes");
      }
      Object top = yaml(file.toString(), Files.readString(file));
      if (!(top instanceof Map<?, ?> nodes)) {
        throw new BadInput(file + ": expected a mapping of nodes, found none");
      }
      Map<String, Object> wanted = new LinkedHashMap<>();
      for (Map.Entry<?, ?> each : nodes.entrySet()) {
        String key = String.valueOf(each.getKey());
        boolean ours =
            key.equals(node.fullyQualified())
                || ("/" + key).equals(node.fullyQualified())
                || key.equals("/**")
                || key.equals("/*") && node.namespace().equals("/");
        if (!ours) {
          continue;
        }
        if (!(each.getValue() instanceof Map<?, ?> inner)
            || !(inner.get("ros__parameters") instanceof Map<?, ?> parameters)) {
          throw new BadInput(file + ": " + key + ": expected ros__parameters, found none");
        }
        flatten("", parameters, wanted);
      }
      if (wanted.isEmpty()) {
        throw new BadInput(
            file + ": expected parameters for " + node.fullyQualified() + " (or /**), found none");
      }
      return wanted;
    }

    private static void flatten(String prefix, Map<?, ?> from, Map<String, Object> into) {
      for (Map.Entry<?, ?> each : from.entrySet()) {
        String key = prefix + each.getKey();
        Object value = each.getValue();
        if (value instanceof Map<?, ?> map) {
          flatten(key + ".", map, into);
        } else if (value != null) {
          into.put(key, value);
        }
      }
    }
  }
}
