package saccade.nodes.zenoh;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.zenoh.c.Blocks;
import saccade.nodes.zenoh.c.Layouts;
import saccade.nodes.zenoh.c.Libzenohc;
import saccade.nodes.zenoh.c.Upcalls;
import saccade.nodes.zenoh.c.Zenohc;

/**
 * The session of the robot's libzenohc: with what that library can and we cannot, shared memory
 * above all.
 *
 * <pre>
 *   any thread ──► gate (open?) ──► z_declare_…, z_get ──► NativeHandle, one owned struct each
 *   threads of the library ──► Upcalls ──► NativeSubscriber, -Queryable, -TokenWatch, -Ask ──► listener
 * </pre>
 *
 * A client's router must be there when it is opened; a peer dials in the background. Whether a
 * message found a taker is not known: {@code put} is false only when the library refuses it.
 */
final class NativeSession implements ZenohSession {
  private static final int MAX_OWN_TOKENS = 65_536;
  private static final int ATTEMPTS = 4;
  private static final int STAMP_BYTES = 24;

  private static boolean tried; // guarded by the class

  final Counts counts = new Counts();
  final long maxMessageBytes;
  private final List<Locator> listening;
  private final MemorySegment owned = Blocks.take();
  private final ZenohId id;
  private final byte[] stamp = new byte[STAMP_BYTES];
  private final int ntpAt;

  /** Held for reading while the library is called with the session, for writing to close it. */
  private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock();

  private volatile boolean closed; // written within gate

  private final Set<NativeHandle> handles = ConcurrentHashMap.newKeySet();
  private final Set<NativeAsk> asks = ConcurrentHashMap.newKeySet();
  private final List<NativeTokenWatch> watches = new CopyOnWriteArrayList<>();

  // guarded by itself: keys of our tokens now, how often each
  private final Map<String, Integer> tokens = new HashMap<>();

  // guarded by tokens: keys of ours, now or lately; the network returns them, and late
  private final Set<String> ownTokens = new LinkedHashSet<>();

  private NativeSession(NativeConfig config) {
    this.maxMessageBytes = config.maxMessageBytes();
    List<Locator> at = List.of();
    String failure = "";
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      at = config.freePorts();
      failure = tryOpen(config.text(at));
      if (failure.isEmpty() || !config.choosesPorts()) {
        break;
      }
    }
    if (!failure.isEmpty()) {
      Blocks.give(owned);
      throw new BadInput(
          ExitCode.UNAVAILABLE,
          "libzenohc opens no session: "
              + failure
              + "; where to change it: ZENOH_SESSION_CONFIG_URI, ZENOH_CONFIG_OVERRIDE");
    }
    this.listening = at;
    try (Arena arena = Arena.ofConfined()) {
      SegmentAllocator here = (bytes, align) -> arena.allocate(Layouts.MOST, 16);
      this.id = ZenohId.of(Zenohc.zid(here, loaned()));
      MemorySegment first = arena.allocate(Layouts.MOST, 16);
      check(Zenohc.call(Zenohc.TIMESTAMP_NEW, first.address(), loaned()), "time stamp");
      this.ntpAt = timeIn(first);
      MemorySegment.copy(first, ValueLayout.JAVA_BYTE, 0, stamp, 0, STAMP_BYTES);
    } catch (RuntimeException e) {
      end();
      throw e;
    }
  }

  /** Opens one with the library at {@code library}; the first in a process tries it on itself. */
  static NativeSession open(Path library, NativeConfig config) {
    synchronized (NativeSession.class) {
      Libzenohc.load(library);
      if (!tried) {
        NativeSelfTest.run();
        tried = true;
      }
    }
    return new NativeSession(config);
  }

  /** The self-test's own. */
  static NativeSession alone() {
    return new NativeSession(NativeConfig.alone());
  }

  /** The reason why not, or nothing. */
  private String tryOpen(String json) {
    MemorySegment config = Blocks.take();
    try (Arena arena = Arena.ofConfined()) {
      long text = arena.allocateFrom(json).address();
      if (Zenohc.call(Zenohc.CONFIG_FROM_STR, config.address(), text) != Zenohc.OK) {
        return "its configuration is refused: " + Zenohc.lastError();
      }
      int rc = Zenohc.call(Zenohc.OPEN, owned.address(), config.address(), 0);
      return rc == Zenohc.OK ? "" : Zenohc.lastError();
    } finally {
      Blocks.give(config);
    }
  }

  /** Where in a {@code z_timestamp_t} the time stands; the rest is the id of who gave it. */
  private static int timeIn(MemorySegment stamp) {
    long time = Zenohc.get(Zenohc.TIMESTAMP_NTP, stamp.address());
    for (int at = 0; at < STAMP_BYTES; at += 8) {
      if (stamp.get(ValueLayout.JAVA_LONG, at) == time) {
        return at;
      }
    }
    throw Libzenohc.other("no time is in its z_timestamp_t of 24 bytes");
  }

  // ---- for those of this session

  /** The loaned session: only within the gate, or while it is opened. */
  long loaned() {
    return Zenohc.get(Zenohc.SESSION_LOAN, owned.address());
  }

  int ntpAt() {
    return ntpAt;
  }

  /** Writes a {@code z_timestamp_t} of ours, and gives its address back. */
  long timestamp(MemorySegment to, long ntp) {
    MemorySegment.copy(stamp, 0, to, ValueLayout.JAVA_BYTE, 0, STAMP_BYTES);
    to.set(ValueLayout.JAVA_LONG, ntpAt, ntp);
    return to.address();
  }

  long timestamp(Arena arena, long ntp) {
    return timestamp(arena.allocate(STAMP_BYTES, 8), ntp);
  }

  void check(int code, String what) {
    if (code != Zenohc.OK) {
      throw new IllegalStateException(
          "libzenohc, " + what + ": " + Zenohc.lastError() + " (code " + code + ")");
    }
  }

  void answered(int code) {
    if (code != Zenohc.OK) {
      counts.add(Counts.Of.REFUSED);
    }
  }

  void forget(NativeHandle handle) {
    handles.remove(handle);
    if (handle instanceof NativeTokenWatch watch) {
      watches.remove(watch);
    }
  }

  void forget(NativeAsk ask) {
    asks.remove(ask);
  }

  /** A token of this session, now or lately: what the network says of it is not news. */
  boolean own(String token) {
    synchronized (tokens) {
      return ownTokens.contains(token);
    }
  }

  void tokenGoes(String key) {
    synchronized (tokens) {
      if (tokens.computeIfPresent(key, (k, n) -> n == 1 ? null : n - 1) != null) {
        return;
      }
    }
    if (!closed) {
      watches.forEach(w -> w.tell(key, false));
    }
  }

  private void enter() {
    gate.readLock().lock();
    if (closed) {
      gate.readLock().unlock();
      throw new IllegalStateException("the Zenoh session " + id + " is closed");
    }
  }

  private void exit() {
    gate.readLock().unlock();
  }

  // ---- the public part

  @Override
  public ZenohId id() {
    return id;
  }

  @Override
  public boolean awaitLink(Duration timeout) throws InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    while (peers().isEmpty()) {
      if (System.nanoTime() - end > 0) {
        return false;
      }
      Thread.sleep(5);
    }
    return true;
  }

  @Override
  public List<ZenohId> peers() {
    List<ZenohId> out = new CopyOnWriteArrayList<>();
    Upcalls.Handler collect =
        new Upcalls.Handler() {
          @Override
          public void call(long zid) {
            out.add(ZenohId.of(MemorySegment.ofAddress(zid).reinterpret(Zenohc.ID_BYTES)));
          }

          @Override
          public void dropped() {
            // the call that collects is over as well
          }
        };
    enter();
    try (Arena arena = Arena.ofConfined()) {
      long closure = arena.allocate(Layouts.MOST, 16).address();
      Zenohc.zidClosure(closure, collect);
      check(Zenohc.call(Zenohc.ROUTERS_ZID, loaned(), closure), "routers");
      Zenohc.zidClosure(closure, collect);
      check(Zenohc.call(Zenohc.PEERS_ZID, loaned(), closure), "peers");
    } finally {
      exit();
    }
    return List.copyOf(out);
  }

  @Override
  public List<Locator> listening() {
    return listening;
  }

  @Override
  public Counts counts() {
    return counts;
  }

  @Override
  public ZenohPublisher declarePublisher(String key, PublisherOptions options) {
    KeyExpr.check(key);
    enter();
    try {
      NativePublisher p = NativePublisher.declare(this, key, options);
      handles.add(p);
      return p;
    } finally {
      exit();
    }
  }

  /** A declaration: called with the loaned key expression and 4 KiB of zeros for the rest. */
  private interface Declare {
    int call(long keyexpr, MemorySegment scratch);
  }

  private void declare(NativeHandle handle, String key, String what, Declare declare) {
    MemorySegment scratch = Blocks.take();
    boolean called = false;
    try (Arena arena = Arena.ofConfined()) {
      long keyexpr = new NativeMessage(arena).keyexpr(key);
      called = true; // a closure that is made there is dropped by the library
      check(declare.call(keyexpr, scratch), what + " of " + key);
      handles.add(handle);
    } catch (RuntimeException e) {
      if (!called && handle instanceof Upcalls.Handler handler) {
        handler.dropped();
      }
      handle.failed();
      throw e;
    } finally {
      Blocks.give(scratch);
    }
  }

  @Override
  public Declaration declareSubscriber(String key, SampleListener listener) {
    KeyExpr.check(key);
    enter();
    try {
      NativeSubscriber s = new NativeSubscriber(this, listener);
      declare(
          s,
          key,
          "subscriber",
          (ke, scratch) -> {
            Zenohc.sampleClosure(scratch.address(), s);
            return Zenohc.call(
                Zenohc.DECLARE_SUBSCRIBER, loaned(), s.owned.address(), ke, scratch.address(), 0);
          });
      return s;
    } finally {
      exit();
    }
  }

  @Override
  public Declaration declareQueryable(String key, boolean complete, QueryListener listener) {
    KeyExpr.check(key);
    enter();
    try {
      NativeQueryable q = new NativeQueryable(this, listener);
      declare(
          q,
          key,
          "queryable",
          (ke, scratch) -> {
            MemorySegment o = scratch.asSlice(Layouts.MOST, Layouts.MOST);
            Zenohc.run(Zenohc.QUERYABLE_OPTIONS, o.address());
            o.set(ValueLayout.JAVA_BYTE, Layouts.QUERYABLE_COMPLETE, (byte) (complete ? 1 : 0));
            Zenohc.queryClosure(scratch.address(), q);
            return Zenohc.call(
                Zenohc.DECLARE_QUERYABLE,
                loaned(),
                q.owned.address(),
                ke,
                scratch.address(),
                o.address());
          });
      return q;
    } finally {
      exit();
    }
  }

  @Override
  public Declaration declareToken(String key) {
    KeyExpr.check(key);
    NativeToken token;
    enter();
    try {
      synchronized (tokens) {
        ownTokens.remove(key);
        ownTokens.add(key);
        if (ownTokens.size() > MAX_OWN_TOKENS) {
          ownTokens.remove(ownTokens.iterator().next());
        }
      }
      token = new NativeToken(this, key);
      declare(
          token,
          key,
          "token",
          (ke, scratch) ->
              Zenohc.call(Zenohc.DECLARE_TOKEN, loaned(), token.owned.address(), ke, 0));
    } finally {
      exit();
    }
    synchronized (tokens) { // who watches from now on finds it there
      tokens.merge(key, 1, Integer::sum);
    }
    watches.forEach(w -> w.tell(key, true));
    return token;
  }

  @Override
  public Declaration declareTokenListener(String key, TokenListener listener) {
    KeyExpr.check(key);
    NativeTokenWatch watch;
    enter();
    try {
      watch = new NativeTokenWatch(this, key, listener);
      declare(
          watch,
          key,
          "token listener",
          (ke, scratch) -> {
            MemorySegment o = scratch.asSlice(Layouts.MOST, Layouts.MOST);
            Zenohc.run(Zenohc.WATCH_OPTIONS, o.address());
            o.set(ValueLayout.JAVA_BYTE, Layouts.WATCH_HISTORY, (byte) 1);
            Zenohc.sampleClosure(scratch.address(), watch);
            return Zenohc.call(
                Zenohc.DECLARE_WATCH,
                loaned(),
                watch.owned.address(),
                ke,
                scratch.address(),
                o.address());
          });
    } finally {
      exit();
    }
    List<String> ours;
    synchronized (tokens) {
      watches.add(watch);
      ours = List.copyOf(tokens.keySet());
    }
    ours.forEach(token -> watch.tell(token, true));
    return watch;
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
    enter();
    try (Arena arena = Arena.ofConfined()) {
      NativeMessage m = new NativeMessage(arena);
      long keyexpr = m.keyexpr(key);
      MemorySegment o = arena.allocate(Layouts.MOST, 16);
      Zenohc.run(Zenohc.GET_OPTIONS, o.address());
      o.set(ValueLayout.JAVA_INT, Layouts.GET_TARGET, target(options.target()));
      o.set(ValueLayout.JAVA_INT, Layouts.GET_CONSOLIDATION, Layouts.CONSOLIDATION_NONE);
      if (List.of(options.parameters().split(";")).contains("_anyke")) {
        o.set(ValueLayout.JAVA_INT, Layouts.GET_ACCEPT, Layouts.ACCEPT_ANY);
      }
      o.set(ValueLayout.JAVA_LONG, Layouts.GET_TIMEOUT_MS, options.timeoutMs());
      o.set(
          ValueLayout.JAVA_LONG,
          Layouts.GET_PAYLOAD,
          payload == null ? 0 : m.payload(payload.asSlice(0, bytes), bytes));
      o.set(ValueLayout.JAVA_LONG, Layouts.GET_ATTACHMENT, m.attachment(attachment));
      long parameters = arena.allocateFrom(options.parameters()).address();
      long closure = arena.allocate(Layouts.MOST, 16).address();
      NativeAsk ask = new NativeAsk(this, listener, options.timeoutMs());
      asks.add(ask);
      Zenohc.replyClosure(closure, ask);
      check(
          Zenohc.call(Zenohc.GET, loaned(), keyexpr, parameters, closure, o.address()),
          "query of " + key);
    } finally {
      exit();
    }
  }

  private static int target(Target target) {
    return switch (target) {
      case BEST_MATCHING -> 0;
      case ALL -> 1;
      case ALL_COMPLETE -> 2;
    };
  }

  @Override
  public void close() {
    if (gate.getReadHoldCount() > 0 || Upcalls.inside()) {
      // the library waits for the call that we are in
      Thread.ofPlatform().daemon().name("zenoh close").start(this::close);
      return;
    }
    gate.writeLock().lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
    } finally {
      gate.writeLock().unlock();
    }
    handles.forEach(NativeHandle::close);
    asks.forEach(ask -> ask.finish(true));
    end();
  }

  private void end() {
    Zenohc.call(Zenohc.CLOSE, Zenohc.get(Zenohc.SESSION_LOAN_MUT, owned.address()), 0);
    Zenohc.run(Zenohc.SESSION_DROP, owned.address());
    Blocks.give(owned);
  }
}
