package saccade.hil.faults;

import saccade.realtime.clock.ClockMap;
import saccade.realtime.clock.NanoClock;

/**
 * Sensors whose stamps come from a clock of their own and go through the product's {@link
 * ClockMap}, as those of cameras do; the clock may stand still, begin again or loop. Source thread.
 */
final class DeviceClock implements FrameFault {
  /** What the clock does while the fault is on. */
  enum Does {
    /** Stands still, and then goes on from there. */
    PAUSES,
    /** Begins again at one second, for good. */
    RESETS,
    /** Jumps back by half a second, again and again. */
    LOOPS
  }

  private static final long JUMP_NS = 500_000_000L; // as the product's cameras
  private static final long LOOP_NS = 600_000_000L;
  private static final long RESTART_NS = 1_000_000_000L;

  private final Does does;
  private final NanoClock clock = NanoClock.system();
  private final ClockMap[] maps; // (sensors)
  private long behindNs; // of the true time
  private long onNs = Long.MIN_VALUE;
  private volatile long jumps; // of all maps

  DeviceClock(Does does, int sensors) {
    this.does = does;
    this.maps = new ClockMap[sensors];
    for (int i = 0; i < sensors; i++) {
      maps[i] = new ClockMap(0, JUMP_NS);
    }
  }

  @Override
  public void apply(Frame frame) {
    if (frame.on && onNs == Long.MIN_VALUE) {
      onNs = frame.takenNs;
      if (does == Does.RESETS) {
        behindNs = frame.takenNs - RESTART_NS;
      }
    }
    long sinceNs = frame.takenNs - onNs;
    if (frame.on && does == Does.PAUSES) {
      behindNs = sinceNs;
    } else if (does == Does.LOOPS) {
      behindNs = frame.on ? sinceNs / LOOP_NS * LOOP_NS : 0;
    }
    long deviceNs = frame.takenNs - behindNs;
    long before = maps[frame.sensor].jumps();
    frame.captureNs = maps[frame.sensor].arrived(deviceNs, clock.nanoTime());
    count(maps[frame.sensor].jumps() - before);
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  private void count(long more) {
    jumps += more;
  }

  @Override
  public long clockJumps() {
    return jumps;
  }
}
