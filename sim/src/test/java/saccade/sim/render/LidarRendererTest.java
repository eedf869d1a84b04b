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
import saccade.sim.world.Weather;

class LidarRendererTest {
  private static final double FARTHEST_NOISE_M = 3.47 * LidarNoise.NO_LOSS.rangeSigmaM();

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
    LidarRenderer renderer = new LidarRenderer(single(0), LidarNoise.NO_LOSS);
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
    assertEquals(
        1, new LidarRenderer(single(elevation), LidarNoise.NO_LOSS).render(scene, points, 1));
    assertEquals(1.9 / Math.sin(Math.toRadians(20)), range(0), FARTHEST_NOISE_M);
    assertEquals(-1.9, at(0, 2), FARTHEST_NOISE_M);
    assertEquals(0, new LidarRenderer(single(0), LidarNoise.NO_LOSS).render(scene, points, 1));
    // -1 degree meets the ground at 108.9 m, beyond the 80 m it can see.
    assertEquals(
        0,
        new LidarRenderer(single(Math.toRadians(-1)), LidarNoise.NO_LOSS).render(scene, points, 1));
    scene.boxes.add(Cuboids.box(90, 0, 2, 0, 4, 4, 4));
    assertEquals(0, new LidarRenderer(single(0), LidarNoise.NO_LOSS).render(scene, points, 1));
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
      int n = new LidarRenderer(lidar, LidarNoise.NO_LOSS).render(scene, points, 16 * 180);
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

  /** Number of returns of a whole sweep over some frames, of a wall or of the bare ground. */
  private int returns(Scene scene, LidarNoise noise, int frames) {
    LidarRenderer renderer = new LidarRenderer(Rig.twoCamera().lidar(), noise);
    int sum = 0;
    for (int i = 0; i < frames; i++) {
      scene.frame = i;
      sum += renderer.render(scene, points, 32 * 512);
    }
    return sum;
  }

  private static Scene wall(double x, double reflectivity) {
    Scene scene = new Scene();
    scene.boxes.add(
        new Box(
            x + 1, 0, 10, 0, 2, 60, 20, 90, 90, 90, false, reflectivity, Box.Kind.STRUCTURE, -1));
    return scene;
  }

  /** Share of the returns of beams that look up at a wall: what is left after losses. */
  private double kept(double x, double reflectivity, Weather weather, double visibilityM) {
    Scene scene = wall(x, reflectivity);
    scene.weather = weather;
    scene.visibilityM = visibilityM;
    LidarModel up = new LidarModel("up", Pose.of(0, 0, 2, 0, 0, 0), 4, 512, 0, 0.08, 80);
    int[] count = new int[2];
    for (int k = 0; k < 2; k++) {
      LidarRenderer renderer =
          new LidarRenderer(up, k == 0 ? LidarNoise.NO_LOSS : LidarNoise.DEFAULT);
      for (int i = 0; i < 20; i++) {
        scene.frame = i;
        int n = renderer.render(scene, points, 4 * 512);
        for (int p = 0; p < n; p++) {
          count[k] += Math.abs(at(p, 0) - x) < 0.2 ? 1 : 0; // not those of drops in the air
        }
      }
    }
    assertTrue(count[0] > 500);
    return count[1] / (double) count[0];
  }

  @Test
  void echoesGetLostWithDistanceDarknessAndFog() {
    double inf = Double.POSITIVE_INFINITY;
    assertEquals(0.997, kept(20, 0.5, Weather.CLEAR, inf), 0.005);
    double dark = kept(60, 0.02, Weather.CLEAR, inf);
    double bright = kept(60, 0.5, Weather.CLEAR, inf);
    assertTrue(bright > 0.98 && dark < 0.75, bright + " and " + dark);
    double mist = kept(40, 0.5, Weather.FOG, 150);
    double fog = kept(40, 0.5, Weather.FOG, 60);
    assertTrue(mist > 0.8 && fog < 0.5 * mist, mist + " and " + fog);
    double rain = kept(20, 0.5, Weather.RAIN, 800);
    assertTrue(rain > 0.85 && rain < 0.97, "rain " + rain);
  }

  @Test
  void rainAnswersFromTheAirAndDampensTheRoad() {
    Scene dry = new Scene();
    Scene wet = new Scene();
    wet.weather = Weather.RAIN;
    wet.rainMmPerH = 20;
    int n = returns(dry, LidarNoise.DEFAULT, 4);
    int fewer = returns(wet, LidarNoise.DEFAULT, 4);
    assertTrue(fewer < 0.92 * n, n + " became " + fewer);
    LidarRenderer renderer = new LidarRenderer(Rig.twoCamera().lidar());
    int count = renderer.render(wet, points, 32 * 512);
    int air = 0;
    for (int i = 0; i < count; i++) {
      air += at(i, 2) > -1 ? 1 : 0; // nothing solid is there
    }
    assertTrue(air > 30 && air < 0.03 * 32 * 512, "drops: " + air);
  }

  @Test
  void noiseIsCheckedAtTheDoor() {
    assertThrows(IllegalArgumentException.class, () -> new LidarNoise(-0.1, 0, 0, 0, false));
    assertThrows(IllegalArgumentException.class, () -> new LidarNoise(0, 0, 1.5, 0, false));
  }
}
