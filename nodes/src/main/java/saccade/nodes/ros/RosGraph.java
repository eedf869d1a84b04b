package saccade.nodes.ros;

import java.util.List;

/**
 * The graph as one node sees it: a snapshot at each call, as fresh as discovery is (peers take up
 * to seconds to appear). Names are full names. Set-up and tools only: allocates.
 */
public interface RosGraph {

  /** Every topic that has a publisher or a subscription, with its types; sorted by name. */
  List<TopicInfo> topics();

  /** Every service that has a server or a client, with its types; sorted by name. */
  List<ServiceInfo> services();

  /** Every node, this one too; sorted by full name; names may occur more than once. */
  List<NodeName> nodes();

  /** The publishers of a topic (full name). */
  List<EndpointInfo> publishersInfo(String topic);

  /** The subscriptions of a topic (full name). */
  List<EndpointInfo> subscriptionsInfo(String topic);

  /** The services that a node serves; sorted by name; empty when there is no such node. */
  List<ServiceInfo> servers(NodeName node);

  /** The services that a node has clients of; sorted by name; empty when there is no such node. */
  List<ServiceInfo> clients(NodeName node);
}
