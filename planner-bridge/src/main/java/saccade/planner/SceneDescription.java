package saccade.planner;

import java.util.List;

/**
 * What the model says about one instant. UNKNOWN marks what it was not asked, cannot say, or had no
 * time to say.
 *
 * @param road course of the road ahead
 * @param light traffic light that applies to us
 * @param sign nearest sign that applies to us
 * @param objects in base_link; the first is the nearest in our path when there is one
 * @param hazard what may soon stand in our way
 * @param daylight daylight
 * @param weather weather
 * @param reason why the action is what it is
 * @param sentence the facts as one English sentence; empty when nothing was said
 */
public record SceneDescription(
    Road road,
    Light light,
    Sign sign,
    List<SceneObject> objects,
    Hazard hazard,
    Daylight daylight,
    Weather weather,
    Reason reason,
    String sentence) {

  /** Nothing was said. */
  public static final SceneDescription NOTHING_SAID =
      new SceneDescription(
          Road.UNKNOWN,
          Light.UNKNOWN,
          Sign.UNKNOWN,
          List.of(),
          Hazard.UNKNOWN,
          Daylight.UNKNOWN,
          Weather.UNKNOWN,
          Reason.UNKNOWN,
          "");

  /** Course of the road ahead. */
  public enum Road {
    STRAIGHT,
    CURVE_LEFT,
    CURVE_RIGHT,
    UNKNOWN
  }

  /** Traffic light that applies to us. */
  public enum Light {
    NONE,
    RED,
    GREEN,
    AMBER,
    UNKNOWN
  }

  /** Sign that applies to us. */
  public enum Sign {
    NONE,
    STOP,
    UNKNOWN
  }

  /** What may soon stand in our way. */
  public enum Hazard {
    NONE,
    CUT_IN,
    CROSSING_FROM_LEFT,
    CROSSING_FROM_RIGHT,
    ONCOMING_IN_LANE,
    LANE_CLOSED,
    UNKNOWN
  }

  /** Daylight. */
  public enum Daylight {
    DAY,
    DUSK,
    NIGHT,
    UNKNOWN
  }

  /** Weather. */
  public enum Weather {
    CLEAR,
    RAIN,
    FOG,
    UNKNOWN
  }

  /** Why the action is what it is. */
  public enum Reason {
    ROAD_CLEAR,
    CAR,
    PEDESTRIAN,
    RED_LIGHT,
    CURVE,
    TRUCK,
    CYCLIST,
    CONES,
    STOP_SIGN,
    UNKNOWN
  }

  public SceneDescription {
    objects = List.copyOf(objects);
  }
}
