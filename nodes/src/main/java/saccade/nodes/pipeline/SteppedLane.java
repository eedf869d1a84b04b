package saccade.nodes.pipeline;

import saccade.realtime.clock.NanoClock;
import saccade.realtime.schedule.EdfScheduler;
import saccade.realtime.schedule.Slice;

/**
 * A lane in simulated time: a submitted slice runs to its end at once, on the caller's thread,
 * while a clock of its own goes on from the instant of submission by the time the work really takes
 * (or by a fixed time). The answer's end therefore lies ahead in simulated time.
 */
public final class SteppedLane implements NanoClock {
  /** {@code fixedNs}: the work takes what it takes on this machine. */
  public static final long MEASURED = -1;

  private final NanoClock simulated;
  private final NanoClock real;
  private final long fixedNs;
  private final EdfScheduler scheduler = new EdfScheduler(this, 4);
  private long originNs;
  private long realOriginNs;
  private boolean running;

  public SteppedLane(NanoClock simulated, NanoClock real, long fixedNs) {
    this.simulated = simulated;
    this.real = real;
    this.fixedNs = fixedNs;
  }

  /** Where the time a set takes is made up, there is nothing to be learnt from it: full sets. */
  public static PipelineOptions options(PipelineOptions wanted, long latencyNs) {
    return latencyNs == MEASURED ? wanted : wanted.withDegrade(PipelineOptions.Degrade.OFF);
  }

  @Override
  public long nanoTime() {
    if (!running) {
      return simulated.nanoTime();
    }
    return fixedNs == MEASURED ? originNs + real.nanoTime() - realOriginNs : originNs + fixedNs;
  }

  /** Runs it to its end. */
  public boolean submit(Slice slice) {
    originNs = simulated.nanoTime();
    realOriginNs = real.nanoTime();
    running = true;
    try {
      scheduler.offer(slice);
      long nowNs = originNs;
      while (scheduler.runNext(nowNs) != null) {
        // With a fixed latency no slice sees time pass: the set is whole, and late or not as a
        // whole.
        nowNs = fixedNs == MEASURED ? nanoTime() : originNs;
      }
    } finally {
      running = false;
    }
    return true;
  }
}
