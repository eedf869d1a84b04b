package saccade.sim.truth;

/**
 * What the expert would do in the next 2 s: 10 steps of 0.2 s.
 *
 * @param accelMps2 longitudinal acceleration of each step, [-8, 3]
 * @param curvature1pm path curvature of each step, left positive, [-0.15, 0.15]
 * @param maneuver in one word
 * @param reason what binds the first step
 */
public record Plan(double[] accelMps2, double[] curvature1pm, Maneuver maneuver, Reason reason) {
  public static final int STEPS = 10;
  public static final double STEP_S = 0.2;

  /** In the order of the model's tokens. */
  public enum Maneuver {
    BRAKE,
    KEEP,
    ACCELERATE
  }

  /** In the order of the fact's values. */
  public enum Reason {
    CLEAR,
    CAR,
    PEDESTRIAN,
    RED_LIGHT,
    CURVE,
    TRUCK,
    CYCLIST,
    CONES,
    STOP_SIGN
  }
}
