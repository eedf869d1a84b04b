package saccade.sim.traffic;

/**
 * A signal for the ego's direction: red or green, switching at given times, with amber for the last
 * {@link #AMBER_S} before each red.
 */
public final class TrafficLight {
  /** What it shows. */
  public enum Colour {
    RED,
    AMBER,
    GREEN
  }

  /** How long amber lasts, seconds. */
  public static final double AMBER_S = 3;

  /** Where its stop line lies along the road, metres. */
  public final double stopS;

  /** Object id of its boxes; given by the world. */
  public int id = -1;

  private final boolean redAtStart;
  private final double[] switchS;

  /**
   * @param switchS times at which red begins or ends, seconds, ascending
   */
  public TrafficLight(double stopS, boolean redAtStart, double... switchS) {
    this.stopS = stopS;
    this.redAtStart = redAtStart;
    this.switchS = switchS.clone();
  }

  public boolean red(double timeS) {
    boolean red = redAtStart;
    for (double t : switchS) {
      if (timeS > t - 1e-6) {
        red = !red;
      }
    }
    return red;
  }

  /** What it shows at timeS. */
  public Colour colour(double timeS) {
    return red(timeS) ? Colour.RED : untilChange(timeS) < AMBER_S ? Colour.AMBER : Colour.GREEN;
  }

  /** Seconds until red begins or ends next; infinite when it never does. */
  double untilChange(double timeS) {
    for (double t : switchS) {
      if (timeS <= t - 1e-6) {
        return t - timeS;
      }
    }
    return Double.POSITIVE_INFINITY;
  }

  /** When the red, or the time without red, that holds at timeS began, seconds. */
  public double since(double timeS) {
    double since = 0;
    for (double t : switchS) {
      if (timeS > t - 1e-6) {
        since = t;
      }
    }
    return since;
  }
}
