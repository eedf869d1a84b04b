package saccade.planner;

/**
 * One object the model speaks of, in base_link (REP-103: x forward, y left; origin on the ground
 * under the rear axle).
 *
 * @param kind what it is
 * @param xM metres ahead of the rear axle, nearest point of the object
 * @param yM metres to the left of the centre line, nearest point of the object
 * @param distanceM metres from the front bumper to the nearest point, 0 or more; centre of the
 *     model's distance bin
 * @param bearingRad angle seen from the front bumper, left positive, within [-pi, pi]
 * @param motion relative to us
 * @param brakeLights of a car; UNKNOWN for everything else
 */
public record SceneObject(
    Kind kind,
    double xM,
    double yM,
    double distanceM,
    double bearingRad,
    Motion motion,
    BrakeLights brakeLights) {

  /** What an object is. */
  public enum Kind {
    CAR,
    PEDESTRIAN
  }

  /** How the gap to the object changes: CLOSING below -1 m/s, OPENING above +1 m/s, else STEADY. */
  public enum Motion {
    CLOSING,
    OPENING,
    STEADY,
    UNKNOWN
  }

  /** State of a car's brake lights. */
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
