package saccade.sim;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Rig;
import saccade.kernels.motion.Standstill;
import saccade.sim.render.CameraRenderer;
import saccade.sim.render.LidarRenderer;
import saccade.sim.traffic.Ego;
import saccade.sim.traffic.World;
import saccade.sim.world.Scene;

/**
 * One drive through a scenario: the world moves on when told to, the ego obeys the latest command,
 * sensors are rendered on demand. Has no clock of its own, so real time and as fast as possible are
 * the caller's choice. The same rig, scenario, seed and sequence of calls give the same bits. Owned
 * by one thread.
 */
public final class Simulation implements Simulator {
  private static final double STEP_S = 0.01;

  private final Rig rig;
  private final Scenario scenario;
  private final World world;
  private final Ego ego;
  private final double setSpeedMps;
  private final Referee referee;
  private final Scene scene = new Scene();
  private final List<CameraRenderer> cameras = new ArrayList<>();
  private final @Nullable LidarRenderer lidar;
  private boolean sceneStale = true;
  private long frame;

  /**
   * @param seed chooses colours, sizes, distances and times; the scenario says what happens
   */
  public Simulation(Rig rig, Scenario scenario, long seed) {
    this.rig = rig;
    this.scenario = scenario;
    Scenario.Start start = scenario.start(seed);
    this.world = start.world();
    this.ego = start.ego();
    this.setSpeedMps = start.setSpeedMps();
    this.referee = new Referee(start.goalS());
    for (CameraModel camera : rig.cameras()) {
      cameras.add(new CameraRenderer(camera));
    }
    LidarModel model = rig.lidar();
    this.lidar = model == null ? null : new LidarRenderer(model);
    referee.look(world, ego);
  }

  @Override
  public void command(double accelMps2, double curvature1pm) {
    ego.command(accelMps2, curvature1pm);
  }

  /**
   * Moves the world on, in equal steps of at most 10 ms.
   *
   * @param dtS seconds, 0 &lt; dtS &lt;= 10
   * @return the number of the last step
   * @throws IllegalArgumentException when it is not
   */
  @Override
  public long advance(double dtS) {
    if (!(dtS > 0) || dtS > 10) {
      throw new IllegalArgumentException(
          "advance by " + dtS + " s: wanted more than 0 and at most 10");
    }
    int steps = (int) Math.ceil(dtS / STEP_S - 1e-9);
    double h = dtS / steps;
    for (int i = 0; i < steps; i++) {
      ego.step(h);
      world.step(h, ego);
      referee.look(world, ego);
    }
    frame += steps;
    sceneStale = true;
    return frame;
  }

  @Override
  public long frame() {
    return frame;
  }

  /** Takes any step; inside it goes on by at most 10 ms at a time. */
  @Override
  public double stepS() {
    return 0;
  }

  @Override
  public Rig rig() {
    return rig;
  }

  @Override
  public void renderCamera(int i, MemorySegment rgb8) {
    cameras.get(i).render(scene(), rgb8, null, null);
  }

  @Override
  public int renderLidar(MemorySegment points16B) {
    return lidar == null ? 0 : lidar.render(scene(), points16B, (int) (points16B.byteSize() / 16));
  }

  /** Ego motion now, without noise. */
  @Override
  public Odometry odometry() {
    return new Odometry(ego.speedMps, ego.yawRateRps(), ego.accelMps2);
  }

  /** What odometry without noise remembers now; of a sampled state also from before the drive. */
  public Standstill standstill() {
    return world.egoStandstill;
  }

  @Override
  public double setSpeedMps() {
    return setSpeedMps;
  }

  @Override
  public double timeS() {
    return world.timeS();
  }

  @Override
  public boolean done() {
    return world.timeS() > scenario.durationS() - 1e-6;
  }

  /** The score so far; for reports and tests. */
  @Override
  public Scoreboard scoreboard() {
    return referee.score();
  }

  /**
   * The scene as it is now, for whole-system tests; only read, valid until the next advance. Its
   * type is exported to them alone, so a node can do nothing with it.
   */
  @SuppressWarnings("exports")
  public Scene scene() {
    if (sceneStale) {
      world.fill(scene, ego, Math.round(world.timeS() * 1000));
      sceneStale = false;
    }
    return scene;
  }

  /**
   * The true world, for {@code saccade.sim.truth}. Its type is not exported, so outside this module
   * it can be handed on but not looked into.
   */
  @SuppressWarnings("exports")
  public World world() {
    return world;
  }

  /** The true ego; as closed to other modules as {@link #world}. */
  @SuppressWarnings("exports")
  public Ego ego() {
    return ego;
  }
}
