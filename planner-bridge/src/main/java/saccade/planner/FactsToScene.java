package saccade.planner;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import saccade.planner.SceneDescription.Daylight;
import saccade.planner.SceneDescription.Hazard;
import saccade.planner.SceneDescription.Light;
import saccade.planner.SceneDescription.Reason;
import saccade.planner.SceneDescription.Road;
import saccade.planner.SceneDescription.Sign;
import saccade.planner.SceneDescription.Weather;
import saccade.planner.SceneObject.BrakeLights;
import saccade.planner.SceneObject.Kind;
import saccade.planner.SceneObject.Motion;
import saccade.planner.SceneObject.Zone;

/**
 * The model's facts to a scene with coordinates. Which facts there are and what each value means
 * follows from the words of the model package's grammar, so a model with fewer facts leaves the
 * rest UNKNOWN. The value of a fact is its index in the grammar's order; {@link #SKIPPED} where the
 * grammar leaves it out or nothing was said. Immutable, any thread.
 *
 * <p>A distance is its bin's centre, measured from the front bumper. The first object stands on our
 * path (an arc of the given curvature). Of the second only the side is known: it is put one lane
 * aside, within the side's bearings (5 to 45 degrees). Of what is beside or behind us only the zone
 * is known ({@link Zone}).
 */
public final class FactsToScene {
  /** Value of a fact that was not said. */
  public static final int SKIPPED = -1;

  private static final double LANE_M = 3.5;
  private static final double BESIDE_X_M = -1; // middle of -8..6
  private static final double BEHIND_X_M = -14.6; // middle of -28..-1.2
  private static final double SIDE_FROM_RAD = Math.toRadians(5);
  private static final double SIDE_TO_RAD = Math.toRadians(45);

  private static final Map<String, Road> ROADS =
      Map.of(
          "straight road", Road.STRAIGHT,
          "curve left", Road.CURVE_LEFT,
          "curve right", Road.CURVE_RIGHT);
  private static final Map<String, Light> LIGHTS =
      Map.of(
          "no traffic light", Light.NONE,
          "red light", Light.RED,
          "green light", Light.GREEN,
          "amber light", Light.AMBER);
  private static final Map<String, Sign> SIGNS =
      Map.of("no sign", Sign.NONE, "stop sign", Sign.STOP);
  private static final Map<String, Kind> KINDS =
      Map.of(
          "car", Kind.CAR,
          "pedestrian", Kind.PEDESTRIAN,
          "truck", Kind.TRUCK,
          "cyclist", Kind.CYCLIST,
          "cones", Kind.CONES);
  private static final Map<String, Motion> MOTIONS =
      Map.of(
          "closing", Motion.CLOSING,
          "opening", Motion.OPENING,
          "steady", Motion.STEADY,
          "crossing", Motion.CROSSING,
          "coming nearer", Motion.CLOSING,
          "going away", Motion.OPENING,
          "keeping pace", Motion.STEADY,
          "moving across", Motion.CROSSING);
  private static final Map<String, BrakeLights> BRAKE_LIGHTS =
      Map.of("brake lights on", BrakeLights.ON, "brake lights off", BrakeLights.OFF);
  private static final Map<String, Side> SIDES =
      Map.of("on the left", Side.LEFT, "in front", Side.FRONT, "on the right", Side.RIGHT);
  private static final Map<String, Hazard> HAZARDS =
      Map.of(
          "no hazard", Hazard.NONE,
          "cut-in", Hazard.CUT_IN,
          "crossing from the left", Hazard.CROSSING_FROM_LEFT,
          "crossing from the right", Hazard.CROSSING_FROM_RIGHT,
          "oncoming in the lane", Hazard.ONCOMING_IN_LANE,
          "lane closed", Hazard.LANE_CLOSED);
  private static final Map<String, Daylight> DAYLIGHTS =
      Map.of("day", Daylight.DAY, "dusk", Daylight.DUSK, "night", Daylight.NIGHT);
  private static final Map<String, Weather> WEATHERS =
      Map.of("clear", Weather.CLEAR, "rain", Weather.RAIN, "fog", Weather.FOG);
  private static final Map<String, Reason> REASONS =
      Map.of(
          "because the road is clear", Reason.ROAD_CLEAR,
          "because of the car", Reason.CAR,
          "because of the pedestrian", Reason.PEDESTRIAN,
          "because of the red light", Reason.RED_LIGHT,
          "because of the curve", Reason.CURVE,
          "because of the truck", Reason.TRUCK,
          "because of the cyclist", Reason.CYCLIST,
          "because of the cones", Reason.CONES,
          "because of the stop sign", Reason.STOP_SIGN);

  /**
   * One fact of a model.
   *
   * @param name its name in the grammar, e.g. {@code first.kind}
   * @param words its values in the grammar's order, as the vocabulary spells them
   */
  public record Fact(String name, List<String> words) {
    public Fact {
      words = List.copyOf(words);
    }
  }

  private enum Side {
    LEFT,
    FRONT,
    RIGHT,
    UNKNOWN
  }

  /** Meaning of the values of one fact; a fact the model lacks is always unknown. */
  private record Meaning<T>(int index, List<T> values, T unknown) {

    T of(int[] facts) {
      return index < 0 || facts[index] == SKIPPED ? unknown : values.get(facts[index]);
    }
  }

  private final List<Fact> facts;
  private final List<Double> distanceEdgesM;
  private final double frontBumperM;
  private final Meaning<Road> road;
  private final Meaning<Light> light;
  private final Meaning<Sign> sign;
  private final Meaning<Optional<Kind>> firstKind;
  private final int firstDistance;
  private final Meaning<Motion> firstMotion;
  private final Meaning<BrakeLights> firstBrakeLight;
  private final Meaning<Optional<Kind>> secondKind;
  private final Meaning<Side> secondSide;
  private final int secondDistance;
  private final Meaning<Motion> secondMotion;
  private final Meaning<Optional<Kind>> leftKind;
  private final Meaning<Optional<Kind>> rightKind;
  private final Meaning<Optional<Kind>> behindKind;
  private final Meaning<Hazard> hazard;
  private final Meaning<Daylight> daylight;
  private final Meaning<Weather> weather;
  private final Meaning<Reason> reason;

  /**
   * Finds the meaning of every fact and value.
   *
   * @param facts in the grammar's order
   * @param distanceEdgesM (bins + 1) rising edges of the distance bins, metres from the bumper
   * @param frontBumperM x of the front bumper in base_link, metres
   * @throws IllegalArgumentException in one line, when a fact or a word is not known here
   */
  public FactsToScene(List<Fact> facts, List<Double> distanceEdgesM, double frontBumperM) {
    this.facts = List.copyOf(facts);
    this.distanceEdgesM = List.copyOf(distanceEdgesM);
    this.frontBumperM = frontBumperM;
    checkEdges(distanceEdgesM);
    Checks.within("front bumper m", frontBumperM, -20, 20);
    Set<String> known = new HashSet<>();
    road = meaning(known, "road", ROADS, Road.UNKNOWN);
    light = meaning(known, "light", LIGHTS, Light.UNKNOWN);
    sign = meaning(known, "sign", SIGNS, Sign.UNKNOWN);
    firstKind = kind(known, "first.kind");
    firstDistance = distance(known, "first.distance");
    firstMotion = meaning(known, "first.motion", MOTIONS, Motion.UNKNOWN);
    firstBrakeLight = meaning(known, "first.brakelight", BRAKE_LIGHTS, BrakeLights.UNKNOWN);
    secondKind = kind(known, "second.kind");
    secondSide = meaning(known, "second.side", SIDES, Side.UNKNOWN);
    secondDistance = distance(known, "second.distance");
    secondMotion = meaning(known, "second.motion", MOTIONS, Motion.UNKNOWN);
    leftKind = kind(known, "left.kind");
    rightKind = kind(known, "right.kind");
    behindKind = kind(known, "behind.kind");
    hazard = meaning(known, "hazard", HAZARDS, Hazard.UNKNOWN);
    daylight = meaning(known, "daylight", DAYLIGHTS, Daylight.UNKNOWN);
    weather = meaning(known, "weather", WEATHERS, Weather.UNKNOWN);
    reason = meaning(known, "reason", REASONS, Reason.UNKNOWN);
    for (Fact fact : facts) {
      if (!known.contains(fact.name())) {
        throw new IllegalArgumentException(
            "fact " + fact.name() + ": wanted one of " + known.stream().sorted().toList());
      }
    }
  }

  /** Facts of any words with saccade-nano's 12 distance bins to 45 m and bumper at 3.8 m. */
  public static FactsToScene of(List<Fact> facts) {
    return new FactsToScene(
        facts, List.of(0., 3., 6., 9., 12., 15., 18., 22., 26., 30., 35., 40., 45.), 3.8);
  }

  /** The 18 facts of the shipped model. */
  public static FactsToScene saccadeNano() {
    List<String> at = new ArrayList<>();
    List<String> away = new ArrayList<>();
    for (int metres : new int[] {2, 5, 8, 11, 14, 17, 20, 24, 28, 33, 38, 43}) {
      at.add("at " + metres + " m");
      away.add(metres + " m away");
    }
    return of(
        List.of(
            fact("road", "straight road", "curve left", "curve right"),
            fact("light", "no traffic light", "red light", "green light", "amber light"),
            fact("sign", "no sign", "stop sign"),
            fact(
                "first.kind",
                "nothing ahead",
                "car ahead",
                "pedestrian ahead",
                "truck ahead",
                "cyclist ahead",
                "cones ahead"),
            new Fact("first.distance", at),
            fact("first.motion", "closing", "opening", "steady", "crossing"),
            fact("first.brakelight", "brake lights on", "brake lights off"),
            fact(
                "second.kind",
                "no other object",
                "another car",
                "another pedestrian",
                "another truck",
                "another cyclist"),
            fact("second.side", "on the left", "in front", "on the right"),
            new Fact("second.distance", away),
            fact("second.motion", "coming nearer", "going away", "keeping pace", "moving across"),
            beside("left", "on the left"),
            beside("right", "on the right"),
            fact("behind.kind", "nothing behind", "car behind", "truck behind", "cyclist behind"),
            fact(
                "hazard",
                "no hazard",
                "cut-in",
                "crossing from the left",
                "crossing from the right",
                "oncoming in the lane",
                "lane closed"),
            fact("daylight", "day", "dusk", "night"),
            fact("weather", "clear", "rain", "fog"),
            fact(
                "reason",
                "because the road is clear",
                "because of the car",
                "because of the pedestrian",
                "because of the red light",
                "because of the curve",
                "because of the truck",
                "because of the cyclist",
                "because of the cones",
                "because of the stop sign")));
  }

  /** The facts, in order. */
  public List<Fact> facts() {
    return facts;
  }

  /** Centre of a distance bin, metres from the bumper. */
  public double distanceM(int bin) {
    return (distanceEdgesM.get(bin) + distanceEdgesM.get(bin + 1)) / 2;
  }

  /**
   * Builds the scene.
   *
   * @param values (facts) value index of each fact, or {@link #SKIPPED}
   * @param pathCurvature1pm curvature of the path the first object stands on, 1/m, left positive
   * @param sentence the facts in words, may be empty
   * @throws IllegalArgumentException when a value is outside its fact
   */
  public SceneDescription scene(int[] values, double pathCurvature1pm, String sentence) {
    check(values);
    Checks.within("path curvature 1/m", pathCurvature1pm, -1, 1);
    List<SceneObject> objects = new ArrayList<>(5);
    Optional<Kind> first = firstKind.of(values);
    if (first.isPresent() && isSaid(firstDistance, values)) {
      objects.add(onPath(first.get(), values, pathCurvature1pm));
    }
    Optional<Kind> second = secondKind.of(values);
    Side side = secondSide.of(values);
    if (second.isPresent() && isSaid(secondDistance, values) && side != Side.UNKNOWN) {
      objects.add(aside(second.get(), values, side));
    }
    addZone(objects, leftKind.of(values), Zone.LEFT, BESIDE_X_M, LANE_M);
    addZone(objects, rightKind.of(values), Zone.RIGHT, BESIDE_X_M, -LANE_M);
    addZone(objects, behindKind.of(values), Zone.BEHIND, BEHIND_X_M, 0);
    return new SceneDescription(
        road.of(values),
        light.of(values),
        sign.of(values),
        objects,
        hazard.of(values),
        daylight.of(values),
        weather.of(values),
        reason.of(values),
        sentence);
  }

  private SceneObject onPath(Kind kind, int[] values, double curvature) {
    double distanceM = distanceM(values[firstDistance]);
    double arcM = frontBumperM + distanceM;
    double turn = curvature * arcM;
    double x = Math.abs(curvature) < 1e-6 ? arcM : Math.sin(turn) / curvature;
    double y = Math.abs(curvature) < 1e-6 ? 0 : (1 - Math.cos(turn)) / curvature;
    return new SceneObject(
        kind,
        Zone.PATH,
        x,
        y,
        distanceM,
        Math.atan2(y, x - frontBumperM),
        firstMotion.of(values),
        firstBrakeLight.of(values));
  }

  private SceneObject aside(Kind kind, int[] values, Side side) {
    double distanceM = distanceM(values[secondDistance]);
    double oneLane =
        Math.clamp(Math.asin(Math.min(1, LANE_M / distanceM)), SIDE_FROM_RAD, SIDE_TO_RAD);
    double bearing =
        switch (side) {
          case LEFT -> oneLane;
          case RIGHT -> -oneLane;
          case FRONT, UNKNOWN -> 0;
        };
    return new SceneObject(
        kind,
        Zone.AHEAD,
        frontBumperM + distanceM * Math.cos(bearing),
        distanceM * Math.sin(bearing),
        distanceM,
        bearing,
        secondMotion.of(values),
        BrakeLights.UNKNOWN);
  }

  private void addZone(
      List<SceneObject> objects, Optional<Kind> kind, Zone zone, double xM, double yM) {
    if (kind.isPresent()) {
      objects.add(
          new SceneObject(
              kind.get(),
              zone,
              xM,
              yM,
              Math.hypot(xM - frontBumperM, yM),
              Math.atan2(yM, xM - frontBumperM),
              Motion.UNKNOWN,
              BrakeLights.UNKNOWN));
    }
  }

  private void check(int[] values) {
    if (values.length != facts.size()) {
      throw new IllegalArgumentException(
          "facts: wanted " + facts.size() + ", found " + values.length);
    }
    for (int i = 0; i < values.length; i++) {
      int last = facts.get(i).words().size() - 1;
      if (values[i] < SKIPPED || values[i] > last) {
        throw new IllegalArgumentException(
            "fact "
                + facts.get(i).name()
                + ": wanted -1 (not said) to "
                + last
                + ", found "
                + values[i]);
      }
    }
  }

  private static boolean isSaid(int fact, int[] values) {
    return fact >= 0 && values[fact] != SKIPPED;
  }

  // ---- from words to meaning, once ----

  private static void checkEdges(List<Double> edgesM) {
    if (edgesM.size() < 2) {
      throw new IllegalArgumentException(
          "distance edges: wanted at least 2, found " + edgesM.size());
    }
    for (int i = 1; i < edgesM.size(); i++) {
      if (!(edgesM.get(i - 1) < edgesM.get(i))) {
        throw new IllegalArgumentException("distance edges: wanted rising values, found " + edgesM);
      }
    }
  }

  private static Fact fact(String name, String... words) {
    return new Fact(name, List.of(words));
  }

  private static Fact beside(String side, String where) {
    return fact(
        side + ".kind",
        "nothing " + where,
        "car " + where,
        "pedestrian " + where,
        "truck " + where,
        "cyclist " + where);
  }

  private int find(Set<String> known, String name) {
    known.add(name);
    for (int i = 0; i < facts.size(); i++) {
      if (facts.get(i).name().equals(name)) {
        return i;
      }
    }
    return -1;
  }

  private <T> Meaning<T> meaning(Set<String> known, String name, Map<String, T> words, T unknown) {
    int index = find(known, name);
    List<T> values = new ArrayList<>();
    if (index >= 0) {
      for (String word : facts.get(index).words()) {
        T value = words.get(word);
        if (value == null) {
          throw new IllegalArgumentException(
              "fact "
                  + name
                  + ": found the word '"
                  + word
                  + "', wanted one of "
                  + words.keySet().stream().sorted().toList());
        }
        values.add(value);
      }
    }
    return new Meaning<>(index, values, unknown);
  }

  /** Words such as "car ahead", "another car", "nothing behind" or "no other object". */
  private Meaning<Optional<Kind>> kind(Set<String> known, String name) {
    int index = find(known, name);
    List<Optional<Kind>> values = new ArrayList<>();
    if (index >= 0) {
      for (String phrase : facts.get(index).words()) {
        Optional<Kind> kind = Optional.empty();
        for (String word : phrase.split(" ", -1)) {
          kind = kind.or(() -> Optional.ofNullable(KINDS.get(word)));
        }
        if (kind.isEmpty() && !phrase.startsWith("no")) {
          throw new IllegalArgumentException(
              "fact "
                  + name
                  + ": found the words '"
                  + phrase
                  + "', wanted nothing or one of "
                  + KINDS.keySet().stream().sorted().toList());
        }
        values.add(kind);
      }
    }
    return new Meaning<>(index, values, Optional.empty());
  }

  private int distance(Set<String> known, String name) {
    int index = find(known, name);
    int bins = distanceEdgesM.size() - 1;
    if (index >= 0 && facts.get(index).words().size() != bins) {
      throw new IllegalArgumentException(
          "fact "
              + name
              + ": wanted "
              + bins
              + " distances, found "
              + facts.get(index).words().size());
    }
    return index;
  }
}
