package saccade.planner;

import java.util.List;

/**
 * What the model says about one instant. UNKNOWN marks what it was not asked, or had no time to
 * say.
 *
 * @param road course of the road ahead
 * @param light traffic light that applies to us
 * @param objects in base_link; the first is the nearest in our path when there is one
 * @param daylight daylight
 * @param reason why the action is what it is
 * @param sentence the facts as one English sentence; empty when nothing was said
 */
public record SceneDescription(
    Road road,
    Light light,
    List<SceneObject> objects,
    Daylight daylight,
    Reason reason,
    String sentence) {

  /** Nothing was said. */
  public static final SceneDescription NOTHING_SAID =
      new SceneDescription(
          Road.UNKNOWN, Light.UNKNOWN, List.of(), Daylight.UNKNOWN, Reason.UNKNOWN, "");

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
    UNKNOWN
  }

  /** Daylight. */
  public enum Daylight {
    DAY,
    DUSK,
    UNKNOWN
  }

  /** Why the action is what it is. */
  public enum Reason {
    ROAD_CLEAR,
    CAR,
    PEDESTRIAN,
    RED_LIGHT,
    CURVE,
    UNKNOWN
  }

  public SceneDescription {
    objects = List.copyOf(objects);
  }
}
