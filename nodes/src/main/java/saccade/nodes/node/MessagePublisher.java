package saccade.nodes.node;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import saccade.nodes.cdr.CdrWriter;
import saccade.nodes.cdr.MessageType;
import saccade.nodes.ros.Publisher;

/**
 * Publishes messages of one type. Any thread. {@link #publish(Object)} allocates nothing once its
 * buffer has grown; {@link #publish(MemorySegment, long)} is the hot path for large messages.
 *
 * @param <T> the message's record
 */
public final class MessagePublisher<T> implements AutoCloseable {
  private final MessageType<T> type;
  private final Publisher publisher;
  private final IntraProcess.@Nullable Route route;
  private final boolean latched;
  private final Consumer<AutoCloseable> forget;
  private final CdrWriter writer = new CdrWriter(); // guarded by lock
  private final ReentrantLock lock = new ReentrantLock();
  private boolean closed; // guarded by lock

  MessagePublisher(
      MessageType<T> type,
      Publisher publisher,
      IntraProcess.@Nullable Route route,
      boolean latched,
      Consumer<AutoCloseable> forget) {
    this.type = type;
    this.publisher = publisher;
    this.route = route;
    this.latched = latched;
    this.forget = forget;
  }

  /** Full name. */
  public String topic() {
    return publisher.topic();
  }

  /** Sends one message; after {@link #close} it goes nowhere. */
  public void publish(T message) {
    IntraProcess.Route local = route;
    if (local != null) {
      local.offer(message);
      // Those in this process have it; is there anybody else, or may somebody come later?
      if (!latched && publisher.matchedSubscriptions() <= local.subscriptions()) {
        return;
      }
    }
    lock.lock();
    try {
      if (!closed) {
        type.encode(message, writer);
        publisher.publish(writer.buffer(), writer.bytes());
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Sends one message that is serialized already, encapsulation header included; read during the
   * call only. It reaches subscriptions of this process through the transport.
   */
  public void publish(MemorySegment cdr, long bytes) {
    publisher.publish(cdr, bytes);
  }

  /** How many subscriptions match it now, those of this process too. */
  public int matchedSubscriptions() {
    return publisher.matchedSubscriptions();
  }

  /** Leaves the graph. A second call does nothing. */
  @Override
  public void close() {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      writer.close();
    } finally {
      lock.unlock();
    }
    forget.accept(this);
    if (route != null) {
      route.close();
    }
    publisher.close();
  }
}
