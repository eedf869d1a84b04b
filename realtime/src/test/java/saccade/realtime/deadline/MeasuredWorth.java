package saccade.realtime.deadline;

/** What was measured of a model on six cameras (the worth.json of its package), for tests. */
public final class MeasuredWorth {
  private MeasuredWorth() {}

  public static final Worth SIX_CAMERAS =
      new Worth(
          new double[] {1, 1, 1, 0.99, 1, 0.99, 0.97, 0.98, 0.93},
          new double[] {1, 0.89, 1, 1, 0.99, 0.88, 0.83, 0.82, 0.6},
          new double[] {0.37, 0.36, 0.37, 0.37, 0.37, 0.36, 0.36, 0.36, 0.31});
}
