package saccade.kernels.lidar;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import saccade.kernels.Allocation;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Pose;

class RangePainterTest {
  private static final CameraModel WIDE =
      CameraModel.ofHorizontalFov(
          "front_wide", 448, 256, Math.PI / 2, Pose.of(1.6, 0, 1.5, 0, 0, 0));

  @Test
  void shouldPaintTwoPointsAheadAsWorkedByHand() {
    // 10 m and 20 m before the camera, 1 m resp. 2 m to its left and on its height: f = 224 px,
    // u = 224 - 22.4 = 201.6 of 448 -> column 6 of 14; v = 128 of 256 -> row 4 of 8.
    RangePainter painter = new RangePainter(WIDE, Pose.IDENTITY, PaintGrid.NANO);
    float[] sweep = {11.6f, 1, 1.5f - 1e-3f, 0, 21.6f, 2, 1.5f - 1e-3f, 0};
    float[] paint = paint(painter, sweep, 2);
    int at = (4 * 14 + 6) * 3;
    assertEquals(10 / 40.0, paint[at], 1e-6);
    assertEquals(15 / 40.0, paint[at + 1], 1e-6);
    assertEquals(Math.log(3) / 4, paint[at + 2], 1e-6);
    paint[at] = paint[at + 1] = paint[at + 2] = 0;
    assertArrayEquals(new float[112 * 3], paint);
  }

  @Test
  void shouldLeaveOutGroundBehindFarAndNotFinitePoints() {
    RangePainter painter = new RangePainter(WIDE, Pose.IDENTITY, PaintGrid.NANO);
    float[] sweep = {
      11.6f,
      0,
      0.25f,
      0, // ground: limit itself is out
      -8.4f,
      0,
      1.5f,
      0, // behind
      2.1f - .01f,
      0,
      1.5f,
      0, // nearer than 0.5 m
      61.7f,
      0,
      1.5f,
      0, // farther than 60 m
      11.6f,
      10.1f,
      1.5f,
      0, // left of the picture
      11.6f,
      0,
      7.3f,
      0, // above the picture
      Float.NaN,
      0,
      1.5f,
      0,
      11.6f,
      Float.NEGATIVE_INFINITY,
      1.5f,
      0
    };
    assertArrayEquals(new float[112 * 3], paint(painter, sweep, 0));
    assertEquals(2, painter.notFinite());
  }

  @Test
  void shouldPaintTheSameForTheResizedPicturesCamera() {
    Random random = new Random(3);
    float[] sweep = randomSweep(random, 500);
    Pose pose = Pose.of(1.2, 0, 1.9, 0, 0, 0);
    RangePainter full = new RangePainter(WIDE, pose, PaintGrid.NANO);
    RangePainter small = new RangePainter(WIDE.scaledTo(224, 128), pose, PaintGrid.NANO);
    float[] wanted = new float[112 * 3];
    int n = full.paint(MemorySegment.ofArray(sweep), 500, MemorySegment.ofArray(wanted));
    assertTrue(n > 50);
    assertArrayEquals(wanted, paint(small, sweep, n), 1e-6f);
  }

  @Property(tries = 60)
  void shouldEqualTheNaiveTwin(
      @ForAll @IntRange(min = 0, max = 1000) int count,
      @ForAll @IntRange(min = 1, max = 9) int rows,
      @ForAll @IntRange(min = 1, max = 15) int cols,
      @ForAll long seed) {
    Random random = new Random(seed);
    PaintGrid grid = new PaintGrid(rows, cols, 1, 50, -1, 20);
    Pose lidar = Pose.of(1.2, -.3, 1.9, .02, -.03, random.nextDouble() * 6 - 3);
    CameraModel camera =
        new CameraModel(
            "odd",
            333,
            77,
            150,
            140,
            160.3,
            40.1,
            CameraModel.ofHorizontalFov("x", 8, 8, 1, Pose.of(1, .2, 1.4, .01, .05, .1))
                .baseFromOptical());
    float[] sweep = randomSweep(random, count);
    float[] least = new float[rows * cols];
    float[] sum = new float[rows * cols];
    int[] n = new int[rows * cols];
    double[] uvDepth = new double[3];
    int painted = 0;
    for (int i = 0; i < sweep.length; i += 4) {
      double[] base = lidar.apply(sweep[i], sweep[i + 1], sweep[i + 2]);
      if (!camera.project(base[0], base[1], base[2], uvDepth)
          || !(uvDepth[2] > 1 && uvDepth[2] <= 50 && base[2] > -1)) {
        continue;
      }
      int patch =
          (int) Math.floor(uvDepth[1] * rows / 77) * cols
              + (int) Math.floor(uvDepth[0] * cols / 333);
      least[patch] =
          n[patch] == 0 ? (float) uvDepth[2] : Math.min(least[patch], (float) uvDepth[2]);
      sum[patch] += (float) uvDepth[2];
      n[patch]++;
      painted++;
    }
    float[] wanted = new float[rows * cols * 3];
    for (int p = 0; p < n.length; p++) {
      if (n[p] > 0) {
        wanted[3 * p] = least[p] / 20;
        wanted[3 * p + 1] = sum[p] / n[p] / 20;
        wanted[3 * p + 2] = (float) (Math.log1p(n[p]) / 4);
      }
    }
    RangePainter painter = new RangePainter(camera, lidar, grid);
    assertArrayEquals(wanted, paint(painter, sweep, painted), 1e-4f);
  }

  private static float[] randomSweep(Random random, int count) {
    float[] sweep = new float[4 * count];
    for (int i = 0; i < sweep.length; i += 4) {
      sweep[i] = (float) (random.nextDouble() * 80 - 30);
      sweep[i + 1] = (float) (random.nextDouble() * 40 - 20);
      sweep[i + 2] = (float) (random.nextDouble() * 6 - 3);
      if (random.nextInt(20) == 0) {
        sweep[i + random.nextInt(3)] = random.nextBoolean() ? Float.NaN : Float.POSITIVE_INFINITY;
      }
    }
    return sweep;
  }

  @Test
  void shouldAllocateNothing() {
    RangePainter painter = new RangePainter(WIDE, Pose.of(1.2, 0, 1.9, 0, 0.01, 0), PaintGrid.NANO);
    float[] points = randomSweep(new Random(1), 4000);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment sweep = arena.allocate(4000 * 16L);
      MemorySegment.copy(points, 0, sweep, ValueLayout.JAVA_FLOAT, 0, points.length);
      MemorySegment paint = arena.allocate(112 * 3 * 4L);
      int[] painted = new int[1];
      Allocation.assertNone(300, () -> painted[0] = painter.paint(sweep, 4000, paint));
      assertTrue(painted[0] > 500);
    }
  }

  @Test
  void shouldSayWantedAndFound() {
    RangePainter painter = new RangePainter(WIDE, Pose.IDENTITY, PaintGrid.NANO);
    MemorySegment two = MemorySegment.ofArray(new float[8]);
    var error = assertThrows(IllegalArgumentException.class, () -> painter.paint(two, 2, two));
    assertTrue(error.getMessage().contains("wanted >= 336 f32, found 8"), error.getMessage());
    error = assertThrows(IllegalArgumentException.class, () -> new PaintGrid(8, 14, 0, 60, 0, 40));
    assertTrue(error.getMessage().contains("found 0.0..60.0 m"), error.getMessage());
  }

  private static float[] paint(RangePainter painter, float[] sweep, int wantedPainted) {
    float[] paint = new float[painter.grid().floats()];
    Arrays.fill(paint, 99f);
    assertEquals(
        wantedPainted,
        painter.paint(
            MemorySegment.ofArray(sweep), sweep.length / 4, MemorySegment.ofArray(paint)));
    return paint;
  }
}
