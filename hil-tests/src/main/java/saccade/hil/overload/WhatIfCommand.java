package saccade.hil.overload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import saccade.hil.Measurement;
import saccade.hil.ModelOption;
import saccade.hil.faults.FrameFault;
import saccade.hil.faults.ReplaySource;
import saccade.hil.faults.SetLoop;
import saccade.hil.report.Progress;
import saccade.hil.report.Report;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.graph.HostPolicy;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.pipeline.PipelineListener;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.nodes.pipeline.RealTimeRun;
import saccade.nodes.pipeline.Vehicle;
import saccade.nodes.run.RecordedRuns;
import saccade.perception.SessionOptions;
import saccade.perception.model.ModelPackage;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.overload.RecordedRun;
import saccade.realtime.overload.StreamRun;
import saccade.realtime.trace.TraceWriter;

/**
 * {@code saccade hil whatif}: the product runs in real time and is traced, as it is and on a model
 * that is too slow; then the policy that ran is replayed from the trace. Predicted and measured
 * share of missed deadlines must agree.
 */
@Command(
    name = "whatif",
    mixinStandardHelpOptions = true,
    description = {
      "Records the product in real time, as it is, too slow, and with slices that stand still now and then.",
      "Replays each trace under the policy that ran: predicted and measured misses beside each other; and takes each"
          + " decision once more from what the run knew at it."
    })
public final class WhatIfCommand extends Measurement {
  private static final int LOOP_SETS = 24;
  private static final int WARM_SETS = 40;
  private static final int RECORDS = 1 << 14;
  private static final double TOO_SLOW = 1.6; // periods that a whole set then takes
  private static final double STALLS = 0.02; // of the slices

  @Mixin private final ModelOption model = new ModelOption();

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "Of each recording; default 60, with --quick 20.")
  private int seconds;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description = "Where the traces stay; default: nowhere.")
  private @Nullable Path out;

  /** Filled by picocli. */
  public WhatIfCommand() {}

  /** How the machine is made to be. */
  private record Load(String name, double factor, double stallShare) {}

  @Override
  protected Report measure(Progress progress) throws IOException {
    int each = seconds > 0 ? seconds : quick() ? 20 : 60;
    if (each > 3600) {
      throw new BadInput("--seconds: wanted 1 to 3600, found " + each);
    }
    ModelPackage shape = ModelPerceiver.description(model.dir());
    Rig rig = ModelPerceiver.rigFor(shape);
    PipelineOptions options = PipelineOptions.tenHertz();
    Path given = out;
    Path folder =
        given == null
            ? Files.createTempDirectory("saccade-whatif")
            : Files.createDirectories(given);
    Report report = new Report("hil whatif");
    List<List<String>> table = new ArrayList<>();
    table.add(
        List.of(
            "load",
            "deadlines",
            "sets",
            "missed %",
            "predicted %",
            "apart",
            "decisions again %",
            "instants alike %",
            "decisions alike %",
            "age p50 ms",
            "predicted"));
    double worst = 0;
    double most = 0;
    double leastAgain = 100;
    double leastAlike = 100;
    try (SetLoop loop = new SetLoop(rig, "demo", 1, LOOP_SETS);
        SlowedPerceiver perceiver =
            SlowedPerceiver.open(
                clock ->
                    ModelPerceiver.open(model.dir(), rig, clock, SessionOptions.shipped(shape)))) {
      perceiver.model().warmUp(WARM_SETS);
      double slow = Math.max(1, TOO_SLOW * options.periodNs() / wholeSetNs(perceiver.model()));
      List<Load> loads =
          List.of(
              new Load("as_it_is", 1, 0),
              new Load("too_slow", slow, 0),
              new Load("standing_still", 1, STALLS));
      for (int i = 0; i < loads.size(); i++) {
        Load load = loads.get(i);
        Path trace = folder.resolve(load.name + ".trace");
        progress.at("loads", i, loads.size());
        record(rig, shape, options, perceiver, load, loop, trace, each);
        RecordedRun run = RecordedRuns.read(trace);
        RecordedRun.Measured measured = run.measured();
        StreamRun.Outcome replayed = run.replay(run.policy(perceiver.worth()), 1);
        double apart = 100 * Math.abs(replayed.missRatio() - measured.missRatio());
        worst = Math.max(worst, Double.isNaN(apart) ? Double.POSITIVE_INFINITY : apart);
        most = Math.max(most, 100 * measured.missRatio());
        RecordedRun.Redecided again = run.redecide(perceiver.worth());
        double againPercent = 100 * orNone(again.share());
        double alikePercent = 100 * orNone(run.agreement(replayed));
        leastAgain = Math.min(leastAgain, againPercent);
        leastAlike = Math.min(leastAlike, alikePercent);
        if (!again.first().isEmpty()) {
          report.line(load.name + ": first decision that came out otherwise: " + again.first());
        }
        table.add(row(load, run, measured, replayed, apart, againPercent));
        report
            .detail("missed_percent_" + load.name, 100 * measured.missRatio())
            .detail("predicted_percent_" + load.name, 100 * replayed.missRatio())
            .detail("points_apart_" + load.name, apart)
            .detail("decisions_again_percent_" + load.name, againPercent)
            .detail("decisions_alike_percent_" + load.name, alikePercent)
            .detail("deadlines_" + load.name, measured.deadlines())
            .detail("records_lost_" + load.name, (double) run.lost());
      }
    } finally {
      if (given == null) {
        try (var files = Files.newDirectoryStream(folder)) {
          for (Path file : files) {
            Files.delete(file);
          }
        }
        Files.delete(folder);
      }
    }
    return report
        .table(table)
        .figure("points_apart", worst, "% points, predicted from measured misses, the worst load")
        .figure("most_missed_percent", most, "% of deadlines, the load that missed most")
        .figure(
            "decisions_again_percent",
            leastAgain,
            "% taken once more from what the run knew at each, the worst load")
        .figure(
            "decisions_alike_percent",
            leastAlike,
            "% of the sets that ran in simulated time too, the worst load")
        .fact("model", shape.sha256());
  }

  private static List<String> row(
      Load load,
      RecordedRun run,
      RecordedRun.Measured measured,
      StreamRun.Outcome replayed,
      double apart,
      double againPercent) {
    double ageMs = replayed.ageMs(0, run.arrivals().count(), 0.5);
    return List.of(
        load.name.replace('_', ' '),
        Integer.toString(measured.deadlines()),
        Integer.toString(measured.sets()),
        two(100 * measured.missRatio()),
        two(100 * replayed.missRatio()),
        two(apart),
        two(againPercent),
        two(100 * run.sameSets(replayed)),
        two(100 * run.agreement(replayed)),
        two(measured.ageP50Ms()),
        two(ageMs));
  }

  /** A share of nothing is none. */
  private static double orNone(double share) {
    return Double.isNaN(share) ? 0 : share;
  }

  private static String two(double value) {
    if (Double.isNaN(value)) {
      return "none"; // a share or an age of nothing
    }
    if (Double.isInfinite(value)) {
      return "never"; // before the first action its age is infinite
    }
    return String.format(Locale.ROOT, "%.2f", value);
  }

  /** What a whole set takes on this machine, ns. */
  private static double wholeSetNs(ModelPerceiver perceiver) {
    NanoClock clock = NanoClock.system();
    long fromNs = clock.nanoTime();
    perceiver.warmUp(WARM_SETS);
    return (double) (clock.nanoTime() - fromNs) / WARM_SETS;
  }

  private static void record(
      Rig rig,
      ModelPackage shape,
      PipelineOptions options,
      SlowedPerceiver perceiver,
      Load load,
      SetLoop loop,
      Path trace,
      int seconds)
      throws IOException {
    perceiver.reset();
    perceiver.slow(load.factor, load.stallShare, 1);
    ReplaySource source = new ReplaySource(rig, loop, options.periodNs(), FrameFault.NONE);
    Instant now = Instant.now();
    TraceWriter writer =
        TraceWriter.open(
            trace,
            NanoClock.system().nanoTime(),
            now.getEpochSecond() * 1_000_000_000L + now.getNano());
    try (writer;
        RealTimeRun run =
            new RealTimeRun(
                options,
                source,
                perceiver,
                ModelPerceiver.codecOf(shape),
                Vehicle.NONE,
                PipelineListener.NONE,
                HostPolicy.AS_IS)) {
      run.pipeline().trace(writer.ring(RECORDS));
      run.begin();
      run.startSource();
      Thread.sleep(1000L * seconds);
      run.stop();
      List<String> wrong = run.pipeline().imbalances();
      if (!wrong.isEmpty()) {
        throw new IllegalStateException("accounts: " + wrong);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
