package saccade.sim.traffic;

import java.util.random.RandomGenerator;
import saccade.sim.world.Box;
import saccade.sim.world.Road;

/**
 * Gives a world its looks from a random source: colours, sizes, roadside scenery, traffic that does
 * not matter.
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
  private static final int[] WALLS = {
    0xa39a8c, 0x8a6f5e, 0xb8b4ab, 0x77706b, 0x9c8f9f, 0x6f7f86, 0xc2a98a
  };

  private final RandomGenerator random;

  public Dresser(RandomGenerator random) {
    this.random = random;
  }

  public Car car(World world, double s, double d) {
    Car car = new Car(world.newId(), s, d);
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
      car.lengthM = random.nextDouble(5, 7);
      car.widthM = random.nextDouble(1.95, 2.2);
      car.heightM = random.nextDouble(2.1, 2.8);
      car.lampHeightM = random.nextDouble(0.7, 1.05);
    }
    return car;
  }

  public Pedestrian pedestrian(World world, double s, double d) {
    Pedestrian p = new Pedestrian(world.newId(), s, d);
    p.heightM = random.nextDouble(1.5, 1.92);
    p.colour = vary(CLOTHES[random.nextInt(CLOTHES.length)], 18);
    p.skin = vary(SKINS[random.nextInt(SKINS.length)], 8);
    return p;
  }

  /** A signal with random places of its heads. */
  public void light(World world, TrafficLight light) {
    double poleD = -(Road.LANE_WIDTH_M / 2) - random.nextDouble(0.5, 1.4);
    double height = random.nextDouble(2.3, 2.9);
    world.add(light, poleD, height, random.nextDouble(9, 14), random.nextDouble(-0.6, 1.9));
  }

  /** Buildings, trees and poles on both sides between two stations. */
  public void scenery(World world, double fromS, double toS) {
    double edge = world.road.shoulderM();
    for (int side = -1; side <= 1; side += 2) {
      double kerb = (side < 0 ? -world.road.rightEdgeD() : world.road.leftEdgeD()) + edge;
      double s = fromS + random.nextDouble(12);
      while (s < toS) {
        double what = random.nextDouble();
        if (what < 0.3) {
          double length = random.nextDouble(7, 14);
          double depth = random.nextDouble(5, 9);
          place(
              world,
              s + length / 2,
              side * (kerb + random.nextDouble(2.5, 9) + depth / 2),
              length,
              depth,
              random.nextDouble(3.5, 11),
              0,
              vary(WALLS[random.nextInt(WALLS.length)], 16),
              0.3);
          s += length;
        } else if (what < 0.65) {
          double d = side * (kerb + random.nextDouble(1.2, 6));
          double trunk = random.nextDouble(1.2, 2.4);
          double crown = random.nextDouble(1.6, 3.2);
          place(world, s, d, 0.3, 0.3, trunk, 0, vary(0x5a4632, 10), 0.3);
          place(
              world,
              s,
              d,
              crown,
              crown,
              random.nextDouble(1.8, 3.5),
              trunk,
              vary(0x3c6a34, 26),
              0.45);
        } else if (what < 0.85) {
          double d = side * (kerb + random.nextDouble(0.3, 0.8));
          place(world, s, d, 0.15, 0.15, random.nextDouble(3, 6.5), 0, vary(0x74767a, 14), 0.4);
        } else if (what < 0.93) {
          place(
              world,
              s,
              side * (kerb + random.nextDouble(0.4, 1.5)),
              random.nextDouble(0.4, 1.1),
              random.nextDouble(0.3, 0.7),
              random.nextDouble(0.7, 1.4),
              0,
              vary(PAINTS[random.nextInt(PAINTS.length)], 20),
              0.5);
        } else {
          double length = random.nextDouble(5, 12);
          place(
              world,
              s + length / 2,
              side * (kerb + random.nextDouble(1.5, 3)),
              length,
              0.25,
              random.nextDouble(0.8, 1.8),
              0,
              vary(0x8c8478, 16),
              0.35);
          s += length;
        }
        s += random.nextDouble(2, 13);
      }
    }
  }

  private void place(
      World world,
      double s,
      double d,
      double length,
      double width,
      double height,
      double z,
      int colour,
      double refl) {
    double[] pose = new double[3];
    world.road.pose(s, d, pose);
    double[] sd = new double[2];
    world.road.frenet(pose[0], pose[1], sd);
    if (Math.abs(sd[1] - d) > 0.5) {
      return; // beyond the centre of a sharp bend: it could lie on the road
    }
    world.scenery.add(
        new Box(
            pose[0],
            pose[1],
            z + height / 2,
            pose[2],
            length,
            width,
            height,
            colour >> 16 & 255,
            colour >> 8 & 255,
            colour & 255,
            false,
            refl,
            Box.Kind.STRUCTURE,
            -1));
  }

  /** Cars parked on the right shoulder between two stations. */
  public void parked(World world, double fromS, double toS) {
    double s = fromS + random.nextDouble(10);
    while (s < toS) {
      Car car = car(world, s, 0);
      car.d = world.road.rightEdgeD() - 0.35 - car.widthM / 2;
      car.parked = true;
      boolean clear = true;
      for (TrafficLight light : world.lights) {
        clear &= s < light.stopS - 12 || s > light.stopS + 16;
      }
      if (clear) {
        world.add(car);
      }
      s += car.lengthM + random.nextDouble(1.2, 14);
    }
  }

  /** A car coming towards the ego in the other lane. */
  public void oncoming(World world, double s, double speed) {
    Car car = car(world, s, world.road.oncomingD() + random.nextDouble(-0.25, 0.25));
    car.oncoming = true;
    car.speedMps = speed;
    world.add(car);
  }

  /** A pedestrian on the pavement who stays there. */
  public void stroller(World world, double s) {
    boolean left = random.nextInt(3) == 0;
    double d =
        left
            ? world.road.leftEdgeD() + random.nextDouble(0.6, 3)
            : world.road.rightEdgeD() - random.nextDouble(1.0, 3.2);
    Pedestrian p = pedestrian(world, s, d);
    p.walkS = random.nextInt(3) == 0 ? 0 : random.nextDouble(-1.6, 1.6);
    world.add(p);
  }

  /** The colour with each channel moved by up to {@code by}. */
  private int vary(int colour, int by) {
    int out = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      int c = Math.clamp((colour >> shift & 255) + random.nextInt(-by, by + 1), 0, 255);
      out |= c << shift;
    }
    return out;
  }
}
