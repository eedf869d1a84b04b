package saccade.sim.export;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.kernels.image.PatchSpec;
import saccade.kernels.image.PixelFormat;
import saccade.kernels.image.ResizePatchify;
import saccade.kernels.lidar.PaintGrid;
import saccade.kernels.lidar.PillarGrid;
import saccade.kernels.lidar.Pillars;
import saccade.kernels.lidar.RangePainter;
import saccade.kernels.motion.Standstill;
import saccade.sim.render.CameraRenderer;
import saccade.sim.render.LidarRenderer;
import saccade.sim.traffic.Ego;
import saccade.sim.traffic.World;
import saccade.sim.truth.Expert;
import saccade.sim.truth.PixelSight;
import saccade.sim.truth.Plan;
import saccade.sim.truth.TruthFacts;
import saccade.sim.world.Box;
import saccade.sim.world.Scene;

/**
 * Turns instants of a world into rows of the training tensors. Holds renderers of the mounted rig
 * and room for the rows of one sequence; one a thread.
 */
final class FrameTensors {
  static final int CAMERAS = 6;
  static final int TOKENS = 28;
  static final int WIDTH = 224;
  static final int HEIGHT = 128;
  static final int PATCH_ROWS = 8;
  static final int PATCH_COLS = 14;
  static final int PATCHES = PATCH_ROWS * PATCH_COLS;
  static final PillarGrid GRID = PillarGrid.NANO_AROUND;
  static final int IMAGE_BYTES = HEIGHT * WIDTH * 3;
  static final int IMAGES_ROW = CAMERAS * IMAGE_BYTES;
  static final int PAINT_ROW = CAMERAS * PATCHES * 3 * 4;
  static final int BEV_ROW = GRID.floats() * 4;
  static final int EGO_ROW = 6 * 4;
  static final int ACTION_ROW = 2 * Plan.STEPS * 4;
  static final int LABELS = 2 + TruthFacts.FACTS;
  static final int LABELS_ROW = LABELS * 4;
  static final int DENSE_ROW = CAMERAS * PATCHES;
  static final int DEPTH_ROW = CAMERAS * PATCHES * 4;
  static final int OCCUPANCY_ROW = GRID.tokens();
  static final int RAYS_BYTES = CAMERAS * TOKENS * 6 * 4;
  static final int PLACES_BYTES = CAMERAS;

  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt I32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final int CLASSES = PatchClass.values().length;

  /** Pixels of a lit lamp on a vehicle from which on a patch shows it. */
  private static final int LAMP_PIXELS = 3;

  final MemorySegment images;
  final MemorySegment paint;
  final MemorySegment bev;
  final MemorySegment ego;
  final MemorySegment action;
  final MemorySegment labels;
  final MemorySegment dense;
  final MemorySegment depth;
  final MemorySegment occupancy;
  final MemorySegment rays;
  final MemorySegment places;

  private final List<CameraRenderer> cameras = new ArrayList<>();
  private final List<RangePainter> painters = new ArrayList<>();
  private final Map<Long, ResizePatchify> resizers = new HashMap<>();
  private @Nullable LidarRenderer lidar;
  private @Nullable Pillars pillars;
  private double lidarLoss;
  private MemorySegment picture = MemorySegment.NULL;
  private MemorySegment sweep = MemorySegment.NULL;
  private short[] boxIndex = {};
  private float[] depthM = {};
  private byte[] boxClass = new byte[256];
  private byte[] bodyClass = new byte[256];
  private boolean[] boxIsObject = new boolean[256];
  private final int[] counts = new int[CLASSES];
  private final Arena arena;
  private final Scene scene = new Scene();
  private final PixelSight sight = new PixelSight();
  private final Expert expert = new Expert();

  /**
   * @param frames rows that fit
   */
  FrameTensors(int frames, Arena arena) {
    this.arena = arena;
    images = arena.allocate((long) frames * IMAGES_ROW, 64);
    paint = arena.allocate((long) frames * PAINT_ROW, 64);
    bev = arena.allocate((long) frames * BEV_ROW, 64);
    ego = arena.allocate((long) frames * EGO_ROW, 64);
    action = arena.allocate((long) frames * ACTION_ROW, 64);
    labels = arena.allocate((long) frames * LABELS_ROW, 64);
    dense = arena.allocate((long) frames * DENSE_ROW, 64);
    depth = arena.allocate((long) frames * DEPTH_ROW, 64);
    occupancy = arena.allocate((long) frames * OCCUPANCY_ROW, 64);
    rays = arena.allocate(RAYS_BYTES, 64);
    places = arena.allocate(PLACES_BYTES, 64);
  }

  /**
   * Takes the sensors of the next sequence and empties all rows.
   *
   * @throws IllegalArgumentException when the rig has no camera or more than 6, no LiDAR, or a
   *     camera whose picture is no whole multiple of the model's
   */
  void mount(RigDraw draw) {
    Rig rig = draw.rig();
    LidarModel lidarModel = rig.lidar();
    if (rig.cameras().isEmpty() || rig.cameras().size() > CAMERAS || lidarModel == null) {
      throw new IllegalArgumentException(
          "rig with "
              + rig.cameras().size()
              + " cameras: wanted 1 to 6 and a LiDAR for training tensors");
    }
    cameras.clear();
    painters.clear();
    int pixels = 0;
    for (CameraModel camera : rig.cameras()) {
      if (camera.widthPx() % WIDTH != 0 || camera.heightPx() % HEIGHT != 0) {
        throw new IllegalArgumentException(
            "camera "
                + camera.name()
                + " of "
                + camera.widthPx()
                + "x"
                + camera.heightPx()
                + " px: wanted a whole multiple of "
                + WIDTH
                + "x"
                + HEIGHT);
      }
      cameras.add(new CameraRenderer(camera));
      painters.add(new RangePainter(camera, lidarModel.baseFromLidar(), PaintGrid.NANO));
      pixels = Math.max(pixels, camera.widthPx() * camera.heightPx());
    }
    LidarRenderer scanner = new LidarRenderer(lidarModel);
    lidar = scanner;
    lidarLoss = draw.lidarLoss();
    pillars = new Pillars(GRID, lidarModel.baseFromLidar());
    long sweepBytes = (long) scanner.maxPoints() * LidarRenderer.POINT_BYTES;
    if (sweep.byteSize() < sweepBytes) {
      sweep = arena.allocate(sweepBytes, 64);
    }
    if (boxIndex.length != pixels) {
      picture = arena.allocate(pixels * 3L, 64);
      boxIndex = new short[pixels];
      depthM = new float[pixels];
    }
    for (MemorySegment perCamera : List.of(images, paint, dense, depth, rays, places)) {
      perCamera.fill((byte) 0);
    }
    rays(rig);
  }

  /** Ray and place of each camera token: f32 [6, 28, 6]. */
  private void rays(Rig rig) {
    double[] direction = new double[3];
    long at = 0;
    for (int c = 0; c < rig.cameras().size(); c++) {
      places.set(ValueLayout.JAVA_BYTE, c, (byte) 1);
      CameraModel camera = rig.cameras().get(c);
      CameraModel small = camera.scaledTo(WIDTH, HEIGHT);
      Pose pose = camera.baseFromOptical();
      for (int row = 0; row < 4; row++) {
        for (int col = 0; col < 7; col++) {
          small.ray((col + 0.5) * 32, (row + 0.5) * 32, direction);
          for (double value :
              new double[] {
                direction[0], direction[1], direction[2], pose.x() / 2, pose.y() / 2, pose.z() / 2
              }) {
            rays.set(F32, at, (float) value);
            at += 4;
          }
        }
      }
    }
  }

  /**
   * Writes one instant.
   *
   * @param row of this object's tensors
   * @return the expert's plan for it
   * @throws IllegalStateException before a rig was mounted
   */
  Plan write(int row, Drive drive) {
    LidarRenderer scanner = lidar;
    Pillars cells = pillars;
    if (scanner == null || cells == null) {
      throw new IllegalStateException("training tensors: mount a rig first");
    }
    World world = drive.world();
    Ego vehicle = drive.ego();
    world.fill(scene, vehicle, Math.round(world.timeS() * 1000));
    Plan plan = expert.plan(world, vehicle, drive.setSpeedMps());
    int points = thinned(scanner.render(scene, sweep, scanner.maxPoints()));
    sight.clear();
    sight.add(scene, sweep, points, scanner.lidar().baseFromLidar());
    classify();
    for (int c = 0; c < cameras.size(); c++) {
      CameraRenderer camera = cameras.get(c);
      camera.render(scene, picture, boxIndex, depthM);
      sight.add(scene, boxIndex);
      int width = camera.camera().widthPx();
      int height = camera.camera().heightPx();
      resizer(width, height)
          .resizeRgb8(
              picture,
              width * 3L,
              images.asSlice((long) row * IMAGES_ROW + (long) c * IMAGE_BYTES, IMAGE_BYTES));
      painters
          .get(c)
          .paint(
              sweep,
              points,
              paint.asSlice((long) row * PAINT_ROW + (long) c * PATCHES * 12, PATCHES * 12L));
      patchLabels(row, c, width, height);
    }
    cells.fill(sweep, points, bev.asSlice((long) row * BEV_ROW, BEV_ROW));
    occupancy(row);

    long at = (long) row * EGO_ROW;
    ego.set(F32, at, (float) (vehicle.speedMps / 15));
    ego.set(F32, at + 4, (float) (vehicle.yawRateRps() / 0.5));
    ego.set(F32, at + 8, (float) (drive.setSpeedMps() / 15));
    ego.set(F32, at + 12, (float) (vehicle.accelMps2 / 5));
    ego.set(F32, at + 16, (float) (world.egoStandstill.stoodS() / Standstill.MOST_S));
    ego.set(F32, at + 20, (float) (world.egoStandstill.drivenM() / Standstill.MOST_M));
    for (int i = 0; i < Plan.STEPS; i++) {
      action.set(F32, (long) row * ACTION_ROW + i * 4L, (float) plan.accelMps2()[i]);
      action.set(
          F32, (long) row * ACTION_ROW + (Plan.STEPS + i) * 4L, (float) plan.curvature1pm()[i]);
    }
    int[] facts = TruthFacts.of(world, vehicle, plan, sight);
    long label = (long) row * LABELS_ROW;
    labels.set(I32, label, plan.maneuver().ordinal());
    labels.set(I32, label + 4, drive.kind());
    for (int i = 0; i < facts.length; i++) {
      labels.set(I32, label + 8 + i * 4L, facts[i]);
    }
    return plan;
  }

  private ResizePatchify resizer(int width, int height) {
    return resizers.computeIfAbsent(
        (long) width << 32 | height,
        size ->
            new ResizePatchify(
                width, height, PixelFormat.RGB8, PatchSpec.of(WIDTH, HEIGHT, 4, 0.5f, 0.25f)));
  }

  /** Loses points of the sweep at random; returns how many are left. */
  private int thinned(int points) {
    if (lidarLoss == 0) {
      return points;
    }
    SplittableRandom random = new SplittableRandom(scene.textureSeed * 31 + scene.frame);
    int kept = 0;
    for (int i = 0; i < points; i++) {
      if (random.nextDouble() >= lidarLoss) {
        MemorySegment.copy(
            sweep,
            (long) i * LidarRenderer.POINT_BYTES,
            sweep,
            (long) kept++ * LidarRenderer.POINT_BYTES,
            LidarRenderer.POINT_BYTES);
      }
    }
    return kept;
  }

  /** What each box of the scene counts for in a patch. */
  private void classify() {
    int boxes = scene.boxes.size();
    if (boxClass.length < boxes) {
      boxClass = new byte[boxes * 2];
      boxIsObject = new boolean[boxes * 2];
    }
    for (Box box : scene.boxes) {
      int id = box.objectId();
      if (id >= 0 && PatchClass.isBody(box)) {
        if (id >= bodyClass.length) {
          bodyClass = Arrays.copyOf(bodyClass, id * 2);
        }
        bodyClass[id] = (byte) PatchClass.of(box).ordinal();
      }
    }
    for (int i = 0; i < boxes; i++) {
      Box box = scene.boxes.get(i);
      boxIsObject[i] = box.kind() != Box.Kind.STRUCTURE;
      boxClass[i] =
          PatchClass.isVehiclePart(box) && box.objectId() >= 0 && box.objectId() < bodyClass.length
              ? bodyClass[box.objectId()]
              : (byte) PatchClass.of(box).ordinal();
    }
  }

  /** Class and nearest object of each 16 px patch of the small picture. */
  private void patchLabels(int row, int camera, int width, int height) {
    int patchWidth = width / PATCH_COLS;
    int patchHeight = height / PATCH_ROWS;
    int few = Math.max(1, patchWidth * patchHeight / 25);
    for (int pr = 0; pr < PATCH_ROWS; pr++) {
      for (int pc = 0; pc < PATCH_COLS; pc++) {
        Arrays.fill(counts, 0);
        float nearest = Float.POSITIVE_INFINITY;
        for (int v = pr * patchHeight; v < (pr + 1) * patchHeight; v++) {
          int from = v * width + pc * patchWidth;
          for (int at = from; at < from + patchWidth; at++) {
            int index = boxIndex[at];
            if (index >= 0) {
              counts[boxClass[index]]++;
              if (boxIsObject[index]) {
                nearest = Math.min(nearest, depthM[at]);
              }
            }
          }
        }
        long at = ((long) row * CAMERAS + camera) * PATCHES + (long) pr * PATCH_COLS + pc;
        dense.set(
            ValueLayout.JAVA_BYTE, at, (byte) PatchClass.of(counts, LAMP_PIXELS, few).ordinal());
        depth.set(F32, at * 4, Float.isInfinite(nearest) ? 0 : nearest);
      }
    }
  }

  /** Which bird's-eye tokens something that moves, or a cone, stands in. */
  private void occupancy(int row) {
    PillarGrid grid = GRID;
    double sizeX = grid.tokenCellsX() * grid.cellM();
    double sizeY = grid.tokenCellsY() * grid.cellM();
    double cos = Math.cos(scene.egoYawRad);
    double sin = Math.sin(scene.egoYawRad);
    for (int ix = 0; ix < grid.tokensX(); ix++) {
      for (int iy = 0; iy < grid.tokensY(); iy++) {
        double x = grid.minX() + (ix + 0.5) * sizeX;
        double y = grid.minY() + (iy + 0.5) * sizeY;
        boolean occupied = false;
        for (Box box : scene.boxes) {
          if (!PatchClass.isBody(box)) {
            continue;
          }
          double dx = box.cx() - scene.egoX;
          double dy = box.cy() - scene.egoY;
          if (meets(
              dx * cos + dy * sin - x,
              -dx * sin + dy * cos - y,
              box.yawRad() - scene.egoYawRad,
              box.lengthM(),
              box.widthM(),
              sizeX,
              sizeY)) {
            occupied = true;
            break;
          }
        }
        occupancy.set(
            ValueLayout.JAVA_BYTE,
            (long) row * OCCUPANCY_ROW + (long) ix * grid.tokensY() + iy,
            (byte) (occupied ? 1 : 0));
      }
    }
  }

  /**
   * Whether a turned rectangle at (dx, dy) meets an upright one at the origin (separating axes).
   */
  private static boolean meets(
      double dx, double dy, double yaw, double length, double width, double sizeX, double sizeY) {
    double c = Math.abs(Math.cos(yaw));
    double s = Math.abs(Math.sin(yaw));
    double along = dx * Math.cos(yaw) + dy * Math.sin(yaw);
    double across = -dx * Math.sin(yaw) + dy * Math.cos(yaw);
    return Math.abs(dx) < (sizeX + length * c + width * s) / 2
        && Math.abs(dy) < (sizeY + length * s + width * c) / 2
        && Math.abs(along) < (length + sizeX * c + sizeY * s) / 2
        && Math.abs(across) < (width + sizeX * s + sizeY * c) / 2;
  }
}
