package saccade.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import saccade.kernels.image.PatchSpec;
import saccade.kernels.image.PixelFormat;
import saccade.kernels.image.ResizePatchify;

class LanesTest {
  @Test
  void shouldFallBackToPlainWhenTheVectorModuleIsAbsent() throws Exception {
    String out = runWithoutVectorModule();
    assertTrue(out.contains("lanes PLAIN mean 100"), out);
    assertTrue(out.contains("start java with --add-modules jdk.incubator.vector"), out);
  }

  @Test
  void shouldRunWhatItCallsQuickest() {
    assertEquals(Lanes.quickest(), Lanes.quickest().require());
    assertEquals(Lanes.PLAIN, Lanes.PLAIN.require());
  }

  private static String runWithoutVectorModule() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classFolder(Lanes.class) + java.io.File.pathSeparator + classFolder(Main.class),
                Main.class.getName())
            .redirectErrorStream(true)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return out;
  }

  private static String classFolder(Class<?> type) {
    return Path.of(
            java.net.URI.create(
                type.getProtectionDomain().getCodeSource().getLocation().toString()))
        .toString();
  }

  /** What the child JVM runs. */
  static final class Main {
    public static void main(String[] args) {
      PatchSpec spec = PatchSpec.of(4, 4, 4, .5f, .25f);
      ResizePatchify resize = new ResizePatchify(8, 8, PixelFormat.BGR8, spec, Lanes.quickest());
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment src = arena.allocate(8 * 8 * 3).fill((byte) 100);
        MemorySegment rgb = arena.allocate(spec.rgb8Bytes());
        resize.resizeRgb8(src, 24, rgb);
        System.out.println(
            "lanes "
                + resize.lanes()
                + " mean "
                + rgb.get(java.lang.foreign.ValueLayout.JAVA_BYTE, 5));
      }
      try {
        Lanes.VECTOR.require();
      } catch (IllegalStateException e) {
        System.out.println(e.getMessage());
      }
    }
  }
}
