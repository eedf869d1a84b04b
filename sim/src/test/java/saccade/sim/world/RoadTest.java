package saccade.sim.world;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class RoadTest {
  private final double[] pose = new double[3];
  private final double[] sd = new double[2];

  @Property(tries = 800)
  void frenetUndoesPose(
      @ForAll @DoubleRange(min = -20, max = 40) double straight,
      @ForAll @DoubleRange(min = -0.05, max = 0.05) double curvature,
      @ForAll @DoubleRange(min = 0, max = 1.5) double turn,
      @ForAll @DoubleRange(min = -30, max = 150) double s,
      @ForAll @DoubleRange(min = -8, max = 10) double d) {
    double arc = Math.abs(curvature) < 1e-3 ? 20 : turn / Math.abs(curvature);
    Road road = new Road(straight, arc, curvature, 2);
    road.pose(s, d, pose);
    road.frenet(pose[0], pose[1], sd);
    assertEquals(s, sd[0], 1e-6);
    assertEquals(d, sd[1], 1e-6);
    assertEquals(road.yawAt(s), pose[2], 1e-12);
  }

  @Test
  void quarterTurnToTheLeft() {
    // 10 m straight, then a quarter of a circle of 20 m radius, then straight to the north.
    Road road = new Road(10, 10 * Math.PI, 0.05, 2);
    road.pose(10 + 10 * Math.PI + 5, 0, pose);
    assertArrayEquals(new double[] {30, 25, Math.PI / 2}, pose, 1e-9);
    road.pose(10 + 10 * Math.PI + 5, 3.5, pose);
    assertArrayEquals(new double[] {26.5, 25, Math.PI / 2}, pose, 1e-9);
    assertEquals(0.05, road.curvatureAt(12));
    assertEquals(0, road.curvatureAt(9));
    assertEquals(0, road.curvatureAt(10 + 10 * Math.PI + 1));
  }

  @Test
  void refusesAnArcThatTurnsTooFar() {
    assertThrows(IllegalArgumentException.class, () -> new Road(0, 50, 0.05, 2));
    assertThrows(IllegalArgumentException.class, () -> new Road(0, -1, 0.05, 2));
  }
}
