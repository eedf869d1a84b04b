package saccade.nodes.zenoh.rmw;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import saccade.nodes.ros.Names;
import saccade.nodes.ros.NodeOptions;
import saccade.nodes.ros.RosFault;
import saccade.nodes.ros.RosGraph;
import saccade.nodes.ros.RosNode;
import saccade.nodes.ros.RosTransport;
import saccade.nodes.zenoh.ZenohSession;

/**
 * ROS 2 over Zenoh as rmw_zenoh speaks it: no ROS install, and no native library unless the robot's
 * libzenohc is chosen. One session; nodes made here share it. Listeners are called on the session's
 * receive threads, or on the publishing thread for messages of the same session.
 *
 * <p>Types need not be known: names and hashes are what is matched.
 */
public final class ZenohTransport implements RosTransport {
  /** Highest ROS domain id. */
  public static final int MAX_DOMAIN = 232;

  final ZenohSession session;
  final int domain;
  final RmwGraph graph = new RmwGraph();
  private final boolean ownsSession;
  private final AtomicLong entities = new AtomicLong();
  private final ZenohSession.Declaration watch;
  private final List<RmwNode> nodes = new ArrayList<>(); // guarded by itself
  private volatile boolean closed;

  private ZenohTransport(ZenohSession session, int domain, boolean ownsSession) {
    if (domain < 0 || domain > MAX_DOMAIN) {
      throw new RosFault("ROS domain " + domain + "; wanted 0 to " + MAX_DOMAIN);
    }
    this.session = session;
    this.domain = domain;
    this.ownsSession = ownsSession;
    this.watch = session.declareTokenListener(Token.all(domain), graph);
  }

  /** Over a session of its own, as a user's environment says ({@link RmwConfig}). */
  public static ZenohTransport open() {
    return open(RmwConfig.of(System.getenv()));
  }

  /** Over a session of its own, in Java or of libzenohc, as {@code config} says. */
  public static ZenohTransport open(RmwConfig config) {
    return new ZenohTransport(config.open(), config.domain(), true);
  }

  /** Over a session of its own in Java. */
  public static ZenohTransport open(saccade.nodes.zenoh.ZenohConfig config, int domain) {
    return new ZenohTransport(ZenohSession.open(config), domain, true);
  }

  /** Over a session of its own of the libzenohc at {@code library}. */
  public static ZenohTransport open(
      Path library, saccade.nodes.zenoh.ZenohConfig config, int domain) {
    return new ZenohTransport(ZenohSession.open(library, config), domain, true);
  }

  /** Over a session that the caller closes, after this. */
  public static ZenohTransport over(ZenohSession session, int domain) {
    return new ZenohTransport(session, domain, false);
  }

  @Override
  public String name() {
    return "zenoh";
  }

  /** The session below, for its counts and peers. */
  public ZenohSession session() {
    return session;
  }

  /** The graph, also without a node. */
  public RosGraph graph() {
    return graph;
  }

  long nextEntity() {
    return entities.getAndIncrement();
  }

  @Override
  public RosNode createNode(String name, String namespace, NodeOptions options) {
    if (closed) {
      throw new RosFault("the Zenoh transport is closed; no node " + name);
    }
    RmwNode node = new RmwNode(this, Names.of(name, namespace, options.arguments()), options);
    synchronized (nodes) {
      nodes.add(node);
    }
    return node;
  }

  void forget(RmwNode node) {
    synchronized (nodes) {
      nodes.remove(node);
    }
  }

  @Override
  public void close() {
    closed = true;
    List<RmwNode> all;
    synchronized (nodes) {
      all = List.copyOf(nodes);
    }
    all.forEach(RmwNode::close);
    watch.close();
    if (ownsSession) {
      session.close();
    }
  }
}
