package saccade.sim;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.LongFunction;
import saccade.kernels.geometry.Rig;
import saccade.sim.Stories.Sky;
import saccade.sim.traffic.Ego;
import saccade.sim.traffic.RandomDrive;
import saccade.sim.traffic.World;

/** What happens in a drive: a name, how long it lasts, and how a seed becomes a world. */
public final class Scenario implements Simulator.Course {
  private static final Map<String, Scenario> BY_NAME = new LinkedHashMap<>();

  static {
    add("demo", 22, Sky.FAIR, Stories::demo);
    add("lead-brake", 16, Sky.FAIR, Stories::leadBrake);
    add("red-light", 18, Sky.FAIR, Stories::redLight);
    add("empty-road", 12, Sky.FAIR, Stories::emptyRoad);
    add("curve", 14, Sky.FAIR, Stories::curve);
    add("pop-up", 8, Sky.FAIR, stories -> stories.popUp(20, true));
    add("crossing-pedestrian", 14, Sky.FAIR, Stories::crossingPedestrian);
    add("queue", 20, Sky.FAIR, Stories::queue);
    add("cut-in", 14, Sky.ANY, Stories::cutIn);
    add("child-from-parked", 13, Sky.FAIR, Stories::childFromParked);
    add("stop-and-go", 24, Sky.ANY, Stories::stopAndGo);
    add("obstacle-after-curve", 20, Sky.FAIR, Stories::obstacleAfterCurve);
    add("oncoming", 24, Sky.ANY, Stories::oncoming);
    add("overtake-cyclist", 24, Sky.ANY, Stories::overtakeCyclist);
    add("lane-closed", 28, Sky.ANY, Stories::laneClosed);
    add("night-rain", 18, Sky.NIGHT_RAIN, Stories::nightRain);
    add("stop-sign", 22, Sky.ANY, Stories::stopSign);
    add("crossing-traffic", 18, Sky.ANY, Stories::crossingTraffic);
    add("truck-ahead", 18, Sky.ANY, Stories::truckAhead);
    add("fog-lead", 18, Sky.FOG, Stories::fogLead);
    add("random", 24, Sky.ANY, Stories::any);
  }

  private final String name;
  private final double durationS;
  private final LongFunction<Start> start;

  private Scenario(String name, double durationS, LongFunction<Start> start) {
    this.name = name;
    this.durationS = durationS;
    this.start = start;
  }

  /**
   * A drive at time 0.
   *
   * @param setSpeedMps what the driver wants on a free road
   * @param goalS who has brought the front bumper this far along the road has finished, metres; NaN
   *     when there is nothing to reach
   */
  record Start(World world, Ego ego, double setSpeedMps, double goalS) {}

  /**
   * @throws IllegalArgumentException for a name that is not known; the message lists those that are
   */
  public static Scenario named(String name) {
    Scenario scenario = BY_NAME.get(name);
    if (scenario == null) {
      throw new IllegalArgumentException(
          "unknown scenario \""
              + name
              + "\": wanted one of "
              + String.join(", ", BY_NAME.keySet()));
    }
    return scenario;
  }

  /** The names that {@link #named} knows. */
  public static List<String> names() {
    return List.copyOf(BY_NAME.keySet());
  }

  /**
   * The ego drives along and, at a given frame, an obstacle stands in its lane with a time to
   * collision of 1.5 to 3 s. The twin without the obstacle is the same world otherwise.
   *
   * @param seed of the world; the seed given to the simulation has no part in it
   * @param frame at 10 Hz, &gt;= 1: the obstacle is first there at time frame * 0.1 s
   */
  public static Scenario popUp(long seed, int frame, boolean withObstacle) {
    if (frame < 1) {
      throw new IllegalArgumentException("pop-up at frame " + frame + ": wanted 1 or more");
    }
    return new Scenario(
        "pop-up",
        frame * 0.1 + 6,
        unused -> stories("pop-up", seed, Sky.FAIR).popUp(frame, withObstacle));
  }

  /**
   * A state sampled as widely as those of the exported training sequences: off a careful driver's
   * path too, and with things about to change. For judging a model on seeds it has not seen.
   *
   * @param seed of the state; the seed given to the simulation has no part in it
   * @param frames at 10 Hz, &gt;= 1: how long it lasts
   */
  public static Scenario sampled(long seed, int frames) {
    if (frames < 1) {
      throw new IllegalArgumentException(
          "sampled state of " + frames + " frames: wanted 1 or more");
    }
    return new Scenario(
        "sampled",
        frames * 0.1,
        unused -> {
          RandomDrive drive = RandomDrive.forFrames(seed, frames);
          return new Start(drive.world, drive.ego, drive.setSpeedMps, Double.NaN);
        });
  }

  @Override
  public String name() {
    return name;
  }

  /** A drive through this scenario in the embedded simulator. */
  @Override
  public Simulation drive(Rig rig, long seed) {
    return new Simulation(rig, this, seed);
  }

  /** Simulated seconds until it is over. */
  public double durationS() {
    return durationS;
  }

  Start start(long seed) {
    return start.apply(seed);
  }

  private static void add(String name, double durationS, Sky sky, Function<Stories, Start> story) {
    BY_NAME.put(name, new Scenario(name, durationS, seed -> story.apply(stories(name, seed, sky))));
  }

  private static Stories stories(String name, long seed, Sky sky) {
    return new Stories(new SplittableRandom(seed * 0x9E3779B97F4A7C15L ^ name.hashCode()), sky);
  }
}
