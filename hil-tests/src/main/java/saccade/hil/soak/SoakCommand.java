package saccade.hil.soak;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.management.JMException;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import saccade.hil.Measurement;
import saccade.hil.ModelOption;
import saccade.hil.drive.NativeMemory;
import saccade.hil.faults.SetLoop;
import saccade.hil.report.Checkpoint;
import saccade.hil.report.Progress;
import saccade.hil.report.Report;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.realtime.os.ProcessMemory;

/**
 * {@code saccade hil soak}: a million sensor frames through the whole pipeline in simulated time;
 * what must not grow is counted a hundred times on the way.
 */
@Command(
    name = "soak",
    mixinStandardHelpOptions = true,
    description = {
      "A million sensor frames through the whole pipeline, accelerated: what must not grow is counted on the way.",
      "Sets are rendered once and replayed. Slopes of heap, resident memory, handles, threads, KV bytes, drift of ages."
          + " Goes on from its checkpoint after a kill."
    })
public final class SoakCommand extends Measurement {
  private static final int LOOP_SETS = 24;
  private static final int SAMPLES = 100;
  private static final int WARM_SETS = 30;
  private static final Set<Integer> KILLED = Set.of(1, 2, 9, 15); // signals from outside
  private static final String WRONG = "wrong account: ";
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
    long wanted = frames > 0 ? frames : framesByDefault();
    int side = streams > 0 ? streams : Runtime.getRuntime().availableProcessors();
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
            "# saccade hil soak 2: frames %d streams %d full-every %d model %s",
            wanted,
            side,
            fullEvery,
            ModelPerceiver.description(model.dir()).sha256());
    Checkpoint kept = Checkpoint.open(file, head);
    List<SoakSample> before = samples(kept);
    long done = before.isEmpty() ? 0 : before.getLast().frames();
    process = before.isEmpty() ? 0 : before.getLast().process() + 1;
    if (inThisProcess) {
      if (done < wanted) {
        soak(rig, wanted, side, perSet, done, kept);
      }
      return report(kept, wanted, side, perSet);
    }
    // A heap of one size, touched at once: resident memory then moves by what is not the heap.
    progress.say("samples in " + file + "; after a kill, go on with --checkpoint " + file);
    if (done > 0) {
      progress.goesOnFrom(done);
    }
    inAProcessOfItsOwn(wanted, side, file, progress, done);
    return report(Checkpoint.open(file, head), wanted, side, perSet);
  }

  private long framesByDefault() {
    return quick() ? 14_000 : 1_000_000;
  }

  @Override
  protected Map<String, String> defaults() {
    return Map.of(
        "--frames",
        Long.toString(framesByDefault()),
        "--streams",
        Integer.toString(Runtime.getRuntime().availableProcessors()));
  }

  /** Lines that are samples; the others say which accounts were wrong. */
  private static List<SoakSample> samples(Checkpoint kept) {
    List<SoakSample> samples = new ArrayList<>();
    for (int at = 0; at < kept.lines().size(); at++) {
      String line = kept.lines().get(at);
      try {
        if (!line.startsWith(WRONG)) {
          samples.add(SoakSample.of(line));
        }
      } catch (IllegalArgumentException e) {
        throw kept.complaint(at, String.valueOf(e.getMessage()));
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
        throw ended(exit, said, file);
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

  /** How the process that soaks came to an end: only what nobody meant is a bug. */
  static RuntimeException ended(int exit, List<String> said, Path file) {
    String found = "; what it had found is in " + file;
    if (KILLED.contains(exit - 128)) {
      return new BadInput(
          ExitCode.UNAVAILABLE,
          "the process that soaks was ended by signal %d%s: go on with --checkpoint %s"
              .formatted(exit - 128, found, file));
    }
    if (exit > ExitCode.FAILED && exit < 128 && exit != ExitCode.SOFTWARE) {
      return new BadInput(
          exit, "the process that soaks ended with " + exit + ", as it says above" + found);
    }
    return new IllegalStateException(
        "the process that soaks ended with " + exit + ": " + String.join(" | ", said) + found);
  }

  // ---- in the process that soaks ----

  private void soak(Rig rig, long wanted, int side, int perSet, long done, Checkpoint kept)
      throws IOException {
    OperatingSystemMXBean os = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    ProcessHandle parent = ProcessHandle.current().parent().orElse(null);
    List<SoakStream> all = new ArrayList<>();
    // As in the product a stream has one thread for good: what is kept by thread must not grow.
    List<ExecutorService> threads = new ArrayList<>();
    try (SetLoop loop = new SetLoop(rig, "demo", 1, LOOP_SETS)) {
      for (int i = 0; i < side; i++) {
        all.add(new SoakStream(model.dir(), rig, loop, PipelineOptions.tenHertz(), fullEvery));
        threads.add(
            Executors.newSingleThreadExecutor(Thread.ofPlatform().name("soak-" + i).factory()));
      }
      long setsPerSample = Math.max(1, wanted / perSet / side / SAMPLES + 1);
      long at = done;
      runAll(all, threads, WARM_SETS); // that no sample sees
      all.forEach(SoakStream::takeMeanAgeNs);
      all.forEach(SoakStream::takeUndecided);
      while (at < wanted) {
        long cpuNs = os.getProcessCpuTime();
        runAll(all, threads, setsPerSample);
        double cpuPerSet = (double) (os.getProcessCpuTime() - cpuNs) / (setsPerSample * side);
        at += setsPerSample * side * perSet;
        kept.append(sample(all, at, cpuPerSet).line());
        System.out.println("at " + at);
        System.out.flush();
        if (parent != null && !parent.isAlive()) {
          throw new BadInput( // or two would write
              ExitCode.UNAVAILABLE,
              "the process that started this one is gone; what was found so far is kept");
        }
      }
      for (SoakStream stream : all) {
        for (String wrong : stream.end()) {
          kept.append(WRONG + wrong.replace('\n', ' '));
        }
      }
    } finally {
      threads.forEach(ExecutorService::shutdownNow);
      all.forEach(SoakStream::close);
    }
  }

  private static void runAll(List<SoakStream> all, List<ExecutorService> threads, long sets) {
    List<Future<?>> under = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      SoakStream stream = all.get(i);
      under.add(threads.get(i).submit(() -> stream.run(sets)));
    }
    for (Future<?> one : under) {
      try {
        one.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      } catch (ExecutionException e) {
        throw new IllegalStateException("a stream broke: " + e.getCause(), e.getCause());
      }
    }
  }

  private SoakSample sample(List<SoakStream> all, long at, double cpuPerSet) throws IOException {
    long live = liveBytes();
    long tensors = all.stream().mapToLong(SoakStream::tensors).sum();
    return new SoakSample(
        process,
        at,
        live,
        ProcessMemory.residentBytes(),
        openFiles() + tensors,
        ManagementFactory.getThreadMXBean().getThreadCount(),
        all.stream().mapToLong(SoakStream::kvBytes).sum(),
        all.stream().mapToLong(SoakStream::kvRows).sum(),
        all.stream().mapToDouble(SoakStream::takeMeanAgeNs).sum() / all.size(),
        cpuPerSet,
        NativeMemory.mallocBytes(),
        all.stream().mapToLong(SoakStream::takeUndecided).sum());
  }

  /**
   * Bytes of all objects that are alive, after a collection: counted one by one, since a collector
   * that counts its regions (ZGC: 2 MiB each) sees nothing of a small leak.
   */
  private static long liveBytes() throws IOException {
    try {
      String table =
          (String)
              ManagementFactory.getPlatformMBeanServer()
                  .invoke(
                      new ObjectName("com.sun.management:type=DiagnosticCommand"),
                      "gcClassHistogram",
                      new Object[] {new String[0]},
                      new String[] {String[].class.getName()});
      String total = table.lines().reduce("", (before, line) -> line);
      String[] words = total.strip().split("\\s+"); // Total, instances, bytes
      if (words.length != 3 || !words[0].equals("Total")) {
        throw new IOException("class histogram: wanted a line of totals, found " + total);
      }
      return Long.parseLong(words[2]);
    } catch (JMException e) {
      throw new IOException("class histogram: " + e.getMessage(), e);
    }
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

  private Report report(Checkpoint kept, long wanted, int side, int perSet) {
    List<SoakSample> samples = samples(kept);
    long most = Math.max(wanted, samples.isEmpty() ? 0 : samples.getLast().frames());
    List<List<SoakSample>> parts = SoakSample.settled(samples, most / 10);
    long over = most - most / 10;
    List<String> wrong = kept.lines().stream().filter(line -> line.startsWith(WRONG)).toList();
    Report report = new Report("hil soak");
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "frames",
            "heap MB",
            "resident MB",
            "malloc MB",
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
    wrong.forEach(report::line);
    double frames = samples.isEmpty() ? 0 : samples.getLast().frames();
    int processes = samples.isEmpty() ? 0 : samples.getLast().process() + 1;
    double age = parts.isEmpty() ? Double.NaN : parts.getFirst().getFirst().meanAgeNs() * 1e-6;
    return report
        .figure("frames", frames, "sensor frames")
        .figure("frames_wanted", wanted, "")
        .figure("processes", processes, "1 = never resumed")
        .figure("samples", samples.size(), "")
        .figure("settled_frames", SoakSample.frames(parts), "frames that growth is taken from")
        .figure(
            "heap_growth_percent",
            SoakSample.growthPercent(parts, SoakSample::heapBytes, over),
            "% over the last 90 %, live objects")
        .figure(
            "resident_growth_percent",
            SoakSample.growthPercent(parts, SoakSample::residentBytes, over),
            "% over the last 90 %")
        .figure(
            "malloc_growth_percent",
            SoakSample.growthPercent(parts, SoakSample::mallocBytes, over),
            "% over the last 90 %, given out by the C library")
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
            SoakSample.growthPercent(parts, SoakSample::cpuNsPerSet, over),
            "% of processor time a set, not gated: the machine is shared")
        .figure(
            "undecided",
            samples.stream().mapToLong(SoakSample::undecided).sum(),
            "messages that the model did not decide")
        .figure("wrong_accounts", wrong.size(), "boundaries that lost a frame")
        .fact("model", ModelPerceiver.description(model.dir()).sha256());
  }

  private static List<String> row(SoakSample s) {
    return List.of(
        Long.toString(s.frames()),
        Report.number(s.heapBytes() * 1e-6),
        Report.number(s.residentBytes() * 1e-6),
        Report.number(s.mallocBytes() * 1e-6),
        Report.number(s.handles()),
        Report.number(s.threads()),
        Report.number(s.kvBytes() * 1e-6),
        Report.number(s.kvRows()),
        Report.number(s.meanAgeNs() * 1e-6),
        Report.number(s.cpuNsPerSet() * 1e-6));
  }
}
