package saccade.nodes.zenoh;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import saccade.nodes.zenoh.c.Blocks;
import saccade.nodes.zenoh.c.Layouts;
import saccade.nodes.zenoh.c.Zenohc;

/**
 * Hot path. Reads what libzenohc lends during a call. A payload that lies in one piece (all that
 * came in one batch, or through shared memory) is handed on where it lies; one in pieces is put
 * together in memory of this reader. One thread at a time.
 */
final class NativeReader implements AutoCloseable {
  private static final int STRING_AT = 0;
  private static final int SLICE_AT = 512;
  private static final int ITERATOR_AT = 1024;
  private static final int ENTITY_AT = 1536;
  private static final MemorySegment EMPTY = MemorySegment.ofArray(new byte[0]);
  private static final int MAX_ATTACHMENT_BYTES = 65_536;

  private final long maxBytes;
  private final Counts counts;
  private final MemorySegment scratch = Blocks.take();
  private final long string = scratch.address() + STRING_AT;
  private final long slice = scratch.address() + SLICE_AT;
  private final SegmentAllocator iterator = (bytes, align) -> scratch.asSlice(ITERATOR_AT, bytes);
  private final SegmentAllocator entity = (bytes, align) -> scratch.asSlice(ENTITY_AT, bytes);
  private final Sample sample = new Sample();
  private @Nullable Arena arena;
  private MemorySegment together = EMPTY;
  private byte[] keyBytes = {};
  private MemorySegment keyMemory = MemorySegment.ofArray(keyBytes);
  private String key = "";
  private @Nullable ZenohId source;

  NativeReader(NativeSession session) {
    this.maxBytes = session.maxMessageBytes;
    this.counts = session.counts;
  }

  /**
   * @param loaned {@code z_loaned_sample_t}
   * @throws ZenohFault when it is longer than the session accepts
   */
  Sample read(long loaned) {
    String at = key(Zenohc.get(Zenohc.SAMPLE_KEYEXPR, loaned));
    MemorySegment payload = bytes(Zenohc.get(Zenohc.SAMPLE_PAYLOAD, loaned));
    long attachment = Zenohc.get(Zenohc.SAMPLE_ATTACHMENT, loaned);
    sample.lent(
        at,
        Zenohc.getInt(Zenohc.SAMPLE_KIND, loaned) == Layouts.SAMPLE_PUT,
        payload,
        attachment == 0 ? null : attachment(attachment),
        Zenohc.getInt(Zenohc.SAMPLE_PRIORITY, loaned));
    long stamp = Zenohc.get(Zenohc.SAMPLE_TIMESTAMP, loaned);
    long ntp = stamp == 0 ? 0 : Zenohc.get(Zenohc.TIMESTAMP_NTP, stamp);
    long from = Zenohc.get(Zenohc.SAMPLE_SOURCE, loaned);
    if (from == 0) {
      return sample.source(null, 0, -1, ntp);
    }
    MemorySegment id = Zenohc.sourceId(entity, from);
    return sample.source(
        source(id),
        id.get(ValueLayout.JAVA_INT, Zenohc.ENTITY_NUMBER_AT),
        Integer.toUnsignedLong(Zenohc.getInt(Zenohc.SOURCE_NUMBER, from)),
        ntp);
  }

  /** Put, or deleted: all there is to a token. */
  static boolean isPut(long loaned) {
    return Zenohc.getInt(Zenohc.SAMPLE_KIND, loaned) == Layouts.SAMPLE_PUT;
  }

  /** The sample's key; the last one is kept, for samples of one key come in a row. */
  String key(long keyexpr) {
    Zenohc.run(Zenohc.KEYEXPR_AS_STRING, keyexpr, string);
    MemorySegment utf8 = Zenohc.text(string);
    if (utf8.byteSize() != keyBytes.length || utf8.mismatch(keyMemory) >= 0) {
      keyBytes = utf8.toArray(ValueLayout.JAVA_BYTE);
      keyMemory = MemorySegment.ofArray(keyBytes);
      key = new String(keyBytes, StandardCharsets.UTF_8);
    }
    return key;
  }

  /** A query's parameters. */
  String parameters(long query) {
    Zenohc.run(Zenohc.QUERY_PARAMETERS, query, string);
    return new String(Zenohc.text(string).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }

  private ZenohId source(MemorySegment entityId) {
    ZenohId now = source;
    if (now == null || !now.is(entityId)) {
      now = ZenohId.of(entityId);
      source = now;
    }
    return now;
  }

  /** All of {@code z_loaned_bytes_t}, valid during the call. */
  MemorySegment bytes(long bytes) {
    long length = Zenohc.get(Zenohc.BYTES_LEN, bytes);
    if (length == 0) {
      return EMPTY;
    }
    if (length < 0 || length > maxBytes) {
      throw new ZenohFault(
          ZenohFault.Kind.TOO_LARGE, "a message of " + length + " bytes; at most " + maxBytes);
    }
    long pieces = Zenohc.slices(iterator, bytes);
    MemorySegment piece = Zenohc.next(pieces, slice);
    if (piece == null) {
      return EMPTY;
    }
    if (piece.byteSize() == length) {
      return piece;
    }
    MemorySegment out = room(length);
    long at = 0;
    for (; piece != null && at + piece.byteSize() <= length; piece = Zenohc.next(pieces, slice)) {
      MemorySegment.copy(piece, 0, out, at, piece.byteSize());
      at += piece.byteSize();
      counts.add(Counts.Of.FRAGMENTS_RECEIVED);
    }
    return out.asSlice(0, at);
  }

  private MemorySegment room(long length) {
    if (together.byteSize() < length) {
      long bytes = Math.min(maxBytes, Math.max(length, 2 * together.byteSize()));
      forgetRoom();
      Arena now = Arena.ofShared();
      arena = now;
      together = now.allocate(bytes, 64);
    }
    return together;
  }

  private void forgetRoom() {
    Arena before = arena;
    if (before != null) {
      before.close();
    }
    arena = null;
    together = EMPTY;
  }

  /** In one piece where it lies, else copied. */
  private MemorySegment attachment(long bytes) {
    long length = Zenohc.get(Zenohc.BYTES_LEN, bytes);
    if (length > MAX_ATTACHMENT_BYTES) {
      throw new ZenohFault(
          ZenohFault.Kind.TOO_LARGE,
          "an attachment of " + length + " bytes; at most " + MAX_ATTACHMENT_BYTES);
    }
    MemorySegment piece = Zenohc.next(Zenohc.slices(iterator, bytes), slice);
    return piece != null && piece.byteSize() == length
        ? piece
        : MemorySegment.ofArray(copy(bytes, MAX_ATTACHMENT_BYTES));
  }

  /** Copies {@code z_loaned_bytes_t}; none when {@code bytes} is null. */
  byte[] copy(long bytes, long most) {
    long length = bytes == 0 ? 0 : Zenohc.get(Zenohc.BYTES_LEN, bytes);
    if (length < 0 || length > Math.min(most, Integer.MAX_VALUE - 8)) {
      throw new ZenohFault(ZenohFault.Kind.TOO_LARGE, length + " bytes; at most " + most);
    }
    byte[] out = new byte[(int) length];
    if (length == 0) {
      return out;
    }
    long pieces = Zenohc.slices(iterator, bytes);
    int at = 0;
    for (MemorySegment piece = Zenohc.next(pieces, slice);
        piece != null && at + piece.byteSize() <= length;
        piece = Zenohc.next(pieces, slice)) {
      MemorySegment.copy(piece, ValueLayout.JAVA_BYTE, 0, out, at, (int) piece.byteSize());
      at += (int) piece.byteSize();
    }
    return out;
  }

  byte @Nullable [] attachmentOrNull(long bytes) {
    return bytes == 0 ? null : copy(bytes, MAX_ATTACHMENT_BYTES);
  }

  @Override
  public void close() {
    forgetRoom();
    Blocks.give(scratch);
  }
}
