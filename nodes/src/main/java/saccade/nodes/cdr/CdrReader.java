package saccade.nodes.cdr;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;

/**
 * Reads plain CDR (XCDR1) of either byte order out of memory that belongs to someone else.
 *
 * <pre>
 *  0        2         4
 *  +--------+---------+----------------------------------------
 *  | 00 0e  | options | body; a primitive of n bytes lies at a
 *  +--------+---------+ multiple of n, counted from here
 *       e = 1: little endian
 * </pre>
 *
 * <p>Every length is held against the bytes that are left before anything is allocated. Methods are
 * named after the types of a {@code .msg} file; {@code uint32} and {@code uint64} come as the bits
 * of an {@code int} and a {@code long}, smaller ones as their value. Hot path: scalars, {@link
 * #skip} and {@link #octets(MemorySegment, long, long)} allocate nothing. One thread at a time;
 * reusable through {@link #wrap}.
 */
public final class CdrReader {
  /** Bytes of the encapsulation header. */
  public static final int HEADER = 4;

  private static final ValueLayout.OfShort SHORT = little(ValueLayout.JAVA_SHORT_UNALIGNED);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int NO_BOUND = Integer.MAX_VALUE;

  private MemorySegment payload = MemorySegment.NULL;
  private long at;
  private long end;
  private boolean big;
  private byte[] scratch = new byte[256];

  public CdrReader() {}

  /** A reader at the start of the body of a payload held in an array. */
  public static CdrReader of(byte[] payload) {
    CdrReader reader = new CdrReader();
    reader.wrap(MemorySegment.ofArray(payload), payload.length);
    return reader;
  }

  private static ValueLayout.OfShort little(ValueLayout.OfShort layout) {
    return layout.withOrder(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Goes to the start of the body of a payload. The memory stays the caller's and must live while
   * it is read.
   *
   * @param bytes length of the payload, encapsulation header included
   * @throws CdrFault when the header is not that of plain CDR
   */
  public void wrap(MemorySegment payload, long bytes) {
    if (bytes < HEADER || bytes > payload.byteSize()) {
      throw new CdrFault(
          "payload of "
              + bytes
              + " bytes in "
              + payload.byteSize()
              + ": wanted at least the 4 of the header");
    }
    int kind = payload.get(JAVA_BYTE, 0) << 8 | payload.get(JAVA_BYTE, 1) & 0xff;
    if (kind != 0 && kind != 1) {
      throw new CdrFault(
          String.format(
              "encapsulation 0x%04x: wanted 0x0000 or 0x0001 (plain CDR)", kind & 0xffff));
    }
    this.payload = payload;
    this.at = HEADER;
    this.end = bytes;
    this.big = kind == 0;
  }

  /** Where the next byte is read, counted from the start of the payload. */
  public long position() {
    return at;
  }

  /** Bytes not read yet. */
  public long remaining() {
    return end - at;
  }

  /** The order the payload is in. */
  public ByteOrder order() {
    return big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
  }

  public boolean bool() {
    return int8() != 0;
  }

  public byte int8() {
    return payload.get(JAVA_BYTE, take(1));
  }

  /** 0..255. */
  public int uint8() {
    return int8() & 0xff;
  }

  public short int16() {
    short value = payload.get(SHORT, take(2));
    return big ? Short.reverseBytes(value) : value;
  }

  /** 0..65535. */
  public int uint16() {
    return int16() & 0xffff;
  }

  public int int32() {
    int value = payload.get(INT, take(4));
    return big ? Integer.reverseBytes(value) : value;
  }

  /** The bits; see {@link Integer#toUnsignedLong}. */
  public int uint32() {
    return int32();
  }

  public long int64() {
    long value = payload.get(LONG, take(8));
    return big ? Long.reverseBytes(value) : value;
  }

  /** The bits; see {@link Long#toUnsignedString}. */
  public long uint64() {
    return int64();
  }

  public float float32() {
    return Float.intBitsToFloat(int32());
  }

  public double float64() {
    return Double.longBitsToDouble(int64());
  }

  public String string() {
    return string(NO_BOUND);
  }

  /**
   * A string; bytes that are not UTF-8 become replacement characters. Length 0 and a missing NUL at
   * the end are accepted.
   *
   * @param bound most bytes of UTF-8, the NUL not counted
   */
  public String string(int bound) {
    int length = stringLength(bound);
    if (length == 0) {
      return "";
    }
    long from = at;
    at += length;
    int text = payload.get(JAVA_BYTE, from + length - 1) == 0 ? length - 1 : length;
    if (text > bound) {
      throw tooLong("string", text, bound, from);
    }
    byte[] bytes = text <= scratch.length ? scratch : scratch(text);
    MemorySegment.copy(payload, JAVA_BYTE, from, bytes, 0, text);
    return new String(bytes, 0, text, StandardCharsets.UTF_8);
  }

  /**
   * Bytes the string's length names, held against the bytes left; the position is behind the
   * length.
   */
  private int stringLength(int bound) {
    long length = Integer.toUnsignedLong(int32());
    if (length > end - at) {
      throw announced("string bytes", length, 1);
    }
    if (length - 1 > bound) {
      throw tooLong("string", length - 1, bound, at);
    }
    return (int) length;
  }

  private byte[] scratch(int bytes) {
    if (bytes > 1 << 16) {
      return new byte[bytes];
    }
    scratch = new byte[Integer.highestOneBit(bytes) << 1];
    return scratch;
  }

  public String wstring() {
    return wstring(NO_BOUND);
  }

  /**
   * A wide string as Fast CDR writes it in plain CDR: four bytes a UTF-16 unit, no NUL.
   *
   * @param bound most UTF-16 units
   */
  public String wstring(int bound) {
    int count = count(4, bound);
    char[] units = new char[count];
    for (int i = 0; i < count; i++) {
      units[i] = (char) int32();
    }
    return new String(units);
  }

  /**
   * The count of a sequence, held against its bound and the bytes left.
   *
   * @param elementBytes the fewest bytes one element takes, at least 1
   * @param bound most elements allowed
   */
  public int count(int elementBytes, int bound) {
    long count = Integer.toUnsignedLong(int32());
    if (count > bound) {
      throw tooLong("sequence", count, bound, at - 4);
    }
    if (count > (end - at) / elementBytes) {
      throw announced("elements", count, elementBytes);
    }
    return (int) count;
  }

  public boolean[] bools() {
    return boolArray(count(1, NO_BOUND));
  }

  public boolean[] bools(int bound) {
    return boolArray(count(1, bound));
  }

  public boolean[] boolArray(int count) {
    long from = take(1, count);
    boolean[] values = new boolean[count];
    for (int i = 0; i < count; i++) {
      values[i] = payload.get(JAVA_BYTE, from + i) != 0;
    }
    return values;
  }

  /** A sequence of int8, uint8, byte or char. */
  public byte[] octets() {
    return octetArray(count(1, NO_BOUND));
  }

  public byte[] octets(int bound) {
    return octetArray(count(1, bound));
  }

  public byte[] octetArray(int count) {
    long from = take(1, count);
    byte[] values = new byte[count];
    MemorySegment.copy(payload, JAVA_BYTE, from, values, 0, count);
    return values;
  }

  /**
   * A sequence of octets into memory of the caller's.
   *
   * @param target receives the octets from {@code targetOffset} on
   * @param most room there
   * @return how many octets
   * @throws CdrFault when there are more than {@code most}
   */
  public int octets(MemorySegment target, long targetOffset, long most) {
    int count = count(1, (int) Math.min(most, NO_BOUND));
    MemorySegment.copy(payload, take(1, count), target, targetOffset, count);
    return count;
  }

  public short[] shorts() {
    return shortArray(count(2, NO_BOUND));
  }

  public short[] shorts(int bound) {
    return shortArray(count(2, bound));
  }

  public short[] shortArray(int count) {
    long from = take(2, count);
    short[] values = new short[count];
    MemorySegment.copy(payload, SHORT.withOrder(order()), from, values, 0, count);
    return values;
  }

  public int[] ints() {
    return intArray(count(4, NO_BOUND));
  }

  public int[] ints(int bound) {
    return intArray(count(4, bound));
  }

  public int[] intArray(int count) {
    long from = take(4, count);
    int[] values = new int[count];
    MemorySegment.copy(payload, INT.withOrder(order()), from, values, 0, count);
    return values;
  }

  public long[] longs() {
    return longArray(count(8, NO_BOUND));
  }

  public long[] longs(int bound) {
    return longArray(count(8, bound));
  }

  public long[] longArray(int count) {
    long from = take(8, count);
    long[] values = new long[count];
    MemorySegment.copy(payload, LONG.withOrder(order()), from, values, 0, count);
    return values;
  }

  public float[] floats() {
    return floatArray(count(4, NO_BOUND));
  }

  public float[] floats(int bound) {
    return floatArray(count(4, bound));
  }

  public float[] floatArray(int count) {
    long from = take(4, count);
    float[] values = new float[count];
    MemorySegment.copy(payload, FLOAT.withOrder(order()), from, values, 0, count);
    return values;
  }

  public double[] doubles() {
    return doubleArray(count(8, NO_BOUND));
  }

  public double[] doubles(int bound) {
    return doubleArray(count(8, bound));
  }

  public double[] doubleArray(int count) {
    long from = take(8, count);
    double[] values = new double[count];
    MemorySegment.copy(payload, DOUBLE.withOrder(order()), from, values, 0, count);
    return values;
  }

  /**
   * A sequence of messages or strings.
   *
   * @param elementBytes the fewest bytes one element takes, at least 1
   * @param bound most elements allowed
   */
  public <T> List<T> list(int elementBytes, int bound, Function<CdrReader, T> element) {
    return listArray(elementBytes, count(elementBytes, bound), element);
  }

  /**
   * Call before the elements of a fixed array of messages or strings.
   *
   * @param elementBytes the fewest bytes one element takes, at least 1
   * @throws CdrFault when that many cannot be left
   */
  public void expect(int elementBytes, int count) {
    if (count > (end - at) / elementBytes) {
      throw announced("elements", count, elementBytes);
    }
  }

  /** A fixed array of messages or strings. */
  public <T> List<T> listArray(int elementBytes, int count, Function<CdrReader, T> element) {
    expect(elementBytes, count);
    Object[] values = new Object[count];
    for (int i = 0; i < count; i++) {
      values[i] = element.apply(this);
    }
    @SuppressWarnings("unchecked")
    List<T> list = (List<T>) List.of(values);
    return list;
  }

  /** What a structure without fields takes: one byte, which some peers leave out at the end. */
  public void emptyStructure() {
    if (at < end) {
      at++;
    }
  }

  /** Goes past {@code count} primitives of {@code size} bytes each. */
  public void skip(int size, int count) {
    take(size, count);
  }

  /** Offset in the payload of an aligned primitive, which is then behind the position. */
  private long take(int size) {
    long from = ((at - HEADER + size - 1) & -(long) size) + HEADER;
    if (from + size > end) {
      throw announced("value", 1, size);
    }
    at = from + size;
    return from;
  }

  private long take(int size, int count) {
    if (count == 0) {
      return at;
    }
    long from = ((at - HEADER + size - 1) & -(long) size) + HEADER;
    if (from + (long) size * count > end) {
      throw announced("elements", count, size);
    }
    at = from + (long) size * count;
    return from;
  }

  private CdrFault announced(String what, long count, int bytes) {
    return new CdrFault(
        count
            + " "
            + what
            + " of "
            + bytes
            + " bytes or more at byte "
            + at
            + " of "
            + end
            + ": wanted no more than are left");
  }

  private static CdrFault tooLong(String what, long found, long bound, long where) {
    return new CdrFault(what + " of " + found + " at byte " + where + ": wanted at most " + bound);
  }
}
