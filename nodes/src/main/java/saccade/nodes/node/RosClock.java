package saccade.nodes.node;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * ROS time: the machine's wall clock, or what {@code /clock} says when simulated time is used. It
 * may stand still (paused), go back (reset, loop) or leap. Reading is lock-free and allocates
 * nothing; any thread.
 */
public final class RosClock {
  /** A step forward that is no ordinary tick of a simulator. */
  public static final long LEAP_NS = 2_000_000_000L;

  /** What happened to the time. */
  public enum Kind {
    /** Simulated time is used from now on. */
    SIMULATION_BEGAN,
    /** Wall time is used from now on. */
    SIMULATION_ENDED,
    /** Simulated time went back: reset, or a loop began anew. */
    BACKWARD,
    /** Simulated time leapt ahead by more than {@link #LEAP_NS}. */
    FORWARD
  }

  /**
   * One jump.
   *
   * @param fromNs the time before
   * @param toNs the time after
   */
  public record Jump(Kind kind, long fromNs, long toNs) {}

  private final LongSupplier wallNs;
  private final List<Consumer<Jump>> jumpListeners = new CopyOnWriteArrayList<>();
  private final List<Runnable> tickListeners = new CopyOnWriteArrayList<>();
  private volatile boolean simulated;
  private volatile long simulatedNs; // 0 before the first /clock, as in ROS
  private volatile long jumps;

  /**
   * @param wallNs nanoseconds since 1970
   */
  public RosClock(LongSupplier wallNs) {
    this.wallNs = wallNs;
  }

  /** The time, ns since 1970 or since the simulation's start; 0 before the first {@code /clock}. */
  public long nowNs() {
    return simulated ? simulatedNs : wallNs.getAsLong();
  }

  /** The wall clock, whatever ROS time is, ns since 1970. */
  public long wallNs() {
    return wallNs.getAsLong();
  }

  /** Whether simulated time is used. */
  public boolean isSimulated() {
    return simulated;
  }

  /** Whether there is a time: false until the first {@code /clock} of simulated time. */
  public boolean isValid() {
    return !simulated || simulatedNs != 0;
  }

  /** Jumps so far. */
  public long jumps() {
    return jumps;
  }

  /**
   * Tells of every jump, on the thread that found it.
   *
   * @return takes the listener away
   */
  public Registration onJump(Consumer<Jump> listener) {
    jumpListeners.add(listener);
    return () -> jumpListeners.remove(listener);
  }

  /**
   * Tells of every tick of simulated time, on the thread that brought it.
   *
   * @return takes the listener away
   */
  public Registration onTick(Runnable listener) {
    tickListeners.add(listener);
    return () -> tickListeners.remove(listener);
  }

  /** Chooses between wall and simulated time. */
  public synchronized void useSimulatedTime(boolean use) {
    if (use == simulated) {
      return;
    }
    long beforeNs = nowNs();
    simulatedNs = 0;
    simulated = use;
    jump(use ? Kind.SIMULATION_BEGAN : Kind.SIMULATION_ENDED, beforeNs, nowNs());
  }

  /** One message of {@code /clock}; without effect on wall time. */
  public synchronized void tick(long nowNs) {
    if (!simulated) {
      return;
    }
    long beforeNs = simulatedNs;
    simulatedNs = nowNs;
    if (beforeNs != 0 && nowNs < beforeNs) {
      jump(Kind.BACKWARD, beforeNs, nowNs);
    } else if (beforeNs != 0 && nowNs - beforeNs > LEAP_NS) {
      jump(Kind.FORWARD, beforeNs, nowNs);
    }
    if (nowNs != beforeNs) {
      tickListeners.forEach(Runnable::run);
    }
  }

  private void jump(Kind kind, long fromNs, long toNs) {
    jumps++;
    Jump jump = new Jump(kind, fromNs, toNs);
    jumpListeners.forEach(listener -> listener.accept(jump));
  }
}
