package saccade.nodes.rosnode;

import java.lang.foreign.MemorySegment;
import saccade.msg.sensor_msgs.PointCloud2;
import saccade.nodes.cdr.PointCloud2View;
import saccade.nodes.node.Node;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.Subscription;
import saccade.nodes.sensor.SensorInlets;
import saccade.realtime.ring.FrameRing;

/**
 * sensor_msgs/PointCloud2 into the LiDAR's slot, straight from the transport's memory. Points are
 * taken as in the LiDAR's own frame; the rig says where that is. Hot path once a good message has
 * come.
 */
final class CloudInput extends SensorInput {
  private final QosProfile qos;
  private final PointCloud2View view = new PointCloud2View();
  private final CloudCopy copy;
  private boolean saidThinned;

  CloudInput(
      Node node,
      String topic,
      String sensor,
      int index,
      StampMap stamps,
      QosProfile qos,
      double intensityMax) {
    super(node, topic, sensor, index, stamps);
    this.qos = qos;
    this.copy = new CloudCopy(intensityMax);
  }

  @Override
  Subscription subscribe(SensorInlets inlets) {
    return node.createRawSubscription(
        PointCloud2.TYPE, topic, qos, (cdr, bytes, info) -> take(cdr, bytes, inlets));
  }

  private void take(MemorySegment cdr, long bytes, SensorInlets inlets) {
    received();
    FrameRing ring = inlets.ring(index);
    if (!view.wrap(cdr, bytes)) {
      drop(ring, view::fault);
      return;
    }
    String fault = CloudCopy.fault(view);
    if (fault != null) {
      drop(ring, () -> fault);
      return;
    }
    long captureNs = captureNs(view.stampNs(), ring);
    if (captureNs == StampMap.UNKNOWN) {
      return;
    }
    long handle = ring.tryClaim(inlets.clock().nanoTime());
    if (handle < 0) {
      return; // counted by the ring
    }
    int points = copy.copy(view, ring.slot(handle));
    ring.publish(
        handle,
        captureNs,
        points * SensorInlets.POINT_BYTES,
        points,
        1,
        SensorInlets.XYZI,
        inlets.clock().nanoTime());
    if (copy.thinnedBy() > 1 && !saidThinned) {
      saidThinned = true;
      node.logger()
          .warn(
              "topic %s (%s): clouds of %d points, the rig's beams x columns give room for fewer: every %dth is taken"
                  .formatted(
                      topicName(), sensor, (long) view.width() * view.height(), copy.thinnedBy()));
    }
  }
}
