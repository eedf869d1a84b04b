package saccade.nodes.dashboard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;

final class MosaicTest {
  private static List<CameraModel> looking(double... yawDeg) {
    List<CameraModel> cameras = new ArrayList<>();
    for (double yaw : yawDeg) {
      cameras.add(
          CameraModel.ofHorizontalFov(
              "c" + cameras.size(),
              448,
              256,
              Math.toRadians(70),
              Pose.of(0, 0, 1.5, 0, 0, Math.toRadians(yaw))));
    }
    return cameras;
  }

  private static void expect(Mosaic mosaic, int columns, int rows, int[] column, int[] row) {
    assertEquals(columns, mosaic.columns());
    assertEquals(rows, mosaic.rows());
    assertArrayEquals(column, mosaic.column());
    assertArrayEquals(row, mosaic.row());
  }

  @Test
  void oneCameraHasTheWholePlace() {
    expect(Mosaic.of(looking(0)), 1, 1, new int[] {0}, new int[] {0});
  }

  @Test
  void twoThatLookAheadStandSideBySide() {
    expect(Mosaic.of(Rig.twoCamera().cameras()), 2, 1, new int[] {0, 1}, new int[] {0, 0});
  }

  /** front_wide, front_tele, left, right, rear_left, rear_right. */
  @Test
  void sixAroundStandAsOneTurnsTheHead() {
    expect(
        Mosaic.of(Rig.sixCamera().cameras()),
        3,
        2,
        new int[] {1, 1, 0, 2, 0, 2},
        new int[] {0, 1, 0, 0, 1, 1});
  }

  /** The order in which nuScenes names its cameras. */
  @Test
  void nuScenesHasItsBackCameraBelowItsFrontCamera() {
    expect(
        Mosaic.of(looking(0, -55, -110, 180, 110, 55)),
        3,
        2,
        new int[] {1, 2, 2, 1, 0, 0},
        new int[] {0, 0, 1, 1, 1, 0});
  }

  @Test
  void whatWouldLeaveHolesStandsInAGrid() {
    expect(
        Mosaic.of(looking(0, 90, 180, -90)), 2, 2, new int[] {0, 1, 0, 1}, new int[] {0, 0, 1, 1});
    expect(Mosaic.of(looking()), 1, 1, new int[0], new int[0]);
  }

  @Test
  void anglesAreThoseOfTheRig() {
    CameraModel left = Rig.sixCamera().cameras().get(2);
    assertEquals(85, Math.toDegrees(Mosaic.yawRad(left)), 1e-6);
    assertEquals(90, Math.toDegrees(Mosaic.hfovRad(left)), 1e-6);
  }
}
