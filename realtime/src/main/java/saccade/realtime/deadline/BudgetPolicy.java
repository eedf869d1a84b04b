package saccade.realtime.deadline;

/**
 * How much time a set may take from capture to message, as a function of the vehicle's state (the
 * form of D3, "dynamic deadlines"): the less time the world leaves, the shorter the deadline,
 * within fixed limits.
 *
 * <pre>
 *   budget = clamp(least, min(travelM / speed, share x time until braking must begin), most)
 *   time until braking must begin = time to collision - closing speed / (2 x deceleration)
 * </pre>
 *
 * @param leastNs never shorter; equal to {@code mostNs} = the same budget always
 * @param mostNs never longer
 * @param travelM most that the vehicle may drive while a message is made, metres
 * @param share of the time until braking must begin that one message may take, 0..1
 * @param decelMps2 deceleration that braking is planned with, m/s^2
 */
public record BudgetPolicy(
    long leastNs, long mostNs, double travelM, double share, double decelMps2) {

  public BudgetPolicy {
    if (leastNs <= 0 || leastNs > mostNs) {
      throw new IllegalArgumentException(
          "expected a least budget above 0 and at most "
              + mostNs
              + " ns, the most, found "
              + leastNs);
    }
    if (!(travelM > 0 && share > 0 && share <= 1 && decelMps2 > 0)) {
      throw new IllegalArgumentException(
          "expected travel > 0, share in (0, 1], deceleration > 0, found "
              + travelM
              + ", "
              + share
              + ", "
              + decelMps2);
    }
  }

  /** The same budget in every state. */
  public static BudgetPolicy fixed(long ns) {
    return new BudgetPolicy(ns, ns, 2, 0.1, 3);
  }

  /** 2 m of travel, a tenth of the time until braking at 3 m/s^2 must begin. */
  public static BudgetPolicy within(long leastNs, long mostNs) {
    return new BudgetPolicy(leastNs, mostNs, 2, 0.1, 3);
  }

  /**
   * Hot path.
   *
   * @param speedMps own speed; what is not a number counts as standing
   * @param closingS time to collision with what is ahead, s; infinite when nothing closes in
   * @param closingMps speed at which it closes in, m/s
   */
  public long budgetNs(double speedMps, double closingS, double closingMps) {
    if (leastNs == mostNs) {
      return mostNs;
    }
    double seconds = mostNs * 1e-9;
    double speed = Math.abs(speedMps);
    if (speed > 0.1) {
      seconds = Math.min(seconds, travelM / speed);
    }
    if (closingS < Double.POSITIVE_INFINITY && closingMps > 0) {
      seconds = Math.min(seconds, share * Math.max(0, closingS - closingMps / (2 * decelMps2)));
    }
    return Math.clamp(Math.round(seconds * 1e9), leastNs, mostNs);
  }
}
