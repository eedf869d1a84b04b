package saccade.nodes.bridge;

import org.jspecify.annotations.Nullable;
import saccade.msg.geometry_msgs.Quaternion;
import saccade.msg.nav_msgs.Odometry;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosNode;
import saccade.realtime.clock.NanoClock;

/** Speed and pose from a nav_msgs/Odometry topic; one that is not finite is counted and dropped. */
final class OdometryInput implements AutoCloseable {

  /**
   * The newest.
   *
   * @param frame of the pose
   * @param yaw rad
   * @param speedMps along the body's x axis
   * @param atNs when it arrived
   */
  record State(
      String frame, double x, double y, double z, double yaw, double speedMps, long atNs) {}

  private final NanoClock clock;
  private final Wire.In<Odometry> in;
  private volatile @Nullable State newest;
  private volatile long notFinite;

  OdometryInput(RosNode node, String topic, NanoClock clock) {
    this.clock = clock;
    this.in = new Wire.In<>(node, topic, Odometry.TYPE, QosProfile.SENSOR_DATA, this::came);
  }

  private void came(Odometry odometry) {
    var at = odometry.pose().pose().position();
    double yaw = yaw(odometry.pose().pose().orientation());
    double speed = odometry.twist().twist().linear().x();
    if (!Double.isFinite(at.x() + at.y() + at.z() + yaw + speed)) {
      notFinite++;
      return;
    }
    newest =
        new State(
            odometry.header().frameId(), at.x(), at.y(), at.z(), yaw, speed, clock.nanoTime());
  }

  private static double yaw(Quaternion q) {
    return Math.atan2(2 * (q.w() * q.z() + q.x() * q.y()), 1 - 2 * (q.y() * q.y() + q.z() * q.z()));
  }

  /** The newest, null when there is none younger than {@code maxAgeNs}. */
  @Nullable State newest(long nowNs, long maxAgeNs) {
    State state = newest;
    return state == null || nowNs - state.atNs() > maxAgeNs ? null : state;
  }

  long faults() {
    return in.faults() + notFinite;
  }

  @Override
  public void close() {
    in.close();
  }
}
