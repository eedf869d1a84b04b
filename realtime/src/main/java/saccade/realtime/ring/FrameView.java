package saccade.realtime.ring;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Hot path. A reused flyweight over one leased frame: made once, filled by {@link
 * FrameRing#takeNewest} or {@link FrameRing#takeNext}, emptied by {@link #release}. One thread uses
 * it at a time. While it holds, neither payload nor stamps change; an empty view has neither, and
 * asking it is a defect that throws.
 */
public final class FrameView {

  private @Nullable SlotPool
      pool; // of the last frame; stays, so that refilling stores no reference
  private boolean held;
  private long handle;
  private long takenNs;

  /** An empty view. */
  public FrameView() {}

  void hold(SlotPool from, long leasedHandle, long nowNs) {
    if (pool != from) {
      pool = from;
    }
    handle = leasedHandle;
    takenNs = nowNs;
    held = true;
  }

  /** Whether this view holds a lease. */
  public boolean isHeld() {
    return held;
  }

  /**
   * The slot, read-only by agreement; the first {@link #byteLength()} bytes are the frame. Valid
   * until release.
   */
  public MemorySegment payload() {
    return slot().payload;
  }

  /** The sensor's index, as given to its ring. */
  public int source() {
    return slot().source;
  }

  /** Number of the frame in its ring, from 0; counts published frames. */
  public long sequence() {
    return slot().sequence;
  }

  /** When the sensor measured, ns. */
  public long captureNs() {
    return slot().captureNs;
  }

  /** When the transport claimed a slot for it, ns. */
  public long arrivedNs() {
    return slot().arrivedNs;
  }

  /** When the payload was complete and visible, ns. */
  public long publishedNs() {
    return slot().publishedNs;
  }

  /** When the consumer took it, ns. */
  public long takenNs() {
    return takenNs;
  }

  /** Bytes of the payload that belong to the frame. */
  public int byteLength() {
    return slot().byteLength;
  }

  /** Picture width, px; for a sweep whatever its producer says (points). */
  public int width() {
    return slot().width;
  }

  /** Picture height, px; for a sweep whatever its producer says (1). */
  public int height() {
    return slot().height;
  }

  /** Pixel or point format, a number agreed between producer and consumer. */
  public int format() {
    return slot().format;
  }

  /** Gives the lease back; the payload may be rewritten from now on. An empty view stays empty. */
  public void release() {
    if (held) {
      Slot leased = slot();
      held = false;
      leased.release(handle);
    }
  }

  /** Hands the lease to {@code other}, which must be empty; this view is empty afterwards. */
  public void moveTo(FrameView other) {
    SlotPool from = pool();
    expectEmpty(other);
    other.hold(from, handle, takenNs);
    held = false;
  }

  /** Adds a lease for {@code other}, which must be empty; both must be released. */
  public void shareWith(FrameView other) {
    SlotPool from = pool();
    expectEmpty(other);
    from.retain(handle);
    other.hold(from, handle, takenNs);
  }

  private Slot slot() {
    return pool().slot(handle);
  }

  private SlotPool pool() {
    SlotPool from = pool;
    if (!held || from == null) {
      throw new IllegalStateException("expected a view that holds a frame, found an empty one");
    }
    return from;
  }

  private static void expectEmpty(FrameView view) {
    if (view.held) {
      throw new IllegalStateException(
          "expected an empty view to fill, found one that holds a frame");
    }
  }
}
