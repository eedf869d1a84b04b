package saccade.nodes.cdr;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A large message read where it lies: the small fields into this object, the payload not at all.
 * Bytes that are no such message are an answer, not an exception. Hot path: {@code wrap} and every
 * method that gives no String allocate nothing. One thread; the memory must live while the view is
 * used.
 */
public abstract sealed class MessageView permits CompressedImageView, ImageView, PointCloud2View {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final String rosName;
  private MemorySegment cdr = MemorySegment.NULL;
  private long at;
  private long end;
  private boolean big;

  private @Nullable String missing;
  private long missingCount;
  private long missingAt;

  private long stampNs;
  private long frameIdAt;
  private int frameIdBytes;

  long dataAt;
  int dataBytes;

  MessageView(String rosName) {
    this.rosName = rosName;
  }

  /** Reads encapsulation and std_msgs/Header; false when that is not what is there. */
  final boolean begin(MemorySegment payload, long bytes) {
    cdr = payload;
    at = CdrReader.HEADER;
    end = bytes;
    missing = null;
    dataBytes = 0;
    if (bytes < CdrReader.HEADER || bytes > payload.byteSize()) {
      return lacks("the 4 bytes of an encapsulation header", bytes);
    }
    int kind = payload.get(JAVA_BYTE, 0) << 8 | payload.get(JAVA_BYTE, 1) & 0xff;
    if (kind != 0 && kind != 1) {
      return lacks("plain CDR, encapsulation 0 or 1", kind);
    }
    big = kind == 0;
    long seconds = int32();
    stampNs = seconds * 1_000_000_000L + Integer.toUnsignedLong(int32());
    frameIdBytes = string();
    frameIdAt = textAt;
    return ok();
  }

  final boolean ok() {
    return missing == null;
  }

  final boolean lacks(String what, long found) {
    if (missing == null) {
      missing = what;
      missingCount = found;
      missingAt = at;
    }
    return false;
  }

  final int int32() {
    long from = (at - CdrReader.HEADER + 3 & -4L) + CdrReader.HEADER;
    if (from + 4 > end) {
      lacks("4 bytes of a number", end - at);
      return 0;
    }
    at = from + 4;
    int value = cdr.get(INT, from);
    return big ? Integer.reverseBytes(value) : value;
  }

  final int uint8() {
    if (at >= end) {
      lacks("a byte", 0);
      return 0;
    }
    return cdr.get(JAVA_BYTE, at++) & 0xff;
  }

  /** Start of the text that {@link #string} found last. */
  long textAt;

  /** Length of the string at the position without its NUL; the position is behind it. */
  final int string() {
    long length = Integer.toUnsignedLong(int32());
    textAt = at;
    if (length > end - at) {
      lacks("a string no longer than the bytes left", length);
      return 0;
    }
    at += length;
    return (int) (length > 0 && cdr.get(JAVA_BYTE, at - 1) == 0 ? length - 1 : length);
  }

  /** The uint8[] at the position becomes the data; the position is behind it. */
  final void data() {
    long length = Integer.toUnsignedLong(int32());
    if (length > end - at) {
      lacks("data no longer than the bytes left", length);
      return;
    }
    dataAt = at;
    dataBytes = (int) length;
    at += length;
  }

  final boolean textIs(String ascii, long from, int bytes) {
    if (bytes != ascii.length()) {
      return false;
    }
    for (int i = 0; i < bytes; i++) {
      if (cdr.get(JAVA_BYTE, from + i) != ascii.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  final String text(long from, int bytes) {
    byte[] copy = new byte[bytes];
    MemorySegment.copy(cdr, JAVA_BYTE, from, copy, 0, bytes);
    return new String(copy, StandardCharsets.UTF_8);
  }

  /** Why the last {@code wrap} said no: one line with the value found and the value wanted. */
  public final String fault() {
    return missing == null
        ? ""
        : rosName
            + " at byte "
            + missingAt
            + " of "
            + end
            + ": found "
            + missingCount
            + ", wanted "
            + missing;
  }

  /** The header's stamp, nanoseconds. */
  public final long stampNs() {
    return stampNs;
  }

  public final String frameId() {
    return text(frameIdAt, frameIdBytes);
  }

  /** Whether the frame id is this ASCII text; allocates nothing. */
  public final boolean frameIdIs(String ascii) {
    return textIs(ascii, frameIdAt, frameIdBytes);
  }

  /** Length of the data, bytes. */
  public final int dataBytes() {
    return dataBytes;
  }

  /** Where the data begins in {@link #payload()}. */
  public final long dataOffset() {
    return dataAt;
  }

  /** The memory that was wrapped; not the view's. */
  public final MemorySegment payload() {
    return cdr;
  }

  /**
   * Copies all data.
   *
   * @param target memory with room for {@link #dataBytes()} from {@code targetOffset} on
   */
  public final void copyData(MemorySegment target, long targetOffset) {
    MemorySegment.copy(cdr, dataAt, target, targetOffset, dataBytes);
  }

  /** Copies rows that begin every {@code stride} bytes of the data. */
  final void copyRows(
      int rows,
      long stride,
      long rowBytes,
      MemorySegment target,
      long targetOffset,
      long targetStride) {
    if (stride == rowBytes && targetStride == rowBytes) {
      MemorySegment.copy(cdr, dataAt, target, targetOffset, rows * rowBytes);
      return;
    }
    for (int row = 0; row < rows; row++) {
      MemorySegment.copy(
          cdr, dataAt + row * stride, target, targetOffset + row * targetStride, rowBytes);
    }
  }
}
