package saccade.nodes.zenoh;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Hot path. Reads Zenoh's integers and slices from a piece of memory; every length is checked
 * against what is left before anything is made of it. Used again for the next piece.
 */
final class WireReader {
  MemorySegment memory = MemorySegment.NULL;
  long at;
  long end;

  WireReader over(MemorySegment memory, long from, long to) {
    this.memory = memory;
    this.at = from;
    this.end = to;
    return this;
  }

  boolean hasMore() {
    return at < end;
  }

  long left() {
    return end - at;
  }

  int u8() {
    if (at >= end) {
      throw ZenohFault.malformed("the message ends within a field");
    }
    return memory.get(ValueLayout.JAVA_BYTE, at++) & 0xFF;
  }

  int u16() {
    int low = u8();
    return low | u8() << 8;
  }

  /** Seven bits a byte, low first; the ninth byte carries eight. */
  long z64() {
    int b = u8();
    if (b < 0x80) {
      return b;
    }
    long value = b & 0x7F;
    for (int shift = 7; shift < 56; shift += 7) {
      b = u8();
      value |= (long) (b & 0x7F) << shift;
      if (b < 0x80) {
        return value;
      }
    }
    return value | (long) u8() << 56;
  }

  /** An unsigned 32-bit number, as its bits. */
  int z32() {
    long value = z64();
    if (value >>> 32 != 0) {
      throw ZenohFault.malformed("number " + Long.toUnsignedString(value) + "; at most 2^32 - 1");
    }
    return (int) value;
  }

  /** A length of what follows: 0..{@link #left}. */
  int length() {
    long value = z64();
    if (value < 0 || value > end - at || value > Integer.MAX_VALUE) {
      throw ZenohFault.malformed(
          "length " + Long.toUnsignedString(value) + "; " + (end - at) + " bytes are left");
    }
    return (int) value;
  }

  /** Goes over {@code bytes} and says where they begin. */
  long skip(int bytes) {
    if (bytes < 0 || bytes > end - at) {
      throw ZenohFault.malformed(bytes + " bytes wanted, " + (end - at) + " are left");
    }
    long start = at;
    at += bytes;
    return start;
  }

  byte[] bytes(int count) {
    long start = skip(count);
    byte[] out = new byte[count];
    MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, start, out, 0, count);
    return out;
  }

  static String text(MemorySegment memory, long from, int bytes) {
    byte[] out = new byte[bytes];
    MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, from, out, 0, bytes);
    return new String(out, StandardCharsets.UTF_8);
  }

  ZenohId id(int bytes) {
    if (bytes < 1 || bytes > ZenohId.MAX_BYTES) {
      throw ZenohFault.malformed("Zenoh id of " + bytes + " bytes; wanted 1 to 16");
    }
    long low = 0;
    long high = 0;
    for (int i = 0; i < bytes; i++) {
      long b = u8();
      if (i < 8) {
        low |= b << 8 * i;
      } else {
        high |= b << 8 * (i - 8);
      }
    }
    if (low == 0 && high == 0) {
      throw ZenohFault.malformed("Zenoh id 0");
    }
    return new ZenohId(high, low);
  }

  /** Goes over all extensions, for messages whose extensions mean nothing to us. */
  void skipExtensions(boolean present) {
    boolean more = present;
    while (more) {
      int header = u8();
      more = (header & Wire.EXT_MORE) != 0;
      skipExtension(header);
    }
  }

  /** Goes over the body of one extension; an unknown mandatory one is a fault. */
  void skipUnknown(int header, String where) {
    if ((header & Wire.EXT_MANDATORY) != 0) {
      throw ZenohFault.malformed(
          "mandatory extension " + (header & Wire.EXT_ID) + " unknown in " + where);
    }
    skipExtension(header);
  }

  void skipExtension(int header) {
    switch (header & Wire.EXT_ENCODING) {
      case Wire.EXT_UNIT -> {}
      case Wire.EXT_Z64 -> z64();
      case Wire.EXT_ZBUF -> skip(length());
      default -> throw ZenohFault.malformed("extension encoding 3; wanted 0..2");
    }
  }
}
