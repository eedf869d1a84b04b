package saccade.realtime.stats;

/**
 * Hot path. One quantile of a stream in three numbers, which forgets: it follows a change within
 * some ten samples. The value moves up by {@code step x q} when a sample lies above it and down by
 * {@code step x (1 - q)} when it lies below, so it rests where a share q lies below (Robbins and
 * Monro, A stochastic approximation method, 1951); the step follows the samples' mean distance from
 * the value. One writer.
 */
public final class QuantileEstimate {
  /** Step as a part of the mean distance: larger forgets faster and trembles more. */
  private static final double GAIN = 0.3;

  private static final double DISTANCE_MEMORY = 0.1;

  private final double q;
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
  }

  /** Takes one sample in, in any unit. */
  public void record(double sample) {
    if (samples++ == 0) {
      value = sample;
      return;
    }
    double off = Math.abs(sample - value);
    distance += DISTANCE_MEMORY * (off - distance);
    // Early samples move it more, so that the first guess does not stay for long.
    double step = distance * Math.max(GAIN, 2.0 / samples);
    value += sample > value ? step * q : -step * (1 - q);
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
  }
}
