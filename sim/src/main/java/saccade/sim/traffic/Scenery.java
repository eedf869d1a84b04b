package saccade.sim.traffic;

import java.util.random.RandomGenerator;
import saccade.sim.world.Box;
import saccade.sim.world.Box.Surface;
import saccade.sim.world.Daylight;
import saccade.sim.world.Road;

/**
 * Puts what stands beside a road: buildings, trees, poles, lamps, fences, signs that mean nothing.
 */
final class Scenery {
  private static final int[] WALLS = {
    0xa39a8c, 0x8a6f5e, 0xb8b4ab, 0x77706b, 0x9c8f9f, 0x6f7f86, 0xc2a98a
  };
  private static final int[] BRICKS = {0x8a4a3a, 0x9c5a44, 0x7a5648, 0xa8806a};
  private static final int[] PLATES = {0x1f4fa0, 0xd8b020, 0xe8e8e4, 0x1f7a4a, 0xb02026, 0x8a5a2a};
  private static final int[] BINS = {
    0xe8e8e6, 0x1c1d20, 0x7d1f22, 0x23406e, 0x2f5a3c, 0xc9a227, 0xd35f2e
  };

  private final RandomGenerator random;
  private final World world;
  private final Road road;
  private final double[] pose = new double[3];
  private final double[] sd = new double[2];

  Scenery(RandomGenerator random, World world) {
    this.random = random;
    this.world = world;
    this.road = world.road;
  }

  /** Both sides between two stations, but for side roads. */
  void line(double fromS, double toS) {
    double built = random.nextDouble(0.1, 0.45);
    double green = built + random.nextDouble(0.2, 0.5);
    for (int side = -1; side <= 1; side += 2) {
      double kerb = (side < 0 ? -road.rightEdgeD() : road.leftEdgeD()) + road.shoulderM();
      double s = fromS + random.nextDouble(12);
      while (s < toS) {
        double what = random.nextDouble();
        double length = 0.3;
        if (what < built) {
          length = random.nextDouble(7, 16);
          if (free(s, s + length)) {
            building(side, kerb, s, length);
          }
        } else if (free(s - 2, s + 2)) {
          if (what < green) {
            tree(side * (kerb + random.nextDouble(1.2, 6)), s);
          } else {
            length = small(side, kerb, s);
          }
        }
        s += length + random.nextDouble(2, 13);
      }
    }
  }

  /** Bushes one behind the other, higher than a car. */
  void hedge(double fromS, double toS, double d) {
    int colour = Colours.vary(random, 0x3a5e30, 16);
    double height = random.nextDouble(2.7, 3.3);
    for (double s = fromS; s < toS; s += 2) {
      place(s + 1, d, 2.1, 0.9, height, 0, colour, 0.4, Surface.FOLIAGE);
    }
  }

  private boolean free(double fromS, double toS) {
    for (int i = 0; i < road.crossings(); i++) {
      if (Math.abs((fromS + toS) / 2 - road.crossingS(i))
          < (toS - fromS + road.crossingWidthM(i)) / 2 + 2) {
        return false;
      }
    }
    return true;
  }

  private void building(int side, double kerb, double s, double length) {
    double depth = random.nextDouble(5, 9);
    double d = side * (kerb + random.nextDouble(2.5, 9) + depth / 2);
    double height = random.nextDouble(3.5, 13);
    boolean brick = random.nextInt(3) == 0;
    int[] colours = brick ? BRICKS : WALLS;
    int colour = Colours.vary(random, colours[random.nextInt(colours.length)], 16);
    Surface surface =
        random.nextInt(4) == 0 ? Surface.PLAIN : brick ? Surface.BRICK : Surface.WINDOWS;
    place(s + length / 2, d, length, depth, height, 0, colour, 0.3, surface);
  }

  private void tree(double d, double s) {
    double trunk = random.nextDouble(1.2, 2.4);
    double crown = random.nextDouble(1.6, 3.2);
    int bark = Colours.vary(random, 0x5a4632, 10);
    int leaves = Colours.vary(random, 0x3c6a34, 26);
    double tall = random.nextDouble(1.8, 3.5);
    place(s, d, 0.3, 0.3, trunk, 0, bark, 0.3, Surface.PLAIN);
    place(s, d, crown, crown, tall, trunk, leaves, 0.45, Surface.FOLIAGE);
    if (random.nextInt(3) == 0) {
      double top = crown * 0.6;
      place(s, d, top, top, tall * 0.4, trunk + tall, leaves, 0.45, Surface.FOLIAGE);
    }
  }

  /**
   * A pole, street lamp, sign, bin, hedge or fence; returns how much room along the road it took.
   */
  private double small(int side, double kerb, double s) {
    double near = side * (kerb + random.nextDouble(0.3, 0.8));
    double length = 0.3;
    switch (random.nextInt(7)) {
      case 0 ->
          place(s, near, 0.15, 0.15, random.nextDouble(3, 6.5), 0, grey(), 0.4, Surface.PLAIN);
      case 1, 2 -> streetLamp(side, near, s);
      case 3 -> sign(near, s);
      case 4 ->
          place(
              s,
              side * (kerb + random.nextDouble(0.4, 1.5)),
              random.nextDouble(0.4, 1.1),
              random.nextDouble(0.3, 0.7),
              random.nextDouble(0.7, 1.4),
              0,
              Colours.vary(random, BINS[random.nextInt(BINS.length)], 20),
              0.5,
              Surface.PLAIN);
      default -> {
        length = random.nextDouble(5, 12);
        boolean hedge = random.nextBoolean();
        if (free(s, s + length)) {
          place(
              s + length / 2,
              side * (kerb + random.nextDouble(1.5, 3)),
              length,
              hedge ? 0.8 : 0.15,
              random.nextDouble(0.8, 1.8),
              0,
              Colours.vary(random, hedge ? 0x3a5e30 : 0x8c8478, 16),
              0.35,
              hedge ? Surface.FOLIAGE : random.nextBoolean() ? Surface.LATTICE : Surface.BRICK);
        }
      }
    }
    return length;
  }

  private void streetLamp(int side, double d, double s) {
    double height = random.nextDouble(4.5, 7);
    place(s, d, 0.15, 0.15, height, 0, grey(), 0.4, Surface.PLAIN);
    place(s, d - side * 0.8, 0.1, 1.6, 0.1, height, grey(), 0.4, Surface.PLAIN);
    boolean lit = world.daylight != Daylight.DAY && random.nextInt(4) > 0;
    int colour = lit ? (random.nextBoolean() ? 0xffdca0 : 0xf0f0ff) : 0x9a9a96;
    box(s, d - side * 1.5, 0.5, 0.3, 0.12, height - 0.12, colour, lit, 0.4, Surface.PLAIN);
  }

  /** A plate of some other colour and form than a stop sign's. */
  private void sign(double d, double s) {
    double bottom = random.nextDouble(1.7, 2.4);
    double wide = random.nextDouble(0.5, 1.0);
    double tall = random.nextDouble(0.4, 1.0);
    place(s + 0.06, d, 0.08, 0.08, bottom + tall, 0, grey(), 0.4, Surface.PLAIN);
    int plate = Colours.vary(random, PLATES[random.nextInt(PLATES.length)], 12);
    place(s, d, 0.03, wide, tall, bottom, plate, 0.85, Surface.PLAIN);
  }

  private int grey() {
    return Colours.vary(random, 0x74767a, 14);
  }

  private void place(
      double s,
      double d,
      double length,
      double width,
      double height,
      double z,
      int colour,
      double reflectivity,
      Surface surface) {
    box(s, d, length, width, height, z, colour, false, reflectivity, surface);
  }

  private void box(
      double s,
      double d,
      double length,
      double width,
      double height,
      double z,
      int colour,
      boolean lit,
      double reflectivity,
      Surface surface) {
    road.pose(s, d, pose);
    road.frenet(pose[0], pose[1], sd);
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
            lit,
            reflectivity,
            Box.Kind.STRUCTURE,
            -1,
            surface));
  }
}
