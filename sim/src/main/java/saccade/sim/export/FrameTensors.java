package saccade.sim.export;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Rig;
import saccade.kernels.image.PatchSpec;
import saccade.kernels.image.PixelFormat;
import saccade.kernels.image.ResizePatchify;
import saccade.kernels.lidar.PaintGrid;
import saccade.kernels.lidar.PillarGrid;
import saccade.kernels.lidar.Pillars;
import saccade.kernels.lidar.RangePainter;
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
 * Turns instants of a world into rows of the training tensors. Holds renderers and room for the
 * rows of one sequence; one a thread.
 */
final class FrameTensors {
  static final int CAMERAS = 2;
  static final int WIDTH = 224;
  static final int HEIGHT = 128;
  static final int PATCH_ROWS = 8;
  static final int PATCH_COLS = 14;
  static final int PATCHES = PATCH_ROWS * PATCH_COLS;
  static final int IMAGE_BYTES = HEIGHT * WIDTH * 3;
  static final int IMAGES_ROW = CAMERAS * IMAGE_BYTES;
  static final int PAINT_ROW = CAMERAS * PATCHES * 3 * 4;
  static final int BEV_ROW = PillarGrid.NANO.floats() * 4;
  static final int EGO_ROW = 4 * 4;
  static final int ACTION_ROW = 2 * Plan.STEPS * 4;
  static final int LABELS = 2 + TruthFacts.FACTS;
  static final int LABELS_ROW = LABELS * 4;
  static final int DENSE_ROW = CAMERAS * PATCHES;
  static final int DEPTH_ROW = CAMERAS * PATCHES * 4;
  static final int OCCUPANCY_ROW = PillarGrid.NANO.tokens();

  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt I32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final byte OTHER = 0;
  private static final byte CAR = 1;
  private static final byte PEDESTRIAN = 2;
  private static final byte RED = 3;
  private static final byte GREEN = 4;
  private static final byte BRAKING_TAIL = 5;

  final MemorySegment images;
  final MemorySegment paint;
  final MemorySegment bev;
  final MemorySegment ego;
  final MemorySegment action;
  final MemorySegment labels;
  final MemorySegment dense;
  final MemorySegment depth;
  final MemorySegment occupancy;

  private final List<CameraRenderer> cameras = new ArrayList<>();
  private final List<RangePainter> painters = new ArrayList<>();
  private final List<ResizePatchify> resizers = new ArrayList<>();
  private final LidarRenderer lidar;
  private final Pillars pillars;
  private final MemorySegment picture;
  private final MemorySegment sweep;
  private final short[] boxIndex;
  private final float[] depthM;
  private final Scene scene = new Scene();
  private final PixelSight sight = new PixelSight();
  private final Expert expert = new Expert();

  /**
   * @param frames rows that fit
   */
  FrameTensors(Rig rig, int frames, Arena arena) {
    LidarModel lidarModel = rig.lidar();
    if (rig.cameras().size() != CAMERAS || lidarModel == null) {
      throw new IllegalArgumentException(
          "rig with "
              + rig.cameras().size()
              + " cameras: wanted 2 and a LiDAR for training tensors");
    }
    int pixels = 0;
    for (CameraModel camera : rig.cameras()) {
      cameras.add(new CameraRenderer(camera));
      painters.add(new RangePainter(camera, lidarModel.baseFromLidar(), PaintGrid.NANO));
      resizers.add(
          new ResizePatchify(
              camera.widthPx(),
              camera.heightPx(),
              PixelFormat.RGB8,
              PatchSpec.of(WIDTH, HEIGHT, 4, 0.5f, 0.25f)));
      pixels = Math.max(pixels, camera.widthPx() * camera.heightPx());
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
    }
    lidar = new LidarRenderer(lidarModel);
    pillars = new Pillars(PillarGrid.NANO, lidarModel.baseFromLidar());
    picture = arena.allocate(pixels * 3L, 64);
    sweep = arena.allocate((long) lidar.maxPoints() * LidarRenderer.POINT_BYTES, 64);
    boxIndex = new short[pixels];
    depthM = new float[pixels];
    images = arena.allocate((long) frames * IMAGES_ROW, 64);
    paint = arena.allocate((long) frames * PAINT_ROW, 64);
    bev = arena.allocate((long) frames * BEV_ROW, 64);
    ego = arena.allocate((long) frames * EGO_ROW, 64);
    action = arena.allocate((long) frames * ACTION_ROW, 64);
    labels = arena.allocate((long) frames * LABELS_ROW, 64);
    dense = arena.allocate((long) frames * DENSE_ROW, 64);
    depth = arena.allocate((long) frames * DEPTH_ROW, 64);
    occupancy = arena.allocate((long) frames * OCCUPANCY_ROW, 64);
  }

  /** Ray and place of each camera token: f32 [2, 28, 6]. */
  static float[] rays(Rig rig) {
    float[] rays = new float[CAMERAS * 28 * 6];
    double[] direction = new double[3];
    int at = 0;
    for (CameraModel camera : rig.cameras()) {
      CameraModel small = camera.scaledTo(WIDTH, HEIGHT);
      for (int row = 0; row < 4; row++) {
        for (int col = 0; col < 7; col++) {
          small.ray((col + 0.5) * 32, (row + 0.5) * 32, direction);
          for (int k = 0; k < 3; k++) {
            rays[at++] = (float) direction[k];
          }
          rays[at++] = (float) (camera.baseFromOptical().x() / 2);
          rays[at++] = (float) (camera.baseFromOptical().y() / 2);
          rays[at++] = (float) (camera.baseFromOptical().z() / 2);
        }
      }
    }
    return rays;
  }

  /**
   * Writes one instant.
   *
   * @param row of this object's tensors
   * @param kind number of the scenario kind
   * @return the expert's plan for it
   */
  Plan write(int row, World world, Ego vehicle, double setSpeedMps, int kind) {
    world.fill(scene, vehicle, Math.round(world.timeS() * 1000));
    Plan plan = expert.plan(world, vehicle, setSpeedMps);
    int points = lidar.render(scene, sweep, lidar.maxPoints());
    sight.clear();
    for (int c = 0; c < CAMERAS; c++) {
      CameraRenderer camera = cameras.get(c);
      camera.render(scene, picture, boxIndex, depthM);
      sight.add(scene, boxIndex, c == 0);
      int width = camera.camera().widthPx();
      resizers
          .get(c)
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
      patchLabels(row, c, width, camera.camera().heightPx());
    }
    pillars.fill(sweep, points, bev.asSlice((long) row * BEV_ROW, BEV_ROW));
    occupancy(row);

    long at = (long) row * EGO_ROW;
    ego.set(F32, at, (float) (vehicle.speedMps / 15));
    ego.set(F32, at + 4, (float) (vehicle.yawRateRps() / 0.5));
    ego.set(F32, at + 8, (float) (setSpeedMps / 15));
    ego.set(F32, at + 12, (float) (vehicle.accelMps2 / 5));
    for (int i = 0; i < Plan.STEPS; i++) {
      action.set(F32, (long) row * ACTION_ROW + i * 4L, (float) plan.accelMps2()[i]);
      action.set(
          F32, (long) row * ACTION_ROW + (Plan.STEPS + i) * 4L, (float) plan.curvature1pm()[i]);
    }
    int[] facts = TruthFacts.of(world, vehicle, plan, sight);
    long label = (long) row * LABELS_ROW;
    labels.set(I32, label, plan.maneuver().ordinal());
    labels.set(I32, label + 4, kind);
    for (int i = 0; i < facts.length; i++) {
      labels.set(I32, label + 8 + i * 4L, facts[i]);
    }
    return plan;
  }

  /** Class and nearest object of each 16 px patch of the small picture. */
  private void patchLabels(int row, int camera, int width, int height) {
    int patchWidth = width / PATCH_COLS;
    int patchHeight = height / PATCH_ROWS;
    int few = Math.max(1, patchWidth * patchHeight / 25);
    for (int pr = 0; pr < PATCH_ROWS; pr++) {
      for (int pc = 0; pc < PATCH_COLS; pc++) {
        int cars = 0;
        int pedestrians = 0;
        int red = 0;
        int green = 0;
        int tail = 0;
        float nearest = Float.POSITIVE_INFINITY;
        for (int v = pr * patchHeight; v < (pr + 1) * patchHeight; v++) {
          for (int u = pc * patchWidth; u < (pc + 1) * patchWidth; u++) {
            int index = boxIndex[v * width + u];
            if (index < 0) {
              continue;
            }
            Box box = scene.boxes.get(index);
            switch (box.kind()) {
              case CAR -> cars++;
              case PEDESTRIAN -> pedestrians++;
              case LIGHT_RED -> red += box.emissive() ? 1 : 0;
              case LIGHT_GREEN -> green += box.emissive() ? 1 : 0;
              case BRAKE_LAMP -> {
                cars++;
                tail += box.emissive() ? 1 : 0;
              }
              case TRUCK,
                  CYCLIST,
                  CONE,
                  STOP_SIGN,
                  LIGHT_AMBER,
                  INDICATOR,
                  HEAD_LAMP,
                  STRUCTURE -> {}
            }
            if (box.kind() != Box.Kind.STRUCTURE) {
              nearest = Math.min(nearest, depthM[v * width + u]);
            }
          }
        }
        byte kind =
            red > 0 && red >= green
                ? RED
                : green > 0
                    ? GREEN
                    : pedestrians >= few
                        ? PEDESTRIAN
                        : tail >= 4 ? BRAKING_TAIL : cars >= few ? CAR : OTHER;
        long at = ((long) row * CAMERAS + camera) * PATCHES + (long) pr * PATCH_COLS + pc;
        dense.set(ValueLayout.JAVA_BYTE, at, kind);
        depth.set(F32, at * 4, Float.isInfinite(nearest) ? 0 : nearest);
      }
    }
  }

  /** Which bird's-eye tokens a car or pedestrian stands in. */
  private void occupancy(int row) {
    PillarGrid grid = PillarGrid.NANO;
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
          if (box.kind() != Box.Kind.CAR && box.kind() != Box.Kind.PEDESTRIAN) {
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
