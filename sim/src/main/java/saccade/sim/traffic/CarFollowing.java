package saccade.sim.traffic;

/**
 * Intelligent Driver Model (Treiber, Hennecke, Helbing 2000): the acceleration of a driver behind
 * an obstacle.
 */
public final class CarFollowing {
  private static final double HEADWAY_S = 1.2;

  /** m/s^2. */
  private static final double COMFORT_ACCEL = 1.8;

  /** m/s^2. */
  private static final double COMFORT_DECEL = 2.5;

  private CarFollowing() {}

  /** Acceleration on a free road, m/s^2; too much speed is shed at 2.5 m/s^2 at most. */
  public static double free(double speed, double desired) {
    if (speed > desired) {
      return -Math.min(COMFORT_DECEL, 0.8 * (speed - desired));
    }
    double ratio = speed / Math.max(desired, 0.1);
    return COMFORT_ACCEL * (1 - ratio * ratio * ratio * ratio);
  }

  /**
   * Acceleration behind an obstacle, m/s^2, in [-8, free].
   *
   * @param gap bumper to obstacle, metres
   * @param obstacleSpeed along the path, m/s
   * @param standstill gap to keep when standing, metres
   */
  public static double behind(
      double speed, double desired, double gap, double obstacleSpeed, double standstill) {
    double room = Math.max(gap, 0.05);
    double closing = speed - obstacleSpeed;
    // Behind something that stands only the last half second matters; a longer one would creep up
    // to it.
    double headway = 0.5 + (HEADWAY_S - 0.5) * Math.clamp(obstacleSpeed / 3, 0.0, 1.0);
    double wanted =
        standstill
            + Math.max(
                0,
                speed * headway + speed * closing / (2 * Math.sqrt(COMFORT_ACCEL * COMFORT_DECEL)));
    double ratio = wanted / room;
    double free = free(speed, desired);
    return Math.max(-8, Math.min(free, free - COMFORT_ACCEL * ratio * ratio));
  }
}
