package saccade.realtime.trace;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Hot path. Records of one writing thread on their way to the file: fixed size, off-heap,
 * lock-free. One writer, one reader. A full ring costs records (counted, and told by a {@link
 * TraceKind#GAP}), never time.
 *
 * <pre>
 *   word 0   code (8 bits) | flag (8) | a (16) | b (32)          little endian
 *   word 1   at, ns
 *   word 2-7 v0 .. v5
 * </pre>
 *
 * The hand-over is {@code tail}: a release store by the writer after the words, an acquire load by
 * the reader before them; {@code head} the other way round.
 */
public final class TraceRing {
  /** Bytes of a record. */
  public static final int RECORD_BYTES = 64;

  static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle TAIL;
  private static final VarHandle HEAD;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      TAIL = lookup.findVarHandle(TraceRing.class, "tail", long.class);
      HEAD = lookup.findVarHandle(TraceRing.class, "head", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final MemorySegment memory; // (capacity, RECORD_BYTES)
  private final long mask;
  private final long capacity;

  @SuppressWarnings("unused") // by TAIL
  private long tail; // records written

  @SuppressWarnings("unused") // by HEAD
  private long head; // records read

  private long knownHead; // the writer's last look at head
  private long lost; // since the last GAP
  private long lostInAll;

  /**
   * A ring in memory that stays the caller's.
   *
   * @param memory capacity x {@link #RECORD_BYTES} bytes, 8-byte aligned; capacity a power of two
   */
  public TraceRing(MemorySegment memory) {
    this.memory = memory;
    this.capacity = memory.byteSize() / RECORD_BYTES;
    if (Long.bitCount(capacity) != 1 || memory.byteSize() % RECORD_BYTES != 0) {
      throw new IllegalArgumentException(
          "expected a power of two of records of "
              + RECORD_BYTES
              + " bytes, found "
              + memory.byteSize()
              + " bytes");
    }
    this.mask = capacity - 1;
  }

  /** Writing thread. Puts a record in; false when the ring is full. */
  public boolean put(
      TraceKind kind,
      int flag,
      int a,
      int b,
      long atNs,
      long v0,
      long v1,
      long v2,
      long v3,
      long v4,
      long v5) {
    long at = tail;
    if (at + 1 - knownHead >= capacity) { // room for a GAP as well
      knownHead = (long) HEAD.getAcquire(this);
      if (at + 1 - knownHead >= capacity) {
        lost++;
        lostInAll++;
        return false;
      }
    }
    if (lost > 0) {
      fill(at, TraceKind.GAP, 0, 0, 0, atNs, lost, 0, 0, 0, 0, 0);
      lost = 0;
      at++;
    }
    fill(at, kind, flag, a, b, atNs, v0, v1, v2, v3, v4, v5);
    TAIL.setRelease(this, at + 1);
    return true;
  }

  private void fill(
      long at,
      TraceKind kind,
      int flag,
      int a,
      int b,
      long atNs,
      long v0,
      long v1,
      long v2,
      long v3,
      long v4,
      long v5) {
    long to = (at & mask) * RECORD_BYTES;
    memory.set(WORD, to, kind.code() | (flag & 0xffL) << 8 | (a & 0xffffL) << 16 | (long) b << 32);
    memory.set(WORD, to + 8, atNs);
    memory.set(WORD, to + 16, v0);
    memory.set(WORD, to + 24, v1);
    memory.set(WORD, to + 32, v2);
    memory.set(WORD, to + 40, v3);
    memory.set(WORD, to + 48, v4);
    memory.set(WORD, to + 56, v5);
  }

  /** Writing thread, set-up. A name for a number; cut to 48 bytes. */
  public boolean name(int of, int number, String name) {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    long[] v = new long[6];
    for (int i = 0; i < Math.min(text.length, 48); i++) {
      v[i / 8] |= (text[i] & 0xffL) << (8 * (i % 8));
    }
    return put(TraceKind.NAME, of, number, 0, 0, v[0], v[1], v[2], v[3], v[4], v[5]);
  }

  /** Reading thread. How many records wait. */
  public long waiting() {
    return (long) TAIL.getAcquire(this) - head;
  }

  /**
   * Reading thread. Those that wait and lie in one piece: at most so many; empty when none does.
   */
  MemorySegment peek(long most) {
    long from = head;
    long count =
        Math.min(Math.min((long) TAIL.getAcquire(this) - from, most), capacity - (from & mask));
    return memory.asSlice((from & mask) * RECORD_BYTES, count * RECORD_BYTES);
  }

  /** Reading thread. So many records have been taken. */
  void taken(long count) {
    HEAD.setRelease(this, head + count);
  }

  /** Records that found the ring full; exact on the writing thread. */
  public long lost() {
    return lostInAll;
  }
}
