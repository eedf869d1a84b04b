package saccade.nodes.rcl;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import saccade.nodes.ros.EndpointInfo;
import saccade.nodes.ros.MessageInfo;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RawListener;
import saccade.nodes.ros.RosEvents;
import saccade.nodes.ros.RosFault;
import saccade.nodes.ros.Subscription;

/**
 * A subscription of rcl. Hot path in {@link #ready}, on the wait loop's thread: no allocation once
 * the buffer has grown.
 */
final class RclSubscription implements Subscription, WaitLoop.Waitable {

  /** Messages taken in a row before other entities get their turn. */
  private static final int BURST = 16;

  // rmw_message_info_t
  private static final int SOURCE_STAMP = 0;
  private static final int RECEIVED_STAMP = 8;
  private static final int PUBLICATION_SEQUENCE = 16;
  private static final int GID = 40;

  private final RclNode node;
  private final String topic;
  private final RawListener listener;
  private final RosEvents sink;
  private final Lifetime lifetime;
  private final Arena arena = Arena.ofShared();
  private final long handle;
  private final boolean straight;
  private final MemorySegment rmwInfo;
  private final MessageInfo info = new MessageInfo();
  private final @Nullable EndpointEvents events;
  private long lost;

  RclSubscription(
      RclNode node,
      String topic,
      TypeSupport type,
      QosProfile qos,
      RawListener listener,
      RosEvents sink) {
    this.node = node;
    this.topic = topic;
    this.listener = listener;
    this.sink = sink;
    lifetime = new Lifetime("subscription " + topic);
    MemorySegment struct = arena.allocate(8, 8);
    handle = struct.address();
    TypeSupport large = StraightTake.of(type);
    straight = large != null;
    try {
      rmwInfo = arena.allocate(Rcl.ABI.messageInfo, 8);
      MemorySegment options = Rcl.subscriptionOptions(arena, qos);
      Rcl.check(
          Rcl.call(
              Rcl.SUBSCRIPTION_INIT,
              handle,
              node.handle(),
              large == null ? type.address() : large.address(),
              arena.allocateFrom(topic).address(),
              options.address()),
          "subscription " + topic + " of " + type.typeName());
      events = events(sink, type, qos);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  private @Nullable EndpointEvents events(RosEvents sink, TypeSupport type, QosProfile qos) {
    if (sink == RosEvents.NONE) {
      return null;
    }
    try {
      return new EndpointEvents(
          sink, topic, EndpointInfo.Kind.SUBSCRIPTION, type.typeName(), qos, handle, arena);
    } catch (RuntimeException e) {
      Rcl.call(Rcl.SUBSCRIPTION_FINI, handle, node.handle());
      throw e;
    }
  }

  @Override
  public String topic() {
    return topic;
  }

  @Override
  public void ready(SerializedMessage scratch) {
    for (int i = 0; i < BURST && !lifetime.isClosed(); i++) {
      int code =
          straight
              ? StraightTake.take(handle, scratch, rmwInfo.address())
              : Rcl.call(Rcl.TAKE_SERIALIZED, handle, scratch.address(), rmwInfo.address(), 0);
      if (code == Rcl.SUBSCRIPTION_TAKE_FAILED) {
        return;
      }
      if (code != Rcl.OK) {
        lost(String.valueOf(Rcl.fault(code, "take").getMessage()));
        return;
      }
      info.sourceStampNs = rmwInfo.get(JAVA_LONG, SOURCE_STAMP);
      info.receivedStampNs = rmwInfo.get(JAVA_LONG, RECEIVED_STAMP);
      info.sequence = rmwInfo.get(JAVA_LONG, PUBLICATION_SEQUENCE);
      MemorySegment.copy(rmwInfo, JAVA_BYTE, GID, info.gid, 0, MessageInfo.GID_BYTES);
      try {
        listener.onMessage(scratch.buffer(), scratch.length(), info);
      } catch (RosFault e) {
        lost(String.valueOf(e.getMessage())); // says what is wrong with the message
      } catch (Throwable t) {
        lost("listener threw " + t);
      }
    }
  }

  private void lost(String reason) {
    lost++;
    sink.lost(topic, reason, 1, lost);
  }

  @Override
  public int matchedPublishers() {
    lifetime.enter();
    try (Arena own = Arena.ofConfined()) {
      MemorySegment count = own.allocate(JAVA_LONG);
      Rcl.check(
          Rcl.call(Rcl.SUBSCRIPTION_MATCHED, handle, count.address()), "publishers of " + topic);
      return (int) count.get(JAVA_LONG, 0);
    } finally {
      lifetime.exit();
    }
  }

  @Override
  public void close() {
    if (lifetime.close()) {
      node.forget(this);
      node.loop().remove(this, this::release);
    }
  }

  private void release() {
    if (events != null) {
      events.release();
    }
    node.setup(() -> Rcl.call(Rcl.SUBSCRIPTION_FINI, handle, node.handle()));
    arena.close();
  }

  @Override
  public WaitLoop.Kind kind() {
    return WaitLoop.Kind.SUBSCRIPTION;
  }

  @Override
  public long handle() {
    return handle;
  }

  @Override
  public void pollEvents() {
    if (events != null && !lifetime.isClosed()) {
      events.poll();
    }
  }
}
