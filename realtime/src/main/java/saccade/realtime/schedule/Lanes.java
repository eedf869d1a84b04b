package saccade.realtime.schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.os.ThreadPolicy;

/**
 * The lanes of a process, one for each device that runs models, and the streams that share them.
 * Streams whose models run on one device take turns there slice by slice: by class, then by
 * absolute deadline ({@link EdfScheduler}); streams on different devices do not wait for each
 * other.
 *
 * <pre>
 *  stream front (cuda) ─► lane accelerator
 *  stream rear (cpu) ───┐
 *  stream side (cpu) ───┴► lane cpu          action of front ▸ action of rear ▸ text of rear ▸ ...
 * </pre>
 *
 * <p>A slice that hangs costs its own stream: {@link Stream#isBehindOthers} and {@link
 * Stream#takeOff} take it off the lane with its thread, and what others have queued is run by
 * another one. So does a slice that ends the lane's thread: whoever comes next gets the lane
 * another one ({@link Lane#revive}).
 *
 * <p>Set-up and set-down of streams take a lock; nothing that a stream does for a set does.
 */
public final class Lanes implements AutoCloseable {
  private static final int CAPACITY = 64; // slices of a class; a stream has one, and those left
  private static final long STARVATION_NS = 50_000_000L;

  /** A slice that runs for longer than this hangs, ns. */
  public static final long HANGS_AFTER_NS = 1_500_000_000L;

  private static final long CLOSE_PATIENCE_NS = 200_000_000L; // streams have waited for theirs

  /** What runs the slices of a lane. */
  public enum Device {
    /** The processor: slices of all streams one after the other, each on its engine's threads. */
    CPU,
    /** A GPU or the like. */
    ACCELERATOR;

    /** The lane's name. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final NanoClock clock;
  private final ThreadPolicy policy;
  private final Map<Device, Lane> lanes = new EnumMap<>(Device.class); // guarded by this
  private volatile Stream[] streams = {}; // a new array for each that joins

  /**
   * No lane yet: each is made when the first stream goes there.
   *
   * @param clock of the deadlines
   * @param policy asked for by the thread of each lane
   */
  public Lanes(NanoClock clock, ThreadPolicy policy) {
    this.clock = clock;
    this.policy = policy;
  }

  /**
   * Set-up. One more stream; its thread that submits is one.
   *
   * @param periodNs from one set of it to the next
   */
  public synchronized Stream join(String name, Device device, long periodNs) {
    Stream stream = new Stream(name, periodNs, lane(device));
    Stream[] more = Arrays.copyOf(streams, streams.length + 1);
    more[streams.length] = stream;
    streams = more;
    return stream;
  }

  private synchronized Lane lane(Device device) {
    return lanes.computeIfAbsent(
        device, d -> new Lane(d.word(), clock, CAPACITY, STARVATION_NS, policy));
  }

  /** Whoever gives a slice up, its owner has to know. */
  private void takeOff(Lane lane, Slice hung) {
    if (lane.renew(hung)) {
      gone(hung);
    }
  }

  private void gone(Slice slice) {
    for (Stream stream : streams) {
      if (stream.own == slice) {
        stream.gone = slice;
      }
    }
  }

  /** A lane whose thread has ended gets another one; the slice that ended it is its owner's. */
  private void mend(Lane lane) {
    if (lane.failure() == null) {
      return;
    }
    synchronized (lane) { // who submits that slice again has to come after this
      Slice lost = lane.lost();
      if (lane.failure() != null && lost != null) {
        gone(lost);
      }
      lane.revive();
    }
  }

  /** What became of each lane, a line each, for people. After {@link #close}. */
  public synchronized List<String> lines() {
    List<String> lines = new ArrayList<>();
    lanes.forEach(
        (device, lane) -> {
          // By name: who joined first is who started faster.
          String names =
              Arrays.stream(streams)
                  .filter(s -> s.lane == lane)
                  .map(s -> s.name)
                  .sorted()
                  .collect(Collectors.joining(", "));
          EdfScheduler scheduler = lane.scheduler();
          lines.add(
              String.format(
                  Locale.ROOT,
                  "%s: %s; texts refused for want of room %d, let through after %d ms %d,"
                      + " slices that hung and were taken off %d%s",
                  device.word(),
                  names,
                  scheduler.refusedBySlack(),
                  STARVATION_NS / 1_000_000,
                  scheduler.letThrough(),
                  scheduler.takenOff(),
                  defect(lane)));
        });
    return lines;
  }

  private static String defect(Lane lane) {
    Throwable cause = lane.lastFailure();
    return cause == null
        ? ""
        : "; its thread was ended by "
            + cause
            + (lane.failure() == null ? "" : " and is not there any more")
            + ", made anew "
            + lane.revivals();
  }

  /**
   * Set-down, after the streams: stops every lane; one whose slice hangs is left behind. What ended
   * a lane's thread is in {@link #lines}.
   */
  @Override
  public synchronized void close() {
    for (Lane lane : lanes.values()) {
      lane.stop();
      long giveUpNs = System.nanoTime() + CLOSE_PATIENCE_NS;
      while (lane.running() != null && System.nanoTime() - giveUpNs < 0) {
        LockSupport.parkNanos(1_000_000);
      }
      if (lane.running() == null) {
        lane.end();
      }
    }
  }

  /** One stream's way to its lane. */
  public final class Stream implements LaneMates {
    private final String name;
    private final long periodNs;
    private volatile Lane lane;
    private volatile @Nullable Slice own; // submitted last
    private volatile @Nullable Slice gone; // taken off the lane
    private volatile boolean left;
    private volatile boolean out; // its model is

    private Stream(String name, long periodNs, Lane lane) {
      this.name = name;
      this.periodNs = periodNs;
      this.lane = lane;
    }

    /** Set-up. Starts the lane, if no other stream has. */
    public void begin() {
      lane.start();
    }

    /** While nothing of this stream is on its lane. From here on it uses that device's. */
    public void moveTo(Device device) {
      Lane next = lane(device);
      mend(next);
      next.start();
      lane = next;
    }

    /** Hands a slice over; false when the lane cannot take it. */
    public boolean submit(Slice slice) {
      Lane to = lane;
      mend(to);
      gone = null;
      own = slice;
      if (to.submit(slice)) {
        return true;
      }
      gone = slice;
      return false;
    }

    @Override
    public void out(boolean out) {
      if (this.out != out) {
        this.out = out;
      }
    }

    @Override
    public boolean isShared() {
      for (Stream other : streams) {
        if (isMate(other)) {
          return true;
        }
      }
      return false;
    }

    private boolean isMate(Stream other) {
      return other != this && !other.left && other.lane == lane;
    }

    @Override
    public long aheadNs(long deadlineNs) {
      long sum = 0;
      for (Stream other : streams) {
        Slice slice = isMate(other) && !other.isOffLane() ? other.own : null;
        long leftNs = slice == null ? 0 : slice.remainingNs(); // first: it publishes the rest
        if (slice != null
            && leftNs > 0
            && slice.criticality().ordinal() <= Criticality.ACTION.ordinal()
            && slice.deadlineNs() <= deadlineNs) {
          sum += leftNs;
        }
      }
      return sum;
    }

    @Override
    public long everyNs(long ownPeriodNs) {
      double perNs = 0;
      for (Stream other : streams) {
        boolean comes = isMate(other) && !other.out && !other.isOffLane();
        perNs += comes ? 1.0 / other.periodNs : 0;
      }
      return perNs == 0 ? ownPeriodNs : Math.round(1 / (perNs + 1.0 / ownPeriodNs));
    }

    /** Whether what it submitted last was taken off, or ended the lane's thread. */
    private boolean isOffLane() {
      Slice slice = own;
      return slice != null && gone == slice;
    }

    @Override
    public boolean isBehindOthers() {
      Lane on = lane;
      mend(on);
      Slice running = on.running();
      if (running == own || gone == own || !isShared() || on.failure() != null) {
        return false; // in the second case it is with a thread that has no lane
      }
      if (running != null && on.runningForNs() > HANGS_AFTER_NS) {
        Lanes.this.takeOff(on, running);
      }
      return true;
    }

    /** Takes this stream's own slice off the lane, if it is running; it hangs. */
    public void takeOff() {
      Slice slice = own;
      if (slice != null) {
        Lanes.this.takeOff(lane, slice);
      }
    }

    /** What the lane's thread got of its policy, read back; null before it runs. */
    public ThreadPolicy.@Nullable Found granted() {
      return lane.granted();
    }

    /** Set-down. The others have the lane from here on. */
    public void leave() {
      left = true;
    }
  }
}
