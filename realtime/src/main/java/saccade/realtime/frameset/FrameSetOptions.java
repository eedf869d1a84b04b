package saccade.realtime.frameset;

/**
 * How sets are put together. All times in ns.
 *
 * @param sensors how many sensors a full set has, 1 or more
 * @param periodNs time from one set to the next
 * @param toleranceNs largest spread of capture stamps within a set; at most half the period. Must
 *     cover the sensors' phase offset plus twice their jitter
 * @param timeoutNs from the instant's first capture to the moment the set goes on without those
 *     that are late
 * @param silentAfterSets how many sets in a row a sensor may be late before sets stop to wait for
 *     it; 0 = never
 * @param openSets how many instants may be open or in the caller's hands at one time, 2 or more
 * @param futureToleranceNs how far ahead of now a stamp may lie
 * @param staleAfterNs age from which a stamp is a fault
 * @param leastMarginNs a set waits for a sensor no longer than that sensor's usual way takes (its
 *     93rd percentile over the last 128) plus a margin that is learnt from how much the way varies:
 *     at least this; {@link #NO_MARGIN} = always up to the time-out
 * @param mostMarginNs at most this, and never beyond the time-out
 */
public record FrameSetOptions(
    int sensors,
    long periodNs,
    long toleranceNs,
    long timeoutNs,
    int silentAfterSets,
    int openSets,
    long futureToleranceNs,
    long staleAfterNs,
    long leastMarginNs,
    long mostMarginNs) {

  /** Sets wait for each sensor up to the time-out, however punctual it is. */
  public static final long NO_MARGIN = Long.MAX_VALUE;

  public FrameSetOptions {
    if (sensors < 1 || openSets < 2 || silentAfterSets < 0) {
      throw new IllegalArgumentException(
          "expected sensors >= 1, openSets >= 2, silentAfterSets >= 0, found "
              + sensors
              + ", "
              + openSets
              + ", "
              + silentAfterSets);
    }
    if (periodNs <= 0 || toleranceNs < 0 || toleranceNs > periodNs / 2) {
      throw new IllegalArgumentException(
          "expected a period above 0 and a tolerance of at most half of it, found period "
              + periodNs
              + " ns and tolerance "
              + toleranceNs
              + " ns");
    }
    if (leastMarginNs < 0 || mostMarginNs < leastMarginNs) {
      throw new IllegalArgumentException(
          "expected 0 <= leastMarginNs <= mostMarginNs, found "
              + leastMarginNs
              + " and "
              + mostMarginNs);
    }
    if (timeoutNs <= 0 || futureToleranceNs < 0 || staleAfterNs <= timeoutNs) {
      throw new IllegalArgumentException(
          "expected timeoutNs > 0, futureToleranceNs >= 0, staleAfterNs > timeoutNs, found "
              + timeoutNs
              + ", "
              + futureToleranceNs
              + ", "
              + staleAfterNs);
    }
  }

  /**
   * Sensors at one rate: tolerance a quarter of the period, time-out 60 % of it, silent after 5
   * sets, 4 sets open, 10 ms into the future, stale after 10 periods, a margin from a 200th of the
   * period (what sleeping and waking may cost) to a tenth of it.
   */
  public static FrameSetOptions of(int sensors, long periodNs) {
    return new FrameSetOptions(
        sensors,
        periodNs,
        periodNs / 4,
        periodNs * 6 / 10,
        5,
        4,
        10_000_000L,
        periodNs * 10,
        periodNs / 200,
        periodNs / 10);
  }

  public FrameSetOptions withToleranceNs(long ns) {
    return new FrameSetOptions(
        sensors,
        periodNs,
        ns,
        timeoutNs,
        silentAfterSets,
        openSets,
        futureToleranceNs,
        staleAfterNs,
        leastMarginNs,
        mostMarginNs);
  }

  public FrameSetOptions withTimeoutNs(long ns) {
    return new FrameSetOptions(
        sensors,
        periodNs,
        toleranceNs,
        ns,
        silentAfterSets,
        openSets,
        futureToleranceNs,
        staleAfterNs,
        leastMarginNs,
        mostMarginNs);
  }

  public FrameSetOptions withSilentAfterSets(int sets) {
    return new FrameSetOptions(
        sensors,
        periodNs,
        toleranceNs,
        timeoutNs,
        sets,
        openSets,
        futureToleranceNs,
        staleAfterNs,
        leastMarginNs,
        mostMarginNs);
  }

  public FrameSetOptions withOpenSets(int sets) {
    return new FrameSetOptions(
        sensors,
        periodNs,
        toleranceNs,
        timeoutNs,
        silentAfterSets,
        sets,
        futureToleranceNs,
        staleAfterNs,
        leastMarginNs,
        mostMarginNs);
  }

  public FrameSetOptions withStaleAfterNs(long ns) {
    return new FrameSetOptions(
        sensors,
        periodNs,
        toleranceNs,
        timeoutNs,
        silentAfterSets,
        openSets,
        futureToleranceNs,
        ns,
        leastMarginNs,
        mostMarginNs);
  }

  /** The same margin for every sensor, however much its way varies. */
  public FrameSetOptions withMarginNs(long ns) {
    return new FrameSetOptions(
        sensors,
        periodNs,
        toleranceNs,
        timeoutNs,
        silentAfterSets,
        openSets,
        futureToleranceNs,
        staleAfterNs,
        ns,
        ns);
  }
}
