package saccade.hil.soak;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import saccade.hil.faults.SetLoop;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Rig;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.pipeline.Pipeline;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.nodes.pipeline.Publication;
import saccade.nodes.pipeline.SteppedLane;
import saccade.nodes.pipeline.Vehicle;
import saccade.nodes.sensor.SensorInlets;
import saccade.perception.SessionOptions;
import saccade.perception.model.ModelPackage;
import saccade.planner.PlannerMessage;
import saccade.realtime.clock.ManualClock;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.ring.FrameRing;

/**
 * One pipeline in simulated time: sets rendered before go through rings, assembler, model, gate and
 * profile as fast as the machine goes. One thread at a time.
 */
final class SoakStream implements AutoCloseable {
  private static final long ORIGIN_NS = 1_000_000_000L;
  private static final long LATENCY_NS = 40_000_000L; // made up, so that ages must not drift

  private final Rig rig;
  private final SetLoop loop;
  private final PipelineOptions options;
  private final ManualClock clock = new ManualClock(ORIGIN_NS);
  private final ModelPerceiver model;
  private final Pipeline pipeline;
  private long set;
  private long ages; // of the messages since the last look
  private long ageSumNs;
  private long ageWorstNs;
  private long undecided;

  SoakStream(Path dir, Rig rig, SetLoop loop, PipelineOptions wanted, int fullEvery) {
    this.rig = rig;
    this.loop = loop;
    this.options = SteppedLane.options(wanted, LATENCY_NS);
    ModelPackage description = ModelPerceiver.description(dir);
    this.model =
        ModelPerceiver.open(dir, rig, NanoClock.system(), SessionOptions.shipped(description));
    SteppedLane lane = new SteppedLane(clock, NanoClock.system(), LATENCY_NS);
    this.pipeline =
        new Pipeline(
            options,
            rig,
            new SoakPerceiver(model, rig.cameras().size(), fullEvery),
            ModelPerceiver.codecOf(description),
            lane::submit,
            clock,
            lane,
            Vehicle.NONE,
            this::hear);
    pipeline.open(ORIGIN_NS);
  }

  private void hear(Publication publication) {
    PlannerMessage message = publication.message();
    if (message.kind() == PlannerMessage.Kind.DESCRIPTION
        || message.kind() == PlannerMessage.Kind.STARTING) {
      return;
    }
    ages++;
    ageSumNs += message.ageNs();
    ageWorstNs = Math.max(ageWorstNs, message.ageNs());
    undecided += message.decidedByModel() ? 0 : 1;
  }

  /** Lives through sets. */
  void run(long sets) {
    for (long i = 0; i < sets; i++) {
      long fromNs = ORIGIN_NS + set * options.periodNs();
      long toNs = fromNs + options.periodNs();
      clock.set(Math.max(clock.nanoTime(), fromNs));
      pipeline.inlets().ego().push(loop.ego(set, fromNs));
      for (int sensor = 0; sensor < loop.sensors(); sensor++) {
        push(sensor, fromNs);
      }
      set++;
      long nowNs = fromNs;
      while (nowNs < toNs) {
        long wakeNs = pipeline.duty(nowNs);
        nowNs = Math.min(toNs, Math.max(nowNs + 1, wakeNs));
        clock.set(nowNs);
      }
    }
  }

  private void push(int sensor, long captureNs) {
    FrameRing ring = pipeline.inlets().ring(sensor);
    long handle = ring.tryClaim(captureNs);
    if (handle < 0) {
      throw new IllegalStateException("set " + set + ": wanted a free slot, found none");
    }
    int bytes = loop.bytes(set, sensor);
    MemorySegment.copy(loop.frame(set, sensor), 0, ring.slot(handle), 0, bytes);
    boolean camera = sensor < rig.cameras().size();
    if (camera) {
      CameraModel size = rig.cameras().get(sensor);
      ring.publish(
          handle, captureNs, bytes, size.widthPx(), size.heightPx(), SensorInlets.RGB8, captureNs);
    } else {
      ring.publish(
          handle,
          captureNs,
          bytes,
          bytes / SensorInlets.POINT_BYTES,
          1,
          SensorInlets.XYZI,
          captureNs);
    }
  }

  long kvBytes() {
    return model.session().cache().bytes() + model.session().bytes();
  }

  long kvRows() {
    return model.session().cache().rows();
  }

  long tensors() {
    return model.session().handles();
  }

  /** Mean age of the messages since the last call, ns; exactly the same in every window. */
  double takeMeanAgeNs() {
    double mean = ages == 0 ? Double.NaN : (double) ageSumNs / ages;
    ages = 0;
    ageSumNs = 0;
    return mean;
  }

  long worstAgeNs() {
    return ageWorstNs;
  }

  /** Messages since the last call whose action the model did not decide. */
  long takeUndecided() {
    long count = undecided;
    undecided = 0;
    return count;
  }

  long messages() {
    return pipeline.counts().messages();
  }

  /** Ends it; accounts that are wrong, a line each. */
  List<String> end() {
    pipeline.sourceEnded();
    pipeline.shutdown();
    return pipeline.imbalances();
  }

  @Override
  public void close() {
    pipeline.close();
    model.close();
  }
}
