package saccade.kernels.lidar;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import saccade.kernels.Allocation;
import saccade.kernels.geometry.Pose;

class PillarsTest {
  @Test
  void shouldPutTwoPointsInTheirCellAsWorkedByHand() {
    // LiDAR 1.2 m ahead of and 1.9 m above base_link. Points at base (10.25, -3.5, 1.0) and
    // (10.75, -3.25, 2.4): cell x 10, y index 8 (from -12). Token (1, 1) = 5, in it (2, 2) = cell
    // 14.
    Pillars pillars = new Pillars(PillarGrid.NANO, Pose.of(1.2, 0, 1.9, 0, 0, 0));
    float[] sweep = {9.05f, -3.5f, -0.9f, .5f, 9.55f, -3.25f, 0.5f, .5f};
    float[] bev = fill(pillars, sweep, 0);
    int at = 5 * 192 + 14 * 4;
    assertEquals(Math.log(3) / 3, bev[at], 1e-6);
    assertEquals(2.4 / 3, bev[at + 1], 1e-6);
    assertEquals(0.0, bev[at + 2], 1e-6); // mean of .25 and .75, less .5
    assertEquals(0.125, bev[at + 3], 1e-6); // mean of .5 and .75, less .5
    assertEquals(2, pillars.pointsUsed());
    assertEquals(4 - 1, nonZero(bev)); // the x offset is exactly or nearly 0
  }

  private static int nonZero(float[] values) {
    int n = 0;
    for (float v : values) {
      if (Math.abs(v) > 1e-6) {
        n++;
      }
    }
    return n;
  }

  @Test
  void shouldLeaveOutGroundTreesOwnBodyAndPointsOutside() {
    Pillars pillars = new Pillars(PillarGrid.NANO, Pose.IDENTITY);
    float[] sweep = {
      10,
      0,
      0.25f,
      0, // ground: limit itself is out
      10,
      0,
      3.0f,
      0, // too high: limit itself is out
      3.9f - 0.1f,
      1.0f,
      1,
      0, // own body
      -0.01f,
      5,
      1,
      0, // behind
      48,
      5,
      1,
      0, // far edge is out
      10,
      12,
      1,
      0, // left edge is out
      10,
      -12.01f,
      1,
      0
    };
    assertEquals(0, nonZero(fill(pillars, sweep, 0)));
    assertEquals(0, pillars.pointsUsed());
    float[] kept = {0, 5, 1, 0, 10, -12, 1, 0, 3.8f, 1.1f, 1, 0};
    fill(pillars, kept, 0);
    assertEquals(3, pillars.pointsUsed());
  }

  @Test
  void shouldCountAndSkipPointsThatAreNotFinite() {
    Pillars pillars = new Pillars(PillarGrid.NANO, Pose.IDENTITY);
    float nan = Float.NaN;
    float inf = Float.POSITIVE_INFINITY;
    float[] sweep = {
      nan, 0, 1, 0, 10, nan, 1, 0, 10, 0, nan, 0, inf, 0, 1, 0, 10, -inf, inf, 0, 10, 0, 1, nan
    };
    float[] bev = fill(pillars, sweep, 5);
    assertEquals(1, pillars.pointsUsed()); // NaN intensity is no reason to lose a point
    for (float v : bev) {
      assertTrue(Float.isFinite(v));
    }
  }

  @Test
  void shouldGiveZerosForASweepWithoutPointsAfterAFullOne() {
    Pillars pillars = new Pillars(PillarGrid.NANO, Pose.IDENTITY);
    assertTrue(nonZero(fill(pillars, new float[] {10, 0.3f, 1, 0}, 0)) > 0);
    assertEquals(0, nonZero(fill(pillars, new float[0], 0)));
  }

  @Property(tries = 60)
  void shouldEqualTheNaiveTwin(
      @ForAll @IntRange(min = 0, max = 1200) int count,
      @ForAll @IntRange(min = 0, max = 2) int gridIndex,
      @ForAll long seed) {
    PillarGrid grid =
        List.of(
                PillarGrid.NANO,
                new PillarGrid(0.5, -4, 8, -3, 3, 3, 4, -1, 2.5, -1, 1, 0.5),
                new PillarGrid(2, 0, 20, -6, 6, 5, 2, 0, 4, -1, 3, 1))
            .get(gridIndex);
    Random random = new Random(seed);
    Pose pose = Pose.of(1.2, -.3, 1.9, .02, -.03, random.nextDouble() * 6 - 3);
    float[] sweep = new float[4 * count];
    for (int i = 0; i < sweep.length; i += 4) {
      sweep[i] = (float) (random.nextDouble() * 60 - 15);
      sweep[i + 1] = (float) (random.nextDouble() * 30 - 15);
      sweep[i + 2] = (float) (random.nextDouble() * 6 - 3);
      if (random.nextInt(20) == 0) {
        sweep[i + random.nextInt(3)] = random.nextBoolean() ? Float.NaN : Float.NEGATIVE_INFINITY;
      }
    }
    int[] bad = new int[1];
    float[] wanted = naive(grid, pose, sweep, bad);
    assertArrayEquals(wanted, fill(new Pillars(grid, pose), sweep, bad[0]), 1e-5f);
  }

  private static float[] naive(PillarGrid grid, Pose pose, float[] sweep, int[] bad) {
    Map<Integer, List<double[]>> cells = new HashMap<>();
    int cellsY = grid.tokensY() * grid.tokenCellsY();
    for (int i = 0; i < sweep.length; i += 4) {
      if (!Float.isFinite(sweep[i])
          || !Float.isFinite(sweep[i + 1])
          || !Float.isFinite(sweep[i + 2])) {
        bad[0]++;
        continue;
      }
      double[] p = pose.apply(sweep[i], sweep[i + 1], sweep[i + 2]);
      boolean own =
          p[0] >= grid.egoMinX() && p[0] <= grid.egoMaxX() && Math.abs(p[1]) < grid.egoHalfWidthM();
      if (own
          || p[0] < grid.minX()
          || p[0] >= grid.maxX()
          || p[1] < grid.minY()
          || p[1] >= grid.maxY()
          || p[2] <= grid.minZ()
          || p[2] >= grid.maxZ()) {
        continue;
      }
      int ix = (int) Math.floor((p[0] - grid.minX()) / grid.cellM());
      int iy = (int) Math.floor((p[1] - grid.minY()) / grid.cellM());
      cells.computeIfAbsent(ix * cellsY + iy, c -> new ArrayList<>()).add(p);
    }
    float[] out = new float[grid.floats()];
    cells.forEach(
        (cell, points) -> {
          int ix = cell / cellsY;
          int iy = cell % cellsY;
          int token = ix / grid.tokenCellsX() * grid.tokensY() + iy / grid.tokenCellsY();
          int at =
              token * grid.tokenFloats()
                  + (ix % grid.tokenCellsX() * grid.tokenCellsY() + iy % grid.tokenCellsY()) * 4;
          double n = points.size();
          out[at] = (float) (Math.log1p(n) / 3);
          out[at + 1] = (float) (points.stream().mapToDouble(p -> p[2]).max().orElseThrow() / 3);
          double meanX = points.stream().mapToDouble(p -> p[0]).average().orElseThrow();
          double meanY = points.stream().mapToDouble(p -> p[1]).average().orElseThrow();
          out[at + 2] = (float) ((meanX - grid.minX()) / grid.cellM() - ix - .5);
          out[at + 3] = (float) ((meanY - grid.minY()) / grid.cellM() - iy - .5);
        });
    return out;
  }

  @Test
  void shouldAllocateNothing() {
    Pillars pillars = new Pillars(PillarGrid.NANO, Pose.of(1.2, 0, 1.9, 0, 0.01, 0));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment sweep = arena.allocate(4000 * 16L);
      for (int i = 0; i < 4000; i++) {
        sweep.setAtIndex(ValueLayout.JAVA_FLOAT, 4L * i, i == 9 ? Float.NaN : i % 60);
        sweep.setAtIndex(ValueLayout.JAVA_FLOAT, 4L * i + 1, i % 23 - 11.5f);
        sweep.setAtIndex(ValueLayout.JAVA_FLOAT, 4L * i + 2, i % 3 - 1f);
      }
      MemorySegment bev = arena.allocate(PillarGrid.NANO.floats() * 4L);
      int[] bad = new int[1];
      Allocation.assertNone(300, () -> bad[0] = pillars.fill(sweep, 4000, bev));
      assertEquals(1, bad[0]);
      assertTrue(pillars.pointsUsed() > 1000);
    }
  }

  @Test
  void shouldSayWantedAndFound() {
    Pillars pillars = new Pillars(PillarGrid.NANO, Pose.IDENTITY);
    MemorySegment bev = MemorySegment.ofArray(new float[24 * 192]);
    MemorySegment two = MemorySegment.ofArray(new float[8]);
    assertMessage("wanted 3 points of 16 B, found room for 2", () -> pillars.fill(two, 3, bev));
    assertMessage("wanted >= 4608 f32, found 8", () -> pillars.fill(two, 2, two));
    assertMessage("multiple of 16 B", () -> PointLayout.pointCount(two.asSlice(1)));
    assertMessage(
        "whole number of tokens",
        () -> new PillarGrid(1, 0, 47, -12, 12, 8, 6, .25, 3, -1.2, 3.9, 1.1));
    assertMessage(
        "min < max", () -> new PillarGrid(1, 0, 48, 12, -12, 8, 6, .25, 3, -1.2, 3.9, 1.1));
    assertEquals(2, PointLayout.pointCount(two));
  }

  private static void assertMessage(String wanted, Runnable call) {
    var error = assertThrows(IllegalArgumentException.class, call::run);
    assertTrue(error.getMessage().contains(wanted), error.getMessage());
  }

  private static float[] fill(Pillars pillars, float[] sweep, int wantedNotFinite) {
    float[] bev = new float[pillars.grid().floats()];
    java.util.Arrays.fill(bev, 99f);
    assertEquals(
        wantedNotFinite,
        pillars.fill(MemorySegment.ofArray(sweep), sweep.length / 4, MemorySegment.ofArray(bev)));
    return bev;
  }
}
