package saccade.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import saccade.kernels.attention.KvShape;
import saccade.kernels.attention.RotaryShift;
import saccade.kernels.attention.RotaryTable;

class LanesTest {
  @Test
  void shouldFallBackToPlainWhenTheVectorModuleIsAbsent() throws Exception {
    String out = runWithoutVectorModule();
    assertTrue(out.contains("lanes PLAIN turned 54"), out);
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
      RotaryTable table = new RotaryTable(8, 4, 10000);
      KvShape shape = new KvShape(1, 2, 4);
      RotaryShift shift = new RotaryShift(table, shape, Lanes.quickest());
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment keys = arena.allocate(shape.bytes());
        keys.set(ValueLayout.JAVA_FLOAT, 0, 100f);
        shift.rotate(keys, 0, 1, 1);
        System.out.println(
            "lanes "
                + Lanes.quickest()
                + " turned "
                + Math.round(keys.get(ValueLayout.JAVA_FLOAT, 0)));
      }
      try {
        Lanes.VECTOR.require();
      } catch (IllegalStateException e) {
        System.out.println(e.getMessage());
      }
    }
  }
}
