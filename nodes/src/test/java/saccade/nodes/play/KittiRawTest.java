package saccade.nodes.play;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.nodes.cli.BadInput;
import saccade.nodes.play.Recording.Pictures;
import saccade.nodes.play.Recording.Window;

final class KittiRawTest {
  @TempDir Path folder;
  private KittiDrive kitti;

  @BeforeEach
  void write() throws IOException {
    kitti = new KittiDrive(folder, 3);
  }

  private Recording open(Path path) {
    return Recordings.open(path, EgoAssumptions.STANDING_IN_TOWN);
  }

  private static void expect(List<String> remarks, String part) {
    assertTrue(
        remarks.stream().anyMatch(line -> line.contains(part)),
        () -> "expected a remark with '" + part + "', found " + remarks);
    remarks.forEach(line -> assertFalse(line.contains("\n"), line));
  }

  @Test
  void shouldOpenRootDateAndDriveAlike() {
    Recording fromRoot = open(kitti.root);
    assertEquals(fromRoot.rig(), open(kitti.date).rig());
    assertEquals(fromRoot.rig(), open(kitti.drive).rig());
    assertEquals(2, fromRoot.tracks().size());
    assertEquals(3, fromRoot.sets());
    assertEquals(100_000_000L, fromRoot.periodNs());
    assertEquals(
        4_000_000L,
        fromRoot.tracks().get(1).frames().getFirst().stampNs()
            - fromRoot.tracks().get(0).frames().getFirst().stampNs());
  }

  /** P_rect_02 R_rect_00 [R|T] by hand, against the chain of poses and cameras. */
  @Test
  void shouldProjectVelodynePointsAsThePublishedFormulaDoes() {
    Recording recording = open(kitti.root);
    CameraModel camera = ((Recording.Pictures) recording.tracks().getFirst().content()).camera();
    LidarModel lidar = recording.rig().lidar();
    double[] rect = {
      9.999239e-01,
      9.837760e-03,
      -7.445048e-03,
      -9.869795e-03,
      9.999421e-01,
      -4.278459e-03,
      7.402527e-03,
      4.351614e-03,
      9.999631e-01
    };
    double[] r = {
      7.533745e-03,
      -9.999714e-01,
      -6.166020e-04,
      1.480249e-02,
      7.280733e-04,
      -9.998902e-01,
      9.998621e-01,
      7.523790e-03,
      1.480755e-02
    };
    double[] t = {-4.069766e-03, -7.631618e-02, -2.717806e-01};
    for (double[] point : new double[][] {{12, 1, -1.2}, {30, -3, 0.4}, {6, 0.5, -0.3}}) {
      double[] base = lidar.baseFromLidar().apply(point);
      double[] uvDepth = new double[3];
      assertTrue(camera.project(base[0], base[1], base[2], uvDepth));
      double[] c = new double[3];
      double[] x = new double[3];
      for (int i = 0; i < 3; i++) {
        c[i] = r[3 * i] * point[0] + r[3 * i + 1] * point[1] + r[3 * i + 2] * point[2] + t[i];
      }
      for (int i = 0; i < 3; i++) {
        x[i] = rect[3 * i] * c[0] + rect[3 * i + 1] * c[1] + rect[3 * i + 2] * c[2];
      }
      double w = x[2] + 2.745884e-03;
      assertEquals((72.15377 * x[0] + 60.95593 * x[2] + 4.485728) / w, uvDepth[0], 0.02);
      assertEquals((72.15377 * x[1] + 17.28540 * x[2] + 0.02163791) / w, uvDepth[1], 0.02);
    }
  }

  @Test
  void shouldPutTheCamerasAtTheirPublishedHeightAndLevel() {
    CameraModel camera =
        ((Recording.Pictures) open(kitti.root).tracks().getFirst().content()).camera();
    assertEquals(1.65, camera.baseFromOptical().z(), 0.02);
    assertEquals(1.03, camera.baseFromOptical().x(), 0.02);
    double[] ahead = new double[3];
    camera.ray(camera.cxPx(), camera.cyPx(), ahead);
    assertEquals(1, ahead[0], 1e-9);
  }

  @Test
  void shouldCutWindowsAroundThePrincipalPointWithTheModelsShape() {
    Recording recording = open(kitti.root);
    Pictures pictures = (Pictures) recording.tracks().getFirst().content();
    for (Window window : pictures.windows()) {
      CameraModel camera = recording.rig().cameras().get(window.sensor());
      assertEquals(1.75, (double) window.widthPx() / window.heightPx(), 0.05);
      assertEquals(window.widthPx(), camera.widthPx());
      assertEquals(camera.widthPx() / 2.0, camera.cxPx(), 1.0);
      assertEquals(60.95593 - window.x(), camera.cxPx(), 1e-9);
      assertEquals(17.2854 - window.y(), camera.cyPx(), 1e-9);
      assertTrue(window.x() + window.widthPx() <= KittiDrive.WIDTH);
      assertTrue(window.y() + window.heightPx() <= KittiDrive.HEIGHT);
    }
    expect(recording.remarks(), "front_tele (cropped from image_02)");
  }

  @Test
  void shouldSayThatTheSpeedIsAssumedWhereThereIsNoOxts() {
    Recording recording = Recordings.open(kitti.root, new EgoAssumptions(7, 14));
    assertEquals(7, recording.motion().getFirst().speedMps());
    expect(recording.remarks(), "assumed speed 7.0 m/s");
  }

  @Test
  void shouldTakeSpeedAndYawRateFromOxts() throws IOException {
    Path oxts = kitti.drive.resolve("oxts");
    Files.createDirectories(oxts.resolve("data"));
    Files.writeString(
        oxts.resolve("timestamps.txt"), KittiDrive.stamp(0, 1) + KittiDrive.stamp(1, 1));
    StringBuilder numbers = new StringBuilder();
    for (int i = 0; i < 30; i++) {
      numbers.append(i).append(".5 ");
    }
    Files.writeString(oxts.resolve("data/0000000000.txt"), numbers);
    Files.writeString(oxts.resolve("data/0000000001.txt"), numbers);
    Recording recording = open(kitti.root);
    assertEquals(2, recording.motion().size());
    assertEquals(8.5, recording.motion().getFirst().speedMps());
    assertEquals(22.5, recording.motion().getFirst().yawRateRps());
    assertEquals(14.5, recording.motion().getFirst().accelMps2());
    assertEquals(2, recording.imu().size());
    assertEquals(19.5, recording.imu().getFirst().yawRateRps());
    assertEquals(11.5, recording.imu().getFirst().accelMps2());
    assertEquals(recording.motion().getLast().stampNs(), recording.imu().getLast().stampNs());
  }

  @Test
  void shouldGoOnWithoutTheLidarWhenItsCalibrationLacksAKey() throws IOException {
    Files.writeString(
        kitti.date.resolve("calib_velo_to_cam.txt"), KittiDrive.veloToCam().replace("T: ", "U: "));
    Recording recording = open(kitti.root);
    assertEquals(1, recording.tracks().size());
    expect(recording.remarks(), "calib_velo_to_cam.txt: expected key T with 3 numbers");
    expect(recording.remarks(), "lidar_top: left out");
  }

  @Test
  void shouldSayHowManyNumbersACalibrationKeyHas() throws IOException {
    Files.writeString(
        kitti.date.resolve("calib_cam_to_cam.txt"),
        KittiDrive.camToCam().replace(" 2.745884e-03", ""));
    BadInput bad = assertThrows(BadInput.class, () -> open(kitti.root));
    assertTrue(
        bad.getMessage().contains("P_rect_02: expected 12 numbers, found 11"), bad.toString());
  }

  @Test
  void shouldRefuseAMatrixThatIsNoRotation() throws IOException {
    Files.writeString(
        kitti.date.resolve("calib_velo_to_cam.txt"),
        KittiDrive.veloToCam().replace("9.998621e-01", "0.5"));
    expect(open(kitti.root).remarks(), "R: expected a rotation matrix");
  }

  @Test
  void shouldGoOnWithTheOtherSensorWhenOneHasNoStamps() throws IOException {
    Files.delete(kitti.pictures.resolve("timestamps.txt"));
    Recording recording = open(kitti.root);
    assertEquals("velodyne_points", recording.tracks().getFirst().name());
    expect(recording.remarks(), "timestamps.txt: expected a file, found none");
  }

  @Test
  void shouldSayWhenStampsAndFilesDoNotMatch() throws IOException {
    Files.delete(kitti.sweep(1));
    KittiDrive.writeSweep(kitti.sweep(9), 3);
    expect(
        open(kitti.root).remarks(),
        "expected a file for each of 3 time stamps, found 1 stamps without a file and 1 files");
  }

  @Test
  void shouldSayWhenStampsGoBackwards() throws IOException {
    Files.writeString(
        kitti.sweeps.resolve("timestamps.txt"),
        KittiDrive.stamp(0, 4) + KittiDrive.stamp(2, 4) + KittiDrive.stamp(1, 4));
    expect(open(kitti.root).remarks(), "timestamps.txt line 3: expected rising stamps, found 1");
  }

  @Test
  void shouldAskForOneDriveWhenThereAreTwo() throws IOException {
    Files.createDirectories(kitti.date.resolve("2011_09_26_drive_0008_sync/image_02"));
    BadInput bad = assertThrows(BadInput.class, () -> open(kitti.root));
    assertTrue(bad.getMessage().contains("expected one drive, found 2"), bad.getMessage());
  }

  @Test
  void shouldSayWhatARecordingLooksLikeWhenThereIsNone() throws IOException {
    Path empty = Files.createDirectories(folder.resolve("empty"));
    BadInput bad = assertThrows(BadInput.class, () -> open(empty));
    assertTrue(bad.getMessage().contains("expected a recording"), bad.getMessage());
    assertThrows(BadInput.class, () -> open(folder.resolve("nowhere")));
  }
}
