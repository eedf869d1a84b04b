package saccade.hil.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import saccade.hil.Measurement;
import saccade.hil.report.Machine;
import saccade.hil.report.Progress;
import saccade.hil.report.Report;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.os.FileCache;

/**
 * {@code saccade bench start}: from the start of the process until the first message that a planner
 * may act on, with the demo's graph. Cold: runtime image, libraries and model, a copy that nobody
 * else has mapped, were put out of the kernel's file cache before, and it was looked whether they
 * are; warm: they are in it from the run before. Until then the planner hears {@code starting}.
 */
@Command(
    name = "start",
    mixinStandardHelpOptions = true,
    description = "From process start to the first valid message, cold and warm.")
public final class BenchStart extends Measurement {
  private static final double PATIENCE_S = 60;
  private static final long SMALL_BYTES = 100_000;
  private static final double MOST_LEFT = 0.02; // share of the copy that may stay in the cache
  private static final List<String> MEMORY = List.of("tmpfs", "ramfs");

  @Option(names = "--runs", paramLabel = "N", description = "Pairs; default 5, with --quick 2.")
  private int runs;

  /** Filled by picocli. */
  public BenchStart() {}

  /**
   * One start.
   *
   * @param starting seconds from process start to the first message; NaN when it never came
   * @param valid seconds to the first that may be acted on
   * @param startings messages before that
   * @param maps what the process had mapped then, lines of /proc/PID/maps
   * @param others seconds of all cores that other programs took meanwhile, a core; NaN where nobody
   *     can say
   */
  private record Start(
      double starting, double valid, int startings, List<String> maps, double others) {}

  @Override
  protected Report measure(Progress progress) throws IOException, InterruptedException {
    int count = runs > 0 ? runs : quick() ? 2 : 5;
    List<Start> cold = new ArrayList<>();
    List<Start> warm = new ArrayList<>();
    Report report = new Report("bench start");
    try (OwnCopy copy = OwnCopy.make(disk())) {
      progress.at("pairs", 0, count);
      List<String> maps = start(copy).maps();
      List<Path> others = copy.foreign(maps);
      int evicted = 0;
      long left = 0;
      for (int i = 0; i < count; i++) {
        evicted = copy.evict();
        FileCache.evict(others);
        left = Math.max(left, requireCold(copy));
        cold.add(start(copy));
        warm.add(start(copy));
        progress.at("pairs", i + 1, count);
      }
      report
          .line(
              "out of the file cache before each cold start: "
                  + evicted
                  + " files, "
                  + copy.parts())
          .line(
              String.format(
                  Locale.ROOT,
                  "of these in the cache all the same: %.1f of %.1f MB",
                  left * 1e-6,
                  copy.bytes() * 1e-6))
          .line("mapped besides and held by other processes, too: " + stillCached(others))
          .line("taken out of a jar and written anew at each start: " + OwnCopy.unpacked(maps))
          .line("names and inodes stay cached: only root may drop those")
          .line("")
          .figure("evicted_files", evicted, "of a copy that nobody else has mapped")
          .figure("evicted_mb", (copy.bytes() - left) * 1e-6, "MB")
          .figure("cached_all_the_same_mb", left * 1e-6, "MB, most before a cold start");
    }
    report.table(
        List.of(
            List.of("s from process start", "starting, median", "valid, median", "valid, worst"),
            row("cold", cold),
            row("warm", warm)));
    return report
        .figure("cold_valid_s", median(cold), "s, median of " + count)
        .figure("cold_valid_worst_s", worst(cold), "s")
        .figure("warm_valid_s", median(warm), "s, median of " + count)
        .figure("warm_valid_worst_s", worst(warm), "s")
        .figure("cold_others_s", others(cold), "s a core that other programs took, median")
        .figure("warm_others_s", others(warm), "s a core")
        .figure(
            "starting_messages_least",
            Stream.concat(cold.stream(), warm.stream()).mapToInt(Start::startings).min().orElse(0),
            "before the first valid one");
  }

  /** A folder on a disk, where dropping a file from the cache means something. */
  private static Path disk() throws IOException {
    for (Path folder :
        List.of(
            Machine.home().resolve("hil-tests/target"),
            Machine.home(),
            Path.of(System.getProperty("java.io.tmpdir")))) {
      if (Files.isDirectory(folder)
          && Files.isWritable(folder)
          && !MEMORY.contains(Files.getFileStore(folder).type())) {
        return folder;
      }
    }
    throw new BadInput(
        ExitCode.NOT_MEASURABLE,
        "bench start: expected a folder on a disk that can be written, found none: files in memory"
            + " are never cold");
  }

  /**
   * What is left in the cache.
   *
   * @throws BadInput when that is so much that a start would not be cold
   */
  private static long requireCold(OwnCopy copy) throws IOException {
    long left = copy.cachedBytes();
    if (left < 0 || left > MOST_LEFT * copy.bytes()) {
      throw new BadInput(
          ExitCode.NOT_MEASURABLE,
          String.format(
              Locale.ROOT,
              "bench start: expected the program out of the file cache, found %s of %.0f MB still in"
                  + " it; a cold start cannot be measured on this system",
              left < 0 ? "an unknown part" : String.format(Locale.ROOT, "%.0f", left * 1e-6),
              copy.bytes() * 1e-6));
    }
    return left;
  }

  private static String stillCached(List<Path> others) throws IOException {
    StringJoiner words = new StringJoiner(", ");
    int small = 0;
    for (Path file : others) {
      if (Files.isReadable(file)) {
        long cached = FileCache.cachedBytes(file);
        if (cached < SMALL_BYTES) {
          small++;
        } else {
          words.add(String.format(Locale.ROOT, "%s %.1f MB", file.getFileName(), cached * 1e-6));
        }
      }
    }
    return words.add(small + " of less than 0.1 MB").toString();
  }

  private static List<String> row(String name, List<Start> starts) {
    double[] first = starts.stream().mapToDouble(Start::starting).sorted().toArray();
    return List.of(
        name,
        Report.number(first[first.length / 2]),
        Report.number(median(starts)),
        Report.number(worst(starts)));
  }

  private static double median(List<Start> starts) {
    double[] sorted = starts.stream().mapToDouble(Start::valid).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private static double others(List<Start> starts) {
    double[] sorted = starts.stream().mapToDouble(Start::others).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private static double worst(List<Start> starts) {
    return starts.stream().mapToDouble(Start::valid).max().orElse(Double.NaN);
  }

  private static Start start(OwnCopy copy) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(copy.java().toString());
    command.addAll(copy.virtualMachineFlags());
    command.addAll(List.of("saccade.nodes.cli.Main", "demo", "--headless", "--json"));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("CLASSPATH", copy.classPath());
    NanoClock clock = NanoClock.system();
    long beganNs = clock.nanoTime();
    double busyS = busyS();
    double ownS = ownS();
    Process process = builder.start();
    // A run that never answers must not hold the bench for ever.
    Thread killer =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    if (!process.waitFor((long) PATIENCE_S, TimeUnit.SECONDS)) {
                      process.destroyForcibly();
                    }
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      double starting = Double.NaN;
      int startings = 0;
      String line;
      while ((line = out.readLine()) != null) {
        String kind = kind(line);
        double atS = (clock.nanoTime() - beganNs) * 1e-9;
        if ("STARTING".equalsIgnoreCase(kind)) {
          startings++;
          starting = Double.isNaN(starting) ? atS : starting;
        } else if ("FRESH".equalsIgnoreCase(kind) || "CUT_SHORT".equalsIgnoreCase(kind)) {
          double cores = Runtime.getRuntime().availableProcessors();
          double others = (busyS() - busyS - (ownS() - ownS) - cpuS(process)) / cores;
          return new Start(starting, atS, startings, maps(process.pid()), Math.max(0, others));
        }
      }
      throw new BadInput(
          "demo --headless --json: expected a message within " + PATIENCE_S + " s, found its end");
    } finally {
      process.destroy();
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      killer.interrupt();
    }
  }

  /** Processor time of all programs since the machine started, s; NaN where nobody can say. */
  private static double busyS() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/stat"))) {
      // cpu user nice system idle iowait irq softirq steal ..., in hundredths of a second
      String[] ticks = lines.findFirst().orElse("").split(" +");
      double sum = 0;
      for (int i : new int[] {1, 2, 3, 6, 7, 8}) {
        sum += Long.parseLong(ticks[i]);
      }
      return sum * 0.01;
    } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
      return Double.NaN;
    }
  }

  private static double ownS() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
            .getProcessCpuTime()
        * 1e-9;
  }

  private static double cpuS(Process process) {
    return process.info().totalCpuDuration().map(time -> time.toNanos() * 1e-9).orElse(Double.NaN);
  }

  private static List<String> maps(long pid) {
    try {
      return Files.readAllLines(Path.of("/proc", Long.toString(pid), "maps"));
    } catch (IOException e) {
      return List.of(); // not Linux, or it is gone
    }
  }

  private static @Nullable String kind(String line) {
    if (!line.startsWith("{")) {
      return null;
    }
    try {
      JsonNode kind = new ObjectMapper().readTree(line).path("kind");
      return kind.isTextual() ? kind.asText() : null;
    } catch (IOException e) {
      return null;
    }
  }
}
