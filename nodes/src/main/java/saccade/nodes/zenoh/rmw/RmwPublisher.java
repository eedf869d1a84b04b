package saccade.nodes.zenoh.rmw;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import saccade.nodes.ros.Publisher;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosFault;
import saccade.nodes.zenoh.ZenohPublisher;
import saccade.nodes.zenoh.ZenohSession;
import saccade.nodes.zenoh.ZenohSession.Declaration;
import saccade.nodes.zenoh.ZenohSession.PublisherOptions;

/** Hot path. Numbers, stamps and sends. */
final class RmwPublisher implements Publisher {
  private final RmwNode node;
  private final Endpoint endpoint;
  private final ZenohPublisher publisher;
  private final Declaration alive;
  private final @Nullable HistoryCache history;
  private final boolean numbered;
  // guarded by this
  private final byte[] attachment;
  private long sequence;
  private long ntp;
  private boolean closed;

  RmwPublisher(RmwNode node, Endpoint endpoint) {
    this.node = node;
    this.endpoint = endpoint;
    this.attachment = Attachment.of(endpoint.gid);
    QosProfile qos = endpoint.qos;
    boolean reliable = qos.reliability() == QosProfile.Reliability.RELIABLE;
    boolean block = reliable && qos.history() == QosProfile.History.KEEP_ALL;
    boolean local = qos.durability() == QosProfile.Durability.TRANSIENT_LOCAL;
    ZenohSession session = node.transport.session;
    String key = Token.dataKey(node.transport.domain, endpoint.name, endpoint.type, endpoint.hash);
    publisher =
        session.declarePublisher(
            key,
            block
                ? PublisherOptions.BLOCKING
                : new PublisherOptions(
                    reliable, false, PublisherOptions.DEFAULT.priority(), false));
    numbered = local && reliable;
    history =
        local ? new HistoryCache(session, key, qos.depth(), publisher.entityId(), numbered) : null;
    alive = session.declareToken(endpoint.token);
    node.transport.graph.watch(endpoint);
  }

  @Override
  public String topic() {
    return endpoint.name;
  }

  @Override
  public synchronized void publish(MemorySegment cdr, long bytes) {
    if (closed) {
      throw new RosFault("publisher of " + endpoint.name + " is closed");
    }
    if (bytes < 4 || bytes > cdr.byteSize()) {
      throw new RosFault(bytes + " bytes for " + endpoint.name + "; wanted 4 to " + cdr.byteSize());
    }
    sequence++;
    long wallNs = Attachment.wallNs();
    Attachment.stamp(attachment, sequence, wallNs);
    if (history == null) {
      publisher.put(cdr, bytes, attachment);
      return;
    }
    // the same number and time stamp in cache and sample: by them a subscriber knows it again;
    // first into the cache: who asks now must not miss it between the two
    long number = numbered ? sequence - 1 & 0xFFFF_FFFFL : -1;
    ntp = Math.max(ntp + 1, ntp(wallNs));
    history.keep(cdr, bytes, attachment, number, ntp);
    publisher.put(cdr, bytes, attachment, number, ntp);
  }

  /** Zenoh's time: seconds since 1970 in the upper half, their fraction in the lower. */
  private static long ntp(long wallNs) {
    long seconds = wallNs / 1_000_000_000L;
    return seconds << 32 | (wallNs % 1_000_000_000L << 32) / 1_000_000_000L;
  }

  @Override
  public byte[] gid() {
    return endpoint.gid.clone();
  }

  @Override
  public int matchedSubscriptions() {
    return endpoint.matched();
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    alive.close();
    endpoint.close();
    if (history != null) {
      history.close();
    }
    publisher.close();
    node.forget(this);
  }
}
