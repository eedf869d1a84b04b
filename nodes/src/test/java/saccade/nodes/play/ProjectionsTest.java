package saccade.nodes.play;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Pose;

/**
 * A key frame of a vehicle that drives and turns: the LiDAR looks at one instant, the camera 45 ms
 * later. A post that stands still must be drawn where the camera saw it.
 */
class ProjectionsTest {
  private static final int WIDTH = 800;
  private static final int HEIGHT = 448;
  private static final long LIDAR_US = 1_500_000_000_000_000L;
  private static final long CAMERA_US = LIDAR_US + 45_000;

  /** Of the post in the map, metres. */
  private static final double[] POST = {412.0, 1104.0, 1.2};

  private static final Pose EGO_AT_SWEEP = Pose.of(400, 1100, 0, 0, 0, 0.30);

  /** 45 ms later at 30 m/s and 0.8 rad/s. */
  private static final Pose EGO_AT_PICTURE = Pose.of(401.29, 1100.41, 0, 0, 0, 0.336);

  private static final Pose LIDAR = Pose.of(1, 0, 1.8, 0, 0, -Math.PI / 2);

  @TempDir Path root;

  private void write(Pose atPicture) throws IOException {
    Path tables = Files.createDirectories(root.resolve("v1.0-mini"));
    table(tables, "scene", "{\"token\":\"s\",\"name\":\"scene-0001\"}");
    table(
        tables, "sample", "{\"token\":\"x\",\"timestamp\":" + LIDAR_US + ",\"scene_token\":\"s\"}");
    table(
        tables,
        "sensor",
        "{\"token\":\"c\",\"channel\":\"CAM_FRONT\"},{\"token\":\"l\",\"channel\":\"LIDAR_TOP\"}");
    table(
        tables,
        "calibrated_sensor",
        "{\"token\":\"kc\",\"sensor_token\":\"c\",\"translation\":[1.5,0,1.5],\"rotation\":[0.5,-0.5,0.5,-0.5],"
            + "\"camera_intrinsic\":[[500,0,400],[0,500,224],[0,0,1]]},{\"token\":\"kl\",\"sensor_token\":\"l\","
            + pose(LIDAR)
            + ",\"camera_intrinsic\":[]}");
    table(
        tables,
        "sample_data",
        frame("kc", "pc", CAMERA_US, "samples/CAM_FRONT/a.png", WIDTH, HEIGHT)
            + ","
            + frame("kl", "pl", LIDAR_US, "samples/LIDAR_TOP/a.pcd.bin", 0, 0));
    table(
        tables,
        "ego_pose",
        "{\"token\":\"pl\"," + pose(EGO_AT_SWEEP) + "},{\"token\":\"pc\"," + pose(atPicture) + "}");
    Files.createDirectories(root.resolve("samples/CAM_FRONT"));
    Files.createDirectories(root.resolve("samples/LIDAR_TOP"));
    ImageIO.write(
        new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_3BYTE_BGR),
        "png",
        root.resolve("samples/CAM_FRONT/a.png").toFile());
    double[] seen = EGO_AT_SWEEP.then(LIDAR).inverse().apply(POST);
    ByteBuffer sweep = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
    for (double metres : seen) {
      sweep.putFloat((float) metres);
    }
    Files.write(root.resolve("samples/LIDAR_TOP/a.pcd.bin"), sweep.putFloat(9).putFloat(0).array());
  }

  private static void table(Path tables, String name, String rows) throws IOException {
    Files.writeString(tables.resolve(name + ".json"), "[" + rows + "]");
  }

  private static String pose(Pose at) {
    return String.format(
        Locale.ROOT,
        "\"translation\":[%.9f,%.9f,%.9f],\"rotation\":[%.12f,%.12f,%.12f,%.12f]",
        at.x(),
        at.y(),
        at.z(),
        at.qw(),
        at.qx(),
        at.qy(),
        at.qz());
  }

  private static String frame(
      String calibration, String ego, long us, String file, int width, int height) {
    return String.format(
        Locale.ROOT,
        "{\"token\":\"d%d\",\"sample_token\":\"x\",\"ego_pose_token\":\"%s\",\"calibrated_sensor_token\":\"%s\","
            + "\"timestamp\":%d,\"filename\":\"%s\",\"width\":%d,\"height\":%d}",
        us,
        ego,
        calibration,
        us,
        file,
        width,
        height);
  }

  private Recording recording() {
    return Recordings.open(root, null, EgoAssumptions.STANDING_IN_TOWN);
  }

  /** Where the camera of the recording sees a point of the map. */
  private static double[] truth(Recording recording, Pose egoAtPicture) {
    CameraModel camera = recording.rig().cameras().getFirst();
    double[] base = egoAtPicture.inverse().apply(POST);
    double[] uvDepth = new double[3];
    assertTrue(camera.project(base[0], base[1], base[2], uvDepth));
    return uvDepth;
  }

  private int[] drawn(Recording recording) throws IOException {
    Path out = Files.createDirectories(root.resolve("out"));
    assertEquals(1, Projections.wanted(recording, 20));
    assertEquals(1, Projections.write(recording, out, 20, done -> {}));
    BufferedImage picture = ImageIO.read(out.resolve("projection_000000.png").toFile());
    for (int v = 0; v < HEIGHT; v++) {
      for (int u = 0; u < WIDTH; u++) {
        if ((picture.getRGB(u, v) & 0xFFFFFF) != 0) {
          return new int[] {u, v};
        }
      }
    }
    throw new AssertionError("no point was drawn");
  }

  @Test
  void aPostIsDrawnWhereTheCameraSawItThoughTheVehicleDroveOn() throws IOException {
    write(EGO_AT_PICTURE);
    Recording recording = recording();
    double[] wanted = truth(recording, EGO_AT_PICTURE);
    double[] asIfStanding = truth(recording, EGO_AT_SWEEP);
    assertTrue(Math.abs(wanted[0] - asIfStanding[0]) > 10, "the motion is worth more than 10 px");
    int[] found = drawn(recording);
    assertEquals(wanted[0], found[0] + 0.5, 1.0);
    assertEquals(wanted[1], found[1] + 0.5, 1.0);
    Pose moved =
        recording.baseAt(
            recording.tracks().get(0).frames().getFirst().stampNs(),
            recording.tracks().get(1).frames().getFirst().stampNs());
    assertNotNull(moved);
    assertTrue(Math.hypot(moved.x(), moved.y()) > 1.3, "1.35 m were driven between them");
  }

  @Test
  void aVehicleThatStandsChangesNothing() throws IOException {
    write(EGO_AT_SWEEP);
    Recording recording = recording();
    double[] wanted = truth(recording, EGO_AT_SWEEP);
    int[] found = drawn(recording);
    assertEquals(wanted[0], found[0] + 0.5, 1.0);
    assertEquals(wanted[1], found[1] + 0.5, 1.0);
  }

  @Test
  void aRecordingThatDoesNotSayWhereItWasTakesBothAsOneInstant() throws IOException {
    write(EGO_AT_PICTURE);
    Path tables = root.resolve("v1.0-mini");
    table(tables, "ego_pose", "{\"token\":\"pl\"," + pose(EGO_AT_SWEEP) + "}");
    Recording recording = recording();
    assertNull(
        recording.baseAt(CAMERA_US * 1000, LIDAR_US * 1000), "the camera's place is not recorded");
    assertEquals(truth(recording, EGO_AT_SWEEP)[0], drawn(recording)[0] + 0.5, 1.0);
  }
}
