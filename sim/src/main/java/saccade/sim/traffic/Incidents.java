package saccade.sim.traffic;

import java.util.SplittableRandom;
import saccade.sim.traffic.Vehicle.Course;
import saccade.sim.traffic.Vehicle.Indicator;
import saccade.sim.traffic.Vehicle.Phase;
import saccade.sim.traffic.Vehicle.Shift;
import saccade.sim.traffic.Vehicle.When;
import saccade.sim.world.Road;

/**
 * Puts what a sampled state is about in front of the ego, in whatever stage of it: the ego stands
 * at s = 0 and the state lasts {@code lengthS}.
 */
final class Incidents {
  private final SplittableRandom random;
  private final Dresser dresser;
  private final World world;
  private final double egoMps;
  private final double lengthS;

  Incidents(SplittableRandom random, Dresser dresser, World world, double egoMps, double lengthS) {
    this.random = random;
    this.dresser = dresser;
    this.world = world;
    this.egoMps = egoMps;
    this.lengthS = lengthS;
  }

  /** A car or truck ahead, standing, cruising, braking, leaving; now and then another before it. */
  void lead(boolean egoStands, boolean mayStand) {
    Vehicle lead = dresser.carOrTruck(world, random.nextDouble(-0.4, 0.4), 0.3);
    double gap =
        egoStands && chance(0.6)
            ? random.nextDouble(1.2, 7)
            : 3 + 0.25 * egoMps + 44 * Math.pow(random.nextDouble(), 1.5);
    lead.s = Ego.FRONT_M + gap + lead.lengthM / 2;
    double how = mayStand ? random.nextDouble() : random.nextDouble(0.35, 1);
    lead.speedMps =
        how < 0.35
            ? 0
            : how < 0.65
                ? Math.max(0, egoMps + random.nextGaussian() * 1.5)
                : how < 0.85
                    ? random.nextDouble(0, Math.max(1, egoMps))
                    : egoMps + random.nextDouble(0, 5);
    if (!mayStand) {
      lead.speedMps = Math.max(2, lead.speedMps);
    }
    if (lead.speedMps < 0.2) {
      lead.speedMps = 0;
      lead.brokenDown = chance(0.15);
      double start = random.nextDouble(-0.6, lengthS);
      lead.phases =
          !lead.brokenDown && chance(0.35)
              ? new Phase[] {new Phase(0, 0, 1), new Phase(start, 10, random.nextDouble(1.2, 2.8))}
              : new Phase[] {new Phase(0, 0, 1)};
      if (lead.phases.length == 2 && start < 0) {
        lead.speedMps = -start * 2;
      }
    } else if (chance(0.45)) {
      double start = chance(0.6) ? 0 : random.nextDouble(0, lengthS);
      lead.phases = phases(lead.speedMps, start, 0, random.nextDouble(1, 7));
    } else if (chance(0.3)) {
      lead.phases = new Phase[] {new Phase(0, lead.speedMps + 6, random.nextDouble(1, 2.5))};
    } else {
      lead.phases = new Phase[] {new Phase(0, lead.speedMps, 1)};
    }
    lead.obeysLights = chance(0.8);
    add(lead);
    if (chance(0.3)) {
      Vehicle next = dresser.carOrTruck(world, random.nextDouble(-0.3, 0.3), 0.2);
      next.s = lead.s + lead.lengthM / 2 + random.nextDouble(2, 15) + next.lengthM / 2;
      next.speedMps = lead.speedMps;
      next.phases = new Phase[] {new Phase(0, lead.speedMps, 1)};
      add(next);
    }
  }

  /** Somebody in the lane or on the way across; a child now and then. */
  void crossingPedestrian() {
    double s = Ego.FRONT_M + random.nextDouble(2.5, 38);
    double d = random.nextDouble(-3.6, world.road.leftEdgeD() - 1.2);
    Pedestrian p = chance(0.2) ? dresser.child(world, s, d) : dresser.pedestrian(world, s, d);
    if (chance(0.2)) {
      p.d = random.nextDouble(-1.3, 1.3);
    } else {
      boolean left = p.d < 0 ? chance(0.75) : chance(0.3);
      p.walkD = (left ? 1 : -1) * random.nextDouble(0.8, 1.9);
      p.walkS = random.nextDouble(-0.3, 0.3);
      p.endD = left ? world.road.leftEdgeD() + 2 : -5;
      p.startS = chance(0.25) ? random.nextDouble(0, lengthS) : 0;
    }
    if (free(p.s, p.d, 1.2, 1)) {
      world.add(p);
    }
  }

  /** Something stands in the lane all of a sudden. */
  void popUp(int frames) {
    double gap = Math.max(4, Math.max(egoMps, 3) * random.nextDouble(0.8, 3.5));
    double appear = random.nextInt(1, Math.max(2, frames)) * 0.1;
    if (chance(0.45)) {
      double d = random.nextDouble(-1.2, 1.2);
      Pedestrian p = dresser.pedestrian(world, Ego.FRONT_M + gap, d);
      p.appearS = appear;
      p.walkD = chance(0.5) ? 0 : random.nextDouble(-1.5, 1.5);
      if (free(p.s, p.d, 1.2, 1)) {
        world.add(p);
      }
    } else {
      Vehicle car =
          chance(0.15)
              ? dresser.cyclist(world, 0, random.nextDouble(-1.2, 0.6))
              : dresser.carOrTruck(world, random.nextDouble(-0.4, 0.4), 0.2);
      car.s = Ego.FRONT_M + gap + car.lengthM / 2;
      car.appearS = appear;
      car.speedMps = chance(0.6) ? 0 : random.nextDouble(0, Math.max(1, egoMps));
      car.brokenDown = car.speedMps == 0 && chance(0.5);
      car.phases = new Phase[] {new Phase(0, chance(0.5) ? 0 : car.speedMps, 3)};
      add(car);
    }
  }

  /** Somebody comes, will come or does not come from the next lane, or pulls out from the side. */
  void cutIn() {
    boolean fromLane = world.road.lanes() == 2;
    Vehicle car =
        dresser.carOrTruck(
            world,
            fromLane
                ? Road.LANE_WIDTH_M + random.nextDouble(-0.3, 0.3)
                : world.road.rightEdgeD() - random.nextDouble(0.9, 1.6),
            0.2);
    double gap = fromLane ? random.nextDouble(-5, 26) : random.nextDouble(4, 34);
    car.s = Ego.FRONT_M + gap + car.lengthM / 2;
    car.speedMps =
        fromLane
            ? Math.max(1, egoMps + random.nextDouble(-3, 3.5))
            : chance(0.3) ? 0 : random.nextDouble(0.5, 5);
    double rate = random.nextDouble(1, 3);
    double target =
        fromLane
            ? chance(0.4) ? Math.max(0, egoMps - random.nextDouble(1, 5)) : car.speedMps
            : random.nextDouble(5, 10);
    car.phases = phases(car.speedMps, random.nextDouble(0, lengthS), target, rate);
    car.signals = chance(0.7);
    double how = random.nextDouble();
    if (how < 0.85) {
      double takes = random.nextDouble(1.6, 3.6);
      double start = random.nextDouble(0, lengthS * 2);
      car.shifts =
          new Shift[] {new Shift(When.AT_TIME, start, random.nextDouble(-0.3, 0.3), takes)};
      if (how < 0.55 && car.speedMps > 1) {
        car.beginShift(random.nextDouble());
      }
    }
    add(car);
  }

  /** A rider on the right of the lane, ahead or beside. */
  void cyclist() {
    for (int i = chance(0.2) ? 2 : 1; i > 0; i--) {
      Vehicle rider = dresser.cyclist(world, 0, random.nextDouble(-1.35, -0.3));
      double gap = random.nextDouble(-4, 12) + 30 * Math.pow(random.nextDouble(), 1.5);
      rider.s = Ego.FRONT_M + gap;
      rider.speedMps = chance(0.1) ? 0 : random.nextDouble(2.5, 7);
      rider.phases =
          phases(rider.speedMps, random.nextDouble(0, lengthS), random.nextDouble(1, 7), 0.8);
      if (chance(0.12)) {
        // Swings out, around something or to turn.
        rider.shifts =
            new Shift[] {
              new Shift(When.AT_TIME, random.nextDouble(0, lengthS), random.nextDouble(0, 1.2), 2)
            };
      }
      add(rider);
    }
  }

  /** Cones that close the lane from the right, or only the shoulder. */
  void cones() {
    double from = Ego.FRONT_M + random.nextDouble(-14, 36);
    boolean lane = chance(0.85);
    double toD = lane ? random.nextDouble(1.2, 1.7) : random.nextDouble(-2.1, -1.75);
    double to = coneLine(from, toD, random.nextDouble(6, 18), random.nextDouble(8, 28));
    if (chance(0.4)) {
      Vehicle works = dresser.carOrTruck(world, lane ? -0.2 : -2.6, 0.6);
      works.s = to - works.lengthM / 2 + random.nextDouble(0, 6);
      works.parked = true;
      works.indicator = chance(0.7) ? Indicator.HAZARD : Indicator.OFF;
      add(works);
    }
    if (lane && chance(0.3)) {
      double s = from + random.nextDouble(8, 20);
      world.add(dresser.pedestrian(world, s, random.nextDouble(-1.5, 0.2)));
    }
  }

  /**
   * A row of cones: a taper from the right edge to toD, then along the road.
   *
   * @return where it ends, metres along the road
   */
  double coneLine(double from, double toD, double taperM, double alongM) {
    double gap = random.nextDouble(1.8, 3.2);
    double startD = world.road.rightEdgeD() - 0.1;
    double s = from;
    while (s < from + taperM + alongM) {
      double d = startD + (toD - startD) * Math.min(1, (s - from) / taperM);
      world.cone(s, d + random.nextDouble(-0.08, 0.08));
      s += gap;
    }
    return s;
  }

  /** An oncoming vehicle in the middle of the road, because of something on its side, or not. */
  void oncomingInLane() {
    Vehicle car = dresser.carOrTruck(world, world.road.oncomingD(), 0.2);
    double gap = random.nextDouble(4, 50);
    car.course = Course.ONCOMING;
    car.s = Ego.FRONT_M + gap + car.lengthM / 2;
    car.speedMps = chance(0.1) ? 0 : random.nextDouble(2, 11);
    car.phases = new Phase[] {new Phase(0, car.speedMps, 1)};
    double out = world.road.oncomingD() - random.nextDouble(1.2, 3.4);
    double takes = random.nextDouble(1.5, 3);
    boolean out0 = chance(0.6);
    car.d = out0 ? out : world.road.oncomingD();
    car.shifts =
        new Shift[] {
          new Shift(
              When.AT_TIME,
              random.nextDouble(0, 2 * lengthS),
              out0 ? world.road.oncomingD() : out,
              takes)
        };
    if (chance(0.4)) {
      car.beginShift(random.nextDouble());
    }
    add(car);
    if (chance(0.6)) {
      Vehicle cause = dresser.carOrTruck(world, 0, 0.2);
      cause.d = world.road.leftEdgeD() - random.nextDouble(0.2, 1.2);
      cause.s = car.s + random.nextDouble(-18, 12);
      cause.course = Course.ONCOMING;
      cause.parked = true;
      add(cause);
    }
  }

  /** Traffic on the side road around s, on its way across or waiting. */
  void sideTraffic(double s, double widthM) {
    for (int i = chance(0.35) ? 2 : 1; i > 0; i--) {
      boolean left = random.nextBoolean();
      Vehicle car = chance(0.2) ? dresser.cyclist(world, 0, 0) : dresser.carOrTruck(world, 0, 0.2);
      car.course = left ? Course.FROM_LEFT : Course.FROM_RIGHT;
      // It keeps to its own right.
      car.s = s + (left ? -1 : 1) * (widthM / 4);
      double edge = left ? world.road.leftEdgeD() : world.road.rightEdgeD();
      boolean waits = chance(0.3);
      double away =
          car.lengthM / 2 + (waits ? 1 + random.nextDouble(3) : random.nextDouble(-9, 18));
      car.d = edge + (left ? away : -away);
      car.speedMps = waits ? 0 : random.nextDouble(2, 9);
      double start = waits ? random.nextDouble(0, 3 * lengthS) : 0;
      car.phases =
          phases(car.speedMps, start, chance(0.4) && waits ? 0 : random.nextDouble(4, 8), 2);
      add(car);
    }
  }

  /** A vehicle that will not move on: its hazard lights say so. */
  void stalled() {
    Vehicle car = dresser.carOrTruck(world, random.nextDouble(-0.7, 0.3), 0.35);
    double gap = random.nextDouble(-6, 4) + 38 * Math.pow(random.nextDouble(), 1.3);
    car.s = Ego.FRONT_M + gap + car.lengthM / 2;
    car.brokenDown = true;
    car.indicator = Indicator.HAZARD;
    car.phases = new Phase[] {new Phase(0, 0, 1)};
    add(car);
  }

  /** Those who drive behind the ego, and beside it where there is a lane or a shoulder. */
  void company() {
    if (chance(0.4)) {
      Vehicle behind =
          chance(0.15)
              ? dresser.cyclist(world, 0, random.nextDouble(-1.2, 0.2))
              : dresser.carOrTruck(world, random.nextDouble(-0.3, 0.3), 0.25);
      double gap = 1.8 + 0.4 * egoMps + random.nextDouble(0, 18);
      behind.s = Ego.REAR_M - gap - behind.lengthM / 2;
      behind.speedMps = Math.max(0, egoMps + random.nextDouble(-1.5, 1.5));
      behind.phases = new Phase[] {new Phase(0, egoMps + random.nextDouble(-1, 3), 1)};
      add(behind);
    }
    if (world.road.lanes() == 2 && chance(0.75)) {
      double s = random.nextDouble(-30, 5);
      for (int i = random.nextInt(1, 4); i > 0; i--) {
        Vehicle beside =
            dresser.carOrTruck(world, Road.LANE_WIDTH_M + random.nextDouble(-0.3, 0.3), 0.25);
        beside.s = s;
        beside.speedMps = Math.max(0, egoMps + random.nextDouble(-3, 4));
        beside.phases = new Phase[] {new Phase(0, beside.speedMps, 1)};
        add(beside);
        s += beside.lengthM + random.nextDouble(6, 25);
      }
    }
    if (world.road.shoulderM() > 1.2 && chance(0.18)) {
      Vehicle rider = dresser.cyclist(world, random.nextDouble(-10, 25), 0);
      rider.d = world.road.rightEdgeD() - random.nextDouble(0.4, 0.8);
      rider.speedMps = random.nextDouble(2, 6);
      rider.phases = new Phase[] {new Phase(0, rider.speedMps, 1)};
      add(rider);
    }
    if (chance(0.15)) {
      boolean left = random.nextBoolean();
      double d =
          left
              ? world.road.leftEdgeD() + random.nextDouble(0.5, 1.5)
              : world.road.rightEdgeD() - random.nextDouble(0.5, 1.5);
      Pedestrian p = dresser.pedestrian(world, random.nextDouble(-8, 8), d);
      p.walkS = random.nextDouble(-1.6, 1.6);
      world.add(p);
    }
  }

  /** Takes away what stands where the ego is. */
  void clearEgo(Ego ego) {
    double[] sd = new double[2];
    double middle = (Ego.FRONT_M + Ego.REAR_M) / 2;
    world.road.frenet(
        ego.x + middle * Math.cos(ego.yawRad), ego.y + middle * Math.sin(ego.yawRad), sd);
    double lean = Math.abs(ego.yawRad - world.road.yawAt(sd[0]));
    double halfS = (Ego.FRONT_M - Ego.REAR_M) / 2 + 0.5;
    double halfD = Ego.WIDTH_M / 2 + 0.25 + halfS * Math.sin(Math.min(lean, 0.5));
    world.vehicles.removeIf(
        v ->
            Math.abs(v.s - sd[0]) < v.halfS() + halfS && Math.abs(v.d - sd[1]) < v.halfD() + halfD);
    world.pedestrians.removeIf(
        p -> Math.abs(p.s - sd[0]) < 0.4 + halfS && Math.abs(p.d - sd[1]) < 0.4 + halfD);
    world.cones.removeIf(
        c -> Math.abs(c.s() - sd[0]) < 0.2 + halfS && Math.abs(c.d() - sd[1]) < 0.2 + halfD);
  }

  private void add(Vehicle vehicle) {
    if (free(vehicle.s, vehicle.d, vehicle.halfS() + 1, vehicle.halfD() + 0.2)) {
      world.add(vehicle);
    }
  }

  /** Whether no vehicle is in a rectangle around (s, d). */
  private boolean free(double s, double d, double halfS, double halfD) {
    for (Vehicle other : world.vehicles) {
      if (Math.abs(other.s - s) < other.halfS() + halfS
          && Math.abs(other.d - d) < other.halfD() + halfD) {
        return false;
      }
    }
    return true;
  }

  private static Phase[] phases(double now, double startS, double then, double rate) {
    return new Phase[] {new Phase(0, now, 1), new Phase(startS, then, rate)};
  }

  private boolean chance(double p) {
    return random.nextDouble() < p;
  }
}
