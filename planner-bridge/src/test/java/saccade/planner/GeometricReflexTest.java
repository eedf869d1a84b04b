package saccade.planner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static saccade.planner.Messages.MS;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import saccade.planner.GeometricReflex.Mode;

class GeometricReflexTest {
  private static final double[] LIDAR_TOP = {1, 0, 0, 1.2, 0, 1, 0, 0, 0, 0, 1, 1.9};
  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** A wall of 12 points 1 m wide whose nearest point lies {@code gapM} ahead of the bumper. */
  private static MemorySegment wall(double gapM, double yM, double zBaseM) {
    MemorySegment points = Arena.ofAuto().allocate(12 * 16);
    for (int i = 0; i < 12; i++) {
      points.set(F32, i * 16L, (float) (3.8 + gapM - 1.2));
      points.set(F32, i * 16L + 4, (float) (yM - 0.5 + i / 11.0));
      points.set(F32, i * 16L + 8, (float) (zBaseM - 1.9));
    }
    return points;
  }

  private static GeometricReflex reflex(Mode mode) {
    return new GeometricReflex(ReflexLimits.passengerCar(), mode, LIDAR_TOP);
  }

  @Test
  void brakesForAWallThatAppears() {
    GeometricReflex reflex = reflex(Mode.ON);
    reflex.sweep(wall(12, 0, 1), 12, 0, 10, 0);
    assertEquals(12, reflex.gapM(), 1e-5);
    assertEquals(1.2, reflex.timeToCollisionS(), 1e-5);
    assertEquals(-100 / 22.0, reflex.limit(0.5, 10 * MS), 1e-5);
    assertEquals(1, reflex.interventions());
    reflex.limit(0.5, 30 * MS);
    assertEquals(1, reflex.interventions(), "one intervention, not one a cycle");
  }

  @Test
  void measuresButLetsThroughWhenOff() {
    GeometricReflex reflex = reflex(Mode.OFF);
    reflex.sweep(wall(5, 0, 1), 12, 0, 10, 0);
    assertEquals(2, reflex.limit(2, 0));
    assertEquals(0, reflex.interventions());
    assertEquals(5, reflex.gapM(), 1e-5);
  }

  @Test
  void leavesACarThatDrivesAsFastAlone() {
    GeometricReflex reflex = reflex(Mode.ON);
    double last = 0;
    for (int i = 0; i < 6; i++) {
      reflex.sweep(wall(9, 0, 1), 12, i * 100 * MS, 10, 0);
      last = reflex.limit(0, i * 100 * MS);
    }
    assertEquals(0, reflex.closingMps(), 1e-3);
    assertEquals(0, last);
  }

  @Test
  void looksOnlyIntoTheCorridor() {
    GeometricReflex reflex = reflex(Mode.ON);
    reflex.sweep(wall(6, 3.5, 1), 12, 0, 10, 0);
    assertEquals(GeometricReflex.FREE, reflex.gapM(), "the next lane");
    reflex.sweep(wall(6, 0, 0.1), 12, 100 * MS, 10, 0);
    assertEquals(GeometricReflex.FREE, reflex.gapM(), "the ground");
    reflex.sweep(wall(6, 0, 4), 12, 200 * MS, 10, 0);
    assertEquals(GeometricReflex.FREE, reflex.gapM(), "a bridge");
    assertFalse(reflex.acting());
  }

  @Test
  void bendsTheCorridorWithTheCurvature() {
    // 20 m along a left curve of radius 25 m
    double x = 25 * Math.sin(20 / 25.0) - 3.8;
    double y = 25 * (1 - Math.cos(20 / 25.0));
    GeometricReflex left = reflex(Mode.ON);
    left.sweep(wall(x, y, 1), 12, 0, 10, 0.04);
    assertEquals(16.2, left.gapM(), 0.6);
    GeometricReflex straight = reflex(Mode.ON);
    straight.sweep(wall(x, y, 1), 12, 0, 10, 0);
    assertEquals(GeometricReflex.FREE, straight.gapM());
    GeometricReflex right = reflex(Mode.ON);
    right.sweep(wall(x, -y, 1), 12, 0, 10, -0.04);
    assertEquals(16.2, right.gapM(), 0.6);
  }

  @Test
  void forgetsAnOldSweepAndSkipsPointsThatAreNotNumbers() {
    GeometricReflex reflex = reflex(Mode.ON);
    MemorySegment points = wall(5, 0, 1);
    for (int i = 0; i < 12; i++) {
      points.set(F32, i * 16L + (i % 3) * 4, i % 2 == 0 ? Float.NaN : Float.POSITIVE_INFINITY);
    }
    reflex.sweep(points, 12, 0, 10, 0.01);
    assertEquals(GeometricReflex.FREE, reflex.gapM());
    reflex.sweep(wall(5, 0, 1), 12, 100 * MS, 10, 0);
    assertTrue(reflex.limit(0, 100 * MS) < 0);
    assertEquals(0, reflex.limit(0, 500 * MS));
    reflex.sweep(points, 0, 600 * MS, 10, 0);
    assertEquals(0, reflex.limit(0, 600 * MS));
  }

  @Property
  void neverAcceleratesWhateverItSees(
      @ForAll @Size(24) List<@DoubleRange(min = -60, max = 60) Double> coordinates,
      @ForAll @DoubleRange(min = 0, max = 20) double speed,
      @ForAll @DoubleRange(min = -0.15, max = 0.15) double curvature,
      @ForAll @DoubleRange(min = -8, max = 3) double accel) {
    MemorySegment points = Arena.ofAuto().allocate(8 * 16);
    for (int i = 0; i < 24; i++) {
      points.set(F32, (i / 3) * 16L + (i % 3) * 4, coordinates.get(i).floatValue());
    }
    GeometricReflex reflex = reflex(Mode.ON);
    for (int t = 0; t < 3; t++) {
      reflex.sweep(points, 8, t * 100 * MS, speed, curvature);
      double limited = reflex.limit(accel, t * 100 * MS);
      assertTrue(limited <= accel);
      assertTrue(limited >= Math.min(accel, -8));
    }
  }
}
