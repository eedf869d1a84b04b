package saccade.realtime.overload;

import java.util.SplittableRandom;
import saccade.realtime.deadline.WorkShape;
import saccade.realtime.schedule.LatencyModel;

/**
 * Slice times about those that a latency model believes in: log-normal by its p50 and p99 at the
 * start, from a seed.
 */
public final class TableTimes implements SliceTimes {
  private static final double P99_SIGMAS = 2.326;

  private final WorkShape shape;
  private final LatencyModel model;
  private final SplittableRandom random;
  private final double spread;

  /**
   * Times of a model, which is only asked.
   *
   * @param spread 1 = as wide as the model believes, 0 = always the median
   */
  public TableTimes(WorkShape shape, LatencyModel model, long seed, double spread) {
    this.shape = shape;
    this.model = model;
    this.random = new SplittableRandom(seed);
    this.spread = spread;
  }

  private long draw(int kind, int size) {
    double p50 = Math.max(1, model.p50Ns(kind, size));
    double sigma = Math.log(Math.max(1, model.p99Ns(kind, size) / p50)) / P99_SIGMAS;
    return Math.max(1, Math.round(p50 * Math.exp(spread * sigma * random.nextGaussian())));
  }

  @Override
  public long tookNs(int kind, int size, long nowNs) {
    return draw(kind, size);
  }

  @Override
  public void action(int size, long nowNs, Sink into) {
    into.slice(shape.layerKinds()[shape.deepest()] + 1, size, draw(shape.actionKind(), size));
  }

  @Override
  public void text(int size, int facts, long nowNs, Sink into) {
    int exit = shape.exitAt(size / WorkShape.SIZE_PER_LAYER);
    long wholeNs = draw(shape.textKind(), shape.textSize(facts, exit));
    for (int i = 0; i < facts; i++) {
      into.slice(shape.layerKinds()[shape.deepest()] + 2, size, Math.max(1, wholeNs / facts));
    }
  }
}
