package saccade.nodes.bridge;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import saccade.msg.autoware_control_msgs.Control;
import saccade.msg.autoware_control_msgs.Lateral;
import saccade.msg.autoware_control_msgs.Longitudinal;
import saccade.msg.autoware_planning_msgs.Trajectory;
import saccade.msg.autoware_planning_msgs.TrajectoryPoint;
import saccade.msg.autoware_vehicle_msgs.HazardLightsCommand;
import saccade.msg.geometry_msgs.Point;
import saccade.msg.geometry_msgs.Pose;
import saccade.msg.geometry_msgs.Quaternion;
import saccade.msg.tier4_system_msgs.OperateMrm;
import saccade.nodes.cdr.CdrFault;
import saccade.nodes.cdr.CdrWriter;
import saccade.nodes.graph.BridgeSpec;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosFault;
import saccade.nodes.ros.RosNode;
import saccade.nodes.ros.ServiceClient;
import saccade.planner.ActionChunk;
import saccade.planner.ExpiryProfile.Phase;
import saccade.planner.PlannerMessage;
import saccade.planner.command.MotionStream;
import saccade.planner.command.TrajectoryRollout;

/**
 * Autoware: a control command and, where wanted, a trajectory; while a stop is latched or near, the
 * minimal risk manoeuvre and the hazard lights. A trajectory is in the frame of the odometry, from
 * the pose it says; without odometry in base_link from the origin.
 */
final class AutowareOutput implements BridgeOutput {
  private static final long ASK_AGAIN_NS = 1_000_000_000L;

  private final BridgeSpec.Autoware spec;
  private final Supplier<OdometryInput.@Nullable State> odometry;
  private final TrajectoryRollout rollout;
  private final List<AutoCloseable> closing = new ArrayList<>();
  private final Wire.@Nullable Out<Control> control;
  private final Wire.@Nullable Out<Trajectory> trajectory;
  private final Wire.@Nullable Out<HazardLightsCommand> lights;
  private final @Nullable ServiceClient mrm;
  private @Nullable ActionChunk chunk;
  private boolean wanted;
  private volatile boolean granted;
  private volatile boolean answered = true;
  private volatile String refusal = "";
  private long askedNs = Long.MIN_VALUE / 2;
  private long asked;

  AutowareOutput(
      BridgeSpec.Autoware spec, RosNode node, Supplier<OdometryInput.@Nullable State> odometry) {
    this.spec = spec;
    this.odometry = odometry;
    this.rollout = new TrajectoryRollout(spec.points(), spec.stepNs());
    control = out(node, spec.control(), Control.TYPE);
    trajectory = out(node, spec.trajectory(), Trajectory.TYPE);
    lights = out(node, spec.hazardLights(), HazardLightsCommand.TYPE);
    if (spec.mrm() == BridgeSpec.Mrm.NONE || spec.mrmService().isEmpty()) {
      mrm = null;
    } else {
      mrm =
          node.createClient(
              spec.mrmService(),
              OperateMrm.TYPE.rosName(),
              OperateMrm.TYPE.typeHash(),
              QosProfile.SERVICES_DEFAULT);
      closing.add(mrm);
    }
  }

  private <T> Wire.@Nullable Out<T> out(
      RosNode node, String topic, saccade.nodes.cdr.MessageType<T> type) {
    if (topic.isEmpty()) {
      return null;
    }
    Wire.Out<T> made = new Wire.Out<>(node, topic, type, QosProfile.DEFAULT.keepLast(1));
    closing.add(made);
    return made;
  }

  @Override
  public void accepted(PlannerMessage message, long nowNs) {
    ActionChunk action = message.action();
    if (action != null) {
      chunk = action;
    }
  }

  @Override
  public void publish(MotionStream motion, double measuredMps, long nowNs, long rosNs) {
    if (control != null) {
      control.send(
          control(
              rosNs,
              motion.steerRad(),
              motion.steerRateRadps(),
              motion.speedMps(),
              motion.accelMps2(),
              motion.jerkMps3()));
    }
    if (trajectory != null) {
      trajectory.send(trajectory(motion, measuredMps, nowNs, rosNs));
    }
    boolean stopping = motion.phase() == Phase.RAMPING || motion.phase() == Phase.STOPPED;
    if (lights != null) {
      lights.send(
          new HazardLightsCommand(
              Wire.time(rosNs),
              stopping ? HazardLightsCommand.ENABLE : HazardLightsCommand.DISABLE));
    }
    manoeuvre(stopping, nowNs, rosNs);
  }

  private static Control control(
      long rosNs, double steer, double steerRate, double speed, double accel, double jerk) {
    var stamp = Wire.time(rosNs);
    return new Control(
        stamp,
        stamp,
        new Lateral(stamp, stamp, (float) steer, (float) steerRate, true),
        new Longitudinal(stamp, stamp, (float) speed, (float) accel, (float) jerk, true, true));
  }

  private Trajectory trajectory(MotionStream motion, double measuredMps, long nowNs, long rosNs) {
    OdometryInput.State pose = odometry.get();
    double x = pose == null ? 0 : pose.x();
    double y = pose == null ? 0 : pose.y();
    double z = pose == null ? 0 : pose.z();
    double yaw = pose == null ? 0 : pose.yaw();
    double speed = Double.isNaN(measuredMps) ? motion.speedMps() : measuredMps;
    ActionChunk plan = chunk;
    if (motion.phase() == Phase.FOLLOWING && plan != null) {
      rollout.plan(plan, spec.common().vehicle(), nowNs, speed, x, y, yaw);
    } else {
      rollout.stop(Math.max(-motion.accelMps2(), 0.1), motion.curvature1pm(), speed, x, y, yaw);
    }
    List<TrajectoryPoint> points = new ArrayList<>(rollout.points());
    for (int i = 0; i < rollout.points(); i++) {
      double half = rollout.yaw(i) / 2;
      points.add(
          new TrajectoryPoint(
              Wire.duration(i * rollout.stepNs()),
              new Pose(
                  new Point(rollout.x(i), rollout.y(i), z),
                  new Quaternion(0, 0, Math.sin(half), Math.cos(half))),
              (float) rollout.speed(i),
              0f,
              (float) rollout.accel(i),
              (float) (rollout.speed(i) * rollout.curvature(i)),
              (float) spec.common().vehicle().steerRad(rollout.curvature(i)),
              0f));
    }
    return new Trajectory(Wire.header(rosNs, pose == null ? "base_link" : pose.frame()), points);
  }

  /** Asks until it is granted, and takes it back when the stop is over. */
  private void manoeuvre(boolean stopping, long nowNs, long rosNs) {
    ServiceClient client = mrm;
    if (client == null) {
      return;
    }
    if (stopping != wanted) {
      wanted = stopping;
      askedNs = Long.MIN_VALUE / 2;
    }
    if (granted == wanted || nowNs - askedNs < ASK_AGAIN_NS) {
      return;
    }
    askedNs = nowNs;
    asked++;
    if (!client.ready()) {
      refusal = spec.mrmService() + ": no server there";
      return;
    }
    boolean operate = wanted;
    answered = false;
    CompletableFuture<byte[]> future;
    try (CdrWriter writer = CdrWriter.confined()) {
      OperateMrm.Request.TYPE.encode(new OperateMrm.Request(Wire.time(rosNs), operate), writer);
      future = client.call(writer.buffer(), writer.bytes());
    } catch (RosFault e) {
      refusal = String.valueOf(e.getMessage());
      return;
    }
    var unused =
        future
            .orTimeout(ASK_AGAIN_NS, TimeUnit.NANOSECONDS)
            .whenComplete((bytes, failure) -> answer(operate, bytes, failure));
  }

  private void answer(boolean operate, byte @Nullable [] bytes, @Nullable Throwable failure) {
    answered = true;
    if (bytes == null) {
      refusal =
          spec.mrmService()
              + ": "
              + (failure == null ? "no answer" : failure.getClass().getSimpleName());
      return;
    }
    try {
      var status = OperateMrm.Response.TYPE.decode(bytes).response();
      if (status.success()) {
        granted = operate;
        refusal = "";
      } else {
        refusal = spec.mrmService() + ": refused: " + status.code() + " " + status.message();
      }
    } catch (CdrFault e) {
      refusal = spec.mrmService() + ": " + e.getMessage();
    }
  }

  @Override
  public void leave(MotionStream motion, long rosNs) {
    if (control != null) {
      control.send(
          control(rosNs, motion.steerRad(), 0, 0, -spec.common().expiry().stopDecelMps2(), 0));
    }
  }

  @Override
  public void describe(BiConsumer<String, String> values, long nowNs) {
    if (mrm != null) {
      values.accept("mrm wanted", Boolean.toString(wanted));
      values.accept("mrm granted", Boolean.toString(granted));
      values.accept("mrm asked", Long.toString(asked));
    }
  }

  @Override
  public String complaint(long nowNs) {
    return answered ? refusal : "";
  }

  @Override
  public void close() {
    Closing.all(closing);
  }
}
