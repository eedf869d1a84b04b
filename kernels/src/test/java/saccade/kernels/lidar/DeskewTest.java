package saccade.kernels.lidar;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import saccade.kernels.Allocation;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.SweepTiming;

class DeskewTest {
  private static final Pose MOUNT = Pose.of(1.2, 0.3, 1.9, 0.02, -0.05, 0.4);
  private static final SweepTiming KITTI = new SweepTiming(0.1, true, Math.PI, 0.5);
  private static final int COLUMNS = 1800;
  private static final double ROOM = 18; // half the side of a square room, metres

  /**
   * What a LiDAR sees of four upright walls while it drives on: each column from where the vehicle
   * is at that time. The walls stand still around where it is at the instant.
   */
  private static float[] room(SweepTiming timing, double stampS, double v, double w) {
    float[] points = new float[4 * COLUMNS];
    for (int c = 0; c < COLUMNS; c++) {
      double azimuth = (c + 0.37) / COLUMNS * 2 * Math.PI - Math.PI;
      double share = (azimuth - timing.startRad()) / (2 * Math.PI) * (timing.toLeft() ? 1 : -1);
      double t = stampS + (share - Math.floor(share) - timing.stampAt()) * timing.turnS();
      // Driven in small steps, so that this is not the formula of the kernel.
      double x = 0;
      double y = 0;
      int steps = 400;
      for (int i = 0; i < steps; i++) {
        double heading = w * t * (i + 0.5) / steps;
        x += v * t / steps * Math.cos(heading);
        y += v * t / steps * Math.sin(heading);
      }
      Pose lidar = Pose.of(x, y, 0, 0, 0, w * t).then(MOUNT);
      double elevation = 0.01 * (c % 7 - 3);
      double[] ray = {
        Math.cos(azimuth) * Math.cos(elevation),
        Math.sin(azimuth) * Math.cos(elevation),
        Math.sin(elevation)
      };
      double[] tip = lidar.apply(ray);
      double range = Double.MAX_VALUE;
      for (int axis = 0; axis < 2; axis++) {
        double at = axis == 0 ? lidar.x() : lidar.y();
        double step = tip[axis] - at;
        range = Math.min(range, ((step > 0 ? ROOM : -ROOM) - at) / step);
      }
      for (int axis = 0; axis < 3; axis++) {
        points[4 * c + axis] = (float) (range * ray[axis]);
      }
      points[4 * c + 3] = 0.25f;
    }
    return points;
  }

  /** The farthest that any point lies from the walls, in the vehicle's frame at the instant. */
  private static double crooked(float[] points) {
    double most = 0;
    for (int p = 0; p < points.length; p += 4) {
      double[] at = MOUNT.apply(points[p], points[p + 1], points[p + 2]);
      double off = Math.max(Math.abs(at[0]), Math.abs(at[1])) - ROOM;
      most = Math.max(most, Math.abs(off));
    }
    return most;
  }

  private static float[] corrected(
      SweepTiming timing, float[] points, double stampS, double v, double w) {
    float[] out = new float[points.length];
    new Deskew(MOUNT, timing)
        .correct(
            MemorySegment.ofArray(points),
            points.length / 4,
            stampS,
            v,
            w,
            MemorySegment.ofArray(out));
    return out;
  }

  @Test
  void wallsSeenByAMovingTurningVehicleComeOutStraight() {
    SweepTiming[] timings = {
      KITTI, new SweepTiming(0.05, false, -2.2, 1), new SweepTiming(0.1, true, 0, 0)
    };
    double[][] motions = {{15, 0.3}, {30, 0}, {8, -0.9}, {0, 1.2}, {-3, 0.2}};
    for (SweepTiming timing : timings) {
      for (double[] motion : motions) {
        for (double stampS : new double[] {0, 0.04}) {
          float[] seen = room(timing, stampS, motion[0], motion[1]);
          float[] out = corrected(timing, seen, stampS, motion[0], motion[1]);
          String which = timing + " at " + motion[0] + " m/s, " + motion[1] + " rad/s";
          assertTrue(crooked(seen) > 0.1, which + " is crooked before: " + crooked(seen));
          assertTrue(crooked(out) < 0.02, which + " is straight after: " + crooked(out));
          assertEquals(0.25f, out[3]);
        }
      }
    }
  }

  @Test
  void theWrongDirectionMakesItWorse() {
    SweepTiming wrong = new SweepTiming(0.1, false, Math.PI, 0.5);
    float[] seen = room(KITTI, 0, 15, 0.3);
    assertTrue(crooked(corrected(wrong, seen, 0, 15, 0.3)) > 1.5 * crooked(seen));
  }

  @Property(tries = 50)
  void withoutMotionItIsTheSameBitForBit(
      @ForAll @IntRange(min = 0, max = 700) int points, @ForAll int seed) {
    byte[] sweep = new byte[16 * points];
    new Random(seed).nextBytes(sweep); // NaN and infinities among them
    byte[] out = new byte[sweep.length];
    new Deskew(MOUNT, KITTI)
        .correct(MemorySegment.ofArray(sweep), points, 0.03, 0, 0, MemorySegment.ofArray(out));
    assertArrayEquals(sweep, out);
  }

  @Property
  void theQuickAzimuthIsRight(@ForAll float y, @ForAll float x) {
    double wanted = Math.atan2(y, x) / (2 * Math.PI);
    double off = Math.abs(Deskew.turns(y, x) - wanted);
    assertTrue(Math.min(off, 1 - off) < 1e-5, y + ", " + x + ": off by " + off);
  }

  @Test
  void brokenPointsGoOverAsTheyAreAndNothingIsAllocated() {
    float[] sweep = room(KITTI, 0, 10, 0.1);
    sweep[4] = Float.NaN;
    sweep[9] = Float.POSITIVE_INFINITY;
    float[] out = corrected(KITTI, sweep, 0, 10, 0.1);
    assertEquals(Float.NaN, out[4]);
    assertEquals(sweep[5], out[5]);
    assertEquals(sweep[8], out[8]);
    Deskew deskew = new Deskew(MOUNT, KITTI);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment in = arena.allocate(16L * COLUMNS);
      MemorySegment to = arena.allocate(16L * COLUMNS);
      in.copyFrom(MemorySegment.ofArray(sweep));
      Allocation.assertNone(30, () -> deskew.correct(in, COLUMNS, 0, 10, 0.1, to));
      assertThrows(
          IllegalArgumentException.class,
          () -> deskew.correct(in, COLUMNS, 0, 10, 0.1, to.asSlice(0, 160)));
    }
    assertThrows(IllegalArgumentException.class, () -> new SweepTiming(0, true, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> new SweepTiming(0.1, true, 0, 1.5));
  }
}
