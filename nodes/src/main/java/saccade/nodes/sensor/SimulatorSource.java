package saccade.nodes.sensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.pipeline.Vehicle;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.ring.FrameRing;
import saccade.realtime.stats.StageHistogram;
import saccade.sim.MotionSensors;
import saccade.sim.Scenario;
import saccade.sim.Scoreboard;
import saccade.sim.SensorFaults;
import saccade.sim.Simulator;

/**
 * A simulator in real time, on a thread of its own: at each set's instant the world is moved on
 * (commands act at the instants they were given), then every sensor is rendered and pushed. A set
 * that would begin more than a period late is left out, as a camera without CPU would; counted.
 *
 * <p>Ego motion is what wheels and an inertial unit with bias and noise say, {@link MotionSensors},
 * drawn from the seed.
 *
 * <p>With {@link SensorFaults} each sensor measures at an instant of its own; a late frame keeps
 * its slot until it is due, a lost one is aborted, so every loss is in the ring's account. A {@link
 * FaultSwitch} comes on top: what somebody switches while it runs.
 *
 * <p>When the scenario is over it begins again with the next seed; stamps go on.
 */
public final class SimulatorSource implements SensorSource, Vehicle {
  private static final int COMMANDS = 1024;
  private static final long CLOSE_PATIENCE_NS = 10_000_000_000L; // for a thread that hangs
  private static final double SHORTEST_LAP_S = 1; // a drive that has hardly begun is not reported

  private final Rig rig;
  private final Simulator.Course course;
  private final SensorFaults faults;
  private final long periodNs;
  private final FaultSwitch faultSwitch;
  private final CommandRing commands = new CommandRing(COMMANDS);
  private final List<Scoreboard> laps = new ArrayList<>(); // simulator thread; read after close
  private final StageHistogram renderStage = new StageHistogram("render (simulator)");
  private final AtomicLong commandsLost = new AtomicLong();
  private final int[] order; // (sensors) scratch: who measures first in this set
  private List<Held> held = new ArrayList<>(); // simulator thread: late frames
  private Simulator simulation; // simulator thread after start
  private long seed;
  private long startNs;
  private long lapStartNs;
  private @Nullable SimulatedMotion motion; // simulator thread after start
  private long nextImuNs;
  private double lastImuS = -1;
  private @Nullable Thread thread;
  private volatile boolean stopping;
  private volatile boolean ended;
  private volatile long framesIn;
  private volatile long setsSkipped;
  private volatile long framesLate;
  private volatile long framesLost;
  private volatile long threadId = -1;
  private volatile @Nullable Throwable failure;
  private volatile int generation; // control thread; a thread of an older one touches nothing more
  private volatile long busySinceNs;
  private volatile int restarts;
  private @Nullable SensorInlets pushingInto;

  /** A frame that is complete and comes late. */
  private record Held(
      FrameRing ring,
      long handle,
      long dueNs,
      long captureNs,
      int bytes,
      int width,
      int height,
      int format) {}

  /**
   * The embedded simulator, standing at time 0, with sensors that do not misbehave.
   *
   * @param scenarioName known to {@link Scenario}
   * @param rateHz sets a second
   * @throws BadInput when the scenario is unknown; the line lists the known ones
   */
  public SimulatorSource(Rig rig, String scenarioName, long seed, double rateHz, SensorTap tap) {
    this(rig, scenario(scenarioName), seed, rateHz, SensorFaults.NONE, tap);
  }

  /**
   * Any simulator, standing at time 0.
   *
   * @param course what is driven; begins anew, with the next seed, whenever a drive is over
   * @param rateHz sets a second
   * @param faults how the sensors misbehave
   */
  public SimulatorSource(
      Rig rig,
      Simulator.Course course,
      long seed,
      double rateHz,
      SensorFaults faults,
      SensorTap tap) {
    this.rig = rig;
    this.course = course;
    this.seed = seed;
    this.periodNs = Math.round(1e9 / rateHz);
    this.faults = faults;
    this.faultSwitch =
        new FaultSwitch(rig, (sensor, ns, payload, bytes) -> own(tap, sensor, ns, payload, bytes));
    this.order = new int[rig.cameras().size() + (rig.lidar() == null ? 0 : 1)];
    this.simulation = course.drive(rig, seed);
  }

  /** The scenario of that name. */
  public static Scenario scenario(String name) {
    try {
      return Scenario.named(name);
    } catch (IllegalArgumentException e) {
      throw new BadInput(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public String name() {
    return "simulator, scenario " + course.name() + ", seed " + seed;
  }

  @Override
  public Rig rig() {
    return rig;
  }

  @Override
  public long periodNs() {
    return periodNs;
  }

  @Override
  public long[] phasesNs() {
    return faults.isNone() ? new long[0] : faults.phasesNs(order.length);
  }

  @Override
  public void prepare(int sets) {
    long most = 16;
    for (CameraModel camera : rig.cameras()) {
      most = Math.max(most, 3L * camera.widthPx() * camera.heightPx());
    }
    LidarModel lidar = rig.lidar();
    if (lidar != null) {
      most = Math.max(most, (long) SensorInlets.POINT_BYTES * lidar.beams() * lidar.columns());
    }
    try (Simulator scratch = course.drive(rig, seed);
        Arena arena = Arena.ofConfined()) {
      MemorySegment scrap = arena.allocate(most, 64);
      for (int set = 0; set < sets; set++) {
        scratch.advance(0.1);
        for (int i = 0; i < rig.cameras().size(); i++) {
          scratch.renderCamera(i, scrap);
        }
        if (lidar != null) {
          scratch.renderLidar(scrap);
        }
      }
    }
  }

  @Override
  public void start(SensorInlets inlets) {
    pushingInto = inlets;
    startNs = inlets.clock().nanoTime();
    lapStartNs = startNs;
    nextImuNs = startNs;
    motion =
        new SimulatedMotion(
            MotionSensors.passengerCar(seed), inlets.fusion(), faultSwitch::imuLost);
    begin(inlets);
  }

  private void begin(SensorInlets inlets) {
    int mine = generation;
    Thread worker =
        Thread.ofPlatform().name("simulator").daemon(true).unstarted(() -> work(inlets, mine));
    thread = worker;
    worker.start();
  }

  /** A thread that was given up must not publish: its slot stays claimed until the end. */
  private boolean own(SensorTap tap, int sensor, long ns, MemorySegment payload, int bytes) {
    int mine = generation;
    boolean passed = tap.pass(sensor, ns, payload, bytes);
    if (generation != mine) {
      throw new Superseded();
    }
    return passed;
  }

  @SuppressWarnings("serial")
  private static final class Superseded extends IllegalStateException {
    Superseded() {
      super("the simulator went on without this thread");
    }
  }

  @Override
  public long busySinceNs() {
    return busySinceNs;
  }

  @Override
  public @Nullable Throwable crash() {
    return failure;
  }

  /** The next drive begins, on another thread; the old one's frames never come. */
  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // control thread alone
  public boolean restart() {
    SensorInlets inlets = pushingInto;
    if (inlets == null || stopping) {
      return false;
    }
    generation++;
    Thread old = thread;
    if (old != null) {
      old.interrupt();
    }
    restarts++;
    failure = null;
    busySinceNs = 0;
    held = new ArrayList<>();
    seed++;
    simulation = course.drive(rig, seed); // the old one may still be in use
    startNs = inlets.clock().nanoTime();
    lapStartNs = startNs;
    nextImuNs = startNs;
    lastImuS = -1;
    begin(inlets);
    return true;
  }

  /** How often it was made anew. */
  public int restarts() {
    return restarts;
  }

  /** Hot path, control thread. */
  @Override
  public void command(long nowNs, double accelMps2, double curvature1pm) {
    if (!commands.put(nowNs, accelMps2, curvature1pm)) {
      commandsLost.incrementAndGet();
    }
  }

  private void work(SensorInlets inlets, int mine) {
    threadId = Thread.currentThread().threadId();
    inlets.ego().anotherDrive();
    if (mine > 0) {
      inlets.seam(startNs);
    }
    try {
      long set = 0;
      while (!stopping && generation == mine) {
        long captureNs = startNs + set * periodNs;
        waitUntil(captureNs, inlets.clock());
        if (stopping) {
          break;
        }
        long lateNs = inlets.clock().nanoTime() - captureNs;
        if (lateNs > periodNs) {
          setsSkipped++;
          set++;
          continue;
        }
        busySinceNs = Math.max(1, System.nanoTime());
        advanceTo(captureNs);
        if (simulation.done()) {
          nextLap(captureNs);
          inlets.ego().anotherDrive();
          inlets.seam(captureNs);
        }
        sense(inlets, set, captureNs);
        if (generation == mine) {
          busySinceNs = 0;
        }
        set++;
      }
      if (generation != mine) {
        return;
      }
      late(Long.MAX_VALUE, inlets.clock());
      if (laps.isEmpty() || simulation.timeS() > SHORTEST_LAP_S) {
        laps.add(simulation.scoreboard());
      }
      ended = true;
    } catch (RuntimeException | Error e) {
      if (generation == mine) {
        busySinceNs = 0;
        failure = e;
      }
    } finally {
      inlets.doorbell().ring();
    }
  }

  private void waitUntil(long ns, NanoClock clock) {
    long nowNs = clock.nanoTime();
    late(nowNs, clock); // also when there is nothing to wait for
    while (nowNs < ns && !stopping) {
      long nextNs = Math.min(ns, late(nowNs, clock));
      LockSupport.parkNanos(this, Math.clamp(nextNs - nowNs, 1, 50_000_000L));
      nowNs = clock.nanoTime();
    }
  }

  /** Publishes the late frames that are due; when the next one is, ns. */
  private long late(long nowNs, NanoClock clock) {
    long nextNs = Long.MAX_VALUE;
    for (int i = held.size() - 1; i >= 0; i--) {
      Held frame = held.get(i);
      if (frame.dueNs <= nowNs) {
        held.remove(i);
        frame.ring.publish(
            frame.handle,
            frame.captureNs,
            frame.bytes,
            frame.width,
            frame.height,
            frame.format,
            clock.nanoTime());
      } else {
        nextNs = Math.min(nextNs, frame.dueNs);
      }
    }
    return nextNs;
  }

  /** Lives through every command up to {@code ns}, then up to {@code ns} itself. */
  private void advanceTo(long ns) {
    long atNs = commands.peekNs();
    while (atNs <= ns) {
      moveTo(atNs);
      simulation.command(commands.accelMps2(), commands.curvature1pm());
      commands.pop();
      atNs = commands.peekNs();
    }
    moveTo(ns);
  }

  /** Up to an instant, with a sample of the inertial unit at each of its own on the way. */
  private void moveTo(long ns) {
    SimulatedMotion sampled = motion;
    while (sampled != null && nextImuNs <= ns) {
      moveOn(nextImuNs);
      if (simulation.timeS() > lastImuS) {
        lastImuS = simulation.timeS();
        sampled.inertial(simulation, stampNs(nextImuNs));
      }
      nextImuNs += SimulatedMotion.IMU_PERIOD_NS;
    }
    moveOn(ns);
  }

  private void moveOn(long ns) {
    double dtS = (ns - lapStartNs) * 1e-9 - simulation.timeS();
    if (dtS > 1e-6) {
      simulation.advance(dtS);
    }
  }

  private void nextLap(long captureNs) {
    laps.add(simulation.scoreboard());
    seed++;
    simulation.close();
    simulation = course.drive(rig, seed);
    lapStartNs = captureNs;
    lastImuS = -1;
  }

  /** A world of fixed steps may show a little earlier instant than it was asked for. */
  private long stampNs(long askedNs) {
    return simulation.stepS() == 0 ? askedNs : lapStartNs + Math.round(simulation.timeS() * 1e9);
  }

  private void sense(SensorInlets inlets, long set, long captureNs) {
    long beganNs = inlets.clock().nanoTime();
    SimulatedMotion sampled = motion;
    if (sampled != null) {
      sampled.wheels(simulation, stampNs(captureNs));
    }
    if (faults.isNone()) {
      // One thread draws them in turn. On a busy machine the last ones come too late for their set:
      // the LiDAR first, which the reflex sees by, then the cameras by the order of their places.
      int cameras = rig.cameras().size();
      for (int k = 0; k < inlets.sensors() && !stopping; k++) {
        int sensor = (k + cameras) % inlets.sensors();
        push(inlets, sensor, captureNs, faultSwitch.delayNs(sensor));
        framesIn++;
      }
    } else {
      inTurn(set);
      for (int k = 0; k < order.length && !stopping; k++) {
        long atNs = captureNs + faults.offsetNs(order[k], set);
        waitUntil(atNs, inlets.clock());
        advanceTo(atNs);
        pushFaulty(inlets, order[k], set, atNs);
        framesIn++;
      }
    }
    renderStage.recordNs(inlets.clock().nanoTime() - beganNs);
  }

  /** Sorts the sensors by the instant they measure at. */
  private void inTurn(long set) {
    for (int i = 0; i < order.length; i++) {
      long offset = faults.offsetNs(i, set);
      int at = i;
      while (at > 0 && faults.offsetNs(order[at - 1], set) > offset) {
        order[at] = order[at - 1];
        at--;
      }
      order[at] = i;
    }
  }

  private void pushFaulty(SensorInlets inlets, int sensor, long set, long atNs) {
    FrameRing ring = inlets.ring(sensor);
    NanoClock clock = inlets.clock();
    long delayNs = faults.delayNs(sensor, set);
    if (faults.lost(sensor, set)) {
      framesLost++;
      long handle = ring.tryClaim(clock.nanoTime());
      if (handle >= 0) {
        ring.abort(handle);
      }
    } else {
      framesLate += delayNs > 0 ? 1 : 0;
      push(inlets, sensor, atNs, Math.max(delayNs, faultSwitch.delayNs(sensor)));
    }
  }

  private void push(SensorInlets inlets, int sensor, long captureNs, long delayNs) {
    FrameRing ring = inlets.ring(sensor);
    NanoClock clock = inlets.clock();
    long stampNs = stampNs(captureNs);
    if (delayNs == 0) {
      Rendering.push(simulation, rig, sensor, ring, stampNs, clock, faultSwitch);
    } else {
      hold(ring, sensor, stampNs, clock.nanoTime(), delayNs);
    }
  }

  private void hold(FrameRing ring, int sensor, long captureNs, long nowNs, long delayNs) {
    long handle = ring.tryClaim(nowNs);
    if (handle < 0) {
      return;
    }
    MemorySegment slot = ring.slot(handle);
    boolean camera = sensor < rig.cameras().size();
    int width;
    int height = 1;
    int bytes;
    if (camera) {
      CameraModel model = rig.cameras().get(sensor);
      simulation.renderCamera(sensor, slot);
      width = model.widthPx();
      height = model.heightPx();
      bytes = 3 * width * height;
    } else {
      width = simulation.renderLidar(slot);
      bytes = width * SensorInlets.POINT_BYTES;
    }
    if (!faultSwitch.pass(sensor, captureNs, slot, bytes)) {
      ring.abort(handle);
      return;
    }
    int format = camera ? SensorInlets.RGB8 : SensorInlets.XYZI;
    held.add(new Held(ring, handle, nowNs + delayNs, captureNs, bytes, width, height, format));
  }

  @Override
  public FaultSwitch faultSwitch() {
    return faultSwitch;
  }

  @Override
  public boolean ended() {
    return ended;
  }

  @Override
  public long framesIn() {
    return framesIn;
  }

  /** Instants left out because this thread had no CPU for a whole period. */
  public long setsSkipped() {
    return setsSkipped;
  }

  /** Frames that were late on purpose, {@link SensorFaults}. */
  public long framesLate() {
    return framesLate;
  }

  /** Frames that were lost on purpose, {@link SensorFaults}. */
  public long framesLost() {
    return framesLost;
  }

  /** Commands that found the ring full. */
  public long commandsLost() {
    return commandsLost.get();
  }

  /** What rendering a set costs. */
  public StageHistogram renderStage() {
    return renderStage;
  }

  @Override
  public long threadId() {
    return threadId;
  }

  /** After {@link #close}: the referee's view of each drive, the last one maybe unfinished. */
  public List<Scoreboard> laps() {
    return List.copyOf(laps);
  }

  /** What stopped the simulator, if anything did. */
  public @Nullable Throwable failure() {
    return failure;
  }

  @Override
  public void close() {
    stopping = true;
    Thread worker = thread;
    if (worker != null) {
      LockSupport.unpark(worker);
      boolean interrupted = false;
      long patienceNs = System.nanoTime() + CLOSE_PATIENCE_NS;
      while (worker.isAlive() && System.nanoTime() - patienceNs < 0) {
        try {
          worker.join(100);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    if (worker == null || !worker.isAlive()) {
      simulation.close();
    }
    ended = true;
  }
}
