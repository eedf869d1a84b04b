package saccade.sim.render;

import java.util.Random;
import saccade.sim.world.Box;
import saccade.sim.world.Scene;

/**
 * Scenes for the tests, and a ray-against-cuboid oracle written without a look at the renderers'
 * own.
 */
final class Cuboids {
  private Cuboids() {}

  static Box box(
      double cx, double cy, double cz, double yaw, double length, double width, double height) {
    return new Box(
        cx, cy, cz, yaw, length, width, height, 200, 60, 50, false, 0.5, Box.Kind.STRUCTURE, 1);
  }

  /**
   * {@code count} boxes of all sizes around the ego, some behind, beside or above it; the ego off
   * the origin.
   */
  static Scene busy(long seed, int count) {
    Random random = new Random(seed);
    Scene scene = new Scene();
    scene.textureSeed = seed;
    scene.frame = 7;
    scene.egoX = random.nextDouble() * 40 - 20;
    scene.egoY = random.nextDouble() * 40 - 20;
    scene.egoYawRad = random.nextDouble() * 6.28;
    for (int i = 0; i < count; i++) {
      double angle = random.nextDouble() * 6.28;
      double range = 3 + random.nextDouble() * 40;
      double height = 0.1 + random.nextDouble() * 4;
      scene.boxes.add(
          box(
              scene.egoX + range * Math.cos(angle),
              scene.egoY + range * Math.sin(angle),
              height / 2 + random.nextInt(2) * random.nextDouble() * 2,
              random.nextDouble() * 6.28,
              0.1 + random.nextDouble() * 8,
              0.1 + random.nextDouble() * 3,
              height));
    }
    return scene;
  }

  /**
   * Where the ray from o along d (any length) meets the box grown by {@code grow} metres on all
   * sides, in units of d; infinite when it misses, when it starts inside, or when the box is
   * behind.
   */
  static double enter(Box b, double grow, double[] o, double[] d) {
    double c = Math.cos(-b.yawRad());
    double s = Math.sin(-b.yawRad());
    double[] p = {o[0] - b.cx(), o[1] - b.cy(), o[2] - b.cz()};
    double[] q = {c * p[0] - s * p[1], s * p[0] + c * p[1], p[2]};
    double[] e = {c * d[0] - s * d[1], s * d[0] + c * d[1], d[2]};
    double[] half = {b.lengthM() / 2 + grow, b.widthM() / 2 + grow, b.heightM() / 2 + grow};
    double best = Double.POSITIVE_INFINITY;
    boolean inside = true;
    for (int axis = 0; axis < 3; axis++) {
      inside &= Math.abs(q[axis]) <= half[axis];
      for (int side = -1; side <= 1; side += 2) {
        double t = (side * half[axis] - q[axis]) / e[axis];
        boolean on = t > 0;
        for (int other = 0; other < 3; other++) {
          on &= other == axis || Math.abs(q[other] + t * e[other]) <= half[other];
        }
        if (on && t < best) {
          best = t;
        }
      }
    }
    return inside ? Double.POSITIVE_INFINITY : best;
  }
}
