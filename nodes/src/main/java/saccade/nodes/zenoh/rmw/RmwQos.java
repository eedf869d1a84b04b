package saccade.nodes.zenoh.rmw;

import org.jspecify.annotations.Nullable;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.QosProfile.Durability;
import saccade.nodes.ros.QosProfile.History;
import saccade.nodes.ros.QosProfile.Liveliness;
import saccade.nodes.ros.QosProfile.Reliability;
import saccade.nodes.ros.RosFault;

/**
 * The quality-of-service chunk of a token: {@code
 * reliability:durability:history,depth:deadline:lifespan:liveliness,lease}, durations as {@code
 * s,ns}, each number left out where it is rmw_zenoh's default.
 */
final class RmwQos {
  static final int DEFAULT_DEPTH = 42;
  private static final long NS = 1_000_000_000L;
  private static final long INFINITE_S = QosProfile.INFINITE_NS / NS;
  private static final long INFINITE_REST = QosProfile.INFINITE_NS % NS;

  private RmwQos() {}

  /** What rmw_zenoh makes of a profile: nothing is left to the middleware any more. */
  static QosProfile adapted(QosProfile q) {
    if (q.reliability() == Reliability.UNKNOWN
        || q.durability() == Durability.UNKNOWN
        || q.history() == History.UNKNOWN
        || q.liveliness() == Liveliness.UNKNOWN) {
      throw new RosFault("QoS policy UNKNOWN in " + q + "; wanted a policy");
    }
    boolean reliable = q.reliability() != Reliability.BEST_EFFORT;
    boolean local = q.durability() == Durability.TRANSIENT_LOCAL;
    return new QosProfile(
        q.history() == History.KEEP_ALL ? History.KEEP_ALL : History.KEEP_LAST,
        q.depth() == 0 ? DEFAULT_DEPTH : q.depth(),
        reliable ? Reliability.RELIABLE : Reliability.BEST_EFFORT,
        local ? Durability.TRANSIENT_LOCAL : Durability.VOLATILE,
        orInfinite(q.deadlineNs()),
        orInfinite(q.lifespanNs()),
        q.liveliness() == Liveliness.MANUAL_BY_TOPIC
            ? Liveliness.MANUAL_BY_TOPIC
            : Liveliness.AUTOMATIC,
        orInfinite(q.livelinessLeaseNs()));
  }

  private static long orInfinite(long ns) {
    return ns == 0 ? QosProfile.INFINITE_NS : ns;
  }

  /** The chunk of an adapted profile. */
  static String text(QosProfile q) {
    return number(q.reliability().code(), 1)
        + ":"
        + number(q.durability().code(), 2)
        + ":"
        + number(q.history().code(), 1)
        + ","
        + number(q.depth(), DEFAULT_DEPTH)
        + ":"
        + duration(q.deadlineNs())
        + ":"
        + duration(q.lifespanNs())
        + ":"
        + number(q.liveliness().code(), 1)
        + ","
        + duration(q.livelinessLeaseNs());
  }

  private static String number(long value, long usual) {
    return value == usual ? "" : Long.toString(value);
  }

  private static String duration(long ns) {
    return number(ns / NS, INFINITE_S) + "," + number(ns % NS, INFINITE_REST);
  }

  /** Reads a chunk; null when it is none. */
  static @Nullable QosProfile parse(String text) {
    String[] parts = text.split(":", -1);
    if (parts.length < 6) {
      return null;
    }
    String[] history = parts[2].split(",", -1);
    String[] deadline = parts[3].split(",", -1);
    String[] lifespan = parts[4].split(",", -1);
    String[] liveliness = parts[5].split(",", -1);
    if (history.length < 2 || deadline.length < 2 || lifespan.length < 2 || liveliness.length < 3) {
      return null;
    }
    try {
      return new QosProfile(
          History.of((int) number(history[0], 1)),
          (int) Math.min(Integer.MAX_VALUE, number(history[1], DEFAULT_DEPTH)),
          Reliability.of((int) number(parts[0], 1)),
          Durability.of((int) number(parts[1], 2)),
          duration(deadline[0], deadline[1]),
          duration(lifespan[0], lifespan[1]),
          Liveliness.of((int) number(liveliness[0], 1)),
          duration(liveliness[1], liveliness[2]));
    } catch (NumberFormatException | RosFault e) {
      return null;
    }
  }

  private static long number(String text, long usual) {
    if (text.isEmpty()) {
      return usual;
    }
    long value = Long.parseUnsignedLong(text);
    return value < 0 ? Long.MAX_VALUE : value;
  }

  private static long duration(String s, String ns) {
    long seconds = number(s, INFINITE_S);
    long rest = number(ns, INFINITE_REST);
    boolean infinite = seconds > INFINITE_S || (seconds == INFINITE_S && rest >= INFINITE_REST);
    return infinite ? QosProfile.INFINITE_NS : seconds * NS + Math.min(rest, NS - 1);
  }

  /** The first policy by which a subscription gets nothing of a publisher, or null. */
  static @Nullable String conflict(QosProfile publisher, QosProfile subscription) {
    if (publisher.reliability() == Reliability.BEST_EFFORT
        && subscription.reliability() == Reliability.RELIABLE) {
      return "RELIABILITY";
    }
    if (publisher.durability() == Durability.VOLATILE
        && subscription.durability() == Durability.TRANSIENT_LOCAL) {
      return "DURABILITY";
    }
    if (publisher.deadlineNs() > subscription.deadlineNs()) {
      return "DEADLINE";
    }
    if (publisher.liveliness() == Liveliness.AUTOMATIC
        && subscription.liveliness() == Liveliness.MANUAL_BY_TOPIC) {
      return "LIVELINESS";
    }
    return publisher.livelinessLeaseNs() > subscription.livelinessLeaseNs() ? "LIVELINESS" : null;
  }
}
