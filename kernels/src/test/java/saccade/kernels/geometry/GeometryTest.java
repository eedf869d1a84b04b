package saccade.kernels.geometry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class GeometryTest {
  private static final CameraModel WIDE = Rig.twoCamera().cameras().getFirst();

  @Test
  void pointAheadProjectsToTheCentreAndLeftIsLeft() {
    double[] uv = new double[3];
    assertTrue(WIDE.project(11.6, 0, 1.5, uv));
    assertArrayEquals(new double[] {224, 128, 10}, uv, 1e-9);
    // 90 degrees across 448 px: f = 224 px, so one metre at ten metres is 22.4 px.
    assertTrue(WIDE.project(11.6, 1, 0.5, uv));
    assertArrayEquals(new double[] {224 - 22.4, 128 + 22.4, 10}, uv, 1e-9);
    assertFalse(WIDE.project(-5, 0, 1.5, uv));
  }

  @Test
  void rayGoesBackThroughItsPixel() {
    double[] dir = new double[3];
    double[] uv = new double[3];
    WIDE.ray(100.25, 33.5, dir);
    assertTrue(WIDE.project(1.6 + 7 * dir[0], 7 * dir[1], 1.5 + 7 * dir[2], uv));
    assertEquals(100.25, uv[0], 1e-9);
    assertEquals(33.5, uv[1], 1e-9);
    assertEquals(1, Math.hypot(Math.hypot(dir[0], dir[1]), dir[2]), 1e-12);
  }

  @Test
  void matrixQuaternionAndInverseAgree() {
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 500; i++) {
      Pose a = random(random);
      Pose b = random(random);
      Pose back = Pose.of(a.rotation(), new double[] {a.x(), a.y(), a.z()});
      assertArrayEquals(a.rotation(), back.rotation(), 1e-9);
      double[] p = {random.nextDouble(-9, 9), random.nextDouble(-9, 9), random.nextDouble(-9, 9)};
      assertArrayEquals(p, a.inverse().apply(a.apply(p)), 1e-9);
      assertArrayEquals(a.apply(b.apply(p)), a.then(b).apply(p), 1e-9);
    }
  }

  @Test
  void rollPitchYawFollowRep103() {
    assertArrayEquals(
        new double[] {0, 1, 0}, Pose.of(0, 0, 0, 0, 0, Math.PI / 2).apply(1, 0, 0), 1e-12);
    // Positive pitch looks down: x forward turns towards -z.
    assertArrayEquals(
        new double[] {0, 0, -1}, Pose.of(0, 0, 0, 0, Math.PI / 2, 0).apply(1, 0, 0), 1e-12);
    assertEquals(0.3, Pose.of(0, 0, 0, 0, 0, 0.3).yawRad(), 1e-12);
  }

  @Test
  void saysWhatWasFoundWhenAPoseIsNoRotation() {
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> new Pose(0, 0, 0, 2, 0, 0, 0))
            .getMessage()
            .contains("unit quaternion, found norm 2"));
    assertThrows(IllegalArgumentException.class, () -> new Pose(Double.NaN, 0, 0, 1, 0, 0, 0));
  }

  private static Pose random(SplittableRandom r) {
    return Pose.of(
        r.nextDouble(-5, 5),
        r.nextDouble(-5, 5),
        r.nextDouble(-5, 5),
        r.nextDouble(-3, 3),
        r.nextDouble(-3, 3),
        r.nextDouble(-3, 3));
  }

  @Test
  void camerasAheadAreThoseWithin35DegreesOfStraightOn() {
    assertEquals(0b11, Rig.twoCamera().camerasAhead());
    assertEquals(0b000011, Rig.sixCamera().camerasAhead());
    double[] yawDeg = {55, -34, 0, 36, 180};
    List<CameraModel> cameras = new ArrayList<>();
    for (double yaw : yawDeg) {
      Pose pose = Pose.of(1, 0, 1.5, 0, 0, Math.toRadians(yaw));
      cameras.add(CameraModel.ofHorizontalFov("yaw " + yaw, 8, 8, 1, pose));
    }
    assertEquals(0b00110, new Rig(cameras, null).camerasAhead());
    assertEquals(0, new Rig(List.of(), null).camerasAhead());
  }
}
