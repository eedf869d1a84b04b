package saccade.nodes.rosnode;

import java.lang.foreign.MemorySegment;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.image.PixelFormat;
import saccade.msg.sensor_msgs.Image;
import saccade.nodes.cdr.ImageView;
import saccade.nodes.node.Node;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.Subscription;
import saccade.nodes.sensor.SensorInlets;
import saccade.realtime.ring.FrameRing;

/**
 * sensor_msgs/Image into a camera's slot, straight from the transport's memory. The picture must
 * have the size that the rig is calibrated for. Hot path once a good message has come.
 */
final class ImageInput extends SensorInput {
  private final CameraModel camera;
  private final QosProfile qos;
  private final ImageView view = new ImageView();
  private final PictureCopy copy = new PictureCopy();

  ImageInput(
      Node node, String topic, CameraModel camera, int index, StampMap stamps, QosProfile qos) {
    super(node, topic, camera.name(), index, stamps);
    this.camera = camera;
    this.qos = qos;
  }

  @Override
  Subscription subscribe(SensorInlets inlets) {
    return node.createRawSubscription(
        Image.TYPE, topic, qos, (cdr, bytes, info) -> take(cdr, bytes, inlets));
  }

  private void take(MemorySegment cdr, long bytes, SensorInlets inlets) {
    received();
    if (index == SPARE) {
      look(cdr, bytes);
      return;
    }
    FrameRing ring = inlets.ring(index);
    if (!view.wrap(cdr, bytes)) {
      drop(ring, view::fault);
      return;
    }
    PixelFormat format = PictureCopy.formatOf(view);
    if (format == null) {
      drop(ring, this::unknownEncoding);
      return;
    }
    if (view.width() != camera.widthPx() || view.height() != camera.heightPx()) {
      drop(ring, this::wrongSize);
      return;
    }
    if (!PictureCopy.sizesAgree(view, format) || !format.fits(view.width(), view.height())) {
      drop(ring, () -> wrongData(format));
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
    PixelFormat written = copy.copy(view, format, ring.slot(handle));
    ring.publish(
        handle,
        captureNs,
        3 * view.width() * view.height(),
        view.width(),
        view.height(),
        written.ordinal(),
        inlets.clock().nanoTime());
  }

  /** A picture that the model has no place for: only looked at. */
  private void look(MemorySegment cdr, long bytes) {
    if (!view.wrap(cdr, bytes)) {
      complain(view::fault);
      return;
    }
    seen(view.stampNs());
    PixelFormat format = PictureCopy.formatOf(view);
    if (format == null) {
      complain(this::unknownEncoding);
    } else if (!PictureCopy.sizesAgree(view, format)) {
      complain(() -> wrongData(format));
    }
  }

  private String unknownEncoding() {
    return "encoding '" + view.encoding() + "': wanted one of " + encodings();
  }

  private static String encodings() {
    StringBuilder names = new StringBuilder();
    for (PixelFormat format : PixelFormat.values()) {
      names.append(names.isEmpty() ? "" : ", ").append(format.rosEncoding());
    }
    return names.toString();
  }

  private String wrongSize() {
    return "picture of %dx%d: wanted %dx%d, for which the rig is calibrated"
        .formatted(view.width(), view.height(), camera.widthPx(), camera.heightPx());
  }

  private String wrongData(PixelFormat format) {
    return "%s of %dx%d with step %d x %d rows = %d bytes, data of %d bytes: wanted them equal and a step of at least %d"
        .formatted(
            format.rosEncoding(),
            view.width(),
            view.height(),
            view.step(),
            PictureCopy.rows(format, view.height()),
            (long) view.step() * PictureCopy.rows(format, view.height()),
            view.dataBytes(),
            format.rowBytes(view.width()));
  }
}
