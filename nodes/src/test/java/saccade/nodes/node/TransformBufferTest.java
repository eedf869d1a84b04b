package saccade.nodes.node;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import saccade.kernels.geometry.Pose;
import saccade.msg.geometry_msgs.Quaternion;
import saccade.msg.geometry_msgs.Transform;
import saccade.msg.geometry_msgs.TransformStamped;
import saccade.msg.geometry_msgs.Vector3;
import saccade.msg.std_msgs.Header;

class TransformBufferTest {
  private static final long S = 1_000_000_000L;
  private final TransformBuffer buffer = new TransformBuffer();

  static TransformStamped transform(String parent, String child, long stampNs, Pose p) {
    return new TransformStamped(
        new Header(Stamps.time(stampNs), parent),
        child,
        new Transform(
            new Vector3(p.x(), p.y(), p.z()), new Quaternion(p.qx(), p.qy(), p.qz(), p.qw())));
  }

  private void set(String parent, String child, long stampNs, Pose pose) {
    assertEquals("", buffer.set(transform(parent, child, stampNs, pose), false));
  }

  @Test
  void interpolatesBetweenStamps() {
    set("odom", "base_link", S, Pose.of(0, 0, 0, 0, 0, 0));
    set("odom", "base_link", 2 * S, Pose.of(2, 0, 0, 0, 0, Math.PI / 2));
    Pose half = buffer.lookup("odom", "base_link", S + S / 2);
    assertEquals(1, half.x(), 1e-12);
    assertEquals(Math.PI / 4, half.yawRad(), 1e-12);
    Pose quarter = buffer.lookup("odom", "base_link", S + S / 4);
    assertEquals(Math.PI / 8, quarter.yawRad(), 1e-12);
  }

  @Test
  void theShorterWayRoundWhateverTheSigns() {
    Pose a = Pose.of(0, 0, 0, 0, 0, 0.2);
    Pose b = Pose.of(0, 0, 0, 0, 0, 0.4);
    Pose negated = new Pose(0, 0, 0, -b.qw(), -b.qx(), -b.qy(), -b.qz());
    assertEquals(0.3, TransformBuffer.between(a, negated, 0.5).yawRad(), 1e-12);
  }

  @Test
  void nothingIsExtrapolated() {
    set("odom", "base_link", S, Pose.IDENTITY);
    set("odom", "base_link", 2 * S, Pose.IDENTITY);
    TransformFault late =
        assertThrows(TransformFault.class, () -> buffer.lookup("odom", "base_link", 2 * S + 1));
    assertEquals(TransformFault.Kind.IN_FUTURE, late.kind());
    assertEquals(
        "transform from 'base_link' to 'odom' at 2.000000001 s: 'base_link' in 'odom' is known from"
            + " 1.000000000 to 2.000000000 s, nothing is extrapolated",
        late.getMessage());
    assertEquals(
        TransformFault.Kind.BEFORE_HISTORY,
        assertThrows(TransformFault.class, () -> buffer.lookup("base_link", "odom", S - 1)).kind());
  }

  @Test
  void unknownAndUnconnectedFramesHaveNames() {
    set("odom", "base_link", S, Pose.IDENTITY);
    set("map2", "other", S, Pose.IDENTITY);
    assertEquals(
        TransformFault.Kind.UNKNOWN_FRAME,
        assertThrows(TransformFault.class, () -> buffer.lookup("odom", "camera", S)).kind());
    assertEquals(
        TransformFault.Kind.NOT_CONNECTED,
        assertThrows(TransformFault.class, () -> buffer.lookup("odom", "other", S)).kind());
    assertFalse(buffer.canTransform("odom", "other", S));
    assertTrue(buffer.canTransform("/odom", "base_link", S), "ROS 1's slash means nothing");
  }

  @Test
  void chainsUpAndDownAgreeWithComposition() {
    Random random = new Random(5);
    Pose mapOdom = pose(random);
    Pose odomBase = pose(random);
    Pose baseCamera = pose(random);
    Pose baseLidar = pose(random);
    set("map", "odom", S, mapOdom);
    set("odom", "base", S, odomBase);
    assertEquals("", buffer.set(transform("base", "camera", 77 * S, baseCamera), true));
    assertEquals("", buffer.set(transform("base", "lidar", 0, baseLidar), true));
    double[] point = {1, -2, 3};
    assertArrayEquals(
        mapOdom.then(odomBase).then(baseCamera).apply(point),
        buffer.lookup("map", "camera", S).apply(point),
        1e-9);
    assertArrayEquals(
        baseLidar.inverse().then(baseCamera).apply(point),
        buffer.lookup("lidar", "camera", TransformBuffer.LATEST).apply(point),
        1e-9);
    assertArrayEquals(
        baseCamera.inverse().then(odomBase.inverse()).then(mapOdom.inverse()).apply(point),
        buffer.lookup("camera", "map", TransformBuffer.LATEST).apply(point),
        1e-9);
  }

  private static Pose pose(Random random) {
    return Pose.of(
        random.nextGaussian(),
        random.nextGaussian(),
        random.nextGaussian(),
        random.nextGaussian(),
        random.nextGaussian(),
        random.nextGaussian());
  }

  @Test
  void latestIsWhatAllLinksShare() {
    set("odom", "base", S, Pose.of(1, 0, 0, 0, 0, 0));
    set("odom", "base", 3 * S, Pose.of(3, 0, 0, 0, 0, 0));
    set("map", "odom", 2 * S, Pose.IDENTITY);
    assertEquals(2, buffer.lookup("map", "base", TransformBuffer.LATEST).x(), 1e-12);
  }

  @Test
  void historyIsBoundedAndClearedWhenTimeGoesBack() {
    for (int i = 1; i <= 30; i++) {
      set("odom", "base", i * S, Pose.of(i, 0, 0, 0, 0, 0));
    }
    assertFalse(buffer.canTransform("odom", "base", 19 * S));
    assertTrue(buffer.canTransform("odom", "base", 20 * S));
    String refusal = buffer.set(transform("odom", "base", 5 * S, Pose.IDENTITY), false);
    assertTrue(refusal.contains("older than the newest"), refusal);
    assertEquals(1, buffer.refused());
    assertEquals("", buffer.set(transform("base", "lidar", 0, Pose.IDENTITY), true));
    buffer.clear();
    assertFalse(buffer.canTransform("odom", "base", 20 * S));
    assertTrue(buffer.canTransform("base", "lidar", 20 * S), "fixed ones stay");
    set("odom", "base", 5 * S, Pose.IDENTITY);
  }

  @Test
  void badTransformsAreRefusedInOneLine() {
    TransformStamped self = transform("a", "a", S, Pose.IDENTITY);
    TransformStamped flat =
        transform("a", "b", S, Pose.IDENTITY)
            .withTransform(new Transform(new Vector3(0, 0, 0), new Quaternion(0, 0, 0, 0)));
    TransformStamped nan =
        transform("a", "b", S, Pose.IDENTITY)
            .withTransform(
                new Transform(new Vector3(Double.NaN, 0, 0), new Quaternion(0, 0, 0, 1)));
    for (TransformStamped bad : new TransformStamped[] {self, flat, nan}) {
      String why = buffer.set(bad, false);
      assertFalse(why.isEmpty() || why.contains("\n"), why);
    }
    assertEquals(3, buffer.refused());
  }

  @Test
  void loopsEnd() {
    set("a", "b", S, Pose.IDENTITY);
    set("b", "a", S, Pose.IDENTITY);
    set("x", "y", S, Pose.IDENTITY);
    assertFalse(buffer.canTransform("x", "a", S));
  }
}
