package saccade.nodes.zenoh;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import saccade.nodes.zenoh.Counts.Of;
import saccade.nodes.zenoh.ZenohSession.PublisherOptions;

/** Hot path. Writes the head of a sample into memory of its own and gives it to each link. */
final class NetPublisher implements ZenohPublisher {
  private final NetSession session;
  private final String key;
  private final int entity;
  private final int keyId; // 0: none
  private final PublisherOptions options;
  // guarded by this
  private final WireWriter head = new WireWriter();
  private final Sample local = new Sample();
  private int routesVersion = -1;
  private int targetsVersion = -1;
  private Subscription[] subscriptions = {};
  private Link[] targets = {};
  private boolean closed;

  NetPublisher(NetSession session, String key, int entity, int keyId, PublisherOptions options) {
    this.session = session;
    this.key = key;
    this.entity = entity;
    this.keyId = keyId;
    this.options = options;
  }

  @Override
  public String key() {
    return key;
  }

  @Override
  public int entityId() {
    return entity;
  }

  @Override
  public boolean put(MemorySegment payload, long bytes, byte @Nullable [] attachment) {
    return put(payload, bytes, attachment, -1, 0);
  }

  @Override
  public synchronized boolean put(
      MemorySegment payload, long bytes, byte @Nullable [] attachment, long sequence, long ntp) {
    if (bytes < 0 || bytes > payload.byteSize() || bytes > session.config.maxMessageBytes()) {
      throw new IllegalArgumentException(
          "payload of " + bytes + " bytes; wanted 0 to " + payload.byteSize());
    }
    if (closed) {
      throw new IllegalStateException("the publisher of " + key + " is closed");
    }
    refresh();
    long stamp = ntp == 0 && session.config.timestamps() ? session.ntp() : ntp;
    int qos = options.qos();
    boolean sent = targets.length > 0;
    if (sent) {
      ByteBuffer tail = Messages.tail(payload, bytes);
      if (keyId != 0) { // a few bytes instead of all its text
        head.clear().u8(Wire.PUSH | Wire.SENDER_MAPPING | Wire.Z).z(keyId);
      } else {
        head.clear().u8(Wire.PUSH | Wire.NAMED | Wire.Z).key(key);
      }
      head.u8(Wire.EXT_Z64 | Wire.EXT_QOS).z(qos);
      Messages.put(
          head,
          session.id(),
          payload,
          bytes,
          tail == null,
          attachment,
          session.id(),
          entity,
          sequence,
          stamp);
      for (Link link : targets) {
        if (tail != null) {
          tail.rewind();
        }
        sent &= link.writer.send(head, tail, options.reliable(), qos);
      }
      session.counts.add(Of.SENT);
    } else {
      session.counts.add(Of.DROPPED_WITHOUT_LINK);
    }
    if (subscriptions.length > 0) {
      local.local(key, payload.asSlice(0, bytes), attachment, qos);
      local.source(sequence < 0 ? null : session.id(), entity, sequence, stamp);
      for (Subscription s : subscriptions) {
        s.deliver(local);
      }
    }
    return sent;
  }

  private void refresh() {
    int routes = session.routesVersion();
    if (routes != routesVersion) {
      routesVersion = routes;
      subscriptions = session.subscribersOf(key);
    }
    int version = session.targetsVersion();
    if (version != targetsVersion) {
      targetsVersion = version;
      targets = session.targetsOf(key);
    }
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      session.undeclareKey(keyId);
    }
  }
}
