package saccade.nodes.play;

import saccade.nodes.pipeline.Perceiver;
import saccade.nodes.pipeline.Pipeline;
import saccade.nodes.pipeline.PipelineListener;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.nodes.pipeline.SteppedLane;
import saccade.nodes.pipeline.Vehicle;
import saccade.planner.OutputCodec;
import saccade.realtime.clock.ManualClock;
import saccade.realtime.clock.NanoClock;

/**
 * A recording through the product's pipeline in simulated time, as fast as the machine goes, on the
 * caller's thread. Simulated time waits while a file is read; the time the model takes is the time
 * it really takes, so deadlines mean what they mean in real time.
 */
public final class SteppedPlay implements AutoCloseable {
  /** {@code latencyNs}: the model takes what it really takes on this machine. */
  public static final long MEASURED = SteppedLane.MEASURED;

  /** Simulated time at the start, ns: a stamp of 0 would be a fault. */
  private static final long ORIGIN_NS = 1_000_000_000L;

  private final ManualClock clock = new ManualClock(ORIGIN_NS);
  private final PlayerSource source;
  private final Pipeline pipeline;

  /**
   * @param perceiver reset here; stays the caller's
   * @param latencyNs {@link #MEASURED}, or a fixed time from set to answer, ns
   */
  public SteppedPlay(
      PipelineOptions options,
      PlayerSource source,
      Perceiver perceiver,
      OutputCodec codec,
      long latencyNs,
      PipelineListener listener) {
    this.source = source;
    perceiver.reset();
    SteppedLane lane = new SteppedLane(clock, NanoClock.system(), latencyNs);
    this.pipeline =
        new Pipeline(
            SteppedLane.options(options, latencyNs),
            source.rig(),
            perceiver,
            codec,
            lane::submit,
            clock,
            lane,
            Vehicle.NONE,
            listener);
  }

  /** Plays the recording to its end; afterwards {@link #pipeline()} is quiet. */
  public void run() {
    run(0);
  }

  /**
   * Plays the recording; afterwards {@link #pipeline()} is quiet.
   *
   * @param seconds of simulated time after which it ends; 0 = with the recording
   */
  public void run(double seconds) {
    long nowNs = ORIGIN_NS;
    long endNs = seconds > 0 ? ORIGIN_NS + Math.round(seconds * 1e9) : Long.MAX_VALUE;
    source.attach(pipeline.inlets(), nowNs);
    while (!source.ended() || !pipeline.drained()) {
      if (nowNs >= endNs) {
        source.close();
      }
      source.pushDue(nowNs);
      if (source.ended()) {
        pipeline.sourceEnded();
      }
      long dueNs = source.ended() ? Long.MAX_VALUE : source.nextDueNs();
      long wakeNs = Math.min(pipeline.duty(nowNs), dueNs);
      nowNs = Math.max(nowNs + 1, wakeNs);
      clock.set(nowNs);
    }
    source.close();
    pipeline.shutdown();
  }

  /** Counts, stages and accounts. */
  public Pipeline pipeline() {
    return pipeline;
  }

  @Override
  public void close() {
    pipeline.close();
  }
}
