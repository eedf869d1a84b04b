package saccade.nodes.rosnode;

import saccade.nodes.node.RosClock;
import saccade.realtime.clock.NanoClock;

/**
 * Brings stamps of ROS time into the domain of the pipeline's clock, and back to the very same
 * stamp. On wall time by one difference, measured again when it is off by more than 2 ms (somebody
 * set the clock: counted). On simulated time by the ticks of {@code /clock}: a stamp lies as long
 * after the tick before it as simulated time says, so frames of one instant stay at one instant
 * whenever they arrive; a simulation that runs slowly gives honest ages in real time.
 *
 * <p>Hot path; a lock held for some comparisons; allocates nothing. Any thread.
 */
final class StampMap {
  /** No tick has come yet: nothing can be mapped. */
  static final long UNKNOWN = Long.MIN_VALUE;

  private static final long OFF_NS = 2_000_000L;
  private static final int TICKS = 256;

  private final RosClock ros;
  private final NanoClock local;
  // guarded by this
  private boolean known;
  private long offsetNs; // local - wall
  private long sets;
  private final long[] tickRosNs = new long[TICKS]; // (ring)
  private final long[] tickLocalNs = new long[TICKS]; // (ring)
  private long ticks;

  StampMap(RosClock ros, NanoClock local) {
    this.ros = ros;
    this.local = local;
    ros.onTick(this::tick);
    ros.onJump(jump -> forget());
  }

  private synchronized void forget() {
    ticks = 0;
    known = false;
  }

  private synchronized void tick() {
    int at = (int) (ticks++ & TICKS - 1);
    tickRosNs[at] = ros.nowNs();
    tickLocalNs[at] = local.nanoTime();
  }

  /** The clock of the pipeline's domain. */
  NanoClock local() {
    return local;
  }

  /** Times the wall clock was set. */
  synchronized long clockSets() {
    return sets;
  }

  private long offset() {
    long nowNs = local.nanoTime() - ros.wallNs();
    if (!known || Math.abs(nowNs - offsetNs) > OFF_NS) {
      if (known) {
        sets++;
      }
      known = true;
      offsetNs = nowNs;
    }
    return offsetNs;
  }

  /** In the local domain, ns; {@link #UNKNOWN} without a tick; a stamp of 0 stays 0. */
  synchronized long toLocal(long rosNs) {
    if (rosNs == 0) {
      return 0;
    }
    if (!ros.isSimulated()) {
      return rosNs + offset();
    }
    if (ticks == 0) {
      return UNKNOWN;
    }
    int at = (int) (floor(tickRosNs, rosNs) & TICKS - 1);
    return tickLocalNs[at] + (rosNs - tickRosNs[at]);
  }

  /** In ROS time, ns; 0 without a tick. */
  synchronized long toRos(long localNs) {
    if (!ros.isSimulated()) {
      return localNs - offset();
    }
    if (ticks == 0) {
      return 0;
    }
    int at = (int) (floor(tickLocalNs, localNs) & TICKS - 1);
    return tickRosNs[at] + (localNs - tickLocalNs[at]);
  }

  /** The newest tick that is not after {@code ns}, else the oldest. */
  private long floor(long[] of, long ns) {
    long oldest = Math.max(0, ticks - TICKS);
    for (long i = ticks - 1; i > oldest; i--) {
      if (of[(int) (i & TICKS - 1)] <= ns) {
        return i;
      }
    }
    return oldest;
  }
}
