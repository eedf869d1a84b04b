package saccade.nodes.graph;

import java.util.List;

/**
 * How a graph is a node of a ROS 2 graph: the {@code ros} part of its file.
 *
 * @param transport what it goes through
 * @param node name of the node
 * @param namespace {@code ""} for the root
 * @param publish what goes out
 * @param lifecycle whether it is a managed node, and who activates it
 * @param settable key expressions of the parameters that peers may set
 * @param transitions key expressions of the transitions that peers may ask for
 */
public record RosSection(
    Transport transport,
    String node,
    String namespace,
    List<Output> publish,
    Lifecycle lifecycle,
    List<String> settable,
    List<String> transitions) {

  /** Ways into a ROS 2 graph. */
  public enum Transport {
    /** The librcl of the sourced distro. */
    RCL,
    /** Zenoh in rmw_zenoh's form, no ROS install. */
    ZENOH
  }

  /** What can be published; the topics are {@code ~/message} and so on. */
  public enum Output {
    /** saccade_msgs/PlannerMessage. */
    MESSAGE,
    /** saccade_msgs/Scene. */
    SCENE,
    /** saccade_msgs/ActionChunk, where there is an action. */
    ACTION,
    /** vision_msgs/Detection3DArray. */
    DETECTIONS,
    /** visualization_msgs/MarkerArray. */
    MARKERS,
    /** saccade_msgs/Health, once a second. */
    HEALTH
  }

  /** Whether the node is a managed one. */
  public enum Lifecycle {
    /** No: it publishes from the start. */
    OFF,
    /** Yes, and it activates itself. */
    AUTOSTART,
    /** Yes, and somebody else activates it. */
    MANUAL
  }

  public RosSection {
    publish = List.copyOf(publish);
    settable = List.copyOf(settable);
    transitions = List.copyOf(transitions);
  }

  static RosSection of(YamlFields fields) {
    RosSection section =
        new RosSection(
            Transport.values()[index(fields, "transport", List.of("rcl", "zenoh"), "rcl")],
            fields.text("node", "perception"),
            fields.text("namespace", ""),
            outputs(fields),
            Lifecycle.values()[
                index(fields, "lifecycle", List.of("off", "autostart", "manual"), "autostart")],
            rules(fields, "parameters"),
            rules(fields, "transitions"));
    fields.end();
    return section;
  }

  private static int index(YamlFields fields, String key, List<String> words, String absent) {
    return words.indexOf(fields.word(key, words, absent));
  }

  private static List<Output> outputs(YamlFields fields) {
    if (!fields.has("publish")) {
      return List.of(Output.values());
    }
    return fields.texts("publish").stream()
        .map(
            text -> {
              for (Output output : Output.values()) {
                if (output.name().equalsIgnoreCase(text)) {
                  return output;
                }
              }
              throw fields.wrong(
                  "publish", "of message, scene, action, detections, markers, health", text);
            })
        .toList();
  }

  private static List<String> rules(YamlFields fields, String key) {
    return fields.has(key) ? fields.texts(key) : List.of("**");
  }
}
