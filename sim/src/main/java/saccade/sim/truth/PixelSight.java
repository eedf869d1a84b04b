package saccade.sim.truth;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.Pose;
import saccade.sim.world.Box;
import saccade.sim.world.Scene;

/**
 * Sight by counting what was rendered: an object is seen from 8 pixels of all cameras together on,
 * or from 3 points of the sweep; a lit lamp from one pixel. Reused frame by frame.
 */
public final class PixelSight implements Sight {
  private static final int SEEN_PIXELS = 8;

  /** Range noise may put a point a little off the box that it belongs to, metres. */
  private static final double LOOSE_M = 0.08;

  private static final long POINT_BYTES = 16;
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private int[] any = new int[64];
  private int[] lamp = new int[64];
  private int[] perBox = new int[256];
  private @Nullable Scene scene;
  private double[] points = new double[0]; // (points, 3) world frame, above the ground
  private int pointCount;

  public PixelSight() {}

  /** Forgets the last frame. */
  public void clear() {
    Arrays.fill(any, 0);
    Arrays.fill(lamp, 0);
    scene = null;
    pointCount = 0;
  }

  /**
   * Counts one camera's picture.
   *
   * @param boxIndex per pixel the index of the box of the scene, negative for sky and ground
   */
  public void add(Scene scene, short[] boxIndex) {
    int boxes = scene.boxes.size();
    if (perBox.length < boxes) {
      perBox = new int[boxes * 2];
    }
    Arrays.fill(perBox, 0);
    for (short index : boxIndex) {
      if (index >= 0) {
        perBox[index]++;
      }
    }
    for (int i = 0; i < boxes; i++) {
      Box box = scene.boxes.get(i);
      int id = box.objectId();
      if (id < 0 || perBox[i] == 0) {
        continue;
      }
      if (id >= any.length) {
        any = Arrays.copyOf(any, id * 2);
        lamp = Arrays.copyOf(lamp, id * 2);
      }
      any[id] += perBox[i];
      if (isLitSignal(box)) {
        lamp[id] += perBox[i];
      }
    }
  }

  /**
   * Takes in a sweep. Points are looked up only for objects that no camera sees.
   *
   * @param scene must not change until {@link #clear}
   * @param sweep x, y, z, intensity, float32, in the LiDAR frame; only read during the call
   */
  public void add(Scene scene, MemorySegment sweep, int count, Pose baseFromLidar) {
    this.scene = scene;
    if (points.length < count * 3) {
      points = new double[count * 3];
    }
    double[] r = baseFromLidar.rotation();
    double cos = Math.cos(scene.egoYawRad);
    double sin = Math.sin(scene.egoYawRad);
    int n = 0;
    for (int i = 0; i < count; i++) {
      long at = i * POINT_BYTES;
      double lx = sweep.get(FLOAT, at);
      double ly = sweep.get(FLOAT, at + 4);
      double lz = sweep.get(FLOAT, at + 8);
      double z = r[6] * lx + r[7] * ly + r[8] * lz + baseFromLidar.z();
      if (z < 0.1) {
        continue;
      }
      double x = r[0] * lx + r[1] * ly + r[2] * lz + baseFromLidar.x();
      double y = r[3] * lx + r[4] * ly + r[5] * lz + baseFromLidar.y();
      points[n] = scene.egoX + cos * x - sin * y;
      points[n + 1] = scene.egoY + sin * x + cos * y;
      points[n + 2] = z;
      n += 3;
    }
    pointCount = n / 3;
  }

  @Override
  public boolean any(int objectId) {
    return objectId < any.length && any[objectId] >= SEEN_PIXELS
        || returns(objectId) >= SEEN_RETURNS;
  }

  private int returns(int objectId) {
    Scene swept = scene;
    if (swept == null || pointCount == 0) {
      return 0;
    }
    int returns = 0;
    for (Box box : swept.boxes) {
      if (box.objectId() == objectId) {
        returns += returns(box);
      }
    }
    return returns;
  }

  private int returns(Box box) {
    double cos = Math.cos(box.yawRad());
    double sin = Math.sin(box.yawRad());
    double halfLength = box.lengthM() / 2 + LOOSE_M;
    double halfWidth = box.widthM() / 2 + LOOSE_M;
    double halfHeight = box.heightM() / 2 + LOOSE_M;
    double reach = halfLength + halfWidth;
    int returns = 0;
    for (int at = 0; at < pointCount * 3; at += 3) {
      double dx = points[at] - box.cx();
      double dy = points[at + 1] - box.cy();
      if (Math.abs(dx) < reach
          && Math.abs(dy) < reach
          && Math.abs(dx * cos + dy * sin) < halfLength
          && Math.abs(dy * cos - dx * sin) < halfWidth
          && Math.abs(points[at + 2] - box.cz()) < halfHeight) {
        returns++;
      }
    }
    return returns;
  }

  @Override
  public boolean lamp(int objectId) {
    return objectId >= 0 && objectId < lamp.length && lamp[objectId] >= 1;
  }

  static boolean isLitSignal(Box box) {
    return box.emissive()
        && switch (box.kind()) {
          case LIGHT_RED, LIGHT_AMBER, LIGHT_GREEN -> true;
          default -> false;
        };
  }
}
