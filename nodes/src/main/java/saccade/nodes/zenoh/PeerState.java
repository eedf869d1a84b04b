package saccade.nodes.zenoh;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What one peer has declared, and where its samples go. Written by its link's reader thread. */
final class PeerState {
  /** A queryable of the peer. */
  record RemoteQueryable(String key, boolean complete) {}

  /** Where samples of one key go. */
  record Route(int hash, int scope, boolean sender, byte[] suffix, String key, Subscription[] to) {}

  private static final int ROUTES = 1024; // slots; at most half are used
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  final Map<Integer, String> keys = new ConcurrentHashMap<>();
  final Map<Integer, String> subscribers = new ConcurrentHashMap<>();
  final Map<Integer, RemoteQueryable> queryables = new ConcurrentHashMap<>();
  final Map<Integer, String> tokens = new ConcurrentHashMap<>();

  /** Peers tell all they have when the link comes up, and then that this was all. */
  volatile boolean toldAll;

  final Sample sample = new Sample();
  private final @Nullable Route[] routes = new Route[ROUTES];
  private int routeCount;
  private int routesVersion = -1;

  int declarations() {
    return keys.size() + subscribers.size() + queryables.size() + tokens.size();
  }

  void forgetRoutes() {
    java.util.Arrays.fill(routes, null);
    routeCount = 0;
  }

  /** The route of {@code m}'s key, if it is known; the table is empty after each new version. */
  @Nullable Route route(Message m, int version) {
    if (version != routesVersion) {
      forgetRoutes();
      routesVersion = version;
    }
    int hash = hash(m);
    for (int i = hash & ROUTES - 1; ; i = i + 1 & ROUTES - 1) {
      Route r = routes[i];
      if (r == null) {
        return null;
      }
      if (r.hash == hash
          && r.scope == m.scope
          && r.sender == m.senderMapping
          && r.suffix.length == m.suffixBytes
          && same(m, r.suffix)) {
        return r;
      }
    }
  }

  private static boolean same(Message m, byte[] suffix) {
    for (int i = 0; i < suffix.length; i++) {
      if (suffix[i] != m.memory.get(ValueLayout.JAVA_BYTE, m.suffixAt + i)) {
        return false;
      }
    }
    return true;
  }

  Route remember(Message m, String key, Subscription[] to) {
    if (routeCount >= ROUTES / 2) {
      forgetRoutes();
    }
    int hash = hash(m);
    byte[] suffix = m.suffixBytes == 0 ? new byte[0] : m.copy(m.suffixAt, m.suffixBytes);
    Route r = new Route(hash, m.scope, m.senderMapping, suffix, key, to);
    int i = hash & ROUTES - 1;
    while (routes[i] != null) {
      i = i + 1 & ROUTES - 1;
    }
    routes[i] = r;
    routeCount++;
    return r;
  }

  private static int hash(Message m) {
    MemorySegment memory = m.memory;
    long h = m.scope * 0x9E3779B97F4A7C15L + (m.senderMapping ? 1 : 0) + m.suffixBytes;
    long at = m.suffixAt;
    int left = m.suffixBytes;
    while (left >= 8) {
      h = (h ^ memory.get(LONG, at)) * 0x9E3779B97F4A7C15L;
      h ^= h >>> 29;
      at += 8;
      left -= 8;
    }
    while (left-- > 0) {
      h = (h ^ memory.get(ValueLayout.JAVA_BYTE, at++)) * 0x9E3779B97F4A7C15L;
    }
    return (int) (h ^ h >>> 32);
  }
}
