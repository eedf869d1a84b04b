package saccade.nodes.rcl;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import saccade.nodes.ros.RosFault;

/**
 * A rcutils_uint8_array_t: either one whose buffer the middleware grows and we free ({@link
 * #growing}), or one that points at a caller's memory for the length of a call ({@link #pointing}).
 * One thread at a time.
 *
 * <pre>
 *   0 buffer   8 buffer_length   16 buffer_capacity   24 allocator (40 bytes)
 * </pre>
 */
final class SerializedMessage {

  private static final int BUFFER = 0;
  private static final int LENGTH = 8;
  private static final int CAPACITY = 16;
  private static final int ALLOCATOR = 24;

  private final MemorySegment struct;
  private MemorySegment buffer = MemorySegment.NULL;

  private SerializedMessage(MemorySegment struct) {
    this.struct = struct;
  }

  /**
   * A message with a buffer of rcutils' own, to be freed with {@link #free}; the struct lives in
   * the arena.
   */
  static SerializedMessage growing(Arena arena) {
    MemorySegment struct = arena.allocate(RclAbi.SERIALIZED_MESSAGE, 8);
    Rcl.check(
        Rcl.call(Rcl.ARRAY_INIT, struct.address(), 4096, Rcl.DEFAULT.address()), "message buffer");
    return new SerializedMessage(struct);
  }

  /** A message without a buffer, for {@link #point}. */
  static SerializedMessage pointing(Arena arena) {
    MemorySegment struct = arena.allocate(RclAbi.SERIALIZED_MESSAGE, 8);
    struct.asSlice(ALLOCATOR).copyFrom(Rcl.DEFAULT);
    return new SerializedMessage(struct);
  }

  /** The struct's address. */
  long address() {
    return struct.address();
  }

  /** Bytes in the buffer. */
  long length() {
    return struct.get(JAVA_LONG, LENGTH);
  }

  /**
   * The buffer, as large as its capacity; valid until the next call that fills it. Allocates only
   * when it has moved.
   */
  MemorySegment buffer() {
    long address = struct.get(JAVA_LONG, BUFFER);
    long capacity = struct.get(JAVA_LONG, CAPACITY);
    if (buffer.address() != address || buffer.byteSize() != capacity) {
      buffer = MemorySegment.ofAddress(address).reinterpret(capacity);
    }
    return buffer;
  }

  /**
   * Copies from native memory into a growing message, which keeps its buffer.
   *
   * @throws RosFault when there is no memory for it
   */
  void fill(long from, long bytes) {
    if (struct.get(JAVA_LONG, CAPACITY) < bytes) {
      Rcl.check(
          Rcl.call(Rcl.ARRAY_RESIZE, struct.address(), bytes), "message of " + bytes + " bytes");
    }
    struct.set(JAVA_LONG, LENGTH, bytes);
    MemorySegment.copy(MemorySegment.ofAddress(from).reinterpret(bytes), 0, buffer(), 0, bytes);
  }

  /** Points at memory of a caller. */
  void point(MemorySegment cdr, long bytes) {
    struct.set(JAVA_LONG, BUFFER, cdr.address());
    struct.set(JAVA_LONG, LENGTH, bytes);
    struct.set(JAVA_LONG, CAPACITY, bytes);
  }

  /** Frees the buffer of a growing message. */
  void free() {
    Rcl.check(Rcl.call(Rcl.ARRAY_FINI, struct.address()), "message buffer");
  }

  /**
   * Refuses what is no serialized message in native memory.
   *
   * @throws RosFault naming what it is for, what was found and wanted
   */
  static void check(String what, MemorySegment cdr, long bytes) {
    if (bytes < 4 || bytes > cdr.byteSize() || !cdr.isNative()) {
      throw new RosFault(
          what
              + ": message of "
              + bytes
              + " bytes in "
              + (cdr.isNative() ? "native" : "heap")
              + " memory of "
              + cdr.byteSize()
              + "; wanted 4 bytes or more, all inside native memory");
    }
  }
}
