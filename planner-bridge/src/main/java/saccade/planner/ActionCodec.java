package saccade.planner;

import saccade.planner.ActionCodecSpec.Range;

/**
 * Action tokens to timed actions and back (after FAST, Pertsch et al. 2025: DCT then bins; here
 * uniform bins and one token a coefficient). Tokens in order: maneuver, acceleration coefficients,
 * curvature coefficients.
 *
 * <p>With {@link Maneuver#BRAKE} no step accelerates: a bin centre beside zero would otherwise let
 * a standing vehicle creep. Immutable, any thread.
 */
public final class ActionCodec {
  /** Mean acceleration over the first second below which a plan is called BRAKE, m/s^2. */
  static final double BRAKE_BELOW_MPS2 = -0.7;

  /** Mean acceleration over the first second above which a plan is called ACCELERATE, m/s^2. */
  static final double ACCELERATE_ABOVE_MPS2 = 0.3;

  private final ActionCodecSpec spec;
  private final double[][] basis; // (coefficient, step), orthonormal DCT-II

  public ActionCodec(ActionCodecSpec spec) {
    this.spec = spec;
    int rows = Math.max(spec.accelRanges().size(), spec.curvatureRanges().size());
    int n = spec.steps();
    basis = new double[rows][n];
    for (int m = 0; m < rows; m++) {
      double scale = Math.sqrt((m == 0 ? 1.0 : 2.0) / n);
      for (int i = 0; i < n; i++) {
        basis[m][i] = scale * Math.cos(Math.PI / n * (i + 0.5) * m);
      }
    }
  }

  /** The numbers this codec works by. */
  public ActionCodecSpec spec() {
    return spec;
  }

  /**
   * Decodes one set's action tokens.
   *
   * @param tokenIds (tokens) ids: maneuver, a0.., k0..
   * @param captureNs capture instant of the set, start of the plan
   */
  public DecodeOutcome decode(int[] tokenIds, long captureNs) {
    if (tokenIds.length != spec.tokens()) {
      return new DecodeOutcome.BadTokens(spec.tokens(), tokenIds.length);
    }
    Maneuver maneuver;
    if (tokenIds[0] == spec.brakeId()) {
      maneuver = Maneuver.BRAKE;
    } else if (tokenIds[0] == spec.keepId()) {
      maneuver = Maneuver.KEEP;
    } else if (tokenIds[0] == spec.accelerateId()) {
      maneuver = Maneuver.ACCELERATE;
    } else {
      return new DecodeOutcome.BadTokens(0, tokenIds[0]);
    }
    int accelCount = spec.accelRanges().size();
    for (int i = 1; i < tokenIds.length; i++) {
      int base = i <= accelCount ? spec.accelBase() : spec.curvatureBase();
      if (tokenIds[i] < base || tokenIds[i] >= base + spec.bins()) {
        return new DecodeOutcome.BadTokens(i, tokenIds[i]);
      }
    }
    double[] accel = new double[spec.steps()];
    double[] curvature = new double[spec.steps()];
    for (int m = 0; m < accelCount; m++) {
      double value = uniformCentre(spec.accelRanges().get(m), tokenIds[1 + m] - spec.accelBase());
      addRow(accel, m, value);
    }
    for (int m = 0; m < spec.curvatureRanges().size(); m++) {
      int bin = tokenIds[1 + accelCount + m] - spec.curvatureBase();
      addRow(curvature, m, compandedCentre(spec.curvatureRanges().get(m), bin));
    }
    Range accelLimits =
        maneuver == Maneuver.BRAKE ? new Range(spec.accelLimits().lo(), 0) : spec.accelLimits();
    int clamped = clamp(accel, accelLimits) + clamp(curvature, spec.curvatureLimits());
    return new DecodeOutcome.Plan(
        new ActionChunk(captureNs, spec.stepNs(), maneuver, accel, curvature), clamped);
  }

  /** The tokens of a plan: nearest bins, values outside a coefficient's range take its end bin. */
  public int[] encode(ActionChunk chunk) {
    if (chunk.steps() != spec.steps()) {
      throw new IllegalArgumentException(
          "action chunk: wanted " + spec.steps() + " steps, found " + chunk.steps());
    }
    int accelCount = spec.accelRanges().size();
    int[] ids = new int[spec.tokens()];
    ids[0] =
        switch (chunk.maneuver()) {
          case BRAKE -> spec.brakeId();
          case KEEP -> spec.keepId();
          case ACCELERATE -> spec.accelerateId();
        };
    for (int m = 0; m < accelCount; m++) {
      Range range = spec.accelRanges().get(m);
      double place = (accelRow(chunk, m) - range.lo()) / (range.hi() - range.lo());
      ids[1 + m] = spec.accelBase() + bin(place);
    }
    for (int m = 0; m < spec.curvatureRanges().size(); m++) {
      double scaled = curvatureRow(chunk, m) / spec.curvatureRanges().get(m).hi();
      double s = Math.signum(scaled) * Math.sqrt(Math.abs(scaled));
      ids[1 + accelCount + m] = spec.curvatureBase() + bin((s + 1) / 2);
    }
    return ids;
  }

  /**
   * What a plan is called.
   *
   * @param accelMps2 (steps) accelerations
   * @param standingStill whether the vehicle stands (below 0.3 m/s); standing without moving off is
   *     BRAKE
   */
  public Maneuver maneuverOf(double[] accelMps2, boolean standingStill) {
    int first = Math.clamp(Math.round(1.0 / spec.stepSeconds()), 1, accelMps2.length);
    double sum = 0;
    for (int i = 0; i < first; i++) {
      sum += accelMps2[i];
    }
    double mean = sum / first;
    if (mean > ACCELERATE_ABOVE_MPS2) {
      return Maneuver.ACCELERATE;
    }
    return mean < BRAKE_BELOW_MPS2 || standingStill ? Maneuver.BRAKE : Maneuver.KEEP;
  }

  private double accelRow(ActionChunk chunk, int m) {
    double sum = 0;
    for (int i = 0; i < spec.steps(); i++) {
      sum += basis[m][i] * chunk.accel(i);
    }
    return sum;
  }

  private double curvatureRow(ActionChunk chunk, int m) {
    double sum = 0;
    for (int i = 0; i < spec.steps(); i++) {
      sum += basis[m][i] * chunk.curvature(i);
    }
    return sum;
  }

  /** The bin of a place in [0, 1); rounding noise just below an edge counts as on it. */
  private int bin(double place) {
    return Math.clamp((long) Math.floor(place * spec.bins() + 1e-9), 0, spec.bins() - 1);
  }

  private double uniformCentre(Range range, int bin) {
    return range.lo() + (bin + 0.5) * (range.hi() - range.lo()) / spec.bins();
  }

  private double compandedCentre(Range range, int bin) {
    double s = -1 + (bin + 0.5) * 2 / spec.bins();
    return Math.signum(s) * s * s * range.hi();
  }

  private void addRow(double[] signal, int m, double coefficient) {
    for (int i = 0; i < signal.length; i++) {
      signal[i] += coefficient * basis[m][i];
    }
  }

  private static int clamp(double[] values, Range limits) {
    int moved = 0;
    for (int i = 0; i < values.length; i++) {
      if (!limits.contains(values[i])) {
        values[i] = limits.clamp(values[i]);
        moved++;
      }
    }
    return moved;
  }
}
