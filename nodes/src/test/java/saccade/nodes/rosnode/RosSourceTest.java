package saccade.nodes.rosnode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.kernels.image.PixelFormat;
import saccade.msg.nav_msgs.Odometry;
import saccade.msg.rosgraph_msgs.Clock;
import saccade.msg.sensor_msgs.CompressedImage;
import saccade.msg.sensor_msgs.Image;
import saccade.msg.sensor_msgs.Imu;
import saccade.msg.sensor_msgs.NavSatFix;
import saccade.msg.sensor_msgs.PointCloud2;
import saccade.msg.sensor_msgs.PointField;
import saccade.msg.std_msgs.Header;
import saccade.nodes.graph.GraphNode;
import saccade.nodes.node.MessagePublisher;
import saccade.nodes.node.Node;
import saccade.nodes.node.Stamps;
import saccade.nodes.ros.Publisher;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.sensor.EgoFusion;
import saccade.nodes.sensor.EgoState;
import saccade.nodes.sensor.SensorClock;
import saccade.nodes.sensor.SensorInlets;
import saccade.nodes.zenoh.ZenohConfig;
import saccade.nodes.zenoh.rmw.ZenohTransport;
import saccade.planner.EgoSource;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.ledger.DropReason;
import saccade.realtime.ring.Doorbell;
import saccade.realtime.ring.FrameView;

/** Real messages through a real transport within one process, into real slots. */
class RosSourceTest {
  private static final int W = 6;
  private static final int H = 4;
  private final List<String> lines = new ArrayList<>();
  private final Arena arena = Arena.ofShared();
  private ZenohTransport transport;
  private Node node;
  private Node robot;
  private SensorInlets inlets;
  private RosSource source;

  @BeforeEach
  void open() {
    transport = ZenohTransport.open(ZenohConfig.peer(), 5);
    robot = Node.create(transport, "robot", "", options());
  }

  @AfterEach
  void close() {
    if (source != null) {
      source.close();
    }
    transport.close();
    arena.close();
  }

  private Node.Options options(String... arguments) {
    return Node.Options.DEFAULT
        .withConsole(
            line -> {
              synchronized (lines) {
                lines.add(line);
              }
            })
        .withArguments(List.of(arguments));
  }

  private void start(int places, String... arguments) {
    Pose pose = Pose.of(1, 0, 1, 0, 0, 0);
    Rig rig =
        new Rig(
            List.of(
                CameraModel.ofHorizontalFov("front", W, H, 1, pose),
                CameraModel.ofHorizontalFov("rear", W, H, 1, pose)),
            new LidarModel("lidar", pose, 2, 8, -0.4, 0.2, 80));
    GraphNode.Ros topics =
        new GraphNode.Ros(
            "robot",
            Path.of("rig.yaml"),
            10,
            Map.of("front", "/front", "rear", "/rear/compressed", "lidar", "/points"),
            List.of(),
            Map.of(),
            "/odom",
            "/imu",
            "/fix",
            100,
            13.9,
            true,
            5,
            null);
    node = Node.create(transport, "n", "", options(arguments));
    source =
        new RosSource(node, topics, rig, places, new StampMap(node.clock(), NanoClock.system()));
    inlets = new SensorInlets(arena, source.rig(), 4, NanoClock.system(), new Doorbell());
    source.start(inlets);
  }

  private static void await(String what, BooleanSupplier holds) throws InterruptedException {
    long end = System.nanoTime() + 60_000_000_000L;
    while (!holds.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "in 60 s never: " + what);
      Thread.sleep(5);
    }
  }

  private boolean said(String part) {
    synchronized (lines) {
      return lines.stream().anyMatch(line -> line.contains(part));
    }
  }

  private static Header header() {
    java.time.Instant now = java.time.Instant.now();
    return new Header(
        Stamps.time(now.getEpochSecond() * 1_000_000_000L + now.getNano() - 20_000_000L), "x");
  }

  private static Image image(PixelFormat format, int padding, byte[] data) {
    return new Image(
        header(), H, W, format.rosEncoding(), 0, (int) format.rowBytes(W) + padding, data);
  }

  /** A picture whose every pixel is one colour; B, G, R. */
  private static byte[] plain(PixelFormat format, int padding, int b, int g, int r) {
    int step = (int) format.rowBytes(W) + padding;
    byte[] data = new byte[(int) (step * PictureCopy.rows(format, H))];
    int y = (int) Math.round(16 + 0.257 * r + 0.504 * g + 0.098 * b);
    int u = (int) Math.round(128 - 0.148 * r - 0.291 * g + 0.439 * b);
    int v = (int) Math.round(128 + 0.439 * r - 0.368 * g - 0.071 * b);
    int[] unit =
        switch (format) {
          case BGR8 -> new int[] {b, g, r};
          case RGB8 -> new int[] {r, g, b};
          case BGRA8 -> new int[] {b, g, r, 77};
          case RGBA8 -> new int[] {r, g, b, 77};
          case MONO8, NV12 -> new int[] {format == PixelFormat.NV12 ? y : g};
          case UYVY -> new int[] {u, y, v, y};
          case YUYV -> new int[] {y, u, y, v};
        };
    for (int row = 0; row < PictureCopy.rows(format, H); row++) {
      for (int i = 0; i < format.rowBytes(W); i++) {
        int value = row >= H ? (i % 2 == 0 ? u : v) : unit[i % unit.length];
        data[row * step + i] = (byte) value;
      }
    }
    return data;
  }

  private FrameView take(int sensor) throws InterruptedException {
    FrameView view = new FrameView();
    await(
        "a frame of " + inlets.name(sensor) + "; said " + lines,
        () -> inlets.ring(sensor).takeNewest(view, inlets.clock().nanoTime()));
    return view;
  }

  @Test
  void everyEncodingArrivesWithTheSameColours() throws Exception {
    start(2);
    MessagePublisher<Image> images =
        robot.createPublisher(Image.TYPE, "/front", QosProfile.DEFAULT);
    await("matched", () -> images.matchedSubscriptions() == 1);
    for (PixelFormat format : PixelFormat.values()) {
      for (int padding : new int[] {0, 5}) {
        boolean grey = format == PixelFormat.MONO8;
        images.publish(
            image(format, padding, plain(format, padding, grey ? 90 : 200, 90, grey ? 90 : 30)));
        FrameView view = take(0);
        long age = inlets.clock().nanoTime() - view.captureNs();
        assertTrue(age >= 20_000_000L && age < 5_000_000_000L, "age by the stamp: " + age);
        boolean rgb = view.format() == SensorInlets.RGB8;
        assertTrue(rgb || view.format() == SensorInlets.BGR8);
        assertEquals(3 * W * H, view.byteLength());
        for (int i = 0; i < W * H; i++) {
          int first = view.payload().get(ValueLayout.JAVA_BYTE, 3L * i) & 0xff;
          int green = view.payload().get(ValueLayout.JAVA_BYTE, 3L * i + 1) & 0xff;
          int last = view.payload().get(ValueLayout.JAVA_BYTE, 3L * i + 2) & 0xff;
          String at = format + " padding " + padding + " pixel " + i;
          assertEquals(grey ? 90 : rgb ? 30 : 200, first, 3, at);
          assertEquals(90, green, 3, at);
          assertEquals(grey ? 90 : rgb ? 200 : 30, last, 3, at);
        }
        view.release();
      }
    }
    assertEquals(0, source.inputs().get(0).faultCount());
    List<SensorClock> clocks = source.clocks();
    assertEquals(List.of("front"), clocks.stream().map(SensorClock::sensor).toList());
    SensorClock clock = clocks.get(0);
    assertEquals(2L * PixelFormat.values().length, clock.samples());
    // Stamped 20 ms before they are sent: what a slow link, or a clock behind ours, looks like.
    assertTrue(clock.offsetNs() >= 20_000_000L, clock.line());
  }

  @Test
  void badPicturesAreOneLineAndACountedDropAndTheRestGoesOn() throws Exception {
    start(2);
    MessagePublisher<Image> images =
        robot.createPublisher(Image.TYPE, "/front", QosProfile.DEFAULT);
    await("matched", () -> images.matchedSubscriptions() == 1);
    byte[] good = plain(PixelFormat.RGB8, 0, 1, 2, 3);
    images.publish(image(PixelFormat.RGB8, 0, good).withStep(3 * W + 1));
    await(
        "step",
        () ->
            said(
                "topic /front (front): rgb8 of 6x4 with step 19 x 4 rows = 76 bytes, data of 72 bytes"));
    images.publish(image(PixelFormat.RGB8, 0, good).withEncoding("bayer_rggb8"));
    await("encoding", () -> said("topic /front (front): encoding 'bayer_rggb8': wanted one of"));
    images.publish(image(PixelFormat.RGB8, 0, good).withWidth(W / 2).withHeight(2 * H));
    await("size", () -> said("picture of 3x8: wanted 6x4"));
    images.publish(image(PixelFormat.RGB8, 0, good));
    take(0).release();
    try (Arena own = Arena.ofConfined()) {
      MemorySegment torn = own.allocate(20);
      torn.set(ValueLayout.JAVA_BYTE, 1, (byte) 1);
      torn.set(ValueLayout.JAVA_BYTE, 16, (byte) 99);
      images.publish(torn, 20);
    }
    await("torn", () -> source.inputs().get(0).faultCount() == 4);
    assertEquals(4, inlets.ring(0).ledger().dropped(DropReason.UNREADABLE));
    assertEquals(5, inlets.ring(0).ledger().offered());
    assertEquals(5, source.framesIn());
    images.publish(image(PixelFormat.RGB8, 0, good));
    take(0).release();
  }

  private static PointCloud2 cloud(
      boolean big, int height, int gap, int type, float[][] points, String intensity) {
    int size = type == 8 ? 8 : 4;
    int step = 4 * size + 6;
    int width = points.length / height;
    ByteBuffer data =
        ByteBuffer.allocate((step * width + gap) * height)
            .order(big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < points.length; i++) {
      int at = i / width * (step * width + gap) + i % width * step + 2;
      for (int c = 0; c < 4; c++) {
        if (type == 8) {
          data.putDouble(at + c * size, points[i][c]);
        } else {
          data.putFloat(at + c * size, points[i][c]);
        }
      }
    }
    String[] names = {"x", "y", "z", intensity};
    List<PointField> fields = new ArrayList<>();
    for (int c = 3; c >= 0; c--) {
      fields.add(new PointField(names[c], 2 + c * size, type, 1));
    }
    return new PointCloud2(
        header(), height, width, fields, big, step, step * width + gap, data.array(), false);
  }

  @Test
  void cloudsOfAnyLayoutWithoutTheirHoles() throws Exception {
    start(2);
    MessagePublisher<PointCloud2> clouds =
        robot.createPublisher(PointCloud2.TYPE, "/points", QosProfile.DEFAULT);
    await("matched", () -> clouds.matchedSubscriptions() == 1);
    float[][] points = {
      {1, 2, 3, 50},
      {Float.NaN, 0, 0, 1},
      {0, 0, 0, 0},
      {-4, 5.5f, 0.25f, Float.NaN},
      {7, Float.POSITIVE_INFINITY, 0, 1},
      {9, 9, 9, 100}
    };
    for (boolean big : new boolean[] {false, true}) {
      for (int type : new int[] {7, 8}) {
        for (int height : new int[] {1, 2}) {
          clouds.publish(cloud(big, height, 3, type, points, "intensity"));
          FrameView view = take(2);
          String at = "big " + big + " type " + type + " height " + height;
          assertEquals(3 * SensorInlets.POINT_BYTES, view.byteLength(), at);
          var f32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
          assertEquals(1, view.payload().get(f32, 0), at);
          assertEquals(0.5, view.payload().get(f32, 12), 1e-6, at);
          assertEquals(-4, view.payload().get(f32, 16), at);
          assertEquals(0, view.payload().get(f32, 28), at);
          assertEquals(1, view.payload().get(f32, 44), 1e-6, at);
          view.release();
        }
      }
    }
    float[][] many = new float[40][];
    for (int i = 0; i < many.length; i++) {
      many[i] = new float[] {i + 1, 0, 0, 0};
    }
    clouds.publish(cloud(false, 1, 0, 7, many, "ring"));
    FrameView view = take(2);
    assertEquals(14, view.width(), "40 points, room for 16: every third");
    view.release();
    assertTrue(said("clouds of 40 points, the rig's beams x columns give room for fewer"));
  }

  @Test
  void badCloudsNameTopicAndValues() throws Exception {
    start(2);
    MessagePublisher<PointCloud2> clouds =
        robot.createPublisher(PointCloud2.TYPE, "/points", QosProfile.DEFAULT);
    await("matched", () -> clouds.matchedSubscriptions() == 1);
    PointCloud2 good = cloud(false, 1, 0, 7, new float[][] {{1, 2, 3, 4}}, "intensity");
    clouds.publish(good.withPointStep(10));
    await(
        "fields",
        () ->
            said("topic /points (lidar): field x of datatype 7 at offset 2")
                || said("does not fit a point_step of 10"));
    clouds.publish(good.withRowStep(7));
    await(
        "row_step",
        () -> said("point_step 22 x width 1 = 22, row_step 7, height 1, data of 22 bytes"));
    clouds.publish(good.withFields(good.fields().subList(0, 2)));
    await("no x", () -> said("found no x"));
    assertEquals(3, inlets.ring(2).ledger().dropped(DropReason.UNREADABLE));
    clouds.publish(good);
    take(2).release();
  }

  private static byte[] coded(String format, int red) throws Exception {
    var picture = new java.awt.image.BufferedImage(W, H, java.awt.image.BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < H; y++) {
      for (int x = 0; x < W; x++) {
        picture.setRGB(x, y, red << 16 | 0x4020);
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(picture, format, out);
    return out.toByteArray();
  }

  @Test
  void compressedPicturesAreDecoded() throws Exception {
    start(2);
    MessagePublisher<CompressedImage> images =
        robot.createPublisher(CompressedImage.TYPE, "/rear/compressed", QosProfile.DEFAULT);
    await("matched", () -> images.matchedSubscriptions() == 1);
    for (String format : List.of("png", "rgb8; jpeg compressed bgr8", "png")) {
      byte[] data = coded(format.contains("jpeg") ? "jpeg" : "png", 200);
      images.publish(new CompressedImage(header(), format, data));
      FrameView view = take(1);
      assertEquals(0x20, view.payload().get(ValueLayout.JAVA_BYTE, 0) & 0xff, 6, format);
      assertEquals(0x40, view.payload().get(ValueLayout.JAVA_BYTE, 1) & 0xff, 6, format);
      assertEquals(
          200, view.payload().get(ValueLayout.JAVA_BYTE, 3L * W * H - 1) & 0xff, 6, format);
      view.release();
    }
    byte[] whole = coded("jpeg", 1);
    images.publish(
        new CompressedImage(header(), "jpeg", java.util.Arrays.copyOf(whole, whole.length - 9)));
    await("torn", () -> said("wanted a whole JPEG picture"));
    images.publish(new CompressedImage(header(), "webp", whole));
    await("format", () -> said("topic /rear/compressed (rear): format 'webp': wanted jpeg, png"));
    await("counted", () -> inlets.ring(1).ledger().dropped(DropReason.UNREADABLE) == 2);
    images.publish(new CompressedImage(header(), "jpeg", whole));
    take(1).release();
  }

  @Test
  void egoMotionFromOdometryImuAndFixes() throws Exception {
    start(2);
    MessagePublisher<Odometry> odometry =
        robot.createPublisher(Odometry.TYPE, "/odom", QosProfile.DEFAULT);
    MessagePublisher<Imu> imu = robot.createPublisher(Imu.TYPE, "/imu", QosProfile.DEFAULT);
    MessagePublisher<NavSatFix> fix =
        robot.createPublisher(NavSatFix.TYPE, "/fix", QosProfile.DEFAULT);
    await(
        "matched",
        () ->
            odometry.matchedSubscriptions()
                    + imu.matchedSubscriptions()
                    + fix.matchedSubscriptions()
                == 3);
    Odometry moving = Odometry.defaults().withHeader(header());
    var twist = moving.twist().twist();
    odometry.publish(
        moving.withTwist(moving.twist().withTwist(twist.withLinear(twist.linear().withX(7.5)))));
    Imu turning = Imu.defaults().withHeader(header());
    imu.publish(
        turning
            .withAngularVelocity(turning.angularVelocity().withZ(0.25))
            .withLinearAcceleration(turning.linearAcceleration().withX(-1.5)));
    await("ego", () -> inlets.ego().latest().accelMps2() == -1.5);
    EgoState ego = inlets.ego().latest();
    assertEquals(7.5, ego.speedMps());
    assertEquals(0.25, ego.yawRateRps());
    assertEquals(13.9, ego.setSpeedMps());
    assertEquals(EgoSource.FUSED, ego.source());
    node.parameters().set(RosSource.SET_SPEED, saccade.nodes.node.ParameterValue.of(5.0));
    odometry.publish(
        moving.withTwist(
            moving.twist().withTwist(twist.withLinear(twist.linear().withX(Double.NaN)))));
    await("bad", () -> said("odometry: twist.linear.x = NaN"));
    odometry.publish(moving.withHeader(header()).withTwist(moving.twist().withTwist(twist)));
    await("set speed", () -> inlets.ego().latest().setSpeedMps() == 5.0);
    assertEquals(0, inlets.ego().latest().speedMps());
    fix.publish(fixed(header()).withLongitude(200));
    await("bad fix", () -> said("fix: longitude = 200.0"));
    Publisher torn =
        robot
            .rosNode()
            .createPublisher("/imu", Imu.TYPE.rosName(), Imu.TYPE.typeHash(), QosProfile.DEFAULT);
    await("matched", () -> torn.matchedSubscriptions() == 1);
    MemorySegment short9 = arena.allocate(9);
    short9.set(ValueLayout.JAVA_BYTE, 1, (byte) 1);
    torn.publish(short9, 9);
    await("torn", () -> said("/imu: 1 lost (1 so far): "));
    assertFalse(said("RosFault"), "a class name tells nobody anything");
    assertEquals(1, unreadable("imu"));
    assertEquals(1, unreadable("wheels"), "the NaN above");
  }

  private long unreadable(String sensor) {
    return inlets.fusion().ledgers().stream()
        .filter(ledger -> ledger.boundary().equals(sensor))
        .mapToLong(ledger -> ledger.dropped(DropReason.UNREADABLE))
        .sum();
  }

  private static NavSatFix fixed(Header header) {
    NavSatFix none = NavSatFix.defaults();
    return none.withHeader(header)
        .withStatus(none.status().withStatus(0))
        .withLatitude(48)
        .withLongitude(9);
  }

  @Test
  void withoutOdometrySpeedComesFromFixes() throws Exception {
    List<EgoState> states = new ArrayList<>();
    Node other = Node.create(transport, "fixes", "", options());
    StampMap stamps = new StampMap(other.clock(), NanoClock.system());
    EgoInput ego = new EgoInput(other, stamps, "", "", "/fix", QosProfile.DEFAULT, () -> 10.0);
    saccade.nodes.sensor.EgoInlet inlet = new saccade.nodes.sensor.EgoInlet();
    ego.start(new EgoFusion(inlet));
    MessagePublisher<NavSatFix> fix =
        robot.createPublisher(NavSatFix.TYPE, "/fix", QosProfile.DEFAULT);
    await("matched", () -> fix.matchedSubscriptions() == 1);
    long nowNs = Stamps.ns(header().stamp());
    NavSatFix first = fixed(new Header(Stamps.time(nowNs - 1_000_000_000L), "gps"));
    fix.publish(first.withStatus(first.status().withStatus(-1)).withLatitude(10)); // no fix
    fix.publish(first);
    fix.publish(first.withHeader(new Header(Stamps.time(nowNs), "gps")).withLatitude(48.0001));
    await(
        "speed",
        () -> {
          states.add(inlet.latest());
          return Math.abs(states.getLast().speedMps() - 11.12) < 0.05;
        });
    ego.close();
  }

  @Test
  void simulatedTimeWithoutAClockIsSaidAndWithOneAgesAreRight() throws Exception {
    start(2, "--ros-args", "-p", "use_sim_time:=true");
    MessagePublisher<Image> images =
        robot.createPublisher(Image.TYPE, "/front", QosProfile.DEFAULT);
    MessagePublisher<Clock> clock = robot.createPublisher(Clock.TYPE, "/clock", QosProfile.DEFAULT);
    await("matched", () -> images.matchedSubscriptions() + clock.matchedSubscriptions() == 2);
    Image image =
        image(PixelFormat.RGB8, 0, plain(PixelFormat.RGB8, 0, 1, 2, 3))
            .withHeader(new Header(Stamps.time(10_000_000_000L), "x"));
    images.publish(image);
    await("said", () -> said("use_sim_time is true and nothing came on /clock yet"));
    long before = inlets.clock().nanoTime();
    clock.publish(new Clock(Stamps.time(10_000_000_000L)));
    long after = inlets.clock().nanoTime();
    Thread.sleep(50);
    images.publish(image);
    FrameView view = take(0);
    assertTrue(view.captureNs() >= before && view.captureNs() <= after + 5_000_000_000L);
    assertTrue(
        view.captureNs() <= inlets.clock().nanoTime() - 50_000_000L, "the tick, not arrival");
    view.release();
    assertFalse(inlets.isBehindSeam(inlets.clock().nanoTime()), "the clock has only begun");
    clock.publish(new Clock(Stamps.time(9_000_000_000L)));
    await("the log begins again", () -> inlets.isBehindSeam(inlets.clock().nanoTime()));
  }

  @Test
  void camerasWithoutAPlaceInTheModelAreLookedAtOnly() throws Exception {
    start(1);
    assertEquals(List.of("rear"), source.spare());
    assertEquals(1, source.rig().cameras().size());
    assertEquals(List.of("front", "lidar"), inlets.names());
    MessagePublisher<CompressedImage> images =
        robot.createPublisher(CompressedImage.TYPE, "/rear/compressed", QosProfile.DEFAULT);
    await("matched", () -> images.matchedSubscriptions() == 1);
    images.publish(new CompressedImage(header(), "png", coded("png", 1)));
    await("seen", () -> source.inputs().get(1).receivedCount() == 1);
    MessagePublisher<PointCloud2> clouds =
        robot.createPublisher(PointCloud2.TYPE, "/points", QosProfile.DEFAULT);
    await("matched", () -> clouds.matchedSubscriptions() == 1);
    clouds.publish(cloud(false, 1, 0, 7, new float[][] {{1, 2, 3, 4}}, "intensity"));
    take(1).release();
    assertEquals(1, source.framesIn());
    assertFalse(source.ended());
  }

  @Test
  void anotherTypeOnTheTopicAndQosThatDoesNotFitAreSaid() throws Exception {
    start(2);
    robot.createPublisher(Image.TYPE, "/points", QosProfile.DEFAULT); // another key: never matched
    robot.createPublisher(Image.TYPE, "/front", QosProfile.DEFAULT.bestEffort());
    await("qos", () -> said("subscription of /front: a peer's RELIABILITY does not fit ours"));
    await("type", () -> said("topic /points: expected type sensor_msgs/msg/PointCloud2"));
  }
}
