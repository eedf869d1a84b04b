package saccade.nodes.ros;

import java.util.List;

/**
 * A topic of the graph.
 *
 * @param name full name
 * @param types ROS type names, more than one when endpoints disagree
 */
public record TopicInfo(String name, List<String> types) {
  public TopicInfo {
    types = List.copyOf(types);
  }
}
