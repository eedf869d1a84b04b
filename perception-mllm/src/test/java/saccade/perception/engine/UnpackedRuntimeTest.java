package saccade.perception.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnpackedRuntimeTest {
  @TempDir Path folder;

  @BeforeEach
  void onlyWhereTheJarHasLibrariesForThisPlatform() {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "unpacks on Linux alone");
  }

  @Test
  void librariesAreUnpackedWholeUnderTheirChecksums() throws IOException {
    Path unpacked = UnpackedRuntime.in(folder);
    assertNotNull(unpacked);
    StringBuilder name = new StringBuilder("onnxruntime");
    for (String library : List.of("libonnxruntime.so", "libonnxruntime4j_jni.so")) {
      CRC32 sum = new CRC32();
      sum.update(Files.readAllBytes(unpacked.resolve(library)));
      name.append(String.format("-%08x", sum.getValue()));
    }
    assertEquals(name.toString(), String.valueOf(unpacked.getFileName()));
    assertEquals(List.of(unpacked), inFolder(), "nothing half done is left");
  }

  @Test
  void aSecondStartTakesWhatIsThere() throws IOException {
    Path unpacked = UnpackedRuntime.in(folder);
    assertNotNull(unpacked);
    FileTime then = FileTime.fromMillis(1_000_000_000_000L);
    Path library = unpacked.resolve("libonnxruntime.so");
    Files.setLastModifiedTime(library, then);
    assertEquals(unpacked, UnpackedRuntime.in(folder));
    assertEquals(then, Files.getLastModifiedTime(library));
  }

  @Test
  void whatIsNotWholeIsNotUsed() throws IOException {
    Path unpacked = UnpackedRuntime.in(folder);
    assertNotNull(unpacked);
    Files.write(unpacked.resolve("libonnxruntime.so"), new byte[1000]);
    assertNull(UnpackedRuntime.in(folder));
    Files.delete(unpacked.resolve("libonnxruntime.so"));
    assertNull(UnpackedRuntime.in(folder));
  }

  @Test
  void withoutItsFolderThereIsNothing() throws IOException {
    assertNull(UnpackedRuntime.in(folder.resolve("nowhere")));
    Path file = Files.createFile(folder.resolve("file"));
    assertNull(UnpackedRuntime.in(file));
    assertEquals(List.of(file), inFolder());
  }

  private List<Path> inFolder() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
