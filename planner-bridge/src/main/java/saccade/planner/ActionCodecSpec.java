package saccade.planner;

import java.util.List;

/**
 * Numbers of the action codec, as a model package states them under {@code actionCodec}. A plan is
 * {@code steps} steps of acceleration and of curvature; each signal keeps the first coefficients of
 * its orthonormal DCT-II, one token each.
 *
 * @param stepSeconds length of a step, seconds
 * @param steps number of steps
 * @param accelRanges ranges of the kept acceleration coefficients, uniform bins
 * @param curvatureRanges ranges of the kept curvature coefficients, symmetric; bins are uniform in
 *     sign(k) sqrt(|k|/hi)
 * @param bins number of bins of every coefficient
 * @param accelBase token id of acceleration bin 0
 * @param curvatureBase token id of curvature bin 0
 * @param brakeId token id of {@link Maneuver#BRAKE}
 * @param keepId token id of {@link Maneuver#KEEP}
 * @param accelerateId token id of {@link Maneuver#ACCELERATE}
 * @param accelLimits what a decoded step may be, m/s^2
 * @param curvatureLimits what a decoded step may be, 1/m
 */
public record ActionCodecSpec(
    double stepSeconds,
    int steps,
    List<Range> accelRanges,
    List<Range> curvatureRanges,
    int bins,
    int accelBase,
    int curvatureBase,
    int brakeId,
    int keepId,
    int accelerateId,
    Range accelLimits,
    Range curvatureLimits) {

  /** A closed interval, {@code lo < hi}. */
  public record Range(double lo, double hi) {
    public Range {
      Checks.finite("range lo", lo);
      Checks.finite("range hi", hi);
      if (lo >= hi) {
        throw new IllegalArgumentException("range: wanted lo < hi, found " + lo + " and " + hi);
      }
    }

    /** The nearest value inside; NaN becomes {@code lo}. */
    public double clamp(double value) {
      return value >= lo ? Math.min(value, hi) : lo;
    }

    /** Whether the value lies inside. */
    public boolean contains(double value) {
      return value >= lo && value <= hi;
    }
  }

  public ActionCodecSpec {
    Checks.within("codec step s", stepSeconds, 1e-3, 10);
    Checks.within("codec steps", steps, 1, 1000);
    Checks.within("codec bins", bins, 2, 1 << 16);
    Checks.within("codec acceleration coefficients", accelRanges.size(), 1, steps);
    Checks.within("codec curvature coefficients", curvatureRanges.size(), 1, steps);
    accelRanges = List.copyOf(accelRanges);
    curvatureRanges = List.copyOf(curvatureRanges);
    for (Range range : curvatureRanges) {
      if (range.lo != -range.hi) {
        throw new IllegalArgumentException(
            "codec curvature range: wanted symmetric around 0, found " + range);
      }
    }
  }

  /**
   * Number of action tokens: the maneuver, then the acceleration and the curvature coefficients.
   */
  public int tokens() {
    return 1 + accelRanges.size() + curvatureRanges.size();
  }

  /** Length of a step, nanoseconds. */
  public long stepNs() {
    return Math.round(stepSeconds * 1e9);
  }

  /** The codec of saccade-nano: 10 steps of 0.2 s, 3 + 2 coefficients, 64 bins. */
  public static ActionCodecSpec saccadeNano() {
    return new ActionCodecSpec(
        0.2,
        10,
        List.of(new Range(-26, 10), new Range(-12, 12), new Range(-8, 8)),
        List.of(new Range(-0.48, 0.48), new Range(-0.2, 0.2)),
        64,
        16,
        80,
        8,
        9,
        10,
        new Range(-8, 3),
        new Range(-0.15, 0.15));
  }
}
