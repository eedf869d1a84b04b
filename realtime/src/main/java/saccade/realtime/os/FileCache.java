package saccade.realtime.os;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * Puts files out of the kernel's file cache, so that a cold start can be measured without being
 * root: {@code posix_fadvise(POSIX_FADV_DONTNEED)} drops their clean pages, {@code mincore} tells
 * which are there still. Pages that any process has mapped stay. Set-up only; Linux.
 */
public final class FileCache {
  private static final int READ_ONLY = 0;
  private static final int DONT_NEED = 4;

  private FileCache() {}

  /**
   * Asks for each file; what is dirty in it is written out first.
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
    MethodHandle sync =
        call(linker, "fsync", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
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
          int ignored = (int) sync.invokeExact(handle);
          dropped += (int) advise.invokeExact(handle, 0L, 0L, DONT_NEED) == 0 ? 1 : 0;
          ignored = (int) close.invokeExact(handle);
        }
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("a call into libc failed", e);
    }
    return dropped;
  }

  /**
   * How much of a file is in the cache. The kernel says so only of files that this user may write.
   *
   * @return bytes, in whole pages; -1 where nobody can say
   * @throws IOException when it cannot be opened
   */
  public static long cachedBytes(Path file) throws IOException {
    if (Libc.here() == null) {
      return -1;
    }
    Linker linker = Linker.nativeLinker();
    MethodHandle pageSize =
        call(linker, "getpagesize", FunctionDescriptor.of(ValueLayout.JAVA_INT));
    MethodHandle inCore =
        call(
            linker,
            "mincore",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_LONG,
                ValueLayout.ADDRESS));
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        Arena arena = Arena.ofConfined()) {
      long size = channel.size();
      if (size == 0) {
        return 0;
      }
      long page = (int) pageSize.invokeExact();
      long pages = (size + page - 1) / page;
      MemorySegment mapped = channel.map(MapMode.READ_ONLY, 0, size, arena);
      MemorySegment there = arena.allocate(pages);
      if ((int) inCore.invokeExact(mapped, size, there) != 0) {
        return -1;
      }
      long cached = 0;
      for (long i = 0; i < pages; i++) {
        cached += (there.get(ValueLayout.JAVA_BYTE, i) & 1) * page;
      }
      return cached;
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("a call into libc failed", e);
    }
  }

  private static MethodHandle call(Linker linker, String name, FunctionDescriptor form) {
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), form);
  }
}
