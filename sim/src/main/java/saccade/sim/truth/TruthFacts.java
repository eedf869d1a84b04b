package saccade.sim.truth;

import java.util.Arrays;
import java.util.List;
import saccade.kernels.geometry.Rig;
import saccade.sim.Simulation;
import saccade.sim.traffic.Car;
import saccade.sim.traffic.Ego;
import saccade.sim.traffic.Pedestrian;
import saccade.sim.traffic.TrafficLight;
import saccade.sim.traffic.World;
import saccade.sim.world.Daylight;
import saccade.sim.world.Road;

/**
 * The true values of the eleven facts that the model is asked for, each as an index into the fact's
 * words.
 */
public final class TruthFacts {
  public static final int FACTS = 11;
  public static final int ROAD = 0;
  public static final int LIGHT = 1;
  public static final int FIRST_KIND = 2;
  public static final int FIRST_DISTANCE = 3;
  public static final int FIRST_MOTION = 4;
  public static final int FIRST_BRAKE_LIGHT = 5;
  public static final int SECOND_KIND = 6;
  public static final int SECOND_SIDE = 7;
  public static final int SECOND_DISTANCE = 8;
  public static final int DAYLIGHT = 9;
  public static final int REASON = 10;

  /** A fact that does not apply. */
  public static final int SKIPPED = -1;

  /** Edges of the twelve distance bins, metres. */
  public static final List<Double> DISTANCE_EDGES_M =
      List.of(0., 3., 6., 9., 12., 15., 18., 22., 26., 30., 35., 40., 45.);

  public static final List<String> NAMES =
      List.of(
          "road",
          "light",
          "first.kind",
          "first.distance",
          "first.motion",
          "first.brakelight",
          "second.kind",
          "second.side",
          "second.distance",
          "daylight",
          "reason");

  /** The words of each fact, in the order of its values. */
  public static final List<List<String>> WORDS =
      List.of(
          List.of("straight road", "curve left", "curve right"),
          List.of("no traffic light", "red light", "green light"),
          List.of("nothing ahead", "car ahead", "pedestrian ahead"),
          distanceWords("at %d m"),
          List.of("closing", "opening", "steady"),
          List.of("brake lights on", "brake lights off"),
          List.of("no other object", "another car", "another pedestrian"),
          List.of("on the left", "in front", "on the right"),
          distanceWords("%d m away"),
          List.of("day", "dusk"),
          List.of(
              "because the road is clear",
              "because of the car",
              "because of the pedestrian",
              "because of the red light",
              "because of the curve"));

  private static final double FARTHEST_M = 45;
  private static final double CORRIDOR_M = 1.8;

  /** The road counts as a curve when its heading changes by more than this over the next 30 m. */
  private static final double CURVE_RAD = 0.12;

  private static final double SIDE_RAD = Math.toRadians(5);

  private TruthFacts() {}

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
   * The facts of a drive as it stands, seen by the cameras of a rig.
   *
   * @return as {@link #of(World, Ego, Plan, Sight)}
   */
  public static int[] of(Simulation simulation, Rig rig, Plan plan) {
    return of(simulation.world(), simulation.ego(), plan, new RaySight(rig, simulation.scene()));
  }

  /**
   * The facts of one instant.
   *
   * @return eleven value indices, {@link #SKIPPED} where a fact does not apply
   */
  @SuppressWarnings("exports")
  public static int[] of(World world, Ego ego, Plan plan, Sight sight) {
    int[] facts = new int[FACTS];
    Arrays.fill(facts, SKIPPED);
    Road road = world.road;
    double[] sd = new double[2];
    double cos = Math.cos(ego.yawRad);
    double sin = Math.sin(ego.yawRad);
    double frontX = ego.x + Ego.FRONT_M * cos;
    double frontY = ego.y + Ego.FRONT_M * sin;
    road.frenet(frontX, frontY, sd);
    double front = sd[0];
    double time = world.timeS();

    double turn = road.yawAt(front - Ego.FRONT_M + 30) - road.yawAt(front - Ego.FRONT_M);
    facts[ROAD] = turn > CURVE_RAD ? 1 : turn < -CURVE_RAD ? 2 : 0;

    facts[LIGHT] = 0;
    double nearestLine = Double.POSITIVE_INFINITY;
    for (TrafficLight light : world.lights) {
      double line = light.stopS - front;
      if (line > -1 && line <= 50 && line < nearestLine && sight.lamp(light.id)) {
        nearestLine = line;
        facts[LIGHT] = light.red(time) ? 1 : 2;
      }
    }

    int firstId = -1;
    double firstGap = FARTHEST_M;
    double firstSpeed = 0;
    facts[FIRST_KIND] = 0;
    int brakeLight = SKIPPED;
    for (Car car : world.cars) {
      double gap = Math.max(0, car.rearS() - front);
      if (car.present
          && Math.abs(car.d) < CORRIDOR_M
          && car.s > front - 1
          && gap < firstGap
          && sight.any(car.id)) {
        firstGap = gap;
        firstId = car.id;
        firstSpeed = car.alongMps();
        facts[FIRST_KIND] = 1;
        brakeLight = car.braking() ? 0 : 1;
      }
    }
    for (Pedestrian p : world.pedestrians) {
      double gap = Math.max(0, p.s - Pedestrian.RADIUS_M - front);
      if (p.present
          && Math.abs(p.d) < CORRIDOR_M
          && p.s > front - 0.5
          && gap < firstGap
          && sight.any(p.id)) {
        firstGap = gap;
        firstId = p.id;
        firstSpeed = p.vs(time);
        facts[FIRST_KIND] = 2;
        brakeLight = SKIPPED;
      }
    }
    if (facts[FIRST_KIND] != 0) {
      facts[FIRST_DISTANCE] = bin(firstGap);
      double relative = firstSpeed - ego.speedMps;
      facts[FIRST_MOTION] = relative < -1 ? 0 : relative > 1 ? 1 : 2;
      facts[FIRST_BRAKE_LIGHT] = brakeLight;
    }

    double[] pose = new double[3];
    double nearest = FARTHEST_M;
    double bearing = 0;
    facts[SECOND_KIND] = 0;
    for (Car car : world.cars) {
      if (!car.present || car.id == firstId || !sight.wide(car.id)) {
        continue;
      }
      road.pose(car.s, car.d, pose);
      double distance = distance(frontX, frontY, pose, car.lengthM / 2, car.widthM / 2);
      if (distance < nearest) {
        nearest = distance;
        bearing = bearing(ego, cos, sin, pose);
        facts[SECOND_KIND] = 1;
      }
    }
    for (Pedestrian p : world.pedestrians) {
      if (!p.present || p.id == firstId || !sight.wide(p.id)) {
        continue;
      }
      road.pose(p.s, p.d, pose);
      double distance = distance(frontX, frontY, pose, 0.25, 0.25);
      if (distance < nearest) {
        nearest = distance;
        bearing = bearing(ego, cos, sin, pose);
        facts[SECOND_KIND] = 2;
      }
    }
    if (facts[SECOND_KIND] != 0) {
      facts[SECOND_SIDE] = bearing > SIDE_RAD ? 0 : bearing < -SIDE_RAD ? 2 : 1;
      facts[SECOND_DISTANCE] = bin(nearest);
    }

    facts[DAYLIGHT] = world.daylight == Daylight.DAY ? 0 : 1;
    facts[REASON] = plan.reason().ordinal();
    return facts;
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

  /** From the front bumper's middle to the nearest point of a rectangle at pose. */
  private static double distance(
      double x, double y, double[] pose, double halfLength, double halfWidth) {
    double dx = x - pose[0];
    double dy = y - pose[1];
    double along = Math.abs(dx * Math.cos(pose[2]) + dy * Math.sin(pose[2])) - halfLength;
    double across = Math.abs(-dx * Math.sin(pose[2]) + dy * Math.cos(pose[2])) - halfWidth;
    return Math.hypot(Math.max(0, along), Math.max(0, across));
  }

  /** Direction of a centre in base_link, radians, left positive. */
  private static double bearing(Ego ego, double cos, double sin, double[] pose) {
    double dx = pose[0] - ego.x;
    double dy = pose[1] - ego.y;
    return Math.atan2(-dx * sin + dy * cos, dx * cos + dy * sin);
  }
}
