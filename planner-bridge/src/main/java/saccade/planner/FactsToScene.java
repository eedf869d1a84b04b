package saccade.planner;

import java.util.ArrayList;
import java.util.List;
import saccade.planner.SceneDescription.Daylight;
import saccade.planner.SceneDescription.Light;
import saccade.planner.SceneDescription.Reason;
import saccade.planner.SceneDescription.Road;
import saccade.planner.SceneObject.BrakeLights;
import saccade.planner.SceneObject.Kind;
import saccade.planner.SceneObject.Motion;

/**
 * The model's eleven facts to a scene with coordinates. A fact is the index of its value in the
 * order of the model package's grammar; {@link #SKIPPED} where the grammar leaves it out or nothing
 * was said.
 *
 * <p>A distance is its bin's centre, measured from the front bumper. The first object stands on our
 * path (an arc of the given curvature). Of the second only the side is known: it is put one lane
 * aside, within the side's bearings (5 to 45 degrees).
 *
 * @param distanceEdgesM (bins + 1) rising edges of the distance bins, metres from the bumper
 * @param frontBumperM x of the front bumper in base_link, metres
 */
public record FactsToScene(List<Double> distanceEdgesM, double frontBumperM) {
  /** Value of a fact that was not said. */
  public static final int SKIPPED = -1;

  /** Number of facts. */
  public static final int FACTS = 11;

  private static final int ROAD = 0;
  private static final int LIGHT = 1;
  private static final int FIRST_KIND = 2;
  private static final int FIRST_DISTANCE = 3;
  private static final int FIRST_MOTION = 4;
  private static final int FIRST_BRAKE_LIGHT = 5;
  private static final int SECOND_KIND = 6;
  private static final int SECOND_SIDE = 7;
  private static final int SECOND_DISTANCE = 8;
  private static final int DAYLIGHT = 9;
  private static final int REASON = 10;

  private static final Road[] ROADS = {Road.STRAIGHT, Road.CURVE_LEFT, Road.CURVE_RIGHT};
  private static final Light[] LIGHTS = {Light.NONE, Light.RED, Light.GREEN};
  private static final Motion[] MOTIONS = {Motion.CLOSING, Motion.OPENING, Motion.STEADY};
  private static final BrakeLights[] BRAKE_LIGHTS = {BrakeLights.ON, BrakeLights.OFF};
  private static final Daylight[] DAYLIGHTS = {Daylight.DAY, Daylight.DUSK};
  private static final Reason[] REASONS = {
    Reason.ROAD_CLEAR, Reason.CAR, Reason.PEDESTRIAN, Reason.RED_LIGHT, Reason.CURVE
  };

  private static final double LANE_M = 3.5;
  private static final double SIDE_FROM_RAD = Math.toRadians(5);
  private static final double SIDE_TO_RAD = Math.toRadians(45);

  public FactsToScene {
    distanceEdgesM = List.copyOf(distanceEdgesM);
    if (distanceEdgesM.size() < 2) {
      throw new IllegalArgumentException(
          "distance edges: wanted at least 2, found " + distanceEdgesM.size());
    }
    for (int i = 1; i < distanceEdgesM.size(); i++) {
      if (!(distanceEdgesM.get(i - 1) < distanceEdgesM.get(i))) {
        throw new IllegalArgumentException(
            "distance edges: wanted rising values, found " + distanceEdgesM);
      }
    }
    Checks.within("front bumper m", frontBumperM, -20, 20);
  }

  /** The facts of saccade-nano: 12 distance bins to 45 m, bumper 3.8 m ahead of the rear axle. */
  public static FactsToScene saccadeNano() {
    return new FactsToScene(
        List.of(0., 3., 6., 9., 12., 15., 18., 22., 26., 30., 35., 40., 45.), 3.8);
  }

  /** Centre of a distance bin, metres from the bumper. */
  public double distanceM(int bin) {
    return (distanceEdgesM.get(bin) + distanceEdgesM.get(bin + 1)) / 2;
  }

  /**
   * Builds the scene.
   *
   * @param values (11) value index of each fact, or {@link #SKIPPED}
   * @param pathCurvature1pm curvature of the path the first object stands on, 1/m, left positive
   * @param sentence the facts in words, may be empty
   * @throws IllegalArgumentException when a value is outside its fact
   */
  public SceneDescription scene(int[] values, double pathCurvature1pm, String sentence) {
    if (values.length != FACTS) {
      throw new IllegalArgumentException("facts: wanted " + FACTS + ", found " + values.length);
    }
    Checks.within("path curvature 1/m", pathCurvature1pm, -1, 1);
    List<SceneObject> objects = new ArrayList<>(2);
    int bins = distanceEdgesM.size() - 1;
    int first = checked(values, FIRST_KIND, 3);
    int firstBin = checked(values, FIRST_DISTANCE, bins);
    if (first > 0 && firstBin != SKIPPED) {
      objects.add(
          onPath(
              first == 1 ? Kind.CAR : Kind.PEDESTRIAN,
              distanceM(firstBin),
              pathCurvature1pm,
              value(values, FIRST_MOTION, MOTIONS, Motion.UNKNOWN),
              first == 1
                  ? value(values, FIRST_BRAKE_LIGHT, BRAKE_LIGHTS, BrakeLights.UNKNOWN)
                  : BrakeLights.UNKNOWN));
    }
    int second = checked(values, SECOND_KIND, 3);
    int secondBin = checked(values, SECOND_DISTANCE, bins);
    int side = checked(values, SECOND_SIDE, 3);
    if (second > 0 && secondBin != SKIPPED && side != SKIPPED) {
      objects.add(aside(second == 1 ? Kind.CAR : Kind.PEDESTRIAN, distanceM(secondBin), 1 - side));
    }
    return new SceneDescription(
        value(values, ROAD, ROADS, Road.UNKNOWN),
        value(values, LIGHT, LIGHTS, Light.UNKNOWN),
        objects,
        value(values, DAYLIGHT, DAYLIGHTS, Daylight.UNKNOWN),
        value(values, REASON, REASONS, Reason.UNKNOWN),
        sentence);
  }

  private SceneObject onPath(
      Kind kind, double distanceM, double curvature, Motion motion, BrakeLights brakeLights) {
    double arcM = frontBumperM + distanceM;
    double turn = curvature * arcM;
    double x = Math.abs(curvature) < 1e-6 ? arcM : Math.sin(turn) / curvature;
    double y = Math.abs(curvature) < 1e-6 ? 0 : (1 - Math.cos(turn)) / curvature;
    return new SceneObject(
        kind, x, y, distanceM, Math.atan2(y, x - frontBumperM), motion, brakeLights);
  }

  /** {@code side}: +1 left, 0 in front, -1 right. */
  private SceneObject aside(Kind kind, double distanceM, int side) {
    double oneLane = Math.asin(Math.min(1, LANE_M / distanceM));
    double bearing = side * Math.clamp(oneLane, SIDE_FROM_RAD, SIDE_TO_RAD);
    return new SceneObject(
        kind,
        frontBumperM + distanceM * Math.cos(bearing),
        distanceM * Math.sin(bearing),
        distanceM,
        bearing,
        Motion.UNKNOWN,
        BrakeLights.UNKNOWN);
  }

  private static int checked(int[] values, int fact, int count) {
    int value = values[fact];
    if (value < SKIPPED || value >= count) {
      throw new IllegalArgumentException(
          "fact " + (fact + 1) + ": wanted -1 to " + (count - 1) + ", found " + value);
    }
    return value;
  }

  private static <T> T value(int[] values, int fact, T[] words, T unknown) {
    int index = checked(values, fact, words.length);
    return index == SKIPPED ? unknown : words[index];
  }
}
