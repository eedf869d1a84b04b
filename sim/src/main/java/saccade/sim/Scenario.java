package saccade.sim;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.LongFunction;
import saccade.kernels.geometry.Rig;
import saccade.sim.traffic.Dresser;
import saccade.sim.traffic.Ego;
import saccade.sim.traffic.Pedestrian;
import saccade.sim.traffic.RandomDrive;
import saccade.sim.traffic.TrafficLight;
import saccade.sim.traffic.Vehicle;
import saccade.sim.traffic.Vehicle.Phase;
import saccade.sim.traffic.World;
import saccade.sim.world.Daylight;
import saccade.sim.world.Road;

/** What happens in a drive: a name, how long it lasts, and how a seed becomes a world. */
public final class Scenario implements Simulator.Course {
  private static final Map<String, Scenario> BY_NAME = new LinkedHashMap<>();

  static {
    add("demo", 20, Scenario::demo);
    add("lead-brake", 16, Scenario::leadBrake);
    add("red-light", 18, Scenario::redLight);
    add("empty-road", 12, Scenario::emptyRoad);
    add("curve", 14, Scenario::curve);
    add("pop-up", 8, seed -> popUpStart(seed, 20, true));
    add("crossing-pedestrian", 14, Scenario::crossingPedestrian);
    add("queue", 20, Scenario::queue);
    add("random", 15, Scenario::random);
  }

  private static final double DEMO_LINE_S = 62;

  private final String name;
  private final double durationS;
  private final LongFunction<Start> start;

  private Scenario(String name, double durationS, LongFunction<Start> start) {
    this.name = name;
    this.durationS = durationS;
    this.start = start;
  }

  /** A world at time 0, the ego in it, and the driver's set speed in m/s. */
  record Start(World world, Ego ego, double setSpeedMps) {}

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
    return new Scenario("pop-up", frame * 0.1 + 6, unused -> popUpStart(seed, frame, withObstacle));
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
          return new Start(drive.world, drive.ego, drive.setSpeedMps);
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

  private static void add(String name, double durationS, LongFunction<Start> start) {
    BY_NAME.put(name, new Scenario(name, durationS, start));
  }

  private static SplittableRandom source(String name, long seed) {
    return new SplittableRandom(seed * 0x9E3779B97F4A7C15L ^ name.hashCode());
  }

  private static World world(SplittableRandom random, Road road) {
    return new World(
        road, random.nextInt(3) == 0 ? Daylight.DUSK : Daylight.DAY, random.nextLong());
  }

  private static Start at(World world, double s, double speed, double setSpeed) {
    Ego ego = new Ego();
    double[] pose = new double[3];
    world.road.pose(s, 0, pose);
    ego.x = pose[0];
    ego.y = pose[1];
    ego.yawRad = pose[2];
    ego.speedMps = speed;
    return new Start(world, ego, setSpeed);
  }

  private static void dress(Dresser dresser, World world, SplittableRandom random, double toS) {
    dresser.scenery(world, -10, toS);
    if (random.nextBoolean()) {
      dresser.parked(world, 10, toS * 0.7);
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      dresser.stroller(world, random.nextDouble(10, toS * 0.7));
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      dresser.oncoming(world, 40 + 45 * i + random.nextDouble(20), 8);
    }
  }

  private static Start demo(long seed) {
    SplittableRandom random = source("demo", seed);
    World world = new World(new Road(0, 0, 0, 2.4, DEMO_LINE_S), Daylight.DAY, random.nextLong());
    Dresser dresser = new Dresser(random.split());
    Vehicle lead = dresser.car(world, 0, 0);
    lead.s = Ego.FRONT_M + 20 + lead.lengthM / 2;
    lead.speedMps = 8;
    lead.obeysLights = false;
    lead.phases = new Phase[] {new Phase(0, 8, 1), new Phase(0.8, 0, 3.6), new Phase(6.8, 14, 3)};
    world.add(lead);
    dresser.light(world, new TrafficLight(DEMO_LINE_S, false, 10.8, 16));
    dress(dresser, world, random, 200);
    return at(world, 0, 8, 9);
  }

  private static Start leadBrake(long seed) {
    SplittableRandom random = source("lead-brake", seed);
    World world = world(random, new Road(0, 0, 0, random.nextDouble(0.5, 2.6)));
    Dresser dresser = new Dresser(random.split());
    double speed = random.nextDouble(6, 10);
    Vehicle lead = dresser.car(world, 0, random.nextDouble(-0.2, 0.2));
    lead.s = Ego.FRONT_M + random.nextDouble(16, 28) + lead.lengthM / 2;
    lead.speedMps = speed;
    double brake = random.nextDouble(1.5, 3.5);
    lead.phases =
        new Phase[] {
          new Phase(0, speed, 1),
          new Phase(brake, 0, random.nextDouble(2, 4.5)),
          new Phase(brake + random.nextDouble(7, 8.5), 12, 2)
        };
    world.add(lead);
    dress(dresser, world, random, 220);
    return at(world, 0, speed, speed + 1);
  }

  private static Start redLight(long seed) {
    SplittableRandom random = source("red-light", seed);
    double line = random.nextDouble(45, 65);
    World world = world(random, new Road(0, 0, 0, random.nextDouble(0.5, 2.6), line));
    Dresser dresser = new Dresser(random.split());
    dresser.light(world, new TrafficLight(line, true, random.nextDouble(11, 13)));
    dress(dresser, world, random, 220);
    double speed = random.nextDouble(6.5, 10);
    return at(world, 0, speed, speed + 0.5);
  }

  private static Start emptyRoad(long seed) {
    SplittableRandom random = source("empty-road", seed);
    World world = world(random, new Road(0, 0, 0, random.nextDouble(0.5, 2.6)));
    new Dresser(random.split()).scenery(world, -10, 220);
    double speed = random.nextDouble(5, 10);
    return at(world, 0, speed, speed + random.nextDouble(0, 2));
  }

  private static Start curve(long seed) {
    SplittableRandom random = source("curve", seed);
    double curvature = (random.nextBoolean() ? 1 : -1) * random.nextDouble(0.01, 0.03);
    double arc = Math.min(60, random.nextDouble(0.5, 1.2) / Math.abs(curvature));
    World world =
        world(
            random,
            new Road(random.nextDouble(15, 30), arc, curvature, random.nextDouble(0.5, 2.6)));
    new Dresser(random.split()).scenery(world, -10, 220);
    return at(world, 0, 8, random.nextDouble(8, 11));
  }

  private static Start popUpStart(long seed, int frame, boolean withObstacle) {
    SplittableRandom random = source("pop-up", seed);
    World world = world(random, new Road(0, 0, 0, random.nextDouble(0.5, 2.6)));
    Dresser dresser = new Dresser(random.split());
    double speed = random.nextDouble(6, 10);
    double ttc = random.nextDouble(1.5, 3);
    dress(dresser, world, random, 220);
    if (random.nextInt(3) == 0) {
      Pedestrian p = dresser.pedestrian(world, 0, random.nextDouble(-0.8, 0.8));
      p.appearS = frame * 0.1;
      p.appearTtcS = ttc;
      if (withObstacle) {
        world.add(p);
      }
    } else {
      Vehicle car = dresser.car(world, 0, random.nextDouble(-0.3, 0.3));
      car.appearS = frame * 0.1;
      car.appearTtcS = ttc;
      car.brokenDown = random.nextBoolean();
      car.phases = new Phase[] {new Phase(0, 0, 1)};
      if (withObstacle) {
        world.add(car);
      }
    }
    return at(world, 0, speed, speed + 0.3);
  }

  private static Start crossingPedestrian(long seed) {
    SplittableRandom random = source("crossing-pedestrian", seed);
    World world = world(random, new Road(0, 0, 0, random.nextDouble(0.5, 2.6)));
    Dresser dresser = new Dresser(random.split());
    double speed = random.nextDouble(6, 10);
    Pedestrian p = dresser.pedestrian(world, random.nextDouble(34, 44), -3.2);
    p.walkD = random.nextDouble(1.1, 1.7);
    p.endD = 7;
    p.startS = (p.s - Ego.FRONT_M) / speed - random.nextDouble(2.6, 3.6);
    world.add(p);
    dresser.scenery(world, -10, 220);
    return at(world, 0, speed, speed + 0.5);
  }

  private static Start queue(long seed) {
    SplittableRandom random = source("queue", seed);
    double line = random.nextDouble(65, 75);
    World world = world(random, new Road(0, 0, 0, random.nextDouble(0.5, 2.6), line));
    Dresser dresser = new Dresser(random.split());
    double front = line - 1.5;
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      Vehicle car = dresser.car(world, 0, random.nextDouble(-0.2, 0.2));
      car.s = front - car.lengthM / 2;
      car.phases = new Phase[] {new Phase(0, random.nextDouble(8, 12), 2.2)};
      world.add(car);
      front -= car.lengthM + random.nextDouble(2, 3);
    }
    dresser.light(world, new TrafficLight(line, true, random.nextDouble(9, 11)));
    dress(dresser, world, random, 220);
    double speed = random.nextDouble(6.5, 9.5);
    return at(world, 0, speed, speed + 0.5);
  }

  private static Start random(long seed) {
    RandomDrive drive = RandomDrive.forDriving(seed);
    return new Start(drive.world, drive.ego, drive.setSpeedMps);
  }
}
