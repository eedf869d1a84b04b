package saccade.hil.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
import saccade.realtime.clock.NanoClock;
import saccade.realtime.os.FileCache;

/**
 * {@code saccade bench start}: from the start of the process until the first message that a planner
 * may act on, with the demo's graph. Cold: the files of the JDK, of the libraries and of the model
 * were put out of the kernel's file cache before; warm: they are in it from the run before. Until
 * then the planner hears {@code starting}.
 */
@Command(
    name = "start",
    mixinStandardHelpOptions = true,
    description = "From process start to the first valid message, cold and warm.")
public final class BenchStart extends Measurement {
  private static final double PATIENCE_S = 60;

  @Option(names = "--runs", paramLabel = "N", description = "Pairs; default 5, with --quick 2.")
  private int runs;

  /** Filled by picocli. */
  public BenchStart() {}

  /** Seconds from process start; NaN when it never came. */
  private record Start(double starting, double valid, int startings) {}

  @Override
  protected Report measure(Progress progress) throws IOException, InterruptedException {
    int count = runs > 0 ? runs : quick() ? 2 : 5;
    List<Path> files = files();
    List<Start> cold = new ArrayList<>();
    List<Start> warm = new ArrayList<>();
    int evicted = 0;
    for (int i = 0; i < count; i++) {
      progress.at("pairs", i, count);
      evicted = FileCache.evict(files);
      cold.add(start());
      warm.add(start());
    }
    Report report = new Report("bench start");
    report.line(
        evicted + " files of the JDK, the class path and the model were put out of the file cache");
    report.line("");
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
        .figure(
            "starting_messages_least",
            Stream.concat(cold.stream(), warm.stream()).mapToInt(Start::startings).min().orElse(0),
            "before the first valid one")
        .figure("evicted_files", evicted, "0: this system does not allow it, cold is not cold");
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

  private static double worst(List<Start> starts) {
    return starts.stream().mapToDouble(Start::valid).max().orElse(Double.NaN);
  }

  /** What a start reads: jars and class folders, the model, the JDK's own libraries. */
  private static List<Path> files() throws IOException {
    List<Path> roots = new ArrayList<>();
    for (String part : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (!part.isEmpty()) {
        roots.add(Path.of(part));
      }
    }
    roots.add(Machine.home().resolve("perception-mllm/models"));
    roots.add(Path.of(System.getProperty("java.home"), "lib"));
    List<Path> files = new ArrayList<>();
    for (Path root : roots) {
      if (Files.exists(root)) {
        try (Stream<Path> below = Files.walk(root)) {
          below.filter(Files::isRegularFile).forEach(files::add);
        }
      }
    }
    return files;
  }

  private static Start start() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("saccade.nodes.cli.Main", "demo", "--headless", "--json"));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    NanoClock clock = NanoClock.system();
    long beganNs = clock.nanoTime();
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
          return new Start(starting, atS, startings);
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
