package saccade.nodes.ros;

import java.util.List;

/**
 * A node's names: its own after remapping, and how those of topics and services become full names.
 * The rules are those of rcl and rmw (topic_and_service_names design article; rcl {@code
 * expand_topic_name.c}, {@code remap.c}, {@code validate_topic_name.c}; rmw {@code
 * validate_*_name.c}). Immutable. Set-up only.
 */
public final class Names {

  /** Longest full topic or service name: DDS's 255 less the prefix a topic gets there. */
  public static final int MAX_TOPIC_LENGTH = 247;

  /** Longest namespace. */
  public static final int MAX_NAMESPACE_LENGTH = 245;

  /** Longest node name. */
  public static final int MAX_NODE_NAME_LENGTH = 255;

  private final String node;
  private final String namespace;
  private final List<RosArguments.Remap> remaps;

  private Names(String node, String namespace, List<RosArguments.Remap> remaps) {
    this.node = node;
    this.namespace = namespace;
    this.remaps = remaps;
  }

  /**
   * The names of a node.
   *
   * @param nodeName as the program has it
   * @param namespace {@code ""}, {@code "/"}, {@code "robot1"} or {@code "/robot1"}
   * @param arguments rules to apply
   * @throws RosFault when a name is not valid
   */
  public static Names of(String nodeName, String namespace, RosArguments arguments) {
    List<RosArguments.Remap> remaps = arguments.remaps();
    // The node's name first: rules for the namespace that name a node mean the remapped one, as in
    // rcl.
    String node = firstRemap(remaps, RosArguments.Target.NODE_NAME, nodeName, nodeName);
    String space = namespace.startsWith("/") ? namespace : "/" + namespace;
    space = firstRemap(remaps, RosArguments.Target.NAMESPACE, node, space);
    checkNodeName(node);
    checkNamespace(space);
    return new Names(node, space, remaps);
  }

  private static String firstRemap(
      List<RosArguments.Remap> remaps,
      RosArguments.Target target,
      String nodeName,
      String otherwise) {
    for (RosArguments.Remap rule : remaps) {
      if (rule.target() == target && (rule.node() == null || rule.node().equals(nodeName))) {
        return rule.replacement();
      }
    }
    return otherwise;
  }

  /** The node's name after remapping. */
  public String node() {
    return node;
  }

  /** The node's namespace after remapping, with its leading slash. */
  public String namespace() {
    return namespace;
  }

  /** Namespace and name. */
  public String fullyQualifiedNode() {
    return join(namespace, node);
  }

  /**
   * The full, remapped name of a topic.
   *
   * @throws RosFault when it is not valid
   */
  public String topic(String name) {
    return resolve(name, "topic", RosArguments.Target.TOPIC);
  }

  /**
   * The full, remapped name of a service.
   *
   * @throws RosFault when it is not valid
   */
  public String service(String name) {
    return resolve(name, "service", RosArguments.Target.SERVICE);
  }

  private String resolve(String name, String what, RosArguments.Target kind) {
    checkUnexpanded(what, name);
    String full = expand(name);
    for (RosArguments.Remap rule : remaps) {
      boolean applies =
          (rule.target() == kind || rule.target() == RosArguments.Target.TOPIC_OR_SERVICE)
              && (rule.node() == null || rule.node().equals(node));
      if (applies && expand(rule.match()).equals(full)) {
        full = expand(rule.replacement());
        break;
      }
    }
    checkFull(what, full);
    return full;
  }

  /**
   * {@code name} with {@code ~} and {@code {node}}, {@code {ns}}, {@code {namespace}} put in, and
   * made absolute.
   */
  String expand(String name) {
    String expanded =
        name.replace("{node}", node)
            .replace("{namespace}", namespace)
            .replace("{ns}", namespace)
            // A root namespace before a slash gives two of them.
            .replace("//", "/");
    if (expanded.equals("~") || expanded.startsWith("~/")) {
      return fullyQualifiedNode() + expanded.substring(1);
    }
    return expanded.startsWith("/") ? expanded : join(namespace, expanded);
  }

  private static String join(String namespace, String name) {
    return namespace.endsWith("/") ? namespace + name : namespace + "/" + name;
  }

  /**
   * Checks a name before expansion.
   *
   * @param what what it names, for the message
   * @throws RosFault when it can never become valid
   */
  static void checkUnexpanded(String what, String name) {
    if (name.isEmpty()) {
      throw new RosFault(
          what + " name is empty; wanted for example chatter, /chatter or ~/chatter");
    }
    if (name.startsWith("~") && name.length() > 1 && name.charAt(1) != '/') {
      throw bad(what, name, "~ must stand alone or before a slash");
    }
    StringBuilder plain = new StringBuilder(name.length());
    for (int i = 0; i < name.length(); ) {
      char c = name.charAt(i);
      if (c == '~' && i > 0) {
        throw bad(what, name, "~ may only come first");
      }
      if (c == '{') {
        int end = name.indexOf('}', i);
        String word = end < 0 ? name.substring(i) : name.substring(i, end + 1);
        if (!word.equals("{node}") && !word.equals("{ns}") && !word.equals("{namespace}")) {
          throw bad(what, name, "'" + word + "' is none of {node}, {ns}, {namespace}");
        }
        plain.append('x');
        i = end + 1;
      } else {
        plain.append(c == '~' ? 'x' : c);
        i++;
      }
    }
    checkTokens(what, name, plain);
  }

  /**
   * Checks a full topic or service name.
   *
   * @throws RosFault when it breaks a rule
   */
  public static void checkFull(String what, String name) {
    if (!name.startsWith("/")) {
      throw bad(what, name, "a full name begins with a slash");
    }
    checkTokens(what, name, name);
    if (name.length() > MAX_TOPIC_LENGTH) {
      throw bad(what, name, name.length() + " characters, at most " + MAX_TOPIC_LENGTH);
    }
  }

  /**
   * Checks a node's name.
   *
   * @throws RosFault when it breaks a rule
   */
  public static void checkNodeName(String name) {
    if (name.isEmpty()) {
      throw new RosFault("node name is empty; wanted letters, digits and underscores");
    }
    if (name.indexOf('/') >= 0) {
      throw bad("node", name, "no slash in it; the namespace is given apart");
    }
    checkTokens("node", name, name);
    if (name.length() > MAX_NODE_NAME_LENGTH) {
      throw bad("node", name, name.length() + " characters, at most " + MAX_NODE_NAME_LENGTH);
    }
  }

  /**
   * Checks a namespace.
   *
   * @throws RosFault when it breaks a rule
   */
  public static void checkNamespace(String namespace) {
    if (namespace.equals("/")) {
      return;
    }
    if (!namespace.startsWith("/")) {
      throw bad("namespace", namespace, "it begins with a slash");
    }
    checkTokens("namespace", namespace, namespace);
    if (namespace.length() > MAX_NAMESPACE_LENGTH) {
      throw bad(
          "namespace",
          namespace,
          namespace.length() + " characters, at most " + MAX_NAMESPACE_LENGTH);
    }
  }

  private static void checkTokens(String what, String shown, CharSequence name) {
    int length = name.length();
    for (int i = 0; i < length; i++) {
      char c = name.charAt(i);
      boolean starts = i == 0 || name.charAt(i - 1) == '/';
      if (c == '/') {
        if (i == length - 1) {
          throw bad(what, shown, "no slash at its end");
        }
        if (starts && i > 0) {
          throw bad(what, shown, "no two slashes in a row");
        }
      } else if (c >= '0' && c <= '9') {
        if (starts) {
          throw bad(what, shown, "no part of it begins with a digit");
        }
      } else if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && c != '_') {
        throw bad(what, shown, "letters, digits, underscores and slashes only, found '" + c + "'");
      }
    }
  }

  private static RosFault bad(String what, String name, String wanted) {
    return new RosFault(what + " name '" + name + "' is not valid: " + wanted);
  }
}
