package saccade.realtime.clock;

/**
 * Hot path. Brings stamps of another clock (a camera's, PTP, wall time, a stream's) into the domain
 * of a local clock. A frame arrives later than it was captured by a delay that is never less than
 * some least value, so within each second the smallest difference {@code arrival - stamp} is the
 * one least disturbed; a line through the last {@value #SECONDS} of those gives offset and drift.
 * The least delay itself cannot be told from an offset: it is a parameter, 0 where nobody measured
 * it, and then stamps are late by that much. Source of the method: S. B. Moon, P. Skelly, D.
 * Towsley, Estimation and removal of clock skew from network delay measurements, INFOCOM 1999.
 *
 * <p>A jump of the other clock (set, reset, looped) is told from jitter by its size, counted, and
 * the map begins anew. A clock that stood still looks like a delay at first, and its frames like
 * old ones: that is believed when for three seconds not one frame has come sooner. One thread;
 * allocates nothing.
 */
public final class ClockMap {
  /** Seconds whose minima are remembered. */
  public static final int SECONDS = 30;

  private static final long WINDOW_NS = 1_000_000_000L;
  private static final double MOST_DRIFT = 500e-6;
  private static final int DRIFT_AFTER = 5; // windows until a slope is believed
  private static final int SLOW_WINDOWS = 3; // no delay lasts that long at its least

  private final long leastDelayNs;
  private final long jumpNs;

  private final long[] atNs = new long[SECONDS]; // (ring) stamp of a window's minimum
  private final long[] leastNs = new long[SECONDS]; // (ring) arrival - stamp there
  private int windows;
  private boolean any;
  private long windowEndNs;
  private long openAtNs;
  private long openLeastNs;
  private long baseAtNs;
  private double baseNs;
  private double slope;
  private long jumps;
  private long samples;
  private int slow; // windows in a row whose best frame was late by a jump

  /**
   * @param leastDelayNs from capture to arrival at its shortest, ns, 0 or more
   * @param jumpNs difference from what is expected that is no jitter, ns
   */
  public ClockMap(long leastDelayNs, long jumpNs) {
    if (leastDelayNs < 0 || jumpNs <= 0) {
      throw new IllegalArgumentException(
          "expected leastDelayNs >= 0 and jumpNs > 0, found " + leastDelayNs + " and " + jumpNs);
    }
    this.leastDelayNs = leastDelayNs;
    this.jumpNs = jumpNs;
  }

  /**
   * Takes in that a frame with this stamp has arrived.
   *
   * @param stampNs in the other domain
   * @param arrivedNs in the local domain
   * @return the capture time in the local domain, ns, never after {@code arrivedNs}
   */
  public long arrived(long stampNs, long arrivedNs) {
    long difference = arrivedNs - stampNs;
    if (any) {
      double expected = differenceAt(stampNs);
      // Earlier than the least delay by that much, or the stamps went back: no jitter does that.
      boolean ahead = difference < expected - jumpNs;
      boolean behind = difference > expected + jumpNs && stampNs < openAtNs - jumpNs;
      if (ahead || behind) {
        jumps++;
        restart();
      }
    }
    samples++;
    if (!any) {
      any = true;
      open(stampNs, difference);
      baseAtNs = stampNs;
      baseNs = difference;
    } else if (stampNs >= windowEndNs) {
      slow = openLeastNs > differenceAt(openAtNs) + jumpNs ? slow + 1 : 0;
      if (slow >= SLOW_WINDOWS) {
        jumps++;
        restart();
        any = true;
        baseAtNs = stampNs;
        baseNs = difference;
      } else {
        close();
      }
      open(stampNs, difference);
    } else if (difference < openLeastNs) {
      openAtNs = stampNs;
      openLeastNs = difference;
    }
    if (difference < differenceAt(stampNs)) {
      // Better than all before: believe it at once, the fit follows.
      baseNs += difference - differenceAt(stampNs);
    }
    return Math.min(arrivedNs, toLocalNs(stampNs));
  }

  private void open(long stampNs, long difference) {
    windowEndNs = stampNs + WINDOW_NS;
    openAtNs = stampNs;
    openLeastNs = difference;
  }

  private void close() {
    int at = windows % SECONDS;
    atNs[at] = openAtNs;
    leastNs[at] = openLeastNs;
    windows++;
    fit();
  }

  /** Least squares through the remembered minima, then moved down so that none lies below. */
  private void fit() {
    int count = Math.min(windows, SECONDS);
    long originAt = atNs[(windows - 1) % SECONDS];
    long originNs = leastNs[(windows - 1) % SECONDS];
    double sumX = 0;
    double sumY = 0;
    double sumXx = 0;
    double sumXy = 0;
    for (int i = 0; i < count; i++) {
      double x = (double) (atNs[i] - originAt);
      double y = (double) (leastNs[i] - originNs);
      sumX += x;
      sumY += y;
      sumXx += x * x;
      sumXy += x * y;
    }
    double spread = count * sumXx - sumX * sumX;
    slope =
        count < DRIFT_AFTER || spread <= 0
            ? 0
            : Math.clamp((count * sumXy - sumX * sumY) / spread, -MOST_DRIFT, MOST_DRIFT);
    double lowest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      lowest = Math.min(lowest, leastNs[i] - originNs - slope * (atNs[i] - originAt));
    }
    baseAtNs = originAt;
    baseNs = originNs + lowest;
  }

  private double differenceAt(long stampNs) {
    return baseNs + slope * (stampNs - baseAtNs);
  }

  /** A stamp in the local domain, by what is known so far, ns; as it is before the first frame. */
  public long toLocalNs(long stampNs) {
    return any ? stampNs + Math.round(differenceAt(stampNs)) - leastDelayNs : stampNs;
  }

  /** Forgets all (the source was opened anew); counts stay. */
  public void restart() {
    any = false;
    windows = 0;
    slope = 0;
    slow = 0;
  }

  /** Local minus other clock now, ns, the least delay taken out; 0 before the first frame. */
  public long offsetNs() {
    return any ? Math.round(differenceAt(openAtNs)) - leastDelayNs : 0;
  }

  /** How much faster the local clock runs, parts per million; 0 until five seconds are known. */
  public double driftPpm() {
    return slope * 1e6;
  }

  /** Jumps of the other clock. */
  public long jumps() {
    return jumps;
  }

  /** Frames taken in. */
  public long samples() {
    return samples;
  }
}
