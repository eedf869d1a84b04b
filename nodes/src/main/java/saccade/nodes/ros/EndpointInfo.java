package saccade.nodes.ros;

/**
 * A publisher or a subscription of the graph.
 *
 * @param node the node it belongs to
 * @param kind which of the two
 * @param type ROS type name
 * @param typeHash {@code RIHS01_...}; empty where the peer or its distro does not tell (Humble)
 * @param gid global id, 32 hexadecimal digits
 * @param qos as the middleware reports it; DDS does not tell history and depth of remote endpoints
 */
public record EndpointInfo(
    NodeName node, Kind kind, String type, String typeHash, String gid, QosProfile qos) {

  /** What the endpoint does. */
  public enum Kind {
    PUBLISHER,
    SUBSCRIPTION
  }
}
