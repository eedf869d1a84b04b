package saccade.sim.truth;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import saccade.kernels.geometry.Rig;
import saccade.sim.Simulation;
import saccade.sim.traffic.Cone;
import saccade.sim.traffic.Ego;
import saccade.sim.traffic.Pedestrian;
import saccade.sim.traffic.StopSign;
import saccade.sim.traffic.TrafficLight;
import saccade.sim.traffic.Vehicle;
import saccade.sim.traffic.World;
import saccade.sim.world.Road;

/**
 * The true values of the eighteen facts that the model is asked for, each as an index into the
 * fact's words. An object counts when the sensors of the rig see it ({@link Sight}).
 */
public final class TruthFacts {
  public static final int FACTS = 18;
  public static final int ROAD = 0;
  public static final int LIGHT = 1;
  public static final int SIGN = 2;
  public static final int FIRST_KIND = 3;
  public static final int FIRST_DISTANCE = 4;
  public static final int FIRST_MOTION = 5;
  public static final int FIRST_BRAKE_LIGHT = 6;
  public static final int SECOND_KIND = 7;
  public static final int SECOND_SIDE = 8;
  public static final int SECOND_DISTANCE = 9;
  public static final int SECOND_MOTION = 10;
  public static final int LEFT_KIND = 11;
  public static final int RIGHT_KIND = 12;
  public static final int BEHIND_KIND = 13;
  public static final int HAZARD = 14;
  public static final int DAYLIGHT = 15;
  public static final int WEATHER = 16;
  public static final int REASON = 17;

  /** A fact that does not apply. */
  public static final int SKIPPED = -1;

  /** Edges of the twelve distance bins, metres. */
  public static final List<Double> DISTANCE_EDGES_M =
      List.of(0., 3., 6., 9., 12., 15., 18., 22., 26., 30., 35., 40., 45.);

  public static final List<String> NAMES =
      List.of(
          "road",
          "light",
          "sign",
          "first.kind",
          "first.distance",
          "first.motion",
          "first.brakelight",
          "second.kind",
          "second.side",
          "second.distance",
          "second.motion",
          "left.kind",
          "right.kind",
          "behind.kind",
          "hazard",
          "daylight",
          "weather",
          "reason");

  /** The words of each fact, in the order of its values. */
  public static final List<List<String>> WORDS =
      List.of(
          List.of("straight road", "curve left", "curve right"),
          List.of("no traffic light", "red light", "green light", "amber light"),
          List.of("no sign", "stop sign"),
          List.of(
              "nothing ahead",
              "car ahead",
              "pedestrian ahead",
              "truck ahead",
              "cyclist ahead",
              "cones ahead"),
          distanceWords("at %d m"),
          List.of("closing", "opening", "steady", "crossing"),
          List.of("brake lights on", "brake lights off"),
          List.of(
              "no other object",
              "another car",
              "another pedestrian",
              "another truck",
              "another cyclist"),
          List.of("on the left", "in front", "on the right"),
          distanceWords("%d m away"),
          List.of("coming nearer", "going away", "keeping pace", "moving across"),
          List.of(
              "nothing on the left",
              "car on the left",
              "pedestrian on the left",
              "truck on the left",
              "cyclist on the left"),
          List.of(
              "nothing on the right",
              "car on the right",
              "pedestrian on the right",
              "truck on the right",
              "cyclist on the right"),
          List.of("nothing behind", "car behind", "truck behind", "cyclist behind"),
          List.of(
              "no hazard",
              "cut-in",
              "crossing from the left",
              "crossing from the right",
              "oncoming in the lane",
              "lane closed"),
          List.of("day", "dusk", "night"),
          List.of("clear", "rain", "fog"),
          List.of(
              "because the road is clear",
              "because of the car",
              "because of the pedestrian",
              "because of the red light",
              "because of the curve",
              "because of the truck",
              "because of the cyclist",
              "because of the cones",
              "because of the stop sign"));

  // Kinds of objects, as indices of first.kind.
  private static final int CAR = 1;
  private static final int PEDESTRIAN = 2;
  private static final int TRUCK = 3;
  private static final int CYCLIST = 4;
  private static final int CONES = 5;

  private static final double FARTHEST_M = 45;
  private static final double FARTHEST_LIGHT_M = 50;
  private static final double CORRIDOR_M = 1.8;

  /** The road counts as a curve when its heading changes by more than this over the next 30 m. */
  private static final double CURVE_RAD = 0.12;

  private static final double SIDE_RAD = Math.toRadians(5);
  private static final double AHEAD_RAD = Math.toRadians(60);
  private static final double STEADY_MPS = 1;
  private static final double ACROSS_MPS = 0.6;

  /** Who will be in the corridor within this time is crossing or cutting in. */
  private static final double SOON_S = 3.5;

  private static final double CUT_IN_MPS = 0.25;
  private static final double CUT_IN_SOON_S = 5;

  /** A vehicle whose centre is nearer to the lane's than this has come in already. */
  private static final double IN_LANE_M = 0.9;

  private TruthFacts() {}

  /**
   * One thing on the road that facts can be about.
   *
   * @param kind as in first.kind
   * @param s centre along the road, metres
   * @param d centre across the road, left positive, metres
   * @param rearS the end that the ego comes upon, metres along the road
   * @param beyondD how far it reaches to the sides more than a thing that drives along, metres
   * @param vs speed along the road, m/s, negative when it comes towards the ego
   * @param vd speed across the road, m/s, left positive
   * @param x centre in base_link, metres
   * @param y centre in base_link, metres
   * @param yaw heading in base_link, radians
   * @param vx speed over the ground along x of base_link, m/s
   * @param vy speed over the ground along y of base_link, m/s
   * @param brakeLight 0 on, 1 off, {@link #SKIPPED} without
   */
  private record Thing(
      int id,
      int kind,
      double s,
      double d,
      double rearS,
      double beyondD,
      double vs,
      double vd,
      double x,
      double y,
      double yaw,
      double vx,
      double vy,
      double lengthM,
      double widthM,
      int brakeLight) {

    /** Whether some of it is in the corridor around offset {@code lane}. */
    boolean inCorridor(double lane) {
      return outside(lane) == 0;
    }

    /** Metres to the corridor around offset {@code lane}, 0 inside. */
    double outside(double lane) {
      return Math.max(0, Math.abs(d - lane) - beyondD - CORRIDOR_M);
    }

    /** Half its extent along x of base_link, metres. */
    double reachX() {
      return (lengthM * Math.abs(Math.cos(yaw)) + widthM * Math.abs(Math.sin(yaw))) / 2;
    }

    /** From a point of base_link to its nearest point, metres. */
    double distance(double fromX, double fromY) {
      double dx = fromX - x;
      double dy = fromY - y;
      double along = Math.abs(dx * Math.cos(yaw) + dy * Math.sin(yaw)) - lengthM / 2;
      double across = Math.abs(-dx * Math.sin(yaw) + dy * Math.cos(yaw)) - widthM / 2;
      return Math.hypot(Math.max(0, along), Math.max(0, across));
    }
  }

  private static List<String> distanceWords(String form) {
    String[] words = new String[DISTANCE_EDGES_M.size() - 1];
    for (int i = 0; i < words.length; i++) {
      words[i] =
          String.format(
              form, Math.round((DISTANCE_EDGES_M.get(i) + DISTANCE_EDGES_M.get(i + 1)) / 2));
    }
    return List.of(words);
  }

  /**
   * The facts of a drive as it stands, seen by the sensors of a rig.
   *
   * @return as {@link #of(World, Ego, Plan, Sight)}
   */
  public static int[] of(Simulation simulation, Rig rig, Plan plan) {
    return of(simulation.world(), simulation.ego(), plan, new RaySight(rig, simulation.scene()));
  }

  /**
   * The facts of one instant.
   *
   * @return eighteen value indices, {@link #SKIPPED} where a fact does not apply
   */
  @SuppressWarnings("exports")
  public static int[] of(World world, Ego ego, Plan plan, Sight sight) {
    int[] facts = new int[FACTS];
    Arrays.fill(facts, SKIPPED);
    Road road = world.road;
    double[] sd = new double[2];
    road.frenet(
        ego.x + Ego.FRONT_M * Math.cos(ego.yawRad), ego.y + Ego.FRONT_M * Math.sin(ego.yawRad), sd);
    double front = sd[0];
    // The lane that the ego is in; the corridor goes with it round an obstacle.
    double lane = Road.LANE_WIDTH_M * Math.max(0, Math.round(sd[1] / Road.LANE_WIDTH_M));

    double turn = road.yawAt(front - Ego.FRONT_M + 30) - road.yawAt(front - Ego.FRONT_M);
    facts[ROAD] = turn > CURVE_RAD ? 1 : turn < -CURVE_RAD ? 2 : 0;
    facts[LIGHT] = light(world, front, sight);
    facts[SIGN] = sign(world, front, sight);

    List<Thing> things = things(world, ego);
    int first = first(things, front, lane, sight);
    facts[FIRST_KIND] = 0;
    if (first >= 0) {
      Thing thing = things.get(first);
      facts[FIRST_KIND] = thing.kind;
      facts[FIRST_DISTANCE] = bin(Math.max(0, thing.rearS - front));
      if (thing.kind != CONES) {
        double relative = thing.vs - ego.speedMps;
        facts[FIRST_MOTION] =
            Math.abs(thing.vd) > ACROSS_MPS
                ? 3
                : relative < -STEADY_MPS ? 0 : relative > STEADY_MPS ? 1 : 2;
      }
      facts[FIRST_BRAKE_LIGHT] = thing.brakeLight;
    }
    second(facts, things, first, ego, sight);
    facts[LEFT_KIND] = beside(things, 1, sight);
    facts[RIGHT_KIND] = beside(things, -1, sight);
    facts[BEHIND_KIND] = behind(things, sight);
    facts[HAZARD] = hazard(things, front, lane, sight);

    facts[DAYLIGHT] = world.daylight.ordinal();
    facts[WEATHER] = world.weather.ordinal();
    facts[REASON] = plan.reason().ordinal();
    return facts;
  }

  private static int light(World world, double front, Sight sight) {
    int state = 0;
    double nearest = Double.POSITIVE_INFINITY;
    for (TrafficLight light : world.lights) {
      double line = light.stopS - front;
      if (line > -1 && line <= FARTHEST_LIGHT_M && line < nearest && sight.lamp(light.id)) {
        nearest = line;
        state =
            switch (light.colour(world.timeS())) {
              case RED -> 1;
              case GREEN -> 2;
              case AMBER -> 3;
            };
      }
    }
    return state;
  }

  private static int sign(World world, double front, Sight sight) {
    for (StopSign sign : world.stopSigns) {
      double line = sign.stopS - front;
      if (line > -1 && line <= FARTHEST_M && sight.any(sign.id)) {
        return 1;
      }
    }
    return 0;
  }

  /** Everything present that a fact can be about. */
  private static List<Thing> things(World world, Ego ego) {
    List<Thing> things = new ArrayList<>();
    double[] pose = new double[3];
    for (Vehicle v : world.vehicles) {
      if (v.present) {
        int kind =
            switch (v.kind) {
              case CAR -> CAR;
              case TRUCK -> TRUCK;
              case CYCLIST -> CYCLIST;
            };
        double beyond = v.crossing() ? Math.max(0, v.halfD() - v.halfS()) : 0;
        // Who does not show its tail shows no brake lights either.
        boolean shown = v.course == Vehicle.Course.ALONG && v.braking();
        int brakeLight = kind == CYCLIST ? SKIPPED : shown ? 0 : 1;
        world.road.pose(v.s, v.d, pose);
        things.add(
            thing(
                ego,
                pose,
                v.id,
                kind,
                v.s,
                v.d,
                v.halfS(),
                beyond,
                v.alongMps(),
                v.acrossMps(),
                v.headingRad(),
                v.lengthM,
                v.widthM,
                brakeLight));
      }
    }
    double time = world.timeS();
    for (Pedestrian p : world.pedestrians) {
      if (p.present) {
        world.road.pose(p.s, p.d, pose);
        double size = 2 * Pedestrian.RADIUS_M;
        things.add(
            thing(
                ego,
                pose,
                p.id,
                PEDESTRIAN,
                p.s,
                p.d,
                Pedestrian.RADIUS_M,
                0,
                p.vs(time),
                p.vd(time),
                0,
                size,
                size,
                SKIPPED));
      }
    }
    for (Cone cone : world.cones) {
      world.road.pose(cone.s(), cone.d(), pose);
      double size = Cone.WIDTH_M;
      things.add(
          thing(
              ego, pose, cone.id(), CONES, cone.s(), cone.d(), size / 2, 0, 0, 0, 0, size, size,
              SKIPPED));
    }
    return things;
  }

  private static Thing thing(
      Ego ego,
      double[] pose,
      int id,
      int kind,
      double s,
      double d,
      double halfS,
      double beyondD,
      double vs,
      double vd,
      double heading,
      double lengthM,
      double widthM,
      int brakeLight) {
    double cos = Math.cos(ego.yawRad);
    double sin = Math.sin(ego.yawRad);
    double dx = pose[0] - ego.x;
    double dy = pose[1] - ego.y;
    double road = pose[2] - ego.yawRad;
    return new Thing(
        id,
        kind,
        s,
        d,
        s - halfS,
        beyondD,
        vs,
        vd,
        dx * cos + dy * sin,
        -dx * sin + dy * cos,
        road + heading,
        vs * Math.cos(road) - vd * Math.sin(road),
        vs * Math.sin(road) + vd * Math.cos(road),
        lengthM,
        widthM,
        brakeLight);
  }

  /** Index of the nearest thing in the corridor ahead, or -1. */
  private static int first(List<Thing> things, double front, double lane, Sight sight) {
    int first = -1;
    double nearest = FARTHEST_M;
    for (int i = 0; i < things.size(); i++) {
      Thing thing = things.get(i);
      double gap = Math.max(0, thing.rearS - front);
      double overlap = thing.kind == PEDESTRIAN || thing.kind == CONES ? 0.5 : 1;
      if (thing.inCorridor(lane)
          && thing.s > front - overlap
          && gap < nearest
          && sight.any(thing.id)) {
        nearest = gap;
        first = i;
      }
    }
    return first;
  }

  private static void second(int[] facts, List<Thing> things, int first, Ego ego, Sight sight) {
    facts[SECOND_KIND] = 0;
    double nearest = FARTHEST_M;
    for (int i = 0; i < things.size(); i++) {
      Thing thing = things.get(i);
      double bearing = Math.atan2(thing.y, thing.x);
      if (i == first
          || thing.kind == CONES
          || thing.x <= Ego.FRONT_M
          || Math.abs(bearing) > AHEAD_RAD) {
        continue;
      }
      double distance = thing.distance(Ego.FRONT_M, 0);
      if (distance < nearest && sight.any(thing.id)) {
        nearest = distance;
        facts[SECOND_KIND] = thing.kind;
        facts[SECOND_SIDE] = bearing > SIDE_RAD ? 0 : bearing < -SIDE_RAD ? 2 : 1;
        facts[SECOND_DISTANCE] = bin(distance);
        double away = (thing.vx - ego.speedMps) * Math.cos(bearing) + thing.vy * Math.sin(bearing);
        facts[SECOND_MOTION] =
            Math.abs(thing.vd) > ACROSS_MPS
                ? 3
                : away < -STEADY_MPS ? 0 : away > STEADY_MPS ? 1 : 2;
      }
    }
  }

  /** Kind of the nearest thing in the zone beside the ego; side 1 left, -1 right. */
  private static int beside(List<Thing> things, int side, Sight sight) {
    int kind = 0;
    double nearest = Double.POSITIVE_INFINITY;
    for (Thing thing : things) {
      double y = side * thing.y;
      double reach = thing.reachX();
      if (thing.kind == CONES
          || y < 1.2
          || y > 7
          || thing.x + reach < -8
          || thing.x - reach > 6
          || !sight.any(thing.id)) {
        continue;
      }
      double distance = thing.distance(Math.clamp(thing.x, Ego.REAR_M, Ego.FRONT_M), 0);
      if (distance < nearest) {
        nearest = distance;
        kind = thing.kind;
      }
    }
    return kind;
  }

  private static int behind(List<Thing> things, Sight sight) {
    int kind = 0;
    double nearest = Double.NEGATIVE_INFINITY;
    for (Thing thing : things) {
      double nose = thing.x + thing.reachX();
      if ((thing.kind == CAR || thing.kind == TRUCK || thing.kind == CYCLIST)
          && Math.abs(thing.y) < CORRIDOR_M
          && thing.x < -1.2
          && nose > -28
          && nose > nearest
          && sight.any(thing.id)) {
        nearest = nose;
        kind = thing.kind == CAR ? 1 : thing.kind == TRUCK ? 2 : 3;
      }
    }
    return kind;
  }

  /** What is dangerous about the things ahead; the first of: oncoming, crossing, cut-in, cones. */
  private static int hazard(List<Thing> things, double front, double lane, Sight sight) {
    int hazard = 0;
    int rank = 0;
    for (Thing thing : things) {
      double gap = thing.rearS - front;
      if (gap > FARTHEST_M || thing.s < front - 3 || !sight.any(thing.id)) {
        continue;
      }
      double d = thing.d - lane;
      boolean inside = thing.inCorridor(lane);
      boolean inwards = thing.vd * d < 0;
      double until = thing.outside(lane) / Math.max(1e-6, Math.abs(thing.vd));
      boolean vehicle = thing.kind == CAR || thing.kind == TRUCK || thing.kind == CYCLIST;
      if (vehicle && inside && thing.vs < -STEADY_MPS && thing.s > front) {
        hazard = 4;
        rank = 4;
      } else if (rank < 3
          && Math.abs(thing.vd) > ACROSS_MPS
          && Math.abs(thing.vd) > Math.abs(thing.vs)
          && (inside || inwards && until < SOON_S)
          && thing.s > front) {
        hazard = thing.vd < 0 ? 2 : 3;
        rank = 3;
      } else if (rank < 2
          && vehicle
          && inwards
          && thing.vs > STEADY_MPS
          && Math.abs(thing.vd) > CUT_IN_MPS
          && Math.abs(d) > IN_LANE_M
          && until < CUT_IN_SOON_S) {
        hazard = 1;
        rank = 2;
      } else if (rank < 1 && thing.kind == CONES && inside && thing.s > front) {
        hazard = 5;
        rank = 1;
      }
    }
    return hazard;
  }

  /** Bin of a distance in metres, 0..11; beyond the last edge the last bin. */
  public static int bin(double distanceM) {
    int bins = DISTANCE_EDGES_M.size() - 1;
    for (int i = 0; i < bins; i++) {
      if (distanceM < DISTANCE_EDGES_M.get(i + 1)) {
        return i;
      }
    }
    return bins - 1;
  }
}
