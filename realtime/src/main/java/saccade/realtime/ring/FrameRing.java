package saccade.realtime.ring;

import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import saccade.realtime.ledger.DropLedger;
import saccade.realtime.ledger.DropReason;

/**
 * Hot path. The way of one sensor's frames from its transport to the pipeline: payloads in a {@link
 * SlotPool}, a Disruptor ring of descriptors that orders them. One producer thread, one consumer
 * thread.
 *
 * <p>Producer: {@link #tryClaim}, write into {@link #slot}, {@link #publish} or {@link #abort}.
 * Consumer: {@link #takeNewest} or {@link #takeNext}, read, {@link FrameView#release}.
 *
 * <p>Descriptors from {@code head + 1} to the cursor are ready and in order. Under {@link
 * OverrunPolicy#LATEST_WINS} consumer and producer both take from the front, the one to read and
 * the other to overwrite, by compare-and-set on {@code head}; who wins owns the descriptor. What
 * the loser read of it may be torn and is thrown away.
 *
 * <p>The ring is never full: each ready descriptor holds one slot, and there are at least as many
 * places as slots. So the producer counts sequences itself and leaves the Disruptor's claim out,
 * which would only compare with a gate that never closes. Producer and consumer may each pass to
 * another thread, if that hand-over is itself ordered.
 */
public final class FrameRing {

  /**
   * {@link #tryClaim}: every slot is leased (or being written); the new frame is dropped and
   * counted. Go on.
   */
  public static final long NO_SLOT = SlotPool.NO_SLOT;

  /**
   * {@link #tryClaim}: lossless and full; counted. Wait for {@link #hasRoom} or give the frame up.
   */
  public static final long REFUSED = -2;

  private static final long NONE_OPEN = -1;

  private static final VarHandle OPEN;

  static {
    try {
      OPEN = MethodHandles.lookup().findVarHandle(FrameRing.class, "openHandle", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final int source;
  private final String name;
  private final SlotPool pool;
  private final OverrunPolicy policy;
  private final RingBuffer<FrameDescriptor> ring;
  private final Sequence head = new Sequence();
  private final DropLedger ledger;

  // Producer only, but for inFlight(), which reads openHandle.
  private long openHandle = NONE_OPEN;
  private long openArrivedNs;
  private long nextSequence;

  /**
   * @param source index of the sensor, carried by each frame
   * @param name as printed in the ledger
   * @param pool used by this ring only
   * @param doorbell rung at each publish; several rings may share one
   */
  public FrameRing(
      int source, String name, SlotPool pool, OverrunPolicy policy, Doorbell doorbell) {
    this.source = source;
    this.name = name;
    this.pool = pool;
    this.policy = policy;
    int places = Math.max(2, Integer.highestOneBit(pool.slotCount() * 2 - 1));
    this.ring = RingBuffer.createSingleProducer(FrameDescriptor::new, places, doorbell);
    this.ledger = new DropLedger("ring." + name, this::inFlight);
  }

  /**
   * Producer. A slot for one frame.
   *
   * @param nowNs kept as the frame's arrival time
   * @return a handle (0 or more), {@link #NO_SLOT} or {@link #REFUSED}
   */
  public long tryClaim(long nowNs) {
    if (openHandle != NONE_OPEN) {
      throw new IllegalStateException(
          "ring " + name + ": expected publish or abort of the claimed slot first");
    }
    ledger.offer();
    long handle = pool.claim();
    if (handle < 0) {
      if (policy == OverrunPolicy.LOSSLESS) {
        ledger.drop(DropReason.REFUSED);
        return REFUSED;
      }
      handle = retakeOldest();
      if (handle < 0) {
        ledger.drop(DropReason.NO_SLOT);
        return NO_SLOT;
      }
      ledger.drop(DropReason.OVERRUN_OLDEST);
    }
    OPEN.setOpaque(this, handle);
    openArrivedNs = nowNs;
    return handle;
  }

  private long retakeOldest() {
    while (true) {
      long taken = head.get();
      if (taken >= ring.getCursor()) {
        return NO_SLOT;
      }
      long handle = ring.get(taken + 1).handle;
      if (head.compareAndSet(taken, taken + 1)) {
        long retaken = pool.retake(handle);
        if (retaken < 0) {
          throw new IllegalStateException(
              "ring " + name + ": a descriptor in the ring names a slot that is not ready");
        }
        return retaken;
      }
    }
  }

  /**
   * Producer. Whether {@link #tryClaim} would find a free slot now; how a lossless producer waits
   * without refusals.
   */
  public boolean hasRoom() {
    return pool.hasFree();
  }

  /** Producer. The claimed slot, writable until {@link #publish} or {@link #abort}. */
  public MemorySegment slot(long handle) {
    return pool.segment(handle);
  }

  /**
   * Producer. The frame is complete: it becomes visible and the bell rings.
   *
   * @param captureNs when the sensor measured, ns
   * @param byteLength bytes written, 0..slot size
   * @param width picture width px, or what producer and consumer agreed on
   * @param height picture height px, or what producer and consumer agreed on
   * @param format a number producer and consumer agreed on
   * @param nowNs kept as the frame's publish time
   */
  public void publish(
      long handle, long captureNs, int byteLength, int width, int height, int format, long nowNs) {
    if (handle != openHandle) {
      throw new IllegalStateException(
          "ring " + name + ": expected the handle of the last claim, found " + handle);
    }
    if (byteLength < 0 || byteLength > pool.slotBytes()) {
      throw new IllegalArgumentException(
          "ring " + name + ": expected 0.." + pool.slotBytes() + " bytes, found " + byteLength);
    }
    long sequence = nextSequence++;
    FrameDescriptor descriptor = ring.get(sequence);
    descriptor.handle = handle;
    descriptor.captureNs = captureNs;
    descriptor.arrivedNs = openArrivedNs;
    descriptor.publishedNs = nowNs;
    descriptor.byteLength = byteLength;
    descriptor.width = width;
    descriptor.height = height;
    descriptor.format = format;
    pool.publish(handle);
    OPEN.setOpaque(this, NONE_OPEN);
    ring.publish(
        sequence); // release store of the cursor: hands descriptor, word and payload to the
    // consumer
  }

  /**
   * Producer. The frame will not come (unreadable, connection lost): the slot is free again, the
   * drop counted.
   */
  public void abort(long handle, DropReason reason) {
    if (handle != openHandle) {
      throw new IllegalStateException(
          "ring " + name + ": expected the handle of the last claim, found " + handle);
    }
    pool.abort(handle);
    OPEN.setOpaque(this, NONE_OPEN);
    ledger.drop(reason);
  }

  /** {@link #abort(long, DropReason)} with {@link DropReason#ABORTED}. */
  public void abort(long handle) {
    abort(handle, DropReason.ABORTED);
  }

  /** Whether a frame is ready. */
  public boolean hasReady() {
    return head.get() < ring.getCursor();
  }

  /**
   * Consumer. Takes the newest ready frame; older ones are dropped, counted {@link
   * DropReason#SUPERSEDED}.
   *
   * @param out empty; holds the lease when this returns true
   * @return false when no frame is ready
   */
  public boolean takeNewest(FrameView out, long nowNs) {
    if (policy != OverrunPolicy.LATEST_WINS) {
      throw new IllegalStateException(
          "ring " + name + ": takeNewest drops frames, and this ring is LOSSLESS");
    }
    long newest = ring.getCursor();
    while (pop(out)) {
      if (out.sequence() >= newest) {
        lease(out, nowNs);
        return true;
      }
      if (!pool.discard(out.handle())) {
        throw new IllegalStateException(
            "ring " + name + ": a descriptor in the ring names a slot that is not ready");
      }
      ledger.drop(DropReason.SUPERSEDED);
    }
    return false;
  }

  /** Consumer. Takes the oldest ready frame; false when none is ready. */
  public boolean takeNext(FrameView out, long nowNs) {
    if (!pop(out)) {
      return false;
    }
    lease(out, nowNs);
    return true;
  }

  /**
   * Takes the front descriptor out of the ring into {@code out}, without a lease yet; false when
   * there is none.
   */
  private boolean pop(FrameView out) {
    if (out.isHeld()) {
      throw new IllegalStateException(
          "ring " + name + ": expected an empty view, found one that holds a frame");
    }
    while (true) {
      long taken = head.get();
      if (taken >= ring.getCursor()) {
        return false;
      }
      out.fill(this, ring.get(taken + 1), taken + 1);
      if (policy == OverrunPolicy.LOSSLESS) {
        head.set(taken + 1); // the consumer alone moves it
        return true;
      }
      if (head.compareAndSet(taken, taken + 1)) {
        return true;
      }
    }
  }

  private void lease(FrameView out, long nowNs) {
    if (!pool.lease(out.handle())) {
      throw new IllegalStateException(
          "ring " + name + ": a descriptor in the ring names a slot that is not ready");
    }
    out.own(pool.segment(out.handle()), nowNs);
    ledger.deliver();
  }

  /**
   * Set-down, after producer and consumer have stopped: what is still inside is dropped, counted
   * SHUTDOWN.
   */
  public void shutdown() {
    long open = openHandle;
    if (open != NONE_OPEN) {
      abort(open, DropReason.SHUTDOWN);
    }
    FrameView view = new FrameView();
    while (pop(view)) {
      pool.discard(view.handle());
      ledger.drop(DropReason.SHUTDOWN);
    }
  }

  /** Frames inside: ready, or claimed and not yet published. Leased ones are delivered. */
  public long inFlight() {
    return ring.getCursor() - head.get() + ((long) OPEN.getOpaque(this) == NONE_OPEN ? 0 : 1);
  }

  /** The account of this ring. */
  public DropLedger ledger() {
    return ledger;
  }

  /** The slots; a view finds its slot there. */
  public SlotPool pool() {
    return pool;
  }

  /** Index of the sensor. */
  public int source() {
    return source;
  }

  public String name() {
    return name;
  }

  public OverrunPolicy policy() {
    return policy;
  }
}
