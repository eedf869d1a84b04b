package saccade.hil.bench;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import saccade.hil.Measurement;
import saccade.hil.ModelOption;
import saccade.hil.report.PairedRatio;
import saccade.hil.report.Progress;
import saccade.hil.report.Quantile;
import saccade.hil.report.Report;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Rig;
import saccade.kernels.image.PixelFormat;
import saccade.nodes.cli.BadInput;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.perception.PerceptionOutput;
import saccade.perception.PerceptionSession;
import saccade.perception.SessionOptions;
import saccade.perception.SetInput;
import saccade.perception.engine.LoadedModel;
import saccade.realtime.clock.NanoClock;
import saccade.sim.Odometry;
import saccade.sim.Scenario;
import saccade.sim.Simulation;

/**
 * {@code saccade bench stream}: does a stream cost the same for ever? Counts rows, bytes and
 * handles after every set, exactly; then an old stream, a fresh one and a second fresh one take
 * turns.
 *
 * <p>The ratio is of CPU time of this thread (inference runs in it, one thread a lane), so that
 * other programs do not decide it.
 */
@Command(
    name = "stream",
    mixinStandardHelpOptions = true,
    description = "KV rows, bytes and handles of a long stream; an old stream beside a fresh one.")
public final class BenchStream extends Measurement {
  private static final int WARM_SETS = 12; // more than the window holds
  private static final int PICTURES = 24;
  private static final long FRAME_NS = 100_000_000L;

  @Mixin private final ModelOption model = new ModelOption();

  @Option(
      names = "--frames",
      paramLabel = "N",
      description = "Sets of the long stream; default 2000, with --quick 300.")
  private int frames;

  @Option(
      names = "--pairs",
      paramLabel = "N",
      description = "Interleaved pairs; default 300, with --quick 60.")
  private int pairs;

  /** Filled by picocli. */
  public BenchStream() {}

  /** Sets of a drive, rendered once and shown again and again. */
  public static final class Loop implements AutoCloseable {
    private final Arena arena = Arena.ofConfined();
    private final Rig rig;
    private final MemorySegment[][] pictures; // (instants, cameras)
    private final MemorySegment[] sweeps; // (instants)
    private final int[] points; // (instants)
    private final Odometry[] motion; // (instants)
    private final double setSpeedMps;

    Loop(Rig rig) {
      this(rig, "demo", 1);
    }

    /** The first 2.4 s of a drive that nobody steers. */
    public Loop(Rig rig, String scenario, long seed) {
      this.rig = rig;
      Simulation drive = new Simulation(rig, Scenario.named(scenario), seed);
      setSpeedMps = drive.setSpeedMps();
      pictures = new MemorySegment[PICTURES][rig.cameras().size()];
      sweeps = new MemorySegment[PICTURES];
      points = new int[PICTURES];
      motion = new Odometry[PICTURES];
      LidarModel lidar = rig.lidar();
      long sweepBytes = lidar == null ? 16 : 16L * lidar.beams() * lidar.columns();
      for (int i = 0; i < PICTURES; i++) {
        for (int c = 0; c < rig.cameras().size(); c++) {
          CameraModel camera = rig.cameras().get(c);
          pictures[i][c] = arena.allocate(3L * camera.widthPx() * camera.heightPx(), 64);
          drive.renderCamera(c, pictures[i][c]);
        }
        sweeps[i] = arena.allocate(sweepBytes, 64);
        points[i] = drive.renderLidar(sweeps[i]);
        motion[i] = drive.odometry();
        drive.command(0, 0);
        drive.advance(0.1);
      }
    }

    int cameras() {
      return rig.cameras().size();
    }

    /** Puts a set into {@code input}; its memory stays here. */
    public void fill(SetInput input, int set) {
      int at = set % PICTURES;
      input.clear();
      input.capture(set * FRAME_NS);
      for (int c = 0; c < rig.cameras().size(); c++) {
        CameraModel camera = rig.cameras().get(c);
        input.camera(
            c,
            pictures[at][c],
            camera.widthPx(),
            camera.heightPx(),
            3L * camera.widthPx(),
            PixelFormat.RGB8);
      }
      if (rig.lidar() != null) {
        input.lidar(sweeps[at], points[at]);
      }
      input.ego(
          motion[at].speedMps(), motion[at].yawRateRps(), setSpeedMps, motion[at].accelMps2());
    }

    /** Points of a set's sweep, 16 B each, LiDAR frame. */
    public MemorySegment sweep(int set) {
      return sweeps[set % PICTURES];
    }

    /** How many. */
    public int points(int set) {
      return points[set % PICTURES];
    }

    /** Own speed in a set, m/s. */
    public double speedMps(int set) {
      return motion[set % PICTURES].speedMps();
    }

    @Override
    public void close() {
      arena.close();
    }
  }

  /** A count that must not grow: least and most since the warm-up. */
  private static final class Gauge {
    private long least = Long.MAX_VALUE;
    private long most = Long.MIN_VALUE;
    private long last;

    void look(long value) {
      least = Math.min(least, value);
      most = Math.max(most, value);
      last = value;
    }

    long growth() {
      return most - least;
    }
  }

  @Override
  protected Report measure(Progress progress) throws IOException {
    int sets = frames > 0 ? frames : quick() ? 300 : 2000;
    int wantedPairs = pairs > 0 ? pairs : quick() ? 60 : 300;
    if (sets <= WARM_SETS) {
      throw new BadInput("--frames: wanted more than " + WARM_SETS + ", found " + sets);
    }
    Rig rig = ModelPerceiver.rigFor(ModelPerceiver.description(model.dir()));
    Report report = new Report("bench stream");
    try (LoadedModel loaded = ModelPerceiver.load(model.dir());
        Loop loop = new Loop(rig);
        PerceptionSession old = session(loaded, rig);
        PerceptionSession fresh = session(loaded, rig);
        PerceptionSession again = session(loaded, rig)) {
      SetInput input = new SetInput(rig.cameras().size());
      Gauge rows = new Gauge();
      Gauge bytes = new Gauge();
      Gauge tensors = new Gauge();
      Gauge buffers = new Gauge();
      Gauge files = new Gauge();
      long residentBefore = 0;
      for (int set = 0; set < sets; set++) {
        run(old, loop, input, set);
        if (set == WARM_SETS) {
          residentBefore = residentBytes();
        }
        if (set >= WARM_SETS) {
          rows.look(old.cache().rows());
          bytes.look(old.bytes() + old.cache().bytes() + directBytes());
          tensors.look(old.handles() + (long) loaded.handles());
          buffers.look(directBuffers());
          files.look(openFiles());
        }
        progress.at("old stream, sets", set + 1, sets);
      }
      long residentAfter = residentBytes();
      PairedRatio cpu = new PairedRatio();
      double[][] wallNs = new double[3][wantedPairs];
      race(old, fresh, again, loop, input, sets, wantedPairs, cpu, wallNs, progress);

      report
          .figure("sets", sets, "")
          .figure("kv_rows", rows.last, "after a set")
          .figure("kv_rows_growth", rows.growth(), "")
          .figure("bytes", bytes.last, "B, tensors of the stream and direct buffers")
          .figure("bytes_growth", bytes.growth(), "B")
          .figure("tensors", tensors.last, "")
          .figure("direct_buffers", buffers.last, "")
          .figure("open_files", files.last, "")
          .figure(
              "handles_growth",
              tensors.growth() + buffers.growth() + files.growth(),
              "tensors, direct buffers, open files")
          .figure("rebases", old.cache().rebases(), "")
          .figure("resident_growth", residentAfter - residentBefore, "B, not gated: heap included")
          .figure("pairs", cpu.pairs(), "")
          .figure("old_over_fresh", cpu.median(), "x, CPU time a set")
          .figure("old_over_fresh_noise", cpu.noise(), "fresh against fresh")
          .figure("old_wall_p50", Quantile.of(wallNs[0], 0.5) / 1e6, "ms")
          .figure("old_wall_p99", Quantile.of(wallNs[0], 0.99) / 1e6, "ms")
          .figure("old_wall_worst", Quantile.of(wallNs[0], 1) / 1e6, "ms")
          .figure("fresh_wall_p50", Quantile.of(wallNs[1], 0.5) / 1e6, "ms")
          .figure("fresh_wall_p99", Quantile.of(wallNs[1], 0.99) / 1e6, "ms")
          .figure("fresh_wall_worst", Quantile.of(wallNs[1], 1) / 1e6, "ms")
          .fact("model", loaded.model().sha256());
    }
    return report;
  }

  private static void race(
      PerceptionSession old,
      PerceptionSession fresh,
      PerceptionSession again,
      Loop loop,
      SetInput input,
      int sets,
      int wantedPairs,
      PairedRatio cpu,
      double[][] wallNs,
      Progress progress) {
    List<PerceptionSession> streams = List.of(old, fresh, again);
    for (int set = 0; set < WARM_SETS; set++) {
      run(fresh, loop, input, set);
      run(again, loop, input, set);
    }
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    NanoClock clock = NanoClock.system();
    double[] cpuNs = new double[3];
    for (int pair = 0; pair < wantedPairs; pair++) {
      for (int turn = 0; turn < 3; turn++) {
        int who = (pair + turn) % 3; // each goes first, second and third equally often
        long wall = clock.nanoTime();
        long before = threads.getCurrentThreadCpuTime();
        // All three see the same picture; the old one's set number only continues its own stamps.
        run(
            streams.get(who),
            loop,
            input,
            who == 0 ? sets / PICTURES * PICTURES + PICTURES + pair : pair);
        cpuNs[who] = threads.getCurrentThreadCpuTime() - before;
        wallNs[who][pair] = clock.nanoTime() - wall;
      }
      cpu.add(cpuNs[1], cpuNs[0], cpuNs[2]);
      progress.at("old beside fresh, pairs", pair + 1, wantedPairs);
    }
  }

  private static PerceptionSession session(LoadedModel loaded, Rig rig) {
    return new PerceptionSession(loaded, rig, NanoClock.system(), SessionOptions.DEFAULT);
  }

  private static void run(PerceptionSession session, Loop loop, SetInput input, int set) {
    loop.fill(input, set);
    PerceptionOutput output = session.run(input, Long.MAX_VALUE / 2, 0);
    if (output.kind() != PerceptionOutput.Kind.COMPLETE) {
      throw new IllegalStateException(
          "set "
              + set
              + ": wanted a complete answer, found "
              + output.kind()
              + " because "
              + output.cutReason());
    }
  }

  private static List<BufferPoolMXBean> pools() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class);
  }

  private static long directBytes() {
    return pools().stream().mapToLong(BufferPoolMXBean::getMemoryUsed).sum();
  }

  private static long directBuffers() {
    return pools().stream().mapToLong(BufferPoolMXBean::getCount).sum();
  }

  /** Open files of this process; 0 where the system does not say. */
  private static long openFiles() throws IOException {
    Path folder = Path.of("/proc/self/fd");
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    long count = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        if (!ofTheKernel(file)) {
          count++;
        }
      }
    }
    return count;
  }

  /** The JVM reads its cgroup and process figures now and then: files open for a moment only. */
  private static boolean ofTheKernel(Path descriptor) {
    try {
      Path target = Files.readSymbolicLink(descriptor);
      return target.startsWith("/proc") || target.startsWith("/sys");
    } catch (IOException closedMeanwhile) {
      return true;
    }
  }

  /** Resident bytes of this process; 0 where the system does not say. */
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
}
