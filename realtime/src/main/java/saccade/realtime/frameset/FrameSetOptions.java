package saccade.realtime.frameset;

/**
 * How sets are put together. All times in ns.
 *
 * @param sensors how many sensors a full set has, 1 or more
 * @param periodNs time from one set to the next
 * @param toleranceNs largest spread of capture stamps within a set; at most half the period. Must
 *     cover the sensors' phase offset plus twice their jitter
 * @param timeoutNs from the reference stamp to the moment the set goes on without those that are
 *     late
 * @param silentAfterSets how many sets in a row a sensor may be late before sets stop to wait for
 *     it; 0 = never
 * @param openSets how many instants may be open or in the caller's hands at one time, 2 or more
 * @param futureToleranceNs how far ahead of now a stamp may lie
 * @param staleAfterNs age from which a stamp is a fault
 * @param arrivalMarginNs a set waits for a sensor no longer than that sensor's usual way takes (its
 *     93rd percentile over the last 128) plus this margin, and never beyond the time-out; {@link
 *     #NO_MARGIN} = always up to the time-out
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
    long arrivalMarginNs) {

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
    if (arrivalMarginNs < 0) {
      throw new IllegalArgumentException("expected arrivalMarginNs >= 0, found " + arrivalMarginNs);
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
   * sets, 4 sets open, 10 ms into the future, stale after 10 periods, a tenth of the period as
   * margin.
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
        arrivalMarginNs);
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
        arrivalMarginNs);
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
        arrivalMarginNs);
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
        arrivalMarginNs);
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
        arrivalMarginNs);
  }

  public FrameSetOptions withArrivalMarginNs(long ns) {
    return new FrameSetOptions(
        sensors,
        periodNs,
        toleranceNs,
        timeoutNs,
        silentAfterSets,
        openSets,
        futureToleranceNs,
        staleAfterNs,
        ns);
  }
}
