package saccade.nodes.zenoh.rmw;

import java.util.HashSet;
import java.util.Set;
import saccade.nodes.ros.EndpointInfo;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosEvents;

/**
 * What publishers and subscriptions have in common: a place in the graph, and watching who is at
 * the other end. A conflict of quality of service is reported and does not stop the data, as with
 * rmw_zenoh.
 */
final class Endpoint implements RmwGraph.Watcher, AutoCloseable {
  final String name;
  final String token;
  final byte[] gid;
  final QosProfile qos;
  final String type;
  final String hash;
  private final RmwGraph graph;
  private final RosEvents events;
  private final EndpointInfo.Kind kind;
  private final String other;
  // guarded by this
  private final Set<String> matched = new HashSet<>();
  private long conflicts;
  private long strangers;
  private boolean closed;

  Endpoint(
      RmwGraph graph,
      RosEvents events,
      EndpointInfo.Kind kind,
      String name,
      String token,
      String type,
      String hash,
      QosProfile qos) {
    this.graph = graph;
    this.events = events;
    this.kind = kind;
    this.name = name;
    this.token = token;
    this.gid = Gid.of(token);
    this.type = type;
    this.hash = hash;
    this.qos = qos;
    this.other = kind == EndpointInfo.Kind.PUBLISHER ? Token.SUBSCRIPTION : Token.PUBLISHER;
  }

  @Override
  public String watched() {
    return name;
  }

  synchronized int matched() {
    return matched.size();
  }

  @Override
  public synchronized void onToken(Token t, boolean alive) {
    QosProfile theirs = t.qos();
    if (closed || !t.kind().equals(other) || theirs == null) {
      return;
    }
    if (!alive) {
      if (matched.remove(t.key())) {
        events.matched(name, kind, matched.size());
      }
      return;
    }
    if (!t.type().equals(type) || !t.hash().equals(hash)) {
      events.incompatibleType(
          name,
          kind,
          Token.rosType(t.type()) + " " + t.hash() + " of " + t.node().fullyQualified(),
          Token.rosType(type) + " " + hash,
          ++strangers);
      return;
    }
    if (!matched.add(t.key())) {
      return;
    }
    boolean publish = kind == EndpointInfo.Kind.PUBLISHER;
    String policy = RmwQos.conflict(publish ? qos : theirs, publish ? theirs : qos);
    if (policy != null) {
      events.incompatibleQos(name, kind, policy, ++conflicts);
    }
    events.matched(name, kind, matched.size());
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    graph.unwatch(this);
  }
}
