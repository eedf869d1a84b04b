package saccade.nodes.zenoh.rmw;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.time.Instant;
import saccade.nodes.ros.MessageInfo;
import saccade.nodes.zenoh.Sample;

/**
 * What goes along with each sample, request and reply, 33 bytes: number (int64), stamp (int64, ns
 * since 1970), 0x10, global id (16 bytes); little endian.
 */
final class Attachment {
  static final int BYTES = 33;
  private static final int GID_AT = 17;
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG_IN_MEMORY =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Attachment() {}

  static byte[] of(byte[] gid) {
    byte[] out = new byte[BYTES];
    out[16] = Gid.BYTES;
    System.arraycopy(gid, 0, out, GID_AT, Gid.BYTES);
    return out;
  }

  static void stamp(byte[] attachment, long number, long stampNs) {
    LONG.set(attachment, 0, number);
    LONG.set(attachment, 8, stampNs);
  }

  static long number(byte[] attachment) {
    return (long) LONG.get(attachment, 0);
  }

  static boolean valid(byte[] attachment) {
    return attachment.length == BYTES && attachment[16] == Gid.BYTES;
  }

  /** Number and id of a sample's attachment into {@code info}; false when it has none of ours. */
  static boolean read(Sample sample, MessageInfo info) {
    MemorySegment memory = sample.attachmentMemory();
    long at = sample.attachmentAt();
    if (sample.attachmentBytes() != BYTES
        || memory.get(ValueLayout.JAVA_BYTE, at + 16) != Gid.BYTES) {
      info.sequence = -1;
      info.sourceStampNs = 0;
      java.util.Arrays.fill(info.gid, (byte) 0);
      return false;
    }
    info.sequence = memory.get(LONG_IN_MEMORY, at);
    info.sourceStampNs = memory.get(LONG_IN_MEMORY, at + 8);
    MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, at + GID_AT, info.gid, 0, Gid.BYTES);
    return true;
  }

  static long wallNs() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }
}
