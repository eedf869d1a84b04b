package saccade.nodes.rcl;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.function.ToIntFunction;
import saccade.nodes.ros.EndpointInfo;
import saccade.nodes.ros.MessageInfo;
import saccade.nodes.ros.NodeName;
import saccade.nodes.ros.RosGraph;
import saccade.nodes.ros.ServiceInfo;
import saccade.nodes.ros.TopicInfo;

/** The graph as rcl tells it to a node: each call asks anew and copies out of C. */
final class RclGraph implements RosGraph {

  private static final int STRING_ARRAY_DATA = 8;
  private static final int TYPES = 56;

  private final RclNode node;
  private final Lifetime lifetime;

  RclGraph(RclNode node, Lifetime lifetime) {
    this.node = node;
    this.lifetime = lifetime;
  }

  private record Named(String name, List<String> types) {}

  @Override
  public List<TopicInfo> topics() {
    List<TopicInfo> topics = new ArrayList<>();
    for (Named named : named(true)) {
      topics.add(new TopicInfo(named.name, named.types));
    }
    return topics;
  }

  @Override
  public List<ServiceInfo> services() {
    List<ServiceInfo> services = new ArrayList<>();
    for (Named named : named(false)) {
      services.add(new ServiceInfo(named.name, named.types));
    }
    return services;
  }

  @Override
  public List<ServiceInfo> servers(NodeName of) {
    return services(Rcl.SERVERS_OF_NODE, of);
  }

  @Override
  public List<ServiceInfo> clients(NodeName of) {
    return services(Rcl.CLIENTS_OF_NODE, of);
  }

  private List<ServiceInfo> services(MethodHandle function, NodeName of) {
    if (!nodes().contains(of)) {
      return List.of(); // rcl takes an unknown node for an error
    }
    lifetime.enter();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(of.name());
      MemorySegment namespace = arena.allocateFrom(of.namespace());
      return named(
              "services of " + of.fullyQualified(),
              out ->
                  Rcl.call(
                      function,
                      node.handle(),
                      Rcl.DEFAULT.address(),
                      name.address(),
                      namespace.address(),
                      out.address()))
          .stream()
          .map(each -> new ServiceInfo(each.name, each.types))
          .toList();
    } finally {
      lifetime.exit();
    }
  }

  private List<Named> named(boolean topics) {
    lifetime.enter();
    try {
      return named(
          topics ? "topics of the graph" : "services of the graph",
          out ->
              topics
                  ? Rcl.topics(node.handle(), out)
                  : Rcl.call(Rcl.SERVICES, node.handle(), Rcl.DEFAULT.address(), out.address()));
    } finally {
      lifetime.exit();
    }
  }

  /** What a function of rcl writes into names and types; the caller has entered the lifetime. */
  private static List<Named> named(String what, ToIntFunction<MemorySegment> function) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(RclAbi.NAMES_AND_TYPES, 8);
      Rcl.check(function.applyAsInt(out), what);
      try {
        List<String> names = strings(out);
        MemorySegment types =
            MemorySegment.ofAddress(out.get(JAVA_LONG, TYPES))
                .reinterpret((long) names.size() * RclAbi.STRING_ARRAY);
        List<Named> found = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
          found.add(
              new Named(
                  names.get(i),
                  strings(types.asSlice((long) i * RclAbi.STRING_ARRAY, RclAbi.STRING_ARRAY))));
        }
        found.sort(Comparator.comparing(Named::name));
        return found;
      } finally {
        Rcl.call(Rcl.NAMES_AND_TYPES_FINI, out.address());
      }
    }
  }

  private static List<String> strings(MemorySegment array) {
    long size = array.get(JAVA_LONG, 0);
    MemorySegment data =
        MemorySegment.ofAddress(array.get(JAVA_LONG, STRING_ARRAY_DATA)).reinterpret(8 * size);
    List<String> strings = new ArrayList<>();
    for (long i = 0; i < size; i++) {
      strings.add(Rcl.string(data.getAtIndex(JAVA_LONG, i)));
    }
    return strings;
  }

  @Override
  public List<NodeName> nodes() {
    lifetime.enter();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment names = arena.allocate(RclAbi.STRING_ARRAY, 8);
      MemorySegment namespaces = arena.allocate(RclAbi.STRING_ARRAY, 8);
      Rcl.check(Rcl.nodes(node.handle(), names, namespaces), "nodes of the graph");
      try {
        List<String> nameList = strings(names);
        List<String> namespaceList = strings(namespaces);
        List<NodeName> nodes = new ArrayList<>();
        for (int i = 0; i < nameList.size(); i++) {
          nodes.add(new NodeName(nameList.get(i), namespaceList.get(i)));
        }
        nodes.sort(null);
        return nodes;
      } finally {
        Rcl.call(Rcl.STRING_ARRAY_FINI, names.address());
        Rcl.call(Rcl.STRING_ARRAY_FINI, namespaces.address());
      }
    } finally {
      lifetime.exit();
    }
  }

  @Override
  public List<EndpointInfo> publishersInfo(String topic) {
    return endpoints(true, topic);
  }

  @Override
  public List<EndpointInfo> subscriptionsInfo(String topic) {
    return endpoints(false, topic);
  }

  private List<EndpointInfo> endpoints(boolean publishers, String topic) {
    lifetime.enter();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(16, 8);
      Rcl.check(
          Rcl.endpoints(publishers, node.handle(), arena.allocateFrom(topic), out),
          "endpoints of " + topic);
      try {
        long size = out.get(JAVA_LONG, 0);
        MemorySegment infos =
            MemorySegment.ofAddress(out.get(JAVA_LONG, 8)).reinterpret(size * Rcl.ABI.endpointInfo);
        List<EndpointInfo> found = new ArrayList<>();
        for (long i = 0; i < size; i++) {
          found.add(
              endpoint(publishers, infos.asSlice(i * Rcl.ABI.endpointInfo, Rcl.ABI.endpointInfo)));
        }
        return found;
      } finally {
        Rcl.call(Rcl.ENDPOINTS_FINI, out.address(), Rcl.DEFAULT.address());
      }
    } finally {
      lifetime.exit();
    }
  }

  private static EndpointInfo endpoint(boolean publisher, MemorySegment at) {
    RclAbi abi = Rcl.ABI;
    return new EndpointInfo(
        new NodeName(Rcl.string(at.get(JAVA_LONG, 0)), Rcl.string(at.get(JAVA_LONG, 8))),
        publisher ? EndpointInfo.Kind.PUBLISHER : EndpointInfo.Kind.SUBSCRIPTION,
        Rcl.string(at.get(JAVA_LONG, 16)),
        abi.hasTypeHashes() ? TypeSupport.readHash(at.asSlice(abi.endpointHash, 33)) : "",
        HexFormat.of()
            .formatHex(at.asSlice(abi.endpointGid, MessageInfo.GID_BYTES).toArray(JAVA_BYTE)),
        Rcl.readQos(at.asSlice(abi.endpointQos, RclAbi.QOS)));
  }
}
