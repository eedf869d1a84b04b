package saccade.nodes.rosnode;

import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Lens;
import saccade.msg.sensor_msgs.CameraInfo;
import saccade.nodes.node.Node;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.Subscription;

/**
 * Holds sensor_msgs/CameraInfo against the rig: the rig is what the model works with, and a camera
 * that says something else is told once, in one line, and again when it changes.
 */
final class CameraInfoCheck implements AutoCloseable {
  private static final double TOLERANCE = 0.01;

  private final Node node;
  private final CameraModel camera;
  private final @Nullable Lens lens;
  private final Subscription subscription;
  private volatile String fault = "";

  CameraInfoCheck(Node node, String topic, CameraModel camera, @Nullable Lens lens) {
    this.node = node;
    this.camera = camera;
    this.lens = lens;
    subscription =
        node.createSubscription(
            CameraInfo.TYPE, topic, QosProfile.SENSOR_DATA, (info, from) -> look(topic, info));
  }

  private void look(String topic, CameraInfo info) {
    String now = disagreement(topic, info, camera, lens);
    if (!now.equals(fault)) {
      fault = now;
      node.logger().warn(now.isEmpty() ? "topic " + topic + " agrees with the rig now" : now);
    }
  }

  /** One line, empty when they agree within 1 %. */
  static String disagreement(
      String topic, CameraInfo info, CameraModel camera, @Nullable Lens lens) {
    if (info.width() != camera.widthPx() || info.height() != camera.heightPx()) {
      return "topic %s: camera_info says %sx%s, the rig %dx%d for %s"
          .formatted(
              topic,
              Integer.toUnsignedString(info.width()),
              Integer.toUnsignedString(info.height()),
              camera.widthPx(),
              camera.heightPx(),
              camera.name());
    }
    double[] k = info.k();
    double fx = lens == null ? camera.fxPx() : lens.fxPx();
    double fy = lens == null ? camera.fyPx() : lens.fyPx();
    double cx = lens == null ? camera.cxPx() : lens.cxPx();
    double cy = lens == null ? camera.cyPx() : lens.cyPx();
    if (k[0] == 0) {
      return ""; // an uncalibrated camera says so with zeros
    }
    boolean same =
        Math.abs(k[0] - fx) <= TOLERANCE * fx
            && Math.abs(k[4] - fy) <= TOLERANCE * fy
            && Math.abs(k[2] - cx) <= TOLERANCE * camera.widthPx()
            && Math.abs(k[5] - cy) <= TOLERANCE * camera.heightPx();
    return same
        ? ""
        : "topic %s: camera_info says fx %.1f fy %.1f cx %.1f cy %.1f, the rig %.1f %.1f %.1f %.1f for %s"
            .formatted(topic, k[0], k[4], k[2], k[5], fx, fy, cx, cy, camera.name());
  }

  String fault() {
    return fault;
  }

  @Override
  public void close() {
    subscription.close();
  }
}
