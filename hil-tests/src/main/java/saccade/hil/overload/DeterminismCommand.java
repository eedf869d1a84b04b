package saccade.hil.overload;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import saccade.hil.Measurement;
import saccade.hil.ModelOption;
import saccade.hil.report.Progress;
import saccade.hil.report.Report;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.pipeline.ClosedLoop;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.pipeline.PacedPerceiver;
import saccade.nodes.pipeline.Perceiver;
import saccade.nodes.pipeline.PipelineListener;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.nodes.run.RecordedRuns;
import saccade.nodes.sensor.SensorTap;
import saccade.perception.SessionOptions;
import saccade.perception.model.ModelPackage;
import saccade.planner.JsonLines;
import saccade.planner.PlannerMessage;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.overload.Arrivals;
import saccade.realtime.overload.RecordedRun;
import saccade.realtime.overload.SliceTimes;
import saccade.realtime.trace.TraceWriter;
import saccade.sim.Scenario;
import saccade.sim.Simulation;

/**
 * {@code saccade hil determinism}: the product's pipeline with the real model, the same drive five
 * times in simulated time, slices taking what a trace says. Every message, every decision and every
 * command must be the same, byte by byte. Each run opens the model anew.
 */
@Command(
    name = "determinism",
    mixinStandardHelpOptions = true,
    description =
        "Five runs in simulated time with slice times from a trace: the same bytes each time.")
public final class DeterminismCommand extends Measurement {
  private static final int RING = 1 << 16; // records; more than a run writes

  @Mixin private final ModelOption model = new ModelOption();

  @Option(
      names = "--trace",
      paramLabel = "FILE",
      description = "A recorded run of this model. Default: one is recorded first.")
  private @Nullable Path trace;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "Of simulated time; default 20, with --quick 6.")
  private int seconds;

  @Option(names = "--runs", paramLabel = "N", description = "Default ${DEFAULT-VALUE}.")
  private int runs = 5;

  /** Filled by picocli. */
  public DeterminismCommand() {}

  /**
   * What a run left.
   *
   * @param messages hash over all messages as JSON lines
   * @param decisions hash over the trace: decisions, slices, levels
   * @param commands hash over all commands
   */
  private record Left(
      String messages, String decisions, String commands, int count, int notFresh, long bytes) {}

  @Override
  protected Report measure(Progress progress) throws IOException {
    int each = seconds > 0 ? seconds : quick() ? 6 : 20;
    if (runs < 2 || runs > 1000 || each > 3600) {
      throw new BadInput("--runs: expected 2 to 1000, --seconds at most 3600");
    }
    ModelPackage shape = ModelPerceiver.description(model.dir());
    Rig rig = ModelPerceiver.rigFor(shape);
    Path folder = Files.createTempDirectory("saccade-determinism");
    Report report = new Report("hil determinism");
    try {
      Path recorded = trace;
      if (recorded == null) {
        recorded = folder.resolve("recorded.trace");
        try (ModelPerceiver perceiver = open(shape, rig, NanoClock.system())) {
          perceiver.warmUp(20);
          drive(rig, shape, perceiver, NanoClock.system(), each, recorded);
        }
      }
      RecordedRun run = RecordedRuns.read(recorded);
      List<Left> all = new ArrayList<>();
      for (int i = 0; i < runs; i++) {
        all.add(replay(rig, shape, run, each, folder.resolve("run" + i + ".trace")));
        progress.at("runs", i + 1, runs);
      }
      write(report, all, run);
      report.fact("model", shape.sha256());
    } finally {
      try (var files = Files.newDirectoryStream(folder)) {
        for (Path file : files) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
    }
    return report;
  }

  private ModelPerceiver open(ModelPackage shape, Rig rig, NanoClock clock) {
    return ModelPerceiver.open(model.dir(), rig, clock, SessionOptions.shipped(shape));
  }

  private Left replay(Rig rig, ModelPackage shape, RecordedRun run, int each, Path file)
      throws IOException {
    SliceTimes times = run.times();
    Arrivals arrivals = run.arrivals();
    long fromNs = arrivals.count() == 0 ? 0 : arrivals.captureNs()[0];
    long spanNs =
        arrivals.count() == 0
            ? 1
            : Math.max(1, arrivals.captureNs()[arrivals.count() - 1] - fromNs);
    try (PacedPerceiver perceiver =
        new PacedPerceiver(
            clock -> open(shape, rig, clock),
            (kind, size, workedNs) -> times.tookNs(kind, size, fromNs + workedNs % spanNs))) {
      return drive(rig, shape, perceiver, perceiver.workClock(), each, file);
    }
  }

  private static Left drive(
      Rig rig, ModelPackage shape, Perceiver perceiver, NanoClock work, int each, Path file)
      throws IOException {
    MessageDigest messages = sha256();
    MessageDigest commands = sha256();
    int[] count = new int[2];
    long[] bytes = new long[1];
    PipelineListener listener =
        publication -> {
          PlannerMessage message = publication.message();
          byte[] line = JsonLines.write(message).getBytes(StandardCharsets.UTF_8);
          messages.update(line);
          bytes[0] += line.length;
          count[0]++;
          count[1] +=
              message.kind() == PlannerMessage.Kind.FRESH
                      || message.kind() == PlannerMessage.Kind.DESCRIPTION
                  ? 0
                  : 1;
        };
    TraceWriter writer = TraceWriter.open(file, 0, 0);
    try (writer;
        ClosedLoop loop =
            new ClosedLoop(
                rig,
                new Simulation(rig, Scenario.named("demo"), 1),
                PipelineOptions.tenHertz(),
                perceiver,
                ModelPerceiver.codecOf(shape),
                ClosedLoop.MEASURED,
                work,
                SensorTap.OPEN,
                listener)) {
      loop.pipeline().trace(writer.ring(RING));
      loop.watch(
          (nowNs, accel, curvature) ->
              commands.update(
                  String.format(
                          Locale.ROOT,
                          "%d %x %x%n",
                          nowNs,
                          Double.doubleToRawLongBits(accel),
                          Double.doubleToRawLongBits(curvature))
                      .getBytes(StandardCharsets.UTF_8)));
      for (int set = 0; set < each * 10; set++) {
        loop.step();
      }
    }
    if (writer.lost() > 0) {
      throw new IllegalStateException("expected no lost record, found " + writer.lost());
    }
    return new Left(
        hex(messages),
        HexFormat.of().formatHex(sha256().digest(Files.readAllBytes(file))),
        hex(commands),
        count[0],
        count[1],
        bytes[0]);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  private static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void write(Report report, List<Left> all, RecordedRun run) {
    List<List<String>> table = new ArrayList<>();
    table.add(
        List.of("run", "messages", "not fresh", "bytes", "messages", "decisions", "commands"));
    Set<String> messages = new HashSet<>();
    Set<String> decisions = new HashSet<>();
    Set<String> commands = new HashSet<>();
    for (int i = 0; i < all.size(); i++) {
      Left left = all.get(i);
      messages.add(left.messages);
      decisions.add(left.decisions);
      commands.add(left.commands);
      table.add(
          List.of(
              "run " + (i + 1),
              Integer.toString(left.count),
              Integer.toString(left.notFresh),
              Long.toString(left.bytes),
              "sha " + left.messages.substring(0, 12),
              "sha " + left.decisions.substring(0, 12),
              "sha " + left.commands.substring(0, 12)));
    }
    report.table(table);
    report
        .figure("runs", (long) all.size(), "")
        .figure("different_messages", messages.size() - 1L, "other than the first run's")
        .figure("different_decisions", decisions.size() - 1L, "traces other than the first run's")
        .figure("different_commands", commands.size() - 1L, "other than the first run's")
        .figure("messages", (long) all.get(0).count, "a run")
        .figure("recorded_sets", (long) run.measured().sets(), "whose slice times were taken");
  }
}
