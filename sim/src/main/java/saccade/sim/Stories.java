package saccade.sim;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import saccade.sim.traffic.Dresser;
import saccade.sim.traffic.Ego;
import saccade.sim.traffic.Pedestrian;
import saccade.sim.traffic.StopSign;
import saccade.sim.traffic.TrafficLight;
import saccade.sim.traffic.Vehicle;
import saccade.sim.traffic.Vehicle.Course;
import saccade.sim.traffic.Vehicle.Indicator;
import saccade.sim.traffic.Vehicle.Phase;
import saccade.sim.traffic.Vehicle.Shift;
import saccade.sim.traffic.Vehicle.When;
import saccade.sim.traffic.World;
import saccade.sim.world.Daylight;
import saccade.sim.world.Road;
import saccade.sim.world.Weather;

/**
 * What the scenarios tell: each method makes the world of one drive from a random source. The ego
 * starts at s = 0 on the lane centre.
 */
final class Stories {
  private static final double DEMO_LINE_S = 62;

  /** Which light and weather a story may draw. */
  enum Sky {
    /** Day or dusk, clear. */
    FAIR,
    /** Any daylight, and now and then rain or fog. */
    ANY,
    NIGHT_RAIN,
    FOG
  }

  private final SplittableRandom random;
  private final Sky sky;

  Stories(SplittableRandom random, Sky sky) {
    this.random = random;
    this.sky = sky;
  }

  /** Those that {@link #any} draws from: all but the two that are kept for judging. */
  private static final List<Function<Stories, Scenario.Start>> DRAWN =
      List.of(
          Stories::leadBrake,
          Stories::redLight,
          Stories::amberLight,
          Stories::curve,
          Stories::crossingPedestrian,
          Stories::queue,
          Stories::cutIn,
          Stories::stopAndGo,
          Stories::oncoming,
          Stories::overtakeCyclist,
          Stories::laneClosed,
          Stories::stopSign,
          Stories::crossingTraffic,
          Stories::truckAhead,
          Stories::curvedRoad,
          Stories::emptyRoad);

  /** A new drive of any kind. */
  Scenario.Start any() {
    return DRAWN.get(random.nextInt(DRAWN.size())).apply(this);
  }

  // ---- with one lane and little around: what version 1 of the model knows

  Scenario.Start demo() {
    World world = new World(new Road(0, 0, 0, 2.4, DEMO_LINE_S), Daylight.DAY, random.nextLong());
    Dresser dresser = new Dresser(random.split());
    Vehicle lead = dresser.car(world, 0, 0);
    lead.s = Ego.FRONT_M + 20 + lead.lengthM / 2;
    lead.speedMps = 8;
    lead.obeysLights = false;
    lead.phases = new Phase[] {new Phase(0, 8, 1), new Phase(0.8, 0, 3.6), new Phase(6.8, 14, 3)};
    world.add(lead);
    // The shipped model stands at 15.3 to 16.7 s, by how it brakes: green comes after that.
    dresser.light(world, new TrafficLight(DEMO_LINE_S, false, 10.8, 18));
    dress(dresser, world, 200);
    return start(world, 8, 9, DEMO_LINE_S + 2);
  }

  Scenario.Start leadBrake() {
    World world = world(road());
    Dresser dresser = dresser(world);
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
    dress(dresser, world, 220);
    return start(world, speed, speed + 1, 25);
  }

  Scenario.Start redLight() {
    double line = random.nextDouble(45, 65);
    World world = world(road(line));
    Dresser dresser = dresser(world);
    dresser.light(world, new TrafficLight(line, true, random.nextDouble(11, 13)));
    dress(dresser, world, 220);
    double speed = random.nextDouble(6.5, 10);
    return start(world, speed, speed + 0.5, line + 4);
  }

  /** A green light that turns amber when the ego is near: stop or go. */
  Scenario.Start amberLight() {
    double line = random.nextDouble(45, 60);
    double speed = random.nextDouble(6.5, 10);
    World world = world(road(line));
    Dresser dresser = dresser(world);
    double amber = (line - Ego.FRONT_M) / speed - random.nextDouble(0.8, 4);
    double red = Math.max(0.5, amber) + TrafficLight.AMBER_S;
    dresser.light(world, new TrafficLight(line, false, red, red + random.nextDouble(4, 6)));
    dress(dresser, world, 220);
    return start(world, speed, speed + 0.5, line - 8);
  }

  Scenario.Start emptyRoad() {
    World world = world(road());
    dresser(world).scenery(world, -30, 220);
    double speed = random.nextDouble(5, 10);
    return start(world, speed, speed + random.nextDouble(0, 2), 40);
  }

  Scenario.Start curve() {
    double curvature = (random.nextBoolean() ? 1 : -1) * random.nextDouble(0.01, 0.03);
    double arc = Math.min(60, random.nextDouble(0.5, 1.2) / Math.abs(curvature));
    World world =
        world(new Road(random.nextDouble(15, 30), arc, curvature, random.nextDouble(0.5, 2.6)));
    dresser(world).scenery(world, -30, 220);
    return start(world, 8, random.nextDouble(8, 11), world.road.straightM() + arc);
  }

  Scenario.Start popUp(int frame, boolean withObstacle) {
    World world = world(road());
    Dresser dresser = dresser(world);
    double speed = random.nextDouble(6, 10);
    double ttc = random.nextDouble(1.5, 3);
    dress(dresser, world, 220);
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
    return start(world, speed, speed + 0.3, Double.NaN);
  }

  Scenario.Start crossingPedestrian() {
    double s = random.nextDouble(34, 44);
    World world = world(random.nextBoolean() ? road().withZebra(s) : road());
    Dresser dresser = dresser(world);
    double speed = random.nextDouble(6, 10);
    Pedestrian p = dresser.pedestrian(world, s, -3.2);
    p.walkD = random.nextDouble(1.1, 1.7);
    p.endD = 7;
    p.startS = (p.s - Ego.FRONT_M) / speed - random.nextDouble(2.6, 3.6);
    world.add(p);
    dresser.scenery(world, -30, 220);
    return start(world, speed, speed + 0.5, s + 8);
  }

  Scenario.Start queue() {
    double line = random.nextDouble(65, 75);
    World world = world(road(line));
    Dresser dresser = dresser(world);
    double front = line - 1.5;
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      Vehicle car = dresser.car(world, 0, random.nextDouble(-0.2, 0.2));
      car.s = front - car.lengthM / 2;
      car.phases = new Phase[] {new Phase(0, random.nextDouble(8, 12), 2.2)};
      world.add(car);
      front -= car.lengthM + random.nextDouble(2, 3);
    }
    dresser.light(world, new TrafficLight(line, true, random.nextDouble(9, 11)));
    dress(dresser, world, 220);
    double speed = random.nextDouble(6.5, 9.5);
    return start(world, speed, speed + 0.5, line - 30);
  }

  // ---- with everything

  /** Somebody in the second lane passes, or is passed, and comes over right before the ego. */
  Scenario.Start cutIn() {
    World world = world(road().withLanes(2));
    Dresser dresser = dresser(world);
    double speed = random.nextDouble(6.5, 10);
    Vehicle car = dresser.carOrTruck(world, Road.LANE_WIDTH_M + random.nextDouble(-0.2, 0.2), 0.2);
    double toD = random.nextDouble(-0.2, 0.2);
    double takes = random.nextDouble(2, 3);
    if (random.nextInt(3) > 0) {
      double faster = random.nextDouble(2.5, 4);
      double behind = random.nextDouble(0, 6) + car.lengthM / 2;
      double gap = random.nextDouble(2.5, 6.5);
      car.s = Ego.FRONT_M - behind + car.lengthM / 2;
      car.speedMps = speed + 0.5 + faster;
      double there = (behind + gap) / faster;
      car.phases =
          new Phase[] {
            new Phase(0, car.speedMps, 1.5),
            new Phase(there + random.nextDouble(0.5, 1.2), speed - random.nextDouble(1.5, 4), 2.5),
            new Phase(there + 5, speed + 2, 1.5)
          };
      car.shifts = new Shift[] {new Shift(When.AHEAD_OF_EGO, gap, toD, takes)};
    } else {
      car.s = Ego.FRONT_M + random.nextDouble(16, 26) + car.lengthM / 2;
      car.speedMps = speed - random.nextDouble(1.5, 3);
      car.phases = new Phase[] {new Phase(0, car.speedMps, 1), new Phase(8, speed + 2, 1.5)};
      car.shifts = new Shift[] {new Shift(When.EGO_WITHIN, random.nextDouble(8, 13), toD, takes)};
    }
    car.signals = random.nextInt(4) > 0;
    world.add(car);
    follower(dresser, world, speed);
    dress(dresser, world, 240);
    return start(world, speed, speed + 0.5, 45);
  }

  /** A child runs out from between parked cars; it cannot be seen before. */
  Scenario.Start childFromParked() {
    World world = world(new Road(0, 0, 0, random.nextDouble(2.3, 3)));
    Dresser dresser = dresser(world);
    double speed = random.nextDouble(6, 8.5);
    double s = random.nextDouble(36, 46);
    for (int side = -1; side <= 1; side += 2) {
      double at = s + side * random.nextDouble(0.55, 0.8);
      for (int i = 0; i < 2; i++) {
        Vehicle car = dresser.car(world, 0, 0);
        car.heightM = Math.max(car.heightM, 1.55);
        car.d = world.road.rightEdgeD() - 0.35 - car.widthM / 2;
        car.parked = true;
        car.s = at + side * car.lengthM / 2;
        at += side * (car.lengthM + random.nextDouble(0.8, 2));
        world.add(car);
      }
    }
    Pedestrian child = dresser.child(world, s, world.road.rightEdgeD() - 1.5);
    child.walkD = random.nextDouble(1.5, 2.1);
    child.endD = 7;
    // In sight from about 0.9 m further on.
    child.startsWithinM = speed * (random.nextDouble(1.5, 2) + 0.9 / child.walkD);
    world.add(child);
    dresser.scenery(world, -30, 220);
    return start(world, speed, speed + 0.3, s + 8);
  }

  /** A column ahead that stops and goes, again and again. */
  Scenario.Start stopAndGo() {
    World world = world(road().withLanes(random.nextInt(3) == 0 ? 2 : 1));
    Dresser dresser = dresser(world);
    double speed = random.nextDouble(4, 6);
    double s = Ego.FRONT_M + random.nextDouble(7, 12);
    int column = random.nextInt(2, 4);
    for (int i = 0; i < column; i++) {
      Vehicle car = dresser.carOrTruck(world, random.nextDouble(-0.2, 0.2), 0.25);
      car.s = s + car.lengthM / 2;
      car.speedMps = speed;
      s += car.lengthM + random.nextDouble(6, 9);
      Phase[] phases = new Phase[8];
      double time = 0.5 + random.nextDouble(1);
      phases[0] = new Phase(0, speed, 1);
      for (int k = 1; k < phases.length; k++) {
        boolean stops = k % 2 == 1;
        phases[k] =
            new Phase(
                time,
                stops ? 0 : random.nextDouble(3.5, 6),
                stops ? random.nextDouble(1.5, 3) : 1.5);
        time += stops ? random.nextDouble(4, 5.5) : random.nextDouble(3, 4);
      }
      boolean first = i == column - 1;
      car.phases = first ? phases : new Phase[] {new Phase(0, 7, 1.6)};
      world.add(car);
    }
    follower(dresser, world, speed);
    dress(dresser, world, 200);
    return start(world, speed, speed + 3, 22);
  }

  /** Something stands behind a bend whose inner side is built up. */
  Scenario.Start obstacleAfterCurve() {
    double curvature = (random.nextBoolean() ? 1 : -1) * random.nextDouble(0.02, 0.035);
    double turn = curvature > 0 ? random.nextDouble(0.95, 1.2) : random.nextDouble(0.75, 1.15);
    double arc = turn / Math.abs(curvature);
    double straight = random.nextDouble(14, 24);
    World world = world(new Road(straight, arc, curvature, random.nextDouble(0.5, 1.5)));
    Dresser dresser = dresser(world);
    double side = Math.signum(curvature);
    double kerb = side > 0 ? world.road.leftEdgeD() : -world.road.rightEdgeD();
    Vehicle car = dresser.car(world, 0, random.nextDouble(-0.3, 0.3));
    car.s = straight + arc + random.nextDouble(3, 14) + car.lengthM / 2;
    dresser.hedge(world, 0, car.rearS() - 2, side * (kerb + world.road.shoulderM() + 0.8));
    car.brokenDown = true;
    car.phases = new Phase[] {new Phase(0, 0, 1)};
    boolean flashes = random.nextInt(5) < 2;
    car.indicator = flashes ? Indicator.HAZARD : Indicator.OFF;
    world.add(car);
    dresser.scenery(world, -30, 240);
    return start(world, 8, random.nextDouble(8, 10), flashes ? car.s + 8 : car.rearS() - 4.5);
  }

  /** An oncoming vehicle comes round something on its side and over the middle of the road. */
  Scenario.Start oncoming() {
    World world = world(road());
    Dresser dresser = dresser(world);
    double speed = random.nextDouble(6, 9);
    double obstacle = random.nextDouble(72, 84);
    Vehicle cause = dresser.carOrTruck(world, 0, 0.3);
    cause.s = obstacle;
    cause.d = world.road.oncomingD() + random.nextDouble(0.1, 0.7);
    cause.course = Course.ONCOMING;
    cause.parked = true;
    cause.indicator = random.nextBoolean() ? Indicator.HAZARD : Indicator.OFF;
    world.add(cause);
    Vehicle car = dresser.carOrTruck(world, world.road.oncomingD(), 0.2);
    car.course = Course.ONCOMING;
    car.speedMps = random.nextDouble(6, 8);
    double out = obstacle + cause.lengthM / 2 + 2.3 * car.speedMps + 4;
    car.s = out + car.speedMps * random.nextDouble(1, 3);
    car.phases = new Phase[] {new Phase(0, car.speedMps, 1.5)};
    car.shifts =
        new Shift[] {
          new Shift(When.AT_S, out, random.nextDouble(0.4, 1.1), 2.2),
          new Shift(When.AT_S, obstacle - cause.lengthM / 2 - 4, world.road.oncomingD(), 2)
        };
    world.add(car);
    follower(dresser, world, speed);
    dresser.scenery(world, -30, 240);
    return start(world, speed, speed + 0.5, obstacle + 8);
  }

  /** A rider ahead, to be passed with room when nobody comes. */
  Scenario.Start overtakeCyclist() {
    World world = world(road().withLanes(random.nextInt(3) == 0 ? 2 : 1));
    Dresser dresser = dresser(world);
    double speed = random.nextDouble(6.5, 9);
    Vehicle rider = dresser.cyclist(world, 0, random.nextDouble(-1.25, -0.8));
    rider.s = Ego.FRONT_M + random.nextDouble(20, 30);
    rider.speedMps = random.nextDouble(3, 4.5);
    rider.phases = new Phase[] {new Phase(0, rider.speedMps, 0.8)};
    world.add(rider);
    for (int i = random.nextInt(3); i > 0; i--) {
      dresser.oncoming(world, 30 + 40 * i + random.nextDouble(15), random.nextDouble(7, 9));
    }
    dresser.scenery(world, -30, 280);
    return start(world, speed, 9.5, rider.s + rider.speedMps * 24 + 4);
  }

  /** Cones close the lane; the way round is through the next lane or the oncoming one. */
  Scenario.Start laneClosed() {
    boolean wide = random.nextBoolean();
    World world = world(road().withLanes(wide ? 2 : 1));
    Dresser dresser = dresser(world);
    double speed = random.nextDouble(6, 9);
    double from = random.nextDouble(48, 60);
    double taper = random.nextDouble(9, 16);
    double to = from + taper + random.nextDouble(8, 20);
    double gap = random.nextDouble(1.8, 2.8);
    double toD = random.nextDouble(1.1, 1.5);
    for (double s = from; s < to; s += gap) {
      double share = Math.min(1, (s - from) / taper);
      world.cone(s, world.road.rightEdgeD() - 0.1 + (toD - world.road.rightEdgeD() + 0.1) * share);
    }
    if (random.nextBoolean()) {
      Vehicle works = dresser.carOrTruck(world, -0.4, 0.6);
      works.s = to - works.lengthM / 2 - 1;
      works.parked = true;
      works.indicator = Indicator.HAZARD;
      world.add(works);
    }
    if (wide) {
      double s = -25;
      for (int i = random.nextInt(3); i > 0; i--) {
        Vehicle beside = dresser.carOrTruck(world, Road.LANE_WIDTH_M, 0.2);
        beside.s = s + random.nextDouble(8);
        beside.speedMps = speed + random.nextDouble(0, 2);
        beside.phases = new Phase[] {new Phase(0, beside.speedMps, 1)};
        world.add(beside);
        s += 25;
      }
    } else {
      for (int i = random.nextInt(3); i > 0; i--) {
        dresser.oncoming(world, 50 + 35 * i + random.nextDouble(15), random.nextDouble(6, 9));
      }
    }
    dresser.scenery(world, -30, 240);
    return start(world, speed, speed + 1, to + 10);
  }

  /** Night and heavy rain: what is seen comes late, and of the LiDAR less comes back. */
  Scenario.Start nightRain() {
    return switch (random.nextInt(4)) {
      case 0 -> redLight();
      case 1 -> crossingPedestrian();
      case 2 -> truckAhead();
      default -> leadBrake();
    };
  }

  /** A stop sign before a side road with traffic now and then. */
  Scenario.Start stopSign() {
    double line = random.nextDouble(40, 55);
    double width = random.nextDouble(6, 8);
    double middle = line + 1.5 + width / 2;
    World world = world(road(line).withCrossing(middle, width));
    Dresser dresser = dresser(world);
    dresser.stopSign(world, new StopSign(line));
    double speed = random.nextDouble(6, 9);
    double there = (line - Ego.FRONT_M) / speed + 2.5;
    for (int i = random.nextInt(3); i > 0; i--) {
      Vehicle car = side(dresser, world, middle, width);
      car.speedMps = random.nextDouble(5, 8);
      double at = there + random.nextDouble(-1, 3) + 1.5 * i;
      car.d = car.course == Course.FROM_LEFT ? car.speedMps * at : -car.speedMps * at;
      car.phases = new Phase[] {new Phase(0, car.speedMps, 1.5)};
      world.add(car);
    }
    follower(dresser, world, speed);
    dress(dresser, world, 200);
    return start(world, speed, speed + 0.5, line + 12);
  }

  /** Somebody crosses on a side road, right before the ego. */
  Scenario.Start crossingTraffic() {
    double width = random.nextDouble(6, 8);
    double middle = random.nextDouble(48, 60);
    World world = world(road().withCrossing(middle, width));
    Dresser dresser = dresser(world);
    double speed = random.nextDouble(6, 9);
    Vehicle car = side(dresser, world, middle, width);
    boolean left = car.course == Course.FROM_LEFT;
    double sign = left ? 1 : -1;
    if (random.nextBoolean()) {
      // Waits at the edge and then goes although the ego comes.
      double edge = left ? world.road.leftEdgeD() : -world.road.rightEdgeD();
      car.d = sign * (edge + 1 + car.lengthM / 2);
      car.goesWithinM = speed * random.nextDouble(2.3, 3.4) + 4;
      car.phases = new Phase[] {new Phase(0, 7, random.nextDouble(2, 3))};
    } else {
      car.speedMps = random.nextDouble(5, 8);
      double meets = (car.rearS() - Ego.FRONT_M) / speed + random.nextDouble(-0.8, 0.6);
      car.d = sign * car.speedMps * meets;
      car.phases = new Phase[] {new Phase(0, car.speedMps, 1.5)};
    }
    world.add(car);
    follower(dresser, world, speed);
    dress(dresser, world, 200);
    return start(world, speed, speed + 0.5, middle + 10);
  }

  /** A slow truck ahead that brakes and goes on. */
  Scenario.Start truckAhead() {
    World world = world(road());
    Dresser dresser = dresser(world);
    double speed = random.nextDouble(6, 9);
    Vehicle truck = dresser.truck(world, 0, random.nextDouble(-0.2, 0.2));
    truck.s = Ego.FRONT_M + random.nextDouble(14, 24) + truck.lengthM / 2;
    truck.speedMps = random.nextDouble(4, speed);
    double brake = random.nextDouble(1.5, 5);
    boolean stops = random.nextInt(3) > 0;
    truck.phases =
        new Phase[] {
          new Phase(0, truck.speedMps, 1),
          new Phase(brake, stops ? 0 : 2.5, random.nextDouble(1.5, 3.5)),
          new Phase(brake + random.nextDouble(5, 7), 9, 1.2)
        };
    world.add(truck);
    follower(dresser, world, speed);
    dress(dresser, world, 220);
    return start(world, speed, speed + 1, 25);
  }

  /** Behind somebody who drives slowly or stands in the fog. */
  Scenario.Start fogLead() {
    World world = world(road());
    Dresser dresser = dresser(world);
    world.visibilityM = random.nextDouble(45, 80);
    double speed = random.nextDouble(6, 8.5);
    Vehicle lead = dresser.carOrTruck(world, random.nextDouble(-0.2, 0.2), 0.3);
    lead.s = Ego.FRONT_M + random.nextDouble(38, 55) + lead.lengthM / 2;
    lead.speedMps = random.nextBoolean() ? 0 : random.nextDouble(1.5, 4);
    lead.phases =
        new Phase[] {new Phase(0, lead.speedMps, 1), new Phase(random.nextDouble(9, 11), 8, 1.5)};
    world.add(lead);
    follower(dresser, world, speed);
    dress(dresser, world, 200);
    return start(world, speed, speed + 0.5, 35);
  }

  /** A lead that slows down on a winding road. */
  private Scenario.Start curvedRoad() {
    double curvature = (random.nextBoolean() ? 1 : -1) * random.nextDouble(0.006, 0.03);
    double arc = Math.min(70, random.nextDouble(0.4, 1.2) / Math.abs(curvature));
    World world =
        world(new Road(random.nextDouble(5, 40), arc, curvature, random.nextDouble(0.4, 2.6)));
    Dresser dresser = dresser(world);
    double speed = random.nextDouble(5, 9);
    Vehicle lead = dresser.carOrTruck(world, random.nextDouble(-0.2, 0.2), 0.3);
    lead.s = Ego.FRONT_M + random.nextDouble(14, 28) + lead.lengthM / 2;
    lead.speedMps = speed * random.nextDouble(0.7, 1.1);
    lead.phases =
        new Phase[] {
          new Phase(0, lead.speedMps, 1),
          new Phase(random.nextDouble(1, 5), random.nextDouble(2, 5), random.nextDouble(1, 3)),
          new Phase(9, 8, 1.5)
        };
    world.add(lead);
    follower(dresser, world, speed);
    dress(dresser, world, 200);
    return start(world, speed, speed + random.nextDouble(0, 2), 25);
  }

  // ---- parts

  private Road road(double... lines) {
    return new Road(0, 0, 0, random.nextDouble(0.5, 2.6), lines);
  }

  private World world(Road road) {
    Daylight daylight =
        switch (sky) {
          case FAIR -> random.nextInt(3) == 0 ? Daylight.DUSK : Daylight.DAY;
          case ANY -> {
            int at = random.nextInt(10);
            yield at < 5 ? Daylight.DAY : at < 7 ? Daylight.DUSK : Daylight.NIGHT;
          }
          case NIGHT_RAIN -> Daylight.NIGHT;
          case FOG -> random.nextInt(4) == 0 ? Daylight.DUSK : Daylight.DAY;
        };
    return new World(road, daylight, random.nextLong());
  }

  /** Dresses the world in the story's weather. */
  private Dresser dresser(World world) {
    Dresser dresser = new Dresser(random.split());
    switch (sky) {
      case FAIR -> {}
      case ANY -> {
        int at = random.nextInt(10);
        dresser.weather(world, at < 7 ? Weather.CLEAR : at < 9 ? Weather.RAIN : Weather.FOG);
      }
      case NIGHT_RAIN -> {
        dresser.weather(world, Weather.RAIN);
        world.rainMmPerH = random.nextDouble(8, 16);
        world.visibilityM = Dresser.visibilityInRainM(world.rainMmPerH);
      }
      case FOG -> dresser.weather(world, Weather.FOG);
    }
    return dresser;
  }

  private Scenario.Start start(World world, double speed, double setSpeed, double goalS) {
    Ego ego = new Ego();
    ego.speedMps = speed;
    return new Scenario.Start(world, ego, setSpeed, goalS);
  }

  private void dress(Dresser dresser, World world, double toS) {
    dresser.scenery(world, sky == Sky.FAIR ? -10 : -30, toS);
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

  /** Somebody behind the ego, who keeps a distance; not always. */
  private void follower(Dresser dresser, World world, double speed) {
    if (random.nextInt(5) < 2) {
      Vehicle car = dresser.carOrTruck(world, random.nextDouble(-0.2, 0.2), 0.25);
      car.s = Ego.REAR_M - 6 - 1.3 * speed - random.nextDouble(10) - car.lengthM / 2;
      car.speedMps = speed;
      car.phases = new Phase[] {new Phase(0, speed + random.nextDouble(-0.5, 2), 1)};
      world.add(car);
    }
  }

  /** A vehicle on a side road, keeping to its right; its place and speed are the caller's. */
  private Vehicle side(Dresser dresser, World world, double middle, double width) {
    Vehicle car = dresser.carOrTruck(world, 0, 0.2);
    boolean left = random.nextBoolean();
    car.course = left ? Course.FROM_LEFT : Course.FROM_RIGHT;
    car.s = middle + (left ? -1 : 1) * width / 4;
    return car;
  }
}
