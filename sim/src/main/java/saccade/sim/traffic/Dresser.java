package saccade.sim.traffic;

import java.util.random.RandomGenerator;
import saccade.sim.world.Road;
import saccade.sim.world.Weather;

/**
 * Gives a world its looks from a random source: colours, sizes, weather, roadside scenery, traffic
 * that does not matter.
 */
public final class Dresser {
  private static final int[] PAINTS = {
    0xe8e8e6, 0x1c1d20, 0x8d9196, 0xb9bcc0, 0x7d1f22, 0x23406e, 0x2f5a3c, 0xc9a227, 0x5c4a3a,
    0x3a7ca5, 0xd35f2e, 0x484c54
  };
  private static final int[] CLOTHES = {
    0x2b3a67, 0x7a2e2e, 0x33333a, 0xd8d2c2, 0x3f6f4a, 0xc7862d, 0x6b4a7d, 0x1e8a8a, 0xb04a6a,
    0x5a6a7a
  };
  private static final int[] SKINS = {0xe6bfa0, 0xc99470, 0x8d5a3c, 0x5a3a28};

  private final RandomGenerator random;

  public Dresser(RandomGenerator random) {
    this.random = random;
  }

  /** A car, now and then a van; not yet in the world. */
  public Vehicle car(World world, double s, double d) {
    Vehicle car = new Vehicle(world.newId(), Vehicle.Kind.CAR, s, d);
    car.colour = vary(PAINTS[random.nextInt(PAINTS.length)], 14);
    car.glass = vary(0x222a32, 14);
    car.lengthM = random.nextDouble(3.8, 4.9);
    car.widthM = random.nextDouble(1.7, 1.95);
    car.heightM = random.nextDouble(1.38, 1.7);
    car.cabinShare = random.nextDouble(0.42, 0.62);
    car.lampHeightM = random.nextDouble(0.65, 0.85);
    car.lampWidthM = random.nextDouble(0.26, 0.42);
    if (random.nextInt(8) == 0) {
      car.boxy = true;
      car.lengthM = random.nextDouble(5, 6.5);
      car.widthM = random.nextDouble(1.95, 2.2);
      car.heightM = random.nextDouble(2.0, 2.7);
      car.lampHeightM = random.nextDouble(0.7, 1.05);
    }
    return car;
  }

  /** A truck of 7 to 12 m; not yet in the world. */
  public Vehicle truck(World world, double s, double d) {
    Vehicle truck = new Vehicle(world.newId(), Vehicle.Kind.TRUCK, s, d);
    truck.colour = vary(PAINTS[random.nextInt(PAINTS.length)], 22);
    truck.glass = vary(PAINTS[random.nextInt(PAINTS.length)], 22);
    truck.lengthM = random.nextDouble(7, 12);
    truck.widthM = random.nextDouble(2.25, 2.5);
    truck.heightM = random.nextDouble(3, 3.8);
    truck.lampHeightM = random.nextDouble(0.75, 1.0);
    truck.lampWidthM = random.nextDouble(0.3, 0.45);
    return truck;
  }

  /** A car, or with the given chance a truck. */
  public Vehicle carOrTruck(World world, double d, double truckShare) {
    return random.nextDouble() < truckShare ? truck(world, 0, d) : car(world, 0, d);
  }

  /** A rider with a bicycle; not yet in the world. */
  public Vehicle cyclist(World world, double s, double d) {
    Vehicle rider = new Vehicle(world.newId(), Vehicle.Kind.CYCLIST, s, d);
    rider.colour = vary(CLOTHES[random.nextInt(CLOTHES.length)], 18);
    rider.glass = vary(PAINTS[random.nextInt(PAINTS.length)], 14);
    rider.skin =
        random.nextBoolean() ? vary(0xd8d8d4, 30) : vary(SKINS[random.nextInt(SKINS.length)], 8);
    rider.lengthM = 1.75;
    rider.widthM = 0.55;
    rider.heightM = random.nextDouble(1.58, 1.85);
    rider.signals = false;
    return rider;
  }

  public Pedestrian pedestrian(World world, double s, double d) {
    return walker(world, s, d, random.nextDouble(1.5, 1.92));
  }

  public Pedestrian child(World world, double s, double d) {
    return walker(world, s, d, random.nextDouble(0.95, 1.3));
  }

  private Pedestrian walker(World world, double s, double d, double heightM) {
    Pedestrian p = new Pedestrian(world.newId(), s, d);
    p.heightM = heightM;
    p.colour = vary(CLOTHES[random.nextInt(CLOTHES.length)], 18);
    p.skin = vary(SKINS[random.nextInt(SKINS.length)], 8);
    return p;
  }

  /** A signal with random places of its heads. */
  public void light(World world, TrafficLight light) {
    double height = random.nextDouble(2.3, 2.9);
    world.add(light, poleD(), height, random.nextDouble(9, 14), random.nextDouble(-0.6, 1.9));
  }

  /** A stop sign at the right of its line. */
  public void stopSign(World world, StopSign sign) {
    world.add(sign, poleD(), random.nextDouble(1.7, 2.4));
  }

  private double poleD() {
    return -(Road.LANE_WIDTH_M / 2) - random.nextDouble(0.5, 1.4);
  }

  /** Rain of 2 to 12 mm/h, or fog; the range of sight goes with it. */
  public void weather(World world, Weather weather) {
    world.weather = weather;
    switch (weather) {
      case CLEAR -> {
        world.visibilityM = Double.POSITIVE_INFINITY;
        world.rainMmPerH = 0;
      }
      case RAIN -> {
        world.rainMmPerH = random.nextDouble(2, 12);
        world.visibilityM = visibilityInRainM(world.rainMmPerH);
      }
      case FOG -> {
        world.rainMmPerH = 0;
        world.visibilityM = random.nextDouble(55, 180);
      }
    }
  }

  /**
   * How far one sees in rain: 5 % of the contrast are left, with an extinction of 0.00166 *
   * rate^0.63 per metre.
   */
  public static double visibilityInRainM(double mmPerH) {
    return 1800 / Math.pow(mmPerH, 0.63);
  }

  /** A dense hedge along the road between two stations, its middle at offset d. */
  public void hedge(World world, double fromS, double toS, double d) {
    new Scenery(random, world).hedge(fromS, toS, d);
  }

  /** Buildings, trees, poles, street lamps and signs on both sides between two stations. */
  public void scenery(World world, double fromS, double toS) {
    new Scenery(random, world).line(fromS, toS);
  }

  /** Cars parked on the right shoulder between two stations, clear of signals and side roads. */
  public void parked(World world, double fromS, double toS) {
    parked(world, fromS, toS, -1);
  }

  /** Cars parked on the left shoulder, facing the ego. */
  public void parkedLeft(World world, double fromS, double toS) {
    parked(world, fromS, toS, 1);
  }

  private void parked(World world, double fromS, double toS, int side) {
    double s = fromS + random.nextDouble(10);
    while (s < toS) {
      Vehicle car = car(world, s, 0);
      double edge = side < 0 ? -world.road.rightEdgeD() : world.road.leftEdgeD();
      car.d = side * (edge + 0.35 + car.widthM / 2);
      car.parked = true;
      car.course = side < 0 ? Vehicle.Course.ALONG : Vehicle.Course.ONCOMING;
      if (mayPark(world, s)) {
        world.add(car);
      }
      s += car.lengthM + random.nextDouble(1.2, 14);
    }
  }

  private static boolean mayPark(World world, double s) {
    for (TrafficLight light : world.lights) {
      if (s > light.stopS - 12 && s < light.stopS + 16) {
        return false;
      }
    }
    for (StopSign sign : world.stopSigns) {
      if (s > sign.stopS - 25 && s < sign.stopS + 12) {
        return false;
      }
    }
    for (int i = 0; i < world.road.crossings(); i++) {
      if (Math.abs(s - world.road.crossingS(i)) < world.road.crossingWidthM(i) / 2 + 8) {
        return false;
      }
    }
    for (int i = 0; i < world.road.zebras(); i++) {
      if (Math.abs(s - world.road.zebraS(i)) < 8) {
        return false;
      }
    }
    return true;
  }

  /** A car or truck coming towards the ego in the other lane. */
  public Vehicle oncoming(World world, double s, double speed) {
    Vehicle car = carOrTruck(world, world.road.oncomingD() + random.nextDouble(-0.25, 0.25), 0.15);
    car.s = s;
    car.course = Vehicle.Course.ONCOMING;
    car.speedMps = speed;
    car.phases = new Vehicle.Phase[] {new Vehicle.Phase(0, speed, 1.5)};
    return world.add(car);
  }

  /** A pedestrian on the pavement who stays there; near a side road nobody. */
  public void stroller(World world, double s) {
    for (int i = 0; i < world.road.crossings(); i++) {
      if (Math.abs(s - world.road.crossingS(i)) < world.road.crossingWidthM(i) / 2 + 8) {
        return;
      }
    }
    boolean left = random.nextInt(3) == 0;
    double d =
        left
            ? world.road.leftEdgeD() + random.nextDouble(0.6, 3)
            : world.road.rightEdgeD() - random.nextDouble(1.0, 3.2);
    Pedestrian p = random.nextInt(6) == 0 ? child(world, s, d) : pedestrian(world, s, d);
    p.walkS = random.nextInt(3) == 0 ? 0 : random.nextDouble(-1.6, 1.6);
    world.add(p);
  }

  private int vary(int colour, int by) {
    return Colours.vary(random, colour, by);
  }
}
