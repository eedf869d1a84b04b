package saccade.sim.traffic;

/** A signal for the ego lane: red or green, switching at given times. */
public final class TrafficLight {
  /** Where its stop line lies along the road, metres. */
  public final double stopS;

  /** Object id of its boxes; given by the world. */
  public int id = -1;

  private final boolean redAtStart;
  private final double[] switchS;

  /**
   * @param switchS times at which it changes, seconds, ascending
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

  /** When the state that holds at timeS began, seconds. */
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
