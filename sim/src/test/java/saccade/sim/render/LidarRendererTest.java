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
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.sim.world.Box;
import saccade.sim.world.Road;
import saccade.sim.world.Scene;

class LidarRendererTest {
  private static final double FARTHEST_NOISE_M = 3.47 * LidarRenderer.RANGE_SIGMA_M;

  private final MemorySegment points = Arena.ofAuto().allocate(16L * 32 * 512);

  private double at(int point, int field) {
    return points.get(ValueLayout.JAVA_FLOAT, point * 16L + field * 4L);
  }

  private double range(int point) {
    return Math.sqrt(
        at(point, 0) * at(point, 0) + at(point, 1) * at(point, 1) + at(point, 2) * at(point, 2));
  }

  /** One beam straight ahead from (1.2, 0, 1.9). */
  private static LidarModel single(double elevationRad) {
    return new LidarModel(
        "one", Pose.of(1.2, 0, 1.9, 0, 0, 0), 1, 1, elevationRad, elevationRad, 80);
  }

  @Test
  void rayStraightAheadMeasuresTheWallWithinItsNoise() {
    LidarRenderer renderer = new LidarRenderer(single(0));
    Scene scene = new Scene();
    scene.boxes.add(Cuboids.box(21, 0, 1.5, 0, 2, 4, 3)); // front at 20, so 18.8 from the LiDAR
    double sum = 0;
    double squares = 0;
    int n = 2000;
    for (int i = 0; i < n; i++) {
      scene.frame = i;
      assertEquals(1, renderer.render(scene, points, 1));
      assertEquals(18.8, at(0, 0), FARTHEST_NOISE_M);
      assertEquals(0, at(0, 1), 1e-6);
      assertEquals(0, at(0, 2), 1e-6);
      assertEquals(0.5, at(0, 3), 0.5 * 0.15);
      sum += at(0, 0) - 18.8;
      squares += (at(0, 0) - 18.8) * (at(0, 0) - 18.8);
    }
    assertEquals(0, sum / n, 0.002);
    assertEquals(0.02, Math.sqrt(squares / n), 0.002);
  }

  @Test
  void downwardRayMeetsTheGroundAndLevelRayNothing() {
    Scene scene = new Scene();
    double elevation = Math.toRadians(-20);
    assertEquals(1, new LidarRenderer(single(elevation)).render(scene, points, 1));
    assertEquals(1.9 / Math.sin(Math.toRadians(20)), range(0), FARTHEST_NOISE_M);
    assertEquals(-1.9, at(0, 2), FARTHEST_NOISE_M);
    assertEquals(0, new LidarRenderer(single(0)).render(scene, points, 1));
    // -1 degree meets the ground at 108.9 m, beyond the 80 m it can see.
    assertEquals(0, new LidarRenderer(single(Math.toRadians(-1))).render(scene, points, 1));
    scene.boxes.add(Cuboids.box(90, 0, 2, 0, 4, 4, 4));
    assertEquals(0, new LidarRenderer(single(0)).render(scene, points, 1));
  }

  @Test
  void sweepAgreesWithEveryRayAgainstEveryBox() {
    for (int k = 0; k < 8; k++) {
      Pose mount =
          k == 0
              ? Pose.of(1.2, 0, 1.9, 0, 0, 0)
              : Pose.of(0.2 * k, -0.1 * k, 1.9, 0.02 * k, 0.03 * k, 0.9 * k);
      LidarModel lidar =
          new LidarModel("odd", mount, 16, 180, Math.toRadians(-25), Math.toRadians(8), 50);
      Scene scene = Cuboids.busy(k + 20, 50);
      // One over the LiDAR, so that its azimuths are a full turn, and one across the seam at +-pi.
      scene.boxes.add(Cuboids.box(scene.egoX, scene.egoY, 4.2, 0.5, 6, 8, 0.3));
      scene.boxes.add(
          Cuboids.box(
              scene.egoX - 7 * Math.cos(scene.egoYawRad),
              scene.egoY - 7 * Math.sin(scene.egoYawRad),
              1,
              scene.egoYawRad,
              1,
              6,
              2));
      int n = new LidarRenderer(lidar).render(scene, points, 16 * 180);
      Pose world = Pose.of(scene.egoX, scene.egoY, 0, 0, 0, scene.egoYawRad).then(mount);
      double[] eye = world.apply(0, 0, 0);
      Pose turn = new Pose(0, 0, 0, world.qw(), world.qx(), world.qy(), world.qz());
      int point = 0;
      int doubtful = 0;
      for (int c = 0; c < 180; c++) {
        double azimuth = -Math.PI + (c + 0.5) * 2 * Math.PI / 180;
        for (int b = 0; b < 16; b++) {
          double elevation = Math.toRadians(-25 + b * 33.0 / 15);
          double[] local = {
            Math.cos(elevation) * Math.cos(azimuth),
            Math.cos(elevation) * Math.sin(azimuth),
            Math.sin(elevation)
          };
          double[] d = turn.apply(local);
          double slim = nearest(scene, -1e-4, eye, d);
          double fat = nearest(scene, 1e-4, eye, d);
          boolean here =
              point < n
                  && local[0] * at(point, 0) + local[1] * at(point, 1) + local[2] * at(point, 2)
                      > (1 - 1e-6) * range(point);
          double[] base = mount.apply(slim * local[0], slim * local[1], slim * local[2]);
          double outside =
              Math.max(Math.max(-1.2 - base[0], base[0] - 3.9), Math.abs(base[1]) - 1.1);
          boolean onEgo = slim < 4 && outside < 0;
          if (Math.abs(slim - fat) > 0.01
              || Math.abs(outside) < 0.01
              || Math.abs(slim - 50) < 0.01) {
            doubtful++;
          } else {
            assertEquals(
                slim < 50 && slim > 0.5 && !onEgo,
                here,
                "scene " + k + " column " + c + " beam " + b);
            if (here) {
              assertEquals(
                  slim,
                  range(point),
                  FARTHEST_NOISE_M + 1e-3,
                  "scene " + k + " column " + c + " beam " + b);
            }
          }
          point += here ? 1 : 0;
        }
      }
      assertEquals(n, point);
      assertTrue(doubtful < 60, doubtful + " rays graze an edge");
      assertTrue(n > 1500, "expected a full sweep, found " + n + " points");
    }
  }

  private static double nearest(Scene scene, double grow, double[] eye, double[] d) {
    double best = d[2] < 0 ? -eye[2] / d[2] : Double.POSITIVE_INFINITY;
    for (Box box : scene.boxes) {
      best = Math.min(best, Cuboids.enter(box, grow, eye, d));
    }
    return best;
  }

  @Test
  void paintIsBrighterThanAsphaltAndGrass() {
    LidarRenderer renderer = new LidarRenderer(Rig.twoCamera().lidar());
    Scene scene = new Scene();
    scene.road = new Road(100, 0, 0, 2.5);
    int n = renderer.render(scene, points, 32 * 512);
    int paint = 0;
    int asphalt = 0;
    for (int i = 0; i < n; i++) {
      double d = at(i, 1);
      double intensity = at(i, 3);
      if (Math.abs(d + 1.57) < 0.015 && range(i) < 8) {
        paint++;
        assertTrue(intensity > 0.3, "paint " + intensity + " at d " + d);
      } else if (Math.abs(d) < 1.2) {
        asphalt++;
        assertEquals(0.1, intensity, 0.04);
      } else if (d < -5) {
        assertEquals(0.2, intensity, 0.08);
      }
    }
    assertTrue(
        paint > 3 && asphalt > 300, "found " + paint + " paint and " + asphalt + " asphalt points");
  }

  @Test
  void egoBodyGivesNoPoints() {
    // Mounted low at the front, the steep beams would hit the ground under the car's own nose.
    LidarModel low = new LidarModel("low", Pose.of(2.5, 0, 0.8, 0, 0, 0), 32, 512, -1.2, 0.1, 80);
    int n = new LidarRenderer(low).render(new Scene(), points, 32 * 512);
    assertTrue(n > 1000);
    for (int i = 0; i < n; i++) {
      double x = at(i, 0) + 2.5;
      double y = at(i, 1);
      assertFalse(x > -1.1 && x < 3.8 && Math.abs(y) < 1.0, "a point on the ego at " + x + "," + y);
    }
  }

  @Test
  void sameSeedGivesSameBytesAndTheNextFrameOtherNoise() {
    LidarModel lidar = Rig.twoCamera().lidar();
    Scene scene = Cuboids.busy(5, 60);
    byte[] first = sweep(new LidarRenderer(lidar), scene);
    LidarRenderer used = new LidarRenderer(lidar);
    sweep(used, Cuboids.busy(6, 90));
    assertArrayEquals(first, sweep(used, scene));
    scene.frame++;
    assertFalse(Arrays.equals(first, sweep(used, scene)));
  }

  private byte[] sweep(LidarRenderer renderer, Scene scene) {
    int n = renderer.render(scene, points, renderer.maxPoints());
    return points.asSlice(0, 16L * n).toArray(ValueLayout.JAVA_BYTE);
  }

  @Test
  void sweepEndsAtTheLargestNumberOfPoints() {
    LidarRenderer renderer = new LidarRenderer(Rig.twoCamera().lidar());
    Scene scene = Cuboids.busy(3, 10);
    assertTrue(renderer.render(scene, points, renderer.maxPoints()) > 5000);
    assertEquals(100, renderer.render(scene, points.asSlice(0, 1600), 100));
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> renderer.render(scene, points.asSlice(0, 1600), 101))
            .getMessage();
    assertTrue(message.contains("1616") && message.contains("1600"), message);
  }

  @Test
  void sweepsWithoutAllocating() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    LidarRenderer renderer = new LidarRenderer(Rig.twoCamera().lidar());
    Scene scene = Cuboids.busy(9, 60);
    scene.road = new Road(5, 40, -0.02, 2, 30);
    for (int i = 0; i < 60; i++) {
      renderer.render(scene, points, 32 * 512);
    }
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < 50; i++) {
      scene.frame++;
      renderer.render(scene, points, 32 * 512);
    }
    assertEquals(0, threads.getCurrentThreadAllocatedBytes() - before);
  }
}
