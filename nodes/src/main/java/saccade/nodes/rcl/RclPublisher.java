package saccade.nodes.rcl;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import org.jspecify.annotations.Nullable;
import saccade.nodes.ros.EndpointInfo;
import saccade.nodes.ros.Publisher;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosEvents;

/**
 * A publisher of rcl. Hot path in {@link #publish}: no lock, no allocation while one thread at a
 * time publishes.
 */
final class RclPublisher implements Publisher, WaitLoop.Waitable {

  private static final VarHandle MESSAGE_TAKEN;

  static {
    try {
      MESSAGE_TAKEN =
          MethodHandles.lookup().findVarHandle(RclPublisher.class, "messageTaken", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final RclNode node;
  private final String topic;
  private final Lifetime lifetime;
  private final Arena arena = Arena.ofShared();
  private final long handle;
  private final SerializedMessage message;
  private final @Nullable EndpointEvents events;

  @SuppressWarnings("unused") // through MESSAGE_TAKEN
  private volatile boolean messageTaken;

  RclPublisher(RclNode node, String topic, TypeSupport type, QosProfile qos, RosEvents sink) {
    this.node = node;
    this.topic = topic;
    lifetime = new Lifetime("publisher " + topic);
    MemorySegment struct = arena.allocate(8, 8);
    handle = struct.address();
    try {
      message = SerializedMessage.pointing(arena);
      MemorySegment options = Rcl.publisherOptions(arena, qos);
      Rcl.check(
          Rcl.call(
              Rcl.PUBLISHER_INIT,
              handle,
              node.handle(),
              type.address(),
              arena.allocateFrom(topic).address(),
              options.address()),
          "publisher " + topic + " of " + type.typeName());
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
          sink, topic, EndpointInfo.Kind.PUBLISHER, type.typeName(), qos, handle, arena);
    } catch (RuntimeException e) {
      Rcl.call(Rcl.PUBLISHER_FINI, handle, node.handle());
      throw e;
    }
  }

  @Override
  public String topic() {
    return topic;
  }

  @Override
  public void publish(MemorySegment cdr, long bytes) {
    SerializedMessage.check(topic, cdr, bytes);
    lifetime.enter();
    try {
      int code;
      if (MESSAGE_TAKEN.compareAndSet(this, false, true)) {
        message.point(cdr, bytes);
        code = Rcl.call(Rcl.PUBLISH_SERIALIZED, handle, message.address(), 0);
        MESSAGE_TAKEN.setRelease(this, false);
      } else {
        // Another thread is publishing here: rcl allows it, each with a message struct of its own.
        try (Arena own = Arena.ofConfined()) {
          SerializedMessage second = SerializedMessage.pointing(own);
          second.point(cdr, bytes);
          code = Rcl.call(Rcl.PUBLISH_SERIALIZED, handle, second.address(), 0);
        }
      }
      if (code != Rcl.OK) {
        throw Rcl.fault(code, "publish on " + topic);
      }
    } finally {
      lifetime.exit();
      Reference.reachabilityFence(cdr);
    }
  }

  @Override
  public byte[] gid() {
    lifetime.enter();
    try {
      return Rcl.gid(handle, topic);
    } finally {
      lifetime.exit();
    }
  }

  @Override
  public int matchedSubscriptions() {
    lifetime.enter();
    try (Arena own = Arena.ofConfined()) {
      MemorySegment count = own.allocate(JAVA_LONG);
      Rcl.check(
          Rcl.call(Rcl.PUBLISHER_MATCHED, handle, count.address()), "subscriptions of " + topic);
      return (int) count.get(JAVA_LONG, 0);
    } finally {
      lifetime.exit();
    }
  }

  @Override
  public void close() {
    if (!lifetime.close()) {
      return;
    }
    node.forget(this);
    if (events == null) {
      release();
    } else {
      node.loop().remove(this, this::release);
    }
  }

  private void release() {
    if (events != null) {
      events.release();
    }
    node.setup(() -> Rcl.call(Rcl.PUBLISHER_FINI, handle, node.handle()));
    arena.close();
  }

  @Override
  public WaitLoop.Kind kind() {
    return WaitLoop.Kind.PUBLISHER;
  }

  @Override
  public long handle() {
    return handle;
  }

  @Override
  public void ready(SerializedMessage scratch) {
    throw new IllegalStateException("a publisher is in no wait set");
  }

  @Override
  public void pollEvents() {
    if (events != null && !lifetime.isClosed()) {
      events.poll();
    }
  }
}
