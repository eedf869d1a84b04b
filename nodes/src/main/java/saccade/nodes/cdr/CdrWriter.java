package saccade.nodes.cdr;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * Writes plain CDR (XCDR1), little endian, into memory of its own that grows when it must.
 *
 * <p>{@link #begin()}, the fields in order, then {@link #buffer()} and {@link #bytes()} are a
 * payload for a transport; they hold until the next {@code begin}. Padding is zero. Hot path once
 * the buffer has grown to the largest message: no method but {@link #toArray()} allocates. One
 * thread at a time.
 */
public final class CdrWriter implements AutoCloseable {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final long MAX_BYTES = Integer.MAX_VALUE - 16L;

  private final Supplier<Arena> arenas;
  private Arena arena;
  private MemorySegment buffer;
  private long capacity;
  private long at;

  public CdrWriter() {
    this(512);
  }

  /** Room for {@code initialBytes} before the buffer must grow. */
  public CdrWriter(long initialBytes) {
    this(initialBytes, Arena::ofShared);
  }

  private CdrWriter(long initialBytes, Supplier<Arena> arenas) {
    this.arenas = arenas;
    capacity = Math.max(64, initialBytes);
    arena = arenas.get();
    buffer = arena.allocate(capacity, 16);
    begin();
  }

  /**
   * A writer for the calling thread alone, cheap to close: no other thread may touch its buffer.
   */
  public static CdrWriter confined() {
    return new CdrWriter(512, Arena::ofConfined);
  }

  /** Forgets what was written and writes the header {@code 00 01 00 00}. */
  public void begin() {
    buffer.set(INT, 0, 0x0100);
    at = CdrReader.HEADER;
  }

  /**
   * The writer's memory; the payload is its first {@link #bytes()}. Another segment after growth.
   */
  public MemorySegment buffer() {
    return buffer;
  }

  /** Bytes written, encapsulation header included. */
  public long bytes() {
    return at;
  }

  /** A copy of the payload. */
  public byte[] toArray() {
    byte[] payload = new byte[(int) at];
    MemorySegment.copy(buffer, JAVA_BYTE, 0, payload, 0, payload.length);
    return payload;
  }

  /** Gives the memory back. The writer cannot be used any more. */
  @Override
  public void close() {
    arena.close();
  }

  public void bool(boolean value) {
    int8(value ? 1 : 0);
  }

  /** -128..127. */
  public void int8(int value) {
    if (value != (byte) value) {
      throw outside("int8", value, Byte.MIN_VALUE, Byte.MAX_VALUE);
    }
    long to = room(1, 1);
    buffer.set(JAVA_BYTE, to, (byte) value);
  }

  /** 0..255. */
  public void uint8(int value) {
    if ((value & ~0xff) != 0) {
      throw outside("uint8", value, 0, 255);
    }
    long to = room(1, 1);
    buffer.set(JAVA_BYTE, to, (byte) value);
  }

  /** -32768..32767. */
  public void int16(int value) {
    if (value != (short) value) {
      throw outside("int16", value, Short.MIN_VALUE, Short.MAX_VALUE);
    }
    long to = room(2, 1);
    buffer.set(SHORT, to, (short) value);
  }

  /** 0..65535. */
  public void uint16(int value) {
    if ((value & ~0xffff) != 0) {
      throw outside("uint16", value, 0, 65535);
    }
    long to = room(2, 1);
    buffer.set(SHORT, to, (short) value);
  }

  public void int32(int value) {
    long to = room(4, 1);
    buffer.set(INT, to, value);
  }

  /** The bits. */
  public void uint32(int value) {
    int32(value);
  }

  public void int64(long value) {
    long to = room(8, 1);
    buffer.set(LONG, to, value);
  }

  /** The bits. */
  public void uint64(long value) {
    int64(value);
  }

  public void float32(float value) {
    int32(Float.floatToRawIntBits(value));
  }

  public void float64(double value) {
    int64(Double.doubleToRawLongBits(value));
  }

  public void string(String value) {
    string(value, Integer.MAX_VALUE);
  }

  /**
   * A string in UTF-8 with its NUL; half a surrogate pair becomes {@code ?}.
   *
   * @param bound most bytes of UTF-8, the NUL not counted
   */
  public void string(String value, int bound) {
    int units = value.length();
    long from = room(4, 1) + 4;
    reserve(from + 3L * units + 1);
    MemorySegment bytes = buffer;
    long to = from;
    for (int i = 0; i < units; i++) {
      char unit = value.charAt(i);
      if (unit < 0x80) {
        bytes.set(JAVA_BYTE, to++, (byte) unit);
      } else if (unit < 0x800) {
        bytes.set(JAVA_BYTE, to++, (byte) (0xc0 | unit >> 6));
        bytes.set(JAVA_BYTE, to++, (byte) (0x80 | unit & 0x3f));
      } else if (!Character.isSurrogate(unit)) {
        bytes.set(JAVA_BYTE, to++, (byte) (0xe0 | unit >> 12));
        bytes.set(JAVA_BYTE, to++, (byte) (0x80 | unit >> 6 & 0x3f));
        bytes.set(JAVA_BYTE, to++, (byte) (0x80 | unit & 0x3f));
      } else if (Character.isHighSurrogate(unit)
          && i + 1 < units
          && Character.isLowSurrogate(value.charAt(i + 1))) {
        int point = Character.toCodePoint(unit, value.charAt(++i));
        bytes.set(JAVA_BYTE, to++, (byte) (0xf0 | point >> 18));
        bytes.set(JAVA_BYTE, to++, (byte) (0x80 | point >> 12 & 0x3f));
        bytes.set(JAVA_BYTE, to++, (byte) (0x80 | point >> 6 & 0x3f));
        bytes.set(JAVA_BYTE, to++, (byte) (0x80 | point & 0x3f));
      } else {
        bytes.set(JAVA_BYTE, to++, (byte) '?');
      }
    }
    if (to - from > bound) {
      throw new CdrFault("string of " + (to - from) + " bytes: wanted at most " + bound);
    }
    bytes.set(JAVA_BYTE, to++, (byte) 0);
    bytes.set(INT, from - 4, (int) (to - from));
    at = to;
  }

  public void wstring(String value) {
    wstring(value, Integer.MAX_VALUE);
  }

  /**
   * A wide string as Fast CDR reads it in plain CDR: four bytes a UTF-16 unit, no NUL.
   *
   * @param bound most UTF-16 units
   */
  public void wstring(String value, int bound) {
    count(value.length(), bound);
    for (int i = 0; i < value.length(); i++) {
      int32(value.charAt(i));
    }
  }

  /** The count of a sequence, whose elements follow. */
  public void count(int count, int bound) {
    if (count > bound) {
      throw new CdrFault("sequence of " + count + ": wanted at most " + bound);
    }
    int32(count);
  }

  public void bools(boolean[] values, int bound) {
    count(values.length, bound);
    boolArray(values);
  }

  public void boolArray(boolean[] values) {
    long to = room(1, values.length);
    for (int i = 0; i < values.length; i++) {
      buffer.set(JAVA_BYTE, to + i, (byte) (values[i] ? 1 : 0));
    }
  }

  /** A sequence of int8, uint8, byte or char. */
  public void octets(byte[] values, int bound) {
    count(values.length, bound);
    octetArray(values);
  }

  public void octetArray(byte[] values) {
    long to = room(1, values.length);
    MemorySegment.copy(values, 0, buffer, JAVA_BYTE, to, values.length);
  }

  /** A sequence of octets out of memory of the caller's. */
  public void octets(MemorySegment source, long offset, long bytes) {
    if (bytes > MAX_BYTES) {
      throw tooLarge(bytes);
    }
    int32((int) bytes);
    long to = room(1, (int) bytes);
    MemorySegment.copy(source, offset, buffer, to, bytes);
  }

  public void shorts(short[] values, int bound) {
    count(values.length, bound);
    shortArray(values);
  }

  public void shortArray(short[] values) {
    long to = room(2, values.length);
    MemorySegment.copy(values, 0, buffer, SHORT, to, values.length);
  }

  public void ints(int[] values, int bound) {
    count(values.length, bound);
    intArray(values);
  }

  public void intArray(int[] values) {
    long to = room(4, values.length);
    MemorySegment.copy(values, 0, buffer, INT, to, values.length);
  }

  public void longs(long[] values, int bound) {
    count(values.length, bound);
    longArray(values);
  }

  public void longArray(long[] values) {
    long to = room(8, values.length);
    MemorySegment.copy(values, 0, buffer, LONG, to, values.length);
  }

  public void floats(float[] values, int bound) {
    count(values.length, bound);
    floatArray(values);
  }

  public void floatArray(float[] values) {
    long to = room(4, values.length);
    MemorySegment.copy(values, 0, buffer, FLOAT, to, values.length);
  }

  public void doubles(double[] values, int bound) {
    count(values.length, bound);
    doubleArray(values);
  }

  public void doubleArray(double[] values) {
    long to = room(8, values.length);
    MemorySegment.copy(values, 0, buffer, DOUBLE, to, values.length);
  }

  /** A sequence of messages or strings. */
  public <T> void list(List<T> values, int bound, BiConsumer<T, CdrWriter> element) {
    count(values.size(), bound);
    listArray(values, element);
  }

  /** A fixed array of messages or strings. */
  public <T> void listArray(List<T> values, BiConsumer<T, CdrWriter> element) {
    for (int i = 0, n = values.size(); i < n; i++) {
      element.accept(values.get(i), this);
    }
  }

  /** What a structure without fields takes: one byte. */
  public void emptyStructure() {
    uint8(0);
  }

  /**
   * Pads with zeros to a multiple of {@code size}, makes room for {@code count} and moves past
   * them.
   */
  private long room(int size, int count) {
    if (count == 0) {
      return at;
    }
    long to = ((at - CdrReader.HEADER + size - 1) & -(long) size) + CdrReader.HEADER;
    long behind = to + (long) size * count;
    if (behind > capacity) {
      reserve(behind);
    }
    for (long i = at; i < to; i++) {
      buffer.set(JAVA_BYTE, i, (byte) 0);
    }
    at = behind;
    return to;
  }

  private void reserve(long bytes) {
    if (bytes <= capacity) {
      return;
    }
    if (bytes > MAX_BYTES) {
      throw tooLarge(bytes);
    }
    long wider = Math.min(MAX_BYTES, Math.max(bytes, 2 * capacity));
    Arena next = arenas.get();
    MemorySegment copy = next.allocate(wider, 16);
    MemorySegment.copy(buffer, 0, copy, 0, Math.min(at, capacity));
    Arena last = arena;
    arena = next;
    buffer = copy;
    capacity = wider;
    last.close();
  }

  private static CdrFault tooLarge(long bytes) {
    return new CdrFault("payload of " + bytes + " bytes: wanted at most " + MAX_BYTES);
  }

  private static CdrFault outside(String type, int found, int least, int most) {
    return new CdrFault(type + " " + found + ": wanted " + least + ".." + most);
  }
}
