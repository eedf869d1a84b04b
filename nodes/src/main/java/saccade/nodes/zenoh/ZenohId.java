package saccade.nodes.zenoh;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Locale;

/**
 * Who a session is: a number of 1 to 128 bits.
 *
 * @param high bits 64..127
 * @param low bits 0..63; not zero together with {@code high}
 */
public record ZenohId(long high, long low) implements Comparable<ZenohId> {
  /** Most bytes on the wire. */
  public static final int MAX_BYTES = 16;

  private static final ValueLayout.OfLong LITTLE =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  public ZenohId {
    if (high == 0 && low == 0) {
      throw new IllegalArgumentException("Zenoh id 0; wanted 1 to 2^128 - 1");
    }
  }

  /** 128 random bits without a leading zero byte. */
  public static ZenohId random() {
    SecureRandom random = new SecureRandom();
    return new ZenohId(random.nextLong() | 1L << 56, random.nextLong());
  }

  /** From the text of {@link #toString}: 1 to 32 hexadecimal digits. */
  public static ZenohId parse(String text) {
    if (text.isEmpty() || text.length() > 32) {
      throw new IllegalArgumentException("Zenoh id '" + text + "'; wanted 1 to 32 hex digits");
    }
    String all = "0".repeat(32 - text.length()) + text;
    return new ZenohId(
        HexFormat.fromHexDigitsToLong(all, 0, 16), HexFormat.fromHexDigitsToLong(all, 16, 32));
  }

  /** The 16 bytes of a {@code z_id_t}, lowest first. */
  static ZenohId of(MemorySegment bytes) {
    return new ZenohId(bytes.get(LITTLE, 8), bytes.get(LITTLE, 0));
  }

  /** Whether a {@code z_id_t} is this. */
  boolean is(MemorySegment bytes) {
    return bytes.get(LITTLE, 0) == low && bytes.get(LITTLE, 8) == high;
  }

  /** Bytes on the wire: without the zero bytes at the top. */
  int bytes() {
    int zeros = high != 0 ? Long.numberOfLeadingZeros(high) : 64 + Long.numberOfLeadingZeros(low);
    return MAX_BYTES - zeros / 8;
  }

  /** Byte {@code i} on the wire, lowest first. */
  byte byteAt(int i) {
    return (byte) (i < 8 ? low >>> 8 * i : high >>> 8 * (i - 8));
  }

  @Override
  public int compareTo(ZenohId other) {
    int c = Long.compareUnsigned(high, other.high);
    return c != 0 ? c : Long.compareUnsigned(low, other.low);
  }

  /** Lowercase hexadecimal without leading zeros, as every Zenoh prints it. */
  @Override
  public String toString() {
    HexFormat hex = HexFormat.of();
    String all = hex.toHexDigits(high) + hex.toHexDigits(low);
    return new BigInteger(all, 16).toString(16).toLowerCase(Locale.ROOT);
  }
}
