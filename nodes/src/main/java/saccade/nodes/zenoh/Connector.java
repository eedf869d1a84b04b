package saccade.nodes.zenoh;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import saccade.nodes.cli.BadInput;
import saccade.nodes.zenoh.Counts.Of;
import saccade.nodes.zenoh.Gossip.Node;
import saccade.nodes.zenoh.ZenohFault.Kind;

/**
 * Links come and go: dials the endpoints of the configuration again and again, accepts, dials whom
 * gossip and scouting name, and ticks. Waiting is done on virtual threads.
 */
final class Connector {
  private static final int CONNECT_MS = 2000;
  private static final int HANDSHAKE_MS = 5000;
  private static final long TICK_MS = 100;
  private static final long FIRST_RETRY_MS = 50;
  private static final long MAX_RETRY_MS = 500;
  private static final int FOUND_TRIES = 7;
  private static final int MAX_HANDSHAKES = 16;

  private final NetSession session;
  private final ZenohConfig config;
  private final List<ServerSocketChannel> servers = new CopyOnWriteArrayList<>();
  private final List<Thread> acceptors = new CopyOnWriteArrayList<>();
  private final List<Locator> listening = new CopyOnWriteArrayList<>();
  private final Set<ZenohId> dialling = ConcurrentHashMap.newKeySet();

  /** Peers that gossip left to us to dial. */
  private final Map<ZenohId, List<Locator>> ours = new ConcurrentHashMap<>();

  private final Semaphore handshakes = new Semaphore(MAX_HANDSHAKES);
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile @Nullable Scouter scouter;
  private final AtomicInteger lost = new AtomicInteger(); // links that nothing took the place of
  private volatile boolean closed;
  private long gossipNumber = 1; // guarded by lock

  Connector(NetSession session) {
    this.session = session;
    this.config = session.config;
  }

  void start() {
    if (config.role() == Role.PEER) {
      config.listen().forEach(this::listen);
      config.connect().forEach(l -> virtual("zenoh dial " + l, () -> keepDialling(List.of(l))));
    } else if (!config.connect().isEmpty()) {
      virtual("zenoh dial", () -> keepDialling(config.connect()));
    }
    ZenohConfig.Scouting where = config.scouting();
    if (where != null) {
      scouter = Scouter.start(where, config, session.id(), listening(), this::found);
    }
    Thread.ofPlatform().daemon().name("zenoh timer").start(this::tick);
  }

  List<Locator> listening() {
    return List.copyOf(listening);
  }

  boolean awaitLink(Duration timeout) throws InterruptedException {
    long left = timeout.toNanos();
    lock.lock();
    try {
      while (session.links().length == 0) {
        if (left <= 0 || closed) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  void close() {
    closed = true;
    for (ServerSocketChannel server : servers) {
      closeQuietly(server);
    }
    Scouter s = scouter;
    if (s != null) {
      s.close();
    }
    signal();
    for (Thread acceptor : acceptors) { // a port is free once nobody waits on it any more
      join(acceptor);
    }
  }

  void lost(Link link, ZenohFault why) {
    lost.getAndIncrement();
    signal();
    tellGossip();
    List<Locator> at = ours.get(link.peer());
    if (at != null) {
      found(link.peer(), link.terms.peerRole(), at);
    }
  }

  private void signal() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void tick() {
    while (!closed) {
      session.tick(System.nanoTime());
      sleep(TICK_MS);
    }
  }

  // ---- dialling

  /** Holds one link to any of {@code to}, for as long as the session is open. */
  private void keepDialling(List<Locator> to) {
    long pauseMs = FIRST_RETRY_MS;
    ZenohId[] there = new ZenohId[1];
    while (!closed) {
      Link link = null;
      for (Locator locator : to) {
        link = closed ? null : dial(locator, there);
        if (link != null || linked(there[0])) {
          break;
        }
      }
      if (link == null && !linked(there[0])) {
        sleep(pauseMs);
        pauseMs = Math.min(2 * pauseMs, MAX_RETRY_MS);
      } else {
        pauseMs = FIRST_RETRY_MS;
        awaitEnd(there[0]);
      }
    }
  }

  private void awaitEnd(@Nullable ZenohId peer) {
    lock.lock();
    try {
      while (!closed && linked(peer)) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  /** One try: a link that is up, or null; {@code there[0]} is who answered, if anybody did. */
  private @Nullable Link dial(Locator to, @Nullable ZenohId[] there) {
    there[0] = null;
    Channel channel = null;
    try {
      channel =
          to.tls()
              ? TlsChannel.connect(to, config, CONNECT_MS)
              : PlainChannel.connect(to, CONNECT_MS);
      Handshake handshake =
          new Handshake(channel, config.role(), session.id(), config.leaseMs(), HANDSHAKE_MS);
      Handshake.Terms terms = handshake.dial();
      there[0] = terms.peer();
      return bringUp(channel, handshake, terms);
    } catch (ZenohFault fault) {
      session.counts.add(fault.kind());
    } catch (javax.net.ssl.SSLException e) {
      session.counts.add(Kind.TLS);
    } catch (IOException | java.nio.channels.UnresolvedAddressException e) {
      session.counts.add(Kind.UNREACHABLE);
    }
    if (channel != null) {
      channel.close();
    }
    return null;
  }

  private Link bringUp(Channel channel, Handshake handshake, Handshake.Terms terms)
      throws IOException {
    if (terms.peer().equals(session.id())) {
      handshake.refuse(Wire.REASON_TO_SELF);
      throw new ZenohFault(Kind.TO_SELF, channel.name());
    }
    if (session.links().length >= config.maxLinks()) {
      handshake.refuse(Wire.REASON_MAX_SESSIONS);
      throw new ZenohFault(
          Kind.TOO_MANY_LINKS, channel.name() + ": at most " + config.maxLinks() + " links");
    }
    Link link = new Link(channel, terms, handshake.rest(), session, session.counts, config);
    if (!session.onUp(link)) {
      handshake.refuse(Wire.REASON_MAX_LINKS);
      link.discard();
      throw new ZenohFault(
          Kind.DUPLICATE, "there is a link to " + terms.peer() + " besides " + channel.name());
    }
    session.counts.add(Of.LINKS_OPENED);
    if (lost.get() > 0) {
      lost.getAndDecrement();
      session.counts.add(Of.RECONNECTS);
    }
    signal();
    tellGossip();
    return link;
  }

  // ---- accepting

  private void listen(Locator at) {
    try {
      ServerSocketChannel server = ServerSocketChannel.open();
      servers.add(server);
      server.setOption(java.net.StandardSocketOptions.SO_REUSEADDR, true);
      server.bind(new InetSocketAddress(InetAddress.getByName(at.host()), at.port()));
      int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
      Locator real = new Locator(at.tls(), at.host(), port);
      listening.add(real);
      acceptors.add(virtual("zenoh listen " + real, () -> acceptAll(server, real)));
    } catch (IOException e) {
      close();
      throw new BadInput("cannot listen at " + at + ": " + e.getMessage());
    }
  }

  private void acceptAll(ServerSocketChannel server, Locator at) {
    while (!closed) {
      try {
        SocketChannel socket = server.accept();
        handshakes.acquire();
        virtual("zenoh accept", () -> accept(socket, at));
      } catch (InterruptedException | IOException e) {
        return; // closed
      }
    }
  }

  private void accept(SocketChannel socket, Locator at) {
    Channel channel = null;
    try {
      String name = at + " from " + socket.getRemoteAddress();
      channel =
          at.tls()
              ? TlsChannel.accept(socket, name, config, HANDSHAKE_MS)
              : PlainChannel.over(socket, name);
      Handshake handshake =
          new Handshake(channel, config.role(), session.id(), config.leaseMs(), HANDSHAKE_MS);
      bringUp(channel, handshake, handshake.accept());
      return;
    } catch (ZenohFault fault) {
      session.counts.add(fault.kind());
    } catch (javax.net.ssl.SSLException e) {
      session.counts.add(Kind.TLS);
    } catch (IOException e) {
      session.counts.add(Kind.CONNECTION_LOST);
    } finally {
      handshakes.release();
    }
    if (channel != null) {
      channel.close();
    } else {
      closeQuietly(socket);
    }
  }

  // ---- whom others name

  /** Tells the routers and peers where we listen and whom we are linked to. */
  private void tellGossip() {
    if (closed || config.role() != Role.PEER || !config.gossip()) {
      return;
    }
    long number;
    lock.lock();
    try {
      number = gossipNumber++;
    } finally {
      lock.unlock();
    }
    Link[] links = session.links();
    List<Node> others = new ArrayList<>();
    for (Link link : links) {
      others.add(new Node(link.peer(), link.terms.peerRole(), List.of()));
    }
    WireWriter message =
        Gossip.write(new Node(session.id(), config.role(), listening()), number, others);
    for (Link link : links) {
      if (link.terms.peerRole() != Role.CLIENT) {
        link.writer.send(message, null, true, Wire.PRIORITY_CONTROL | Wire.QOS_BLOCK);
      }
    }
  }

  /** Dials peers that {@code link}'s peer names, where it is for us to do so. */
  void gossip(Link link, Message m) {
    if (m.oamId != Wire.OAM_LINK_STATE || config.role() != Role.PEER || !config.gossip()) {
      return;
    }
    for (Node node : Gossip.read(m.memory, m.oamAt, m.oamBytes)) {
      if (node.role() == Role.PEER && session.id().compareTo(node.id()) > 0) {
        if (ours.size() < config.maxLinks() || ours.containsKey(node.id())) {
          ours.put(node.id(), node.locators());
        }
        found(node.id(), node.role(), node.locators());
      }
    }
  }

  /** Somebody is said to be at one of {@code at}. */
  private void found(ZenohId id, Role role, List<Locator> at) {
    boolean client = config.role() == Role.CLIENT;
    if (closed || at.isEmpty() || id.equals(session.id()) || linked(id)) {
      return;
    }
    if (client && session.links().length > 0
        || dialling.size() >= config.maxLinks()
        || !dialling.add(client ? session.id() : id)) {
      return;
    }
    virtual(
        "zenoh dial " + id,
        () -> {
          try {
            long pauseMs = FIRST_RETRY_MS;
            // both sides may dial at once and refuse each other's link as the second: look again
            for (int i = 0; i < FOUND_TRIES && !closed; i++) {
              for (Locator locator : at) {
                if (linked(id) || dial(locator, new ZenohId[1]) != null) {
                  break;
                }
              }
              sleep(pauseMs + ThreadLocalRandom.current().nextLong(pauseMs));
              pauseMs *= 2;
            }
          } finally {
            dialling.remove(client ? session.id() : id);
          }
        });
  }

  private boolean linked(@Nullable ZenohId id) {
    for (Link link : session.links()) {
      if (link.peer().equals(id)) {
        return true;
      }
    }
    return false;
  }

  // ---- small things

  private static Thread virtual(String name, Runnable task) {
    return Thread.ofVirtual().name(name).start(task);
  }

  private static void sleep(long ms) {
    try {
      Thread.sleep(ms);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join(Duration.ofSeconds(1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void closeQuietly(AutoCloseable it) {
    try {
      it.close();
    } catch (Exception e) {
      // nobody is left to whom this would matter
    }
  }
}
