package saccade.nodes.ros;

import java.util.List;

/**
 * A service of the graph.
 *
 * @param name full name
 * @param types ROS type names, more than one when endpoints disagree
 */
public record ServiceInfo(String name, List<String> types) {
  public ServiceInfo {
    types = List.copyOf(types);
  }
}
