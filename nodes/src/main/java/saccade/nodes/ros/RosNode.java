package saccade.nodes.ros;

/**
 * A node: owns the publishers, subscriptions, services and clients made from it. Set-up only. Safe
 * for use by several threads. Every method but {@link #close} throws {@link RosFault} once the node
 * is closed.
 *
 * <p>Type names are ROS's ({@code sensor_msgs/msg/Image}, {@code std_srvs/srv/SetBool}); type
 * hashes are {@code RIHS01_} and 64 hexadecimal digits. A transport that finds another hash for the
 * type on its side says so through {@link RosEvents#incompatibleType}.
 */
public interface RosNode extends AutoCloseable {

  /** The node's name after remapping, without its namespace. */
  String name();

  /** The namespace after remapping: {@code "/"} or {@code "/robot1"}. */
  String namespace();

  /** {@code "/robot1/camera"}. */
  String fullyQualifiedName();

  /**
   * A publisher.
   *
   * @param topic un-expanded topic name
   * @throws RosFault when the name is not valid, or the transport does not know the type
   */
  Publisher createPublisher(String topic, String rosTypeName, String typeHash, QosProfile qos);

  /**
   * A subscription whose messages go to the listener, one after another, on the transport's receive
   * thread.
   *
   * @param topic un-expanded topic name
   * @throws RosFault when the name is not valid, or the transport does not know the type
   */
  Subscription createSubscription(
      String topic, String rosTypeName, String typeHash, QosProfile qos, RawListener listener);

  /**
   * A service whose requests go to {@code service}, one after another, on the transport's receive
   * thread.
   *
   * @param name un-expanded service name
   * @throws RosFault when the name is not valid, or the transport does not know the type
   */
  ServiceServer createService(
      String name, String serviceTypeName, String typeHash, QosProfile qos, RawService service);

  /**
   * A client of a service, which need not be there yet.
   *
   * @param name un-expanded service name
   * @throws RosFault when the name is not valid, or the transport does not know the type
   */
  ServiceClient createClient(String name, String serviceTypeName, String typeHash, QosProfile qos);

  /** The graph as this node sees it. */
  RosGraph graph();

  /** Closes what was made from it, then the node. A second call does nothing. */
  @Override
  void close();
}
