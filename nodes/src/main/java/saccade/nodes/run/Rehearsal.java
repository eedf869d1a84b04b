package saccade.nodes.run;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.graph.HostPolicy;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.nodes.pipeline.RealTimeRun;
import saccade.nodes.pipeline.Vehicle;
import saccade.nodes.play.PlayerSource;
import saccade.nodes.sensor.SensorInlets;
import saccade.nodes.sensor.SensorSource;

/**
 * Set-up only. A recording waits, and may hold a single set. So its first frames go the whole way
 * before they count, again and again, with the model that will see them: inlets, set assembler,
 * controller, lane, decoding, message. The pipeline is another one, with slots and a lane of its
 * own, no output and nobody to drive; afterwards the model has forgotten, and nothing was counted.
 */
final class Rehearsal {
  private static final long LONGEST_NS = 2_000_000_000L; // until the last set begins
  private static final int ROUND = 5; // sets
  private static final long SETTLED_MS = 20; // of compilation in a round

  private Rehearsal() {}

  /**
   * Rehearses until the JIT has little left to do: on few cores it would take from the first set
   * that counts. Nothing is settled before the model has answered. On the caller's thread; the
   * model is the rehearsal's until it returns.
   *
   * @param options of the run that follows
   * @param before is called before each set and behind the last; what it throws ends the rehearsal
   * @return sets that the model answered
   * @throws BadInput when the model does not come back from a set; it is left open
   */
  static long of(
      PlayerSource source,
      ModelPerceiver model,
      PipelineOptions options,
      HostPolicy host,
      Runnable before) {
    PipelineOptions paced = options.forRehearsal();
    RealTimeRun run =
        new RealTimeRun(
            paced,
            new ByHand(source),
            model,
            ModelPerceiver.codecOf(model.session().model()),
            Vehicle.NONE,
            publication -> {},
            host);
    try (run) {
      run.begin();
      run.startSource();
      SensorInlets inlets = run.pipeline().inlets();
      CompilationMXBean jit = ManagementFactory.getCompilationMXBean();
      boolean timed = jit != null && jit.isCompilationTimeMonitoringSupported();
      long compiledMs = Long.MIN_VALUE / 2;
      long beganNs = inlets.clock().nanoTime();
      long instantNs = beganNs;
      for (int set = 0; instantNs - beganNs < LONGEST_NS; set++) {
        if (timed && set % ROUND == 0) {
          long beforeMs = compiledMs;
          compiledMs = jit.getTotalCompilationTime();
          boolean answers = run.pipeline().counts().setsAnswered() > 0;
          if (answers && compiledMs - beforeMs <= SETTLED_MS) {
            break;
          }
        }
        before.run();
        instantNs = Math.max(instantNs + paced.periodNs(), inlets.clock().nanoTime());
        source.rehearse(inlets, instantNs, set);
      }
      before.run();
    } finally {
      if (run.laneHung()) {
        model.leaveOpen();
      }
    }
    if (run.laneHung()) {
      throw new BadInput(
          ExitCode.UNAVAILABLE,
          model.session().model().dir()
              + ": expected an answer to the first frames of "
              + source.name()
              + ", found a model that does not come back from one of them; look at the package"
              + " with `saccade model verify`, or give another with --model DIR");
    }
    model.beginAnew();
    return run.pipeline().counts().setsAnswered();
  }

  /** The source as the rehearsal's run knows it: what is pushed is pushed by {@link #of}. */
  private record ByHand(PlayerSource source) implements SensorSource {
    @Override
    public String name() {
      return source.name();
    }

    @Override
    public Rig rig() {
      return source.rig();
    }

    @Override
    public long periodNs() {
      return source.periodNs();
    }

    @Override
    public long[] phasesNs() {
      return source.phasesNs();
    }

    @Override
    public void start(SensorInlets inlets) {}

    @Override
    public boolean ended() {
      return false;
    }

    @Override
    public long framesIn() {
      return 0;
    }

    @Override
    public void close() {}
  }
}
