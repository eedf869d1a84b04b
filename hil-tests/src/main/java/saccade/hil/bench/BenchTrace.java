package saccade.hil.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import saccade.hil.Measurement;
import saccade.hil.ModelOption;
import saccade.hil.report.Progress;
import saccade.hil.report.Quantile;
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
import saccade.realtime.trace.TraceKind;
import saccade.realtime.trace.TraceRing;
import saccade.realtime.trace.TraceWriter;
import saccade.sim.Scenario;
import saccade.sim.Simulation;

/**
 * {@code saccade bench trace}: what tracing costs the thread that is traced. Records of a set are
 * counted on the product's pipeline with the shipped model; a record's cost is the processor time
 * of the writing thread over batches that the flushing thread takes to a real file meanwhile.
 */
@Command(
    name = "trace",
    mixinStandardHelpOptions = true,
    description = "Cost of the binary trace: a record, and the records of a set.")
public final class BenchTrace extends Measurement {
  private static final int RING = 1 << 14;
  private static final int BATCH = 8_000;
  private static final long FULL_SETS_NS = 50_000_000L; // whatever this machine takes

  @Mixin private final ModelOption model = new ModelOption();

  /** Filled by picocli. */
  public BenchTrace() {}

  @Override
  protected Report measure(Progress progress) throws IOException {
    Path file = Files.createTempFile("saccade", ".trace");
    try {
      double recordsPerSet = recordsPerSet(file, progress);
      double[] ns = recordNs(file, quick() ? 60 : 400, progress);
      double p50 = Quantile.of(ns, 0.5);
      double perSetUs = p50 * recordsPerSet * 1e-3;
      double periodUs = PipelineOptions.tenHertz().periodNs() * 1e-3;
      return new Report("bench trace")
          .line(
              "a frame here is a whole set: all sensors of an instant, every slice, both messages")
          .figure("record_p50", p50, "ns a record, processor time of the writing thread")
          .figure("record_p99", Quantile.of(ns, 0.99), "ns a record, of batches of " + BATCH)
          .figure("records_a_frame", recordsPerSet, "records a set")
          .figure("trace_us_a_frame", perSetUs, "us a set")
          .figure(
              "trace_percent_of_frame", 100 * perSetUs / periodUs, "% of the time from set to set")
          .figure("bytes_a_second", recordsPerSet * 64 * 1e6 / periodUs, "B/s in the file");
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private double recordsPerSet(Path file, Progress progress) throws IOException {
    int sets = 40;
    ModelPackage shape = ModelPerceiver.description(model.dir());
    Rig rig = ModelPerceiver.rigFor(shape);
    TraceWriter writer = TraceWriter.open(file, 0, 0);
    long names;
    try (writer;
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
      TraceRing ring = writer.ring(RING);
      loop.pipeline().trace(ring);
      names = ring.waiting() + writer.written();
      for (int set = 0; set < sets; set++) {
        loop.step();
        progress.at("sets counted", set + 1, sets);
      }
    }
    if (writer.lost() > 0) {
      throw new IllegalStateException("expected no lost record, found " + writer.lost());
    }
    return (double) (writer.written() - names) / sets + 1; // full sets are run without a decision
  }

  private static double[] recordNs(Path file, int batches, Progress progress) throws IOException {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    double[] ns = new double[batches];
    try (TraceWriter writer = TraceWriter.open(file, 0, 0)) {
      TraceRing ring = writer.ring(RING);
      for (int batch = -20; batch < batches; batch++) {
        while (ring.waiting() > 0) {
          LockSupport.parkNanos(1_000_000);
        }
        long from = threads.getCurrentThreadCpuTime();
        for (int i = 0; i < BATCH; i++) {
          ring.put(TraceKind.SLICE, 0, i & 31, i, from + i, i, 133, i, i, 0, 0);
        }
        long took = threads.getCurrentThreadCpuTime() - from;
        if (batch >= 0) {
          ns[batch] = (double) took / BATCH;
          progress.at("batches", batch + 1, batches);
        }
      }
      if (writer.lost() > 0) {
        throw new IllegalStateException("expected no lost record, found " + writer.lost());
      }
    }
    return ns;
  }
}
