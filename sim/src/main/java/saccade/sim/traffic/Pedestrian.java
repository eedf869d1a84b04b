package saccade.sim.traffic;

/** A walker, in road coordinates: stands until startS, then walks until d reaches endD. */
public final class Pedestrian {
  public static final double RADIUS_M = 0.3;

  public final int id;
  public double s;
  public double d;

  /** Speed along the road while walking, m/s. */
  public double walkS;

  /** Speed across the road while walking, m/s, left positive. */
  public double walkD;

  public double startS;

  /** When positive: starts once the ego's front is within so many metres of it along the road. */
  public double startsWithinM;

  public double endD = Double.NaN;

  /** Not in the world before this time. */
  public double appearS;

  /** When positive: on appearing, is put this many seconds ahead of the ego's front bumper. */
  public double appearTtcS;

  public double heightM = 1.75;
  public int colour = 0x405080;
  public int skin = 0xd0a080;
  public boolean present;

  public Pedestrian(int id, double s, double d) {
    this.id = id;
    this.s = s;
    this.d = d;
  }

  public boolean walking(double timeS) {
    if (startsWithinM > 0 || timeS < startS - 1e-6) {
      return false;
    }
    return Double.isNaN(endD) || (walkD > 0 ? d < endD : d > endD);
  }

  public double vs(double timeS) {
    return walking(timeS) ? walkS : 0;
  }

  public double vd(double timeS) {
    return walking(timeS) ? walkD : 0;
  }

  /** Lets who waits for the ego start when it is near. */
  void lookAt(double egoFrontS, double timeS) {
    if (startsWithinM > 0 && s - egoFrontS < startsWithinM) {
      startsWithinM = 0;
      startS = timeS;
    }
  }
}
