package saccade.nodes.zenoh.rmw;

import java.util.ArrayList;
import java.util.List;
import saccade.nodes.ros.EndpointInfo;
import saccade.nodes.ros.Names;
import saccade.nodes.ros.NodeOptions;
import saccade.nodes.ros.Publisher;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RawListener;
import saccade.nodes.ros.RawService;
import saccade.nodes.ros.RosEvents;
import saccade.nodes.ros.RosFault;
import saccade.nodes.ros.RosGraph;
import saccade.nodes.ros.RosNode;
import saccade.nodes.ros.ServiceClient;
import saccade.nodes.ros.ServiceServer;
import saccade.nodes.ros.Subscription;
import saccade.nodes.zenoh.ZenohSession.Declaration;

/** A node: a token, and what is made from it. */
final class RmwNode implements RosNode {
  final ZenohTransport transport;
  final RosEvents events;
  private final Names names;
  private final String token;
  private final Declaration alive;
  private final List<AutoCloseable> children = new ArrayList<>(); // guarded by itself
  private boolean closed; // guarded by children

  RmwNode(ZenohTransport transport, Names names, NodeOptions options) {
    this.transport = transport;
    this.names = names;
    this.events = options.events();
    this.token =
        Token.node(
            transport.domain,
            transport.session.id().toString(),
            transport.nextEntity(),
            options.arguments().enclave(),
            names.namespace(),
            names.node());
    this.alive = transport.session.declareToken(token);
  }

  @Override
  public String name() {
    return names.node();
  }

  @Override
  public String namespace() {
    return names.namespace();
  }

  @Override
  public String fullyQualifiedName() {
    return names.fullyQualifiedNode();
  }

  @Override
  public Publisher createPublisher(
      String topic, String rosTypeName, String typeHash, QosProfile qos) {
    String name = names.topic(topic);
    Endpoint endpoint =
        endpoint(EndpointInfo.Kind.PUBLISHER, Token.PUBLISHER, name, rosTypeName, typeHash, qos);
    return keep(new RmwPublisher(this, endpoint));
  }

  @Override
  public Subscription createSubscription(
      String topic, String rosTypeName, String typeHash, QosProfile qos, RawListener listener) {
    String name = names.topic(topic);
    Endpoint endpoint =
        endpoint(
            EndpointInfo.Kind.SUBSCRIPTION, Token.SUBSCRIPTION, name, rosTypeName, typeHash, qos);
    return keep(new RmwSubscription(this, endpoint, listener));
  }

  private Endpoint endpoint(
      EndpointInfo.Kind kind,
      String code,
      String name,
      String rosType,
      String hash,
      QosProfile qos) {
    checkType(name, rosType, hash);
    QosProfile adapted = RmwQos.adapted(qos);
    String type = Token.ddsType(rosType);
    String key =
        Token.endpoint(token, transport.nextEntity(), code, name, type, hash, RmwQos.text(adapted));
    return new Endpoint(transport.graph, events, kind, name, key, type, hash, adapted);
  }

  /** Both become parts of keys. */
  private static void checkType(String name, String rosType, String hash) {
    if (!rosType.matches("[A-Za-z]\\w*(/[A-Za-z]\\w*)+")) {
      throw new RosFault(
          "type '" + rosType + "' of " + name + "; wanted such as sensor_msgs/msg/Image");
    }
    if (!hash.matches("RIHS01_[0-9a-f]{64}|TypeHashNotSupported")) {
      throw new RosFault(
          "type hash '" + hash + "' of " + name + "; wanted RIHS01_ and 64 hexadecimal digits");
    }
  }

  @Override
  public ServiceServer createService(
      String name, String serviceTypeName, String typeHash, QosProfile qos, RawService service) {
    String full = names.service(name);
    checkType(full, serviceTypeName, typeHash);
    String type = Token.ddsType(serviceTypeName);
    return keep(
        new RmwServiceServer(
            this,
            full,
            Token.dataKey(transport.domain, full, type, typeHash),
            serviceToken(Token.SERVER, full, type, typeHash, qos),
            service));
  }

  @Override
  public ServiceClient createClient(
      String name, String serviceTypeName, String typeHash, QosProfile qos) {
    String full = names.service(name);
    checkType(full, serviceTypeName, typeHash);
    String type = Token.ddsType(serviceTypeName);
    return keep(
        new RmwServiceClient(
            this,
            full,
            type,
            typeHash,
            Token.dataKey(transport.domain, full, type, typeHash),
            serviceToken(Token.CLIENT, full, type, typeHash, qos)));
  }

  private String serviceToken(String kind, String name, String type, String hash, QosProfile qos) {
    String text = RmwQos.text(RmwQos.adapted(qos));
    return Token.endpoint(token, transport.nextEntity(), kind, name, type, hash, text);
  }

  private <T extends AutoCloseable> T keep(T child) {
    synchronized (children) {
      if (!closed) {
        children.add(child);
        return child;
      }
    }
    close(child);
    throw new RosFault("node " + fullyQualifiedName() + " is closed");
  }

  void forget(AutoCloseable child) {
    synchronized (children) {
      children.remove(child);
    }
  }

  @Override
  public RosGraph graph() {
    synchronized (children) {
      if (closed) {
        throw new RosFault("node " + fullyQualifiedName() + " is closed");
      }
    }
    return transport.graph;
  }

  @Override
  public void close() {
    List<AutoCloseable> all;
    synchronized (children) {
      closed = true;
      all = List.copyOf(children);
    }
    all.forEach(RmwNode::close);
    alive.close();
    transport.forget(this);
  }

  private static void close(AutoCloseable it) {
    try {
      it.close();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
