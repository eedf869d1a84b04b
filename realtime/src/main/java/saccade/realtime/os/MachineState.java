package saccade.realtime.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * What else decides how fast this machine is: governor, throttling, and CPU time that others took.
 * Counters grow since boot; {@link #since} gives what happened between two looks. A value of -1 is
 * not to be read here.
 *
 * @param governor cpufreq governor of CPU 0, or {@code none}
 * @param thermalThrottles thermal throttle events of all cores
 * @param cgroupThrottledNs time that the container's CPU quota held this process back
 * @param stolenTicks 1/100 s that the hypervisor gave to others, all cores
 * @param load1 load average over a minute, tasks
 */
public record MachineState(
    String governor,
    long thermalThrottles,
    long cgroupThrottledNs,
    long stolenTicks,
    double load1) {
  private static final Path CPUS = Path.of("/sys/devices/system/cpu");

  /** As it is now. Set-up only: reads a dozen small files. */
  public static MachineState now() {
    String governor = text(CPUS.resolve("cpu0/cpufreq/scaling_governor"));
    String load = text(Path.of("/proc/loadavg"));
    return new MachineState(
        governor.isEmpty() ? "none" : governor,
        throttles(),
        keyed(Path.of("/sys/fs/cgroup/cpu.stat"), "throttled_usec", 1000),
        stolen(),
        load.isEmpty() ? -1 : number(load.split(" ", 2)[0], -1));
  }

  /** The counters' growth since an earlier look; governor and load as they are now. */
  public MachineState since(MachineState before) {
    return new MachineState(
        governor,
        growth(before.thermalThrottles, thermalThrottles),
        growth(before.cgroupThrottledNs, cgroupThrottledNs),
        growth(before.stolenTicks, stolenTicks),
        load1);
  }

  private static long growth(long before, long after) {
    return before < 0 || after < 0 ? -1 : after - before;
  }

  /** Whether the machine was held back between the two looks that made this. */
  public boolean heldBack() {
    return thermalThrottles > 0 || cgroupThrottledNs > 0;
  }

  /** One line for people. */
  public String line() {
    return String.format(
        Locale.ROOT,
        "governor %s, thermal throttles %s, held back by quota %s, stolen %s, load %.2f",
        governor,
        thermalThrottles < 0 ? "unknown" : Long.toString(thermalThrottles),
        cgroupThrottledNs < 0
            ? "unknown"
            : String.format(Locale.ROOT, "%.0f ms", cgroupThrottledNs * 1e-6),
        stolenTicks < 0 ? "unknown" : String.format(Locale.ROOT, "%.2f s", stolenTicks * 0.01),
        load1);
  }

  private static long throttles() {
    long sum = -1;
    try (DirectoryStream<Path> cpus = Files.newDirectoryStream(CPUS, "cpu[0-9]*")) {
      for (Path cpu : cpus) {
        String count = text(cpu.resolve("thermal_throttle/core_throttle_count"));
        if (!count.isEmpty()) {
          sum = Math.max(sum, 0) + (long) number(count, 0);
        }
      }
    } catch (IOException e) {
      return -1;
    }
    return sum;
  }

  private static long stolen() {
    // cpu user nice system idle iowait irq softirq steal ...
    String first = text(Path.of("/proc/stat")).lines().findFirst().orElse("");
    String[] fields = first.split(" +");
    return fields.length > 8 ? (long) number(fields[8], -1) : -1;
  }

  private static long keyed(Path file, String key, long scale) {
    return text(file)
        .lines()
        .filter(line -> line.startsWith(key + " "))
        .mapToLong(line -> (long) number(line.substring(key.length() + 1), -1))
        .filter(value -> value >= 0)
        .map(value -> value * scale)
        .findFirst()
        .orElse(-1);
  }

  private static double number(String text, double otherwise) {
    try {
      return Double.parseDouble(text.strip());
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.US_ASCII).strip();
    } catch (IOException e) {
      return "";
    }
  }
}
