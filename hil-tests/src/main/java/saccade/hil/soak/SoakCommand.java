package saccade.hil.soak;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import saccade.hil.Measurement;
import saccade.hil.ModelOption;
import saccade.hil.faults.SetLoop;
import saccade.hil.report.Progress;
import saccade.hil.report.Report;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.pipeline.PipelineOptions;

/**
 * {@code saccade hil soak}: a million sensor frames through the whole pipeline in simulated time;
 * what must not grow is counted a hundred times on the way.
 */
@Command(
    name = "soak",
    mixinStandardHelpOptions = true,
    description = {
      "Sets rendered once and replayed, accelerated: slopes of heap, resident memory, handles, threads,",
      "KV bytes, drift of ages. Goes on from its checkpoint after a kill."
    })
public final class SoakCommand extends Measurement {
  private static final int LOOP_SETS = 24;
  private static final int SAMPLES = 100;
  private static final List<String> FLAGS =
      List.of("-XX:+UseZGC", "-Xms320m", "-Xmx320m", "-XX:+AlwaysPreTouch", "-XX:-ZUncommit");

  @Mixin private final ModelOption model = new ModelOption();

  @Option(
      names = "--frames",
      paramLabel = "N",
      description = "Sensor frames; default 1000000, with --quick 14000.")
  private long frames;

  @Option(
      names = "--streams",
      paramLabel = "N",
      description = "Pipelines side by side, a thread each; default: the cores.")
  private int streams;

  @Option(
      names = "--full-every",
      paramLabel = "N",
      description =
          "Every Nth set runs in full, the others with the cameras that look ahead, at the lowest exit and without"
              + " text; default ${DEFAULT-VALUE}.")
  private int fullEvery = 20;

  @Option(
      names = "--checkpoint",
      paramLabel = "FILE",
      description = "Where samples are kept; a run that finds its own there goes on.")
  private @Nullable Path checkpoint;

  @Option(names = "--in-this-process", hidden = true)
  private boolean inThisProcess;

  private int process;

  /** Filled by picocli. */
  public SoakCommand() {}

  @Override
  protected Report measure(Progress progress) throws IOException {
    long wanted = frames > 0 ? frames : quick() ? 14_000 : 1_000_000;
    int side = streams > 0 ? streams : Math.max(1, Runtime.getRuntime().availableProcessors());
    if (side > 64 || fullEvery < 1) {
      throw new BadInput(
          "--streams: wanted 1 to 64, --full-every 1 or more; found " + side + " and " + fullEvery);
    }
    Rig rig = ModelPerceiver.rigFor(ModelPerceiver.description(model.dir()));
    int perSet = rig.cameras().size() + (rig.lidar() == null ? 0 : 1);
    Path given = checkpoint;
    Path file = given == null ? Files.createTempFile("saccade-soak", ".tsv") : given;
    String head =
        String.format(
            Locale.ROOT,
            "# saccade hil soak 1: frames %d streams %d full-every %d model %s",
            wanted,
            side,
            fullEvery,
            ModelPerceiver.description(model.dir()).sha256());
    List<SoakSample> before = read(file, head);
    long done = before.isEmpty() ? 0 : before.getLast().frames();
    process = before.isEmpty() ? 0 : before.getLast().process() + 1;
    if (!inThisProcess) {
      // A heap of one size, touched at once: resident memory then moves by what is not the heap.
      inAProcessOfItsOwn(wanted, side, file, progress, before.isEmpty() ? 0 : done);
      return report(read(file, head), wanted, side, perSet);
    }
    if (done < wanted) {
      soak(rig, wanted, side, perSet, done, file);
    }
    return report(read(file, head), wanted, side, perSet);
  }

  private static List<SoakSample> read(Path file, String head) throws IOException {
    List<SoakSample> samples = new ArrayList<>();
    List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
    if (lines.isEmpty()) {
      Files.writeString(file, head + "\n");
      return samples;
    }
    if (!lines.getFirst().equals(head)) {
      throw new BadInput(
          file + ": wanted the checkpoint of this run (" + head + "), found " + lines.getFirst());
    }
    for (String line : lines.subList(1, lines.size())) {
      try {
        samples.add(SoakSample.of(line));
      } catch (IllegalArgumentException e) {
        break; // a kill in the middle of a line
      }
    }
    return samples;
  }

  private void inAProcessOfItsOwn(
      long wanted, int side, Path file, Progress progress, long doneBefore) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> !flag.startsWith("-Xm") && !flag.startsWith("-XX:+Use"))
        .forEach(command::add);
    command.addAll(FLAGS);
    command.add("saccade.nodes.cli.Main");
    command.addAll(List.of("hil", "soak", "--in-this-process", "--checkpoint", file.toString()));
    command.addAll(List.of("--frames", Long.toString(wanted)));
    command.addAll(List.of("--streams", Integer.toString(side)));
    command.addAll(List.of("--full-every", Integer.toString(fullEvery)));
    command.addAll(List.of("--model", model.dir().toString()));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    Process child = builder.start();
    Thread end = new Thread(child::destroyForcibly, "soak-end");
    Runtime.getRuntime().addShutdownHook(end);
    List<String> said = new ArrayList<>();
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.startsWith("at ")) {
          progress.at(
              "sensor frames", Math.max(doneBefore, Long.parseLong(line.substring(3))), wanted);
        } else {
          said.add(line);
        }
      }
      int exit = child.waitFor();
      if (exit != 0) {
        throw new IllegalStateException(
            "the process that soaks ended with " + exit + ": " + String.join(" | ", said));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      child.destroyForcibly();
      try {
        Runtime.getRuntime().removeShutdownHook(end);
      } catch (IllegalStateException e) {
        // this process is ending itself
      }
    }
  }

  // ---- in the process that soaks ----

  private void soak(Rig rig, long wanted, int side, int perSet, long done, Path file)
      throws IOException {
    OperatingSystemMXBean os = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    List<SoakStream> all = new ArrayList<>();
    try (SetLoop loop = new SetLoop(rig, "demo", 1, LOOP_SETS)) {
      for (int i = 0; i < side; i++) {
        all.add(new SoakStream(model.dir(), rig, loop, PipelineOptions.tenHertz(), fullEvery));
      }
      long setsPerSample = Math.max(1, wanted / perSet / side / SAMPLES + 1);
      long at = done;
      runAll(all, 30); // warm-up that no sample sees
      all.forEach(SoakStream::takeMeanAgeNs);
      while (at < wanted) {
        long cpuNs = os.getProcessCpuTime();
        runAll(all, setsPerSample);
        double cpuPerSet = (double) (os.getProcessCpuTime() - cpuNs) / (setsPerSample * side);
        at += setsPerSample * side * perSet;
        SoakSample now = sample(all, at, cpuPerSet);
        Files.writeString(file, now.line() + "\n", StandardOpenOption.APPEND);
        System.out.println("at " + at);
        System.out.flush();
      }
      List<String> wrong = new ArrayList<>();
      all.forEach(stream -> wrong.addAll(stream.end()));
      long undecided = all.stream().mapToLong(SoakStream::undecided).sum();
      if (!wrong.isEmpty() || undecided > all.size()) {
        throw new IllegalStateException(
            undecided + " messages that the model did not decide; accounts: " + wrong);
      }
    } finally {
      all.forEach(SoakStream::close);
    }
  }

  private static void runAll(List<SoakStream> all, long sets) {
    List<Thread> threads = new ArrayList<>();
    Throwable[] broken = new Throwable[1];
    for (SoakStream stream : all) {
      threads.add(
          Thread.ofPlatform()
              .name("soak")
              .uncaughtExceptionHandler((thread, e) -> broken[0] = e)
              .start(() -> stream.run(sets)));
    }
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    if (broken[0] != null) {
      throw new IllegalStateException("a stream broke: " + broken[0], broken[0]);
    }
  }

  private SoakSample sample(List<SoakStream> all, long at, double cpuPerSet) throws IOException {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    System.gc();
    System.gc();
    long tensors = all.stream().mapToLong(SoakStream::tensors).sum();
    return new SoakSample(
        process,
        at,
        memory.getHeapMemoryUsage().getUsed(),
        residentBytes(),
        openFiles() + tensors,
        ManagementFactory.getThreadMXBean().getThreadCount(),
        all.stream().mapToLong(SoakStream::kvBytes).sum(),
        all.stream().mapToLong(SoakStream::kvRows).sum(),
        all.stream().mapToDouble(SoakStream::takeMeanAgeNs).sum() / all.size(),
        cpuPerSet);
  }

  /**
   * Open files of this process; those that the virtual machine looks into for a moment left out.
   */
  private static long openFiles() throws IOException {
    Path folder = Path.of("/proc/self/fd");
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    long count = 0;
    try (DirectoryStream<Path> open = Files.newDirectoryStream(folder)) {
      for (Path descriptor : open) {
        count += isOfTheKernel(descriptor) ? 0 : 1;
      }
    }
    return count;
  }

  private static boolean isOfTheKernel(Path descriptor) {
    try {
      Path target = Files.readSymbolicLink(descriptor);
      return target.startsWith("/proc") || target.startsWith("/sys");
    } catch (IOException closedMeanwhile) {
      return true; // it was open for a moment only
    }
  }

  private static long residentBytes() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return 0;
    }
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
      }
    }
    return 0;
  }

  private Report report(List<SoakSample> samples, long wanted, int side, int perSet) {
    List<List<SoakSample>> parts = SoakSample.settled(samples);
    Report report = new Report("hil soak");
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "frames",
            "heap MB",
            "resident MB",
            "handles",
            "threads",
            "KV MB",
            "rows",
            "age ms",
            "CPU ms/set"));
    int step = Math.max(1, samples.size() / 10);
    for (int i = 0; i < samples.size(); i += step) {
      rows.add(row(samples.get(i)));
    }
    if (!samples.isEmpty() && (samples.size() - 1) % step != 0) {
      rows.add(row(samples.getLast()));
    }
    report
        .line(
            "%d pipelines side by side, %d sensor frames a set, every %dth set in full, the others with the cameras that look ahead, lowest exit, no text"
                .formatted(side, perSet, fullEvery))
        .line("")
        .table(rows);
    double frames = samples.isEmpty() ? 0 : samples.getLast().frames();
    int processes = samples.isEmpty() ? 0 : samples.getLast().process() + 1;
    double age = parts.isEmpty() ? Double.NaN : parts.getFirst().getFirst().meanAgeNs() * 1e-6;
    return report
        .figure("frames", frames, "sensor frames")
        .figure("frames_wanted", wanted, "")
        .figure("processes", processes, "1 = never resumed")
        .figure("samples", samples.size(), "")
        .figure(
            "heap_growth_percent",
            SoakSample.growthPercent(parts, SoakSample::heapBytes),
            "% over the last 90 %, live after collections")
        .figure(
            "resident_growth_percent",
            SoakSample.growthPercent(parts, SoakSample::residentBytes),
            "% over the last 90 %")
        .figure("handles_growth", SoakSample.spread(parts, SoakSample::handles), "files, tensors")
        .figure("threads_growth", SoakSample.spread(parts, SoakSample::threads), "")
        .figure("kv_bytes_growth", SoakSample.spread(parts, SoakSample::kvBytes), "B")
        .figure(
            "kv_rows_growth",
            SoakSample.spread(parts, SoakSample::kvRows),
            "rows, not gated: few or many by what was kept")
        .figure("age_mean", age, "ms")
        .figure(
            "age_drift",
            SoakSample.spread(parts, SoakSample::meanAgeNs) * 1e-6,
            "ms between windows; the latency is made up, so none")
        .figure(
            "cpu_drift_percent",
            SoakSample.growthPercent(parts, SoakSample::cpuNsPerSet),
            "% of processor time a set, not gated: the machine is shared")
        .fact("model", ModelPerceiver.description(model.dir()).sha256());
  }

  private static List<String> row(SoakSample s) {
    return List.of(
        Long.toString(s.frames()),
        Report.number(s.heapBytes() * 1e-6),
        Report.number(s.residentBytes() * 1e-6),
        Report.number(s.handles()),
        Report.number(s.threads()),
        Report.number(s.kvBytes() * 1e-6),
        Report.number(s.kvRows()),
        Report.number(s.meanAgeNs() * 1e-6),
        Report.number(s.cpuNsPerSet() * 1e-6));
  }
}
