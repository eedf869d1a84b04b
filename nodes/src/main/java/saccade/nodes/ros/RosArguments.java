package saccade.nodes.ros;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The part of a command line between {@code --ros-args} and {@code --} (or its end), read once, for
 * every transport the same. Parameters are kept as written; whoever serves parameters reads their
 * values.
 *
 * @param remaps {@code -r}, {@code --remap}, in order: the first that matches counts
 * @param parameters {@code -p}, {@code --param}, in order
 * @param parameterFiles {@code --params-file}, in order
 * @param logLevels {@code --log-level} as written ({@code debug} or {@code node:=debug})
 * @param enclave {@code -e}, {@code --enclave}; {@code "/"} without it
 * @param rosoutEnabled false after {@code --disable-rosout-logs}
 * @param rest what is no ROS argument, in order
 */
public record RosArguments(
    List<Remap> remaps,
    List<ParameterRule> parameters,
    List<String> parameterFiles,
    List<String> logLevels,
    String enclave,
    boolean rosoutEnabled,
    List<String> rest) {

  /** No arguments. */
  public static final RosArguments NONE = parse(List.of());

  public RosArguments {
    remaps = List.copyOf(remaps);
    parameters = List.copyOf(parameters);
    parameterFiles = List.copyOf(parameterFiles);
    logLevels = List.copyOf(logLevels);
    rest = List.copyOf(rest);
  }

  /** What a remap rule speaks of. */
  public enum Target {
    /** {@code __node} or {@code __name}: the node's name. */
    NODE_NAME,
    /** {@code __ns}: the node's namespace. */
    NAMESPACE,
    /** {@code rostopic://name}. */
    TOPIC,
    /** {@code rosservice://name}. */
    SERVICE,
    /** A plain name: topics and services. */
    TOPIC_OR_SERVICE
  }

  /**
   * One remap rule.
   *
   * @param node the only node it is for, null for all
   * @param match name to replace, un-expanded; empty for node name and namespace
   * @param replacement what takes its place, un-expanded
   */
  public record Remap(@Nullable String node, Target target, String match, String replacement) {}

  /**
   * One parameter.
   *
   * @param node the only node it is for, null for all
   * @param value as written (YAML)
   */
  public record ParameterRule(@Nullable String node, String name, String value) {}

  /**
   * Reads a command line.
   *
   * @throws RosFault naming the argument that is not understood
   */
  public static RosArguments parse(List<String> commandLine) {
    List<Remap> remaps = new ArrayList<>();
    List<ParameterRule> parameters = new ArrayList<>();
    List<String> files = new ArrayList<>();
    List<String> levels = new ArrayList<>();
    List<String> rest = new ArrayList<>();
    String enclave = "/";
    boolean rosout = true;
    boolean ros = false;
    for (int i = 0; i < commandLine.size(); i++) {
      String word = commandLine.get(i);
      if (word.equals("--ros-args")) {
        ros = true;
        continue;
      }
      if (!ros) {
        rest.add(word);
        continue;
      }
      switch (word) {
        case "--" -> ros = false;
        case "-r", "--remap" -> remaps.add(remap(value(commandLine, ++i, word)));
        case "-p", "--param" -> parameters.add(parameter(value(commandLine, ++i, word)));
        case "--params-file" -> files.add(value(commandLine, ++i, word));
        case "--log-level" -> levels.add(value(commandLine, ++i, word));
        case "-e", "--enclave" -> enclave = enclave(value(commandLine, ++i, word));
        case "--enable-rosout-logs" -> rosout = true;
        case "--disable-rosout-logs" -> rosout = false;
        case "--log-config-file", "--log-file-name" -> value(commandLine, ++i, word);
        case "--enable-stdout-logs",
            "--disable-stdout-logs",
            "--enable-external-lib-logs",
            "--disable-external-lib-logs" -> {}
        default -> {
          // ROS 2 itself took a bare rule here until Eloquent and now refuses it.
          throw new RosFault(
              "ROS argument '"
                  + word
                  + "' is not known; wanted -r, -p, --params-file, --log-level or -e after --ros-args");
        }
      }
    }
    return new RosArguments(remaps, parameters, files, levels, enclave, rosout, rest);
  }

  private static String value(List<String> commandLine, int index, String flag) {
    if (index >= commandLine.size()) {
      throw new RosFault("ROS argument '" + flag + "' at the end wants a value behind it");
    }
    return commandLine.get(index);
  }

  private static String enclave(String name) {
    return name.startsWith("/") ? name : "/" + name;
  }

  private static Remap remap(String rule) {
    int assign = rule.indexOf(":=");
    if (assign <= 0 || assign + 2 == rule.length()) {
      throw new RosFault("remap rule '" + rule + "': wanted [node:]from:=to");
    }
    String match = rule.substring(0, assign);
    String replacement = rule.substring(assign + 2);
    String node = null;
    int colon = match.indexOf(':');
    if (colon > 0 && !match.startsWith("://", colon)) {
      node = match.substring(0, colon);
      Names.checkNodeName(node);
      match = match.substring(colon + 1);
    }
    return switch (match) {
      case "__node", "__name" -> {
        Names.checkNodeName(replacement);
        yield new Remap(node, Target.NODE_NAME, "", replacement);
      }
      case "__ns" -> {
        Names.checkNamespace(replacement);
        yield new Remap(node, Target.NAMESPACE, "", replacement);
      }
      default -> {
        Target target = Target.TOPIC_OR_SERVICE;
        if (match.startsWith("rostopic://")) {
          target = Target.TOPIC;
          match = match.substring("rostopic://".length());
        } else if (match.startsWith("rosservice://")) {
          target = Target.SERVICE;
          match = match.substring("rosservice://".length());
        }
        replacement = replacement.replaceFirst("^(rostopic|rosservice)://", "");
        Names.checkUnexpanded("remap rule '" + rule + "'", match);
        Names.checkUnexpanded("remap rule '" + rule + "'", replacement);
        yield new Remap(node, target, match, replacement);
      }
    };
  }

  private static ParameterRule parameter(String rule) {
    int assign = rule.indexOf(":=");
    if (assign <= 0) {
      throw new RosFault("parameter '" + rule + "': wanted [node:]name:=value");
    }
    String name = rule.substring(0, assign);
    String node = null;
    int colon = name.indexOf(':');
    if (colon > 0) {
      node = name.substring(0, colon);
      name = name.substring(colon + 1);
    }
    return new ParameterRule(node, name, rule.substring(assign + 2));
  }
}
