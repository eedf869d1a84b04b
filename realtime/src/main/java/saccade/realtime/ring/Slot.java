package saccade.realtime.ring;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Hot path. One payload slot: its memory, its state word (drawn at {@link SlotPool}) and what lies
 * in it. One object, so that a frame costs one reference to follow. The descriptor fields are
 * written by the producer while the slot is WRITING and read by whoever leases it.
 */
final class Slot {

  static final int FREE = 0;
  static final int WRITING = 1;
  static final int READY = 2;
  static final int LEASED = 3;

  static final int GENERATION_SHIFT = 16;
  static final int STATE_SHIFT = 12;
  static final int LEASE_MASK = 0xFFF;

  private static final VarHandle WORD;

  static {
    try {
      WORD = MethodHandles.lookup().findVarHandle(Slot.class, "word", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private long word; // generation 0, FREE, no lease
  int source;
  int byteLength;
  int width;
  int height;
  int format;
  long sequence;
  long captureNs;
  long arrivedNs;
  long publishedNs;
  final MemorySegment payload; // (slotBytes)

  Slot(MemorySegment payload) {
    this.payload = payload;
  }

  /**
   * Acquire: pairs with the release of the last lease, so the last reads of the payload lie before
   * its rewriting.
   */
  long word() {
    return (long) WORD.getAcquire(this);
  }

  /** FREE to WRITING by the writer, after {@link #word()}; from FREE nobody else moves it. */
  void setWriting(long generation) {
    word = word(generation, WRITING, 0);
  }

  /** Hands over what was written or read before. */
  void setRelease(long to) {
    WORD.setRelease(this, to);
  }

  boolean compareAndSet(long from, long to) {
    return WORD.compareAndSet(this, from, to);
  }

  static long word(long generation, int state, int leases) {
    return generation << GENERATION_SHIFT | (long) state << STATE_SHIFT | leases;
  }

  static int state(long word) {
    return (int) (word >>> STATE_SHIFT) & 0xF;
  }

  // A ring hands the slot over by its cursor (release and acquire) and takes it away by its head,
  // so
  // between the two the word is a plain field: written by the one who has the slot, checked by the
  // next. Only FREE, which the ring does not carry, is handed over by the word itself.

  /** WRITING to READY by the writer, who publishes the handle by a release store after this. */
  void readyForRing(long handle) {
    long writing = (handle & -1L << GENERATION_SHIFT) | WRITING << STATE_SHIFT;
    if (word != writing) {
      throw new IllegalStateException(
          "expected a slot this writer has claimed, found " + describe(word));
    }
    word = writing + ((READY - WRITING) << STATE_SHIFT);
  }

  /** READY to LEASED(1) by the only one who may: the handle was taken away from the writer. */
  void leaseTaken(long handle) {
    long ready = (handle & -1L << GENERATION_SHIFT) | READY << STATE_SHIFT;
    if (word != ready) {
      throw notReady(handle >>> GENERATION_SHIFT);
    }
    word = ready + ((LEASED - READY) << STATE_SHIFT) + 1;
  }

  /** READY to FREE by the only one who may. */
  void discardTaken(long handle) {
    long generation = handle >>> GENERATION_SHIFT;
    if (word() != word(generation, READY, 0)) {
      throw notReady(generation);
    }
    setRelease(word(generation, FREE, 0));
  }

  /** One lease more, by a holder. */
  void retain(long handle) {
    while (true) {
      long seen = word();
      expectLeased(seen, handle);
      if ((seen & LEASE_MASK) == LEASE_MASK) {
        throw new IllegalStateException("expected at most " + LEASE_MASK + " leases of one slot");
      }
      if (compareAndSet(seen, seen + 1)) {
        return;
      }
    }
  }

  /** One lease less; the last one frees the slot. */
  void release(long handle) {
    // The only lease is the caller's and only a holder may add one: nobody else moves this word.
    long onlyLease = (handle & -1L << GENERATION_SHIFT) | LEASED << STATE_SHIFT | 1;
    if (word == onlyLease) {
      setRelease(onlyLease - 1 - ((long) LEASED << STATE_SHIFT));
    } else {
      releaseShared(handle);
    }
  }

  private void releaseShared(long handle) {
    while (true) {
      long seen = word();
      expectLeased(seen, handle);
      boolean last = (seen & LEASE_MASK) == 1;
      if (compareAndSet(seen, last ? word(handle >>> GENERATION_SHIFT, FREE, 0) : seen - 1)) {
        return;
      }
    }
  }

  /** WRITING to READY or FREE, by the writer. */
  void endWriting(long handle, int state) {
    long generation = handle >>> GENERATION_SHIFT;
    if (word() != word(generation, WRITING, 0)) {
      throw new IllegalStateException(
          "expected a slot this writer has claimed, found " + describe(word()));
    }
    setRelease(word(generation, state, 0));
  }

  private void expectLeased(long seen, long handle) {
    if (seen >>> GENERATION_SHIFT != handle >>> GENERATION_SHIFT || state(seen) != LEASED) {
      throw new IllegalStateException(
          "expected a leased slot of generation "
              + (handle >>> GENERATION_SHIFT)
              + ", found "
              + describe(seen));
    }
  }

  private IllegalStateException notReady(long generation) {
    return new IllegalStateException(
        "expected a ready slot of generation " + generation + ", found " + describe(word()));
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
}
