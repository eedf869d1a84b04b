package saccade.hil.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.openjdk.jmh.util.Statistics;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import saccade.hil.Measurement;
import saccade.hil.ModelOption;
import saccade.hil.report.Progress;
import saccade.hil.report.Report;
import saccade.kernels.geometry.Rig;
import saccade.nodes.pipeline.ClosedLoop;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.pipeline.PipelineListener;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.nodes.sensor.SensorTap;
import saccade.perception.SessionOptions;
import saccade.perception.model.ModelPackage;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.trace.TraceFile;
import saccade.realtime.trace.TraceKind;
import saccade.realtime.trace.TraceRing;
import saccade.realtime.trace.TraceWriter;
import saccade.sim.Scenario;
import saccade.sim.Simulation;

/**
 * {@code saccade bench trace}: what tracing costs the thread that is traced. Records of a set are
 * counted on the product's pipeline with the shipped model; what a call costs is measured by JMH in
 * a JVM of its own ({@link TraceJmh}), while another thread writes the records to a file.
 */
@Command(
    name = "trace",
    mixinStandardHelpOptions = true,
    description = "Cost of the binary trace: a call by JMH, times the calls of a set.")
public final class BenchTrace extends Measurement {
  private static final int RING = 1 << 14;
  private static final int SETS = 40;
  private static final long FULL_SETS_NS = 50_000_000L; // whatever this machine takes
  private static final int WARM_BATCHES = 50;

  /** A full set is run without a decision: that, what the ladder is told, and what is learnt. */
  private static final int OF_A_DECISION = 3;

  @Mixin private final ModelOption model = new ModelOption();

  /** Filled by picocli. */
  public BenchTrace() {}

  /**
   * Records of one set.
   *
   * @param slices with a prediction each
   * @param others all the rest
   */
  private record Calls(double slices, double others) {}

  @Override
  protected Report measure(Progress progress) throws IOException, RunnerException {
    Calls calls = callsOfASet(progress);
    progress.at("calls by JMH", 0, 2);
    Statistics record = nsOf("record");
    progress.at("calls by JMH", 1, 2);
    Statistics slice = nsOf("slice");
    progress.at("calls by JMH", 2, 2);
    double recordNs = record.getPercentile(50) / TraceJmh.BATCH;
    double sliceNs = slice.getPercentile(50) / TraceJmh.BATCH;
    double perSetUs = (calls.slices * sliceNs + calls.others * recordNs) * 1e-3;
    double records = calls.slices + calls.others;
    double periodUs = PipelineOptions.tenHertz().periodNs() * 1e-3;
    return new Report("bench trace")
        .line("a frame here is a whole set: all sensors of an instant, every slice, both messages")
        .line(
            "JMH: %d batches of %d calls in one fork, the median batch"
                .formatted(record.getN(), TraceJmh.BATCH))
        .figure("record_p50", recordNs, "ns a call that records anything but a slice")
        .figure("record_p99", record.getPercentile(99) / TraceJmh.BATCH, "ns, of batches")
        .figure("slice_p50", sliceNs, "ns a call that records a slice and what was predicted of it")
        .figure("slice_p99", slice.getPercentile(99) / TraceJmh.BATCH, "ns, of batches")
        .figure("records_a_frame", records, "records a set")
        .figure("slices_a_frame", calls.slices, "of them slices")
        .figure("trace_us_a_frame", perSetUs, "us a set")
        .figure(
            "trace_percent_of_frame", 100 * perSetUs / periodUs, "% of the time from set to set")
        .figure(
            "bytes_a_second", records * TraceRing.RECORD_BYTES * 1e6 / periodUs, "B/s in the file");
  }

  private Statistics nsOf(String call) throws RunnerException {
    var options =
        new OptionsBuilder()
            .include("^" + TraceJmh.class.getName().replace(".", "[.]") + "[.]" + call + "$")
            .warmupIterations(WARM_BATCHES)
            .warmupBatchSize(TraceJmh.BATCH)
            .measurementIterations(quick() ? 60 : 400)
            .measurementBatchSize(TraceJmh.BATCH)
            .jvmArgsAppend("--sun-misc-unsafe-memory-access=allow") // its own counters
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT)
            .build();
    return new Runner(options).runSingle().getPrimaryResult().getStatistics();
  }

  private Calls callsOfASet(Progress progress) throws IOException {
    Path file = Files.createTempFile("saccade", ".trace");
    try {
      record(file, progress);
      long[] counts = new long[2]; // slices, others
      TraceFile read =
          TraceFile.read(file, entry -> counts[entry.kind() == TraceKind.SLICE ? 0 : 1]++);
      if (read.lost() > 0) {
        throw new IllegalStateException("wanted no lost record, found " + read.lost());
      }
      return new Calls((double) counts[0] / SETS, (double) counts[1] / SETS + OF_A_DECISION);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private void record(Path file, Progress progress) throws IOException {
    ModelPackage shape = ModelPerceiver.description(model.dir());
    Rig rig = ModelPerceiver.rigFor(shape);
    try (TraceWriter writer = TraceWriter.open(file, 0, 0);
        ModelPerceiver perceiver =
            ModelPerceiver.open(
                model.dir(), rig, NanoClock.system(), SessionOptions.shipped(shape));
        ClosedLoop loop =
            new ClosedLoop(
                rig,
                new Simulation(rig, Scenario.named("demo"), 1),
                PipelineOptions.tenHertz(),
                perceiver,
                ModelPerceiver.codecOf(shape),
                FULL_SETS_NS,
                SensorTap.OPEN,
                PipelineListener.NONE)) {
      loop.pipeline().trace(writer.ring(RING));
      for (int set = 0; set < SETS; set++) {
        loop.step();
        progress.at("sets counted", set + 1, SETS);
      }
    }
  }
}
