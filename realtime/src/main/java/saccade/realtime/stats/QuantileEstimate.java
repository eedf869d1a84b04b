package saccade.realtime.stats;

/**
 * Hot path. One quantile of a stream in a few numbers, which forgets. The value moves up by {@code
 * step x q} when a sample lies above it and down by {@code step x (1 - q)} when it lies below, so
 * it rests where a share q lies below (Robbins and Monro, A stochastic approximation method, 1951);
 * the step follows the samples' mean distance from the value. One writer.
 *
 * <p>A single wild sample is cut to three times the usual distance, so it moves little. As many in
 * a row above the value as chance gives once in a million are no chance: the stream has changed,
 * and the value goes to the least of them at once.
 */
public final class QuantileEstimate {
  /** Step as a part of the mean distance: larger forgets faster and trembles more. */
  private static final double GAIN = 0.08;

  private static final double DISTANCE_MEMORY = 0.1;
  private static final double WILD = 3;
  private static final double LEAST_PART = 1e-3;
  private static final int WARM = 10; // samples until the usual distance is known
  private static final double NO_CHANCE = 1e-6;

  private final double q;
  private final int changed; // samples in a row above the value that are no chance
  private int above;
  private double leastAbove;
  private double value;
  private double distance;
  private long samples;

  /**
   * @param q share that lies below, between 0 and 1
   */
  public QuantileEstimate(double q) {
    if (!(q > 0 && q < 1)) {
      throw new IllegalArgumentException("quantile " + q + ": wanted more than 0 and less than 1");
    }
    this.q = q;
    this.changed = Math.max(2, (int) Math.ceil(Math.log(NO_CHANCE) / Math.log(1 - q)));
  }

  /** Takes one sample in, in any unit. */
  public void record(double sample) {
    if (samples++ == 0) {
      value = sample;
      return;
    }
    double off = Math.abs(sample - value);
    // Never quite nothing, or a stream that stood still could not move again.
    double most = WILD * distance + LEAST_PART * Math.abs(value);
    if (samples > WARM && off > most) {
      off = most;
    }
    distance += DISTANCE_MEMORY * (off - distance);
    // Early samples move it more, so that the first guess does not stay for long.
    double step = distance * Math.max(GAIN, 2.0 / samples);
    if (sample <= value) {
      above = 0;
      value -= step * (1 - q);
      return;
    }
    leastAbove = above == 0 ? sample : Math.min(leastAbove, sample);
    above++;
    value += step * q;
    if (above >= changed && leastAbove > value) {
      value = leastAbove;
      above = 0;
    }
  }

  /** The estimate, in the samples' unit; 0 before the first. */
  public double value() {
    return value;
  }

  /** How many samples there were. */
  public long samples() {
    return samples;
  }

  /** Forgets all. */
  public void reset() {
    value = 0;
    distance = 0;
    samples = 0;
    above = 0;
  }
}
