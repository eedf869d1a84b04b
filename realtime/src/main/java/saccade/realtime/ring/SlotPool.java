package saccade.realtime.ring;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Hot path. A fixed number of equal payload slots, slices of one arena, each with a state word.
 * <b>A leased slot is never rewritten</b>: the only ways into WRITING are from FREE and, by
 * compare-and-set, from READY; a lease takes the slot out of READY by the same compare-and-set, so
 * one of the two loses.
 *
 * <pre>
 * word    63                              16 15    12 11          0
 *        +----------------------------------+--------+-------------+
 *        | generation (one more each claim) | state  | lease count |
 *        +----------------------------------+--------+-------------+
 * handle  63                              16 15                   0
 *        +----------------------------------+----------------------+
 *        | generation                       | slot index           |
 *        +----------------------------------+----------------------+
 *
 *            claim               publish             lease
 *    FREE ----------&gt; WRITING ------------&gt; READY ------------&gt; LEASED(1) &lt;---&gt; LEASED(n)
 *     ^                |  ^                  | |    retain / release              |
 *     |      abort     |  |     retake       | |                                  |
 *     +----------------+  +------------------+ |                                  |
 *     +----------------------- discard --------+                                  |
 *     +----------------------- release of the last lease -------------------------+
 * </pre>
 *
 * <p>One thread writes (claim, publish, abort, retake); any thread reads (lease, retain, release,
 * discard). A handle names one filling of a slot: once the slot is filled anew the old handle fits
 * nothing.
 */
public final class SlotPool {

  /** {@link #claim}: all slots are being written, ready or leased. */
  public static final long NO_SLOT = -1;

  /**
   * {@link #retake}: the slot is no longer the ready one that the handle names; a reader has it.
   */
  public static final long NOT_READY = -2;

  /** Most slots in a pool. */
  public static final int MAX_SLOTS = 4096;

  private static final int INDEX_MASK = 0xFFFF;

  /** Slots begin on a cache line. */
  private static final long LINE_BYTES = 64;

  private final Slot[] slots; // (slotCount)
  private final long slotBytes;
  private int next; // writer only

  /**
   * @param arena owned by the caller, who closes it after the last reader is gone; shared, since
   *     threads hand slots over
   * @param slotCount 1..{@value #MAX_SLOTS}; what readers lease at most at one time, and at least 2
   *     more
   * @param slotBytes payload capacity of a slot, bytes
   */
  public SlotPool(Arena arena, int slotCount, long slotBytes) {
    this(arena.allocate(memoryBytes(slotCount, slotBytes), LINE_BYTES), slotCount, slotBytes);
  }

  /** Slots in memory that is there: {@code memory} has at least {@link #memoryBytes} bytes. */
  SlotPool(MemorySegment memory, int slotCount, long slotBytes) {
    this.slotBytes = slotBytes;
    this.slots = new Slot[slotCount];
    long stride = memoryBytes(slotCount, slotBytes) / slotCount;
    for (int i = 0; i < slotCount; i++) {
      slots[i] = new Slot(memory.asSlice(i * stride, slotBytes));
    }
  }

  static long memoryBytes(int slotCount, long slotBytes) {
    if (slotCount < 1 || slotCount > MAX_SLOTS || slotBytes < 1) {
      throw new IllegalArgumentException(
          "expected 1.."
              + MAX_SLOTS
              + " slots of 1 byte or more, found "
              + slotCount
              + " of "
              + slotBytes);
    }
    long stride = (slotBytes + LINE_BYTES - 1) & -LINE_BYTES;
    return Math.multiplyExact(stride, (long) slotCount);
  }

  /** Writer. Takes a free slot: a handle, or {@link #NO_SLOT}. */
  public long claim() {
    Slot[] all = slots;
    int at = next;
    for (int tried = 0; tried < all.length; tried++) {
      int following = at + 1 == all.length ? 0 : at + 1;
      Slot slot = all[at];
      long word = slot.word();
      if (Slot.state(word) == Slot.FREE) {
        next = following;
        long generation = (word >>> Slot.GENERATION_SHIFT) + 1;
        slot.setWriting(generation);
        return handle(generation, at);
      }
      at = following;
    }
    return NO_SLOT;
  }

  /** Writer. Makes the payload visible: WRITING to READY, one release store. */
  public void publish(long handle) {
    slot(handle).endWriting(handle, Slot.READY);
  }

  /** Writer. Gives a claimed slot back unread: WRITING to FREE. */
  public void abort(long handle) {
    slot(handle).endWriting(handle, Slot.FREE);
  }

  /**
   * Writer. Takes a ready slot nobody has leased for a new payload: a new handle, or {@link
   * #NOT_READY}.
   */
  public long retake(long handle) {
    Slot slot = slot(handle);
    long generation = handle >>> Slot.GENERATION_SHIFT;
    boolean mine =
        slot.compareAndSet(
            Slot.word(generation, Slot.READY, 0), Slot.word(generation + 1, Slot.WRITING, 0));
    return mine ? handle(generation + 1, (int) handle & INDEX_MASK) : NOT_READY;
  }

  /** Reader. READY to LEASED(1); false when the writer retook the slot or another reader has it. */
  public boolean lease(long handle) {
    long generation = handle >>> Slot.GENERATION_SHIFT;
    return slot(handle)
        .compareAndSet(Slot.word(generation, Slot.READY, 0), Slot.word(generation, Slot.LEASED, 1));
  }

  /** Reader that holds a lease. One more lease, for someone else to release. */
  public void retain(long handle) {
    slot(handle).retain(handle);
  }

  /** Reader that holds a lease. One lease less; the last one frees the slot. */
  public void release(long handle) {
    slot(handle).release(handle);
  }

  /** Any thread. READY to FREE unread; false when it is leased or retaken. */
  public boolean discard(long handle) {
    long generation = handle >>> Slot.GENERATION_SHIFT;
    return slot(handle)
        .compareAndSet(Slot.word(generation, Slot.READY, 0), Slot.word(generation, Slot.FREE, 0));
  }

  /**
   * The whole slot, {@link #slotBytes()} long. Writable by whoever claimed it until publish or
   * abort, readable by whoever leased it until release; the pool's arena owns the memory.
   */
  public MemorySegment segment(long handle) {
    return slot(handle).payload;
  }

  public int slotCount() {
    return slots.length;
  }

  /** Payload capacity of a slot, bytes. */
  public long slotBytes() {
    return slotBytes;
  }

  /** Writer. Whether a claim would find a free slot now. */
  public boolean hasFree() {
    Slot[] all = slots;
    int at = next;
    for (int tried = 0; tried < all.length; tried++) {
      if (Slot.state(all[at].word()) == Slot.FREE) {
        return true;
      }
      at = at + 1 == all.length ? 0 : at + 1;
    }
    return false;
  }

  /** How many slots are free at this moment; for reports and tests. */
  public int freeCount() {
    return countOf(Slot.FREE);
  }

  /** How many slots are leased at this moment; for reports and tests. */
  public int leasedCount() {
    return countOf(Slot.LEASED);
  }

  /** How many slots are claimed and neither published nor given back. */
  int writingCount() {
    return countOf(Slot.WRITING);
  }

  /** Writer. A claimed slot that is neither published nor given back, or {@link #NO_SLOT}. */
  long anyWriting() {
    for (int at = 0; at < slots.length; at++) {
      long word = slots[at].word();
      if (Slot.state(word) == Slot.WRITING) {
        return handle(word >>> Slot.GENERATION_SHIFT, at);
      }
    }
    return NO_SLOT;
  }

  private int countOf(int wanted) {
    int count = 0;
    for (Slot slot : slots) {
      if (Slot.state(slot.word()) == wanted) {
        count++;
      }
    }
    return count;
  }

  Slot slot(long handle) {
    return slot(slots, handle);
  }

  static Slot slot(Slot[] slots, long handle) {
    return slots[(int) handle & INDEX_MASK];
  }

  Slot[] slots() {
    return slots;
  }

  private static long handle(long generation, int index) {
    return generation << Slot.GENERATION_SHIFT | index;
  }
}
