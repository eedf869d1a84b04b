package saccade.hil.drive;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import saccade.hil.Measurement;
import saccade.hil.report.Progress;
import saccade.hil.report.Report;
import saccade.hil.report.Sleeper;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.sensor.EgoState;
import saccade.nodes.sensor.SensorInlets;
import saccade.nodes.video.CameraSource;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.os.ProcessMemory;
import saccade.realtime.ring.Doorbell;
import saccade.realtime.ring.FrameView;

/**
 * {@code saccade hil inputs}: a camera that comes and goes a thousand times, of each kind of live
 * input there is, beside a network camera that stays. What must not grow is counted exactly after a
 * tenth of the cycles and at the end; the steady camera's longest silence says whether it was held
 * up. A thread that does nothing but sleep says what of that is the machine's: where it is held up
 * itself, the silence says nothing about cameras. A kind that this machine does not have is named
 * with the reason.
 */
@Command(
    name = "inputs",
    mixinStandardHelpOptions = true,
    description =
        "Connect and disconnect each kind of live input again and again beside a steady one.")
public final class InputsCommand extends Measurement {
  private static final int HANG_UP_AFTER = 3; // pictures
  private static final long BETWEEN_PICTURES_NS = 20_000_000L; // of the steady camera's peer
  private static final long STUCK_NS = 60_000_000_000L;

  @Option(
      names = "--cycles",
      paramLabel = "N",
      description = "Connections of each bad camera; default 1000, with --quick 60.")
  private int cycles;

  @Option(
      names = "--input",
      paramLabel = "KIND",
      split = ",",
      description = "Only these: mjpeg, rtsp, usb, file; default: all.")
  private List<String> inputs = List.of();

  /** Filled by picocli. */
  public InputsCommand() {}

  /**
   * What must not grow.
   *
   * @param files open files and sockets
   * @param threads of Java: how many there are depends on how far a connection is, so the fewest of
   *     some connections in a row
   * @param heapBytes after a collection
   * @param residentBytes of the process
   * @param anonBytes resident, neither a file's nor the Java heap; -1 where nobody can say
   * @param mallocBytes given out by the C library and not given back; -1 where it cannot say
   * @param natives bytes that JavaCPP holds for FFmpeg's objects
   */
  private record Held(
      long files,
      int threads,
      long heapBytes,
      long residentBytes,
      long anonBytes,
      long mallocBytes,
      long natives) {
    static Held now() {
      System.gc();
      long files = 0;
      try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
        for (Path ignored : open) {
          files++;
        }
      } catch (IOException e) {
        files = -1;
      }
      return new Held(
          files,
          threadsNow(),
          ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
          ProcessMemory.residentBytes(),
          NativeMemory.anonymousBytes(),
          NativeMemory.mallocBytes(),
          Pointer.totalBytes());
    }

    Held withThreads(int fewest) {
      return new Held(files, fewest, heapBytes, residentBytes, anonBytes, mallocBytes, natives);
    }

    static int threadsNow() {
      return ManagementFactory.getThreadMXBean().getThreadCount();
    }

    List<String> cells(String input, String when) {
      return List.of(
          input,
          when,
          Long.toString(files),
          Integer.toString(threads),
          String.format(Locale.ROOT, "%.1f", heapBytes * 1e-6),
          String.format(Locale.ROOT, "%.1f", residentBytes * 1e-6),
          String.format(Locale.ROOT, "%.1f", anonBytes * 1e-6),
          String.format(Locale.ROOT, "%.2f", mallocBytes * 1e-6),
          String.format(Locale.ROOT, "%.3f", natives * 1e-6));
    }
  }

  /** What became of one kind. */
  private record Outcome(
      LiveInput input,
      long connections,
      long pictures,
      Held start,
      Held early,
      Held late,
      long longestNs,
      long sleeperNs,
      long reopened,
      long unbalanced,
      double seconds) {}

  @Override
  protected Report measure(Progress progress) throws Exception {
    int count = cycles > 0 ? cycles : quick() ? 60 : 1000;
    Report report = new Report("hil inputs");
    List<Outcome> outcomes = new ArrayList<>();
    boolean usb = run("usb", LiveInput.Usb::first, count, progress, report, outcomes);
    run("mjpeg", () -> new LiveInput.Mjpeg(HANG_UP_AFTER, 5), count, progress, report, outcomes);
    run("rtsp", LiveInput.Rtsp::new, count, progress, report, outcomes);
    if (!usb) {
      run("file", LiveInput.VideoFile::new, count, progress, report, outcomes);
    }
    if (outcomes.isEmpty()) {
      throw new BadInput(
          ExitCode.UNAVAILABLE, "input: expected one of mjpeg, rtsp, usb, file, found " + inputs);
    }
    return told(report, outcomes);
  }

  /** Whether there is such an input; its outcome is in the list then. */
  private boolean run(
      String name,
      Callable<LiveInput> input,
      int count,
      Progress progress,
      Report report,
      List<Outcome> outcomes)
      throws Exception {
    if (!inputs.isEmpty() && !inputs.contains(name)) {
      return false;
    }
    try (LiveInput bad = input.call()) {
      report.line(bad.name() + ": " + bad.what());
      Outcome outcome =
          bad instanceof LiveInput.Usb || bad instanceof LiveInput.VideoFile
              ? cycle(bad, count, new WeHangUp(bad), progress)
              : cycle(bad, count, new TheyHangUp(bad), progress);
      outcomes.add(outcome);
      return true;
    } catch (LiveInput.Absent e) {
      report.line(name + ": NOT MEASURED: " + e.getMessage());
      return false;
    }
  }

  /** Who makes the camera come and go. */
  private abstract static class Cycling implements AutoCloseable {
    final FrameView view = new FrameView();

    abstract void start(SensorInlets inlets);

    /** Looks at what has come; whoever is to hang up does so. */
    abstract void step(long nowNs);

    abstract long connections();

    abstract long pictures();

    @Override
    public abstract void close();
  }

  /** The source opens again by itself whenever the peer has hung up. */
  private static final class TheyHangUp extends Cycling {
    private final CameraSource source;
    private @Nullable SensorInlets inlets;

    TheyHangUp(LiveInput input) {
      source = source("bad", input.url(), false);
    }

    @Override
    void start(SensorInlets into) {
      inlets = into;
      source.start(into);
    }

    @Override
    void step(long nowNs) {
      SensorInlets from = inlets;
      while (from != null && from.ring(0).takeNext(view, nowNs)) {
        view.release();
      }
    }

    @Override
    long connections() {
      return source.health().getFirst().opened();
    }

    @Override
    long pictures() {
      return source.health().getFirst().pictures();
    }

    @Override
    public void close() {
      source.close();
    }
  }

  /** A source of its own for each cycle, closed after some pictures. */
  private static final class WeHangUp extends Cycling {
    private final LiveInput input;
    private @Nullable SensorInlets inlets;
    private @Nullable CameraSource source;
    private long connections;
    private long pictures;
    private int taken;

    WeHangUp(LiveInput input) {
      this.input = input;
    }

    @Override
    void start(SensorInlets into) {
      inlets = into;
      open(into);
    }

    private void open(SensorInlets into) {
      CameraSource fresh = source("bad", input.url(), true);
      source = fresh;
      taken = 0;
      fresh.start(into);
    }

    @Override
    void step(long nowNs) {
      SensorInlets from = inlets;
      CameraSource now = source;
      if (from == null || now == null) {
        return;
      }
      while (from.ring(0).takeNext(view, nowNs)) {
        taken++;
        view.release();
      }
      if (taken >= HANG_UP_AFTER) {
        now.close();
        connections += now.health().getFirst().opened();
        pictures += now.health().getFirst().pictures();
        open(from);
      }
    }

    @Override
    long connections() {
      return connections;
    }

    @Override
    long pictures() {
      return pictures;
    }

    @Override
    public void close() {
      if (source != null) {
        source.close();
      }
    }
  }

  private static Outcome cycle(LiveInput input, int count, Cycling bad, Progress progress)
      throws IOException, InterruptedException {
    NanoClock clock = NanoClock.system();
    long beganNs = clock.nanoTime();
    Held start = Held.now();
    Held early = start;
    Held late;
    long longestNs = 0;
    long unbalanced;
    CameraSource.Health steady;
    Sleeper sleeper = new Sleeper(clock, BETWEEN_PICTURES_NS);
    try (sleeper;
        LiveInput always = new LiveInput.Mjpeg(Integer.MAX_VALUE, 20);
        Arena arena = Arena.ofShared()) {
      SensorInlets badInlets = inlets(arena, "bad", clock);
      SensorInlets inlets = inlets(arena, "steady", clock);
      try (bad;
          CameraSource other = source("steady", always.url(), false)) {
        other.start(inlets);
        bad.start(badInlets);
        FrameView view = new FrameView();
        long lastNs = 0;
        boolean warm = false;
        long done = 0;
        long risenNs = clock.nanoTime();
        int tenth = Math.max(5, count / 10);
        int few = Math.max(2, count / 20); // connections that the fewest threads are taken of
        int earlyThreads = Integer.MAX_VALUE;
        int lateThreads = Integer.MAX_VALUE;
        while (done < count) {
          long nowNs = clock.nanoTime();
          bad.step(nowNs);
          while (inlets.ring(0).takeNext(view, nowNs)) {
            if (lastNs != 0) {
              longestNs = Math.max(longestNs, view.publishedNs() - lastNs);
            }
            lastNs = view.publishedNs();
            view.release();
          }
          long connections = bad.connections();
          if (connections > done) {
            done = connections;
            risenNs = nowNs;
          } else if (nowNs - risenNs > STUCK_NS) {
            throw new IllegalStateException(
                input.name() + ": expected a connection within 60 s, found none after " + done);
          }
          if (!warm && done >= tenth) {
            warm = true;
            early = Held.now();
          }
          if (warm && done <= tenth + few) {
            earlyThreads = Math.min(earlyThreads, Held.threadsNow());
          }
          if (done >= count - few) {
            lateThreads = Math.min(lateThreads, Held.threadsNow());
          }
          progress.at(input.name() + " connections", done, count);
          Thread.sleep(5);
        }
        early = early.withThreads(earlyThreads);
        late = Held.now().withThreads(lateThreads);
        steady = other.health().getFirst();
      }
      badInlets.shutdown();
      inlets.shutdown();
      unbalanced =
          Math.abs(badInlets.ring(0).ledger().balance())
              + Math.abs(inlets.ring(0).ledger().balance());
    }
    return new Outcome(
        input,
        bad.connections(),
        bad.pictures(),
        start,
        early,
        late,
        longestNs,
        sleeper.longestNs(),
        steady.opened() - 1,
        unbalanced,
        (clock.nanoTime() - beganNs) * 1e-9);
  }

  private static Report told(Report report, List<Outcome> outcomes) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "input",
            "when",
            "files",
            "threads",
            "heap MB",
            "resident MB",
            "of it native MB",
            "malloc MB",
            "JavaCPP's MB"));
    Outcome first = outcomes.getFirst();
    long connections = first.connections;
    long files = Long.MIN_VALUE;
    long threads = Long.MIN_VALUE;
    double heapMb = Double.NEGATIVE_INFINITY;
    double residentMb = Double.NEGATIVE_INFINITY;
    double nativeMb = Double.NEGATIVE_INFINITY;
    double mallocMb = Double.NEGATIVE_INFINITY;
    double nativesMb = Double.NEGATIVE_INFINITY;
    long longestNs = 0;
    long sleeperNs = 0;
    long reopened = 0;
    long unbalanced = 0;
    for (Outcome one : outcomes) {
      String name = one.input.name();
      rows.add(one.start.cells(name, "start"));
      rows.add(one.early.cells(name, "tenth"));
      rows.add(one.late.cells(name, "end"));
      connections = Math.min(connections, one.connections);
      files = Math.max(files, one.late.files - one.early.files);
      threads = Math.max(threads, one.late.threads - one.early.threads);
      double resident = (one.late.residentBytes - one.early.residentBytes) * 1e-6;
      heapMb = Math.max(heapMb, (one.late.heapBytes - one.early.heapBytes) * 1e-6);
      residentMb = Math.max(residentMb, resident);
      double malloc = (one.late.mallocBytes - one.early.mallocBytes) * 1e-6;
      double anon = (one.late.anonBytes - one.early.anonBytes) * 1e-6;
      nativeMb = Math.max(nativeMb, anon);
      mallocMb = Math.max(mallocMb, malloc);
      nativesMb = Math.max(nativesMb, (one.late.natives - one.early.natives) * 1e-6);
      longestNs = Math.max(longestNs, one.longestNs);
      sleeperNs = Math.max(sleeperNs, one.sleeperNs);
      reopened += one.reopened;
      unbalanced += one.unbalanced;
      report
          .line(
              String.format(
                  Locale.ROOT,
                  "%s: %d connections, %d pictures in %.0f s; the steady camera at most %.0f ms without"
                      + " a picture, a thread that only sleeps at most %.0f ms late",
                  name,
                  one.connections,
                  one.pictures,
                  one.seconds,
                  one.longestNs * 1e-6,
                  one.sleeperNs * 1e-6))
          .detail(name + "_connections", (double) one.connections)
          .detail(name + "_pictures", (double) one.pictures)
          .detail(name + "_resident_growth_mb", resident)
          .detail(name + "_native_growth_mb", anon)
          .detail(name + "_malloc_growth_mb", malloc)
          .detail(name + "_steady_longest_ms", one.longestNs * 1e-6);
    }
    return report
        .table(rows)
        .figure("kinds", outcomes.size(), "kinds of input; the worst of them below")
        .figure("connections", connections, "of each camera that comes and goes")
        .figure("files_growth", files, "open files, last nine tenths")
        .figure("threads_growth", threads, "threads")
        .figure("heap_growth_mb", heapMb, "MB of heap")
        .figure("resident_growth_mb", residentMb, "MB resident, garbage of ZGC's heap included")
        .figure("native_growth_mb", nativeMb, "MB of it outside the Java heap")
        .figure("malloc_growth_mb", mallocMb, "MB that malloc has given out")
        .figure("javacpp_growth_mb", nativesMb, "MB of FFmpeg's objects that JavaCPP knows")
        .figure("steady_reopened", reopened, "times the steady camera was opened again")
        .figure("steady_longest_ms", longestNs * 1e-6, "ms without a picture of the steady camera")
        .figure("sleeper_late_ms", sleeperNs * 1e-6, "ms that a thread that only sleeps woke late")
        .figure("unbalanced", unbalanced, "frames that an account lost");
  }

  private static SensorInlets inlets(Arena arena, String camera, NanoClock clock) {
    return new SensorInlets(
        arena, new Rig(List.of(camera(camera)), null), 8, clock, new Doorbell());
  }

  private static CameraSource source(String name, String url, boolean loop) {
    return new CameraSource(
        new Rig(List.of(camera(name)), null),
        Map.of(name, url),
        50,
        1,
        loop,
        EgoState.STANDING,
        line -> {});
  }

  private static CameraModel camera(String name) {
    return CameraModel.ofHorizontalFov(
        name, LiveInput.WIDTH, LiveInput.HEIGHT, 1, Pose.of(0, 0, 1, 0, 0, 0));
  }
}
