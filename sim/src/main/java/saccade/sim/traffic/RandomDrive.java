package saccade.sim.traffic;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import saccade.sim.traffic.Vehicle.Phase;
import saccade.sim.world.Daylight;
import saccade.sim.world.Road;
import saccade.sim.world.Weather;

/**
 * A state sampled widely, for sequences of a few frames: a random world with the ego in it. Two
 * stories are never drawn, so that a model can be judged on them: a child from behind a parked car,
 * and an obstacle that stands behind a curve.
 */
public final class RandomDrive {
  /** What the state is about; the order is that of the exported label. */
  public enum Kind {
    EMPTY,
    LEAD,
    LIGHT,
    LEAD_AND_LIGHT,
    PEDESTRIAN,
    POP_UP,
    CUT_IN,
    CYCLIST,
    LANE_CLOSED,
    ONCOMING,
    STOP_SIGN,
    CROSSING,
    STALLED
  }

  /** How often each kind is drawn, in the order of the kinds; sums to 1. */
  private static final double[] SHARES = {
    0.07, 0.16, 0.12, 0.08, 0.10, 0.06, 0.09, 0.08, 0.06, 0.04, 0.06, 0.05, 0.03
  };

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

  /**
   * A state sampled widely, off the careful driver's path too: standing or up to 14 m/s, beside the
   * lane centre or in the midst of passing something, near or far from whatever it is about, things
   * about to change within the next frames; any light and weather.
   *
   * @param frames length of the sequence at 10 Hz; changes fall inside it
   */
  public static RandomDrive forFrames(long seed, int frames) {
    SplittableRandom random = new SplittableRandom(seed);
    Kind kind = kind(random);
    boolean standing = chance(random, kind == Kind.STOP_SIGN ? 0.45 : 0.28);
    double speed = standing ? 0 : random.nextDouble(0.2, 14);
    boolean atLine = kind == Kind.LIGHT || kind == Kind.LEAD_AND_LIGHT || kind == Kind.STOP_SIGN;
    double line =
        Ego.FRONT_M
            + (standing && chance(random, 0.6)
                ? random.nextDouble(0.3, 5)
                : random.nextDouble(-1, 52));
    Road road = road(random, kind, atLine ? new double[] {line} : new double[0]);
    double bend = Math.abs(road.arcCurvature1pm());
    if (bend > 0) {
      speed = Math.min(speed, Math.sqrt(4.5 / bend));
    }
    double set =
        standing ? random.nextDouble(5, 14) : Math.clamp(speed + random.nextDouble(-1.5, 5), 4, 14);
    World world = new World(road, daylight(random), random.nextLong());
    Dresser dresser = new Dresser(random.split());
    dresser.weather(world, weather(random));
    double length = frames * 0.1;
    Incidents incidents = new Incidents(random, dresser, world, speed, length);
    happen(random, dresser, incidents, world, kind, standing, line, frames);
    incidents.company();
    surroundings(random, dresser, world, kind != Kind.PEDESTRIAN, 75);
    Ego ego = offPolicy(random, road, kind, standing, speed);
    incidents.clearEgo(ego);
    for (StopSign sign : world.stopSigns) {
      double gap = sign.stopS - Ego.FRONT_M;
      boolean at = gap > -StopSign.PAST_M && gap < StopSign.NEAR_M;
      sign.egoStoodS = standing && at ? random.nextDouble(0, 1.8) : 0;
    }
    LastStand.draw(seed, world, ego);
    world.step(1e-9, ego);
    return new RandomDrive(world, ego, set, kind);
  }

  private static void happen(
      SplittableRandom random,
      Dresser dresser,
      Incidents incidents,
      World world,
      Kind kind,
      boolean standing,
      double line,
      int frames) {
    Road road = world.road;
    boolean straight = road.arcCurvature1pm() == 0;
    switch (kind) {
      case EMPTY -> {}
      case LEAD -> incidents.lead(standing, straight);
      case LIGHT -> dresser.light(world, light(random, line, frames));
      case LEAD_AND_LIGHT -> {
        dresser.light(world, light(random, line, frames));
        incidents.lead(standing, straight);
      }
      case PEDESTRIAN -> {
        incidents.crossingPedestrian();
        if (chance(random, 0.25)) {
          incidents.crossingPedestrian();
        }
      }
      case POP_UP -> incidents.popUp(frames);
      case CUT_IN -> incidents.cutIn();
      case CYCLIST -> incidents.cyclist();
      case LANE_CLOSED -> incidents.cones();
      case ONCOMING -> incidents.oncomingInLane();
      case STOP_SIGN -> {
        dresser.stopSign(world, new StopSign(line));
        if (chance(random, 0.25)) {
          incidents.lead(standing, true);
        }
        if (chance(random, 0.55)) {
          incidents.sideTraffic(road.crossingS(0), road.crossingWidthM(0));
        }
      }
      case CROSSING -> incidents.sideTraffic(road.crossingS(0), road.crossingWidthM(0));
      case STALLED -> incidents.stalled();
    }
    boolean passing = kind == Kind.CYCLIST || kind == Kind.LANE_CLOSED || kind == Kind.STALLED;
    if (passing && chance(random, 0.45)) {
      dresser.oncoming(world, random.nextDouble(8, 70), random.nextDouble(3, 11));
    }
  }

  /** A red, green or amber light at a line; some change within the frames. */
  private static TrafficLight light(SplittableRandom random, double line, int frames) {
    double how = random.nextDouble();
    double soon = random.nextInt(1, Math.max(2, frames)) * 0.1;
    if (how < 0.45) {
      return new TrafficLight(line, true);
    }
    if (how < 0.53) {
      return new TrafficLight(line, true, soon);
    }
    if (how < 0.75) {
      return new TrafficLight(line, false);
    }
    // Amber now, or from one of the frames on.
    return how < 0.92
        ? new TrafficLight(line, false, random.nextDouble(0.05, TrafficLight.AMBER_S))
        : new TrafficLight(line, false, TrafficLight.AMBER_S + soon);
  }

  private static Kind kind(RandomGenerator random) {
    double at = random.nextDouble();
    for (int i = 0; i < SHARES.length; i++) {
      at -= SHARES[i];
      if (at < 0) {
        return Kind.values()[i];
      }
    }
    return Kind.EMPTY;
  }

  private static Road road(RandomGenerator random, Kind kind, double[] lines) {
    boolean sideRoad = kind == Kind.CROSSING || kind == Kind.STOP_SIGN;
    boolean mayStand = kind == Kind.POP_UP || kind == Kind.LANE_CLOSED || kind == Kind.STALLED;
    boolean curved = !sideRoad && chance(random, mayStand ? 0.2 : 0.38);
    double curvature = curved ? curvature(random) : 0;
    double arc = curved ? Math.min(70, random.nextDouble(0.4, 1.2) / Math.abs(curvature)) : 0;
    // Nothing may stand behind a curve that is still ahead.
    double arcStart =
        curved
            ? (mayStand ? -arc - random.nextDouble(0, 6) : random.nextDouble(-0.7 * arc, 25))
            : 100;
    Road road = new Road(arcStart, arc, curvature, random.nextDouble(0.3, 2.7), lines);
    boolean wide = chance(random, kind == Kind.CUT_IN ? 0.75 : kind == Kind.ONCOMING ? 0.1 : 0.33);
    road = road.withLanes(wide ? 2 : 1);
    if (sideRoad || !curved && chance(random, 0.15)) {
      double width = random.nextDouble(5.5, 9);
      double s =
          kind == Kind.STOP_SIGN
              ? lines[0] + 1 + width / 2 + random.nextDouble(0, 2)
              : Ego.FRONT_M + random.nextDouble(kind == Kind.CROSSING ? 4 : -10, 45);
      road = road.withCrossing(s, width);
    }
    if (chance(random, kind == Kind.PEDESTRIAN ? 0.4 : 0.08)) {
      road = road.withZebra(random.nextDouble(2, 45));
    }
    return road;
  }

  /**
   * The ego at s = 0: in its lane, in the midst of passing, or where no careful driver would be.
   */
  private static Ego offPolicy(
      RandomGenerator random, Road road, Kind kind, boolean standing, double speed) {
    boolean passing = kind == Kind.CYCLIST || kind == Kind.LANE_CLOSED || kind == Kind.STALLED;
    double d = random.nextDouble(-0.6, 0.6);
    double yawDeg = random.nextDouble(-6, 6);
    double bend = random.nextDouble(-0.015, 0.015);
    if (passing && chance(random, 0.5)) {
      d = random.nextDouble(-0.4, 3.9);
      yawDeg = random.nextDouble(-11, 11);
      bend *= 2;
    } else if (chance(random, 0.12)) {
      d = random.nextDouble(-1.9, 3.9);
      yawDeg = random.nextDouble(-14, 14);
      bend *= 3;
    }
    Ego ego = new Ego();
    place(ego, road, d, yawDeg);
    ego.speedMps = speed;
    ego.curvature1pm = road.curvatureAt(2) + bend;
    if (!standing) {
      ego.accelMps2 =
          chance(random, 0.5) ? random.nextDouble(-5, 2.5) : random.nextGaussian() * 0.5;
    }
    ego.command(ego.accelMps2, ego.curvature1pm);
    return ego;
  }

  private static void place(Ego ego, Road road, double d, double yawDeg) {
    double[] pose = new double[3];
    road.pose(0, d, pose);
    ego.x = pose[0];
    ego.y = pose[1];
    ego.yawRad = pose[2] + Math.toRadians(yawDeg);
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
                curved ? -40 - random.nextDouble(0, 5) : 100,
                curved ? 40 : 0,
                curvature,
                random.nextDouble(0.4, 2.7),
                new double[0])
            .withLanes(chance(random, 0.3) ? 2 : 1);
    World world = new World(road, daylight(random), random.nextLong());
    Dresser dresser = new Dresser(random.split());
    dresser.weather(world, weather(random));
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
        Vehicle car = dresser.carOrTruck(world, random.nextDouble(-0.4, 0.4), 0.2);
        car.s = s + car.lengthM / 2;
        car.appearS = appear;
        car.brokenDown = chance(random, 0.5);
        car.phases = new Phase[] {new Phase(0, 0, 1)};
        world.add(car);
      }
    }
    new Incidents(random, dresser, world, speed, frames * 0.1).company();
    surroundings(random, dresser, world, true, 75);
    Ego ego = new Ego();
    place(ego, road, random.nextDouble(-0.25, 0.25), random.nextDouble(-1.5, 1.5));
    ego.speedMps = speed;
    ego.curvature1pm = road.curvatureAt(2) + random.nextDouble(-0.004, 0.004);
    ego.accelMps2 = random.nextGaussian() * 0.4;
    ego.command(ego.accelMps2, ego.curvature1pm);
    LastStand.draw(seed, world, ego);
    world.step(1e-9, ego);
    return new RandomDrive(world, ego, set, kind);
  }

  /**
   * On the way to a stop: a red line, a stop sign, or a standing vehicle, 1 to 40 m ahead at a
   * speed that still allows to stop with up to 4 m/s^2, so close and late states too. Green ones,
   * amber ones and ones that switch are among them, and vehicles that drove on over the line.
   *
   * @param frames length of the sequence at 10 Hz; changes fall inside it
   */
  public static RandomDrive approaching(long seed, int frames) {
    SplittableRandom random = new SplittableRandom(seed);
    double what = random.nextDouble();
    Kind kind = what < 0.62 ? Kind.LIGHT : what < 0.76 ? Kind.STOP_SIGN : Kind.LEAD;
    double gap = 0.6 + 40 * Math.pow(random.nextDouble(), 1.7);
    double room = Math.max(0.2, gap - random.nextDouble(0.3, 2.5));
    double needed = random.nextDouble(0.1, 4);
    double speed = Math.min(Math.sqrt(2 * needed * room), 11);
    double accel =
        chance(random, 0.7) ? -needed * random.nextDouble(0, 1.2) : random.nextDouble(-1, 1.5);
    double stood = speed < 1 && chance(random, 0.3) ? random.nextDouble(0.5, 1.5) : 0;
    return atLine(seed, random, frames, new AtLine(kind, gap, speed, accel, stood));
  }

  /**
   * At a stop sign: in two of three states the ego stands there, up to 1 m beyond the line or up to
   * 5 m before it, for 0 to 2.2 s so far; in the others it has left the stand, mostly after the
   * second that the sign asks for, and drives at up to 5 m/s, on either side of the line.
   *
   * @param frames length of the sequence at 10 Hz
   */
  public static RandomDrive atStopSign(long seed, int frames) {
    SplittableRandom random = new SplittableRandom(seed);
    double gap = random.nextDouble(-0.7, 4.9);
    AtLine at;
    if (chance(random, 2 / 3.0)) {
      at = new AtLine(Kind.STOP_SIGN, gap, 0, 0, random.nextDouble(0.01, 2.2));
    } else {
      double speed = random.nextDouble(0.2, 5);
      double way = speed * speed / (2 * random.nextDouble(0.8, 2));
      double stood = chance(random, 0.8) ? random.nextDouble(1, 2) : random.nextDouble(0.1, 1);
      at = new AtLine(Kind.STOP_SIGN, gap - way, speed, random.nextDouble(0, 2), stood);
    }
    return atLine(seed, random, frames, at);
  }

  /**
   * The ego at a line.
   *
   * @param kind of the line, or LEAD: somebody stands there
   * @param gap from its front bumper to the line, metres
   * @param stood how long it has stood at the sign already, seconds
   */
  private record AtLine(Kind kind, double gap, double speed, double accel, double stood) {}

  private static RandomDrive atLine(long seed, SplittableRandom random, int frames, AtLine at) {
    Kind kind = at.kind;
    double speed = at.speed;
    double line = Ego.FRONT_M + at.gap;
    Road road =
        new Road(
                100,
                0,
                0,
                random.nextDouble(0.4, 2.7),
                kind == Kind.LEAD ? new double[0] : new double[] {line})
            .withLanes(chance(random, 0.25) ? 2 : 1);
    if (kind == Kind.STOP_SIGN) {
      double width = random.nextDouble(5.5, 9);
      road = road.withCrossing(line + 1 + width / 2, width);
    }
    World world = new World(road, daylight(random), random.nextLong());
    Dresser dresser = new Dresser(random.split());
    dresser.weather(world, weather(random));
    Incidents incidents = new Incidents(random, dresser, world, speed, frames * 0.1);
    if (kind == Kind.LIGHT) {
      dresser.light(
          world, chance(random, 0.7) ? new TrafficLight(line, true) : light(random, line, frames));
      if (chance(random, 0.35)) {
        kind = Kind.LEAD_AND_LIGHT;
        Vehicle gone = dresser.carOrTruck(world, random.nextDouble(-0.4, 0.4), 0.2);
        gone.s = line + random.nextDouble(1, 32) + gone.lengthM / 2;
        gone.speedMps = random.nextDouble(3, 12);
        gone.obeysLights = false;
        gone.phases = new Phase[] {new Phase(0, gone.speedMps + 4, random.nextDouble(0.2, 3))};
        world.add(gone);
      }
    } else if (kind == Kind.STOP_SIGN) {
      StopSign sign = new StopSign(line);
      dresser.stopSign(world, sign);
      sign.egoStoodS = at.stood;
      if (chance(random, 0.4)) {
        incidents.sideTraffic(road.crossingS(0), road.crossingWidthM(0));
      }
    } else {
      Vehicle car = dresser.carOrTruck(world, random.nextDouble(-0.4, 0.4), 0.3);
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
    incidents.company();
    surroundings(random, dresser, world, true, 75);
    Ego ego = new Ego();
    place(ego, road, random.nextDouble(-0.25, 0.25), random.nextDouble(-1.5, 1.5));
    ego.speedMps = speed;
    ego.curvature1pm = random.nextDouble(-0.004, 0.004);
    ego.accelMps2 = at.accel;
    ego.command(ego.accelMps2, ego.curvature1pm);
    incidents.clearEgo(ego);
    LastStand.draw(seed, world, ego);
    world.step(1e-9, ego);
    double set = Math.clamp(speed + random.nextDouble(0, 6), 6, 12);
    return new RandomDrive(world, ego, set, kind);
  }

  private static void surroundings(
      SplittableRandom random, Dresser dresser, World world, boolean parked, double farM) {
    dresser.scenery(world, -30, farM);
    if (parked && world.road.shoulderM() > 2 && chance(random, 0.7)) {
      double from = random.nextDouble(-15, 20);
      dresser.parked(world, from, from + random.nextDouble(10, 45));
    }
    if (parked && world.road.shoulderM() > 2 && chance(random, 0.3)) {
      double from = random.nextDouble(-15, 20);
      dresser.parkedLeft(world, from, from + random.nextDouble(10, 45));
    }
    if (chance(random, 0.5)) {
      for (int i = random.nextInt(1, 4); i > 0; i--) {
        dresser.stroller(world, random.nextDouble(-8, Math.min(farM, 60)));
      }
    }
    if (chance(random, 0.42)) {
      double s = random.nextDouble(-12, 30);
      double speed = random.nextDouble(2, 12);
      for (int i = random.nextInt(1, 3); i > 0; i--) {
        dresser.oncoming(world, s, speed);
        s += random.nextDouble(9, 35);
      }
    }
  }

  private static Daylight daylight(RandomGenerator random) {
    double at = random.nextDouble();
    return at < 0.5 ? Daylight.DAY : at < 0.72 ? Daylight.DUSK : Daylight.NIGHT;
  }

  private static Weather weather(RandomGenerator random) {
    double at = random.nextDouble();
    return at < 0.62 ? Weather.CLEAR : at < 0.83 ? Weather.RAIN : Weather.FOG;
  }

  private static double curvature(RandomGenerator random) {
    double size = 0.005 * Math.pow(8, random.nextDouble());
    return random.nextBoolean() ? size : -size;
  }

  private static boolean chance(RandomGenerator random, double p) {
    return random.nextDouble() < p;
  }
}
