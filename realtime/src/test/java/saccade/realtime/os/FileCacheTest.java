package saccade.realtime.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileCacheTest {
  private static final int BYTES = 1 << 20;

  @TempDir Path folder;

  @Test
  void aFileThatIsReadIsInTheCacheAndOneThatIsEvictedIsNot() throws IOException {
    assumeTrue(Libc.here() != null, "no libc of Linux here");
    String kind = Files.getFileStore(folder).type();
    assumeTrue(!kind.equals("tmpfs") && !kind.equals("ramfs"), "on " + kind + " files are memory");
    Path file = Files.write(folder.resolve("a"), new byte[BYTES]);
    assertEquals(BYTES, FileCache.cachedBytes(file), "just written");
    assertEquals(1, FileCache.evict(List.of(file)));
    assertTrue(FileCache.cachedBytes(file) < BYTES / 8, "dropped");
    assertEquals(BYTES, Files.readAllBytes(file).length);
    assertTrue(FileCache.cachedBytes(file) >= BYTES, "read again");
    assertEquals(0, FileCache.evict(List.of(folder.resolve("none"))));
    assertEquals(0, FileCache.cachedBytes(Files.createFile(folder.resolve("empty"))));
  }
}
