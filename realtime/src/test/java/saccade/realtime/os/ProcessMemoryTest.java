package saccade.realtime.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import saccade.realtime.os.ProcessMemory.Pressure;

class ProcessMemoryTest {
  private static final long MIB = 1L << 20;
  private static final long SECOND = 1_000_000_000L;

  @TempDir Path folder;

  /** The soft limit belongs to the whole virtual machine, and so to the tests that follow. */
  @AfterEach
  void theHeapIsWideAgain() {
    ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
        .setVMOption("SoftMaxHeapSize", Long.toString(Runtime.getRuntime().maxMemory()));
  }

  @Test
  void pressureFollowsTheResidentSize() {
    assumeTrue(ProcessMemory.residentBytes() > 0, "this system does not say what is resident");
    ProcessMemory none = new ProcessMemory(ProcessMemory.NO_CAP);
    assertEquals(Pressure.EASY, none.check(0));
    assertEquals(0, none.checksOverCap() + none.drawnIn() + none.trimmed());
    ProcessMemory wide = new ProcessMemory(100 * ProcessMemory.residentBytes());
    assertEquals(Pressure.EASY, wide.check(0));
    ProcessMemory tight = new ProcessMemory(ProcessMemory.residentBytes() / 100 * 104);
    assertEquals(Pressure.TIGHT, tight.check(0), "within a tenth of the cap");
    assertEquals(1, tight.drawnIn(), "the heap gives back");
    ProcessMemory broken = new ProcessMemory(MIB);
    int looks = 0;
    while (!broken.isBroken() && looks < 200) {
      assertEquals(Pressure.OVER, broken.check(looks++));
    }
    assertTrue(
        looks >= 5 && looks < 200, "found more than the cap, and nothing comes back any more");
    assertEquals(looks, broken.checksOverCap());
    assertTrue(broken.peakBytes() > MIB);
    assertTrue(broken.drawnIn() <= 1, "what does not help is not done again at once");
  }

  @Test
  void aCollectionIsNotRepeatedWhereItDoesNotHelp() {
    assumeTrue(ProcessMemory.residentBytes() > 0, "this system does not say what is resident");
    ProcessMemory tight = new ProcessMemory(MIB);
    for (int second = 0; second < 120; second++) {
      tight.check(second * SECOND);
    }
    // Its own calls only: a soft limit makes the collector itself run more often, and the other
    // tests of this machine allocate.
    assertTrue(
        tight.drawnIn() >= 1 && tight.drawnIn() <= 8,
        () -> "at 0, 2, 6, 14, 30, 62 s and so on, found " + tight.drawnIn());
    assertTrue(tight.trimmed() <= 8, () -> "malloc gave back " + tight.trimmed() + " times");
  }

  @Test
  void theKernelsOwnLimitIsReadInBothForms() throws IOException {
    Path groups = folder.resolve("cgroup");
    Path mount = Files.createDirectories(folder.resolve("mount"));
    Path service = Files.createDirectories(mount.resolve("system.slice/saccade.service"));
    Files.writeString(groups, "0::/system.slice/saccade.service\n");
    assertEquals(ProcessMemory.NO_CAP, ProcessMemory.controlGroupBytes(groups, mount));
    Files.writeString(service.resolve("memory.max"), "max\n");
    Files.writeString(mount.resolve("system.slice/memory.max"), "734003200\n");
    assertEquals(700 * MIB, ProcessMemory.controlGroupBytes(groups, mount), "of the slice above");
    Files.writeString(service.resolve("memory.max"), "536870912\n");
    assertEquals(512 * MIB, ProcessMemory.controlGroupBytes(groups, mount));

    Path old = Files.createDirectories(mount.resolve("memory/docker/abc"));
    Files.writeString(groups, "7:cpu,cpuacct:/x\n4:memory:/docker/abc\n");
    Files.writeString(old.resolve("memory.limit_in_bytes"), "9223372036854771712\n");
    assertEquals(ProcessMemory.NO_CAP, ProcessMemory.controlGroupBytes(groups, mount));
    Files.writeString(old.resolve("memory.limit_in_bytes"), "268435456\n");
    assertEquals(256 * MIB, ProcessMemory.controlGroupBytes(groups, mount));
    assertEquals(
        ProcessMemory.NO_CAP, ProcessMemory.controlGroupBytes(folder.resolve("none"), mount));
  }

  /** In a process of its own: what is refused there would be refused to every other test here. */
  @Test
  void theKernelRefusesWhatIsBeyondTheFenceAndTheProcessLives() throws Exception {
    assumeTrue(Libc.here() != null, "no libc of Linux here");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Greedy.class.getName())
            .redirectErrorStream(true)
            .start();
    String said;
    try (var out = process.getInputStream()) {
      said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
    }
    assertTrue(process.waitFor(20, TimeUnit.SECONDS), said);
    assertEquals(0, process.exitValue(), said);
    assertFalse(said.contains("no fence"), said);
    assertTrue(said.contains("refused after"), said);
    assertTrue(said.contains("over the cap: true"), said);
    assertTrue(said.contains("and again 256 MiB"), said);
  }

  /** Takes native memory until it is refused. */
  static final class Greedy {
    private static final long MOST_MIB = 1024;

    private Greedy() {}

    public static void main(String[] words) {
      try (ProcessMemory memory = new ProcessMemory(ProcessMemory.residentBytes() + 32 * MIB)) {
        System.out.println(memory.fence());
        List<MemorySegment> taken = new ArrayList<>();
        try {
          while (taken.size() < MOST_MIB) {
            taken.add(Arena.global().allocate(MIB).fill((byte) 1));
          }
          System.out.println("never refused");
        } catch (OutOfMemoryError e) {
          // 32 MiB to the cap, 64 MiB or a quarter of the cap beyond.
          long most = 32 + Math.max(64, memory.capBytes() / MIB / 4);
          System.out.println(
              (taken.size() <= most + 8 ? "refused after " : "late after ")
                  + taken.size()
                  + " MiB");
        }
        System.out.println("over the cap: " + (memory.check(0) == Pressure.OVER));
        System.out.println("looked up to " + memory.peakBytes() / MIB + " MiB");
      }
      MemorySegment more = Arena.global().allocate(256 * MIB).fill((byte) 1);
      System.out.println("and again " + more.byteSize() / MIB + " MiB");
    }
  }
}
