package saccade.sim.traffic;

import java.util.SplittableRandom;
import saccade.kernels.motion.Standstill;

/**
 * What the ego's odometry remembers when a sampled state begins, so that it agrees with the state:
 * with its speed, and with what the stop signs ahead have counted. Anywhere else a standstill of
 * any length lies any way back, or none is known: there it must tell nothing.
 */
final class LastStand {
  private static final double NONE = 0.5; // of the driving states
  private static final double LONGEST_S = Standstill.MOST_S + 1;

  /** From the stand of which a sign knows nothing to where it would have counted, metres. */
  private static final double APART_M = 0.5;

  private LastStand() {}

  /**
   * Gives a world's {@link World#egoStandstill} a past.
   *
   * @param seed of the state; its other draws do not depend on these
   * @param ego its front bumper {@link Ego#FRONT_M} along the road
   */
  static void draw(long seed, World world, Ego ego) {
    SplittableRandom random = new SplittableRandom(~seed);
    boolean stands = ego.speedMps < Standstill.STANDING_MPS;
    double least = ego.speedMps * ego.speedMps / (2 * Ego.MAX_ACCEL);
    for (StopSign sign : world.stopSigns) {
      double gap = sign.stopS - Ego.FRONT_M;
      if (stands && gap > -StopSign.PAST_M && gap < StopSign.NEAR_M) {
        world.egoStandstill.begin(sign.egoStoodS, 0);
        return;
      }
      if (sign.egoStoodS > 0) {
        double from = Math.max(least, -StopSign.PAST_M - gap);
        double most = Math.max(from, StopSign.NEAR_M - gap);
        double driven = from + (most - from) * random.nextDouble();
        world.egoStandstill.begin(sign.egoStoodS, driven);
        return;
      }
      if (gap > -StopSign.PAST_M) {
        least = Math.max(least, StopSign.NEAR_M + APART_M - gap);
      }
    }
    double stood = random.nextDouble(0, LONGEST_S);
    if (stands) {
      world.egoStandstill.begin(stood, 0);
    } else if (random.nextDouble() >= NONE && least < Standstill.MOST_M) {
      double back = Math.pow(random.nextDouble(), 1.5);
      world.egoStandstill.begin(stood, least + (Standstill.MOST_M - least) * back);
    }
  }
}
