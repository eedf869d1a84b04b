package saccade.hil.overload;

import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import saccade.hil.AroundModel;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.perception.SetInput;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.deadline.Decision;
import saccade.realtime.deadline.WorkShape;

/**
 * The model on a machine that is too slow: each slice takes a factor longer, and now and then one
 * stands still, drawn from a seed. What it takes beside its own time is slept within the slice, by
 * the clock that the session measures it with, so that the session learns of it as it would of a
 * slow processor. Lane thread.
 */
final class SlowedPerceiver extends AroundModel {
  private static final long STALL_NS = 80_000_000L; // half to one and a half times this

  private final SlowClock clock;

  private SlowedPerceiver(ModelPerceiver inner, SlowClock clock) {
    super(inner);
    this.clock = clock;
  }

  /**
   * A model that takes its own time for now.
   *
   * @param open with the clock that its session is to read
   */
  static SlowedPerceiver open(Function<NanoClock, ModelPerceiver> open) {
    SlowClock clock = new SlowClock();
    return new SlowedPerceiver(open.apply(clock), clock);
  }

  /**
   * Between sets: from now on.
   *
   * @param factor on the time of each slice, 1 or more
   * @param stalls share of the slices that stand still, 0..1
   */
  void slow(double factor, double stalls, long seed) {
    clock.factor = factor;
    clock.stalls = stalls;
    clock.random = new SplittableRandom(seed);
  }

  /** The model itself. */
  ModelPerceiver model() {
    return inner;
  }

  /** A session reads it once before a slice and once behind it. */
  private static final class SlowClock implements NanoClock {
    private final NanoClock real = NanoClock.system();
    private double factor = 1;
    private double stalls;
    private SplittableRandom random = new SplittableRandom(0);
    private volatile boolean stopped;
    private boolean sliceWaits;
    private boolean within;
    private long beganNs;

    @Override
    public long nanoTime() {
      long nowNs = real.nanoTime();
      if (!sliceWaits) {
        return nowNs;
      }
      if (!within) {
        within = true;
        beganNs = nowNs;
        return nowNs;
      }
      sliceWaits = false;
      long untilNs = nowNs + Math.round((factor - 1) * (nowNs - beganNs));
      if (stalls > 0 && random.nextDouble() < stalls) {
        untilNs += Math.round(STALL_NS * (0.5 + random.nextDouble()));
      }
      while (untilNs > nowNs && !stopped) {
        LockSupport.parkNanos(this, untilNs - nowNs);
        nowNs = real.nanoTime();
      }
      return nowNs;
    }

    void slice(boolean comes) {
      sliceWaits = comes;
      within = false;
    }
  }

  @Override
  public void limit(Decision decision) {
    inner.limit(decision);
  }

  @Override
  public WorkShape shape() {
    return inner.shape();
  }

  @Override
  public void begin(SetInput input, long deadlineNs) {
    clock.stopped = false;
    inner.begin(input, deadlineNs);
  }

  @Override
  public boolean step(long nowNs) {
    clock.slice(true);
    try {
      return inner.step(nowNs);
    } finally {
      clock.slice(false);
    }
  }

  @Override
  public void stop() {
    clock.stopped = true;
    inner.stop();
  }
}
