package saccade.nodes.zenoh.rmw;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import saccade.nodes.ros.EndpointInfo;
import saccade.nodes.ros.NodeName;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosGraph;
import saccade.nodes.ros.ServiceInfo;
import saccade.nodes.ros.TopicInfo;
import saccade.nodes.zenoh.ZenohSession;

/** The graph: the tokens of a domain that are alive, ours among them. */
final class RmwGraph implements RosGraph, ZenohSession.TokenListener {
  /** An endpoint of ours that wants to know who comes and goes on its topic. */
  interface Watcher {
    /** Full name of its topic or service. */
    String watched();

    void onToken(Token token, boolean alive);
  }

  private final Map<String, Token> tokens = new ConcurrentHashMap<>();
  private final List<Watcher> watchers = new CopyOnWriteArrayList<>();

  @Override
  public void onToken(String key, boolean alive) {
    Token token = Token.parse(key);
    if (token == null) {
      return; // of a kind that later versions may have
    }
    if (alive) {
      tokens.put(key, token);
    } else {
      tokens.remove(key);
    }
    for (Watcher w : watchers) {
      if (w.watched().equals(token.name())) {
        w.onToken(token, alive);
      }
    }
  }

  /** {@code watcher} hears of all that are there, and of what changes. */
  void watch(Watcher watcher) {
    watchers.add(watcher);
    for (Token token : tokens.values()) {
      if (watcher.watched().equals(token.name())) {
        watcher.onToken(token, true);
      }
    }
  }

  void unwatch(Watcher watcher) {
    watchers.remove(watcher);
  }

  private List<Token> of(String name, String kind) {
    List<Token> out = new ArrayList<>();
    for (Token t : tokens.values()) {
      if (t.kind().equals(kind) && t.name().equals(name)) {
        out.add(t);
      }
    }
    out.sort(Comparator.comparing(Token::key));
    return out;
  }

  int count(String name, String kind, String type, String hash) {
    int n = 0;
    for (Token t : tokens.values()) {
      if (t.kind().equals(kind)
          && t.name().equals(name)
          && t.type().equals(type)
          && t.hash().equals(hash)) {
        n++;
      }
    }
    return n;
  }

  @Override
  public List<TopicInfo> topics() {
    List<TopicInfo> out = new ArrayList<>();
    byName(Token.PUBLISHER, Token.SUBSCRIPTION)
        .forEach((name, types) -> out.add(new TopicInfo(name, types)));
    return out;
  }

  @Override
  public List<ServiceInfo> services() {
    List<ServiceInfo> out = new ArrayList<>();
    byName(Token.SERVER, Token.CLIENT)
        .forEach((name, types) -> out.add(new ServiceInfo(name, types)));
    return out;
  }

  private SortedMap<String, List<String>> byName(String one, String other) {
    TreeMap<String, TreeSet<String>> all = new TreeMap<>();
    for (Token t : tokens.values()) {
      if (t.kind().equals(one) || t.kind().equals(other)) {
        all.computeIfAbsent(t.name(), n -> new TreeSet<>()).add(Token.rosType(t.type()));
      }
    }
    TreeMap<String, List<String>> out = new TreeMap<>();
    all.forEach((name, types) -> out.put(name, List.copyOf(types)));
    return out;
  }

  @Override
  public List<ServiceInfo> servers(NodeName node) {
    return services(node, Token.SERVER);
  }

  @Override
  public List<ServiceInfo> clients(NodeName node) {
    return services(node, Token.CLIENT);
  }

  private List<ServiceInfo> services(NodeName node, String kind) {
    TreeMap<String, TreeSet<String>> all = new TreeMap<>();
    for (Token t : tokens.values()) {
      if (t.kind().equals(kind) && t.node().equals(node)) {
        all.computeIfAbsent(t.name(), n -> new TreeSet<>()).add(Token.rosType(t.type()));
      }
    }
    return all.entrySet().stream()
        .map(each -> new ServiceInfo(each.getKey(), List.copyOf(each.getValue())))
        .toList();
  }

  @Override
  public List<NodeName> nodes() {
    List<NodeName> out = new ArrayList<>();
    for (Token t : tokens.values()) {
      if (t.kind().equals(Token.NODE)) {
        out.add(t.node());
      }
    }
    out.sort(Comparator.naturalOrder());
    return out;
  }

  @Override
  public List<EndpointInfo> publishersInfo(String topic) {
    return infos(of(topic, Token.PUBLISHER), EndpointInfo.Kind.PUBLISHER);
  }

  @Override
  public List<EndpointInfo> subscriptionsInfo(String topic) {
    return infos(of(topic, Token.SUBSCRIPTION), EndpointInfo.Kind.SUBSCRIPTION);
  }

  private static List<EndpointInfo> infos(List<Token> tokens, EndpointInfo.Kind kind) {
    List<EndpointInfo> out = new ArrayList<>();
    for (Token t : tokens) {
      EndpointInfo info = info(t, kind);
      if (info != null) {
        out.add(info);
      }
    }
    return out;
  }

  private static @Nullable EndpointInfo info(Token t, EndpointInfo.Kind kind) {
    QosProfile qos = t.qos();
    String hash = t.hash().startsWith("RIHS") ? t.hash() : "";
    return qos == null
        ? null
        : new EndpointInfo(t.node(), kind, Token.rosType(t.type()), hash, t.gid(), qos);
  }
}
