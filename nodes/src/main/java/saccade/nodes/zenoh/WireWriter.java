package saccade.nodes.zenoh;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes the head of a message: all of it but a payload at its end. Grows; used again. */
final class WireWriter {
  byte[] bytes = new byte[512];
  int length;

  WireWriter clear() {
    length = 0;
    return this;
  }

  private void room(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
    }
  }

  WireWriter u8(int value) {
    room(1);
    bytes[length++] = (byte) value;
    return this;
  }

  WireWriter u16(int value) {
    return u8(value).u8(value >> 8);
  }

  WireWriter z(long value) {
    room(9);
    long rest = value;
    for (int i = 0; i < 8 && (rest & ~0x7FL) != 0; i++) {
      bytes[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
    return this;
  }

  /** Bytes that {@link #z} takes for {@code value}. */
  static int zBytes(long value) {
    return value == 0 ? 1 : Math.min(9, (70 - Long.numberOfLeadingZeros(value)) / 7);
  }

  WireWriter raw(byte[] more) {
    return raw(more, 0, more.length);
  }

  WireWriter raw(byte[] more, int from, int count) {
    room(count);
    System.arraycopy(more, from, bytes, length, count);
    length += count;
    return this;
  }

  WireWriter raw(MemorySegment more, int count) {
    room(count);
    MemorySegment.copy(more, ValueLayout.JAVA_BYTE, 0, bytes, length, count);
    length += count;
    return this;
  }

  WireWriter buffer(byte[] more) {
    return z(more.length).raw(more);
  }

  WireWriter text(String text) {
    return buffer(text.getBytes(StandardCharsets.UTF_8));
  }

  WireWriter id(ZenohId id) {
    int count = id.bytes();
    for (int i = 0; i < count; i++) {
      u8(id.byteAt(i));
    }
    return this;
  }

  /** Key expression without a table: {@code header} must carry {@link Wire#NAMED}. */
  WireWriter key(String key) {
    return z(0).text(key);
  }

  WireWriter append(WireWriter other) {
    return raw(other.bytes, 0, other.length);
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }
}
