package saccade.nodes.rcl;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
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

/** A node of rcl. */
final class RclNode implements RosNode {

  private final RclTransport transport;
  private final Names names;
  private final RosEvents events;
  private final Lifetime lifetime;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment struct;
  private final long graphCondition;
  private final RclGraph graph;
  private final Set<AutoCloseable> children = ConcurrentHashMap.newKeySet();
  private final Set<TypedEndpoint> endpoints = ConcurrentHashMap.newKeySet();

  /**
   * What is compared with what the program wanted and with the peers' types; touched by the graph
   * thread only.
   */
  private static final class TypedEndpoint {
    final AutoCloseable owner;
    final String name;
    final EndpointInfo.Kind kind;
    final TypeSupport type;
    final String wantedHash;
    final boolean service;
    final Set<String> reported = new HashSet<>();

    TypedEndpoint(
        AutoCloseable owner,
        String name,
        EndpointInfo.Kind kind,
        TypeSupport type,
        String wantedHash,
        boolean service) {
      this.owner = owner;
      this.name = name;
      this.kind = kind;
      this.type = type;
      this.wantedHash = wantedHash;
      this.service = service;
    }
  }

  RclNode(RclTransport transport, MemorySegment context, Names names, NodeOptions options) {
    this.transport = transport;
    this.names = names;
    events = options.events();
    lifetime = new Lifetime("node " + names.fullyQualifiedNode());
    struct = arena.allocate(RclAbi.NODE, 8);
    try {
      MemorySegment nodeOptions = Rcl.nodeOptions(arena);
      // /rosout is published by whoever logs, the same way on every transport.
      nodeOptions.set(JAVA_BYTE, RclAbi.NODE_OPTIONS_ENABLE_ROSOUT, (byte) 0);
      Rcl.check(
          Rcl.call(
              Rcl.NODE_INIT,
              struct.address(),
              arena.allocateFrom(names.node()).address(),
              arena.allocateFrom(names.namespace()).address(),
              context.address(),
              nodeOptions.address()),
          "node " + names.fullyQualifiedNode());
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
    graph = new RclGraph(this, lifetime);
    graphCondition = Rcl.graphGuardCondition(struct);
  }

  long graphCondition() {
    return graphCondition;
  }

  /** Address of rcl_node_t. */
  long handle() {
    return struct.address();
  }

  WaitLoop loop() {
    return transport.loop();
  }

  /** Runs a call that makes or frees a native entity: one at a time in a context. */
  int setup(IntSupplier call) {
    return transport.setup(call::getAsInt);
  }

  void forget(AutoCloseable child) {
    children.remove(child);
    endpoints.removeIf(endpoint -> endpoint.owner == child);
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
    return create(
        () -> {
          TypeSupport type = TypeSupport.message(rosTypeName, typeHash);
          RclPublisher made =
              transport.setup(() -> new RclPublisher(this, name, type, qos, events));
          if (events != RosEvents.NONE) {
            loop().add(made);
          }
          own(made, name, EndpointInfo.Kind.PUBLISHER, type, typeHash, false);
          return made;
        });
  }

  @Override
  public Subscription createSubscription(
      String topic, String rosTypeName, String typeHash, QosProfile qos, RawListener listener) {
    String name = names.topic(topic);
    return create(
        () -> {
          TypeSupport type = TypeSupport.message(rosTypeName, typeHash);
          RclSubscription made =
              transport.setup(() -> new RclSubscription(this, name, type, qos, listener, events));
          loop().add(made);
          own(made, name, EndpointInfo.Kind.SUBSCRIPTION, type, typeHash, false);
          return made;
        });
  }

  @Override
  public ServiceServer createService(
      String name, String serviceTypeName, String typeHash, QosProfile qos, RawService service) {
    String full = names.service(name);
    return create(
        () -> {
          TypeSupport type = TypeSupport.service(serviceTypeName);
          RclServiceServer made =
              transport.setup(() -> new RclServiceServer(this, full, type, qos, service, events));
          loop().add(made);
          own(made, full, EndpointInfo.Kind.SUBSCRIPTION, type, typeHash, true);
          return made;
        });
  }

  @Override
  public ServiceClient createClient(
      String name, String serviceTypeName, String typeHash, QosProfile qos) {
    String full = names.service(name);
    return create(
        () -> {
          TypeSupport type = TypeSupport.service(serviceTypeName);
          RclServiceClient made =
              transport.setup(() -> new RclServiceClient(this, full, type, qos, events));
          loop().add(made);
          own(made, full, EndpointInfo.Kind.PUBLISHER, type, typeHash, true);
          return made;
        });
  }

  private <T> T create(Supplier<T> maker) {
    lifetime.enter();
    try {
      return maker.get();
    } finally {
      lifetime.exit();
    }
  }

  private void own(
      AutoCloseable made,
      String name,
      EndpointInfo.Kind kind,
      TypeSupport type,
      String wantedHash,
      boolean service) {
    children.add(made);
    if (events != RosEvents.NONE) {
      endpoints.add(new TypedEndpoint(made, name, kind, type, wantedHash, service));
      transport.graphChanged();
    }
  }

  private static boolean differs(String found, String wanted) {
    return !found.isEmpty() && !wanted.isEmpty() && !found.equals(wanted);
  }

  /**
   * Compares the types of our endpoints with what was wanted and with those of their peers; on the
   * graph thread.
   */
  void checkTypes() {
    for (TypedEndpoint endpoint : endpoints) {
      TypeSupport type = endpoint.type;
      if (differs(type.hash(), endpoint.wantedHash)) {
        String wanted = type.typeName() + " " + endpoint.wantedHash;
        report(endpoint, "", type.typeName() + " " + type.hash() + " (installed here)", wanted);
      }
      for (EndpointInfo peer : peers(endpoint)) {
        if (!peer.type().equals(type.typeName()) || differs(peer.typeHash(), type.hash())) {
          report(
              endpoint,
              peer.gid(),
              peer.type() + " " + peer.typeHash() + " of " + peer.node().fullyQualified(),
              type.typeName() + " " + type.hash());
        }
      }
    }
  }

  private List<EndpointInfo> peers(TypedEndpoint endpoint) {
    if (endpoint.service) {
      return List.of();
    }
    try {
      return endpoint.kind == EndpointInfo.Kind.PUBLISHER
          ? graph.subscriptionsInfo(endpoint.name)
          : graph.publishersInfo(endpoint.name);
    } catch (RosFault closedMeanwhile) {
      return List.of();
    }
  }

  private void report(TypedEndpoint endpoint, String key, String found, String wanted) {
    if (endpoint.reported.add(key)) {
      events.incompatibleType(
          endpoint.name, endpoint.kind, found, wanted, endpoint.reported.size());
    }
  }

  @Override
  public RosGraph graph() {
    return graph;
  }

  @Override
  public void close() {
    if (!lifetime.close()) {
      return;
    }
    transport.forget(this);
    for (AutoCloseable child : List.copyOf(children)) {
      try {
        child.close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
    loop()
        .removeGraphCondition(
            graphCondition,
            () -> {
              setup(() -> Rcl.call(Rcl.NODE_FINI, struct.address()));
              arena.close();
            });
  }
}
