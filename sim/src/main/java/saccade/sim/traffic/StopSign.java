package saccade.sim.traffic;

/** A stop sign for the ego lane and the line it belongs to. */
public final class StopSign {
  /** Standing nearer to the line than this counts as having stopped at it, metres. */
  public static final double NEAR_M = 5;

  /** So does standing up to this far beyond it, metres. */
  public static final double PAST_M = 1;

  /** How long one has to stand, seconds. */
  public static final double WAIT_S = 1;

  /** Where its line lies along the road, metres. */
  public final double stopS;

  /** Object id of its plate; given by the world. */
  public int id = -1;

  /** How long the ego has stood at the line so far, seconds; counted by the world. */
  public double egoStoodS;

  public StopSign(double stopS) {
    this.stopS = stopS;
  }

  /** Whether the ego has done what the sign asks for. */
  public boolean satisfied() {
    return egoStoodS >= WAIT_S;
  }
}
