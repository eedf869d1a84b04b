package saccade.nodes.ros;

/**
 * Quality of service of an endpoint; policies and profiles are named as rclcpp names them.
 *
 * @param history which messages are kept
 * @param depth how many with {@link History#KEEP_LAST}; 0 leaves it to the middleware
 * @param reliability whether lost messages are sent again
 * @param durability whether late subscriptions get earlier messages
 * @param deadlineNs longest time between two messages; 0 = not set, {@link #INFINITE_NS} = none
 * @param lifespanNs age from which messages are dropped; 0 = not set, {@link #INFINITE_NS} = none
 * @param liveliness who says that a publisher is alive
 * @param livelinessLeaseNs how long it may be silent; 0 = not set, {@link #INFINITE_NS} = for ever
 */
public record QosProfile(
    History history,
    int depth,
    Reliability reliability,
    Durability durability,
    long deadlineNs,
    long lifespanNs,
    Liveliness liveliness,
    long livelinessLeaseNs) {

  /** A duration without end: ROS's 9223372036 s 854775807 ns. */
  public static final long INFINITE_NS = Long.MAX_VALUE;

  /** Keep last 10, reliable, volatile. */
  public static final QosProfile DEFAULT =
      of(History.KEEP_LAST, 10, Reliability.RELIABLE, Durability.VOLATILE);

  /** Keep last 5, best effort, volatile. */
  public static final QosProfile SENSOR_DATA =
      of(History.KEEP_LAST, 5, Reliability.BEST_EFFORT, Durability.VOLATILE);

  /** Keep last 1000, reliable, volatile: parameter services and events. */
  public static final QosProfile PARAMETERS =
      of(History.KEEP_LAST, 1000, Reliability.RELIABLE, Durability.VOLATILE);

  /** Keep last 10, reliable, volatile. */
  public static final QosProfile SERVICES_DEFAULT = DEFAULT;

  /** Everything left to the middleware. */
  public static final QosProfile SYSTEM_DEFAULT =
      of(History.SYSTEM_DEFAULT, 0, Reliability.SYSTEM_DEFAULT, Durability.SYSTEM_DEFAULT);

  /** Keep last 1000, reliable, transient local, 10 s of life: {@code /rosout}. */
  public static final QosProfile ROSOUT =
      of(History.KEEP_LAST, 1000, Reliability.RELIABLE, Durability.TRANSIENT_LOCAL)
          .withLifespan(10_000_000_000L);

  public QosProfile {
    if (depth < 0 || deadlineNs < 0 || lifespanNs < 0 || livelinessLeaseNs < 0) {
      throw new RosFault(
          "QoS depth %d, deadline %d ns, lifespan %d ns, lease %d ns: none may be negative"
              .formatted(depth, deadlineNs, lifespanNs, livelinessLeaseNs));
    }
  }

  /** A profile without deadline, lifespan and lease. */
  public static QosProfile of(
      History history, int depth, Reliability reliability, Durability durability) {
    return new QosProfile(
        history, depth, reliability, durability, 0, 0, Liveliness.SYSTEM_DEFAULT, 0);
  }

  /** This profile, keeping the last {@code newDepth} messages. */
  public QosProfile keepLast(int newDepth) {
    return new QosProfile(
        History.KEEP_LAST,
        newDepth,
        reliability,
        durability,
        deadlineNs,
        lifespanNs,
        liveliness,
        livelinessLeaseNs);
  }

  /** This profile, keeping all messages. */
  public QosProfile keepAll() {
    return new QosProfile(
        History.KEEP_ALL,
        depth,
        reliability,
        durability,
        deadlineNs,
        lifespanNs,
        liveliness,
        livelinessLeaseNs);
  }

  /** This profile, reliable. */
  public QosProfile reliable() {
    return withReliability(Reliability.RELIABLE);
  }

  /** This profile, best effort. */
  public QosProfile bestEffort() {
    return withReliability(Reliability.BEST_EFFORT);
  }

  /** This profile with another reliability. */
  public QosProfile withReliability(Reliability newReliability) {
    return new QosProfile(
        history,
        depth,
        newReliability,
        durability,
        deadlineNs,
        lifespanNs,
        liveliness,
        livelinessLeaseNs);
  }

  /** This profile, transient local: late subscriptions get the kept messages. */
  public QosProfile transientLocal() {
    return withDurability(Durability.TRANSIENT_LOCAL);
  }

  /** This profile with another durability. */
  public QosProfile withDurability(Durability newDurability) {
    return new QosProfile(
        history,
        depth,
        reliability,
        newDurability,
        deadlineNs,
        lifespanNs,
        liveliness,
        livelinessLeaseNs);
  }

  /** This profile with another deadline. */
  public QosProfile withDeadline(long newDeadlineNs) {
    return new QosProfile(
        history,
        depth,
        reliability,
        durability,
        newDeadlineNs,
        lifespanNs,
        liveliness,
        livelinessLeaseNs);
  }

  /** This profile with another lifespan. */
  public QosProfile withLifespan(long newLifespanNs) {
    return new QosProfile(
        history,
        depth,
        reliability,
        durability,
        deadlineNs,
        newLifespanNs,
        liveliness,
        livelinessLeaseNs);
  }

  /** This profile with another liveliness. */
  public QosProfile withLiveliness(Liveliness newLiveliness, long newLeaseNs) {
    return new QosProfile(
        history, depth, reliability, durability, deadlineNs, lifespanNs, newLiveliness, newLeaseNs);
  }

  /** Which messages are kept. */
  public enum History {
    SYSTEM_DEFAULT(0),
    KEEP_LAST(1),
    KEEP_ALL(2),
    UNKNOWN(3);

    private final int code;

    History(int code) {
      this.code = code;
    }

    /** The number of rmw's enumeration. */
    public int code() {
      return code;
    }

    /** The policy of a number; {@code UNKNOWN} for others. */
    public static History of(int code) {
      for (History value : values()) {
        if (value.code == code) {
          return value;
        }
      }
      return UNKNOWN;
    }
  }

  /** Whether lost messages are sent again. */
  public enum Reliability {
    SYSTEM_DEFAULT(0),
    RELIABLE(1),
    BEST_EFFORT(2),
    UNKNOWN(3),
    BEST_AVAILABLE(4);

    private final int code;

    Reliability(int code) {
      this.code = code;
    }

    /** The number of rmw's enumeration. */
    public int code() {
      return code;
    }

    /** The policy of a number; {@code UNKNOWN} for others. */
    public static Reliability of(int code) {
      for (Reliability value : values()) {
        if (value.code == code) {
          return value;
        }
      }
      return UNKNOWN;
    }
  }

  /** Whether late subscriptions get earlier messages. */
  public enum Durability {
    SYSTEM_DEFAULT(0),
    TRANSIENT_LOCAL(1),
    VOLATILE(2),
    UNKNOWN(3),
    BEST_AVAILABLE(4);

    private final int code;

    Durability(int code) {
      this.code = code;
    }

    /** The number of rmw's enumeration. */
    public int code() {
      return code;
    }

    /** The policy of a number; {@code UNKNOWN} for others. */
    public static Durability of(int code) {
      for (Durability value : values()) {
        if (value.code == code) {
          return value;
        }
      }
      return UNKNOWN;
    }
  }

  /** Who says that a publisher is alive. rmw's number 2 is gone from ROS. */
  public enum Liveliness {
    SYSTEM_DEFAULT(0),
    AUTOMATIC(1),
    MANUAL_BY_TOPIC(3),
    UNKNOWN(4),
    BEST_AVAILABLE(5);

    private final int code;

    Liveliness(int code) {
      this.code = code;
    }

    /** The number of rmw's enumeration. */
    public int code() {
      return code;
    }

    /** The policy of a number; {@code UNKNOWN} for others. */
    public static Liveliness of(int code) {
      for (Liveliness value : values()) {
        if (value.code == code) {
          return value;
        }
      }
      return UNKNOWN;
    }
  }
}
