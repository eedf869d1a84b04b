package saccade.nodes.zenoh;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;
import saccade.nodes.zenoh.c.Zenohc;

/**
 * What goes into one call of libzenohc, in an arena that the caller closes after it: the library
 * has taken everything over by then. For what is not called for each message.
 */
final class NativeMessage {
  private static final int STRUCT_BYTES = 512; // the largest of these has 40

  private final Arena arena;

  NativeMessage(Arena arena) {
    this.arena = arena;
  }

  /** Where a {@code z_view_keyexpr_t} shows {@code key}; loaned. */
  long keyexpr(String key) {
    MemorySegment utf8 = arena.allocateFrom(key);
    long view = struct();
    int rc = Zenohc.call(Zenohc.VIEW_KEYEXPR, view, utf8.address(), utf8.byteSize() - 1);
    if (rc != Zenohc.OK) {
      throw new IllegalArgumentException(
          "Zenoh key expression '" + key + "': " + Zenohc.lastError());
    }
    return Zenohc.get(Zenohc.VIEW_KEYEXPR_LOAN, view);
  }

  /** A {@code z_owned_bytes_t} with a copy of [0, bytes), to be moved. */
  long payload(MemorySegment payload, long bytes) {
    MemorySegment from = payload;
    if (!payload.isNative()) {
      from = arena.allocate(Math.max(1, bytes));
      MemorySegment.copy(payload, 0, from, 0, bytes);
    }
    long owned = struct();
    int rc = Zenohc.call(Zenohc.BYTES_COPY, owned, from.address(), bytes);
    if (rc != Zenohc.OK) {
      throw new IllegalStateException("libzenohc takes no " + bytes + " bytes: code " + rc);
    }
    return owned;
  }

  /** The same of an attachment; 0 for none. */
  long attachment(byte @Nullable [] attachment) {
    return attachment == null ? 0 : payload(MemorySegment.ofArray(attachment), attachment.length);
  }

  /** A {@code z_source_info_t}. */
  long source(ZenohId id, int entity, int number) {
    MemorySegment of = arena.allocate(Zenohc.ENTITY_BYTES, 8);
    for (int i = 0; i < ZenohId.MAX_BYTES; i++) {
      of.set(ValueLayout.JAVA_BYTE, i, id.byteAt(i));
    }
    of.set(ValueLayout.JAVA_INT, Zenohc.ENTITY_NUMBER_AT, entity);
    return Zenohc.source((bytes, align) -> arena.allocate(STRUCT_BYTES, 16), of.address(), number)
        .address();
  }

  private long struct() {
    return arena.allocate(STRUCT_BYTES, 16).address();
  }
}
