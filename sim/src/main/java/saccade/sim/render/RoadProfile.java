package saccade.sim.render;

import org.jspecify.annotations.Nullable;
import saccade.sim.world.Road;

/**
 * Cross-section of a road as a camera sees it: colour, paint and material by offset d, averaged
 * over steps that double from level to level, so that one look-up gives what a far pixel covers.
 * Built when the road changes; allocates nothing.
 */
final class RoadProfile {
  static final int LEVELS = 10;

  /** Offsets below and above have the colour of the verge. */
  static final double LEAST_D = -16;

  static final double MOST_D = 28;

  static final int ASPHALT = 0;
  static final int PAVING = 1;
  static final int GRASS = 2;

  static final double KERB_M = 0.2;

  /** Finest step, metres. */
  private static final double STEP_M = 1.0 / 64;

  private static final int STEPS = (int) ((MOST_D - LEAST_D) / STEP_M);

  /** Per level and step: 0x0MRRGGBB with the material in M; solid lines are in the colour. */
  final int[][] colour = new int[LEVELS][];

  /** Per level and step: share of broken lines where they are not broken, of 255. */
  final byte[][] broken = new byte[LEVELS][];

  /** Per level and step: share of a pedestrian crossing's stripes, of 255. */
  final byte[][] stripes = new byte[LEVELS][];

  private final float[] redSum = new float[STEPS + 1];
  private final float[] greenSum = new float[STEPS + 1];
  private final float[] blueSum = new float[STEPS + 1];
  private final float[] brokenSum = new float[STEPS + 1];
  private final float[] stripesSum = new float[STEPS + 1];
  private final byte[] material = new byte[STEPS];
  private @Nullable Road built;

  RoadProfile() {
    for (int level = 0; level < LEVELS; level++) {
      int steps = (STEPS >> level) + 1;
      colour[level] = new int[steps];
      broken[level] = new byte[steps];
      stripes[level] = new byte[steps];
    }
  }

  /** Level whose steps suit a pixel of this extent across the road, metres. */
  static int level(double acrossM) {
    int level = Math.getExponent((float) (acrossM * (0.7 / STEP_M)));
    return level < 0 ? 0 : Math.min(level, LEVELS - 1);
  }

  /** Steps of a level in a metre. */
  static float stepsPerMetre(int level) {
    return (float) (1 / STEP_M) / (1 << level);
  }

  void prepare(Road road, RoadPaint paint) {
    if (road == built) {
      return;
    }
    built = road;
    double left = road.leftEdgeD();
    double right = road.rightEdgeD();
    double shoulder = road.shoulderM();
    for (int i = 0; i < STEPS; i++) {
      double d = LEAST_D + (i + 0.5) * STEP_M;
      float r;
      float g;
      float b;
      if (d <= left && d >= right) {
        float white = (float) paint.solid(d, STEP_M);
        r = 96 + white * (230 - 96);
        g = 96 + white * (230 - 96);
        b = 99 + white * (226 - 99);
        material[i] = ASPHALT;
      } else {
        double beyond = d > left ? d - left : right - d;
        if (beyond < KERB_M) {
          r = 168;
          g = 166;
          b = 160;
          material[i] = PAVING;
        } else if (beyond < shoulder) {
          // Slabs with a joint every metre.
          float joint = beyond % 1.0 < 0.03 ? 0.82f : 1;
          r = 134 * joint;
          g = 128 * joint;
          b = 121 * joint;
          material[i] = PAVING;
        } else {
          r = 92;
          g = 122;
          b = 60;
          material[i] = GRASS;
        }
      }
      redSum[i + 1] = redSum[i] + r;
      greenSum[i + 1] = greenSum[i] + g;
      blueSum[i + 1] = blueSum[i] + b;
      brokenSum[i + 1] = brokenSum[i] + (float) paint.broken(d, STEP_M);
      stripesSum[i + 1] = stripesSum[i] + (float) paint.stripes(d, STEP_M);
    }
    for (int level = 0; level < LEVELS; level++) {
      int size = 1 << level;
      int around = level == 0 ? 0 : size >> 2;
      int steps = colour[level].length;
      for (int i = 0; i < steps; i++) {
        int from = Math.clamp((long) i * size - around, 0, STEPS - 1);
        int to = Math.clamp((long) (i + 1) * size + around, from + 1, STEPS);
        float scale = 1f / (to - from);
        int red = (int) ((redSum[to] - redSum[from]) * scale + 0.5f);
        int green = (int) ((greenSum[to] - greenSum[from]) * scale + 0.5f);
        int blue = (int) ((blueSum[to] - blueSum[from]) * scale + 0.5f);
        colour[level][i] = material[(from + to) / 2] << 24 | red << 16 | green << 8 | blue;
        broken[level][i] = (byte) (255 * (brokenSum[to] - brokenSum[from]) * scale + 0.5f);
        stripes[level][i] = (byte) (255 * (stripesSum[to] - stripesSum[from]) * scale + 0.5f);
      }
    }
  }
}
