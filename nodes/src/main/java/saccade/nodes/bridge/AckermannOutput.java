package saccade.nodes.bridge;

import saccade.msg.ackermann_msgs.AckermannDrive;
import saccade.msg.ackermann_msgs.AckermannDriveStamped;
import saccade.nodes.graph.BridgeSpec;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosNode;
import saccade.planner.command.MotionStream;

/** ackermann_msgs/AckermannDriveStamped: speed, acceleration, jerk, front wheel angle and rate. */
final class AckermannOutput implements BridgeOutput {
  private final BridgeSpec.Ackermann spec;
  private final Wire.Out<AckermannDriveStamped> out;

  AckermannOutput(BridgeSpec.Ackermann spec, RosNode node) {
    this.spec = spec;
    this.out = new Wire.Out<>(node, spec.out(), AckermannDriveStamped.TYPE, QosProfile.DEFAULT);
  }

  @Override
  public void publish(MotionStream motion, double measuredMps, long nowNs, long rosNs) {
    send(
        rosNs,
        new AckermannDrive(
            (float) motion.steerRad(),
            (float) motion.steerRateRadps(),
            (float) motion.speedMps(),
            (float) motion.accelMps2(),
            (float) motion.jerkMps3()));
  }

  private void send(long rosNs, AckermannDrive drive) {
    out.send(new AckermannDriveStamped(Wire.header(rosNs, spec.frame()), drive));
  }

  @Override
  public void leave(MotionStream motion, long rosNs) {
    float steer = (float) motion.steerRad();
    send(
        rosNs, new AckermannDrive(steer, 0, 0, (float) -spec.common().expiry().stopDecelMps2(), 0));
  }

  @Override
  public void close() {
    out.close();
  }
}
