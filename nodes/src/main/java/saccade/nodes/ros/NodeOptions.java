package saccade.nodes.ros;

import java.util.List;

/**
 * What a node is made with besides its name.
 *
 * @param arguments the command line after {@code --ros-args}; {@link RosArguments#NONE} for none
 * @param events takes mismatches and losses of the node's endpoints
 */
public record NodeOptions(RosArguments arguments, RosEvents events) {

  /** No arguments, nobody told. */
  public static final NodeOptions DEFAULT = new NodeOptions(RosArguments.NONE, RosEvents.NONE);

  /**
   * These options with the ROS arguments of a command line such as {@code --ros-args -r
   * chatter:=/x}.
   */
  public NodeOptions withArguments(List<String> commandLine) {
    return new NodeOptions(RosArguments.parse(commandLine), events);
  }

  /** These options with other events. */
  public NodeOptions withEvents(RosEvents newEvents) {
    return new NodeOptions(arguments, newEvents);
  }
}
