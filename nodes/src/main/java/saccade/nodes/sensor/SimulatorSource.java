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
import saccade.realtime.stats.StageHistogram;
import saccade.sim.Odometry;
import saccade.sim.Scenario;
import saccade.sim.Scoreboard;
import saccade.sim.Simulation;

/**
 * The simulator in real time, on a thread of its own: at each set's instant the world is moved on
 * (commands act at the instants they were given), then every sensor is rendered and pushed. A set
 * that would begin more than a period late is left out, as a camera without CPU would; counted.
 *
 * <p>When the scenario is over it begins again with the next seed; stamps go on.
 */
public final class SimulatorSource implements SensorSource, Vehicle {
  private static final int COMMANDS = 1024;
  private static final double SHORTEST_LAP_S = 1; // a drive that has hardly begun is not reported

  private final Rig rig;
  private final Scenario scenario;
  private final long periodNs;
  private final SensorTap tap;
  private final CommandRing commands = new CommandRing(COMMANDS);
  private final List<Scoreboard> laps = new ArrayList<>(); // simulator thread; read after close
  private final StageHistogram renderStage = new StageHistogram("render (simulator)");
  private final AtomicLong commandsLost = new AtomicLong();
  private Simulation simulation; // simulator thread after start
  private long seed;
  private long startNs;
  private long lapStartNs;
  private @Nullable Thread thread;
  private volatile boolean stopping;
  private volatile boolean ended;
  private volatile long framesIn;
  private volatile long setsSkipped;
  private volatile long threadId = -1;
  private volatile @Nullable Throwable failure;

  /**
   * A simulator that stands at time 0.
   *
   * @param scenarioName known to {@link Scenario}
   * @param rateHz sets a second
   * @throws BadInput when the scenario is unknown; the line lists the known ones
   */
  public SimulatorSource(Rig rig, String scenarioName, long seed, double rateHz, SensorTap tap) {
    this.rig = rig;
    this.scenario = scenario(scenarioName);
    this.seed = seed;
    this.periodNs = Math.round(1e9 / rateHz);
    this.tap = tap;
    this.simulation = new Simulation(rig, scenario, seed);
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
    return "simulator, scenario " + scenario.name() + ", seed " + seed;
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
  public void prepare(int sets) {
    Simulation scratch = new Simulation(rig, scenario, seed);
    long most = 16;
    for (CameraModel camera : rig.cameras()) {
      most = Math.max(most, 3L * camera.widthPx() * camera.heightPx());
    }
    LidarModel lidar = rig.lidar();
    if (lidar != null) {
      most = Math.max(most, (long) SensorInlets.POINT_BYTES * lidar.beams() * lidar.columns());
    }
    try (Arena arena = Arena.ofConfined()) {
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
    startNs = inlets.clock().nanoTime();
    lapStartNs = startNs;
    Thread worker =
        Thread.ofPlatform().name("simulator").daemon(true).unstarted(() -> work(inlets));
    thread = worker;
    worker.start();
  }

  /** Hot path, control thread. */
  @Override
  public void command(long nowNs, double accelMps2, double curvature1pm) {
    if (!commands.put(nowNs, accelMps2, curvature1pm)) {
      commandsLost.incrementAndGet();
    }
  }

  private void work(SensorInlets inlets) {
    threadId = Thread.currentThread().threadId();
    try {
      long set = 0;
      while (!stopping) {
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
        advanceTo(captureNs);
        if (simulation.done()) {
          nextLap(captureNs);
        }
        sense(inlets, captureNs);
        set++;
      }
      if (laps.isEmpty() || simulation.timeS() > SHORTEST_LAP_S) {
        laps.add(simulation.scoreboard());
      }
    } catch (RuntimeException | Error e) {
      failure = e;
    } finally {
      ended = true;
      inlets.doorbell().ring();
    }
  }

  private void waitUntil(long ns, NanoClock clock) {
    long leftNs = ns - clock.nanoTime();
    while (leftNs > 0 && !stopping) {
      LockSupport.parkNanos(this, Math.min(leftNs, 50_000_000L));
      leftNs = ns - clock.nanoTime();
    }
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

  private void moveTo(long ns) {
    double dtS = (ns - lapStartNs) * 1e-9 - simulation.timeS();
    if (dtS > 1e-6) {
      simulation.advance(dtS);
    }
  }

  private void nextLap(long captureNs) {
    laps.add(simulation.scoreboard());
    seed++;
    simulation = new Simulation(rig, scenario, seed);
    lapStartNs = captureNs;
  }

  private void sense(SensorInlets inlets, long captureNs) {
    long beganNs = inlets.clock().nanoTime();
    Odometry motion = simulation.odometry();
    inlets
        .ego()
        .push(
            new EgoState(
                captureNs,
                motion.speedMps(),
                motion.yawRateRps(),
                motion.accelMps2(),
                simulation.setSpeedMps()));
    for (int i = inlets.sensors() - 1; i >= 0 && !stopping; i--) {
      Rendering.push(simulation, rig, i, inlets.ring(i), captureNs, inlets.clock(), tap);
      framesIn++;
    }
    renderStage.recordNs(inlets.clock().nanoTime() - beganNs);
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
      while (worker.isAlive()) {
        try {
          worker.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    ended = true;
  }
}
