package saccade.nodes.rosnode;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import saccade.msg.nav_msgs.Odometry;
import saccade.msg.sensor_msgs.Imu;
import saccade.msg.sensor_msgs.NavSatFix;
import saccade.nodes.node.Node;
import saccade.nodes.node.Stamps;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.Subscription;
import saccade.nodes.sensor.EgoInlet;
import saccade.nodes.sensor.EgoState;

/**
 * Ego motion from what the robot has: nav_msgs/Odometry gives speed and yaw rate, sensor_msgs/Imu
 * the yaw rate (better) and the acceleration, sensor_msgs/NavSatFix the speed where there is no
 * odometry. Each message makes a new state. Values that are not finite, or that no vehicle has, are
 * a counted line. Vectors are taken in base_link (REP-103); an IMU is mounted level.
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
  private final boolean hasImu;
  private final List<Subscription> subscriptions = new ArrayList<>();
  private final java.util.function.DoubleSupplier setSpeedMps;
  private @Nullable EgoInlet inlet;
  // guarded by this
  private double speedMps;
  private double yawRateRps;
  private double accelMps2;
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
    this.hasImu = !imu.isEmpty();
    this.setSpeedMps = setSpeedMps;
    if (hasOdometry) {
      subscriptions.add(
          node.createSubscription(Odometry.TYPE, odometry, qos, (m, info) -> odometry(m)));
    }
    if (hasImu) {
      subscriptions.add(node.createSubscription(Imu.TYPE, imu, qos, (m, info) -> imu(m)));
    }
    if (!fix.isEmpty()) {
      subscriptions.add(node.createSubscription(NavSatFix.TYPE, fix, qos, (m, info) -> fix(m)));
    }
  }

  /** From here on states flow. */
  synchronized void start(EgoInlet into) {
    inlet = into;
    push(0);
  }

  private synchronized void odometry(Odometry m) {
    received++;
    double speed = m.twist().twist().linear().x();
    double yaw = m.twist().twist().angular().z();
    if (bad("odometry: twist.linear.x", speed, MOST_SPEED_MPS)
        || bad("odometry: twist.angular.z", yaw, MOST_YAW_RPS)) {
      return;
    }
    speedMps = speed;
    if (!hasImu) {
      yawRateRps = yaw;
    }
    push(Stamps.ns(m.header().stamp()));
  }

  private synchronized void imu(Imu m) {
    received++;
    double yaw = m.angularVelocity().z();
    double accel = m.linearAcceleration().x();
    // A first covariance of -1 says: not measured (REP-145).
    boolean measuresYaw = m.angularVelocityCovariance()[0] != -1;
    boolean measuresAccel = m.linearAccelerationCovariance()[0] != -1;
    if (measuresYaw && bad("imu: angular_velocity.z", yaw, MOST_YAW_RPS)
        || measuresAccel && bad("imu: linear_acceleration.x", accel, MOST_ACCEL_MPS2)) {
      return;
    }
    yawRateRps = measuresYaw ? yaw : yawRateRps;
    accelMps2 = measuresAccel ? accel : accelMps2;
    push(Stamps.ns(m.header().stamp()));
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
      speedMps = speed;
      push(stampNs);
    }
  }

  private boolean bad(String what, double value, double most) {
    if (Math.abs(value) <= most) {
      return false;
    }
    faults++;
    if (faults <= 3 || faults % 100 == 0) {
      node.logger()
          .warn("%s = %s: wanted at most %s (%d so far)".formatted(what, value, most, faults));
    }
    return true;
  }

  private void push(long stampNs) {
    EgoInlet into = inlet;
    long localNs = stamps.toLocal(stampNs);
    if (into != null && localNs != StampMap.UNKNOWN) {
      into.push(new EgoState(localNs, speedMps, yawRateRps, accelMps2, setSpeedMps.getAsDouble()));
    }
  }

  synchronized long receivedCount() {
    return received;
  }

  synchronized long faultCount() {
    return faults;
  }

  @Override
  public void close() {
    subscriptions.forEach(Subscription::close);
  }
}
