package saccade.nodes.bridge;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import saccade.msg.carla_msgs.CarlaEgoVehicleControl;
import saccade.msg.carla_msgs.CarlaEgoVehicleInfo;
import saccade.msg.carla_msgs.CarlaEgoVehicleInfoWheel;
import saccade.msg.carla_msgs.CarlaEgoVehicleStatus;
import saccade.nodes.graph.BridgeSpec;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosNode;
import saccade.planner.command.MotionStream;
import saccade.planner.command.PedalMap;
import saccade.planner.command.PedalMap.Pedals;
import saccade.realtime.clock.NanoClock;

/**
 * CARLA: throttle, brake and steering from acceleration, speed and wheel angle. Where the vehicle
 * says its speed (CarlaEgoVehicleStatus) the throttle is corrected by it; where it says its largest
 * wheel angle (CarlaEgoVehicleInfo) that takes the place of {@code maxSteerDeg}.
 */
final class CarlaOutput implements BridgeOutput {
  /** No wheel turns further; a larger number is degrees, as some versions send. */
  private static final double MOST_STEER_RAD = 1.6;

  private record Speed(double mps, long atNs) {}

  private final BridgeSpec.Carla spec;
  private final PedalMap map = new PedalMap();
  private final List<AutoCloseable> closing = new ArrayList<>();
  private final Wire.Out<CarlaEgoVehicleControl> out;
  private volatile Speed speed = new Speed(Double.NaN, 0);
  private volatile Pedals pedals;

  CarlaOutput(BridgeSpec.Carla spec, RosNode node, NanoClock clock) {
    this.spec = spec;
    this.pedals = spec.pedals();
    this.out =
        new Wire.Out<>(node, spec.control(), CarlaEgoVehicleControl.TYPE, QosProfile.DEFAULT);
    closing.add(out);
    if (!spec.status().isEmpty()) {
      closing.add(
          new Wire.In<>(
              node,
              spec.status(),
              CarlaEgoVehicleStatus.TYPE,
              QosProfile.DEFAULT,
              status -> speed = new Speed(status.velocity(), clock.nanoTime())));
    }
    if (!spec.info().isEmpty()) {
      closing.add(
          new Wire.In<>(
              node,
              spec.info(),
              CarlaEgoVehicleInfo.TYPE,
              QosProfile.DEFAULT.keepLast(1).transientLocal(),
              this::learn));
    }
  }

  private void learn(CarlaEgoVehicleInfo info) {
    double most = 0;
    for (CarlaEgoVehicleInfoWheel wheel : info.wheels()) {
      most = Math.max(most, wheel.maxSteerAngle());
    }
    if (most > MOST_STEER_RAD) {
      most = Math.toRadians(most);
    }
    if (most >= 0.01 && most <= MOST_STEER_RAD) {
      pedals = pedals.withMaxSteerRad(most);
    }
  }

  @Override
  public double measuredMps(long nowNs) {
    Speed now = speed;
    return nowNs - now.atNs() <= spec.common().speedMaxAgeNs() ? now.mps() : Double.NaN;
  }

  @Override
  public void publish(MotionStream motion, double measuredMps, long nowNs, long rosNs) {
    map.set(pedals, motion, measuredMps);
    send(rosNs, map.throttle(), map.steer(), map.brake(), map.handBrake());
  }

  private void send(long rosNs, double throttle, double steer, double brake, boolean handBrake) {
    out.send(
        new CarlaEgoVehicleControl(
            Wire.header(rosNs, ""),
            (float) throttle,
            (float) steer,
            (float) brake,
            handBrake,
            false,
            0,
            false));
  }

  @Override
  public void leave(MotionStream motion, long rosNs) {
    double stop = -spec.common().expiry().stopDecelMps2();
    map.set(pedals, stop, 0, motion.steerRad(), Double.NaN, false);
    send(rosNs, map.throttle(), map.steer(), map.brake(), false);
  }

  @Override
  public void describe(BiConsumer<String, String> values, long nowNs) {
    values.accept("throttle", Numbers.three(map.throttle()));
    values.accept("brake", Numbers.three(map.brake()));
    values.accept("steer", Numbers.three(map.steer()));
    values.accept("full steering deg", Numbers.three(Math.toDegrees(pedals.maxSteerRad())));
  }

  @Override
  public void close() {
    Closing.all(closing);
  }
}
