package saccade.nodes.zenoh;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import saccade.nodes.zenoh.Counts.Of;
import saccade.nodes.zenoh.PeerState.RemoteQueryable;
import saccade.nodes.zenoh.PeerState.Route;
import saccade.nodes.zenoh.ZenohFault.Kind;

/**
 * The session in plain Java: what is declared here, what peers declared, and who gets what.
 *
 * <pre>
 *   Connector ── links that come and go ──► onUp: declare everything │ onClosed: forget that peer
 *   Link ── messages ──► onMessage ──► subscriptions, queryables, pending queries, token listeners
 *   publisher ──► local subscriptions, and the links that want it
 * </pre>
 */
final class NetSession implements ZenohSession, Link.Owner {
  private static final int MAX_KEY_ID = 65535;
  private static final int MAX_OWN_TOKENS = 65536;
  private static final Subscription[] NOBODY = {};

  final ZenohConfig config;
  final Counts counts = new Counts();
  private final ZenohId id;
  private final Connector connector;
  private final AtomicInteger nextEntity = new AtomicInteger(1);
  private final AtomicInteger nextRequest = new AtomicInteger(1);

  // guarded by declarations
  private final Object declarations = new Object();
  private final Map<Integer, String> ourKeys = new ConcurrentHashMap<>();
  private final BitSet keyIds = new BitSet();
  private final Map<Integer, Subscription> subscriptions = new ConcurrentHashMap<>();
  private final Map<Integer, Queryable> queryables = new ConcurrentHashMap<>();
  private final Map<Integer, String> tokens = new LinkedHashMap<>();
  private final List<TokenWatch> watches = new CopyOnWriteArrayList<>();
  private volatile boolean closed;

  // guarded by itself: each token key, and how many say that it is alive
  private final Map<String, Integer> alive = new HashMap<>();

  // guarded by alive: keys of our tokens, now or lately; routers return them, and late
  private final Set<String> ownTokens = new LinkedHashSet<>();

  private final Map<Integer, PendingGet> pending = new ConcurrentHashMap<>();

  /** Changes with our subscriptions: routes are looked up anew. */
  private final AtomicInteger routesVersion = new AtomicInteger();

  /** Changes with links and with what peers subscribe to: publishers look for targets anew. */
  private final AtomicInteger targetsVersion = new AtomicInteger();

  private volatile Link[] links = {};
  private long lastNtp; // guarded by this

  private record Queryable(int id, String key, boolean complete, QueryListener listener) {}

  private record TokenWatch(int id, String key, TokenListener listener) {}

  NetSession(ZenohConfig config) {
    this.config = config;
    ZenohId given = config.id();
    this.id = given == null ? ZenohId.random() : given;
    this.connector = new Connector(this);
    connector.start();
  }

  // ---- the public part

  @Override
  public ZenohId id() {
    return id;
  }

  @Override
  public boolean awaitLink(Duration timeout) throws InterruptedException {
    return connector.awaitLink(timeout);
  }

  @Override
  public List<ZenohId> peers() {
    List<ZenohId> out = new ArrayList<>();
    for (Link link : links) {
      out.add(link.peer());
    }
    return out;
  }

  @Override
  public List<Locator> listening() {
    return connector.listening();
  }

  @Override
  public Counts counts() {
    return counts;
  }

  @Override
  public ZenohPublisher declarePublisher(String key, PublisherOptions options) {
    KeyExpr.check(key);
    int entity = nextEntity.getAndIncrement();
    int keyId;
    synchronized (declarations) {
      keyId = keyIds.nextClearBit(1);
      if (keyId > MAX_KEY_ID) {
        keyId = 0; // all numbers are taken: the key goes along as text
      } else {
        keyIds.set(keyId);
        ourKeys.put(keyId, key);
        broadcast(Messages.declareKey(new WireWriter(), keyId, key));
      }
    }
    return new NetPublisher(this, key, entity, keyId, options);
  }

  @Override
  public Declaration declareSubscriber(String key, SampleListener listener) {
    KeyExpr.check(key);
    int entity = nextEntity.getAndIncrement();
    Subscription s = new Subscription(entity, key, listener, counts);
    synchronized (declarations) {
      subscriptions.put(entity, s);
      routesVersion.getAndIncrement();
      targetsVersion.getAndIncrement();
      broadcast(Messages.declare(new WireWriter(), -1, Wire.D_SUBSCRIBER, entity, key, false));
    }
    return () -> {
      s.close();
      synchronized (declarations) {
        if (subscriptions.remove(entity) != null) {
          routesVersion.getAndIncrement();
          targetsVersion.getAndIncrement();
          broadcast(Messages.undeclare(new WireWriter(), Wire.U_SUBSCRIBER, entity, key));
        }
      }
    };
  }

  @Override
  public Declaration declareQueryable(String key, boolean complete, QueryListener listener) {
    KeyExpr.check(key);
    int entity = nextEntity.getAndIncrement();
    synchronized (declarations) {
      queryables.put(entity, new Queryable(entity, key, complete, listener));
      broadcast(Messages.declare(new WireWriter(), -1, Wire.D_QUERYABLE, entity, key, complete));
    }
    return () -> {
      synchronized (declarations) {
        if (queryables.remove(entity) != null) {
          broadcast(Messages.undeclare(new WireWriter(), Wire.U_QUERYABLE, entity, key));
        }
      }
    };
  }

  @Override
  public Declaration declareToken(String key) {
    KeyExpr.check(key);
    int entity = nextEntity.getAndIncrement();
    synchronized (alive) {
      ownTokens.add(key);
      if (ownTokens.size() > MAX_OWN_TOKENS) {
        ownTokens.remove(ownTokens.iterator().next());
      }
    }
    synchronized (declarations) {
      tokens.put(entity, key);
      broadcast(Messages.declare(new WireWriter(), -1, Wire.D_TOKEN, entity, key, false));
    }
    tokenAppears(key);
    return () -> {
      boolean had;
      synchronized (declarations) {
        had = tokens.remove(entity) != null;
        if (had) {
          broadcast(Messages.undeclare(new WireWriter(), Wire.U_TOKEN, entity, key));
        }
      }
      if (had) {
        tokenGoes(key);
      }
    };
  }

  @Override
  public Declaration declareTokenListener(String key, TokenListener listener) {
    KeyExpr.check(key);
    int entity = nextEntity.getAndIncrement();
    TokenWatch watch = new TokenWatch(entity, key, listener);
    synchronized (alive) {
      watches.add(watch);
      for (String token : List.copyOf(alive.keySet())) {
        tell(watch, token, true);
      }
    }
    synchronized (declarations) {
      broadcast(Messages.interest(new WireWriter(), entity, key));
    }
    return () -> stopWatching(watch);
  }

  private void stopWatching(TokenWatch watch) {
    synchronized (declarations) {
      if (!watches.remove(watch)) {
        return;
      }
      for (TokenWatch other : watches) {
        if (KeyExpr.includes(other.key, watch.key)) {
          return; // peers still tell the other what they would have told this one
        }
      }
      broadcast(new WireWriter().u8(Wire.INTEREST).z(watch.id));
    }
  }

  @Override
  public void get(
      String key,
      GetOptions options,
      @Nullable MemorySegment payload,
      long bytes,
      byte @Nullable [] attachment,
      ReplyListener listener) {
    KeyExpr.check(key);
    int request = nextRequest.getAndIncrement();
    long until = System.nanoTime() + options.timeoutMs() * 1_000_000;
    PendingGet get = new PendingGet(listener, until, counts);
    List<Link> asked = new ArrayList<>();
    for (Link link : links) {
      if (wantsQuery(link, key)) {
        asked.add(link);
        get.ask(link);
      }
    }
    List<Queryable> ours = matching(key, options.target());
    get.ask(this, ours.size());
    pending.put(request, get);
    WireWriter head = Messages.request(request, key, options, payload, bytes, attachment);
    for (Link link : asked) {
      ByteBuffer tail = Messages.tail(payload, bytes);
      if (!link.writer.send(head, tail, true, Messages.ANSWER)) {
        get.done(link);
      }
    }
    for (Queryable q : ours) {
      askLocal(q, key, options, payload, bytes, attachment, get);
    }
    get.sealed();
    if (get.finished()) {
      pending.remove(request);
    }
  }

  @Override
  public void close() {
    synchronized (declarations) {
      if (closed) {
        return;
      }
      closed = true;
    }
    subscriptions.values().forEach(Subscription::close);
    connector.close();
    ZenohFault bye = new ZenohFault(Kind.CLOSED, "by its owner");
    for (Link link : links) {
      link.closeKindly(Wire.REASON_GENERIC, bye);
    }
    for (PendingGet get : pending.values()) {
      get.expire();
    }
    pending.clear();
  }

  // ---- links

  /** False when the session does not want it: {@code link} was not started then. */
  boolean onUp(Link link) {
    PeerState peer = new PeerState();
    peer.toldAll = link.terms.peerRole() != Role.PEER;
    link.attachment = peer;
    synchronized (declarations) {
      if (closed) {
        return false;
      }
      for (Link other : links) {
        if (other.peer().equals(link.peer())) {
          return false;
        }
      }
      tellAll(link);
      Link[] more = java.util.Arrays.copyOf(links, links.length + 1);
      more[links.length] = link;
      links = more; // only now: a publisher must not be faster than its key's declaration
      targetsVersion.getAndIncrement();
    }
    link.start("zenoh " + link.name());
    return true;
  }

  private void tellAll(Link link) {
    Batch batch = new Batch(link);
    ourKeys.forEach((entity, key) -> Messages.declareKey(batch.next(), entity, key));
    for (Subscription s : subscriptions.values()) {
      Messages.declare(batch.next(), -1, Wire.D_SUBSCRIBER, s.id, s.key, false);
    }
    for (Queryable q : queryables.values()) {
      Messages.declare(batch.next(), -1, Wire.D_QUERYABLE, q.id, q.key, q.complete);
    }
    tokens.forEach((e, key) -> Messages.declare(batch.next(), -1, Wire.D_TOKEN, e, key, false));
    for (TokenWatch w : watches) {
      Messages.interest(batch.next(), w.id, w.key);
    }
    if (config.role() == Role.PEER && link.terms.peerRole() == Role.PEER) {
      Messages.declareFinal(batch.next(), 0);
    }
    batch.flush();
  }

  /** Puts declarations together into few frames. */
  private static final class Batch {
    private final Link link;
    private final WireWriter head = new WireWriter();
    private final WireWriter one = new WireWriter();

    Batch(Link link) {
      this.link = link;
    }

    WireWriter next() {
      add();
      return one.clear();
    }

    private void add() {
      if (head.length + one.length > LinkWriter.SMALL) {
        send();
      }
      head.append(one);
    }

    private void send() {
      if (head.length > 0) {
        link.writer.send(head, null, true, Messages.CONTROL);
        head.clear();
      }
    }

    void flush() {
      add();
      one.clear();
      send();
    }
  }

  @Override
  public void onClosed(Link link, ZenohFault why) {
    synchronized (declarations) {
      links = java.util.Arrays.stream(links).filter(l -> l != link).toArray(Link[]::new);
      targetsVersion.getAndIncrement();
    }
    PeerState peer = (PeerState) link.attachment;
    if (peer != null) {
      for (String token : peer.tokens.values()) {
        tokenGoes(token);
      }
      peer.tokens.clear();
    }
    for (PendingGet get : pending.values()) {
      get.done(link);
    }
    pending.values().removeIf(PendingGet::finished);
    connector.lost(link, why);
  }

  Link[] links() {
    return links;
  }

  /** Every tenth of a second. */
  void tick(long nowNs) {
    for (Link link : links) {
      if (link.silent(nowNs)) {
        link.closeKindly(
            Wire.REASON_EXPIRED,
            new ZenohFault(
                Kind.LEASE_EXPIRED,
                link.name() + " said nothing for " + link.terms.peerLeaseMs() + " ms"));
      } else {
        link.writer.keepAlive(nowNs, config.leaseMs() * 1_000_000 / 4 - 100_000_000);
      }
    }
    for (PendingGet get : pending.values()) {
      if (nowNs - get.untilNs > 0) {
        get.expire();
      }
    }
    pending.values().removeIf(PendingGet::finished);
  }

  // ---- what comes in

  @Override
  public void onMessage(Link link, Message m) {
    PeerState peer = (PeerState) java.util.Objects.requireNonNull(link.attachment);
    switch (m.kind) {
      case Wire.PUSH -> push(peer, m);
      case Wire.DECLARE -> declared(link, peer, m);
      case Wire.INTEREST -> interested(link, peer, m);
      case Wire.REQUEST -> asked(link, peer, m);
      case Wire.RESPONSE -> answered(peer, m);
      case Wire.RESPONSE_FINAL -> {
        PendingGet get = pending.get(m.requestId);
        if (get != null) {
          get.done(link);
          if (get.finished()) {
            pending.remove(m.requestId);
          }
        }
      }
      case Wire.OAM -> connector.gossip(link, m);
      default -> throw ZenohFault.malformed("message kind " + m.kind);
    }
  }

  private void push(PeerState peer, Message m) {
    counts.add(Of.RECEIVED);
    Route route = peer.route(m, routesVersion.get());
    if (route == null) {
      String key = key(peer, m);
      if (key == null) {
        counts.add(Of.KEYS_UNKNOWN);
        return;
      }
      route = peer.remember(m, key, subscribersOf(key));
    }
    if (route.to().length == 0) {
      counts.add(Of.UNMATCHED);
      return;
    }
    peer.sample.of(m, route.key());
    for (Subscription s : route.to()) {
      s.deliver(peer.sample);
    }
  }

  /** The whole key of {@code m}, or null when its id was never declared. */
  private @Nullable String key(PeerState peer, Message m) {
    if (m.scope == 0) {
      return m.suffix();
    }
    String base = m.senderMapping ? peer.keys.get(m.scope) : ourKeys.get(m.scope);
    return base == null ? null : base + m.suffix();
  }

  private void declared(Link link, PeerState peer, Message m) {
    if (m.declaration == Wire.D_FINAL) {
      if (m.interestId == 0) {
        peer.toldAll = true;
        targetsVersion.getAndIncrement();
      }
      return;
    }
    String key = m.hasKey ? key(peer, m) : null;
    if (m.hasKey && key == null) {
      counts.add(Of.KEYS_UNKNOWN);
      return;
    }
    Integer entity = m.entityId;
    if (key != null && peer.declarations() >= config.maxDeclarations()) {
      throw new ZenohFault(
          Kind.TOO_MANY,
          link.name() + " declares more than " + config.maxDeclarations() + " things");
    }
    switch (m.declaration) {
      case Wire.D_KEY -> {
        if (key != null) {
          peer.keys.put(entity, key);
          peer.forgetRoutes();
        }
      }
      case Wire.U_KEY -> {
        peer.keys.remove(entity);
        peer.forgetRoutes();
      }
      case Wire.D_SUBSCRIBER -> {
        if (key != null) {
          peer.subscribers.put(entity, key);
          targetsVersion.getAndIncrement();
        }
      }
      case Wire.U_SUBSCRIBER -> {
        peer.subscribers.remove(entity);
        targetsVersion.getAndIncrement();
      }
      case Wire.D_QUERYABLE -> {
        if (key != null) {
          peer.queryables.put(entity, new RemoteQueryable(key, m.complete));
        }
      }
      case Wire.U_QUERYABLE -> peer.queryables.remove(entity);
      case Wire.D_TOKEN -> {
        if (key != null && !own(key)) {
          String before = peer.tokens.put(entity, key);
          if (!key.equals(before)) {
            tokenAppears(key);
            if (before != null) {
              tokenGoes(before);
            }
          }
        }
      }
      case Wire.U_TOKEN -> {
        String before = peer.tokens.remove(entity);
        if (before != null) {
          tokenGoes(before);
        }
      }
      default -> throw ZenohFault.malformed("declaration " + m.declaration);
    }
  }

  /** A peer wants to know what we have: it knows already, but waits for the answer's end. */
  private void interested(Link link, PeerState peer, Message m) {
    if ((m.mode & Wire.MODE_CURRENT) == 0) {
      return;
    }
    String key = (m.about & Wire.RESTRICTED) != 0 ? key(peer, m) : null;
    Batch batch = new Batch(link);
    synchronized (declarations) {
      if ((m.about & Wire.ABOUT_SUBSCRIBERS) != 0) {
        for (Subscription s : subscriptions.values()) {
          if (key == null || KeyExpr.intersects(key, s.key)) {
            Messages.declare(batch.next(), m.interestId, Wire.D_SUBSCRIBER, s.id, s.key, false);
          }
        }
      }
      if ((m.about & Wire.ABOUT_QUERYABLES) != 0) {
        for (Queryable q : queryables.values()) {
          if (key == null || KeyExpr.intersects(key, q.key)) {
            Messages.declare(batch.next(), m.interestId, Wire.D_QUERYABLE, q.id, q.key, q.complete);
          }
        }
      }
      if ((m.about & Wire.ABOUT_TOKENS) != 0) {
        tokens.forEach(
            (e, token) -> {
              if (key == null || KeyExpr.intersects(key, token)) {
                Messages.declare(batch.next(), m.interestId, Wire.D_TOKEN, e, token, false);
              }
            });
      }
    }
    Messages.declareFinal(batch.next(), m.interestId);
    batch.flush();
  }

  // ---- tokens

  private boolean own(String token) {
    synchronized (alive) {
      return ownTokens.contains(token);
    }
  }

  private void tokenAppears(String key) {
    synchronized (alive) {
      if (alive.merge(key, 1, Integer::sum) == 1) {
        tellWatches(key, true);
      }
    }
  }

  private void tokenGoes(String key) {
    synchronized (alive) {
      Integer left = alive.computeIfPresent(key, (k, n) -> n == 1 ? null : n - 1);
      if (left == null) {
        tellWatches(key, false);
      }
    }
  }

  private void tellWatches(String key, boolean lives) {
    for (TokenWatch w : watches) {
      tell(w, key, lives);
    }
  }

  private void tell(TokenWatch watch, String key, boolean lives) {
    try {
      if (!closed && KeyExpr.intersects(watch.key, key)) {
        watch.listener.onToken(key, lives);
      }
    } catch (RuntimeException e) {
      counts.add(Of.LISTENER_FAILED);
    }
  }

  // ---- queries

  private boolean wantsQuery(Link link, String key) {
    PeerState peer = (PeerState) link.attachment;
    if (config.role() == Role.CLIENT || link.terms.peerRole() == Role.ROUTER || peer == null) {
      return true;
    }
    if (!peer.toldAll) {
      return true;
    }
    for (RemoteQueryable q : peer.queryables.values()) {
      if (KeyExpr.intersects(q.key(), key)) {
        return true;
      }
    }
    return false;
  }

  private List<Queryable> matching(String key, Target target) {
    List<Queryable> out = new ArrayList<>();
    for (Queryable q : queryables.values()) {
      boolean fits =
          target == Target.ALL_COMPLETE
              ? q.complete && KeyExpr.includes(q.key, key)
              : KeyExpr.intersects(q.key, key);
      if (fits) {
        out.add(q);
      }
    }
    return out;
  }

  private void asked(Link link, PeerState peer, Message m) {
    String key = key(peer, m);
    int request = m.requestId;
    Target target =
        switch (m.target) {
          case Wire.TARGET_ALL -> Target.ALL;
          case Wire.TARGET_ALL_COMPLETE -> Target.ALL_COMPLETE;
          default -> Target.BEST_MATCHING;
        };
    List<Queryable> ours = key == null ? List.of() : matching(key, target);
    if (key == null || ours.isEmpty()) {
      link.writer.send(
          new WireWriter().u8(Wire.RESPONSE_FINAL).z(Integer.toUnsignedLong(request)),
          null,
          true,
          Messages.ANSWER);
      return;
    }
    String parameters =
        m.parametersAt < 0 ? "" : WireReader.text(m.memory, m.parametersAt, m.parametersBytes);
    byte[] payload = m.payloadAt < 0 ? new byte[0] : m.copy(m.payloadAt, m.payloadBytes);
    AtomicInteger open = new AtomicInteger(ours.size());
    for (Queryable q : ours) {
      LinkSink sink = new LinkSink(link, request, open, q.id);
      call(q, new Query(key, parameters, payload, m.attachment(), sink));
    }
  }

  private void call(Queryable queryable, Query query) {
    try {
      queryable.listener.onQuery(query);
    } catch (RuntimeException e) {
      counts.add(Of.LISTENER_FAILED);
      query.close();
    }
  }

  /** Answers go back over the link that asked. */
  private final class LinkSink implements Query.Sink {
    private final Link link;
    private final int request;
    private final AtomicInteger open;
    private final int entity;

    LinkSink(Link link, int request, AtomicInteger open, int entity) {
      this.link = link;
      this.request = request;
      this.open = open;
      this.entity = entity;
    }

    private WireWriter head(String key) {
      WireWriter w = new WireWriter();
      w.u8(Wire.RESPONSE | Wire.NAMED | Wire.Z).z(Integer.toUnsignedLong(request)).key(key);
      w.u8(Wire.EXT_Z64 | Wire.EXT_QOS | Wire.EXT_MORE).z(Messages.ANSWER);
      int bytes = id.bytes();
      w.u8(Wire.EXT_ZBUF | 3).z(1 + bytes + WireWriter.zBytes(entity));
      return w.u8(bytes - 1 << 4).id(id).z(entity);
    }

    @Override
    public void reply(
        String key,
        MemorySegment payload,
        long bytes,
        byte @Nullable [] attachment,
        @Nullable ZenohId sourceId,
        int sourceEntity,
        long sequence,
        long ntp) {
      WireWriter w = head(key).u8(Wire.REPLY);
      ByteBuffer tail = Messages.tail(payload, bytes);
      Messages.put(
          w, id, payload, bytes, tail == null, attachment, sourceId, sourceEntity, sequence, ntp);
      link.writer.send(w, tail, true, Messages.ANSWER);
    }

    @Override
    public void error(byte[] payload) {
      link.writer.send(
          head(KEY_OF_ERRORS).u8(Wire.ERR).buffer(payload), null, true, Messages.ANSWER);
    }

    @Override
    public void done() {
      if (open.decrementAndGet() == 0) {
        link.writer.send(
            new WireWriter().u8(Wire.RESPONSE_FINAL).z(Integer.toUnsignedLong(request)),
            null,
            true,
            Messages.ANSWER);
      }
    }
  }

  private static final String KEY_OF_ERRORS = "error";

  private void askLocal(
      Queryable q,
      String key,
      GetOptions options,
      @Nullable MemorySegment payload,
      long bytes,
      byte @Nullable [] attachment,
      PendingGet get) {
    byte[] copy =
        payload == null
            ? new byte[0]
            : payload.asSlice(0, bytes).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    Query.Sink sink =
        new Query.Sink() {
          @Override
          public void reply(
              String replyKey,
              MemorySegment answer,
              long answerBytes,
              byte @Nullable [] answerAttachment,
              @Nullable ZenohId sourceId,
              int sourceEntity,
              long sequence,
              long ntp) {
            get.reply(
                new Sample()
                    .local(
                        replyKey, answer.asSlice(0, answerBytes), answerAttachment, Messages.ANSWER)
                    .source(sourceId, sourceEntity, sequence, ntp));
          }

          @Override
          public void error(byte[] error) {
            get.error(MemorySegment.ofArray(error));
          }

          @Override
          public void done() {
            get.done(NetSession.this);
            pending.values().removeIf(PendingGet::finished);
          }
        };
    call(q, new Query(key, options.parameters(), copy, attachment, sink));
  }

  private void answered(PeerState peer, Message m) {
    PendingGet get = pending.get(m.requestId);
    if (get == null) {
      counts.add(Of.ANSWERS_UNKNOWN);
      return;
    }
    if (m.body == Wire.ERR) {
      get.error(m.memory.asSlice(m.payloadAt, m.payloadBytes));
      return;
    }
    String key = key(peer, m);
    if (key == null) {
      counts.add(Of.KEYS_UNKNOWN);
      return;
    }
    get.reply(peer.sample.of(m, key));
  }

  // ---- publishing

  int routesVersion() {
    return routesVersion.get();
  }

  int targetsVersion() {
    return targetsVersion.get();
  }

  Subscription[] subscribersOf(String key) {
    List<Subscription> out = new ArrayList<>();
    for (Subscription s : subscriptions.values()) {
      if (KeyExpr.intersects(s.key, key)) {
        out.add(s);
      }
    }
    return out.isEmpty() ? NOBODY : out.toArray(Subscription[]::new);
  }

  Link[] targetsOf(String key) {
    List<Link> out = new ArrayList<>();
    for (Link link : links) {
      if (wantsSample(link, key)) {
        out.add(link);
      }
    }
    return out.toArray(Link[]::new);
  }

  private boolean wantsSample(Link link, String key) {
    PeerState peer = (PeerState) link.attachment;
    if (config.role() == Role.CLIENT || link.terms.peerRole() == Role.ROUTER || peer == null) {
      return true;
    }
    if (!peer.toldAll) {
      return true;
    }
    for (String s : peer.subscribers.values()) {
      if (KeyExpr.intersects(s, key)) {
        return true;
      }
    }
    return false;
  }

  void undeclareKey(int keyId) {
    synchronized (declarations) {
      if (ourKeys.remove(keyId) != null) {
        keyIds.clear(keyId);
        broadcast(Messages.header(new WireWriter(), -1).u8(Wire.U_KEY).z(keyId));
      }
    }
  }

  /** A time stamp, later than any before. */
  synchronized long ntp() {
    java.time.Instant now = java.time.Instant.now();
    long ntp = now.getEpochSecond() << 32 | ((long) now.getNano() << 32) / 1_000_000_000L;
    lastNtp = Long.compareUnsigned(ntp, lastNtp) > 0 ? ntp : lastNtp + 1;
    return lastNtp;
  }

  // ---- messages

  private void broadcast(WireWriter message) {
    for (Link link : links) {
      link.writer.send(message, null, true, Messages.CONTROL);
    }
  }
}
