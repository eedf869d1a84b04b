package saccade.sim.render;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.sim.world.Box;
import saccade.sim.world.Daylight;
import saccade.sim.world.Road;
import saccade.sim.world.Scene;

class CameraRendererTest {
  /** 448x256, f = 224, at (1.6, 0, 1.5) looking along x. */
  private static final CameraModel WIDE = Rig.twoCamera().cameras().get(0);

  private static final int WIDTH = 448;
  private static final int HEIGHT = 256;

  private final short[] index = new short[WIDTH * HEIGHT];
  private final float[] depth = new float[WIDTH * HEIGHT];
  private final MemorySegment picture = Arena.ofAuto().allocate(WIDTH * HEIGHT * 3);

  private void render(Scene scene) {
    new CameraRenderer(WIDE).render(scene, picture, index, depth);
  }

  private int channel(int u, int v, int c) {
    return picture.get(ValueLayout.JAVA_BYTE, (v * WIDTH + u) * 3L + c) & 255;
  }

  @Test
  void boxTwentyMetresAheadCoversItsProjectedRectangle() {
    Scene scene = new Scene();
    // Front face at base x 21.6 = depth 20: |y| <= 1 and 0 <= z <= 1.5.
    scene.boxes.add(Cuboids.box(22.6, 0, 0.75, 0, 2, 2, 1.5));
    render(scene);
    // u = 224 + 224 * (+-1 / 20) = 212.8 .. 235.2; v = 128 + 224 * (1.5 - z) / 20 = 128 .. 144.8.
    for (int v = 0; v < HEIGHT; v++) {
      for (int u = 0; u < WIDTH; u++) {
        boolean inside = u >= 213 && u <= 234 && v >= 128 && v <= 144;
        int at = v * WIDTH + u;
        assertEquals(
            inside ? 0 : v < 128 ? CameraRenderer.SKY : CameraRenderer.GROUND,
            index[at],
            u + "," + v);
        if (inside) {
          assertEquals(20, depth[at], 1e-4);
          assertTrue(
              channel(u, v, 0) > channel(u, v, 1) + 40, "a red box is red at " + u + "," + v);
        }
      }
    }
  }

  @Test
  void nearerBoxHidesFartherOneInEitherOrder() {
    Box near = Cuboids.box(12, 0, 1, 0.2, 2, 2, 2);
    Box far = Cuboids.box(22, 0, 2, -0.1, 4, 6, 4);
    for (int order = 0; order < 2; order++) {
      Scene scene = new Scene();
      scene.boxes.add(order == 0 ? near : far);
      scene.boxes.add(order == 0 ? far : near);
      render(scene);
      int centre = 140 * WIDTH + 224;
      assertEquals(order, index[centre]);
      assertTrue(depth[centre] < 11);
      // Above the near box, still on the far one.
      assertEquals(1 - order, index[110 * WIDTH + 224]);
    }
  }

  @Test
  void everyPixelAgreesWithARayCastFromTiltedCameras() {
    int hits = 0;
    for (int k = 0; k < 12; k++) {
      Pose body = Pose.of(0.3 * k, 0.5 - 0.1 * k, 1 + 0.2 * k, 0.05 * k, 0.03 * k - 0.1, 0.5 * k);
      CameraModel camera =
          CameraModel.ofHorizontalFov("tilted", 96, 64, Math.toRadians(50 + 5 * k), body);
      Scene scene = Cuboids.busy(k, 40);
      short[] seen = new short[96 * 64];
      float[] far = new float[96 * 64];
      new CameraRenderer(camera).render(scene, picture, seen, far);
      Pose world = Pose.of(scene.egoX, scene.egoY, 0, 0, 0, scene.egoYawRad);
      double[] eye = world.apply(body.x(), body.y(), body.z());
      Pose turn = Pose.of(0, 0, 0, 0, 0, scene.egoYawRad);
      double[] ray = new double[3];
      double[] axis = new double[3];
      camera.ray(camera.cxPx(), camera.cyPx(), axis);
      for (int v = 0; v < 64; v++) {
        for (int u = 0; u < 96; u++) {
          camera.ray(u + 0.5, v + 0.5, ray);
          double[] d = turn.apply(ray);
          double forward = ray[0] * axis[0] + ray[1] * axis[1] + ray[2] * axis[2];
          double slim = nearest(scene, -1e-4, eye, d);
          double fat = nearest(scene, 1e-4, eye, d);
          if (Math.abs(slim - fat) > 0.01 || slim * forward < 0.1) {
            continue; // an edge passes through the pixel's centre
          }
          int at = v * 96 + u;
          boolean box = slim < Double.POSITIVE_INFINITY;
          assertEquals(box, seen[at] >= 0, "scene " + k + " pixel " + u + "," + v);
          double truth = box ? slim : d[2] < 0 ? -eye[2] / d[2] : Double.POSITIVE_INFINITY;
          if (box) {
            hits++;
            assertEquals(truth, Cuboids.enter(scene.boxes.get(seen[at]), 0, eye, d), 0.011);
            assertEquals(truth * forward, far[at], 0.011);
          } else if (truth < 1000) {
            assertEquals(CameraRenderer.GROUND, seen[at]);
            assertEquals(truth * forward, far[at], 1e-3 * truth);
          }
        }
      }
    }
    assertTrue(hits > 5000, "expected boxes in the pictures, found " + hits + " pixels");
  }

  private static double nearest(Scene scene, double grow, double[] eye, double[] d) {
    double best = Double.POSITIVE_INFINITY;
    for (Box box : scene.boxes) {
      best = Math.min(best, Cuboids.enter(box, grow, eye, d));
    }
    return best;
  }

  @Test
  void boxesBesideAndBehindDoNotSmear() {
    Scene scene = new Scene();
    scene.boxes.add(Cuboids.box(0, 2.5, 1, 0, 12, 2, 2)); // alongside: x -6..6, y 1.5..3.5
    scene.boxes.add(Cuboids.box(-5, 0, 1, 0.3, 4, 2, 2)); // behind
    render(scene);
    int beside = 0;
    for (int v = 0; v < HEIGHT; v++) {
      for (int u = 0; u < WIDTH; u++) {
        short seen = index[v * WIDTH + u];
        assertTrue(seen != 1, "the box behind is seen at " + u + "," + v);
        if (seen == 0) {
          beside++;
          // Its nearest edge in view: y = 1.5 at depth 4.4 gives u = 224 - 224 * 1.5 / 4.4 = 147.6.
          assertTrue(u < 148, "the box beside reaches column " + u);
        }
      }
    }
    // At the picture's left edge (45 degrees) the side lies at depth 1.5 and fills the column from
    // z = 2 down:
    // v = 128 - 224 * 0.5 / 1.5 = 53.3 to the bottom.
    assertEquals(0, index[54 * WIDTH]);
    assertEquals(CameraRenderer.SKY, index[51 * WIDTH]);
    assertEquals(0, index[255 * WIDTH]);
    assertTrue(beside > 10000, "found " + beside + " pixels");
  }

  @Test
  void groundPixelsProjectBackWhereTheyAre() {
    Scene scene = new Scene();
    scene.egoX = 12;
    scene.egoY = -3;
    scene.egoYawRad = 0.4;
    render(scene);
    double[] uvDepth = new double[3];
    double[] ray = new double[3];
    for (int v = 140; v < HEIGHT; v += 13) {
      for (int u = 0; u < WIDTH; u += 29) {
        int at = v * WIDTH + u;
        assertEquals(CameraRenderer.GROUND, index[at]);
        WIDE.ray(u + 0.5, v + 0.5, ray);
        double t = depth[at] / ray[0];
        double z = 1.5 + t * ray[2];
        assertEquals(0, z, 1e-4);
        assertTrue(WIDE.project(1.6 + t * ray[0], t * ray[1], 0, uvDepth));
        assertEquals(u + 0.5, uvDepth[0], 0.01);
        assertEquals(v + 0.5, uvDepth[1], 0.01);
        assertEquals(depth[at], uvDepth[2], 1e-4);
      }
    }
  }

  @Test
  void stopLineAndEdgeLineArePaintedWhereTheRoadHasThem() {
    for (Daylight daylight : Daylight.values()) {
      Scene scene = new Scene();
      scene.road = new Road(100, 0, 0, 2.5, 62);
      scene.egoX = 50;
      scene.daylight = daylight;
      render(scene);
      assertTrue(meanAround(12, 0.5) > 1.6 * meanAround(9, 0.5), "stop line against asphalt");
      assertTrue(meanAround(12, -1) > 1.6 * meanAround(14, -1), "stop line against asphalt");
      assertTrue(
          meanAround(7, -1.57) > 1.6 * meanAround(7, 0.9), "right edge line against asphalt");
      assertFalse(
          meanAround(12, 3.5) > 1.2 * Math.max(meanAround(9, 3.5), meanAround(15, 3.5)),
          "no stop line in the oncoming lane");
    }
  }

  /** Mean grey of 3x1 pixels around the projection of a ground point of base_link. */
  private double meanAround(double x, double y) {
    double[] uvDepth = new double[3];
    assertTrue(WIDE.project(x, y, 0, uvDepth));
    int sum = 0;
    for (int du = -1; du <= 1; du++) {
      for (int c = 0; c < 3; c++) {
        sum += channel((int) uvDepth[0] + du, (int) uvDepth[1], c);
      }
    }
    return sum / 9.0;
  }

  @Test
  void litLampStaysBrightAtDuskAndPaintDoesNot() {
    double[] lamp = new double[Daylight.values().length];
    double[] paint = new double[Daylight.values().length];
    for (Daylight daylight : Daylight.values()) {
      Scene scene = new Scene();
      scene.daylight = daylight;
      scene.boxes.add(
          new Box(16, 0.5, 1, 0, 0.1, 0.6, 0.6, 255, 30, 20, true, 0.5, Box.Kind.BRAKE_LAMP, 1));
      scene.boxes.add(
          new Box(16, -1.5, 1, 0, 0.1, 0.6, 0.6, 255, 30, 20, false, 0.5, Box.Kind.BRAKE_LAMP, 1));
      render(scene);
      double[] uvDepth = new double[3];
      WIDE.project(15.95, 0.5, 1, uvDepth);
      lamp[daylight.ordinal()] = channel((int) uvDepth[0], (int) uvDepth[1], 0);
      WIDE.project(15.95, -1.5, 1, uvDepth);
      paint[daylight.ordinal()] = channel((int) uvDepth[0], (int) uvDepth[1], 0);
    }
    assertTrue(
        lamp[0] > 235 && lamp[1] > 235, "lit: " + lamp[0] + " by day, " + lamp[1] + " at dusk");
    assertTrue(
        paint[1] < 0.8 * paint[0], "unlit: " + paint[0] + " by day, " + paint[1] + " at dusk");
  }

  @Test
  void sameSeedGivesSameBytesAndTheNextFrameOtherNoise() {
    Scene scene = Cuboids.busy(5, 60);
    byte[] first = bytes(new CameraRenderer(WIDE), scene);
    CameraRenderer used = new CameraRenderer(WIDE);
    bytes(used, Cuboids.busy(6, 90));
    assertArrayEquals(first, bytes(used, scene));
    scene.frame++;
    byte[] next = bytes(used, scene);
    int changed = 0;
    int largest = 0;
    for (int i = 0; i < first.length; i++) {
      int difference = Math.abs((first[i] & 255) - (next[i] & 255));
      changed += difference > 0 ? 1 : 0;
      largest = Math.max(largest, difference);
    }
    assertTrue(
        changed > first.length / 2, "sensor noise changed only " + changed + " of " + first.length);
    assertTrue(largest <= 16, "sensor noise of " + largest + " grey levels");
  }

  private byte[] bytes(CameraRenderer renderer, Scene scene) {
    renderer.render(scene, picture);
    return picture.toArray(ValueLayout.JAVA_BYTE);
  }

  @Test
  void rendersWithoutAllocating() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    CameraRenderer renderer = new CameraRenderer(WIDE);
    Scene scene = Cuboids.busy(9, 60);
    scene.road = new Road(5, 40, 0.02, 2, 30);
    for (int i = 0; i < 60; i++) {
      renderer.render(scene, picture, index, depth);
    }
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < 50; i++) {
      scene.frame++;
      renderer.render(scene, picture, index, depth);
    }
    assertEquals(0, threads.getCurrentThreadAllocatedBytes() - before);
  }

  @Test
  void tooSmallABufferIsNamedWithBothSizes() {
    CameraRenderer renderer = new CameraRenderer(WIDE);
    MemorySegment small = picture.asSlice(0, 1000);
    Scene scene = new Scene();
    String message =
        assertThrows(IllegalArgumentException.class, () -> renderer.render(scene, small))
            .getMessage();
    assertTrue(message.contains("344064") && message.contains("1000"), message);
    assertThrows(
        IllegalArgumentException.class, () -> renderer.render(scene, picture, new short[10], null));
  }
}
