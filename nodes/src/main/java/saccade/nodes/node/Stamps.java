package saccade.nodes.node;

import saccade.msg.builtin_interfaces.Duration;
import saccade.msg.builtin_interfaces.Time;

/** Nanoseconds from and to builtin_interfaces. */
public final class Stamps {
  private static final long SECOND_NS = 1_000_000_000L;

  private Stamps() {}

  /** A stamp; nanoseconds since 1970, within the 32 bits that its seconds have. */
  public static Time time(long ns) {
    return new Time((int) Math.floorDiv(ns, SECOND_NS), (int) Math.floorMod(ns, SECOND_NS));
  }

  /** Nanoseconds of a stamp. */
  public static long ns(Time time) {
    return time.sec() * SECOND_NS + Integer.toUnsignedLong(time.nanosec());
  }

  /** A duration. */
  public static Duration duration(long ns) {
    return new Duration((int) Math.floorDiv(ns, SECOND_NS), (int) Math.floorMod(ns, SECOND_NS));
  }

  /** Nanoseconds of a duration. */
  public static long ns(Duration duration) {
    return duration.sec() * SECOND_NS + Integer.toUnsignedLong(duration.nanosec());
  }
}
