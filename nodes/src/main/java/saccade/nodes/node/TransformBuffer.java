package saccade.nodes.node;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.Pose;
import saccade.msg.geometry_msgs.Quaternion;
import saccade.msg.geometry_msgs.TransformStamped;
import saccade.msg.geometry_msgs.Vector3;

/**
 * The tree of frames over the last seconds. Between two stamps it interpolates (translation
 * linearly, rotation on the great circle); outside them it refuses. Knows no transport. Safe for
 * several threads; allocates, so not for a hot path.
 */
public final class TransformBuffer {
  /** History kept by default, as in tf2. */
  public static final long TEN_SECONDS_NS = 10_000_000_000L;

  /** Stamp that asks for the newest transform there is. */
  public static final long LATEST = 0;

  private static final int MAX_FRAMES = 4096;
  private static final int MAX_DEPTH = 256;

  /** The transform of one child frame to its parent. */
  private static final class Link {
    String parent;
    boolean fixed;
    final TreeMap<Long, Pose> history = new TreeMap<>(); // stamp ns -> parent from child

    Link(String parent, boolean fixed) {
      this.parent = parent;
      this.fixed = fixed;
    }
  }

  private final long historyNs;
  private final Map<String, Link> links = new HashMap<>(); // guarded by this
  private final Set<String> frames = new HashSet<>(); // guarded by this
  private long refused; // guarded by this

  public TransformBuffer() {
    this(TEN_SECONDS_NS);
  }

  /**
   * @param historyNs how far back it looks
   */
  public TransformBuffer(long historyNs) {
    this.historyNs = historyNs;
  }

  /**
   * Takes one transform.
   *
   * @param fixed whether it holds at every time ({@code /tf_static})
   * @return empty when taken, else why not, one line; refusals are counted
   */
  public synchronized String set(TransformStamped message, boolean fixed) {
    String parent = frame(message.header().frameId());
    String child = frame(message.childFrameId());
    if (parent.isEmpty() || child.isEmpty() || parent.equals(child)) {
      return refuse(
          "transform from '%s' to '%s': expected two different frames".formatted(child, parent));
    }
    if (frames.size() >= MAX_FRAMES && !(frames.contains(parent) && frames.contains(child))) {
      return refuse(
          "transform from '%s' to '%s': at most %d frames".formatted(child, parent, MAX_FRAMES));
    }
    Pose pose;
    try {
      Vector3 t = message.transform().translation();
      Quaternion q = message.transform().rotation();
      pose = new Pose(t.x(), t.y(), t.z(), q.w(), q.x(), q.y(), q.z());
    } catch (IllegalArgumentException e) {
      return refuse("transform from '%s' to '%s': %s".formatted(child, parent, e.getMessage()));
    }
    Link link = links.computeIfAbsent(child, c -> new Link(parent, fixed));
    if (!link.parent.equals(parent) || link.fixed != fixed) {
      // Moved to another parent: what was, was in another tree.
      link.parent = parent;
      link.fixed = fixed;
      link.history.clear();
    }
    frames.add(parent);
    frames.add(child);
    if (fixed) {
      link.history.clear();
      link.history.put(0L, pose);
      return "";
    }
    long stampNs = Stamps.ns(message.header().stamp());
    if (!link.history.isEmpty() && stampNs < link.history.lastKey() - historyNs) {
      return refuse(
          "transform from '%s' to '%s': stamp %s s is more than %s s older than the newest, %s s"
              .formatted(
                  child,
                  parent,
                  seconds(stampNs),
                  historyNs / 1e9,
                  seconds(link.history.lastKey())));
    }
    link.history.put(stampNs, pose);
    link.history.headMap(link.history.lastKey() - historyNs).clear();
    return "";
  }

  private String refuse(String why) {
    refused++;
    return why;
  }

  /** Forgets all but fixed transforms: the time went back. */
  public synchronized void clear() {
    links.values().removeIf(link -> !link.fixed);
    frames.clear();
    links.forEach(
        (child, link) -> {
          frames.add(child);
          frames.add(link.parent);
        });
  }

  /** Transforms not taken. */
  public synchronized long refused() {
    return refused;
  }

  /** Whether {@link #lookup} would answer. */
  public boolean canTransform(String target, String source, long stampNs) {
    try {
      lookup(target, source, stampNs);
      return true;
    } catch (TransformFault e) {
      return false;
    }
  }

  /**
   * The pose of the source frame in the target frame: {@code p_target = pose.apply(p_source)}.
   *
   * @param stampNs at this time; {@link #LATEST} for the newest that all links share
   * @throws TransformFault in one line, when it cannot be told
   */
  public synchronized Pose lookup(String target, String source, long stampNs) {
    String to = frame(target);
    String from = frame(source);
    check(to);
    check(from);
    if (to.equals(from)) {
      return Pose.IDENTITY;
    }
    List<String> up = chain(from);
    List<String> down = chain(to);
    String top = common(up, down);
    if (top == null) {
      throw new TransformFault(
          TransformFault.Kind.NOT_CONNECTED,
          "transform from '%s' to '%s': expected one tree, found two ('%s' and '%s' at their tops)"
              .formatted(from, to, up.get(up.size() - 1), down.get(down.size() - 1)));
    }
    long atNs = stampNs == LATEST ? newest(up, down, top) : stampNs;
    return along(down, top, atNs, from, to).inverse().then(along(up, top, atNs, from, to));
  }

  private void check(String frame) {
    if (!frames.contains(frame)) {
      throw new TransformFault(
          TransformFault.Kind.UNKNOWN_FRAME,
          "frame '%s' is not known; known: %s"
              .formatted(frame, frames.stream().sorted().limit(20).toList()));
    }
  }

  /** The frame and its parents up to the top. */
  private List<String> chain(String frame) {
    List<String> chain = new ArrayList<>();
    String at = frame;
    for (int depth = 0; depth < MAX_DEPTH && at != null; depth++) {
      if (chain.contains(at)) {
        break; // a loop: its frames are joined, there is no top
      }
      chain.add(at);
      Link link = links.get(at);
      at = link == null ? null : link.parent;
    }
    return chain;
  }

  private static @Nullable String common(List<String> up, List<String> down) {
    for (String frame : up) {
      if (down.contains(frame)) {
        return frame;
      }
    }
    return null;
  }

  private long newest(List<String> up, List<String> down, String top) {
    long newest = Long.MAX_VALUE;
    for (List<String> chain : List.of(up, down)) {
      for (String frame : chain.subList(0, chain.indexOf(top))) {
        Link link = links.get(frame);
        if (link != null && !link.fixed) {
          newest = Math.min(newest, link.history.lastKey());
        }
      }
    }
    return newest;
  }

  /** {@code top from chain[0]}. */
  private Pose along(List<String> chain, String top, long atNs, String from, String to) {
    Pose pose = Pose.IDENTITY;
    for (String frame : chain.subList(0, chain.indexOf(top))) {
      pose = at(frame, atNs, from, to).then(pose);
    }
    return pose;
  }

  private Pose at(String frame, long atNs, String from, String to) {
    Link link = links.get(frame);
    if (link == null) {
      throw new IllegalStateException("no link of " + frame);
    }
    if (link.fixed) {
      return link.history.firstEntry().getValue();
    }
    Map.Entry<Long, Pose> before = link.history.floorEntry(atNs);
    Map.Entry<Long, Pose> after = link.history.ceilingEntry(atNs);
    if (before == null || after == null) {
      boolean early = before == null;
      throw new TransformFault(
          early ? TransformFault.Kind.BEFORE_HISTORY : TransformFault.Kind.IN_FUTURE,
          "transform from '%s' to '%s' at %s s: '%s' in '%s' is known from %s to %s s, nothing is extrapolated"
              .formatted(
                  from,
                  to,
                  seconds(atNs),
                  frame,
                  link.parent,
                  seconds(link.history.firstKey()),
                  seconds(link.history.lastKey())));
    }
    if (before.getKey().equals(after.getKey())) {
      return before.getValue();
    }
    double part = (double) (atNs - before.getKey()) / (after.getKey() - before.getKey());
    return between(before.getValue(), after.getValue(), part);
  }

  /** Linear in place, spherical in rotation (Shoemake 1985). */
  static Pose between(Pose a, Pose b, double part) {
    double dot = a.qw() * b.qw() + a.qx() * b.qx() + a.qy() * b.qy() + a.qz() * b.qz();
    double sign = dot < 0 ? -1 : 1; // the shorter way round
    double angle = Math.acos(Math.min(1, Math.abs(dot)));
    double wa;
    double wb;
    if (angle < 1e-6) {
      wa = 1 - part;
      wb = part * sign;
    } else {
      wa = Math.sin((1 - part) * angle) / Math.sin(angle);
      wb = sign * Math.sin(part * angle) / Math.sin(angle);
    }
    return new Pose(
        a.x() + part * (b.x() - a.x()),
        a.y() + part * (b.y() - a.y()),
        a.z() + part * (b.z() - a.z()),
        wa * a.qw() + wb * b.qw(),
        wa * a.qx() + wb * b.qx(),
        wa * a.qy() + wb * b.qy(),
        wa * a.qz() + wb * b.qz());
  }

  /** ROS 1's leading slash means nothing. */
  private static String frame(String name) {
    return name.startsWith("/") ? name.substring(1) : name;
  }

  private static String seconds(long ns) {
    return "%d.%09d"
        .formatted(Math.floorDiv(ns, 1_000_000_000L), Math.floorMod(ns, 1_000_000_000L));
  }
}
