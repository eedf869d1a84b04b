package saccade.hil.drive;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Memory outside the Java heap. In resident memory a leak, fragmentation and garbage that ZGC has
 * not collected yet look alike; here they are apart.
 */
public final class NativeMemory {
  private static final int FIELDS = 10; // size_t each
  private static final int MAPPED = 4; // hblkhd: bytes in blocks of their own
  private static final int IN_USE = 7; // uordblks

  private NativeMemory() {}

  /**
   * Resident memory that is neither a file's nor ZGC's heap (which is shared memory), bytes; -1
   * where the kernel does not say.
   */
  public static long anonymousBytes() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("RssAnon:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
        }
      }
    } catch (IOException e) {
      // no /proc
    }
    return -1;
  }

  /**
   * What the C library's malloc has given out and not got back, all arenas, by glibc's mallinfo2;
   * -1 where the C library has no mallinfo2 (older than glibc 2.33, musl).
   */
  public static long mallocBytes() {
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> found = linker.defaultLookup().find("mallinfo2");
    if (found.isEmpty()) {
      return -1;
    }
    MemoryLayout info =
        MemoryLayout.structLayout(
            MemoryLayout.sequenceLayout(FIELDS, ValueLayout.JAVA_LONG).withName("fields"));
    MethodHandle call = linker.downcallHandle(found.get(), FunctionDescriptor.of(info));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment now = (MemorySegment) call.invokeExact((SegmentAllocator) arena);
      return now.getAtIndex(ValueLayout.JAVA_LONG, MAPPED)
          + now.getAtIndex(ValueLayout.JAVA_LONG, IN_USE);
    } catch (Throwable e) {
      throw new IllegalStateException("mallinfo2: " + e, e);
    }
  }
}
