package saccade.realtime.clock;

/** The machine's monotonic clock. */
enum SystemClock implements NanoClock {
  INSTANCE;

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }
}
