package saccade.hil.rig;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import saccade.hil.Measurement;
import saccade.hil.ModelOption;
import saccade.hil.faults.ReplaySource;
import saccade.hil.faults.SetLoop;
import saccade.hil.report.Machine;
import saccade.hil.report.Progress;
import saccade.hil.report.Quantile;
import saccade.hil.report.Report;
import saccade.hil.report.Sleeper;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Rig;
import saccade.kernels.image.PixelFormat;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.graph.HostPolicy;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.nodes.pipeline.Publication;
import saccade.nodes.pipeline.RealTimeRun;
import saccade.nodes.pipeline.Vehicle;
import saccade.perception.SessionOptions;
import saccade.perception.model.ModelPackage;
import saccade.planner.PlannerMessage;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.frameset.FrameSet;
import saccade.realtime.ring.FrameView;

/**
 * {@code saccade hil rig}: from the light on the sensor to the command. A time code is drawn into
 * the picture of one camera; the command that executes the action of that picture is put against
 * it. No stamp of the product takes part: the code is read out of the very bytes that the model was
 * given.
 */
@Command(
    name = "rig",
    mixinStandardHelpOptions = true,
    description = {
      "Latency from a time code in the picture to the command.",
      "Loopback: the code is drawn into the picture (rendered before) as it is published. Writes JSON in the form of ros2_benchmark, and a page."
    })
public final class RigCommand extends Measurement {
  private static final int WARM_SETS = 40;
  private static final int SETS = 24;
  private static final int SETTLED = 20; // actions of the model
  private static final long SETTLE_PATIENCE_NS = 30_000_000_000L;
  private static final long ON_ITS_WAY_NS = 500_000_000L; // at the end: it may yet arrive
  private static final double NEVER_MS = 10_000;

  @Mixin private final ModelOption model = new ModelOption();

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "How long; default 60, with --quick 10.")
  private double seconds;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description = "Where rig.json and rig.html go; default: none are written.")
  private @Nullable Path out;

  @Option(
      names = "--cameras",
      paramLabel = "N",
      description = "Cameras of the rig, 2 or 6; default what the model takes.")
  private int cameras;

  /** Filled by picocli. */
  public RigCommand() {}

  private final NanoClock clock = NanoClock.system();
  private final List<Long> drawn = new ArrayList<>(); // source thread; read after the end
  private final Map<Long, Long> unitsByCapture = new ConcurrentHashMap<>();
  private final Map<Long, Long> messageByCapture = new ConcurrentHashMap<>();
  private final Map<Long, Long> commandByCapture = new ConcurrentHashMap<>();
  private long unreadable; // control thread
  private long fromNs; // earlier codes do not count: the machine was settling
  private long untilNs; // later ones neither: they were on their way
  private long sleeperNs;
  private volatile String last = "";
  private String account = "";
  private @Nullable PlannerMessage followed; // control thread

  @Override
  protected Report measure(Progress progress) throws IOException {
    double length = seconds > 0 ? seconds : quick() ? 10 : 60;
    if (!(length >= 2 && length <= 3600) || cameras != 0 && cameras != 2 && cameras != 6) {
      throw new BadInput(
          "--seconds: wanted 2 to 3600, --cameras 2 or 6; found " + length + " and " + cameras);
    }
    ModelPackage shape = ModelPerceiver.description(model.dir());
    Rig rig =
        cameras == 2
            ? Rig.twoCamera()
            : cameras == 6 ? Rig.sixCamera() : ModelPerceiver.rigFor(shape);
    CameraModel coded = rig.cameras().getFirst();
    if (!TimeCode.fits(coded.widthPx(), coded.heightPx())) {
      throw new BadInput(coded.name() + ": too small for the time code");
    }
    PipelineOptions options = PipelineOptions.tenHertz();
    Vehicle vehicle = (nowNs, accel, curvature) -> onCommand();
    String runtime;
    try (SetLoop loop = new SetLoop(rig, "empty-road", 1, SETS);
        ReplaySource source =
            new ReplaySource(
                rig,
                loop,
                options.periodNs(),
                frame -> {
                  if (frame.sensor == 0) {
                    frame.change = (picture, bytes) -> draw(picture, coded.widthPx());
                  }
                });
        ModelPerceiver perceiver =
            ModelPerceiver.open(model.dir(), rig, clock, SessionOptions.shipped(shape));
        RealTimeRun run =
            new RealTimeRun(
                options,
                source,
                perceiver,
                ModelPerceiver.codecOf(shape),
                vehicle,
                this::onMessage,
                HostPolicy.AS_IS)) {
      perceiver.warmUp(WARM_SETS);
      run.begin();
      run.startSource();
      long patienceNs = clock.nanoTime() + SETTLE_PATIENCE_NS;
      while (messageByCapture.size() < SETTLED && clock.nanoTime() < patienceNs) {
        pause();
      }
      fromNs = clock.nanoTime();
      long endNs = fromNs + Math.round(length * 1e9);
      try (Sleeper sleeper = new Sleeper(clock, options.controlPeriodNs())) {
        while (clock.nanoTime() < endNs && !run.sourceEnded()) {
          progress.at(
              "seconds",
              Math.round(length - (endNs - clock.nanoTime()) * 1e-9),
              Math.round(length));
          pause();
        }
        sleeperNs = sleeper.longestNs();
      }
      untilNs = clock.nanoTime() - ON_ITS_WAY_NS;
      run.stop();
      runtime = perceiver.runtime();
      account =
          run.pipeline().counts().report()
              + "; gate refused "
              + run.pipeline().counts().refusedByGate()
              + "; last: "
              + last;
      if (run.laneHung()) {
        perceiver.leaveOpen();
      }
    }
    return report(passages(), rig, length, shape, runtime);
  }

  private static void pause() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Source thread: the light falls on the sensor. */
  private void draw(MemorySegment picture, int widthPx) {
    long nowNs = clock.nanoTime();
    TimeCode.draw(picture, widthPx, nowNs);
    drawn.add(nowNs);
  }

  /** Control thread. The frames are at hand where an answer is whole: their code is read then. */
  private void onMessage(Publication publication) {
    PlannerMessage message = publication.message();
    FrameSet set = publication.set();
    last = message.kind() + " " + message.reason() + " " + publication.gate();
    if (message.decidedByModel() && publication.gate().accepted()) {
      messageByCapture.putIfAbsent(message.captureNs(), clock.nanoTime());
      followed = message;
    }
    if (set != null && set.has(0)) {
      FrameView view = set.view(0);
      MemorySegment picture = view.payload();
      PixelFormat format = PixelFormat.values()[view.format()];
      long units = TimeCode.read(picture, view.width(), format, format.rowBytes(view.width()));
      if (units == TimeCode.NONE) {
        unreadable++;
      } else {
        unitsByCapture.putIfAbsent(message.captureNs(), units);
      }
    }
  }

  /** Control thread. The first command that executes an action. */
  private void onCommand() {
    PlannerMessage message = followed;
    if (message != null) {
      followed = null;
      commandByCapture.putIfAbsent(message.captureNs(), clock.nanoTime());
    }
  }

  private List<Passage> passages() {
    List<Passage> all = new ArrayList<>();
    drawn.removeIf(ns -> ns < fromNs);
    commandByCapture.forEach(
        (capture, command) -> {
          Long units = unitsByCapture.get(capture);
          Long message = messageByCapture.get(capture);
          if (units != null && message != null) {
            long since = TimeCode.sinceNs(units, command);
            Passage passage = new Passage(capture, command - since, message, command);
            if (passage.drawnNs() >= fromNs) {
              all.add(passage);
            }
          }
        });
    all.sort((a, b) -> Long.compare(a.captureNs(), b.captureNs()));
    return all;
  }

  private Report report(
      List<Passage> passages, Rig rig, double length, ModelPackage shape, String runtime)
      throws IOException {
    if (passages.size() < 3) {
      throw new BadInput(
          ExitCode.NOT_MEASURABLE,
          "wanted 3 pictures that led to a command, found %d of %d (codes read %d, not read %d; actions %d, commands %d): %s"
              .formatted(
                  passages.size(),
                  drawn.size(),
                  unitsByCapture.size(),
                  unreadable,
                  messageByCapture.size(),
                  commandByCapture.size(),
                  account));
    }
    Map<String, Double> metrics = Passage.metrics(drawn, passages);
    Machine machine = Machine.here();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("what", "time code drawn to command given, loopback");
    facts.put(
        "rig",
        rig.cameras().size()
            + " cameras"
            + (rig.lidar() == null ? "" : " and a LiDAR")
            + ", 10 Hz");
    facts.put("model", shape.name() + " " + shape.version());
    facts.put("engine", runtime);
    facts.put("machine", machine.cpu() + ", " + machine.cores() + " cores, " + machine.os());
    facts.put("commit", machine.commit());
    facts.put("when", Instant.now().toString());
    double[] latency = passages.stream().mapToDouble(Passage::latencyMs).toArray();
    List<Long> owed = drawn.stream().filter(ns -> ns < untilNs).toList();
    Set<Long> read = Set.copyOf(unitsByCapture.values());
    long notRead = owed.stream().filter(ns -> !read.contains(TimeCode.unitsOf(ns))).count();
    Report report = new Report("hil rig");
    Path folder = out;
    if (folder != null) {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("rig.json"), json(metrics, facts, length, rig));
      Files.writeString(
          folder.resolve("rig.html"), RigPage.of("Time code to command", facts, metrics, passages));
      report.line("written: " + folder.resolve("rig.json") + ", " + folder.resolve("rig.html"));
    }
    report
        .line(
            "resolution of the code: %.1f ms; commands go out every 20 ms"
                .formatted(TimeCode.UNIT_NS * 1e-6))
        .figure("frames_sent", drawn.size(), "codes drawn")
        .figure("frames_measured", passages.size(), "")
        .figure("codes_unreadable", unreadable, "")
        .figure(
            "codes_not_read_share",
            owed.isEmpty() ? 1 : (double) notRead / owed.size(),
            "of the codes drawn; not read back from what the model was given")
        .figure("latency_p50", Quantile.of(latency, 0.5), "ms, code drawn to command")
        .figure(
            "latency_p99",
            Quantile.of(Passage.ofEach(owed, passages, NEVER_MS), 0.99),
            "ms, of all codes drawn; one without a command of its own counts as 10 s")
        .figure("sleeper_late_ms", sleeperNs * 1e-6, "ms that a thread that only sleeps woke late")
        .figure(
            "message_p50",
            Quantile.of(passages.stream().mapToDouble(Passage::messageMs).toArray(), 0.5),
            "ms, code drawn to message");
    metrics.forEach((name, value) -> report.detail(name.toLowerCase(Locale.ROOT), value));
    return report.fact("model", shape.sha256());
  }

  /**
   * As ros2_benchmark writes its reports: metrics by the name of their enumeration, metadata,
   * configuration.
   */
  private String json(
      Map<String, Double> metrics, Map<String, String> facts, double length, Rig rig)
      throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode root = mapper.createObjectNode();
    metrics.forEach((name, value) -> root.put("BasicPerformanceMetrics." + name, value));
    ObjectNode metadata = root.putObject("metadata");
    metadata.put("Test Name", "saccade hil rig");
    metadata.put("Test Description", "time code in the picture to command, loopback");
    facts.forEach(metadata::put);
    ObjectNode config = root.putObject("config");
    config.put("benchmark_mode", "LOOPBACK");
    config.put("benchmark_duration", length);
    config.put("publisher_upper_frequency", 10);
    config.put("num_cameras", rig.cameras().size());
    config.put("code_unit_ns", TimeCode.UNIT_NS);
    return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
  }
}
