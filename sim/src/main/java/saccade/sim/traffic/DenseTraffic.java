package saccade.sim.traffic;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import saccade.sim.traffic.RandomDrive.Kind;
import saccade.sim.traffic.Vehicle.Course;
import saccade.sim.traffic.Vehicle.Phase;
import saccade.sim.traffic.Vehicle.Shift;
import saccade.sim.traffic.Vehicle.When;
import saccade.sim.world.Daylight;
import saccade.sim.world.Road;
import saccade.sim.world.Weather;

/**
 * A state of which many things are true at once: signals, a lead, somebody across, beside and
 * behind, cutting in; standing or up to 14 m/s, off the careful driver's path too. Complements
 * {@link RandomDrive}, whose states are about one thing. As there, two situations never occur, so
 * that they stay unknown to a model: a child that comes from behind a parked vehicle, and something
 * that stands in the lane in or after a bend that the ego has yet to drive.
 */
public final class DenseTraffic {
  // Share of the states that have each ingredient.
  private static final double CURVE = 0.28;
  private static final double STANDING = 0.25;
  private static final double LIGHT = 0.32;
  private static final double STOP_SIGN = 0.34;
  private static final double LEAD = 0.5;
  private static final double PEDESTRIAN = 0.15;
  private static final double CROSSING = 0.22;
  private static final double CUT_IN = 0.2;
  private static final double INTRUDER = 0.1;
  private static final double BESIDE = 0.7;
  private static final double BEHIND = 0.65;
  private static final double ONCOMING = 0.45;
  private static final double POP_UP = 0.05;

  private static final double HALF_LANE_M = Road.LANE_WIDTH_M / 2;

  public final World world;
  public final Ego ego = new Ego();
  public final double setSpeedMps;

  private final SplittableRandom random;
  private final Dresser dresser;
  private final int frames;
  private final Site site;
  private Kind kind = Kind.EMPTY;
  private boolean childCrosses;

  /** A road with the line of a signal, when there is one, and its bend. */
  private record Site(
      Road road, boolean curved, double arcStart, double line, boolean lit, boolean signed) {}

  /**
   * Draws a state.
   *
   * @param frames length of the sequence at 10 Hz; changes fall inside it
   */
  public static DenseTraffic forFrames(long seed, int frames) {
    SplittableRandom random = new SplittableRandom(seed);
    boolean stands = chance(random, STANDING);
    Site site = site(random, stands);
    double speed = stands ? 0 : random.nextDouble(0.2, 14);
    if (site.curved) {
      speed = Math.min(speed, Math.sqrt(4.5 / Math.abs(site.road.arcCurvature1pm())));
    }
    double set =
        stands ? random.nextDouble(5, 14) : Math.clamp(speed + random.nextDouble(-1.5, 5), 4, 14);
    DenseTraffic state = new DenseTraffic(random, frames, site, stands, speed, set);
    LastStand.draw(seed, state.world, state.ego);
    state.world.step(1e-9, state.ego);
    return state;
  }

  private DenseTraffic(
      SplittableRandom random,
      int frames,
      Site site,
      boolean stands,
      double speed,
      double setSpeedMps) {
    this.random = random;
    this.frames = frames;
    this.site = site;
    this.setSpeedMps = setSpeedMps;
    double hour = random.nextDouble();
    Daylight daylight = hour < 0.45 ? Daylight.DAY : hour < 0.7 ? Daylight.DUSK : Daylight.NIGHT;
    world = new World(site.road, daylight, random.nextLong());
    dresser = new Dresser(random.split());
    double sky = random.nextDouble();
    dresser.weather(world, sky < 0.58 ? Weather.CLEAR : sky < 0.8 ? Weather.RAIN : Weather.FOG);
    place(random.nextDouble(-0.6, 0.6), 6, speed);
    populate(stands, speed);
    ego.accelMps2 =
        stands ? 0 : chance(0.5) ? random.nextDouble(-5, 2.5) : random.nextGaussian() * 0.5;
    ego.command(ego.accelMps2, ego.curvature1pm);
  }

  /** What the state is about most. */
  public Kind kind() {
    return kind;
  }

  private void populate(boolean stands, double speed) {
    signal(stands);
    if (world.road.crossings() > 0 && chance(CROSSING / 0.4)) {
      kind = Kind.CROSSING;
      crossing();
    }
    if (chance(CUT_IN)) {
      kind = Kind.CUT_IN;
      cutIn(speed);
    } else if (chance(INTRUDER)) {
      kind = Kind.ONCOMING;
      intruder();
    }
    if (chance(LEAD)) {
      kind = site.lit ? Kind.LEAD_AND_LIGHT : Kind.LEAD;
      lead(stands, speed);
    }
    boolean parks = world.road.shoulderM() > 2 && chance(0.7);
    if (chance(PEDESTRIAN)) {
      kind = Kind.PEDESTRIAN;
      pedestrian(parks);
    }
    if (chance(POP_UP)) {
      kind = Kind.POP_UP;
      popUp(speed);
    }
    if (chance(BEHIND)) {
      behind(speed);
    }
    if (chance(ONCOMING)) {
      oncoming();
    }
    if (chance(BESIDE)) {
      beside(speed);
      if (chance(0.5)) {
        beside(speed);
      }
    }
    surroundings(parks);
  }

  /** Puts the ego at the origin of the road, beside the lane centre and askew. */
  private void place(double d, double degrees, double speed) {
    double[] pose = new double[3];
    world.road.pose(0, d, pose);
    ego.x = pose[0];
    ego.y = pose[1];
    ego.yawRad = pose[2] + Math.toRadians(random.nextDouble(-degrees, degrees));
    ego.speedMps = speed;
    ego.curvature1pm = world.road.curvatureAt(2) + 0.0025 * degrees * random.nextDouble(-1, 1);
  }

  // ---- road, light, weather --------------------------------------------------------------------

  private static Site site(SplittableRandom random, boolean stands) {
    boolean bend = chance(random, CURVE);
    double size = 0.005 * Math.pow(8, random.nextDouble());
    double curvature = bend ? random.nextBoolean() ? size : -size : 0;
    double arc = bend ? Math.min(70, random.nextDouble(0.4, 1.2) / size) : 0;
    double start = bend ? random.nextDouble(-0.7 * arc, 25) : 200;
    boolean lit = chance(random, LIGHT);
    boolean signed = !lit && chance(random, STOP_SIGN / (1 - LIGHT));
    double line =
        Ego.FRONT_M
            + (stands && chance(random, 0.6)
                ? random.nextDouble(0.3, 5)
                : random.nextDouble(0, 50));
    Road road =
        new Road(
            start,
            arc,
            curvature,
            random.nextDouble(0.3, 2.7),
            lit || signed ? new double[] {line} : new double[0]);
    road = chance(random, 0.38) ? road.withLanes(2) : road;
    if (signed || chance(random, 0.35)) {
      double width = random.nextDouble(6, 10);
      double s = lit || signed ? line + 3 + width / 2 : random.nextDouble(8, 45);
      if (!bend || s + width / 2 + 1 < start || s - width / 2 - 1 > start + arc) {
        road = road.withCrossing(s, width);
      }
    }
    if (chance(random, 0.25)) {
      road = road.withZebra(lit || signed ? line + 1.8 : random.nextDouble(6, 45));
    }
    return new Site(road, bend, start, line, lit, signed);
  }

  /** The site's light, red, green, amber or changing within the sequence, or its stop sign. */
  private void signal(boolean stands) {
    if (site.signed) {
      kind = Kind.STOP_SIGN;
      StopSign sign = new StopSign(site.line);
      dresser.stopSign(world, sign);
      if (stands && site.line - Ego.FRONT_M < StopSign.NEAR_M) {
        sign.egoStoodS = random.nextDouble(0, 1.6);
      }
    }
    if (!site.lit) {
      return;
    }
    kind = Kind.LIGHT;
    double how = random.nextDouble();
    double soon = random.nextInt(1, Math.max(2, frames)) * 0.1;
    dresser.light(
        world,
        how < 0.45
            ? new TrafficLight(site.line, true)
            : how < 0.53
                ? new TrafficLight(site.line, true, soon)
                : how < 0.74
                    ? new TrafficLight(site.line, false)
                    : how < 0.79
                        ? new TrafficLight(site.line, false, TrafficLight.AMBER_S + soon)
                        : new TrafficLight(site.line, false, random.nextDouble(0.1, 3)));
  }

  // ---- in the lane -----------------------------------------------------------------------------

  private void lead(boolean stands, double speed) {
    double what = random.nextDouble();
    double gap =
        stands && chance(0.6)
            ? random.nextDouble(1.2, 7)
            : 3 + 0.25 * speed + 44 * Math.pow(random.nextDouble(), 1.5);
    if (what < 0.13) {
      if (cones(gap)) {
        kind = Kind.LANE_CLOSED;
      }
    } else if (what < 0.33) {
      kind = Kind.CYCLIST;
      Vehicle rider = dresser.cyclist(world, Ego.FRONT_M + gap + 1, random.nextDouble(-1.2, 0.4));
      rider.speedMps = chance(0.15) && mayStand(rider.s) ? 0 : random.nextDouble(2.5, 7);
      cruise(rider);
      if (add(rider, 0.5)) {
        roundIt(rider.s, speed);
      }
    } else {
      Vehicle lead = what < 0.58 ? dresser.truck(world, 0, offset(0.3)) : car(offset(0.4));
      lead.s = Ego.FRONT_M + gap + lead.halfS();
      motion(lead, speed);
      if (add(lead, 0.5)) {
        if (lead.brokenDown) {
          roundIt(lead.s, speed);
        }
        if (chance(0.3)) {
          Vehicle next = dresser.carOrTruck(world, offset(0.3), 0.2);
          next.s = lead.s + lead.halfS() + random.nextDouble(2, 15) + next.halfS();
          next.speedMps = lead.speedMps;
          next.phases = new Phase[] {new Phase(0, lead.speedMps, 1)};
          if (next.speedMps > 0.2 || mayStand(next.s)) {
            add(next, 0.5);
          }
        }
      }
    }
  }

  /** How a lead moves: stands, goes along, is slower, pulls away, begins to brake or to drive. */
  private void motion(Vehicle lead, double speed) {
    double how = random.nextDouble();
    lead.speedMps =
        how < 0.35
            ? 0
            : how < 0.65
                ? Math.max(0, speed + random.nextGaussian() * 1.5)
                : how < 0.85
                    ? random.nextDouble(0, Math.max(1, speed))
                    : speed + random.nextDouble(0, 5);
    if (lead.speedMps < 0.2 && !mayStand(lead.s)) {
      lead.speedMps = random.nextDouble(3, 8);
    }
    if (lead.speedMps < 0.2) {
      lead.speedMps = 0;
      lead.brokenDown = chance(0.2);
      double start = random.nextDouble(-0.6, frames * 0.1);
      boolean goes = !lead.brokenDown && chance(0.35);
      lead.phases =
          goes
              ? new Phase[] {new Phase(0, 0, 1), new Phase(start, 10, random.nextDouble(1.2, 2.8))}
              : new Phase[] {new Phase(0, 0, 1)};
      if (goes && start < 0) {
        lead.speedMps = -start * 2;
      }
      if (lead.brokenDown && chance(0.5)) {
        lead.indicator = Vehicle.Indicator.HAZARD;
      }
    } else if (chance(0.45)) {
      double start = chance(0.6) ? 0 : random.nextDouble(0, frames * 0.1);
      lead.phases =
          new Phase[] {
            new Phase(0, lead.speedMps, 1), new Phase(start, 0, random.nextDouble(1, 7))
          };
    } else if (chance(0.3)) {
      lead.phases = new Phase[] {new Phase(0, lead.speedMps + 6, random.nextDouble(1, 2.5))};
    } else {
      cruise(lead);
    }
    lead.obeysLights = chance(0.8);
  }

  /** Cones that close the lane from the right, slanting, then along; false when not allowed. */
  private boolean cones(double gap) {
    double from = Ego.FRONT_M + gap;
    if (!mayStand(from + 60)) {
      return false;
    }
    double slant = random.nextDouble(6, 20);
    int count = random.nextInt(4, 8);
    double end = random.nextDouble(0.9, 1.9);
    for (int i = 0; i < count; i++) {
      double share = i / (count - 1.0);
      world.cone(from + share * slant, -1.6 + share * (end + 1.6));
    }
    int more = random.nextInt(0, 6);
    for (int i = 1; i <= more; i++) {
      world.cone(from + slant + i * 3.5, end);
    }
    if (chance(0.4)) {
      Vehicle works = dresser.carOrTruck(world, offset(0.2) - 0.3, 0.6);
      works.s = from + slant + 2 + works.halfS();
      works.brokenDown = true;
      works.indicator = Vehicle.Indicator.HAZARD;
      cruise(works);
      add(works, 0.5);
    }
    roundIt(from, ego.speedMps);
    return true;
  }

  /** Now and then the ego is already on its way round an obstacle, in or towards the next lane. */
  private void roundIt(double s, double speed) {
    if (site.curved || s > 30 || !chance(0.25)) {
      return;
    }
    double d = random.nextDouble(0.6, 3.6);
    for (Vehicle v : world.vehicles) {
      if (Math.abs(v.s - 1.5) < v.halfS() + 3 && Math.abs(v.d - d) < v.halfD() + 1.2) {
        return;
      }
    }
    place(d, 5, Math.min(speed, 9));
  }

  private void pedestrian(boolean parks) {
    double s = Ego.FRONT_M + random.nextDouble(2.5, 40);
    if (world.road.zebras() > 0 && chance(0.5)) {
      s = world.road.zebraS(0) + random.nextDouble(-1, 1);
    }
    double d = random.nextDouble(-3.8, world.road.leftEdgeD());
    childCrosses = !parks && chance(0.25);
    Pedestrian p = childCrosses ? dresser.child(world, s, d) : dresser.pedestrian(world, s, d);
    if (chance(0.2)) {
      p.d = random.nextDouble(-1.3, 1.3);
    } else {
      boolean left = p.d < 0 ? chance(0.75) : chance(0.3);
      p.walkD = (left ? 1 : -1) * random.nextDouble(0.7, 1.9);
      p.walkS = random.nextDouble(-0.3, 0.3);
      p.endD = left ? world.road.leftEdgeD() + 2 : -5;
      p.startS = chance(0.25) ? random.nextDouble(0, frames * 0.1) : 0;
    }
    if ((p.walkD != 0 || mayStand(p.s)) && free(p.s, p.d, 0.8, 0.5) && p.s > Ego.FRONT_M + 1) {
      world.add(p);
    }
  }

  /** Something stands or drives in the lane all of a sudden. */
  private void popUp(double speed) {
    double gap = Math.max(4, Math.max(speed, 3) * random.nextDouble(0.8, 3.5));
    double appear = random.nextInt(1, Math.max(2, frames)) * 0.1;
    double s = Ego.FRONT_M + gap;
    if (!mayStand(s + 5)) {
      return;
    }
    if (chance(0.4)) {
      Pedestrian p = dresser.pedestrian(world, s, random.nextDouble(-1.2, 1.2));
      p.appearS = appear;
      p.walkD = chance(0.5) ? 0 : random.nextDouble(-1.5, 1.5);
      if (free(p.s, p.d, 0.8, 0.5)) {
        world.add(p);
      }
      return;
    }
    Vehicle v =
        chance(0.25)
            ? dresser.cyclist(world, 0, random.nextDouble(-1, 1))
            : dresser.carOrTruck(world, offset(0.4), 0.3);
    v.s = s + v.halfS();
    v.appearS = appear;
    v.speedMps = chance(0.6) ? 0 : random.nextDouble(0, Math.max(1, speed));
    v.brokenDown = v.speedMps == 0 && chance(0.5);
    v.phases = new Phase[] {new Phase(0, chance(0.5) ? 0 : v.speedMps, 3)};
    add(v, 1);
  }

  // ---- around ----------------------------------------------------------------------------------

  /** One or two vehicles or riders on a side road, coming, across, or gone past. */
  private void crossing() {
    int which = random.nextInt(world.road.crossings());
    double s = world.road.crossingS(which);
    double half = world.road.crossingWidthM(which) / 4;
    for (int i = chance(0.35) ? 2 : 1; i > 0; i--) {
      boolean left = random.nextBoolean();
      Vehicle v = chance(0.25) ? dresser.cyclist(world, 0, 0) : dresser.carOrTruck(world, 0, 0.25);
      v.course = left ? Course.FROM_LEFT : Course.FROM_RIGHT;
      v.s = s + (left ? -half : half);
      double far = chance(0.3) ? random.nextDouble(-12, 6) : random.nextDouble(0, 24);
      v.d = left ? far : -far;
      v.speedMps =
          v.kind == Vehicle.Kind.CYCLIST ? random.nextDouble(2.5, 6) : random.nextDouble(2, 10);
      v.obeysLights = chance(0.5);
      cruise(v);
      add(v, 1);
    }
  }

  /** From the next lane, or from the shoulder, in the midst of coming over. */
  private void cutIn(double speed) {
    boolean left = chance(0.7);
    Vehicle v = chance(0.12) ? dresser.cyclist(world, 0, 0) : dresser.carOrTruck(world, 0, 0.22);
    v.d = left ? Road.LANE_WIDTH_M + offset(0.2) : -HALF_LANE_M - 0.5 - v.widthM / 2;
    v.s = Ego.FRONT_M + random.nextDouble(-1, 24) + v.halfS();
    v.speedMps =
        left ? Math.max(2.5, speed + random.nextDouble(-3, 3.5)) : random.nextDouble(1.8, 6);
    cruise(v);
    boolean waits = chance(0.2);
    v.shifts =
        new Shift[] {
          new Shift(
              When.AT_TIME,
              waits ? random.nextDouble(0, frames * 0.1 + 0.5) : 0,
              offset(0.2),
              random.nextDouble(1.8, 4.5))
        };
    if (add(v, 0.6) && !waits) {
      v.beginShift(random.nextDouble(0.05, 0.75));
    }
  }

  /** Oncoming and in the ego's lane, on its way back or not. */
  private void intruder() {
    Vehicle v = dresser.carOrTruck(world, random.nextDouble(-0.6, 2.2), 0.2);
    v.course = Course.ONCOMING;
    v.s = Ego.FRONT_M + random.nextDouble(12, 44) + v.halfS();
    v.speedMps = random.nextDouble(1.5, 11);
    cruise(v);
    if (chance(0.7)) {
      v.shifts =
          new Shift[] {
            new Shift(When.AT_TIME, 0, world.road.oncomingD(), random.nextDouble(1.5, 4))
          };
    }
    if (add(v, 0.5) && v.shifts.length > 0) {
      v.beginShift(random.nextDouble(0, 0.4));
    }
  }

  private void oncoming() {
    double s = random.nextDouble(-12, 32);
    double speed = random.nextDouble(2, 12);
    for (int i = random.nextInt(1, 3); i > 0; i--) {
      Vehicle v = chance(0.15) ? dresser.cyclist(world, 0, 0) : dresser.carOrTruck(world, 0, 0.25);
      v.course = Course.ONCOMING;
      v.s = s;
      v.d = world.road.oncomingD() + (v.kind == Vehicle.Kind.CYCLIST ? 1.1 : offset(0.25));
      v.speedMps = v.kind == Vehicle.Kind.CYCLIST ? Math.min(speed, 6) : speed;
      cruise(v);
      add(v, 0.5);
      s += random.nextDouble(9, 35);
    }
  }

  private void behind(double speed) {
    double what = random.nextDouble();
    Vehicle v =
        what < 0.24
            ? dresser.truck(world, 0, offset(0.3))
            : what < 0.48
                ? dresser.cyclist(world, 0, random.nextDouble(-1, 0.3))
                : car(offset(0.4));
    v.s = Ego.REAR_M - 1.2 - 22 * Math.pow(random.nextDouble(), 1.4) - v.halfS();
    v.speedMps = Math.max(0, speed + random.nextGaussian());
    if (v.kind == Vehicle.Kind.CYCLIST) {
      v.speedMps = Math.min(v.speedMps, 7);
    }
    cruise(v);
    add(v, 0.4);
  }

  /** Something level with the ego: in the next lane, on the shoulder or on the pavement. */
  private void beside(double speed) {
    boolean left = random.nextBoolean();
    double s = random.nextDouble(-9, 8);
    double what = random.nextDouble();
    if (what < 0.28) {
      double d =
          left
              ? Math.min(world.road.leftEdgeD() + random.nextDouble(0.2, 2.5), 6.6)
              : world.road.rightEdgeD() - random.nextDouble(0.2, 3.2);
      Pedestrian p = chance(0.2) ? dresser.child(world, s, d) : dresser.pedestrian(world, s, d);
      p.walkS = chance(0.3) ? 0 : random.nextDouble(-1.6, 1.6);
      if (free(s, d, 0.5, 0.5)) {
        world.add(p);
      }
      return;
    }
    Vehicle v =
        what < 0.52
            ? dresser.cyclist(world, 0, 0)
            : what < 0.78 ? dresser.truck(world, 0, 0) : car(0);
    v.s = s;
    v.speedMps = Math.max(0, speed + random.nextGaussian() * 2);
    if (left) {
      boolean same = world.road.lanes() == 2 || chance(0.3);
      v.d = Road.LANE_WIDTH_M + offset(0.2);
      v.course = same ? Course.ALONG : Course.ONCOMING;
      v.speedMps = same ? v.speedMps : random.nextDouble(0, 10);
    } else {
      v.d = -HALF_LANE_M - 0.35 - v.widthM / 2 - random.nextDouble(0, 0.8);
      if (v.kind != Vehicle.Kind.CYCLIST) {
        if (childCrosses) {
          return;
        }
        v.parked = true;
        v.speedMps = 0;
      }
    }
    if (v.kind == Vehicle.Kind.CYCLIST) {
      v.speedMps = Math.min(v.speedMps, 8);
    }
    cruise(v);
    add(v, 0.3);
  }

  private void surroundings(boolean parks) {
    dresser.scenery(world, -45, 75);
    if (parks) {
      double from = random.nextDouble(-25, 20);
      parked(from, from + random.nextDouble(10, 45), chance(0.3));
    }
    if (chance(0.55)) {
      for (int i = random.nextInt(1, 4); i > 0; i--) {
        dresser.stroller(world, random.nextDouble(-8, 55));
      }
    }
  }

  /** Rows of parked cars that keep clear of who is there already. */
  private void parked(double from, double to, boolean left) {
    int before = world.vehicles.size();
    if (left) {
      dresser.parkedLeft(world, from, to);
    } else {
      dresser.parked(world, from, to);
    }
    List<Vehicle> rows = new ArrayList<>(world.vehicles.subList(before, world.vehicles.size()));
    world.vehicles.subList(before, world.vehicles.size()).clear();
    for (Vehicle v : rows) {
      if (free(v.s, v.d, v.halfS() + 0.4, v.halfD() + 0.1)) {
        world.vehicles.add(v);
      }
    }
  }

  // ---- drawing ---------------------------------------------------------------------------------

  /** Whether something may stand in the lane there: not in or after a bend yet to come. */
  private boolean mayStand(double s) {
    return !site.curved || s < site.arcStart;
  }

  private static void cruise(Vehicle v) {
    v.phases = new Phase[] {new Phase(0, v.speedMps, 1)};
  }

  private Vehicle car(double d) {
    return dresser.car(world, 0, d);
  }

  private double offset(double most) {
    return random.nextDouble(-most, most);
  }

  /** Adds it when its place is free; whether it was. */
  private boolean add(Vehicle v, double marginM) {
    if (!free(v.s, v.d, v.halfS() + marginM, v.halfD() + 0.1)) {
      return false;
    }
    world.add(v);
    return true;
  }

  /** Whether nobody is within a rectangle of the road. */
  private boolean free(double s, double d, double halfS, double halfD) {
    double[] sd = new double[2];
    double middle = (Ego.FRONT_M + Ego.REAR_M) / 2;
    world.road.frenet(
        ego.x + middle * Math.cos(ego.yawRad), ego.y + middle * Math.sin(ego.yawRad), sd);
    if (Math.abs(s - sd[0]) < halfS + 2.6 && Math.abs(d - sd[1]) < halfD + 1.1) {
      return false;
    }
    for (Vehicle v : world.vehicles) {
      if (Math.abs(s - v.s) < halfS + v.halfS() && Math.abs(d - v.d) < halfD + v.halfD()) {
        return false;
      }
    }
    for (Pedestrian p : world.pedestrians) {
      if (Math.abs(s - p.s) < halfS + 0.4 && Math.abs(d - p.d) < halfD + 0.4) {
        return false;
      }
    }
    for (Cone cone : world.cones) {
      if (Math.abs(s - cone.s()) < halfS + 0.3 && Math.abs(d - cone.d()) < halfD + 0.3) {
        return false;
      }
    }
    return true;
  }

  private boolean chance(double p) {
    return chance(random, p);
  }

  private static boolean chance(SplittableRandom random, double p) {
    return random.nextDouble() < p;
  }
}
