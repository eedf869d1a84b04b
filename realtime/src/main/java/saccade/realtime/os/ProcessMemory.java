package saccade.realtime.os;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Memory of this process: locking it, how much is resident, and holding a cap on that. Slots, KV
 * cache and tensors are claimed once, so the Java heap is the only part that can give back: over
 * nine tenths of the cap its soft limit is drawn in to what lives, and the collector returns the
 * rest. Called about once a second by one thread, not on the hot path.
 */
public final class ProcessMemory {
  /** Cap that is never reached. */
  public static final long NO_CAP = Long.MAX_VALUE;

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final long MIB = 1L << 20;
  private static final long LEAST_HEAP = 64 * MIB;

  private final long capBytes;
  private long peakBytes;
  private long checksOverCap;
  private long drawnIn;

  /**
   * @param capBytes of resident memory (RSS); {@link #NO_CAP} for none
   */
  public ProcessMemory(long capBytes) {
    if (capBytes <= 0) {
      throw new IllegalArgumentException("memory cap " + capBytes + " B: wanted more than 0");
    }
    this.capBytes = capBytes;
  }

  /** Looks at the resident size, and draws the heap in when the cap is near. */
  public long check() {
    long resident = residentBytes();
    peakBytes = Math.max(peakBytes, resident);
    if (resident > capBytes) {
      checksOverCap++;
    }
    if (capBytes != NO_CAP && resident > capBytes / 10 * 9) {
      drawIn(resident);
    }
    return resident;
  }

  private void drawIn(long resident) {
    Runtime runtime = Runtime.getRuntime();
    long committed = runtime.totalMemory();
    long live = committed - runtime.freeMemory();
    long wanted =
        Math.max(LEAST_HEAP, Math.max(live + live / 4, committed - (resident - capBytes / 10 * 8)));
    if (wanted >= committed) {
      return;
    }
    try {
      com.sun.management.HotSpotDiagnosticMXBean hotspot =
          ManagementFactory.getPlatformMXBean(com.sun.management.HotSpotDiagnosticMXBean.class);
      hotspot.setVMOption("SoftMaxHeapSize", Long.toString(Math.min(wanted, runtime.maxMemory())));
      drawnIn++;
    } catch (IllegalArgumentException | UnsupportedOperationException e) {
      // A collector without a soft limit: the cap is still counted and reported.
      return;
    }
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

  /** Resident memory of this process, bytes; 0 where it cannot be read. */
  public static long residentBytes() {
    return statusBytes("VmRSS:");
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
