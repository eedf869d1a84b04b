package saccade.nodes.rosnode;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.CameraModel;
import saccade.msg.sensor_msgs.CompressedImage;
import saccade.nodes.cdr.CompressedImageView;
import saccade.nodes.node.Node;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.Subscription;
import saccade.nodes.sensor.SensorInlets;
import saccade.nodes.video.PacketDecoder;
import saccade.nodes.video.PacketDecoder.Coding;
import saccade.nodes.video.VideoFault;
import saccade.realtime.ledger.DropReason;
import saccade.realtime.os.ThreadEnd;
import saccade.realtime.ring.FrameRing;

/**
 * sensor_msgs/CompressedImage into a camera's slot: JPEG, PNG, H.264, H.265. Decoding takes
 * milliseconds, so it has a thread of its own; of single pictures that wait the newest is taken, of
 * a stream all in order (when too many wait, none until the next key frame can be helped: FFmpeg
 * mends the picture there). Memory grows to the largest messages and stays.
 */
final class CompressedInput extends SensorInput {
  private static final int WAITING = 16;

  /** One message on its way to the decoder. */
  private static final class Packet {
    Arena arena = Arena.ofShared();
    MemorySegment data = arena.allocate(1 << 16);
    int bytes;
    long stampNs;
    Coding coding = Coding.JPEG;

    void fill(CompressedImageView view, Coding as) {
      if (data.byteSize() < view.dataBytes()) {
        arena.close();
        arena = Arena.ofShared();
        data = arena.allocate(view.dataBytes() + (long) view.dataBytes() / 2);
      }
      view.copyData(data, 0);
      bytes = view.dataBytes();
      stampNs = view.stampNs();
      coding = as;
    }
  }

  private final CameraModel camera;
  private final QosProfile qos;
  private final CompressedImageView view = new CompressedImageView();
  private final ArrayDeque<Packet> free = new ArrayDeque<>(); // guarded by itself
  private final ArrayDeque<Packet> waiting = new ArrayDeque<>(); // guarded by free
  private @Nullable Thread thread;
  private boolean stopping; // guarded by free

  CompressedInput(
      Node node, String topic, CameraModel camera, int index, StampMap stamps, QosProfile qos) {
    super(node, topic, camera.name(), index, stamps);
    this.camera = camera;
    this.qos = qos;
    for (int i = 0; i < WAITING; i++) {
      free.add(new Packet());
    }
  }

  @Override
  Subscription subscribe(SensorInlets inlets) {
    if (index != SPARE) {
      thread =
          Thread.ofPlatform().daemon(true).name("decode " + sensor).start(() -> decode(inlets));
    }
    return node.createRawSubscription(
        CompressedImage.TYPE, topic, qos, (cdr, bytes, info) -> take(cdr, bytes));
  }

  private void take(MemorySegment cdr, long bytes) {
    received();
    if (!view.wrap(cdr, bytes)) {
      complainAndCount(view.fault());
      return;
    }
    if (index == SPARE) {
      seen(view.stampNs());
      return;
    }
    Coding coding = Coding.of(view.format());
    if (coding == null) {
      complainAndCount("format '" + view.format() + "': wanted jpeg, png, h264 or h265");
      return;
    }
    synchronized (free) {
      if (!coding.isStream()) {
        // Only the newest counts.
        for (Packet older = waiting.poll(); older != null; older = waiting.poll()) {
          superseded++;
          free.add(older);
        }
      }
      Packet packet = free.poll();
      if (packet == null) {
        superseded++;
        return;
      }
      packet.fill(view, coding);
      waiting.add(packet);
      free.notifyAll();
    }
  }

  private long superseded; // guarded by free
  private @Nullable String refused; // guarded by free
  private long refusals; // guarded by free

  /** The ring's account has one writer, the decoding thread: it counts for us. */
  private void complainAndCount(String why) {
    if (index == SPARE) {
      complain(() -> why);
      return;
    }
    synchronized (free) {
      refused = why;
      refusals++;
      free.notifyAll();
    }
  }

  private void decode(SensorInlets inlets) {
    FrameRing ring = inlets.ring(index);
    PacketDecoder decoder = null;
    try {
      while (true) {
        Packet packet;
        synchronized (free) {
          while (waiting.isEmpty() && refusals == 0 && !stopping) {
            free.wait();
          }
          if (stopping) {
            return;
          }
          count(ring);
          packet = waiting.poll();
        }
        if (packet == null) {
          continue;
        }
        try {
          if (decoder == null || decoder.coding() != packet.coding) {
            if (decoder != null) {
              decoder.close();
            }
            decoder = new PacketDecoder(packet.coding);
          }
          picture(decoder, packet, inlets, ring);
        } catch (VideoFault e) {
          String why = String.valueOf(e.getMessage());
          drop(ring, () -> why);
        }
        synchronized (free) {
          free.add(packet);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (decoder != null) {
        decoder.close();
      }
    }
  }

  private void count(FrameRing ring) {
    for (; superseded > 0; superseded--) {
      ring.ledger().offer();
      ring.ledger().drop(DropReason.SUPERSEDED);
    }
    String why = refused;
    for (; refusals > 0 && why != null; refusals--) {
      drop(ring, () -> why);
    }
  }

  private void picture(PacketDecoder decoder, Packet packet, SensorInlets inlets, FrameRing ring)
      throws VideoFault {
    if (!decoder.decode(packet.data, 0, packet.bytes)) {
      return; // a stream that has not come to its first picture
    }
    if (decoder.widthPx() != camera.widthPx() || decoder.heightPx() != camera.heightPx()) {
      throw new VideoFault(
          "picture of %dx%d: wanted %dx%d, for which the rig is calibrated"
              .formatted(
                  decoder.widthPx(), decoder.heightPx(), camera.widthPx(), camera.heightPx()));
    }
    long captureNs = captureNs(packet.stampNs, ring);
    if (captureNs == StampMap.UNKNOWN) {
      return;
    }
    long handle = ring.tryClaim(inlets.clock().nanoTime());
    if (handle < 0) {
      return; // counted by the ring
    }
    try {
      decoder.copyTo(ring.slot(handle));
    } catch (VideoFault e) {
      ring.abort(handle, DropReason.UNREADABLE, captureNs);
      complain(() -> String.valueOf(e.getMessage()));
      return;
    }
    ring.publish(
        handle,
        captureNs,
        3 * camera.widthPx() * camera.heightPx(),
        camera.widthPx(),
        camera.heightPx(),
        SensorInlets.BGR8,
        inlets.clock().nanoTime());
  }

  @Override
  public void close() {
    super.close();
    synchronized (free) {
      stopping = true;
      free.notifyAll();
    }
    Thread decoding = thread;
    if (decoding != null) {
      ThreadEnd.await(decoding);
    }
    synchronized (free) {
      free.addAll(waiting);
      waiting.clear();
      free.forEach(packet -> packet.arena.close());
      free.clear();
    }
  }
}
