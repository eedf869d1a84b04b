package saccade.realtime.ring;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

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
 *    FREE ----------> WRITING ------------> READY ------------> LEASED(1) <---> LEASED(n)
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

  private static final int FREE = 0;
  private static final int WRITING = 1;
  private static final int READY = 2;
  private static final int LEASED = 3;

  private static final int GENERATION_SHIFT = 16;
  private static final int STATE_SHIFT = 12;
  private static final int LOW_MASK = 0xFFFF;
  private static final int LEASE_MASK = 0xFFF;

  /**
   * Longs from one word to the next: writer and reader work on neighbouring slots at the same time.
   */
  private static final int STRIDE = 16;

  /** Slots begin on a cache line. */
  private static final long LINE_BYTES = 64;

  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

  private final long[] words; // (slotCount + 1) * STRIDE, word of slot i at (i + 1) * STRIDE
  private final MemorySegment[] slots; // (slotCount)
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
    this.words = new long[(slotCount + 1) * STRIDE];
    this.slots = new MemorySegment[slotCount];
    long stride = memoryBytes(slotCount, slotBytes) / slotCount;
    for (int i = 0; i < slotCount; i++) {
      slots[i] = memory.asSlice(i * stride, slotBytes);
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
    int count = slots.length;
    int slot = next;
    for (int tried = 0; tried < count; tried++) {
      // Acquire: pairs with the release of the last lease, so the last reads of the payload lie
      // before its rewriting.
      long word = (long) WORD.getAcquire(words, at(slot));
      int following = slot + 1 == count ? 0 : slot + 1;
      if (state(word) == FREE) {
        next = following;
        return startWriting(slot, word);
      }
      slot = following;
    }
    return NO_SLOT;
  }

  private long startWriting(int slot, long word) {
    long generation = (word >>> GENERATION_SHIFT) + 1;
    WORD.setOpaque(
        words, at(slot), word(generation, WRITING, 0)); // from FREE only the writer moves
    return generation << GENERATION_SHIFT | slot;
  }

  /** Writer. Makes the payload visible: WRITING to READY, one release store. */
  public void publish(long handle) {
    expectWriting(handle);
    WORD.setRelease(words, at(slotOf(handle)), word(generationOf(handle), READY, 0));
  }

  /** Writer. Gives a claimed slot back unread: WRITING to FREE. */
  public void abort(long handle) {
    expectWriting(handle);
    WORD.setRelease(words, at(slotOf(handle)), word(generationOf(handle), FREE, 0));
  }

  /**
   * Writer. Takes a ready slot nobody has leased for a new payload: a new handle, or {@link
   * #NOT_READY}.
   */
  public long retake(long handle) {
    int slot = slotOf(handle);
    long generation = generationOf(handle);
    boolean mine =
        WORD.compareAndSet(
            words, at(slot), word(generation, READY, 0), word(generation + 1, WRITING, 0));
    return mine ? (generation + 1) << GENERATION_SHIFT | slot : NOT_READY;
  }

  /** Reader. READY to LEASED(1); false when the writer retook the slot or another reader has it. */
  public boolean lease(long handle) {
    long generation = generationOf(handle);
    return WORD.compareAndSet(
        words, at(slotOf(handle)), word(generation, READY, 0), word(generation, LEASED, 1));
  }

  /** Reader that holds a lease. One more lease, for someone else to release. */
  public void retain(long handle) {
    int at = at(slotOf(handle));
    while (true) {
      long word = (long) WORD.getAcquire(words, at);
      expectLeased(word, handle);
      if ((word & LEASE_MASK) == LEASE_MASK) {
        throw new IllegalStateException("expected at most " + LEASE_MASK + " leases of one slot");
      }
      if (WORD.compareAndSet(words, at, word, word + 1)) {
        return;
      }
    }
  }

  /** Reader that holds a lease. One lease less; the last one frees the slot. */
  public void release(long handle) {
    int at = at(slotOf(handle));
    while (true) {
      long word = (long) WORD.getAcquire(words, at);
      expectLeased(word, handle);
      if ((word & LEASE_MASK) == 1) {
        // The only lease is the caller's and only a holder may add one: nobody else moves this
        // word.
        WORD.setRelease(words, at, word(generationOf(handle), FREE, 0));
        return;
      }
      if (WORD.compareAndSet(words, at, word, word - 1)) {
        return;
      }
    }
  }

  /** Any thread. READY to FREE unread; false when it is leased or retaken. */
  public boolean discard(long handle) {
    long generation = generationOf(handle);
    return WORD.compareAndSet(
        words, at(slotOf(handle)), word(generation, READY, 0), word(generation, FREE, 0));
  }

  /**
   * The whole slot, {@link #slotBytes()} long. Writable by whoever claimed it until publish or
   * abort, readable by whoever leased it until release; the pool's arena owns the memory.
   */
  public MemorySegment segment(long handle) {
    return slots[slotOf(handle)];
  }

  public int slotCount() {
    return slots.length;
  }

  /** Payload capacity of a slot, bytes. */
  public long slotBytes() {
    return slotBytes;
  }

  /** Whether a claim by the writer would find a free slot now. */
  public boolean hasFree() {
    int count = slots.length;
    int slot = next;
    for (int tried = 0; tried < count; tried++) {
      if (state((long) WORD.getAcquire(words, at(slot))) == FREE) {
        return true;
      }
      slot = slot + 1 == count ? 0 : slot + 1;
    }
    return false;
  }

  /** How many slots are free at this moment; for reports and tests. */
  public int freeCount() {
    return countOf(FREE);
  }

  /** How many slots are leased at this moment; for reports and tests. */
  public int leasedCount() {
    return countOf(LEASED);
  }

  private int countOf(int wanted) {
    int count = 0;
    for (int slot = 0; slot < slots.length; slot++) {
      if (state((long) WORD.getAcquire(words, at(slot))) == wanted) {
        count++;
      }
    }
    return count;
  }

  private void expectWriting(long handle) {
    long word = (long) WORD.getOpaque(words, at(slotOf(handle)));
    if (word != word(generationOf(handle), WRITING, 0)) {
      throw new IllegalStateException(
          "expected a slot this writer has claimed, found " + describe(word));
    }
  }

  private static void expectLeased(long word, long handle) {
    if (word >>> GENERATION_SHIFT != generationOf(handle) || state(word) != LEASED) {
      throw new IllegalStateException(
          "expected a leased slot of generation "
              + generationOf(handle)
              + ", found "
              + describe(word));
    }
  }

  private static String describe(long word) {
    String state =
        switch (state(word)) {
          case FREE -> "FREE";
          case WRITING -> "WRITING";
          case READY -> "READY";
          default -> "LEASED(" + (word & LEASE_MASK) + ")";
        };
    return state + " of generation " + (word >>> GENERATION_SHIFT);
  }

  private static int at(int slot) {
    return (slot + 1) * STRIDE;
  }

  private static int slotOf(long handle) {
    return (int) (handle & LOW_MASK);
  }

  private static long generationOf(long handle) {
    return handle >>> GENERATION_SHIFT;
  }

  private static int state(long word) {
    return (int) (word >>> STATE_SHIFT) & 0xF;
  }

  private static long word(long generation, int state, int leases) {
    return generation << GENERATION_SHIFT | (long) state << STATE_SHIFT | leases;
  }
}
