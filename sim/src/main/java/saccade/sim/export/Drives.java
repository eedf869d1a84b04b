package saccade.sim.export;

import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.Rig;
import saccade.kernels.motion.Standstill;
import saccade.sim.Scenario;
import saccade.sim.Simulation;
import saccade.sim.traffic.DenseTraffic;
import saccade.sim.traffic.RandomDrive;
import saccade.sim.truth.Expert;
import saccade.sim.truth.Plan;

/** Draws the drives of each mix. One a thread. */
final class Drives {
  private static final int TRIES = 14;

  /** Share of the wide states of which many things are true at once. */
  private static final double DENSE = 0.5;

  /** Share of the states on the way to a stop that stand at a stop sign, or are leaving it. */
  private static final double AT_SIGN = 0.2;

  /** Share of the stories' states that follow on a stand at a stop sign. */
  private static final double TOLD_AT_SIGN = 1 / 12.0;

  /** The longest that such a state lies behind the beginning or the end of the stand, frames. */
  private static final int AFTER_STAND = 18;

  /**
   * Where in the story of a stop sign a state lies.
   *
   * @param leaving counted from the end of the stand, else from its beginning
   */
  private record AtSign(boolean leaving, int frames) {
    static @Nullable AtSign draw(SplittableRandom random) {
      return random.nextDouble() < TOLD_AT_SIGN
          ? new AtSign(random.nextBoolean(), random.nextInt(AFTER_STAND))
          : null;
    }

    /** Whether a frame of the drive counts. */
    boolean counts(Simulation simulation) {
      boolean stands = simulation.ego().speedMps < Standstill.STANDING_MPS;
      return simulation.world().stopSigns.getFirst().egoStoodS > 0 && !(leaving && stands);
    }
  }

  /** The stories states are taken from: not the demo's, nor the two that are kept for judging. */
  private static final List<String> TOLD =
      Scenario.names().stream()
          .filter(
              name -> !Set.of("demo", "child-from-parked", "obstacle-after-curve").contains(name))
          .toList();

  private final Expert expert = new Expert();

  /** The drive of a seed. */
  Drive draw(TensorExport.Mix mix, long seed, int frames) {
    SplittableRandom random = new SplittableRandom(seed);
    SplittableRandom signs = new SplittableRandom(~seed); // apart: other states stay as they are
    return switch (mix) {
      case WIDE ->
          driven(
              random,
              state -> random.nextDouble() < DENSE ? dense(state, frames) : wide(state, frames));
      case TRAFFIC -> driven(random, state -> dense(state, frames));
      case SUDDEN -> sudden(random, frames);
      case APPROACH -> approach(random, frames, signs.nextDouble() < AT_SIGN);
      case STORIES -> story(random, frames, AtSign.draw(signs));
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
  private static Drive approach(SplittableRandom random, int frames, boolean atSign) {
    long seed = random.nextLong();
    Drive drive =
        undriven(
            atSign
                ? RandomDrive.atStopSign(seed, frames)
                : RandomDrive.approaching(seed, frames));
    double share = random.nextDouble() < 0.4 ? 1 : random.nextDouble(0.3, 1.1);
    double curvatureBias = random.nextDouble(-0.003, 0.003);
    return drive.steered(
        (frame, plan, ego) ->
            ego.command(share * plan.accelMps2()[0], plan.curvature1pm()[0] + curvatureBias));
  }

  /**
   * The middle of a story, reached by a driver who makes mistakes: its own way off the careful path
   * is what a model must find back from. Noise on the expert's commands, correlated in time, as in
   * DART (Laskey et al. 2017), a late reaction, or a lapse in which the last command is held.
   *
   * @param atSign null = anywhere in any story
   */
  private Drive story(SplittableRandom random, int frames, @Nullable AtSign atSign) {
    while (true) {
      String any = TOLD.get(random.nextInt(TOLD.size()));
      String name = atSign == null ? any : "stop-sign";
      Scenario scenario = Scenario.named(name);
      // Judged drives have small seeds.
      long seed = random.nextLong() | 1L << 40;
      Simulation simulation = new Simulation(new Rig(List.of(), null), scenario, seed);
      double lastS = scenario.durationS() - 0.1 * frames - 0.1;
      double fromS = random.nextDouble(0, 0.85 * lastS);
      double wanted = random.nextDouble();
      Plan.Maneuver maneuver =
          wanted < 0.38
              ? Plan.Maneuver.BRAKE
              : wanted < 0.69 ? Plan.Maneuver.KEEP : Plan.Maneuver.ACCELERATE;
      Drive.Steering driver = erring(random, fromS);
      int counted = 0;
      for (int frame = 0; simulation.timeS() < lastS; frame++) {
        Plan plan = expert.plan(simulation);
        if (atSign != null) {
          counted += atSign.counts(simulation) ? 1 : 0;
          if (counted > atSign.frames) {
            break;
          }
        } else if (simulation.timeS() >= fromS
            && (plan.maneuver() == maneuver || simulation.timeS() > fromS + 4)) {
          break;
        }
        driver.steer(frame, plan, simulation.ego());
        simulation.advance(0.1);
      }
      boolean found = atSign == null || counted > atSign.frames;
      if (found && simulation.scoreboard().collisions() == 0) {
        return new Drive(
            simulation.world(),
            simulation.ego(),
            simulation.setSpeedMps(),
            Scenario.names().indexOf(name),
            driver);
      }
    }
  }

  private static Drive.Steering erring(SplittableRandom random, double fromS) {
    double mode = random.nextDouble();
    if (mode < 0.25) {
      return (frame, plan, ego) -> ego.command(plan.accelMps2()[0], plan.curvature1pm()[0]);
    }
    boolean lapses = mode > 0.7;
    int lapseFrom = lapses ? (int) (10 * (fromS - random.nextDouble(0.3, 2.5))) : 0;
    double accelSd = lapses ? 0 : random.nextDouble(0, 1.5);
    double curvatureSd = lapses ? 0 : random.nextDouble(0, 0.012);
    double held = random.nextDouble() < 0.5 ? Double.NaN : random.nextDouble(-2, 2);
    double heldCurvature = random.nextDouble() < 0.5 ? Double.NaN : 0.004 * random.nextGaussian();
    int late = lapses ? 0 : random.nextInt(0, 8);
    double keep = Math.exp(-0.1 / 0.8);
    double gust = Math.sqrt(1 - keep * keep);
    double[] off = new double[2];
    double[] plans = new double[8];
    int[] step = {0}; // its own count: the sequence's frames begin at 0 again
    return (frame, plan, ego) -> {
      int now = step[0]++;
      plans[now & 7] = plan.accelMps2()[0];
      if (lapses && now >= lapseFrom) {
        ego.command(
            Double.isNaN(held) ? ego.accelMps2 : held,
            Double.isNaN(heldCurvature) ? ego.curvature1pm : heldCurvature);
        return;
      }
      off[0] = keep * off[0] + gust * accelSd * random.nextGaussian();
      off[1] = keep * off[1] + gust * curvatureSd * random.nextGaussian();
      ego.command(plans[Math.max(0, now - late) & 7] + off[0], plan.curvature1pm()[0] + off[1]);
    };
  }
}
