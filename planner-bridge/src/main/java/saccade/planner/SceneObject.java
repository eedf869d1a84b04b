package saccade.planner;

/**
 * One object the model speaks of, in base_link (REP-103: x forward, y left; origin on the ground
 * under the rear axle).
 *
 * @param kind what it is
 * @param zone where the model said it is; how exact the coordinates are follows from it
 * @param xM metres ahead of the rear axle, nearest point of the object
 * @param yM metres to the left of the centre line, nearest point of the object
 * @param distanceM metres from the front bumper to that point, 0 or more; centre of the model's
 *     distance bin where it said one
 * @param bearingRad angle seen from the front bumper, left positive, within [-pi, pi]
 * @param motion relative to us
 * @param brakeLights of a car or truck in our path; UNKNOWN for everything else
 */
public record SceneObject(
    Kind kind,
    Zone zone,
    double xM,
    double yM,
    double distanceM,
    double bearingRad,
    Motion motion,
    BrakeLights brakeLights) {

  /** What an object is. */
  public enum Kind {
    CAR,
    PEDESTRIAN,
    TRUCK,
    CYCLIST,
    CONES
  }

  /** Where an object is; the model says no more than this of the last three. */
  public enum Zone {
    /** In the corridor that we will drive through: distance known to its bin. */
    PATH,
    /** Ahead, but not in our path: distance to its bin, and only the side. */
    AHEAD,
    /**
     * Beside us on the left: somewhere in x -8..6, y 1.2..7; the coordinates are one lane aside.
     */
    LEFT,
    /** Beside us on the right, likewise. */
    RIGHT,
    /** Behind us in our lane: somewhere in x -28..-1.2; the coordinates are the middle. */
    BEHIND
  }

  /**
   * How an object moves: the gap closes by more than 1 m/s, opens by more, neither; or it moves
   * across our way by more than 0.6 m/s.
   */
  public enum Motion {
    CLOSING,
    OPENING,
    STEADY,
    CROSSING,
    UNKNOWN
  }

  /** State of a vehicle's brake lights. */
  public enum BrakeLights {
    ON,
    OFF,
    UNKNOWN
  }

  public SceneObject {
    Checks.finite("object x", xM);
    Checks.finite("object y", yM);
    Checks.within("object distance m", distanceM, 0, 1e4);
    Checks.within("object bearing rad", bearingRad, -Math.PI, Math.PI);
  }
}
