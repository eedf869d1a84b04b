package saccade.realtime.clock;

/**
 * Hot path. Judges the capture stamps of one source. One thread uses it. Stamp and now are in one
 * clock domain; the caller has mapped them.
 *
 * <p>A faulty stamp is not remembered, so one wild value does not turn the good ones after it into
 * faults. A stale stamp is: it is in order.
 */
public final class StampCheck {

  private static final StampFault[] FAULTS = StampFault.values();

  private final long futureToleranceNs;
  private final long staleAfterNs;
  private final long[] counts = new long[FAULTS.length];
  private boolean any;
  private long lastStampNs;

  /**
   * @param futureToleranceNs how far ahead of now a stamp may lie, ns, 0 or more
   * @param staleAfterNs age from which a stamp is {@link StampFault#STALE}, ns, above 0
   */
  public StampCheck(long futureToleranceNs, long staleAfterNs) {
    if (futureToleranceNs < 0 || staleAfterNs <= 0) {
      throw new IllegalArgumentException(
          "expected futureToleranceNs >= 0 and staleAfterNs > 0, found "
              + futureToleranceNs
              + " and "
              + staleAfterNs);
    }
    this.futureToleranceNs = futureToleranceNs;
    this.staleAfterNs = staleAfterNs;
  }

  /** Judges, counts and, when the stamp is in order, remembers it. */
  public StampFault check(long stampNs, long nowNs) {
    StampFault fault = judge(stampNs, nowNs);
    counts[fault.ordinal()]++;
    if (fault == StampFault.NONE || fault == StampFault.STALE) {
      lastStampNs = stampNs;
      any = true;
    }
    return fault;
  }

  private StampFault judge(long stampNs, long nowNs) {
    if (stampNs == 0) {
      return StampFault.ZERO;
    }
    if (stampNs - nowNs > futureToleranceNs) {
      return StampFault.FUTURE;
    }
    if (any && stampNs == lastStampNs) {
      return StampFault.DUPLICATE;
    }
    if (any && stampNs < lastStampNs) {
      return StampFault.BACKWARDS;
    }
    return nowNs - stampNs > staleAfterNs ? StampFault.STALE : StampFault.NONE;
  }

  /** Whether any stamp in order was seen since the start or the last {@link #reset()}. */
  public boolean hasStamp() {
    return any;
  }

  /** The last stamp in order, ns; means nothing before {@link #hasStamp()}. */
  public long lastStampNs() {
    return lastStampNs;
  }

  /** How many stamps got this judgement. */
  public long count(StampFault fault) {
    return counts[fault.ordinal()];
  }

  /** Forgets the last stamp (the source was restarted, the simulation began again); counts stay. */
  public void reset() {
    any = false;
    lastStampNs = 0;
  }
}
