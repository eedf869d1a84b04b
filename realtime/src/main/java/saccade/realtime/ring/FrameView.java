package saccade.realtime.ring;

import java.lang.foreign.MemorySegment;

/**
 * Hot path. A reused flyweight over one leased frame: made once, filled by {@link
 * FrameRing#takeNewest} or {@link FrameRing#takeNext}, emptied by {@link #release}. One thread uses
 * it at a time. While it holds, neither payload nor stamps change; an empty view has neither, and
 * asking it is a defect that throws.
 */
public final class FrameView {

  private static final long EMPTY = -1;
  private static final Slot[] NO_SLOTS = {};

  // Storing a reference has its price under a concurrent collector: the slots of a ring are stored
  // at
  // the first frame of that ring only, a frame is the handle.
  private Slot[] slots = NO_SLOTS;
  private long handle = EMPTY;
  private long takenNs;

  /** An empty view. */
  public FrameView() {}

  void hold(Slot[] from, long leasedHandle, long nowNs) {
    if (slots != from) {
      slots = from;
    }
    handle = leasedHandle;
    takenNs = nowNs;
  }

  /** Whether this view holds a lease. */
  public boolean isHeld() {
    return handle != EMPTY;
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
    long leased = handle;
    if (leased != EMPTY) {
      handle = EMPTY;
      SlotPool.slot(slots, leased).release(leased);
    }
  }

  /** Hands the lease to {@code other}, which must be empty; this view is empty afterwards. */
  public void moveTo(FrameView other) {
    expectHeld();
    other.expectEmpty();
    other.hold(slots, handle, takenNs);
    handle = EMPTY;
  }

  /** Adds a lease for {@code other}, which must be empty; both must be released. */
  public void shareWith(FrameView other) {
    Slot leased = slot();
    other.expectEmpty();
    leased.retain(handle);
    other.hold(slots, handle, takenNs);
  }

  void expectEmpty() {
    if (handle != EMPTY) {
      throw new IllegalStateException(
          "expected an empty view to fill, found one that holds a frame");
    }
  }

  private void expectHeld() {
    if (handle == EMPTY) {
      throw new IllegalStateException("expected a view that holds a frame, found an empty one");
    }
  }

  private Slot slot() {
    expectHeld();
    return SlotPool.slot(slots, handle);
  }
}
