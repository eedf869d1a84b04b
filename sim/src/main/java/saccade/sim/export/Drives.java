package saccade.sim.export;

import java.util.SplittableRandom;
import java.util.function.LongFunction;
import saccade.sim.traffic.DenseTraffic;
import saccade.sim.traffic.RandomDrive;
import saccade.sim.truth.Expert;
import saccade.sim.truth.Plan;

/** Draws the drives of each mix. One a thread. */
final class Drives {
  private static final int TRIES = 14;

  /** Share of the wide states of which many things are true at once. */
  private static final double DENSE = 0.5;

  private final Expert expert = new Expert();

  /** The drive of a seed. */
  Drive draw(TensorExport.Mix mix, long seed, int frames) {
    SplittableRandom random = new SplittableRandom(seed);
    return switch (mix) {
      case WIDE ->
          driven(
              random,
              state -> random.nextDouble() < DENSE ? dense(state, frames) : wide(state, frames));
      case TRAFFIC -> driven(random, state -> dense(state, frames));
      case SUDDEN -> sudden(random, frames);
      case APPROACH -> approach(random, frames);
    };
  }

  private static Drive wide(long seed, int frames) {
    return undriven(RandomDrive.forFrames(seed, frames));
  }

  private static Drive dense(long seed, int frames) {
    DenseTraffic state = DenseTraffic.forFrames(seed, frames);
    return new Drive(
        state.world, state.ego, state.setSpeedMps, state.kind().ordinal(), Drive.NOBODY);
  }

  private static Drive undriven(RandomDrive state) {
    return new Drive(state.world, state.ego, state.setSpeedMps, state.kind.ordinal(), Drive.NOBODY);
  }

  /**
   * A state, chosen so that the maneuvers are about as frequent; then the expert drives,
   * undisturbed or not.
   */
  private Drive driven(SplittableRandom random, LongFunction<Drive> states) {
    double wanted = random.nextDouble();
    Plan.Maneuver maneuver =
        wanted < 0.38
            ? Plan.Maneuver.BRAKE
            : wanted < 0.69 ? Plan.Maneuver.KEEP : Plan.Maneuver.ACCELERATE;
    Drive drive = states.apply(random.nextLong());
    for (int i = 1; i < TRIES; i++) {
      if (expert.plan(drive.world(), drive.ego(), drive.setSpeedMps()).maneuver() == maneuver) {
        break;
      }
      drive = states.apply(random.nextLong());
    }
    double mode = random.nextDouble();
    double bias = mode < 0.35 ? 0 : random.nextDouble(-3, 3);
    boolean blind = mode > 0.65;
    double held = random.nextDouble(-5, 2.5);
    double curvatureBias = mode < 0.3 ? 0 : random.nextDouble(-0.02, 0.02);
    return drive.steered(
        (frame, plan, ego) ->
            ego.command(
                blind ? held : plan.accelMps2()[0] + bias, plan.curvature1pm()[0] + curvatureBias));
  }

  /** Cruising; half of the drives go on as if nothing had appeared. */
  private static Drive sudden(SplittableRandom random, int frames) {
    Drive drive = undriven(RandomDrive.suddenly(random.nextLong(), frames));
    boolean blind = random.nextBoolean();
    double held = random.nextDouble(-0.6, 0.6);
    double curvatureBias = random.nextDouble(-0.003, 0.003);
    return drive.steered(
        (frame, plan, ego) ->
            ego.command(
                blind ? held : plan.accelMps2()[0], plan.curvature1pm()[0] + curvatureBias));
  }

  /** On the way to a stop, braking as the expert does or less. */
  private static Drive approach(SplittableRandom random, int frames) {
    Drive drive = undriven(RandomDrive.approaching(random.nextLong(), frames));
    double share = random.nextDouble() < 0.4 ? 1 : random.nextDouble(0.3, 1.1);
    double curvatureBias = random.nextDouble(-0.003, 0.003);
    return drive.steered(
        (frame, plan, ego) ->
            ego.command(share * plan.accelMps2()[0], plan.curvature1pm()[0] + curvatureBias));
  }
}
