package saccade.sim.export;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.Rig;
import saccade.kernels.motion.Standstill;
import saccade.sim.Scenario;
import saccade.sim.Simulation;
import saccade.sim.traffic.Cone;
import saccade.sim.traffic.DenseTraffic;
import saccade.sim.traffic.Ego;
import saccade.sim.traffic.RandomDrive;
import saccade.sim.traffic.World;
import saccade.sim.truth.Expert;
import saccade.sim.truth.Plan;
import saccade.sim.truth.RecordedDrive;
import saccade.sim.world.Road;

/** Draws the drives of each mix. One a thread. */
final class Drives {
  private static final int TRIES = 14;

  /** Share of the wide states of which many things are true at once. */
  private static final double DENSE = 0.5;

  /** Share of the states on the way to a stop that stand at a stop sign, or are leaving it. */
  private static final double AT_SIGN = 0.2;

  /** Share of the stories' states at a stand, of each of the two kinds. */
  private static final double TOLD_STANDING = 1 / 12.0;

  /** The longest that such a state lies behind the beginning or the end of the stand, frames. */
  private static final int AFTER_STAND = 18;

  /**
   * A stand that a model must find its way out of: the second at a stop sign; and before a closed
   * lane, where a driver has stopped without a reason.
   *
   * @param atSign else before cones
   * @param leaving the state lies so far behind the end of the stand, else behind its beginning
   */
  private record Stand(boolean atSign, boolean leaving, int frames) {
    static @Nullable Stand draw(SplittableRandom random) {
      double which = random.nextDouble();
      return which < 2 * TOLD_STANDING
          ? new Stand(which < TOLD_STANDING, random.nextBoolean(), random.nextInt(AFTER_STAND))
          : null;
    }

    String story() {
      return atSign ? "stop-sign" : "lane-closed";
    }

    /** Whether a frame of the drive counts. */
    boolean counts(Simulation simulation) {
      World world = simulation.world();
      boolean stood =
          atSign
              ? world.stopSigns.getFirst().egoStoodS > 0
              : world.egoStandstill.drivenM() < Standstill.MOST_M;
      boolean stands = simulation.ego().speedMps < Standstill.STANDING_MPS;
      return stood && !(leaving && stands);
    }

    /** Somebody who stops before the cones, and stays or goes on after up to 3 s. */
    Drive.Steering hesitating(Drive.Steering driver, World world, SplittableRandom random) {
      double firstS = Double.POSITIVE_INFINITY;
      for (Cone cone : world.cones) {
        firstS = cone.d() > -Road.LANE_WIDTH_M / 2 ? Math.min(firstS, cone.s()) : firstS;
      }
      double standS = firstS - random.nextDouble(4, 16); // front bumper; these roads are straight
      int holds = leaving ? random.nextInt(30) : Integer.MAX_VALUE;
      int[] stood = {0};
      return (frame, plan, ego) -> {
        driver.steer(frame, plan, ego);
        double needs = ego.speedMps * ego.speedMps / (2 * HESITANT);
        if (stood[0] <= holds && ego.x + Ego.FRONT_M + needs > standS) {
          ego.command(-HESITANT, plan.curvature1pm()[0]);
          stood[0] += ego.speedMps < Standstill.STANDING_MPS ? 1 : 0;
        }
      };
    }
  }

  /** How hard somebody brakes who stops without a reason, m/s^2. */
  private static final double HESITANT = 2.5;

  /** Weight of a recorded state in which the driver does what the expert would do. */
  private static final double AGREED = 0.15;

  /**
   * Commands act about so late: what a driver does about a frame is seen in the ego so much later.
   */
  private static final int ACTS_AFTER = 3;

  /** Recorded states are taken up to so long after the ego first left its lane, frames. */
  private static final int AFTER_LEAVING = 20;

  private final Expert expert = new Expert();
  private final List<RecordedDrive> recorded;
  private final double[] @Nullable [] disagreements; // (drives)(frames), as they are needed

  /** Draws of everything but {@link TensorExport.Mix#DRIVEN}. */
  Drives() {
    this(List.of());
  }

  /**
   * @param recorded what {@link TensorExport.Mix#DRIVEN} draws from
   */
  Drives(List<RecordedDrive> recorded) {
    this.recorded = recorded;
    this.disagreements = new double[recorded.size()][];
  }

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
      case STORIES -> story(random, frames, Stand.draw(signs), signs);
      case DRIVEN -> recorded(random, frames);
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
            atSign ? RandomDrive.atStopSign(seed, frames) : RandomDrive.approaching(seed, frames));
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
   * @param stand null = anywhere in any story
   * @param stands draws what the stand leaves open
   */
  private Drive story(
      SplittableRandom random, int frames, @Nullable Stand stand, SplittableRandom stands) {
    while (true) {
      String any = RecordedDrive.SCENARIOS.get(random.nextInt(RecordedDrive.SCENARIOS.size()));
      String name = stand == null ? any : stand.story();
      Scenario scenario = Scenario.named(name);
      long seed = random.nextLong() | RecordedDrive.FIRST_SEED; // not a judged one
      Simulation simulation = new Simulation(new Rig(List.of(), null), scenario, seed);
      double lastS = scenario.durationS() - 0.1 * frames - 0.1;
      double fromS = random.nextDouble(0, 0.85 * lastS);
      double wanted = random.nextDouble();
      Plan.Maneuver maneuver =
          wanted < 0.38
              ? Plan.Maneuver.BRAKE
              : wanted < 0.69 ? Plan.Maneuver.KEEP : Plan.Maneuver.ACCELERATE;
      Drive.Steering erring = erring(random, fromS);
      Drive.Steering driver =
          stand == null || stand.atSign
              ? erring
              : stand.hesitating(erring, simulation.world(), stands);
      int counted = 0;
      for (int frame = 0; simulation.timeS() < lastS; frame++) {
        Plan plan = expert.plan(simulation);
        if (stand != null) {
          counted += stand.counts(simulation) ? 1 : 0;
          if (counted > stand.frames) {
            break;
          }
        } else if (simulation.timeS() >= fromS
            && (plan.maneuver() == maneuver || simulation.timeS() > fromS + 4)) {
          break;
        }
        driver.steer(frame, plan, simulation.ego());
        simulation.advance(0.1);
      }
      boolean found = stand == null || counted > stand.frames;
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

  /**
   * A part of a recorded drive, rather where its driver does something else than the expert would:
   * one such state lies somewhere in the sequence.
   */
  private Drive recorded(SplittableRandom random, int frames) {
    for (int tries = 0; tries < 1000; tries++) {
      int drawn = random.nextInt(recorded.size());
      RecordedDrive way = recorded.get(drawn);
      double[] weights = disagreements[drawn];
      if (weights == null) {
        weights = disagreement(way);
        disagreements[drawn] = weights;
      }
      double left = random.nextDouble() * Arrays.stream(weights).sum();
      int state = 0;
      while (state < weights.length - 1 && (left -= weights[state]) >= 0) {
        state++;
      }
      int start = Math.max(0, state - random.nextInt(frames));
      if (start + frames > weights.length) {
        continue; // too near to the end
      }
      Simulation simulation = replay(way);
      for (int frame = 0; frame < start; frame++) {
        way.steer(frame, simulation.ego());
        simulation.advance(0.1);
      }
      way.steer(start, simulation.ego());
      return new Drive(
          simulation.world(),
          simulation.ego(),
          simulation.setSpeedMps(),
          Scenario.names().indexOf(way.scenario()),
          (frame, plan, ego) -> way.steer(start + frame, ego));
    }
    throw new IllegalArgumentException(
        "recorded drives: found none of "
            + recorded.size()
            + " that goes on for "
            + frames
            + " frames without a collision; wanted longer drives, or fewer --frames");
  }

  private static Simulation replay(RecordedDrive way) {
    return new Simulation(new Rig(List.of(), null), Scenario.named(way.scenario()), way.seed());
  }

  /**
   * Of each frame that may be taken: how far the driver was from what the expert would do there.
   */
  private double[] disagreement(RecordedDrive way) {
    double[] weights = new double[way.frames()];
    Simulation simulation = replay(way);
    int until = way.frames();
    int frame = 0;
    for (; frame < until; frame++) {
      way.steer(frame, simulation.ego());
      Plan plan = expert.plan(simulation);
      int then = Math.min(frame + ACTS_AFTER, way.frames() - 1);
      double accel = plan.accelMps2()[1];
      boolean bothStand = way.speedMps(then) < Standstill.STANDING_MPS && accel <= 0;
      double along = bothStand ? 0 : Math.abs(way.accelMps2(then) - accel) / 2;
      double speed = Math.max(3, way.speedMps(frame));
      double across = speed * speed * Math.abs(way.curvature1pm(then) - plan.curvature1pm()[1]) / 2;
      weights[frame] = AGREED + Math.min(1, along) + (bothStand ? 0 : Math.min(1, across));
      simulation.advance(0.1);
      if (simulation.scoreboard().collisions() > 0) {
        break; // what follows is no drive
      }
      if (simulation.scoreboard().laneDepartures() > 0) {
        until = Math.min(until, frame + AFTER_LEAVING);
      }
    }
    return Arrays.copyOf(weights, Math.min(frame, until));
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
