package saccade.nodes.zenoh.rmw;

import java.lang.foreign.MemorySegment;
import saccade.nodes.ros.MessageInfo;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RawListener;
import saccade.nodes.ros.RosFault;
import saccade.nodes.ros.Subscription;
import saccade.nodes.zenoh.Sample;
import saccade.nodes.zenoh.ZenohSession;
import saccade.nodes.zenoh.ZenohSession.Declaration;

/** Hot path. Hands the samples' memory to the listener as it lies in the receive buffer. */
final class RmwSubscription implements Subscription {
  private static final int HEADER_BYTES = 4;

  private final RmwNode node;
  private final Endpoint endpoint;
  private final RawListener listener;
  private final AutoCloseable source;
  private final Declaration alive;
  private final MessageInfo info = new MessageInfo();
  private final SequenceGaps gaps = new SequenceGaps();
  private volatile boolean closed;
  private long lost;

  RmwSubscription(RmwNode node, Endpoint endpoint, RawListener listener) {
    this.node = node;
    this.endpoint = endpoint;
    this.listener = listener;
    ZenohSession session = node.transport.session;
    String key = Token.dataKey(node.transport.domain, endpoint.name, endpoint.type, endpoint.hash);
    QosProfile qos = endpoint.qos;
    boolean local = qos.durability() == QosProfile.Durability.TRANSIENT_LOCAL;
    boolean reliable = qos.reliability() == QosProfile.Reliability.RELIABLE;
    if (local) {
      String sub = session.id() + "/" + node.transport.nextEntity() + "/_";
      source = new HistorySubscription(session, key, qos.depth(), reliable, sub, this::deliver);
    } else {
      source = session.declareSubscriber(key, this::onSample);
    }
    alive = session.declareToken(endpoint.token);
    node.transport.graph.watch(endpoint);
  }

  private void onSample(Sample sample) {
    if (sample.isPut()) {
      Attachment.read(sample, info); // a sample without one has unknown number and id
      info.receivedStampNs = Attachment.wallNs();
      deliver(sample.payload(), sample.payload().byteSize(), info);
    }
  }

  /** One at a time: the session, or the history, sees to that. */
  private void deliver(MemorySegment cdr, long bytes, MessageInfo from) {
    if (closed) {
      return;
    }
    long missing = gaps.before(from.gid, from.sequence);
    if (missing > 0) {
      lost("numbers before " + from.sequence + " of one publisher did not come", missing);
    }
    if (bytes < HEADER_BYTES) {
      lost("a message of " + bytes + " bytes; wanted at least the 4 of its header", 1);
      return;
    }
    try {
      listener.onMessage(cdr, bytes, from);
    } catch (RosFault e) {
      lost(String.valueOf(e.getMessage()), 1); // says what is wrong with the message
    } catch (RuntimeException e) {
      lost("the listener threw " + e, 1);
    }
  }

  private void lost(String reason, long count) {
    lost += count;
    node.events.lost(endpoint.name, reason, count, lost);
  }

  @Override
  public String topic() {
    return endpoint.name;
  }

  @Override
  public int matchedPublishers() {
    return endpoint.matched();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    alive.close();
    endpoint.close();
    try {
      source.close();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    node.forget(this);
  }
}
