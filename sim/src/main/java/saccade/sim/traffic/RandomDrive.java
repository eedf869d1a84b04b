package saccade.sim.traffic;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import saccade.sim.traffic.Vehicle.Phase;
import saccade.sim.world.Daylight;
import saccade.sim.world.Road;

/**
 * A random world with the ego in it: for closed-loop drives, or a state sampled widely for single
 * frames.
 */
public final class RandomDrive {
  /** What the drive is about; the order is that of the exported label. */
  public enum Kind {
    EMPTY,
    LEAD,
    LIGHT,
    LEAD_AND_LIGHT,
    PEDESTRIAN,
    POP_UP
  }

  public final World world;
  public final Ego ego;
  public final double setSpeedMps;
  public final Kind kind;

  private RandomDrive(World world, Ego ego, double setSpeedMps, Kind kind) {
    this.world = world;
    this.ego = ego;
    this.setSpeedMps = setSpeedMps;
    this.kind = kind;
  }

  /** A drive that a careful driver can finish cleanly. */
  public static RandomDrive forDriving(long seed) {
    SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L ^ 0x5ca1ab1eL);
    boolean curved = chance(random, 0.35);
    double curvature = curved ? curvature(random) : 0;
    double arc = curved ? random.nextDouble(0.4, 1.2) / Math.abs(curvature) : 0;
    double speed = random.nextDouble(4, 10);
    boolean lit = chance(random, 0.45);
    double line = random.nextDouble(40, 70);
    Road road =
        new Road(
            random.nextDouble(15, 50),
            Math.min(arc, 70),
            curvature,
            random.nextDouble(0.4, 2.6),
            lit ? new double[] {line} : new double[0]);
    World world =
        new World(road, chance(random, 0.35) ? Daylight.DUSK : Daylight.DAY, random.nextLong());
    Dresser dresser = new Dresser(random.split());
    Kind kind = Kind.EMPTY;
    if (lit) {
      kind = Kind.LIGHT;
      dresser.light(
          world,
          chance(random, 0.6)
              ? new TrafficLight(line, true, random.nextDouble(4, 11))
              : new TrafficLight(line, false));
    }
    if (chance(random, 0.5)) {
      kind = lit ? Kind.LEAD_AND_LIGHT : Kind.LEAD;
      Vehicle lead = dresser.car(world, 0, random.nextDouble(-0.25, 0.25));
      lead.s = Ego.FRONT_M + random.nextDouble(10, 26) + 1.2 * speed + lead.lengthM / 2;
      lead.speedMps = speed * random.nextDouble(0.8, 1.2);
      double brake = random.nextDouble(1, 6);
      lead.phases =
          chance(random, 0.6)
              ? new Phase[] {
                new Phase(0, lead.speedMps, 1),
                new Phase(brake, chance(random, 0.7) ? 0 : 2, random.nextDouble(1.5, 5)),
                new Phase(brake + random.nextDouble(4, 7), random.nextDouble(6, 11), 2)
              }
              : new Phase[] {new Phase(0, random.nextDouble(4, 11), 1.5)};
      world.add(lead);
    } else if (!lit && chance(random, 0.4)) {
      kind = Kind.PEDESTRIAN;
      Pedestrian p = dresser.pedestrian(world, random.nextDouble(36, 60), -3.2);
      p.walkD = random.nextDouble(1.0, 1.8);
      p.endD = 7;
      p.startS = (p.s - Ego.FRONT_M) / speed - random.nextDouble(2.8, 4);
      world.add(p);
    } else if (!lit && chance(random, 0.3)) {
      kind = Kind.POP_UP;
      Vehicle car = dresser.car(world, 0, random.nextDouble(-0.4, 0.4));
      car.appearS = random.nextInt(10, 60) * 0.1;
      car.appearTtcS = random.nextDouble(1.8, 3);
      car.phases = new Phase[] {new Phase(0, 0, 1)};
      car.brokenDown = chance(random, 0.5);
      world.add(car);
    }
    surroundings(random, dresser, world, 150);
    Ego ego = new Ego();
    ego.speedMps = speed;
    return new RandomDrive(world, ego, speed + random.nextDouble(0, 2), kind);
  }

  /**
   * A state sampled widely, off the careful driver's path too: standing or up to 14 m/s, beside the
   * lane centre, near or far from leads and lights, things about to change within the next frames.
   *
   * @param frames length of the sequence at 10 Hz; changes fall inside it
   */
  public static RandomDrive forFrames(long seed, int frames) {
    SplittableRandom random = new SplittableRandom(seed);
    boolean curved = chance(random, 0.38);
    double curvature = curved ? curvature(random) : 0;
    double arc = curved ? Math.min(70, random.nextDouble(0.4, 1.2) / Math.abs(curvature)) : 0;
    double arcStart = curved ? random.nextDouble(-0.7 * arc, 25) : 100;
    boolean standing = chance(random, 0.3);
    double speed = standing ? 0 : random.nextDouble(0.2, 14);
    if (curved) {
      speed = Math.min(speed, Math.sqrt(4.5 / Math.abs(curvature)));
    }
    double set =
        standing ? random.nextDouble(5, 14) : Math.clamp(speed + random.nextDouble(-1.5, 5), 4, 14);
    boolean lit = chance(random, 0.44);
    double line =
        Ego.FRONT_M
            + (standing && chance(random, 0.6)
                ? random.nextDouble(0.3, 5)
                : random.nextDouble(0, 52));
    Road road =
        new Road(
            arcStart,
            arc,
            curvature,
            random.nextDouble(0.3, 2.7),
            lit ? new double[] {line} : new double[0]);
    World world =
        new World(road, chance(random, 0.35) ? Daylight.DUSK : Daylight.DAY, random.nextLong());
    Dresser dresser = new Dresser(random.split());
    double length = frames * 0.1;
    Kind kind = Kind.EMPTY;
    if (lit) {
      kind = Kind.LIGHT;
      boolean red = chance(random, 0.58);
      dresser.light(
          world,
          chance(random, 0.15)
              ? new TrafficLight(line, red, random.nextInt(1, Math.max(2, frames)) * 0.1)
              : new TrafficLight(line, red));
    }
    if (chance(random, lit ? 0.36 : 0.5)) {
      kind = lit ? Kind.LEAD_AND_LIGHT : Kind.LEAD;
      lead(random, dresser, world, standing, speed, length);
    }
    if (chance(random, 0.16)) {
      kind = Kind.PEDESTRIAN;
      crossing(random, dresser, world, length);
    }
    if (chance(random, 0.1)) {
      kind = Kind.POP_UP;
      popUp(random, dresser, world, speed, frames);
    }
    surroundings(random, dresser, world, 75);
    Ego ego = new Ego();
    double[] pose = new double[3];
    road.pose(0, random.nextDouble(-0.6, 0.6), pose);
    ego.x = pose[0];
    ego.y = pose[1];
    ego.yawRad = pose[2] + Math.toRadians(random.nextDouble(-6, 6));
    ego.speedMps = speed;
    ego.curvature1pm = road.curvatureAt(2) + random.nextDouble(-0.015, 0.015);
    if (!standing) {
      ego.accelMps2 =
          chance(random, 0.5) ? random.nextDouble(-5, 2.5) : random.nextGaussian() * 0.5;
    }
    ego.command(ego.accelMps2, ego.curvature1pm);
    world.step(1e-9, ego);
    return new RandomDrive(world, ego, set, kind);
  }

  /**
   * Cruising along, and in 60 % of the states an obstacle stands in the lane all of a sudden, 1.1
   * to 4 s and 5 to 36 m ahead; the others are the same roads without it.
   *
   * @param frames length of the sequence at 10 Hz; the obstacle appears inside it
   */
  public static RandomDrive suddenly(long seed, int frames) {
    SplittableRandom random = new SplittableRandom(seed);
    boolean curved = chance(random, 0.12);
    double curvature =
        curved ? Math.copySign(random.nextDouble(0.004, 0.015), random.nextDouble(-1, 1)) : 0;
    Road road =
        new Road(
            curved ? random.nextDouble(0, 25) : 100,
            curved ? 40 : 0,
            curvature,
            random.nextDouble(0.4, 2.7),
            new double[0]);
    World world =
        new World(road, chance(random, 0.35) ? Daylight.DUSK : Daylight.DAY, random.nextLong());
    Dresser dresser = new Dresser(random.split());
    double set = random.nextDouble(5, 11.5);
    double speed = Math.max(3, set - random.nextDouble(-0.3, 1.2));
    Kind kind = Kind.EMPTY;
    if (chance(random, 0.6)) {
      kind = Kind.POP_UP;
      double gap = Math.clamp(speed * random.nextDouble(1.1, 4), 5, 36);
      double appear = chance(random, 0.1) ? 0 : random.nextInt(1, Math.max(2, frames)) * 0.1;
      double s = Ego.FRONT_M + speed * appear + gap;
      if (chance(random, 0.4)) {
        Pedestrian p = dresser.pedestrian(world, s, random.nextDouble(-1.0, 1.0));
        p.appearS = appear;
        world.add(p);
      } else {
        Vehicle car = dresser.car(world, 0, random.nextDouble(-0.4, 0.4));
        car.s = s + car.lengthM / 2;
        car.appearS = appear;
        car.brokenDown = chance(random, 0.5);
        car.phases = new Phase[] {new Phase(0, 0, 1)};
        world.add(car);
      }
    }
    surroundings(random, dresser, world, 75);
    Ego ego = new Ego();
    double[] pose = new double[3];
    road.pose(0, random.nextDouble(-0.25, 0.25), pose);
    ego.x = pose[0];
    ego.y = pose[1];
    ego.yawRad = pose[2] + Math.toRadians(random.nextDouble(-1.5, 1.5));
    ego.speedMps = speed;
    ego.curvature1pm = road.curvatureAt(2) + random.nextDouble(-0.004, 0.004);
    ego.accelMps2 = random.nextGaussian() * 0.4;
    ego.command(ego.accelMps2, ego.curvature1pm);
    world.step(1e-9, ego);
    return new RandomDrive(world, ego, set, kind);
  }

  /**
   * On the way to a stop: a red line, or a standing car, 1 to 40 m ahead at a speed that still
   * allows to stop with up to 4 m/s^2, so close and late states too. Green ones and ones that
   * switch are among them, and cars that drove on over the line.
   *
   * @param frames length of the sequence at 10 Hz; changes fall inside it
   */
  public static RandomDrive approaching(long seed, int frames) {
    SplittableRandom random = new SplittableRandom(seed);
    boolean lit = chance(random, 0.75);
    double gap = 0.6 + 40 * Math.pow(random.nextDouble(), 1.7);
    double room = Math.max(0.2, gap - random.nextDouble(0.3, 2.5));
    double needed = random.nextDouble(0.1, 4);
    double speed = Math.min(Math.sqrt(2 * needed * room), 11);
    double line = Ego.FRONT_M + gap;
    Road road =
        new Road(100, 0, 0, random.nextDouble(0.4, 2.7), lit ? new double[] {line} : new double[0]);
    World world =
        new World(road, chance(random, 0.35) ? Daylight.DUSK : Daylight.DAY, random.nextLong());
    Dresser dresser = new Dresser(random.split());
    Kind kind = lit ? Kind.LIGHT : Kind.LEAD;
    if (lit) {
      double how = random.nextDouble();
      boolean red = how < 0.84;
      double change = random.nextInt(1, Math.max(2, frames)) * 0.1;
      dresser.light(
          world,
          how < 0.72 || how > 0.92
              ? new TrafficLight(line, red)
              : new TrafficLight(line, red, change));
      if (chance(random, 0.35)) {
        kind = Kind.LEAD_AND_LIGHT;
        Vehicle gone = dresser.car(world, 0, random.nextDouble(-0.4, 0.4));
        gone.s = line + random.nextDouble(1, 32) + gone.lengthM / 2;
        gone.speedMps = random.nextDouble(3, 12);
        gone.obeysLights = false;
        gone.phases = new Phase[] {new Phase(0, gone.speedMps + 4, random.nextDouble(0.2, 3))};
        world.add(gone);
      }
    } else {
      Vehicle car = dresser.car(world, 0, random.nextDouble(-0.4, 0.4));
      car.s = line + car.lengthM / 2;
      car.speedMps = 0;
      car.brokenDown = chance(random, 0.3);
      double start = random.nextDouble(0, frames * 0.1);
      car.phases =
          !car.brokenDown && chance(random, 0.3)
              ? new Phase[] {new Phase(0, 0, 1), new Phase(start, 10, random.nextDouble(1, 3))}
              : new Phase[] {new Phase(0, 0, 1)};
      world.add(car);
    }
    surroundings(random, dresser, world, 75);
    Ego ego = new Ego();
    double[] pose = new double[3];
    road.pose(0, random.nextDouble(-0.25, 0.25), pose);
    ego.x = pose[0];
    ego.y = pose[1];
    ego.yawRad = pose[2] + Math.toRadians(random.nextDouble(-1.5, 1.5));
    ego.speedMps = speed;
    ego.curvature1pm = random.nextDouble(-0.004, 0.004);
    ego.accelMps2 =
        chance(random, 0.7) ? -needed * random.nextDouble(0, 1.2) : random.nextDouble(-1, 1.5);
    ego.command(ego.accelMps2, ego.curvature1pm);
    world.step(1e-9, ego);
    double set = Math.clamp(speed + random.nextDouble(0, 6), 6, 12);
    return new RandomDrive(world, ego, set, kind);
  }

  private static void lead(
      SplittableRandom random,
      Dresser dresser,
      World world,
      boolean standing,
      double speed,
      double lengthS) {
    Vehicle lead = dresser.car(world, 0, random.nextDouble(-0.4, 0.4));
    double gap =
        standing && chance(random, 0.6)
            ? random.nextDouble(1.2, 7)
            : 3 + 0.25 * speed + 44 * Math.pow(random.nextDouble(), 1.5);
    lead.s = Ego.FRONT_M + gap + lead.lengthM / 2;
    double how = random.nextDouble();
    lead.speedMps =
        how < 0.35
            ? 0
            : how < 0.65
                ? Math.max(0, speed + random.nextGaussian() * 1.5)
                : how < 0.85
                    ? random.nextDouble(0, Math.max(1, speed))
                    : speed + random.nextDouble(0, 5);
    if (lead.speedMps < 0.2) {
      lead.speedMps = 0;
      lead.brokenDown = chance(random, 0.2);
      double start = random.nextDouble(-0.6, lengthS);
      lead.phases =
          !lead.brokenDown && chance(random, 0.35)
              ? new Phase[] {new Phase(0, 0, 1), new Phase(start, 10, random.nextDouble(1.2, 2.8))}
              : new Phase[] {new Phase(0, 0, 1)};
      if (lead.phases.length == 2 && start < 0) {
        lead.speedMps = -start * 2;
      }
    } else if (chance(random, 0.45)) {
      double start = chance(random, 0.6) ? 0 : random.nextDouble(0, lengthS);
      lead.phases =
          new Phase[] {
            new Phase(0, lead.speedMps, 1), new Phase(start, 0, random.nextDouble(1, 7))
          };
    } else if (chance(random, 0.3)) {
      lead.phases = new Phase[] {new Phase(0, lead.speedMps + 6, random.nextDouble(1, 2.5))};
    } else {
      lead.phases = new Phase[] {new Phase(0, lead.speedMps, 1)};
    }
    lead.obeysLights = chance(random, 0.8);
    world.add(lead);
    if (chance(random, 0.3)) {
      Vehicle next = dresser.car(world, 0, random.nextDouble(-0.3, 0.3));
      next.s = lead.s + lead.lengthM / 2 + random.nextDouble(2, 15) + next.lengthM / 2;
      next.speedMps = lead.speedMps;
      next.phases = new Phase[] {new Phase(0, lead.speedMps, 1)};
      world.add(next);
    }
  }

  private static void crossing(
      SplittableRandom random, Dresser dresser, World world, double lengthS) {
    Pedestrian p =
        dresser.pedestrian(
            world, Ego.FRONT_M + random.nextDouble(2.5, 38), random.nextDouble(-3.6, 4));
    if (chance(random, 0.2)) {
      p.d = random.nextDouble(-1.3, 1.3);
    } else {
      boolean left = p.d < 0 ? chance(random, 0.75) : chance(random, 0.3);
      p.walkD = (left ? 1 : -1) * random.nextDouble(0.8, 1.9);
      p.walkS = random.nextDouble(-0.3, 0.3);
      p.endD = left ? 7 : -5;
      p.startS = chance(random, 0.25) ? random.nextDouble(0, lengthS) : 0;
    }
    if (free(world, p.s, 1.2)) {
      world.add(p);
    }
  }

  private static void popUp(
      SplittableRandom random, Dresser dresser, World world, double speed, int frames) {
    double gap = Math.max(4, Math.max(speed, 3) * random.nextDouble(0.8, 3.5));
    double appear = random.nextInt(1, Math.max(2, frames)) * 0.1;
    if (chance(random, 0.5)) {
      Pedestrian p = dresser.pedestrian(world, Ego.FRONT_M + gap, random.nextDouble(-1.2, 1.2));
      p.appearS = appear;
      p.walkD = chance(random, 0.5) ? 0 : random.nextDouble(-1.5, 1.5);
      if (free(world, p.s, 1.2)) {
        world.add(p);
      }
    } else {
      Vehicle car = dresser.car(world, 0, random.nextDouble(-0.4, 0.4));
      car.s = Ego.FRONT_M + gap + car.lengthM / 2;
      car.appearS = appear;
      car.speedMps = chance(random, 0.6) ? 0 : random.nextDouble(0, Math.max(1, speed));
      car.brokenDown = car.speedMps == 0 && chance(random, 0.5);
      car.phases = new Phase[] {new Phase(0, chance(random, 0.5) ? 0 : car.speedMps, 3)};
      if (free(world, car.s, car.lengthM / 2 + 1)) {
        world.add(car);
      }
    }
  }

  /** Whether no car of the ego lane is within margin of s. */
  private static boolean free(World world, double s, double marginM) {
    for (Vehicle car : world.vehicles) {
      if (Math.abs(car.s - s) < car.lengthM / 2 + marginM) {
        return false;
      }
    }
    return true;
  }

  private static void surroundings(
      SplittableRandom random, Dresser dresser, World world, double farM) {
    dresser.scenery(world, -8, farM);
    if (world.road.shoulderM() > 2 && chance(random, 0.75)) {
      double from = random.nextDouble(-5, 20);
      dresser.parked(world, from, from + random.nextDouble(10, 45));
    }
    if (chance(random, 0.55)) {
      for (int i = random.nextInt(1, 4); i > 0; i--) {
        dresser.stroller(world, random.nextDouble(2, Math.min(farM, 60)));
      }
    }
    if (chance(random, 0.45)) {
      double s = random.nextDouble(-2, 30);
      double speed = random.nextDouble(2, 12);
      for (int i = random.nextInt(1, 3); i > 0; i--) {
        dresser.oncoming(world, s, speed);
        s += random.nextDouble(9, 35);
      }
    }
  }

  private static double curvature(RandomGenerator random) {
    double size = 0.005 * Math.pow(8, random.nextDouble());
    return random.nextBoolean() ? size : -size;
  }

  private static boolean chance(RandomGenerator random, double p) {
    return random.nextDouble() < p;
  }
}
