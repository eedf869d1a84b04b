package saccade.sim;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Rig;
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
public final class Simulation {
  private static final double STEP_S = 0.01;

  private final Scenario scenario;
  private final World world;
  private final Ego ego;
  private final double setSpeedMps;
  private final Referee referee = new Referee();
  private final Scene scene = new Scene();
  private final List<CameraRenderer> cameras = new ArrayList<>();
  private final @Nullable LidarRenderer lidar;
  private boolean sceneStale = true;

  /**
   * @param seed chooses colours, sizes, distances and times; the scenario says what happens
   */
  public Simulation(Rig rig, Scenario scenario, long seed) {
    this.scenario = scenario;
    Scenario.Start start = scenario.start(seed);
    this.world = start.world();
    this.ego = start.ego();
    this.setSpeedMps = start.setSpeedMps();
    for (CameraModel camera : rig.cameras()) {
      cameras.add(new CameraRenderer(camera));
    }
    LidarModel model = rig.lidar();
    this.lidar = model == null ? null : new LidarRenderer(model);
    referee.look(world, ego);
  }

  /**
   * What the drive does from now on: longitudinal acceleration in m/s^2, path curvature in 1/m
   * (left positive).
   */
  public void command(double accelMps2, double curvature1pm) {
    ego.command(accelMps2, curvature1pm);
  }

  /** Moves the world on by dtS seconds (&gt; 0). */
  public void advance(double dtS) {
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
    sceneStale = true;
  }

  /**
   * The picture of camera i now.
   *
   * @param rgb8 height x width x 3 bytes, RGB; filled
   */
  public void renderCamera(int i, MemorySegment rgb8) {
    cameras.get(i).render(scene(), rgb8, null, null);
  }

  /**
   * The sweep of the LiDAR now.
   *
   * @param points16B x, y, z, intensity as float32 in the LiDAR frame, 16 bytes a point; filled as
   *     far as it reaches
   * @return number of points; 0 when the rig has no LiDAR
   */
  public int renderLidar(MemorySegment points16B) {
    return lidar == null ? 0 : lidar.render(scene(), points16B, (int) (points16B.byteSize() / 16));
  }

  public Odometry odometry() {
    return new Odometry(ego.speedMps, ego.yawRateRps(), ego.accelMps2);
  }

  /** The speed the driver wants on a free road, m/s. */
  public double setSpeedMps() {
    return setSpeedMps;
  }

  /** Simulated seconds since the start. */
  public double timeS() {
    return world.timeS();
  }

  /** Whether the scenario is over. */
  public boolean done() {
    return world.timeS() > scenario.durationS() - 1e-6;
  }

  public Scoreboard scoreboard() {
    return referee.score();
  }

  /** The scene as it is now; valid until the next advance. */
  public Scene scene() {
    if (sceneStale) {
      world.fill(scene, ego, Math.round(world.timeS() * 1000));
      sceneStale = false;
    }
    return scene;
  }

  /** The true world; only for truth and export. */
  @SuppressWarnings("exports")
  public World world() {
    return world;
  }

  /** The true ego; only for truth and export. */
  @SuppressWarnings("exports")
  public Ego ego() {
    return ego;
  }
}
