package saccade.sim;

/**
 * How the sensors of a vehicle misbehave, drawn from a seed: when each of them really measures,
 * which frames come late and which never come. Every answer depends on the seed, the sensor and the
 * number of its frame alone, so any thread may ask in any order, and twice gives the same.
 * Allocates nothing.
 *
 * <p>Frame n of sensor i measures at {@code n * period + offsetNs(i, n)} and reaches its reader by
 * {@code delayNs(i, n)} later than it usually would.
 *
 * @param seed of all draws
 * @param phaseStepNs sensor i is started i times this after sensor 0, ns, &gt;= 0
 * @param rollNs how far each sensor's phase rolls to and fro around that, ns, &gt;= 0: each has a
 *     clock of its own, and one roll takes it 200 to 600 frames
 * @param jitterNs most by which a single frame is early or late on top, ns, &gt;= 0
 * @param lateShare share of the frames that come late, [0, 1]
 * @param lateLeastNs least delay of a late frame, ns, &gt;= 0
 * @param lateMostNs most delay of a late frame, ns, &gt;= lateLeastNs
 * @param lostShare share of the frames that never come, [0, 1]; with lateShare at most 1
 */
public record SensorFaults(
    long seed,
    long phaseStepNs,
    long rollNs,
    long jitterNs,
    double lateShare,
    long lateLeastNs,
    long lateMostNs,
    double lostShare) {

  /** All sensors measure at one instant and every frame comes. */
  public static final SensorFaults NONE = new SensorFaults(0, 0, 0, 0, 0, 0, 0, 0);

  private static final long MS = 1_000_000;

  public SensorFaults {
    if (phaseStepNs < 0 || rollNs < 0 || jitterNs < 0) {
      throw new IllegalArgumentException(
          "sensor faults: wanted phase step, roll and jitter >= 0 ns, found %d, %d, %d"
              .formatted(phaseStepNs, rollNs, jitterNs));
    }
    if (lateLeastNs < 0 || lateMostNs < lateLeastNs) {
      throw new IllegalArgumentException(
          "sensor faults: wanted 0 <= least <= most delay, found %d and %d ns"
              .formatted(lateLeastNs, lateMostNs));
    }
    if (!(lateShare >= 0 && lostShare >= 0 && lateShare + lostShare <= 1)) {
      throw new IllegalArgumentException(
          "sensor faults: wanted shares of late and lost frames >= 0 and <= 1 together, found "
              + lateShare
              + " and "
              + lostShare);
    }
  }

  /**
   * Sensors as on a vehicle: started 1.5 ms apart, rolling by 1 ms, jitter of 0.4 ms; late frames
   * are late by 40 to 120 ms.
   *
   * @param lateShare as in the record
   * @param lostShare as in the record
   */
  public static SensorFaults vehicle(long seed, double lateShare, double lostShare) {
    return new SensorFaults(seed, 1_500_000, MS, 400_000, lateShare, 40 * MS, 120 * MS, lostShare);
  }

  /** Whether nothing ever goes wrong. */
  public boolean isNone() {
    return phaseStepNs == 0 && rollNs == 0 && jitterNs == 0 && lateShare == 0 && lostShare == 0;
  }

  /** Mean of {@link #offsetNs} of each sensor, ns, for who puts their frames together. */
  public long[] phasesNs(int sensors) {
    long[] phases = new long[sensors];
    for (int i = 0; i < sensors; i++) {
      phases[i] = i * phaseStepNs + rollNs + jitterNs;
    }
    return phases;
  }

  /** Hot path. How long after the common instant frame n of a sensor is measured, ns, &gt;= 0. */
  public long offsetNs(int sensor, long n) {
    if (rollNs == 0 && jitterNs == 0) {
      return sensor * phaseStepNs;
    }
    double frames = 200 + 400 * unit(sensor, -1, 1);
    double turn = 2 * Math.PI * (n / frames + unit(sensor, -1, 2));
    double roll = rollNs * (1 + Math.sin(turn));
    double jitter = jitterNs * 2 * unit(sensor, n, 3);
    return sensor * phaseStepNs + (long) (roll + jitter);
  }

  /** Hot path. Whether frame n of a sensor never comes. */
  public boolean lost(int sensor, long n) {
    return unit(sensor, n, 4) < lostShare;
  }

  /** Hot path. How much later than usual frame n of a sensor comes, ns; 0 when it is on time. */
  public long delayNs(int sensor, long n) {
    double fate = unit(sensor, n, 4);
    if (fate < lostShare || fate >= lostShare + lateShare) {
      return 0;
    }
    return lateLeastNs + (long) ((lateMostNs - lateLeastNs) * unit(sensor, n, 5));
  }

  private double unit(int sensor, long n, int what) {
    return Draws.unit(seed, sensor, n, what);
  }
}
