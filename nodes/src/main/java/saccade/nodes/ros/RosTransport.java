package saccade.nodes.ros;

/**
 * One way into a ROS 2 graph; owns the middleware's session and its receive threads. Set-up only.
 * Safe for use by several threads.
 */
public interface RosTransport extends AutoCloseable {

  /** What it is and what it talks through, for people: {@code "rcl jazzy"}, {@code "zenoh"}. */
  String name();

  /**
   * A node of this transport, visible to its peers until it is closed.
   *
   * @param name node name as the program has it; arguments may remap it ({@code __node:=})
   * @param namespace {@code ""} or {@code "/"} for the root, else {@code "/robot1"} or {@code
   *     "robot1"}; may be remapped
   * @throws RosFault when a name breaks the ROS rules, or the middleware refuses
   */
  RosNode createNode(String name, String namespace, NodeOptions options);

  /** Closes its nodes, then the session. A second call does nothing. */
  @Override
  void close();
}
