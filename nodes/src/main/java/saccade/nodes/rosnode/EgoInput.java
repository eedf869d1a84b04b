package saccade.nodes.rosnode;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import saccade.msg.nav_msgs.Odometry;
import saccade.msg.sensor_msgs.Imu;
import saccade.msg.sensor_msgs.NavSatFix;
import saccade.nodes.node.Node;
import saccade.nodes.node.Registration;
import saccade.nodes.node.Stamps;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.Subscription;
import saccade.nodes.sensor.EgoFusion;
import saccade.nodes.sensor.SensorClock;
import saccade.realtime.clock.NanoClock;

/**
 * Ego motion from what the robot has, through {@link EgoFusion}: nav_msgs/Odometry are the wheels,
 * sensor_msgs/Imu the inertial unit (one that measures both yaw rate and acceleration), and
 * sensor_msgs/NavSatFix gives the speed where there is no odometry. Values that are not finite, or
 * that no vehicle has, are a counted line, and UNREADABLE in the fusion's account, as are messages
 * that are none of their type. Vectors are taken in base_link (REP-103); an IMU is mounted level.
 */
final class EgoInput implements AutoCloseable {
  private static final double MOST_SPEED_MPS = 200;
  private static final double MOST_YAW_RPS = 20;
  private static final double MOST_ACCEL_MPS2 = 200;
  private static final double EARTH_M = 6_371_008.8;
  private static final long FIX_STEP_NS = 200_000_000L;
  private static final long FIX_GAP_NS = 3_000_000_000L;

  private final Node node;
  private final StampMap stamps;
  private final boolean hasOdometry;
  private final List<Subscription> subscriptions = new ArrayList<>();
  private final Registration jumps;
  private final TopicClock wheelClock;
  private final TopicClock imuClock;
  private final java.util.function.DoubleSupplier setSpeedMps;
  private volatile boolean jumped; // the clock was set: a log begins again, a simulator was reset
  // guarded by this
  private @Nullable EgoFusion fusion;
  private @Nullable NavSatFix lastFix;
  private long received;
  private long faults;

  /**
   * @param odometry topic, empty for none
   * @param imu topic, empty for none
   * @param fix topic, empty for none
   * @param qos of all three
   * @param setSpeedMps asked at each message
   */
  EgoInput(
      Node node,
      StampMap stamps,
      String odometry,
      String imu,
      String fix,
      QosProfile qos,
      java.util.function.DoubleSupplier setSpeedMps) {
    this.node = node;
    this.stamps = stamps;
    this.hasOdometry = !odometry.isEmpty();
    this.setSpeedMps = setSpeedMps;
    wheelClock = new TopicClock(hasOdometry ? "odometry" : "fix", stamps.local());
    imuClock = new TopicClock("imu", stamps.local());
    jumps = node.clock().onJump(jump -> jumped = true); // may hold the clock: takes no lock
    if (hasOdometry) {
      subscriptions.add(
          node.createSubscription(
              Odometry.TYPE, odometry, qos, (m, info) -> odometry(m), () -> undecoded(true)));
    }
    if (!imu.isEmpty()) {
      subscriptions.add(
          node.createSubscription(Imu.TYPE, imu, qos, (m, info) -> imu(m), () -> undecoded(false)));
    }
    if (!fix.isEmpty()) {
      subscriptions.add(node.createSubscription(NavSatFix.TYPE, fix, qos, (m, info) -> fix(m)));
    }
  }

  /** From here on states flow. */
  synchronized void start(EgoFusion into) {
    fusion = into;
  }

  /** Not of its type; the node says so. */
  private synchronized void undecoded(boolean wheels) {
    received++;
    faults++;
    unreadable(wheels);
  }

  private void unreadable(boolean wheels) {
    EgoFusion into = fusion;
    if (into != null && wheels) {
      into.wheelsUnreadable();
    } else if (into != null) {
      into.imuUnreadable();
    }
  }

  private synchronized void odometry(Odometry m) {
    received++;
    double speed = m.twist().twist().linear().x();
    double yaw = m.twist().twist().angular().z();
    if (bad("odometry: twist.linear.x", speed, MOST_SPEED_MPS)
        || bad("odometry: twist.angular.z", yaw, MOST_YAW_RPS)) {
      unreadable(true);
      return;
    }
    wheels(Stamps.ns(m.header().stamp()), speed, yaw);
  }

  private synchronized void imu(Imu m) {
    received++;
    double yaw = m.angularVelocity().z();
    double accel = m.linearAcceleration().x();
    // A first covariance of -1 says: not measured (REP-145).
    if (m.angularVelocityCovariance()[0] == -1 || m.linearAccelerationCovariance()[0] == -1) {
      fault("imu: a covariance of -1: wanted yaw rate and acceleration measured");
      unreadable(false);
      return;
    }
    if (bad("imu: angular_velocity.z", yaw, MOST_YAW_RPS)
        || bad("imu: linear_acceleration.x", accel, MOST_ACCEL_MPS2)) {
      unreadable(false);
      return;
    }
    EgoFusion into = fusion;
    long localNs = stamps.toLocal(Stamps.ns(m.header().stamp()));
    if (into != null && localNs != StampMap.UNKNOWN) {
      into.setSpeed(setSpeedMps.getAsDouble());
      imuClock.arrived(localNs);
      into.imu(localNs, yaw, accel, NanoClock.system().nanoTime());
      push(into);
    }
  }

  private synchronized void fix(NavSatFix m) {
    received++;
    if (m.status().status() < 0) {
      lastFix = null;
      return; // no fix: nothing wrong, nothing known
    }
    if (bad("fix: latitude", m.latitude(), 90) || bad("fix: longitude", m.longitude(), 180)) {
      return;
    }
    NavSatFix before = lastFix;
    long stampNs = Stamps.ns(m.header().stamp());
    if (before == null) {
      lastFix = m;
      return;
    }
    long stepNs = stampNs - Stamps.ns(before.header().stamp());
    if (stepNs > 0 && stepNs < FIX_STEP_NS) {
      return;
    }
    lastFix = m;
    if (stepNs <= 0 || stepNs > FIX_GAP_NS || hasOdometry) {
      return;
    }
    double north = Math.toRadians(m.latitude() - before.latitude()) * EARTH_M;
    double east =
        Math.toRadians(m.longitude() - before.longitude())
            * EARTH_M
            * Math.cos(Math.toRadians(m.latitude()));
    double speed = Math.hypot(north, east) / (stepNs * 1e-9);
    if (!bad("fix: speed between two fixes", speed, MOST_SPEED_MPS)) {
      EgoFusion into = fusion;
      // A fix knows no yaw rate: what is believed already teaches the gyroscope nothing.
      wheels(stampNs, speed, into == null ? 0 : into.state().yawRateRps());
    }
  }

  private boolean bad(String what, double value, double most) {
    if (Math.abs(value) <= most) {
      return false;
    }
    fault("%s = %s: wanted at most %s".formatted(what, value, most));
    return true;
  }

  private void fault(String line) {
    faults++;
    if (faults <= 3 || faults % 100 == 0) {
      node.logger().warn("%s (%d so far)".formatted(line, faults));
    }
  }

  private void wheels(long stampNs, double speedMps, double yawRateRps) {
    EgoFusion into = fusion;
    long localNs = stamps.toLocal(stampNs);
    if (into != null && localNs != StampMap.UNKNOWN) {
      into.setSpeed(setSpeedMps.getAsDouble());
      wheelClock.arrived(localNs);
      into.wheels(localNs, speedMps, yawRateRps, 0, NanoClock.system().nanoTime());
      push(into);
    }
  }

  private void push(EgoFusion into) {
    if (jumped) {
      jumped = false;
      into.anotherDrive();
    }
    into.push();
  }

  /** How the clocks behind the stamps stand to ours; of the topics that came. */
  List<SensorClock> clocks() {
    return Stream.of(wheelClock.now(), imuClock.now()).filter(Objects::nonNull).toList();
  }

  synchronized long receivedCount() {
    return received;
  }

  synchronized long faultCount() {
    return faults;
  }

  @Override
  public void close() {
    jumps.close();
    subscriptions.forEach(Subscription::close);
  }
}
