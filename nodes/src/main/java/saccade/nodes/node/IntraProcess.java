package saccade.nodes.node;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import saccade.nodes.ros.MessageInfo;

/**
 * Hands messages over between nodes of one process without serializing them: the subscription gets
 * the very record that was published, on the publishing thread. The copy that comes back through
 * the transport is told by its publisher's gid and left out. As in rclcpp, messages published
 * before a subscription was made do not reach it this way; those of transient-local publishers come
 * through the transport instead.
 *
 * <p>Nodes that share one of these ({@link Node.Options#intraProcess}) take part. Any thread.
 */
public final class IntraProcess {
  private record Topic(String name, String type) {}

  private final Map<Topic, List<Inlet<?>>> inlets = new ConcurrentHashMap<>();
  private final List<byte[]> gids = new CopyOnWriteArrayList<>();

  /** Nobody takes part yet. */
  public IntraProcess() {}

  /** A subscription's way in. */
  final class Inlet<T> implements AutoCloseable {
    private final Topic topic;
    private final Class<T> type;
    private final MessageListener<T> listener;
    private final MessageInfo info = new MessageInfo();

    private Inlet(Topic topic, Class<T> type, MessageListener<T> listener) {
      this.topic = topic;
      this.type = type;
      this.listener = listener;
    }

    /** One at a time, as a transport does it. */
    private synchronized void take(Object message, byte[] gid, long stampNs, long sequence) {
      info.sourceStampNs = stampNs;
      info.receivedStampNs = stampNs;
      info.sequence = sequence;
      System.arraycopy(gid, 0, info.gid, 0, gid.length);
      listener.onMessage(type.cast(message), info);
    }

    @Override
    public void close() {
      inlets.getOrDefault(topic, List.of()).remove(this);
    }
  }

  /** A publisher's way out. */
  final class Route implements AutoCloseable {
    private final List<Inlet<?>> to;
    private final byte[] gid;
    private final RosClock clock;
    private long sequence; // guarded by this

    private Route(List<Inlet<?>> to, byte[] gid, RosClock clock) {
      this.to = to;
      this.gid = gid;
      this.clock = clock;
    }

    synchronized void offer(Object message) {
      sequence++;
      for (Inlet<?> inlet : to) {
        inlet.take(message, gid, clock.wallNs(), sequence);
      }
    }

    int subscriptions() {
      return to.size();
    }

    @Override
    public void close() {
      gids.remove(gid);
    }
  }

  <T> Inlet<T> inlet(String topic, String rosType, Class<T> type, MessageListener<T> listener) {
    Topic key = new Topic(topic, rosType);
    Inlet<T> inlet = new Inlet<>(key, type, listener);
    inlets.computeIfAbsent(key, k -> new CopyOnWriteArrayList<>()).add(inlet);
    return inlet;
  }

  Route route(String topic, String rosType, byte[] gid, RosClock clock) {
    gids.add(gid);
    return new Route(
        inlets.computeIfAbsent(new Topic(topic, rosType), k -> new CopyOnWriteArrayList<>()),
        gid,
        clock);
  }

  /** Whether a message that came through the transport was handed over already. */
  boolean has(byte[] gid) {
    for (byte[] own : gids) {
      if (Arrays.equals(own, gid)) {
        return true;
      }
    }
    return false;
  }
}
