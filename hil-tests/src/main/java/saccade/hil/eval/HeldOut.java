package saccade.hil.eval;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Rig;
import saccade.kernels.image.PixelFormat;
import saccade.kernels.motion.Standstill;
import saccade.perception.SetInput;
import saccade.sim.Odometry;
import saccade.sim.Scenario;
import saccade.sim.Simulation;
import saccade.sim.render.CameraRenderer;
import saccade.sim.render.LidarRenderer;
import saccade.sim.truth.Expert;
import saccade.sim.truth.PixelSight;
import saccade.sim.truth.Plan;
import saccade.sim.truth.TruthFacts;

/**
 * Sequences of 10 Hz frames with their truth: states sampled like those of the training data, from
 * seeds that no export uses. Holds one frame at a time. One thread; close it after the last frame.
 */
final class HeldOut implements AutoCloseable {
  private static final long SEEDS = 0x0e1d_0072_5acc_ade5L;
  private static final int TRIES = 14;
  private static final double FRAME_S = 0.1;

  private final Arena arena = Arena.ofConfined();
  private final Rig rig;
  private final int frames;
  private final List<CameraRenderer> cameras = new ArrayList<>();
  private final List<MemorySegment> pictures = new ArrayList<>();
  private final @Nullable LidarRenderer lidar;
  private final MemorySegment sweep;
  private final short[] boxIndex;
  private final float[] depthM;
  private final PixelSight sight = new PixelSight();
  private final Expert expert = new Expert();

  private @Nullable Simulation simulation;
  private SplittableRandom random = new SplittableRandom(0);
  private double accelBias;
  private double curvatureBias;
  private double held = Double.NaN;
  private int points;
  private Plan plan = new Plan(new double[0], new double[0], Plan.Maneuver.KEEP, Plan.Reason.CLEAR);
  private int[] facts = new int[0];

  HeldOut(Rig rig, int frames) {
    this.rig = rig;
    this.frames = frames;
    int pixels = 0;
    for (CameraModel camera : rig.cameras()) {
      CameraRenderer renderer = new CameraRenderer(camera);
      cameras.add(renderer);
      pictures.add(arena.allocate(renderer.pictureBytes(), 64));
      pixels = Math.max(pixels, camera.widthPx() * camera.heightPx());
    }
    LidarModel model = rig.lidar();
    lidar = model == null ? null : new LidarRenderer(model);
    sweep =
        arena.allocate(
            lidar == null ? 16 : (long) lidar.maxPoints() * LidarRenderer.POINT_BYTES, 64);
    boxIndex = new short[pixels];
    depthM = new float[pixels];
  }

  /** Starts sequence {@code index} and shows its first frame. */
  void start(int index) {
    random = new SplittableRandom(SEEDS + index);
    double wanted = random.nextDouble();
    Plan.Maneuver maneuver =
        wanted < 0.38
            ? Plan.Maneuver.BRAKE
            : wanted < 0.69 ? Plan.Maneuver.KEEP : Plan.Maneuver.ACCELERATE;
    Simulation candidate = sampled();
    for (int i = 1; i < TRIES && expert.plan(candidate).maneuver() != maneuver; i++) {
      candidate = sampled();
    }
    simulation = candidate;
    double mode = random.nextDouble();
    accelBias = mode < 0.35 ? 0 : random.nextDouble(-3, 3);
    held = mode > 0.65 ? random.nextDouble(-5, 2.5) : Double.NaN;
    curvatureBias = mode < 0.3 ? 0 : random.nextDouble(-0.02, 0.02);
    look(candidate);
  }

  /** Moves to the next frame of the sequence. */
  void next() {
    Simulation drive = drive();
    drive.command(
        Double.isNaN(held) ? plan.accelMps2()[0] + accelBias : held,
        plan.curvature1pm()[0] + curvatureBias);
    drive.advance(FRAME_S);
    look(drive);
  }

  /** The expert's plan for the present frame. */
  Plan plan() {
    return plan;
  }

  /** The true facts of the present frame, (18) value indices, negative = does not apply. */
  int[] facts() {
    return facts;
  }

  /** Puts the present frame into a set; the memory stays this object's until the next frame. */
  void fill(SetInput input, long captureNs) {
    input.clear();
    input.capture(captureNs);
    for (int i = 0; i < cameras.size(); i++) {
      CameraModel camera = rig.cameras().get(i);
      input.camera(
          i,
          pictures.get(i),
          camera.widthPx(),
          camera.heightPx(),
          3L * camera.widthPx(),
          PixelFormat.RGB8);
    }
    if (lidar != null) {
      input.lidar(sweep, points);
    }
    Odometry motion = drive().odometry();
    Standstill standstill = drive().standstill();
    input.ego(
        motion.speedMps(),
        motion.yawRateRps(),
        drive().setSpeedMps(),
        motion.accelMps2(),
        standstill.stoodS(),
        standstill.drivenM());
  }

  private Simulation sampled() {
    // Pictures are drawn here, with the index of boxes that sight needs; so the simulation gets no
    // sensors.
    return new Simulation(new Rig(List.of(), null), Scenario.sampled(random.nextLong(), frames), 0);
  }

  private void look(Simulation drive) {
    plan = expert.plan(drive);
    sight.clear();
    for (int i = 0; i < cameras.size(); i++) {
      cameras.get(i).render(drive.scene(), pictures.get(i), boxIndex, depthM);
      sight.add(drive.scene(), boxIndex);
    }
    LidarRenderer scanner = lidar;
    points = scanner == null ? 0 : scanner.render(drive.scene(), sweep, scanner.maxPoints());
    if (scanner != null) {
      sight.add(drive.scene(), sweep, points, scanner.lidar().baseFromLidar());
    }
    facts = TruthFacts.of(drive.world(), drive.ego(), plan, sight);
  }

  private Simulation drive() {
    Simulation current = simulation;
    if (current == null) {
      throw new IllegalStateException("held-out frames: start a sequence first");
    }
    return current;
  }

  @Override
  public void close() {
    arena.close();
  }
}
