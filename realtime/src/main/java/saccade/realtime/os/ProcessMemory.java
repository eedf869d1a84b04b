package saccade.realtime.os;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Memory of this process: locking it, how much is resident, and holding a cap on that. Slots, KV
 * cache and tensors are claimed once; what can be given back is the Java heap and what malloc
 * keeps. Checked some times a second by one thread, not on the hot path.
 *
 * <pre>
 *   resident   0 ......... 9/10 of the cap ............ cap ................. cap + headroom
 *   pressure      EASY      |  TIGHT: heap and malloc   |  OVER: the owner     |  the kernel refuses
 *                           |  give back                |  stops in good order |  what is asked for
 * </pre>
 *
 * <p>The fence is the last line: {@code RLIMIT_DATA}, which the kernel holds without killing
 * anybody. malloc then fails, and with it the one call that asked; if it is the virtual machine
 * itself that asks there, it ends with a report of its own. The headroom is for ending before that.
 */
public final class ProcessMemory implements AutoCloseable {
  /** Cap that is never reached. */
  public static final long NO_CAP = Long.MAX_VALUE;

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final long MIB = 1L << 20;
  private static final long LEAST_HEAP = 64 * MIB;
  private static final long LEAST_HEADROOM = 64 * MIB;
  private static final long FIRST_GIVE_BACK_NS = 2_000_000_000L;
  private static final long LONGEST_GIVE_BACK_NS = 60_000_000_000L;
  private static final int OVER_CHECKS = 4;

  private final long capBytes;
  private final @Nullable HotSpotDiagnosticMXBean
      hotspot; // here, for behind the fence no library loads
  private Pressure pressure = Pressure.EASY;
  private long peakBytes;
  private long checksOverCap;
  private long inARow;
  private long lastBytes;
  private long drawnIn;
  private long trimmed;
  private long softHeapBytes = Long.MAX_VALUE;
  private long giveBackAtNs = Long.MIN_VALUE;
  private long giveBackAfterNs = FIRST_GIVE_BACK_NS;
  private long limitBefore = Long.MIN_VALUE; // MIN_VALUE: no fence
  private long fenceBytes = Long.MAX_VALUE;

  /** How near the cap is. */
  public enum Pressure {
    /** Below nine tenths of the cap. */
    EASY,
    /** Above them: what can be given back is. */
    TIGHT,
    /** Above the cap. */
    OVER
  }

  /**
   * @param capBytes of resident memory (RSS); {@link #NO_CAP} for none
   */
  public ProcessMemory(long capBytes) {
    if (capBytes <= 0) {
      throw new IllegalArgumentException("memory cap " + capBytes + " B: wanted more than 0");
    }
    this.capBytes = capBytes;
    this.hotspot =
        capBytes == NO_CAP
            ? null
            : ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
  }

  /**
   * Looks at the resident size; when the cap is near, lets heap and malloc give back: every two
   * seconds at most, and less and less often where that does not help, for a collection costs.
   *
   * @param nowNs of a clock that does not jump
   */
  public Pressure check(long nowNs) {
    long resident = residentBytes();
    peakBytes = Math.max(peakBytes, resident);
    boolean over = resident > capBytes;
    if (over) {
      checksOverCap++;
    }
    // What is being given back is not held against it.
    inARow = !over ? 0 : resident < lastBytes - MIB ? inARow : inARow + 1;
    lastBytes = resident;
    boolean near = capBytes != NO_CAP && resident > nearBytes();
    if (!near) {
      giveBackAfterNs = FIRST_GIVE_BACK_NS;
    } else if (giveBackAtNs == Long.MIN_VALUE || nowNs - giveBackAtNs >= 0) {
      // A collection takes memory itself: not with the back to the fence.
      if (fenceBytes - statusBytes("VmData:") > LEAST_HEADROOM / 2) {
        drawIn(resident);
      }
      Libc libc = Libc.here();
      trimmed += libc != null && libc.trimMalloc() ? 1 : 0;
      giveBackAtNs = nowNs + giveBackAfterNs;
      giveBackAfterNs = Math.min(2 * giveBackAfterNs, LONGEST_GIVE_BACK_NS);
    }
    pressure = over ? Pressure.OVER : near ? Pressure.TIGHT : Pressure.EASY;
    return pressure;
  }

  private long nearBytes() {
    return capBytes / 10 * 9;
  }

  /** What the last check found. */
  public Pressure pressure() {
    return pressure;
  }

  /**
   * Whether the cap is passed for good: at several checks in a row, and nothing comes back any
   * more.
   */
  public boolean isBroken() {
    return inARow > OVER_CHECKS;
  }

  /**
   * The heap's soft limit goes to what lives and some more; a collection then returns the rest. ZGC
   * uncommits {@code ZUncommitDelay} seconds after.
   */
  private void drawIn(long resident) {
    Runtime runtime = Runtime.getRuntime();
    long committed = runtime.totalMemory();
    long live = committed - runtime.freeMemory();
    long wanted =
        Math.max(LEAST_HEAP, Math.max(live + live / 4, committed - (resident - capBytes / 10 * 8)));
    wanted = Math.min(wanted, runtime.maxMemory());
    HotSpotDiagnosticMXBean machine = hotspot;
    if (machine == null || (wanted >= committed && softHeapBytes != Long.MAX_VALUE)) {
      return;
    }
    try {
      machine.setVMOption("SoftMaxHeapSize", Long.toString(wanted));
      softHeapBytes = wanted;
      drawnIn++;
    } catch (IllegalArgumentException | UnsupportedOperationException e) {
      return; // a collector without a soft limit: the cap is still held by the other means
    }
    System.gc();
  }

  /** The cap, bytes; {@link #NO_CAP} for none. */
  public long capBytes() {
    return capBytes;
  }

  /** Largest resident size that a check saw, bytes. */
  public long peakBytes() {
    return peakBytes;
  }

  /** Checks that found more resident than the cap. */
  public long checksOverCap() {
    return checksOverCap;
  }

  /** How often the heap's soft limit was drawn in. */
  public long drawnIn() {
    return drawnIn;
  }

  /** How often malloc gave something back. */
  public long trimmed() {
    return trimmed;
  }

  // ---- the kernel's part ----

  /**
   * Set-up, once all is claimed. Asks the kernel to refuse private memory beyond the cap and some
   * headroom, and reads back what it took; {@link #close} undoes it. Without a cap nothing is
   * asked.
   *
   * @return what holds, in one line; with the reason when nothing does
   */
  public String fence() {
    Libc libc = Libc.here();
    if (capBytes == NO_CAP || limitBefore != Long.MIN_VALUE) {
      return "";
    }
    if (libc == null) {
      return "no fence: this system has no RLIMIT_DATA";
    }
    long claimed = statusBytes("VmData:");
    long headroom = Math.max(LEAST_HEADROOM, capBytes / 4);
    long limit = claimed + Math.max(0, capBytes - residentBytes()) + headroom;
    long before = libc.dataLimit();
    if (before >= 0 && before <= limit) {
      return String.format(Locale.ROOT, "RLIMIT_DATA %.0f MB was there already", before * 1e-6);
    }
    Libc.Outcome set = libc.setDataLimit(limit);
    if (set.failed()) {
      return String.format(
          Locale.ROOT, "no fence: RLIMIT_DATA: wanted %.0f MB, %s", limit * 1e-6, set.why());
    }
    limitBefore = before;
    fenceBytes = libc.dataLimit();
    return String.format(
        Locale.ROOT,
        "RLIMIT_DATA %.0f MB, of which %.0f MB are taken",
        fenceBytes * 1e-6,
        claimed * 1e-6);
  }

  /** Takes the fence down. */
  @Override
  public void close() {
    Libc libc = Libc.here();
    if (libc != null && limitBefore != Long.MIN_VALUE) {
      libc.setDataLimit(limitBefore);
      limitBefore = Long.MIN_VALUE;
      fenceBytes = Long.MAX_VALUE;
    }
  }

  /**
   * What the kernel ends this process at: the limit of its control group or one above, version 2 or
   * 1.
   *
   * @return bytes; {@link #NO_CAP} without one
   */
  public static long controlGroupBytes() {
    return controlGroupBytes(Path.of("/proc/self/cgroup"), Path.of("/sys/fs/cgroup"));
  }

  static long controlGroupBytes(Path groups, Path mount) {
    long least = NO_CAP;
    try {
      for (String line : Files.readAllLines(groups, StandardCharsets.UTF_8)) {
        String[] parts = line.split(":", 3); // number:controllers:path
        boolean unified = parts.length == 3 && parts[1].isEmpty();
        if (parts.length != 3 || !(unified || parts[1].equals("memory"))) {
          continue;
        }
        Path top = unified ? mount : mount.resolve("memory");
        @Nullable Path group = top.resolve("./" + parts[2]).normalize();
        while (group != null && group.startsWith(top)) {
          String file = unified ? "memory.max" : "memory.limit_in_bytes";
          least = Math.min(least, limitIn(group.resolve(file)));
          group = group.getParent();
        }
      }
    } catch (IOException e) {
      return NO_CAP; // not Linux
    }
    return least;
  }

  private static long limitIn(Path file) {
    try {
      long bytes = Long.parseLong(Files.readString(file, StandardCharsets.US_ASCII).strip());
      // Version 1 says "none" as a number of pages near 2^63.
      return bytes <= 0 || bytes > 1L << 60 ? NO_CAP : bytes;
    } catch (IOException | NumberFormatException e) {
      return NO_CAP; // "max", or not there
    }
  }

  // ---- how much there is ----

  /** Resident memory of this process, bytes; 0 where it cannot be read. */
  public static long residentBytes() {
    return statusBytes("VmRSS:");
  }

  /**
   * Resident memory that is not the Java heap's, bytes: the virtual machine, libraries, code,
   * model, buffers. ZGC's heap is shared memory to the kernel, other collectors' is taken at what
   * they have committed.
   */
  public static long outsideHeapBytes() {
    long committed = Runtime.getRuntime().totalMemory();
    long shared = statusBytes("RssShmem:");
    return Math.max(0, residentBytes() - (shared > 0 ? shared : committed));
  }

  /** Locked memory of this process, bytes; 0 where it cannot be read. */
  public static long lockedBytes() {
    return statusBytes("VmLck:");
  }

  private static long statusBytes(String key) {
    try {
      for (String line : Files.readAllLines(STATUS, StandardCharsets.US_ASCII)) {
        if (line.startsWith(key)) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
        }
      }
    } catch (IOException | NumberFormatException e) {
      return 0; // not Linux
    }
    return 0;
  }

  /**
   * Set-up. Locks what is and will be touched, so that no page of it is written out.
   *
   * @return empty when the kernel did; else one line with its reason
   */
  public static String lock() {
    Libc libc = Libc.here();
    if (libc == null) {
      return "mlockall: this system has no such call";
    }
    Libc.Outcome outcome = libc.lockMemory();
    if (outcome.failed()) {
      return "mlockall: wanted all memory locked, has none: " + outcome.why();
    }
    return lockedBytes() > 0 ? "" : "mlockall: the kernel agreed but shows no locked page";
  }

  /** Set-down. */
  public static void unlock() {
    Libc libc = Libc.here();
    if (libc != null) {
      libc.unlockMemory();
    }
  }
}
