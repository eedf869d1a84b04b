package saccade.nodes.rosnode;

import org.jspecify.annotations.Nullable;
import saccade.nodes.sensor.SensorClock;
import saccade.realtime.clock.NanoClock;

/**
 * How the clock that stamps a topic stands to ours: the least time from stamp to arrival in each of
 * the last {@value #SECONDS} seconds, and a line through those. Stamps are used as they are (ROS
 * peers share one time); this only says how far that holds. An offset that grows is another host's
 * clock going astray, one below zero is a clock ahead of ours. A slope is believed when it is three
 * times its own standard error: at 1 Hz on a busy machine arrivals say nothing about parts per
 * million. One thread takes in, any thread asks; allocates nothing.
 */
final class TopicClock {
  private static final int SECONDS = 30;
  private static final int SLOPE_AFTER = 8; // seconds
  private static final int KNOWN_AFTER = 3; // seconds
  private static final double SIGNIFICANT = 3;
  private static final long WINDOW_NS = 1_000_000_000L;
  private static final long JUMP_NS = 200_000_000L;

  private final String sensor;
  private final NanoClock local;

  // The thread that takes in.
  private final long[] atNs = new long[SECONDS]; // (ring) stamp of a second's least
  private final long[] leastNs = new long[SECONDS]; // (ring) arrival - stamp there; the newest open
  private int windows;
  private long windowEndNs;
  private long newestNs;

  private volatile long offsetNs;
  private volatile double driftPpm;
  private volatile long jumps;
  private volatile long samples;

  /**
   * @param sensor its name
   * @param local the domain of the capture stamps
   */
  TopicClock(String sensor, NanoClock local) {
    this.sensor = sensor;
    this.local = local;
  }

  /** A message has come that was stamped then, ns in the local domain. */
  void arrived(long captureNs) {
    long delayNs = local.nanoTime() - captureNs;
    // Earlier than ever by that much, or stamps that went back: no jitter does that.
    if (windows > 0 && (delayNs < offsetNs - JUMP_NS || captureNs < newestNs - JUMP_NS)) {
      if (windows >= KNOWN_AFTER) {
        jumps++; // one thread
      } // else the first ones were merely slow
      windows = 0;
    }
    newestNs = windows == 0 ? captureNs : Math.max(newestNs, captureNs);
    if (windows == 0 || captureNs >= windowEndNs) {
      windowEndNs = captureNs + WINDOW_NS;
      put(windows++, captureNs, delayNs);
    } else if (delayNs < leastNs[(windows - 1) % SECONDS]) {
      put(windows - 1, captureNs, delayNs);
    }
    fit();
    samples++; // one thread
  }

  private void put(int window, long captureNs, long delayNs) {
    atNs[window % SECONDS] = captureNs;
    leastNs[window % SECONDS] = delayNs;
  }

  /** Least squares, and the line moved down until none lies below it. */
  private void fit() {
    int count = Math.min(windows, SECONDS);
    long originNs = atNs[(windows - 1) % SECONDS];
    double sumX = 0;
    double sumY = 0;
    double sumXx = 0;
    double sumXy = 0;
    double sumYy = 0;
    for (int i = 0; i < count; i++) {
      double x = (double) (atNs[i] - originNs);
      double y = (double) leastNs[i];
      sumX += x;
      sumY += y;
      sumXx += x * x;
      sumXy += x * y;
      sumYy += y * y;
    }
    double spreadX = sumXx - sumX * sumX / count;
    double slope = 0;
    if (count >= SLOPE_AFTER && spreadX > 0) {
      double together = sumXy - sumX * sumY / count;
      double fitted = together / spreadX;
      double rest = Math.max(0, sumYy - sumY * sumY / count - fitted * together);
      double error = Math.sqrt(rest / (count - 2) / spreadX);
      slope = Math.abs(fitted) > SIGNIFICANT * error ? fitted : 0;
    }
    double lowest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      lowest = Math.min(lowest, leastNs[i] - slope * (atNs[i] - originNs));
    }
    offsetNs = Math.round(lowest);
    driftPpm = slope * 1e6;
  }

  /** Null before the first message. */
  @Nullable SensorClock now() {
    long taken = samples;
    return taken == 0
        ? null
        : new SensorClock(sensor, SensorClock.Basis.OWN_STAMPS, offsetNs, driftPpm, jumps, taken);
  }
}
