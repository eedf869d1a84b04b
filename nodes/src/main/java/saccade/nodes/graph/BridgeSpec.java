package saccade.nodes.graph;

import java.util.ArrayList;
import java.util.List;
import saccade.planner.ActionCodecSpec.Range;
import saccade.planner.ExpiryLimits;
import saccade.planner.command.PedalMap.Pedals;
import saccade.planner.command.TwistGate;
import saccade.planner.command.VehicleLimits;

/**
 * One entry of a graph's {@code bridges:}: to whom commands go, on which topics, within which
 * limits. Topic names are un-expanded; an empty one switches that topic off. Keys, units and
 * defaults: {@code launch/bridges.yaml}.
 */
public sealed interface BridgeSpec {

  /** What every bridge has. */
  Common common();

  /**
   * What every bridge has.
   *
   * @param name of the entry
   * @param rateHz messages a second, whatever comes in
   * @param maxAgeNs oldest capture that is acted on
   * @param speedMaxAgeNs a measured speed older than this is not used
   * @param odometry topic of nav_msgs/Odometry for the measured speed; empty: the graph's own
   * @param diagnosticsHz diagnostics a second, besides one at each change
   * @param vehicle limits and wheelbase
   * @param accel what a plan may ask, m/s^2
   * @param curvature what a plan may ask, 1/m
   * @param expiry what happens when messages stop
   */
  record Common(
      String name,
      double rateHz,
      long maxAgeNs,
      long speedMaxAgeNs,
      String odometry,
      double diagnosticsHz,
      VehicleLimits vehicle,
      Range accel,
      Range curvature,
      ExpiryLimits expiry) {}

  /**
   * Gate between Nav2 and the robot.
   *
   * @param stamped whether twists are TwistStamped
   * @param in twists that come
   * @param out twists that go
   * @param speedLimit nav2_msgs/SpeedLimit for Nav2's controllers
   * @param state nav2_msgs/CollisionMonitorState
   * @param inputMaxAgeNs an older twist is a stop
   * @param idleNs this long without a twist, nothing is published; 0 = zeros for ever
   */
  record Nav2(
      Common common,
      boolean stamped,
      String in,
      String out,
      String speedLimit,
      String state,
      long inputMaxAgeNs,
      long idleNs,
      TwistGate.Options gate)
      implements BridgeSpec {}

  /**
   * AckermannDriveStamped.
   *
   * @param out topic
   * @param frame of the header
   */
  record Ackermann(Common common, String out, String frame) implements BridgeSpec {}

  /** What Autoware is asked for when a stop was not planned. */
  enum Mrm {
    NONE,
    COMFORTABLE_STOP,
    EMERGENCY_STOP
  }

  /**
   * Autoware.
   *
   * @param control autoware_control_msgs/Control
   * @param trajectory autoware_planning_msgs/Trajectory
   * @param points of a trajectory
   * @param stepNs from one point to the next
   * @param mrm what is asked for while ramping and stopped
   * @param mrmService tier4_system_msgs/OperateMrm
   * @param hazardLights autoware_vehicle_msgs/HazardLightsCommand
   */
  record Autoware(
      Common common,
      String control,
      String trajectory,
      int points,
      long stepNs,
      Mrm mrm,
      String mrmService,
      String hazardLights)
      implements BridgeSpec {}

  /**
   * A vehicle of CARLA, native or through carla-ros-bridge.
   *
   * @param control CarlaEgoVehicleControl
   * @param status CarlaEgoVehicleStatus, for the speed
   * @param info CarlaEgoVehicleInfo, for the largest wheel angle
   */
  record Carla(Common common, String control, String status, String info, Pedals pedals)
      implements BridgeSpec {}

  /** The {@code bridges} mapping of a graph file. */
  static List<BridgeSpec> all(YamlFields fields) {
    List<BridgeSpec> all = new ArrayList<>();
    if (fields.keys().isEmpty() || fields.keys().size() > 8) {
      throw new saccade.nodes.cli.BadInput(
          fields.file() + ": bridges: expected 1 to 8 bridges, found " + fields.keys().size());
    }
    for (String name : fields.keys()) {
      if (!name.matches("[a-z][a-z0-9_]{0,39}")) {
        throw fields.wrong(name, "a name of lower-case letters, digits and _", name);
      }
      all.add(one(name, fields.fields(name)));
    }
    return List.copyOf(all);
  }

  private static BridgeSpec one(String name, YamlFields f) {
    String type = f.text("type");
    BridgeSpec spec =
        switch (type) {
          case "nav2" -> nav2(common(name, f, 20, smallRobot()), f);
          case "ackermann" ->
              new Ackermann(
                  common(name, f, 50, VehicleLimits.passengerCar()),
                  topic(f, "out", "ackermann_cmd"),
                  f.text("frame", "base_link"));
          case "autoware" -> autoware(common(name, f, 30, VehicleLimits.passengerCar()), f);
          case "carla" -> carla(common(name, f, 20, VehicleLimits.passengerCar()), f);
          default -> throw f.wrong("type", "one of nav2, ackermann, autoware, carla", type);
        };
    f.end();
    return spec;
  }

  private static VehicleLimits smallRobot() {
    return new VehicleLimits(0.3, 1.2, 5, 0.5, 1, 1.5);
  }

  private static Nav2 nav2(Common common, YamlFields f) {
    TwistGate.Options base = TwistGate.Options.smallRobot();
    return new Nav2(
        common,
        f.word("stamped", List.of("on", "off"), "off").equals("on"),
        needed(f, "in", "cmd_vel_nav"),
        needed(f, "out", "cmd_vel"),
        topic(f, "speedLimit", "speed_limit"),
        topic(f, "state", "collision_monitor_state"),
        millis(f, "inputMaxAgeMs", 20, 10_000, 500),
        millis(f, "idleMs", 0, 600_000, 2_000),
        new TwistGate.Options(
            common.vehicle().maxSpeedMps(),
            f.number("radiusM", 0.01, 20, base.radiusM()),
            f.number("stopDistanceM", 0, 100, base.stopDistanceM()),
            f.number("stopDecelMps2", 0.05, 20, base.stopDecelMps2()),
            f.number("releaseMps2", 0.01, 20, base.releaseMps2()),
            f.number("brakeBelowMps2", -10, 0, base.brakeBelowMps2()),
            millis(f, "objectHoldMs", 0, 60_000, base.objectHoldNs() / 1e6)));
  }

  private static Autoware autoware(Common common, YamlFields f) {
    String mrm = f.word("mrm", List.of("none", "comfortable_stop", "emergency_stop"), "none");
    return new Autoware(
        common,
        topic(f, "control", "/control/trajectory_follower/control_cmd"),
        topic(f, "trajectory", ""),
        (int) f.whole("trajectoryPoints", 2, 500, 50),
        millis(f, "trajectoryStepMs", 10, 1_000, 100),
        switch (mrm) {
          case "comfortable_stop" -> Mrm.COMFORTABLE_STOP;
          case "emergency_stop" -> Mrm.EMERGENCY_STOP;
          default -> Mrm.NONE;
        },
        topic(f, "mrmService", "/system/mrm/" + mrm + "/operate"),
        topic(f, "hazardLights", ""));
  }

  private static Carla carla(Common common, YamlFields f) {
    Pedals base = Pedals.carlaCar();
    String role = "/carla/" + f.text("role", "ego_vehicle") + "/";
    double coast = f.number("coastMps2", 0, 5, base.coastMps2());
    return new Carla(
        common,
        needed(f, "control", role + "vehicle_control_cmd"),
        topic(f, "status", role + "vehicle_status"),
        topic(f, "info", role + "vehicle_info"),
        new Pedals(
            f.number("fullThrottleMps2", 0.1, 50, base.fullThrottleMps2()),
            f.number("fullBrakeMps2", coast + 0.1, 50, base.fullBrakeMps2()),
            coast,
            f.number("standBrake", 0, 1, base.standBrake()),
            f.number("speedGain", 0, 10, base.gainPerS()),
            Math.toRadians(f.number("maxSteerDeg", 1, 90, Math.toDegrees(base.maxSteerRad())))));
  }

  private static Common common(String name, YamlFields f, double rateHz, VehicleLimits base) {
    VehicleLimits vehicle = base;
    if (f.has("vehicle")) {
      YamlFields v = f.fields("vehicle");
      vehicle =
          new VehicleLimits(
              v.number("wheelbaseM", 0.05, 20, base.wheelbaseM()),
              Math.toRadians(v.number("maxSteerDeg", 1, 85, Math.toDegrees(base.maxSteerRad()))),
              Math.toRadians(
                  v.number("maxSteerRateDegps", 1, 2000, Math.toDegrees(base.maxSteerRateRadps()))),
              v.number("maxSpeedMps", 0.05, 100, base.maxSpeedMps()),
              v.number("maxAccelMps2", 0.05, 20, base.maxAccelMps2()),
              v.number("maxDecelMps2", 0.05, 20, base.maxDecelMps2()));
      v.end();
    }
    double[] accel = {-8, 3};
    double[] curvature = {-0.15, 0.15};
    if (f.has("planAccelMps2")) {
      accel = rising(f, "planAccelMps2");
    }
    if (f.has("planCurvature1pm")) {
      curvature = rising(f, "planCurvature1pm");
    }
    return new Common(
        name,
        f.number("rateHz", 1, 200, rateHz),
        millis(f, "maxAgeMs", 1, 10_000, 300),
        millis(f, "speedMaxAgeMs", 10, 10_000, 500),
        topic(f, "odometry", ""),
        f.number("diagnosticsHz", 0.1, 10, 1),
        vehicle,
        new Range(accel[0], accel[1]),
        new Range(curvature[0], curvature[1]),
        expiry(f));
  }

  private static double[] rising(YamlFields f, String key) {
    double[] found = f.numbers(key, 2);
    if (found[0] >= found[1]) {
      throw f.wrong(key, "the smaller number first", found[0] + ", " + found[1]);
    }
    return found;
  }

  private static ExpiryLimits expiry(YamlFields f) {
    ExpiryLimits base = ExpiryLimits.passengerCar();
    if (!f.has("expiry")) {
      return base;
    }
    YamlFields e = f.fields("expiry");
    ExpiryLimits limits =
        new ExpiryLimits(
            millis(e, "startMs", 0, 60_000, base.startNs() / 1e6),
            millis(e, "holdMs", 0, 10_000, base.holdNs() / 1e6),
            e.number("stopDecelMps2", 0.1, 8, base.stopDecelMps2()),
            e.number("rampJerkMps3", 0.1, 1000, base.rampJerkMps3()),
            base.easeJerkMps3(),
            base.brakeJerkMps3(),
            base.emergencyJerkMps3(),
            base.emergencyBelowMps2(),
            e.number("curvatureRate1pmps", 1e-3, 100, base.curvatureRate1pmps()),
            (int) e.whole("engageMessages", 1, 1000, base.engageMessages()),
            millis(e, "engageGapMs", 1, 60_000, base.engageGapNs() / 1e6));
    e.end();
    return limits;
  }

  private static long millis(YamlFields f, String key, double lo, double hi, double absent) {
    return Math.round(f.number(key, lo, hi, absent) * 1e6);
  }

  private static String needed(YamlFields f, String key, String absent) {
    String topic = topic(f, key, absent);
    if (topic.isEmpty()) {
      throw f.wrong(key, "a topic (this one cannot be switched off)", "off");
    }
    return topic;
  }

  /** A topic name; {@code off} for none. */
  private static String topic(YamlFields f, String key, String absent) {
    String text = f.text(key, absent.isEmpty() ? "off" : absent);
    if (text.equals("off")) {
      return "";
    }
    if (!text.matches("[~/A-Za-z_][A-Za-z0-9_/~{}]*")) {
      throw f.wrong(key, "a topic name, or off", text);
    }
    return text;
  }
}
