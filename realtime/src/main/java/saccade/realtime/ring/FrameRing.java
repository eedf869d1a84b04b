package saccade.realtime.ring;

import com.lmax.disruptor.RingBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import saccade.realtime.ledger.DropLedger;
import saccade.realtime.ledger.DropReason;

/**
 * Hot path. The way of one sensor's frames from its transport to the pipeline: payloads and their
 * descriptors in a {@link SlotPool}, and a Disruptor ring of slot handles that orders them. One
 * producer thread, one consumer thread.
 *
 * <p>Producer: {@link #tryClaim}, write into {@link #slot}, {@link #publish} or {@link #abort}.
 * Consumer: {@link #takeNewest} or {@link #takeNext}, read, {@link FrameView#release}.
 *
 * <p>Handles from {@code head + 1} to the cursor are ready and in order. Under {@link
 * OverrunPolicy#LATEST_WINS} consumer and producer both take from the front, the one to read and
 * the other to overwrite, by compare-and-set on {@code head}; who wins owns the slot. What the
 * loser read of the ring is thrown away.
 *
 * <p>The ring is never full: each ready handle holds one slot, and there are at least as many
 * places as slots. So the producer counts sequences itself and leaves the Disruptor's claim out,
 * which would only compare with a gate that never closes. Producer and consumer may each pass to
 * another thread, if that hand-over is itself ordered.
 */
public final class FrameRing extends RingSides.ConsumerPadding {

  /**
   * {@link #tryClaim}: every slot is leased (or being written); the new frame is dropped and
   * counted. Go on.
   */
  public static final long NO_SLOT = SlotPool.NO_SLOT;

  /**
   * {@link #tryClaim}: lossless and full; counted. Wait for {@link #hasRoom} or give the frame up.
   */
  public static final long REFUSED = -2;

  /** {@link #takeLost}: no frame is known to be lost beyond those told before. */
  public static final long NOTHING_LOST = Long.MIN_VALUE;

  private static final long NONE = -1;

  private static final VarHandle OFFERED;
  private static final VarHandle HEAD;
  private static final VarHandle DELIVERED;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      OFFERED = lookup.findVarHandle(RingSides.Producer.class, "offered", long.class);
      HEAD = lookup.findVarHandle(RingSides.Consumer.class, "head", long.class);
      DELIVERED = lookup.findVarHandle(RingSides.Consumer.class, "delivered", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** A place in the Disruptor ring. */
  private static final class Place {
    long handle;
  }

  private final int source;
  private final String name;
  private final SlotPool pool;
  private final Slot[] slots; // (slots) those of the pool
  private final long slotBytes;
  private final OverrunPolicy policy;
  private final boolean lossless;
  private final RingBuffer<Place> ring;
  private final DropLedger ledger;
  private final Doorbell doorbell;
  private volatile long lostNs = NOTHING_LOST; // producer's: newest stamp that will not come
  private volatile long toldNs = NOTHING_LOST; // consumer's: what takeLost gave last

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
    this.slots = pool.slots();
    this.slotBytes = pool.slotBytes();
    for (Slot slot : slots) {
      slot.source = source;
    }
    this.policy = policy;
    this.lossless = policy == OverrunPolicy.LOSSLESS;
    this.doorbell = doorbell;
    int places = Math.max(2, Integer.highestOneBit(pool.slotCount() * 2 - 1));
    this.ring = RingBuffer.createSingleProducer(Place::new, places, doorbell);
    this.ledger =
        new DropLedger(
            "ring." + name,
            () -> (long) OFFERED.getVolatile(this),
            () -> (long) DELIVERED.getVolatile(this),
            this::inFlight);
  }

  /**
   * Producer. A slot for one frame. Several may be open at a time; frames are numbered as
   * published.
   *
   * @param nowNs kept as the frame's arrival time
   * @return a handle (0 or more), {@link #NO_SLOT} or {@link #REFUSED}
   */
  public long tryClaim(long nowNs) {
    offered++; // one writer; publish fences it out
    long handle = pool.claim();
    if (handle < 0) {
      handle = claimWhenFull();
    }
    if (handle >= 0) {
      SlotPool.slot(slots, handle).arrivedNs = nowNs;
    }
    return handle;
  }

  /**
   * Producer of a lossless ring. A slot for one frame; waits for the consumer, in naps, when all
   * are taken.
   *
   * @param nowNs kept as the frame's arrival time
   * @return a handle
   */
  public long claim(long nowNs) {
    if (!lossless) {
      throw new IllegalStateException(
          "ring " + name + ": only the producer of a LOSSLESS ring waits");
    }
    offered++;
    long handle = pool.claim();
    while (handle < 0) {
      LockSupport.parkNanos(1); // as the Disruptor's producers nap
      handle = pool.claim();
    }
    SlotPool.slot(slots, handle).arrivedNs = nowNs;
    return handle;
  }

  private long claimWhenFull() {
    if (lossless) {
      ledger.drop(DropReason.REFUSED);
      return REFUSED;
    }
    long oldest = pop(); // as the consumer does: who wins owns the slot
    if (oldest < 0) {
      ledger.drop(DropReason.NO_SLOT);
      return NO_SLOT;
    }
    ledger.drop(DropReason.OVERRUN_OLDEST);
    return pool.retake(oldest);
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
    return SlotPool.slot(slots, handle).payload;
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
    if (byteLength < 0 || byteLength > slotBytes) {
      throw new IllegalArgumentException(
          "ring " + name + ": expected 0.." + slotBytes + " bytes, found " + byteLength);
    }
    Slot slot = SlotPool.slot(slots, handle);
    slot.readyForRing(
        handle); // throws before anything is touched; nobody looks before the cursor moves
    long sequence = nextSequence++;
    slot.sequence = sequence;
    slot.captureNs = captureNs;
    slot.publishedNs = nowNs;
    slot.byteLength = byteLength;
    slot.width = width;
    slot.height = height;
    slot.format = format;
    ring.get(sequence).handle = handle;
    ring.publish(
        sequence); // release store of the cursor: hands handle, slot and payload to the consumer
  }

  /**
   * Producer. The frame will not come (unreadable, connection lost): the slot is free again, the
   * drop counted.
   */
  public void abort(long handle, DropReason reason) {
    pool.abort(handle);
    ledger.drop(reason);
  }

  /** {@link #abort(long, DropReason)} with {@link DropReason#ABORTED}. */
  public void abort(long handle) {
    abort(handle, DropReason.ABORTED);
  }

  /**
   * Producer. {@link #abort(long, DropReason)} of a frame whose stamp is known: the consumer is
   * told at once, and need not wait for it.
   *
   * @param captureNs when the sensor measured, ns; above those of the frames published before
   */
  public void abort(long handle, DropReason reason, long captureNs) {
    abort(handle, reason);
    lostNs = captureNs; // release store: who reads it sees all that was published before
    doorbell.ring();
  }

  /** Whether {@link #takeLost} has something to tell. */
  public boolean hasLoss() {
    return lostNs != toldNs;
  }

  /**
   * Consumer. Capture stamp of the newest frame that its producer knows to be lost, once; {@link
   * #NOTHING_LOST} when it was told before or there is none. Every frame of this ring with an
   * earlier stamp was published before: ask first, then take frames, and all of them are there.
   */
  public long takeLost() {
    long newest = lostNs;
    if (newest == toldNs) {
      return NOTHING_LOST;
    }
    toldNs = newest;
    return newest;
  }

  /** Whether a frame is ready. */
  public boolean hasReady() {
    return (long) HEAD.getAcquire(this) < ring.getCursor();
  }

  /**
   * Consumer. Takes the newest ready frame; older ones are dropped, counted {@link
   * DropReason#SUPERSEDED}.
   *
   * @param out empty; holds the lease when this returns true
   * @return false when no frame is ready
   */
  public boolean takeNewest(FrameView out, long nowNs) {
    if (lossless) {
      throw new IllegalStateException(
          "ring " + name + ": takeNewest drops frames, and this ring is LOSSLESS");
    }
    out.expectEmpty();
    long newest = ring.getCursor();
    long handle = pop();
    while (handle >= 0 && SlotPool.slot(slots, handle).sequence < newest) {
      SlotPool.slot(slots, handle).discardTaken(handle);
      ledger.drop(DropReason.SUPERSEDED);
      handle = pop();
    }
    return deliver(handle, out, nowNs);
  }

  /** Consumer. Takes the oldest ready frame; false when none is ready. */
  public boolean takeNext(FrameView out, long nowNs) {
    out.expectEmpty();
    return deliver(lossless ? popAlone() : pop(), out, nowNs);
  }

  /**
   * Takes the front handle for the caller, consumer or overrunning producer: ready, and nobody
   * else's from now on. {@link #NONE} when there is none.
   */
  private long pop() {
    while (true) {
      long taken = (long) HEAD.getAcquire(this);
      if (taken >= ring.getCursor()) {
        return NONE;
      }
      long handle = ring.get(taken + 1).handle;
      if (HEAD.compareAndSet(this, taken, taken + 1)) {
        return handle;
      }
    }
  }

  /**
   * {@link #pop} of a lossless ring: the consumer alone moves the head, and looks up the cursor
   * when it must.
   */
  private long popAlone() {
    long taken = head;
    if (taken == seenCursor) {
      seenCursor = ring.getCursor();
      if (taken == seenCursor) {
        return NONE;
      }
    }
    head = taken + 1;
    return ring.get(taken + 1).handle;
  }

  private boolean deliver(long handle, FrameView out, long nowNs) {
    if (handle < 0) {
      return false;
    }
    Slot slot = SlotPool.slot(slots, handle);
    slot.leaseTaken(handle);
    out.hold(slots, handle, nowNs);
    delivered++; // one writer
    return true;
  }

  /**
   * Set-down, after producer and consumer have stopped: what is still inside is dropped, counted
   * SHUTDOWN.
   */
  public void shutdown() {
    for (long open = pool.anyWriting(); open >= 0; open = pool.anyWriting()) {
      abort(open, DropReason.SHUTDOWN);
    }
    for (long handle = pop(); handle >= 0; handle = pop()) {
      SlotPool.slot(slots, handle).discardTaken(handle);
      ledger.drop(DropReason.SHUTDOWN);
    }
  }

  /** Frames inside: ready, or claimed and not yet published. Leased ones are delivered. */
  public long inFlight() {
    return ring.getCursor() - (long) HEAD.getVolatile(this) + pool.writingCount();
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
