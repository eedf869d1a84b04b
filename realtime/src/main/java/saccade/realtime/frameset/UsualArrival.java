package saccade.realtime.frameset;

import saccade.realtime.stats.RecentQuantile;

/**
 * Hot path. How one sensor's frames usually come, learnt from all of them, whether their set had
 * gone or not; and until when the next one is worth waiting for.
 *
 * <pre>
 *   . .:::.::.:..|...|. .   .    |     .         frames, by the time from their set's instant
 *             86 %  93 %         worth waiting until
 *                |-d-|--margin---|
 * </pre>
 *
 * <p>The instant is what the captures in a set have in common: each less its sensor's phase, in the
 * mean. Phases are learnt, so it does not matter which of the sensors came first.
 *
 * <p>The margin is {@value #DISTANCES} times the distance d from the 86th to the 93rd percentile.
 * Where the tail falls off exponentially, each such distance halves what lies beyond: 2 or 3 in 100
 * frames are not waited for. Where arrivals are bounded, as with a punctual driver, the two
 * percentiles lie close together and the wait ends soon after them. Up to 7 in 100 frames that are
 * late or wild widen nothing.
 */
final class UsualArrival {
  private static final double USUAL = 0.93;
  private static final double SHOULDER = 0.86; // beyond it lies twice what lies beyond the usual
  private static final double DISTANCES = 1.5;
  private static final double PHASE_STEP = 0.2;
  private static final int OF = 128; // last frames
  private static final int KNOWN_AFTER = 20; // frames
  private static final int IN_VAIN = 5; // frames in a row that came after the time-out

  private final FrameSetOptions options;
  private final long timeoutNs;
  private final RecentQuantile afterNs = new RecentQuantile(OF, USUAL);
  private double phaseNs;
  private int beyondInRow;

  /**
   * @param phaseNs how long after the common instant the sensor measures, as far as is known
   * @param timeoutNs from the common instant until a set goes on whatever is usual
   */
  UsualArrival(FrameSetOptions options, long phaseNs, long timeoutNs) {
    this.options = options;
    this.phaseNs = phaseNs;
    this.timeoutNs = timeoutNs;
  }

  /** The common instant by one frame of this sensor alone. */
  long instantNs(long captureNs) {
    return captureNs - Math.round(phaseNs);
  }

  /** A frame belongs to an instant that other sensors' frames have told. */
  void agree(long captureNs, long instantNs) {
    phaseNs += PHASE_STEP * (captureNs - instantNs - phaseNs);
  }

  /** A frame was there so long after the instant of its set, gone or not. */
  void came(long afterInstantNs) {
    beyondInRow = afterInstantNs > timeoutNs ? beyondInRow + 1 : 0;
    afterNs.record(Math.min(afterInstantNs, timeoutNs));
  }

  /** Whether its frames come after the time-out; one that does not ends that. */
  boolean isAlwaysBeyond() {
    return beyondInRow >= IN_VAIN;
  }

  /**
   * How long after a set's instant this sensor's frame is worth waiting for, ns; {@link
   * Long#MAX_VALUE} while too little is known, or when all are worth it up to the time-out.
   */
  long worthWaitingNs() {
    if (!isKnown()) {
      return Long.MAX_VALUE;
    }
    long usualNs = afterNs.value();
    return usualNs
        + Math.clamp(
            Math.round(DISTANCES * (usualNs - afterNs.at(SHOULDER))),
            options.leastMarginNs(),
            options.mostMarginNs());
  }

  /** How much later than usual a frame is that came so long after its set's instant, ns. */
  long behindNs(long afterInstantNs) {
    return isKnown() ? Math.max(0, afterInstantNs - afterNs.value()) : 0;
  }

  private boolean isKnown() {
    return options.leastMarginNs() != FrameSetOptions.NO_MARGIN && afterNs.samples() >= KNOWN_AFTER;
  }

  /** The clock began again; what was learnt no longer holds. */
  void reset() {
    afterNs.reset();
    beyondInRow = 0;
  }
}
