package saccade.nodes.rcl;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import saccade.nodes.ros.EndpointInfo;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosEvents;

/**
 * The events of one publisher or subscription, asked for by the wait loop from time to time. Kinds
 * that the middleware does not know are left out. Only the wait loop's thread, after the
 * constructor.
 */
final class EndpointEvents {

  private static final int STATUS_BYTES = 64;
  private static final int DEADLINE = 0;
  private static final int LIVELINESS = 1;
  private static final int INCOMPATIBLE_QOS = 2;
  // Subscriptions have one kind more in the middle.
  private static final int SUBSCRIPTION_MESSAGE_LOST = 3;
  private static final int INCOMPATIBLE_TYPE = 3;
  private static final int MATCHED = 4;

  /** One rcl_event_t and what it last told. */
  private static final class Event {
    final int kind;
    final MemorySegment struct;
    long lastTotal;

    Event(int kind, MemorySegment struct) {
      this.kind = kind;
      this.struct = struct;
    }
  }

  private final RosEvents sink;
  private final String topic;
  private final EndpointInfo.Kind endpointKind;
  private final String type;
  private final MemorySegment status;
  private final List<Event> events = new ArrayList<>();

  /**
   * Makes the events.
   *
   * @param endpoint address of rcl_publisher_t or rcl_subscription_t, alive until {@link #release}
   * @param arena for the structs; alive until {@link #release}
   */
  EndpointEvents(
      RosEvents sink,
      String topic,
      EndpointInfo.Kind endpointKind,
      String type,
      QosProfile qos,
      long endpoint,
      Arena arena) {
    this.sink = sink;
    this.topic = topic;
    this.endpointKind = endpointKind;
    this.type = type;
    status = arena.allocate(STATUS_BYTES, 8);
    try {
      makeAll(qos, endpoint, arena);
    } catch (RuntimeException e) {
      release();
      throw e;
    }
  }

  private void makeAll(QosProfile qos, long endpoint, Arena arena) {
    boolean publisher = endpointKind == EndpointInfo.Kind.PUBLISHER;
    if (qos.deadlineNs() != 0 && qos.deadlineNs() != QosProfile.INFINITE_NS) {
      make(DEADLINE, DEADLINE, endpoint, arena);
    }
    if (qos.livelinessLeaseNs() != 0 && qos.livelinessLeaseNs() != QosProfile.INFINITE_NS) {
      make(LIVELINESS, LIVELINESS, endpoint, arena);
    }
    make(INCOMPATIBLE_QOS, INCOMPATIBLE_QOS, endpoint, arena);
    if (!publisher) {
      make(-SUBSCRIPTION_MESSAGE_LOST, SUBSCRIPTION_MESSAGE_LOST, endpoint, arena);
    }
    if (Rcl.ABI.hasTypeHashes()) {
      int shift = publisher ? 0 : 1;
      make(INCOMPATIBLE_TYPE, INCOMPATIBLE_TYPE + shift, endpoint, arena);
      make(MATCHED, MATCHED + shift, endpoint, arena);
    }
  }

  private void make(int kind, int number, long endpoint, Arena arena) {
    MemorySegment struct = arena.allocate(8, 8);
    int code =
        Rcl.eventInit(
            endpointKind == EndpointInfo.Kind.PUBLISHER
                ? Rcl.PUBLISHER_EVENT_INIT
                : Rcl.SUBSCRIPTION_EVENT_INIT,
            struct.address(),
            endpoint,
            number);
    if (code == Rcl.UNSUPPORTED) {
      Rcl.forgetError();
    } else {
      Rcl.check(code, "event " + number + " of " + topic);
      events.add(new Event(kind, struct));
    }
  }

  /** Asks for each event and tells what changed. */
  void poll() {
    for (Event event : events) {
      status.fill((byte) 0);
      if (Rcl.call(Rcl.TAKE_EVENT, event.struct.address(), status.address()) != Rcl.OK) {
        Rcl.forgetError();
        continue;
      }
      boolean wide = event.kind == -SUBSCRIPTION_MESSAGE_LOST || event.kind == MATCHED;
      if (event.kind == LIVELINESS && endpointKind == EndpointInfo.Kind.SUBSCRIPTION) {
        livelinessChanged(event);
        continue;
      }
      long total = wide ? status.get(JAVA_LONG, 0) : status.get(JAVA_INT, 0);
      if (event.kind == MATCHED) {
        matched(event);
      } else if (total != event.lastTotal) {
        long count = total - event.lastTotal;
        event.lastTotal = total;
        tell(event.kind, count, total);
      }
    }
  }

  private void tell(int kind, long count, long total) {
    switch (kind) {
      case DEADLINE -> sink.deadlineMissed(topic, endpointKind, total);
      case LIVELINESS -> sink.livelinessChanged(topic, endpointKind, 0, total);
      case INCOMPATIBLE_QOS ->
          sink.incompatibleQos(topic, endpointKind, policy(status.get(JAVA_INT, 8)), total);
      case INCOMPATIBLE_TYPE ->
          sink.incompatibleType(topic, endpointKind, "another type", type, total);
      case -SUBSCRIPTION_MESSAGE_LOST -> sink.lost(topic, "lost by the middleware", count, total);
      default -> throw new IllegalStateException("event kind " + kind);
    }
  }

  private void livelinessChanged(Event event) {
    int alive = status.get(JAVA_INT, 0);
    int notAlive = status.get(JAVA_INT, 4);
    int changes = Math.abs(status.get(JAVA_INT, 8)) + Math.abs(status.get(JAVA_INT, 12));
    if (changes != 0 && alive + notAlive >= 0) {
      event.lastTotal += changes;
      sink.livelinessChanged(topic, endpointKind, alive, event.lastTotal);
    }
  }

  private void matched(Event event) {
    long current = status.get(JAVA_LONG, 16);
    if (current != event.lastTotal) {
      event.lastTotal = current;
      sink.matched(topic, endpointKind, (int) current);
    }
  }

  /** rmw_qos_policy_kind_t: one bit a policy. */
  private static String policy(int kind) {
    return switch (kind) {
      case 1 << 1 -> "DURABILITY";
      case 1 << 2 -> "DEADLINE";
      case 1 << 3 -> "LIVELINESS";
      case 1 << 4 -> "RELIABILITY";
      case 1 << 5 -> "HISTORY";
      case 1 << 6 -> "LIFESPAN";
      case 1 << 7 -> "DEPTH";
      case 1 << 8 -> "LIVELINESS_LEASE_DURATION";
      default -> "UNKNOWN";
    };
  }

  /** Frees the events; before their endpoint is freed. */
  void release() {
    for (Event event : events) {
      Rcl.call(Rcl.EVENT_FINI, event.struct.address());
    }
    events.clear();
  }
}
