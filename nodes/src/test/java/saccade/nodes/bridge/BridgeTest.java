package saccade.nodes.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import saccade.msg.ackermann_msgs.AckermannDriveStamped;
import saccade.msg.autoware_common_msgs.ResponseStatus;
import saccade.msg.autoware_control_msgs.Control;
import saccade.msg.autoware_planning_msgs.Trajectory;
import saccade.msg.carla_msgs.CarlaEgoVehicleControl;
import saccade.msg.carla_msgs.CarlaEgoVehicleInfo;
import saccade.msg.carla_msgs.CarlaEgoVehicleInfoWheel;
import saccade.msg.carla_msgs.CarlaEgoVehicleStatus;
import saccade.msg.diagnostic_msgs.DiagnosticArray;
import saccade.msg.diagnostic_msgs.DiagnosticStatus;
import saccade.msg.geometry_msgs.Twist;
import saccade.msg.geometry_msgs.Vector3;
import saccade.msg.nav2_msgs.CollisionMonitorState;
import saccade.msg.nav2_msgs.SpeedLimit;
import saccade.msg.tier4_system_msgs.OperateMrm;
import saccade.nodes.cdr.MessageType;
import saccade.nodes.cli.BadInput;
import saccade.nodes.graph.BridgeSpec;
import saccade.nodes.graph.GraphFile;
import saccade.nodes.graph.YamlFields;
import saccade.nodes.ros.NodeOptions;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosNode;
import saccade.nodes.zenoh.ZenohConfig;
import saccade.nodes.zenoh.rmw.ZenohTransport;
import saccade.planner.ExpiryProfile.Phase;
import saccade.planner.Maneuver;
import saccade.realtime.clock.NanoClock;

/** Bridges on one Zenoh session, the stack they talk to on another. */
class BridgeTest {
  /** Quick to expire, so that a test need not wait. */
  private static final String QUICK =
      "maxAgeMs: 200\nexpiry: {startMs: 60000, holdMs: 50, stopDecelMps2: 3, rampJerkMps3: 60}\n";

  private ZenohTransport one;
  private ZenohTransport two;
  private RosNode node;
  private RosNode stack;
  private long seq;

  @BeforeEach
  void open() {
    one = ZenohTransport.open(ZenohConfig.peer(), 7);
    two = ZenohTransport.open(ZenohConfig.peer(one.session().listening().get(0).toString()), 7);
    node = one.createNode("saccade", "", NodeOptions.DEFAULT);
    stack = two.createNode("stack", "", NodeOptions.DEFAULT);
  }

  @AfterEach
  void close() {
    two.close();
    one.close();
  }

  private static List<BridgeSpec> specs(String yaml) {
    return BridgeSpec.all(YamlFields.parse("test.yaml", yaml));
  }

  private static String entry(String name, String keys) {
    return name + ":\n" + keys.indent(2);
  }

  private <T> List<T> hear(String topic, MessageType<T> type) {
    List<T> heard = new CopyOnWriteArrayList<>();
    new Wire.In<>(stack, topic, type, QosProfile.DEFAULT, heard::add);
    return heard;
  }

  private static void await(String what, BooleanSupplier holds) throws InterruptedException {
    long end = System.nanoTime() + 60_000_000_000L;
    while (!holds.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "in 60 s never: " + what);
      Thread.sleep(5);
    }
  }

  private Bridges start(String yaml) {
    return start(yaml, () -> true);
  }

  private Bridges start(String yaml, BooleanSupplier active) {
    return Bridges.start(
        specs(yaml),
        node,
        NanoClock.system(),
        () -> System.currentTimeMillis() * 1_000_000L,
        active);
  }

  /** Messages at 20 Hz for a while. */
  private void feed(
      Bridges bridges, int messages, Maneuver maneuver, double accel, double curvature)
      throws InterruptedException {
    for (int i = 0; i < messages; i++) {
      for (Bridge bridge : bridges.all()) {
        bridge.offer(
            TestMessages.fresh(seq, System.nanoTime(), maneuver, accel, curvature, Double.NaN));
      }
      seq++;
      Thread.sleep(50);
    }
  }

  private static <T> T last(List<T> all) {
    return all.get(all.size() - 1);
  }

  @Test
  void ackermannFollowsThenStopsByItselfWhenMessagesStopAndSaysWhy() throws Exception {
    List<AckermannDriveStamped> drives = hear("ackermann_cmd", AckermannDriveStamped.TYPE);
    List<DiagnosticArray> told = hear("/diagnostics", DiagnosticArray.TYPE);
    try (Bridges bridges = start(entry("car", "type: ackermann\nrateHz: 100\n" + QUICK))) {
      await("commands", () -> drives.size() > 5);
      assertEquals(0, last(drives).drive().speed());
      feed(bridges, 12, Maneuver.ACCELERATE, 2, 0.05);
      assertEquals(Phase.FOLLOWING, bridges.all().get(0).phase());
      double speed = last(drives).drive().speed();
      assertTrue(speed > 0.3 && speed < 4, "after at least 0.6 s of 2 m/s^2: " + speed);
      assertEquals(Math.atan(2.8 * 0.05), last(drives).drive().steeringAngle(), 1e-3);
      assertEquals("base_link", last(drives).header().frameId());
      // Nothing more comes: it goes on by itself, slows down and stands.
      int before = drives.size();
      await("latched", () -> bridges.all().get(0).phase() == Phase.STOPPED);
      await("stands", () -> last(drives).drive().speed() == 0);
      List<AckermannDriveStamped> since = drives.stream().skip(before).toList();
      assertTrue(since.size() > 40, "went on publishing: " + since.size());
      await("told", () -> status(told).message().startsWith("stopped and latched"));
      assertEquals(DiagnosticStatus.ERROR, status(told).level());
      assertEquals("/saccade: bridge car", status(told).name());
      assertEquals("12", value(told, "messages accepted"));
      // The first message after that does not move it.
      feed(bridges, 1, Maneuver.ACCELERATE, 2, 0);
      assertEquals(0, last(drives).drive().speed());
      feed(bridges, 16, Maneuver.ACCELERATE, 2, 0);
      assertTrue(last(drives).drive().speed() > 0, "re-engaged by three in a row");
    }
    await("says stop when it leaves", () -> last(drives).drive().acceleration() == -3);
    assertEquals(0, last(drives).drive().speed());
  }

  @Test
  void anInactiveNodeSaysOneStopAndIsSilentUntilItIsActiveAgain() throws Exception {
    List<AckermannDriveStamped> drives = hear("ackermann_cmd", AckermannDriveStamped.TYPE);
    AtomicBoolean active = new AtomicBoolean();
    try (Bridges bridges =
        start(entry("car", "type: ackermann\nrateHz: 100\n" + QUICK), active::get)) {
      feed(bridges, 6, Maneuver.ACCELERATE, 2, 0);
      assertEquals(List.of(), drives, "never activated");
      active.set(true);
      await("drives", () -> !drives.isEmpty());
      feed(bridges, 6, Maneuver.ACCELERATE, 2, 0);
      assertTrue(last(drives).drive().speed() > 0);
      active.set(false);
      await("one stop", () -> last(drives).drive().acceleration() == -3);
      assertEquals(0, last(drives).drive().speed());
      int said = drives.size();
      feed(bridges, 6, Maneuver.ACCELERATE, 2, 0);
      assertEquals(said, drives.size(), "silent");
      active.set(true);
      await("drives again", () -> drives.size() > said);
    }
  }

  private static DiagnosticStatus status(List<DiagnosticArray> told) {
    return last(told).status().get(0);
  }

  private static String value(List<DiagnosticArray> told, String key) {
    return status(told).values().stream()
        .filter(each -> each.key().equals(key))
        .findFirst()
        .orElseThrow()
        .value();
  }

  @Test
  void nav2TwistsPassAreCappedAndStopForAnObject() throws Exception {
    List<Twist> out = hear("cmd_vel", Twist.TYPE);
    List<SpeedLimit> limits = hear("speed_limit", SpeedLimit.TYPE);
    List<CollisionMonitorState> states =
        hear("collision_monitor_state", CollisionMonitorState.TYPE);
    String yaml =
        entry(
            "nav2",
            "type: nav2\nrateHz: 50\nreleaseMps2: 5\nvehicle: {maxSpeedMps: 1}\nidleMs: 300\n"
                + QUICK);
    try (Bridges bridges = start(yaml);
        Wire.Out<Twist> nav =
            new Wire.Out<>(stack, "cmd_vel_nav", Twist.TYPE, QosProfile.DEFAULT)) {
      await("a limit before anything else", () -> !limits.isEmpty());
      // Nav2 takes 0 for "no limit", so a stop is a very small one.
      assertEquals(0.01, limits.get(0).speedLimit());
      assertTrue(out.isEmpty(), "no twist came, none goes out");
      Twist wanted = new Twist(new Vector3(0.4, 0, 0), new Vector3(0, 0, 0.2));
      for (int i = 0; i < 5; i++) {
        nav.send(wanted);
        Thread.sleep(40);
      }
      await("held back", () -> !out.isEmpty());
      assertEquals(0, last(out).linear().x(), "nothing known yet");
      for (int i = 0; i < 10; i++) {
        nav.send(wanted);
        feed(bridges, 1, Maneuver.KEEP, 0, 0);
      }
      assertEquals(0.4, last(out).linear().x());
      assertEquals(0.2, last(out).angular().z());
      await("no limit said", () -> last(limits).speedLimit() == 0);
      await("free", () -> last(states).actionType() == CollisionMonitorState.DO_NOTHING);
      // Somebody 0.3 m ahead.
      for (int i = 0; i < 5; i++) {
        nav.send(wanted);
        bridges
            .all()
            .get(0)
            .offer(TestMessages.fresh(seq++, System.nanoTime(), Maneuver.KEEP, 0, 0, 0.3));
        Thread.sleep(40);
      }
      assertEquals(0, last(out).linear().x());
      await("stop told", () -> last(states).actionType() == CollisionMonitorState.STOP);
      assertEquals("saccade_collision_stop", last(states).polygonName());
      // Gone, drives again; then messages stop and it comes to rest though Nav2 wants on.
      for (int i = 0; i < 10; i++) {
        nav.send(wanted);
        feed(bridges, 1, Maneuver.KEEP, 0, 0);
      }
      assertEquals(0.4, last(out).linear().x());
      long end = System.nanoTime() + 2_000_000_000L;
      while (System.nanoTime() < end) {
        nav.send(wanted);
        Thread.sleep(40);
      }
      assertEquals(0, last(out).linear().x());
      assertEquals(0, last(out).angular().z());
      // Nav2 is silent, too: after idleMs another source may have the topic.
      Thread.sleep(500);
      int count = out.size();
      Thread.sleep(200);
      assertEquals(count, out.size());
    }
  }

  @Test
  void carlaLearnsItsWheelAnglesAndCorrectsBySpeed() throws Exception {
    List<CarlaEgoVehicleControl> out =
        hear("/carla/hero/vehicle_control_cmd", CarlaEgoVehicleControl.TYPE);
    String yaml = entry("carla", "type: carla\nrole: hero\nrateHz: 100\n" + QUICK);
    try (Wire.Out<CarlaEgoVehicleInfo> info =
            new Wire.Out<>(
                stack,
                "/carla/hero/vehicle_info",
                CarlaEgoVehicleInfo.TYPE,
                QosProfile.DEFAULT.keepLast(1).transientLocal());
        Wire.Out<CarlaEgoVehicleStatus> status =
            new Wire.Out<>(
                stack,
                "/carla/hero/vehicle_status",
                CarlaEgoVehicleStatus.TYPE,
                QosProfile.DEFAULT)) {
      // Published once, before the bridge is there, as carla-ros-bridge does.
      info.send(
          CarlaEgoVehicleInfo.defaults()
              .withWheels(
                  List.of(
                      CarlaEgoVehicleInfoWheel.defaults().withMaxSteerAngle(0.5f),
                      CarlaEgoVehicleInfoWheel.defaults())));
      try (Bridges bridges = start(yaml)) {
        await("commands", () -> out.size() > 5);
        assertEquals(0, last(out).throttle());
        feed(bridges, 10, Maneuver.ACCELERATE, 1.5, -0.05);
        // To the right is positive; half a radian is full.
        assertEquals(Math.atan(2.8 * 0.05) / 0.5, last(out).steer(), 1e-3);
        assertEquals((1.5 + 0.3) / (4.5 + 0.3), last(out).throttle(), 0.02);
        for (int i = 0; i < 8; i++) {
          // It drives 1 m/s; then it is 3 m/s too fast.
          status.send(CarlaEgoVehicleStatus.defaults().withVelocity(i < 2 ? 1f : 4f));
          feed(bridges, 1, Maneuver.KEEP, 0, 0);
        }
        assertEquals(0, last(out).throttle());
        await("brake", () -> last(out).brake() > 0);
        await("latched", () -> bridges.all().get(0).phase() == Phase.STOPPED);
        await("parked", () -> last(out).handBrake());
        assertEquals(0, last(out).throttle());
        assertTrue(last(out).brake() >= 0.3, "brake " + last(out).brake());
      }
      await("brakes when it leaves", () -> !last(out).handBrake());
      assertTrue(last(out).brake() >= 0.3);
    }
  }

  @Test
  void autowareGetsControlTrajectoryAndIsAskedForTheManoeuvre() throws Exception {
    List<Control> controls = hear("/control/trajectory_follower/control_cmd", Control.TYPE);
    List<Trajectory> ways = hear("/planning/trajectory", Trajectory.TYPE);
    List<Boolean> operated = new CopyOnWriteArrayList<>();
    stack.createService(
        "/system/mrm/comfortable_stop/operate",
        OperateMrm.TYPE.rosName(),
        OperateMrm.TYPE.typeHash(),
        QosProfile.SERVICES_DEFAULT,
        (cdr, bytes, reply) -> {
          operated.add(OperateMrm.Request.TYPE.decode(cdr, bytes).operate());
          byte[] answer =
              OperateMrm.Response.TYPE.encode(
                  new OperateMrm.Response(new ResponseStatus(true, 0, "")));
          try (var arena = java.lang.foreign.Arena.ofConfined()) {
            var memory = arena.allocate(answer.length);
            memory.copyFrom(java.lang.foreign.MemorySegment.ofArray(answer));
            reply.send(memory, answer.length);
          }
        });
    String yaml =
        entry(
            "aw",
            "type: autoware\nrateHz: 50\ntrajectory: /planning/trajectory\ntrajectoryPoints: 11\n"
                + "odometry: /localization/kinematic_state\nmrm: comfortable_stop\n"
                + QUICK);
    try (Bridges bridges = start(yaml);
        var odometry =
            new Wire.Out<>(
                stack,
                "/localization/kinematic_state",
                saccade.msg.nav_msgs.Odometry.TYPE,
                QosProfile.DEFAULT)) {
      var at = saccade.msg.nav_msgs.Odometry.defaults();
      // In the map at (100, 50), heading along y, at 5 m/s.
      var state =
          at.withHeader(new saccade.msg.std_msgs.Header(at.header().stamp(), "map"))
              .withPose(
                  at.pose()
                      .withPose(
                          new saccade.msg.geometry_msgs.Pose(
                              new saccade.msg.geometry_msgs.Point(100, 50, 2),
                              new saccade.msg.geometry_msgs.Quaternion(
                                  0, 0, Math.sqrt(0.5), Math.sqrt(0.5)))))
              .withTwist(
                  at.twist().withTwist(new Twist(new Vector3(5, 0, 0), new Vector3(0, 0, 0))));
      for (int i = 0; i < 10; i++) {
        odometry.send(state);
        feed(bridges, 1, Maneuver.KEEP, 0, 0);
      }
      assertEquals(5, last(controls).longitudinal().velocity(), 0.1);
      assertTrue(last(controls).longitudinal().isDefinedAcceleration());
      Trajectory way = last(ways);
      assertEquals("map", way.header().frameId());
      assertEquals(11, way.points().size());
      var end = way.points().get(10);
      // A second at 5 m/s, straight on.
      assertEquals(100, end.pose().position().x(), 1e-6);
      assertEquals(55, end.pose().position().y(), 1e-6);
      assertEquals(2, end.pose().position().z());
      assertEquals(1, end.timeFromStart().sec());
      assertEquals(5, end.longitudinalVelocityMps(), 1e-6);
      assertTrue(operated.isEmpty());
      await("manoeuvre", () -> operated.contains(true));
      await("a stop in the way", () -> last(last(ways).points()).longitudinalVelocityMps() == 0);
      Thread.sleep(200);
      assertEquals(List.of(true), operated, "granted, so asked once");
      feed(bridges, 6, Maneuver.KEEP, 0, 0);
      await("taken back", () -> operated.equals(List.of(true, false)));
    }
  }

  @Test
  void theExampleFileShowsEveryKeyWithItsDefault() {
    List<BridgeSpec> shown = GraphFile.read(Path.of("../launch/bridges.yaml")).bridges();
    List<BridgeSpec> bare =
        specs(
            "nav2: {type: nav2}\nackermann: {type: ackermann}\nautoware: {type: autoware}\n"
                + "carla: {type: carla}\n");
    assertEquals(bare.size(), shown.size());
    for (int i = 0; i < bare.size(); i++) {
      // Angles pass through degrees.
      assertEquals(rounded(bare.get(i)), rounded(shown.get(i)));
    }
  }

  private static String rounded(BridgeSpec spec) {
    return java.util.regex.Pattern.compile("\\d+\\.\\d+")
        .matcher(spec.toString())
        .replaceAll(number -> "%.6f".formatted(Double.parseDouble(number.group())));
  }

  @Test
  void badKeysAreOneLine() {
    for (String[] each :
        new String[][] {
          {"a: {type: mavlink}", "a.type: expected one of nav2, ackermann, autoware, carla"},
          {"a: {type: nav2, in: off}", "a.in: expected a topic (this one cannot be switched off)"},
          {"a: {type: nav2, rateHz: 0}", "a.rateHz: expected a number from 1 to 200, found 0"},
          {
            "a: {type: carla, throttle: 1}",
            "unknown key a.throttle; known here: coastMps2, control,"
          },
          {"a: {type: carla, vehicle: {wheelbaseM: -1}}", "a.vehicle.wheelbaseM: expected"},
          {"a: {type: autoware, mrm: pull_over}", "a.mrm: expected one of none, comfortable_stop"},
          {"a: {type: ackermann, out: 'b c'}", "a.out: expected a topic name, or off"},
          {"a: {type: ackermann, planAccelMps2: [1, 1]}", "a.planAccelMps2: expected the smaller"},
          {"A: {type: nav2}", "A: expected a name of lower-case letters"},
        }) {
      String said = String.valueOf(assertThrows(BadInput.class, () -> specs(each[0])).getMessage());
      assertTrue(said.startsWith("test.yaml: ") && said.contains(each[1]), said);
      assertTrue(said.lines().count() == 1, said);
    }
    String said =
        String.valueOf(
            assertThrows(BadInput.class, () -> start("a: {type: ackermann, out: /b//c}").close())
                .getMessage());
    assertTrue(said.startsWith("bridges.a: topic name '/b//c' is not valid"), said);
  }
}
