package saccade.nodes.ros;

/**
 * Takes what goes wrong between endpoints. None of it is fatal: the endpoint goes on with the peers
 * it has. Called on a transport's receive thread, must be short. Counts are totals of that endpoint
 * since it was made.
 */
public interface RosEvents {

  /** Takes nothing. */
  RosEvents NONE = new RosEvents() {};

  /**
   * A peer's quality of service does not fit this endpoint's, so that nothing passes between them.
   *
   * @param topic full name
   * @param kind what our endpoint is
   * @param policy the policy that does not fit, as ROS names it ({@code "RELIABILITY"}), or {@code
   *     "UNKNOWN"}
   * @param total how many peers did not fit so far
   */
  default void incompatibleQos(String topic, EndpointInfo.Kind kind, String policy, long total) {}

  /**
   * A peer, or this machine's own type library, has another type under this name.
   *
   * @param topic full name
   * @param kind what our endpoint is
   * @param found the type and hash found, as far as known
   * @param wanted the type and hash of our endpoint
   * @param total how many so far
   */
  default void incompatibleType(
      String topic, EndpointInfo.Kind kind, String found, String wanted, long total) {}

  /**
   * Messages (or requests) that did not reach the listener.
   *
   * @param name full name of topic or service
   * @param reason one line
   * @param count how many this time
   * @param total how many so far
   */
  default void lost(String name, String reason, long count, long total) {}

  /**
   * A publisher did not send, or a subscription did not get, a message within the deadline of its
   * profile.
   *
   * @param total how many so far
   */
  default void deadlineMissed(String topic, EndpointInfo.Kind kind, long total) {}

  /**
   * Publishers of a subscription's topic came alive or fell silent (or, for a publisher, its own
   * liveliness was lost).
   *
   * @param alive publishers alive now; 0 for a publisher that lost its own
   * @param total changes so far
   */
  default void livelinessChanged(String topic, EndpointInfo.Kind kind, int alive, long total) {}

  /**
   * Peers began or ceased to match an endpoint.
   *
   * @param matched how many match now
   */
  default void matched(String topic, EndpointInfo.Kind kind, int matched) {}
}
