package saccade.realtime.ring;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Hot path. A reused flyweight over one leased frame: made once, filled by {@link
 * FrameRing#takeNewest} or {@link FrameRing#takeNext}, emptied by {@link #release}. One thread uses
 * it at a time. While it holds, its payload does not change.
 */
public final class FrameView {

  private @Nullable FrameRing ring;
  private @Nullable MemorySegment payload;
  private long handle;
  private long sequence;
  private long captureNs;
  private long arrivedNs;
  private long publishedNs;
  private long takenNs;
  private int byteLength;
  private int width;
  private int height;
  private int format;

  /** An empty view. */
  public FrameView() {}

  void fill(FrameRing from, FrameDescriptor descriptor, long atSequence) {
    ring = from;
    handle = descriptor.handle;
    sequence = atSequence;
    captureNs = descriptor.captureNs;
    arrivedNs = descriptor.arrivedNs;
    publishedNs = descriptor.publishedNs;
    byteLength = descriptor.byteLength;
    width = descriptor.width;
    height = descriptor.height;
    format = descriptor.format;
  }

  void own(MemorySegment segment, long nowNs) {
    payload = segment;
    takenNs = nowNs;
  }

  long handle() {
    return handle;
  }

  /** Whether this view holds a lease. */
  public boolean isHeld() {
    return payload != null;
  }

  /**
   * The slot, read-only by agreement; the first {@link #byteLength()} bytes are the frame. Valid
   * until release.
   */
  public MemorySegment payload() {
    MemorySegment held = payload;
    if (held == null) {
      throw new IllegalStateException("expected a view that holds a frame, found an empty one");
    }
    return held;
  }

  /** The sensor's index, as given to its ring; -1 when the view was never filled. */
  public int source() {
    return ring == null ? -1 : ring.source();
  }

  /** Number of the frame in its ring, from 0; counts published frames. */
  public long sequence() {
    return sequence;
  }

  /** When the sensor measured, ns. */
  public long captureNs() {
    return captureNs;
  }

  /** When the transport claimed a slot for it, ns. */
  public long arrivedNs() {
    return arrivedNs;
  }

  /** When the payload was complete and visible, ns. */
  public long publishedNs() {
    return publishedNs;
  }

  /** When the consumer took it, ns. */
  public long takenNs() {
    return takenNs;
  }

  /** Bytes of the payload that belong to the frame. */
  public int byteLength() {
    return byteLength;
  }

  /** Picture width, px; for a sweep whatever its producer says (points). */
  public int width() {
    return width;
  }

  /** Picture height, px; for a sweep whatever its producer says (1). */
  public int height() {
    return height;
  }

  /** Pixel or point format, a number agreed between producer and consumer. */
  public int format() {
    return format;
  }

  /** Gives the lease back; the payload may be rewritten from now on. An empty view stays empty. */
  public void release() {
    FrameRing from = ring;
    if (payload != null && from != null) {
      payload = null;
      from.pool().release(handle);
    }
  }

  /** Hands the lease to {@code other}, which must be empty; this view is empty afterwards. */
  public void moveTo(FrameView other) {
    copyTo(other);
    payload = null;
  }

  /** Adds a lease for {@code other}, which must be empty; both must be released. */
  public void shareWith(FrameView other) {
    FrameRing from = ring;
    if (payload == null || from == null) {
      throw new IllegalStateException("expected a view that holds a frame, found an empty one");
    }
    if (other.isHeld()) {
      throw new IllegalStateException(
          "expected an empty view to fill, found one that holds a frame");
    }
    from.pool().retain(handle);
    copyTo(other);
  }

  private void copyTo(FrameView other) {
    if (payload == null) {
      throw new IllegalStateException("expected a view that holds a frame, found an empty one");
    }
    if (other.isHeld()) {
      throw new IllegalStateException(
          "expected an empty view to fill, found one that holds a frame");
    }
    other.ring = ring;
    other.payload = payload;
    other.handle = handle;
    other.sequence = sequence;
    other.captureNs = captureNs;
    other.arrivedNs = arrivedNs;
    other.publishedNs = publishedNs;
    other.takenNs = takenNs;
    other.byteLength = byteLength;
    other.width = width;
    other.height = height;
    other.format = format;
  }
}
