package saccade.hil.drive;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import saccade.hil.drive.ControlTrace.Origin;
import saccade.kernels.geometry.Rig;
import saccade.nodes.pipeline.ClosedLoop;
import saccade.nodes.pipeline.Perceiver;
import saccade.nodes.pipeline.Pipeline;
import saccade.nodes.pipeline.PipelineCounts;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.nodes.pipeline.Publication;
import saccade.nodes.sensor.SensorTap;
import saccade.planner.ActionChunk;
import saccade.planner.ExpiryProfile;
import saccade.planner.GeometricReflex;
import saccade.planner.OutputCodec;
import saccade.planner.PlannerMessage;
import saccade.sim.Scenario;
import saccade.sim.Simulation;
import saccade.sim.truth.RecordedDrive;

/**
 * Drives scenarios with the product's own pipeline in simulated time: the same rings, sets, slices,
 * messages, gate and profile as in real time; answers act after the latency they really had. One
 * thread; the perceiver stays the caller's.
 *
 * @param rig sensors
 * @param perceiver what turns sets into tokens
 * @param codec what its tokens mean
 * @param options of the pipeline
 * @param latencyNs {@link ClosedLoop#MEASURED}, or a fixed time from set to answer
 * @param tap may change every frame
 * @param lateCamera camera whose pictures come {@value #LATE_NS} ns late; -1: none
 * @param trouble frames are lost, late or come twice and sensors drop out, drawn from the drive's
 *     seed
 */
public record Driver(
    Rig rig,
    Perceiver perceiver,
    OutputCodec codec,
    PipelineOptions options,
    long latencyNs,
    SensorTap tap,
    int lateCamera,
    boolean trouble) {

  /** How late the pictures of a late camera come: their set has left by then. */
  public static final long LATE_NS = 120_000_000L;

  /** Every sensor in time. */
  public Driver(
      Rig rig,
      Perceiver perceiver,
      OutputCodec codec,
      PipelineOptions options,
      long latencyNs,
      SensorTap tap) {
    this(rig, perceiver, codec, options, latencyNs, tap, -1);
  }

  /** Sensors that misbehave in no way but that. */
  public Driver(
      Rig rig,
      Perceiver perceiver,
      OutputCodec codec,
      PipelineOptions options,
      long latencyNs,
      SensorTap tap,
      int lateCamera) {
    this(rig, perceiver, codec, options, latencyNs, tap, lateCamera, false);
  }

  /** Blanks every sensor: black pictures, and sweeps whose points all lie in the sensor itself. */
  public static final SensorTap BLANK =
      (sensor, captureNs, payload, byteLength) -> {
        payload.asSlice(0, byteLength).fill((byte) 0);
        return true;
      };

  /**
   * One drive.
   *
   * @param sets how many sets at most; it also ends with the scenario
   * @param enough asked after each set; true ends the drive
   */
  public DriveOutcome drive(
      Scenario scenario, long seed, int sets, Predicate<ControlTrace> enough) {
    Watcher watcher = new Watcher();
    SensorTrouble broken =
        trouble
            ? new SensorTrouble(rig, tap, ClosedLoop.ORIGIN_NS, options.periodNs(), seed)
            : null;
    try (Simulation simulation = new Simulation(rig, scenario, seed);
        ClosedLoop loop =
            new ClosedLoop(
                rig,
                simulation,
                options,
                perceiver,
                codec,
                latencyNs,
                broken == null ? tap : broken,
                watcher::onMessage)) {
      if (broken != null) {
        broken.into(loop.pipeline().inlets());
      }
      loop.watch(
          (nowNs, accel, curvature) -> {
            watcher.onCommand(loop.pipeline(), nowNs, accel);
            if (broken != null) {
              broken.release(nowNs);
            }
          });
      if (lateCamera >= 0) {
        loop.late(lateCamera, LATE_NS);
      }
      RecordedDrive.Recorder way = new RecordedDrive.Recorder();
      for (int set = 0; set < sets && !simulation.done(); set++) {
        way.frame(simulation);
        loop.step();
        if (enough.test(watcher.trace)) {
          break;
        }
      }
      PipelineCounts counts = loop.pipeline().counts();
      return new DriveOutcome(
          watcher.trace,
          simulation.scoreboard(),
          counts.messages(PlannerMessage.Kind.FRESH),
          counts.messages(PlannerMessage.Kind.CUT_SHORT),
          counts.messages(PlannerMessage.Kind.FALLBACK),
          counts.misses(),
          broken == null ? 0 : broken.disturbed(),
          way.of(scenario, seed));
    }
  }

  /** Instant of a set's capture in the trace's domain. */
  public long captureNs(int set) {
    return ClosedLoop.ORIGIN_NS + set * options.periodNs();
  }

  /** Knows which message the executed chunk came with. */
  private static final class Watcher {
    final ControlTrace trace = new ControlTrace();
    private @Nullable PlannerMessage followed;

    void onMessage(Publication publication) {
      if (publication.gate().accepted() && publication.message().action() != null) {
        followed = publication.message();
        if (publication.message().decidedByModel()) {
          trace.decided(
              publication.message().publishedNs(),
              publication.message().captureNs(),
              hardest(publication.message().action()));
        }
      }
    }

    private static double hardest(@Nullable ActionChunk action) {
      double hardest = 0;
      for (int i = 0; action != null && i < action.steps(); i++) {
        hardest = Math.min(hardest, action.accel(i));
      }
      return hardest;
    }

    void onCommand(Pipeline pipeline, long nowNs, double accel) {
      PlannerMessage message = followed;
      GeometricReflex reflex = pipeline.reflex();
      boolean byModel =
          message != null
              && message.decidedByModel()
              && pipeline.phase() == ExpiryProfile.Phase.FOLLOWING
              && (reflex == null || !reflex.acting());
      if (reflex != null) {
        trace.reflex(nowNs, reflex.neededMps2());
      }
      trace.add(
          nowNs,
          accel,
          message == null ? 0 : message.captureNs(),
          byModel ? Origin.MODEL : Origin.OTHER);
    }
  }
}
