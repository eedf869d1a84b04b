package saccade.nodes.play;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.Rig;
import saccade.nodes.play.Recording.Inertial;
import saccade.nodes.play.Recording.Track;
import saccade.nodes.sensor.EgoFusion;
import saccade.nodes.sensor.EgoState;
import saccade.nodes.sensor.SensorInlets;
import saccade.nodes.sensor.SensorSource;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.os.ThreadEnd;

/**
 * A recording as a source of frames: each frame is pushed at the instant its stamp says, seen from
 * the start of playing and divided by the rate. Sensors keep their recorded offsets to each other.
 *
 * <p>Real time: {@link #start} runs one thread a track. Simulated time: {@link #attach}, then
 * {@link #pushDue} from one thread. A frame that cannot be read is claimed and aborted UNREADABLE,
 * so it is in the account; the other tracks do not notice.
 */
public final class PlayerSource implements SensorSource {
  /** From start to the first frame. */
  private static final long LEAD_NS = 100_000_000L;

  private static final long LONGEST_PREPARE_NS = 20_000_000_000L;

  private final Recording recording;
  private final double rate;
  private final Consumer<String> complaints;
  private final AtomicLong framesIn = new AtomicLong();
  private final Map<String, Fault> faults = new LinkedHashMap<>(); // guarded by itself
  private final List<TrackPlayer> players = new ArrayList<>();
  private final List<Thread> loaders = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final long firstStampNs;
  private final long lapNs;
  private @Nullable SensorInlets inlets;
  private volatile long originNs;
  private volatile boolean stopped;
  private long nextMotion; // counted over all laps, as is nextImu
  private long nextImu;

  /** What follows the recording's last frame. */
  public enum AtEnd {
    /** Nothing: the source ends. */
    STOP,
    /**
     * Its first frame, one period later, again and again: stamps go on rising, the world jumps back
     * to where it was, and who keeps a memory is told so ({@link SensorInlets#seam}).
     */
    BEGIN_AGAIN
  }

  /**
   * Complaints of one kind.
   *
   * @param track where
   * @param firstLine the first of them
   * @param count how many
   */
  public record Fault(String track, String firstLine, long count) {}

  /** One that ends with its recording. */
  public PlayerSource(Recording recording, double rate, Consumer<String> complaints) {
    this(recording, rate, AtEnd.STOP, complaints);
  }

  /**
   * @param rate 1 = as recorded, 2 = twice as fast
   * @param complaints gets the first line of each kind of fault, once, on a source thread
   */
  public PlayerSource(Recording recording, double rate, AtEnd atEnd, Consumer<String> complaints) {
    if (!(rate >= 0.01 && rate <= 100)) {
      throw new IllegalArgumentException("rate: expected 0.01..100, found " + rate);
    }
    this.recording = recording;
    this.rate = rate;
    this.complaints = complaints;
    this.firstStampNs = recording.firstStampNs();
    this.lapNs = atEnd == AtEnd.STOP ? 0 : recording.lapNs();
    for (Track track : recording.tracks()) {
      players.add(
          new TrackPlayer(track, firstStampNs, lapNs, this::captureNs, framesIn, this::complain));
    }
  }

  @Override
  public String name() {
    return rate == 1 ? recording.name() : recording.name() + " at rate " + rate;
  }

  @Override
  public Rig rig() {
    return recording.rig();
  }

  @Override
  public long periodNs() {
    return Math.round(recording.periodNs() / rate);
  }

  @Override
  public long[] phasesNs() {
    return recording.phasesNs().stream().mapToLong(ns -> Math.round(ns / rate)).toArray();
  }

  /** The recording that is played. */
  public Recording recording() {
    return recording;
  }

  private long captureNs(long stampNs) {
    return originNs + Math.round((stampNs - firstStampNs) / rate);
  }

  /** The recorded stamp that a capture stamp stands for, to the rounding of the rate. */
  public long stampNs(long captureNs) {
    return firstStampNs + Math.round((captureNs - originNs) * rate);
  }

  // ---- real time ----

  /** Reads the first frames of each track into memory; warms the decoder by it. */
  @Override
  public void prepare(int sets) {
    if (!loaders.isEmpty()) {
      return;
    }
    for (TrackPlayer player : players) {
      loaders.add(
          Thread.ofPlatform().daemon(true).name("load " + player.name()).start(player::loadAll));
    }
    NanoClock clock = NanoClock.system();
    long giveUpNs = clock.nanoTime() + LONGEST_PREPARE_NS;
    while (!players.stream().allMatch(TrackPlayer::isReady) && clock.nanoTime() < giveUpNs) {
      LockSupport.parkNanos(this, 5_000_000L);
    }
  }

  /**
   * Set-up only, behind {@link #prepare} and before the start. Pushes the first frame of each track
   * that can be read as it will be pushed, but counts nothing and keeps it; may be called again and
   * again. Returns when the last one has been pushed.
   *
   * <p>A stripe of each picture is inverted, another one in each set: pictures that are the same as
   * those before would not be encoded. The vehicle stands meanwhile: pictures that hardly change,
   * and a vehicle that moves, do not go together.
   *
   * @param into of a pipeline that nobody sees
   * @param instantNs that the sensors' phases count from, in the domain of its clock
   * @param set of the rehearsal, 0 or more
   */
  public void rehearse(SensorInlets into, long instantNs, int set) {
    if (!recording.motion().isEmpty()) {
      EgoState first = recording.motion().getFirst();
      into.ego().push(new EgoState(instantNs, 0, 0, 0, first.setSpeedMps(), first.source()));
    }
    players.stream()
        .sorted(Comparator.comparingLong(this::phaseNs))
        .forEach(
            player -> {
              long stampNs = instantNs + phaseNs(player);
              if (waitUntil(stampNs, into)) {
                player.rehearse(into, stampNs, set);
              }
            });
  }

  private long phaseNs(TrackPlayer player) {
    long[] phases = phasesNs();
    return phases.length == 0 ? 0 : phases[player.sensors()[0]];
  }

  @Override
  public void start(SensorInlets into) {
    prepare(0);
    attach(into, into.clock().nanoTime() + LEAD_NS);
    for (TrackPlayer player : players) {
      Thread thread = new Thread(() -> play(player, into), "play " + player.name());
      thread.setDaemon(true);
      threads.add(thread);
    }
    Thread motion = Thread.ofVirtual().name("play motion").unstarted(() -> playMotion(into));
    threads.add(motion);
    threads.forEach(Thread::start);
  }

  private void play(TrackPlayer player, SensorInlets into) {
    try {
      while (!stopped && !player.ended()) {
        if (player.awaitNext() && waitUntil(player.dueNs(), into)) {
          player.push(into);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void playMotion(SensorInlets into) {
    while (!stopped && motionDueNs() != Long.MAX_VALUE) {
      if (waitUntil(motionDueNs(), into)) {
        pushMotion(into);
      }
    }
  }

  /** False when the source was stopped meanwhile. */
  private boolean waitUntil(long dueNs, SensorInlets into) {
    while (!stopped) {
      long leftNs = dueNs - into.clock().nanoTime();
      if (leftNs <= 0) {
        return true;
      }
      LockSupport.parkNanos(this, leftNs);
    }
    return false;
  }

  // ---- simulated time ----

  /**
   * Simulated time: says where to push and when the recording begins; starts no thread.
   *
   * @param startNs capture stamp of the first frame
   */
  public void attach(SensorInlets into, long startNs) {
    if (inlets != null) {
      throw new IllegalStateException("expected one start of a player, found a second");
    }
    inlets = into;
    originNs = startNs;
  }

  /** Simulated time: when the next frame or ego state is due; Long.MAX_VALUE after the last. */
  public long nextDueNs() {
    long due = motionDueNs();
    for (TrackPlayer player : players) {
      due = Math.min(due, player.dueNs());
    }
    return due;
  }

  /** Simulated time: pushes all that is due, ego motion first. */
  public void pushDue(long nowNs) {
    SensorInlets into = inlets;
    if (into == null) {
      throw new IllegalStateException("expected attach before pushDue");
    }
    while (!stopped && motionDueNs() <= nowNs) {
      pushMotion(into);
    }
    for (TrackPlayer player : players) {
      while (!stopped && player.dueNs() <= nowNs) {
        player.push(into);
      }
    }
  }

  private long motionDueNs() {
    return Math.min(wheelsDueNs(), imuDueNs());
  }

  private long wheelsDueNs() {
    return hasNext(nextMotion, recording.motion().size())
        ? captureNs(
            inLap(recording.motion(), nextMotion).stampNs() + lap(recording.motion(), nextMotion))
        : Long.MAX_VALUE;
  }

  private boolean hasNext(long next, int size) {
    return next < size || (lapNs > 0 && size > 0);
  }

  private static <T> T inLap(List<T> all, long next) {
    return all.get((int) (next % all.size()));
  }

  private long lap(List<?> all, long next) {
    return next / all.size() * lapNs;
  }

  /** At another rate than recorded, what is integrated over time would come out wrong. */
  private long imuDueNs() {
    return rate == 1 && hasNext(nextImu, recording.imu().size())
        ? captureNs(inLap(recording.imu(), nextImu).stampNs() + lap(recording.imu(), nextImu))
        : Long.MAX_VALUE;
  }

  /** The inertial unit first: it brings the filter to the wheels' instant. */
  private void pushMotion(SensorInlets into) {
    long dueNs = motionDueNs();
    EgoFusion fusion = into.fusion();
    if (imuDueNs() == dueNs) {
      Inertial sample = inLap(recording.imu(), nextImu++);
      fusion.imu(dueNs, sample.yawRateRps(), sample.accelMps2(), dueNs);
      return;
    }
    if (nextMotion > 0 && nextMotion % recording.motion().size() == 0) {
      into.ego().anotherDrive(); // the seam: the vehicle is back where it began
    }
    EgoState state = inLap(recording.motion(), nextMotion++);
    if (rate != 1 || recording.imu().isEmpty()) {
      into.ego().push(state.at(dueNs), state.stampNs());
      return;
    }
    fusion.setSpeed(state.setSpeedMps());
    fusion.wheels(dueNs, state.speedMps(), state.yawRateRps(), state.accelMps2(), dueNs);
    fusion.push();
  }

  // ---- account ----

  private void complain(String track, String line) {
    boolean first;
    synchronized (faults) {
      Fault fault = faults.get(track);
      first = fault == null;
      faults.put(
          track,
          fault == null
              ? new Fault(track, line, 1)
              : new Fault(track, fault.firstLine(), fault.count() + 1));
    }
    if (first) {
      complaints.accept(line);
    }
  }

  /** Faults so far, folded: one record a track and kind. */
  public List<Fault> faults() {
    synchronized (faults) {
      return List.copyOf(faults.values());
    }
  }

  @Override
  public boolean ended() {
    if (stopped) {
      return true;
    }
    if (threads.isEmpty()) {
      return inlets != null && players.stream().allMatch(TrackPlayer::ended);
    }
    return threads.stream().noneMatch(Thread::isAlive);
  }

  @Override
  public long framesIn() {
    return framesIn.get();
  }

  @Override
  public void close() {
    stopped = true;
    loaders.forEach(Thread::interrupt);
    threads.forEach(LockSupport::unpark);
    ThreadEnd.await(threads);
  }
}
