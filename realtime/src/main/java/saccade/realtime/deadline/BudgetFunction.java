package saccade.realtime.deadline;

/**
 * The budget is computed, not configured: a fast car has less time for an answer than one that
 * stands.
 */
@FunctionalInterface
public interface BudgetFunction {

  /**
   * @param speedMps speed of the vehicle, m/s, 0 or more
   * @return time from capture to answer, ns, 0 or more
   */
  long budgetNs(double speedMps);

  /** The same budget at any speed. */
  static BudgetFunction constant(long budgetNs) {
    return speedMps -> budgetNs;
  }

  /**
   * The time in which the vehicle drives {@code distanceM}, within bounds: an answer is due before
   * the car has moved that far.
   */
  static BudgetFunction perDistance(double distanceM, long leastNs, long mostNs) {
    if (!(distanceM > 0) || leastNs < 0 || mostNs < leastNs) {
      throw new IllegalArgumentException(
          "expected distanceM > 0 and 0 <= leastNs <= mostNs, found "
              + distanceM
              + ", "
              + leastNs
              + ", "
              + mostNs);
    }
    return speedMps -> {
      double timeNs = distanceM / Math.max(speedMps, 1e-3) * 1e9;
      return timeNs >= mostNs ? mostNs : Math.max(leastNs, (long) timeNs);
    };
  }
}
