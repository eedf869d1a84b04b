package saccade.nodes.zenoh;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Puts the fragments of one message together. Memory grows with what really came, never with what a
 * peer promises, and to {@code maxBytes} at most. One owner, the reader thread.
 */
final class Reassembly implements AutoCloseable {
  private static final long FIRST_BYTES = 1 << 17;

  private final long maxBytes;
  private @Nullable Arena arena;
  private MemorySegment memory = MemorySegment.NULL;
  private long length;
  private boolean active;

  Reassembly(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  boolean active() {
    return active;
  }

  void begin() {
    active = true;
    length = 0;
  }

  void drop() {
    active = false;
    length = 0;
  }

  void append(MemorySegment from, long at, long bytes) {
    if (length + bytes > maxBytes) {
      throw new ZenohFault(
          ZenohFault.Kind.TOO_LARGE,
          "a message of more than " + maxBytes + " bytes; raise maxMessageBytes of the session");
    }
    if (length + bytes > memory.byteSize()) {
      grow(length + bytes);
    }
    MemorySegment.copy(from, at, memory, length, bytes);
    length += bytes;
  }

  private void grow(long least) {
    long size = Math.max(FIRST_BYTES, memory.byteSize());
    while (size < least) {
      size *= 2;
    }
    Arena larger = Arena.ofShared();
    MemorySegment to = larger.allocate(Math.min(size, Math.max(least, maxBytes)), 64);
    MemorySegment.copy(memory, 0, to, 0, length);
    close();
    arena = larger;
    memory = to;
  }

  /** The whole message, [0, {@link #length}); valid until the next {@link #begin}. */
  MemorySegment memory() {
    return memory;
  }

  long length() {
    return length;
  }

  /** Bytes held. */
  long capacity() {
    return memory.byteSize();
  }

  @Override
  public void close() {
    if (arena != null) {
      arena.close();
      arena = null;
      memory = MemorySegment.NULL;
    }
  }
}
