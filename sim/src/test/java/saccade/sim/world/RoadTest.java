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

  @Test
  void aSecondLaneMovesTheOncomingOneAndTheEdge() {
    Road one = new Road(100, 0, 0, 2, 30);
    assertEquals(3.5, one.oncomingD());
    assertEquals(5.25, one.leftEdgeD());
    Road two = one.withLanes(2).withCrossing(50, 8).withZebra(20);
    assertEquals(2, two.lanes());
    assertEquals(7, two.oncomingD());
    assertEquals(8.75, two.leftEdgeD());
    assertEquals(-1.75, two.rightEdgeD());
    assertEquals(1, two.stopLines());
    assertEquals(1, two.crossings());
    assertEquals(50, two.crossingS(0));
    assertEquals(8, two.crossingWidthM(0));
    assertEquals(1, two.zebras());
    assertEquals(20, two.zebraS(0));
    assertEquals(0, one.crossings() + one.zebras(), "the first road is as it was");
    assertThrows(IllegalArgumentException.class, () -> one.withLanes(3));
  }

  @Test
  void sideRoadsLieOnStraightParts() {
    Road bend = new Road(30, 20, 0.02, 2);
    assertEquals(20, bend.withCrossing(20, 8).crossingS(0));
    assertThrows(IllegalArgumentException.class, () -> bend.withCrossing(28, 8));
    assertThrows(IllegalArgumentException.class, () -> bend.withCrossing(53, 8));
    assertThrows(IllegalArgumentException.class, () -> bend.withCrossing(10, 0));
  }
}
