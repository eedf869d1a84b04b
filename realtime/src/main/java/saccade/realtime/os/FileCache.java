package saccade.realtime.os;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;

/**
 * Puts files out of the kernel's file cache, so that a cold start can be measured without being
 * root: {@code posix_fadvise(POSIX_FADV_DONTNEED)} drops their clean pages. Set-up only; Linux.
 */
public final class FileCache {
  private static final int READ_ONLY = 0;
  private static final int DONT_NEED = 4;

  private FileCache() {}

  /**
   * Asks for each file.
   *
   * @return files that the kernel agreed to drop; pages that somebody has mapped stay
   */
  public static int evict(List<Path> files) {
    if (Libc.here() == null) {
      return 0;
    }
    Linker linker = Linker.nativeLinker();
    MethodHandle open =
        call(
            linker,
            "open",
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    MethodHandle advise =
        call(
            linker,
            "posix_fadvise",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT));
    MethodHandle close =
        call(linker, "close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    int dropped = 0;
    try (Arena arena = Arena.ofConfined()) {
      for (Path file : files) {
        MemorySegment name = arena.allocateFrom(file.toString());
        int handle = (int) open.invokeExact(name, READ_ONLY);
        if (handle >= 0) {
          dropped += (int) advise.invokeExact(handle, 0L, 0L, DONT_NEED) == 0 ? 1 : 0;
          int ignored = (int) close.invokeExact(handle);
        }
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("a call into libc failed", e);
    }
    return dropped;
  }

  private static MethodHandle call(Linker linker, String name, FunctionDescriptor form) {
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), form);
  }
}
