package saccade.nodes.node;

import saccade.msg.geometry_msgs.TransformStamped;
import saccade.msg.tf2_msgs.TFMessage;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.Subscription;

/**
 * Fills a {@link TransformBuffer} from {@code /tf} and {@code /tf_static}, and empties it when
 * simulated time goes back.
 */
public final class TransformListener implements AutoCloseable {
  private static final int DEPTH = 100;

  private final Node node;
  private final TransformBuffer buffer;
  private final Subscription moving;
  private final Subscription fixed;
  private final Registration jumps;

  public TransformListener(Node node, TransformBuffer buffer) {
    this.node = node;
    this.buffer = buffer;
    QosProfile qos = QosProfile.DEFAULT.keepLast(DEPTH);
    moving =
        node.createSubscription(
            TFMessage.TYPE, "/tf", qos, (message, info) -> take(message, false));
    fixed =
        node.createSubscription(
            TFMessage.TYPE,
            "/tf_static",
            qos.transientLocal(),
            (message, info) -> take(message, true));
    jumps =
        node.clock()
            .onJump(
                jump -> {
                  if (jump.kind() != RosClock.Kind.FORWARD) {
                    buffer.clear();
                    node.logger().warn("time jumped (" + jump.kind() + "): transforms forgotten");
                  }
                });
  }

  private void take(TFMessage message, boolean still) {
    for (TransformStamped each : message.transforms()) {
      String refusal = buffer.set(each, still);
      if (!refusal.isEmpty() && buffer.refused() <= 10) {
        node.logger().warn(refusal);
      }
    }
  }

  @Override
  public void close() {
    jumps.close();
    moving.close();
    fixed.close();
  }
}
