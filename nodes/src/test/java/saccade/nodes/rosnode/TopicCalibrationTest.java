package saccade.nodes.rosnode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.msg.geometry_msgs.Quaternion;
import saccade.msg.geometry_msgs.Transform;
import saccade.msg.geometry_msgs.TransformStamped;
import saccade.msg.geometry_msgs.Vector3;
import saccade.msg.sensor_msgs.CameraInfo;
import saccade.msg.sensor_msgs.PointCloud2;
import saccade.msg.sensor_msgs.RegionOfInterest;
import saccade.msg.std_msgs.Header;
import saccade.msg.tf2_msgs.TFMessage;
import saccade.nodes.cli.BadInput;
import saccade.nodes.graph.GraphNode;
import saccade.nodes.node.MessagePublisher;
import saccade.nodes.node.Node;
import saccade.nodes.node.Stamps;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.zenoh.ZenohConfig;
import saccade.nodes.zenoh.rmw.ZenohTransport;

class TopicCalibrationTest {
  private static final Pose NOWHERE = Pose.of(9, 9, 9, 0, 0, 0);
  private static final Pose OPTICAL = new Pose(0, 0, 0, 0.5, -0.5, 0.5, -0.5);
  private static final Pose MAST = Pose.of(1, 0, 2, 0, 0, 0.5);
  private static final Rig PLAN =
      new Rig(
          List.of(CameraModel.ofHorizontalFov("front", 6, 4, 1, NOWHERE)),
          new LidarModel("lidar", NOWHERE, 16, 900, -0.4, 0.2, 80));

  private ZenohTransport transport;
  private Node robot;
  private Node node;

  @BeforeEach
  void open() {
    transport = ZenohTransport.open(ZenohConfig.peer(), 6);
    Node.Options quiet = Node.Options.DEFAULT.withConsole(line -> {});
    robot = Node.create(transport, "robot", "", quiet);
    node = Node.create(transport, "n", "", quiet);
  }

  @AfterEach
  void close() {
    transport.close();
  }

  private static GraphNode.Ros topics(double waitS) {
    return new GraphNode.Ros(
        "robot",
        Path.of("rig.yaml"),
        10,
        Map.of("front", "/front/image_raw/compressed", "lidar", "/points"),
        List.of(),
        Map.of(),
        "",
        "",
        "",
        100,
        13.9,
        true,
        5,
        new GraphNode.Ros.Calibration("base_link", waitS));
  }

  private Rig read(double waitS) {
    GraphNode.Ros topics = topics(waitS);
    GraphNode.Ros.Calibration wanted = topics.calibration();
    assertNotNull(wanted);
    return TopicCalibration.read(node, topics, wanted, PLAN);
  }

  private static TransformStamped still(String parent, String child, Pose p) {
    return new TransformStamped(
        new Header(Stamps.time(0), parent),
        child,
        new Transform(
            new Vector3(p.x(), p.y(), p.z()), new Quaternion(p.qx(), p.qy(), p.qz(), p.qw())));
  }

  private void publishTransforms() {
    QosProfile latched = QosProfile.DEFAULT.keepLast(1).transientLocal();
    robot
        .createPublisher(TFMessage.TYPE, "/tf_static", latched)
        .publish(
            new TFMessage(
                List.of(
                    still("base_link", "mast", MAST),
                    still("mast", "front_optical", OPTICAL),
                    still("mast", "velodyne", Pose.of(0, 0, 0.3, 0, 0, 0)))));
  }

  private static CameraInfo info() {
    CameraInfo info = CameraInfo.defaults();
    return new CameraInfo(
        new Header(Stamps.time(0), "front_optical"),
        48,
        64,
        "plumb_bob",
        new double[] {-0.2, 0.05, 0, 0, 0},
        new double[] {50, 0, 32, 0, 51, 24, 0, 0, 1},
        new double[] {1, 0, 0, 0, 1, 0, 0, 0, 1},
        new double[] {40, 0, 31, 0, 0, 41, 23, 0, 0, 0, 1, 0},
        info.binningX(),
        info.binningY(),
        info.roi());
  }

  private List<AutoCloseable> publishSensors() {
    MessagePublisher<CameraInfo> infos =
        robot.createPublisher(CameraInfo.TYPE, "/front/camera_info", QosProfile.SENSOR_DATA);
    MessagePublisher<PointCloud2> clouds =
        robot.createPublisher(PointCloud2.TYPE, "/points", QosProfile.SENSOR_DATA);
    PointCloud2 cloud = PointCloud2.defaults().withHeader(new Header(Stamps.time(1), "velodyne"));
    List<AutoCloseable> open = new ArrayList<>();
    open.add(
        robot.createWallTimer(
            Duration.ofMillis(20),
            () -> {
              infos.publish(info());
              clouds.publish(cloud);
            }));
    return open;
  }

  @Test
  void theRigIsWhatTheRobotPublishes() throws Exception {
    publishTransforms();
    List<AutoCloseable> open = publishSensors();
    Rig rig = read(60);
    for (AutoCloseable each : open) {
      each.close();
    }
    CameraModel front = rig.cameras().get(0);
    assertEquals(64, front.widthPx());
    assertEquals(48, front.heightPx());
    assertEquals(40, front.fxPx(), "the pinhole is P");
    assertEquals(23, front.cyPx());
    assertEquals(51, rig.lenses().get("front").fyPx(), "the lens is K");
    double[] ahead = MAST.apply(1, 0, 0);
    double[] seen = front.baseFromOptical().apply(0, 0, 1);
    for (int i = 0; i < 3; i++) {
      assertEquals(ahead[i], seen[i], 1e-12, "the optical axis looks along the mast's x");
    }
    LidarModel lidar = rig.lidar();
    assertNotNull(lidar);
    assertEquals(2.3, lidar.baseFromLidar().z(), 1e-12);
    assertEquals(900, lidar.columns(), "as the file says");
  }

  @Test
  void whatIsMissingIsNamedInOneLine() throws Exception {
    String nothing = message(assertThrows(BadInput.class, () -> read(0.1)));
    assertEquals(
        "calibration from topics: after 0.1 s still wanted: camera_info on topic"
            + " /front/camera_info; a cloud on topic /points",
        nothing);
    List<AutoCloseable> open = publishSensors();
    String line = message(assertThrows(BadInput.class, () -> read(3)));
    for (AutoCloseable each : open) {
      each.close();
    }
    assertTrue(
        line.contains("where front stands (frame 'front_optical' in 'base_link'): frame"), line);
    assertTrue(line.contains("where lidar stands (frame 'velodyne' in 'base_link')"), line);
    assertEquals(1, line.lines().count(), line);
  }

  private static String message(BadInput fault) {
    return String.valueOf(fault.getMessage());
  }

  @Test
  void whatCannotBeUsedIsRefused() {
    double[] turned = {0, -1, 0, 1, 0, 0, 0, 0, 1};
    RegionOfInterest part = RegionOfInterest.defaults().withWidth(32).withHeight(24);
    for (CameraInfo bad :
        List.of(
            info().withK(new double[9]),
            info().withR(turned),
            info().withBinningX(2),
            info().withRoi(part),
            info().withDistortionModel("bent"),
            info().withWidth(-1))) {
      String line =
          message(
              assertThrows(BadInput.class, () -> TopicCalibration.calibration("/x", "front", bad)));
      assertTrue(line.startsWith("topic /x (front): camera_info "), line);
      assertEquals(1, line.lines().count(), line);
    }
    CameraInfo plain = info().withR(new double[9]).withP(new double[12]).withD(new double[0]);
    assertTrue(TopicCalibration.calibration("/x", "front", plain).isIdeal(), "K is the pinhole");
  }
}
