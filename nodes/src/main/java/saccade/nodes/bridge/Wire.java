package saccade.nodes.bridge;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import saccade.msg.builtin_interfaces.Duration;
import saccade.msg.builtin_interfaces.Time;
import saccade.msg.std_msgs.Header;
import saccade.nodes.cdr.CdrFault;
import saccade.nodes.cdr.CdrReader;
import saccade.nodes.cdr.CdrWriter;
import saccade.nodes.cdr.MessageType;
import saccade.nodes.ros.Publisher;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosNode;
import saccade.nodes.ros.Subscription;

/** Typed publishers and subscriptions of one bridge, and stamps. */
final class Wire {
  private Wire() {}

  /** Sends records; one thread. */
  static final class Out<T> implements AutoCloseable {
    private final MessageType<T> type;
    private final Publisher publisher;
    private final CdrWriter writer = new CdrWriter();

    Out(RosNode node, String topic, MessageType<T> type, QosProfile qos) {
      this.type = type;
      this.publisher = node.createPublisher(topic, type.rosName(), type.typeHash(), qos);
    }

    void send(T message) {
      type.encode(message, writer);
      publisher.publish(writer.buffer(), writer.bytes());
    }

    String topic() {
      return publisher.topic();
    }

    @Override
    public void close() {
      publisher.close();
      writer.close();
    }
  }

  /** Receives records; a payload that is none is counted and dropped. */
  static final class In<T> implements AutoCloseable {
    private final AtomicLong faults = new AtomicLong();
    private final AtomicLong received = new AtomicLong();
    private final Subscription subscription;

    In(RosNode node, String topic, MessageType<T> type, QosProfile qos, Consumer<T> listener) {
      CdrReader reader = new CdrReader();
      subscription =
          node.createSubscription(
              topic,
              type.rosName(),
              type.typeHash(),
              qos,
              (cdr, bytes, info) -> {
                try {
                  listener.accept(type.decode(reader, cdr, bytes));
                  received.incrementAndGet();
                } catch (CdrFault fault) {
                  faults.incrementAndGet();
                }
              });
    }

    long received() {
      return received.get();
    }

    long faults() {
      return faults.get();
    }

    String topic() {
      return subscription.topic();
    }

    @Override
    public void close() {
      subscription.close();
    }
  }

  static Time time(long ns) {
    return new Time(
        (int) Math.floorDiv(ns, 1_000_000_000L), (int) Math.floorMod(ns, 1_000_000_000L));
  }

  static Duration duration(long ns) {
    return new Duration(
        (int) Math.floorDiv(ns, 1_000_000_000L), (int) Math.floorMod(ns, 1_000_000_000L));
  }

  static Header header(long ns, String frame) {
    return new Header(time(ns), frame);
  }
}
