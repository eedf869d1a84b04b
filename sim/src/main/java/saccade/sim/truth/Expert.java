package saccade.sim.truth;

import saccade.sim.Simulation;
import saccade.sim.traffic.CarFollowing;
import saccade.sim.traffic.Ego;
import saccade.sim.traffic.Pedestrian;
import saccade.sim.traffic.TrafficLight;
import saccade.sim.traffic.Vehicle;
import saccade.sim.traffic.World;
import saccade.sim.world.Road;

/**
 * Drives from the truth: Intelligent Driver Model behind cars, red lights' stop lines and
 * pedestrians that are in the lane or will be when the ego gets there; slower in curves (2 m/s^2
 * across); pure pursuit of the lane centre. It does not know the future: lights stay as they are,
 * others go on at constant speed, and who brakes goes on braking. Stands with a held brake (-1
 * m/s^2) while there is a reason. Keeps no memory between plans.
 */
public final class Expert {
  /** Red lights and others farther than this from the front bumper are not looked at, metres. */
  public static final double HORIZON_M = 50;

  private static final double HOLD = -1;
  private static final double CAR_STANDSTILL_M = 2.5;
  private static final double LINE_STANDSTILL_M = 2.0;
  private static final double PEDESTRIAN_STANDSTILL_M = 2.5;
  private static final double HARDEST_FOR_RED = 6;

  private final Ego roll = new Ego();
  private final double[] sd = new double[2];
  private final double[] pose = new double[3];
  private Plan.Reason reason = Plan.Reason.CLEAR;

  public Expert() {}

  /** The plan for this instant of a drive. */
  public Plan plan(Simulation simulation) {
    return plan(simulation.world(), simulation.ego(), simulation.setSpeedMps());
  }

  /** The plan for an ego in a world. Changes neither. */
  @SuppressWarnings("exports")
  public Plan plan(World world, Ego ego, double setSpeedMps) {
    double[] accel = new double[Plan.STEPS];
    double[] curvature = new double[Plan.STEPS];
    Plan.Reason first = Plan.Reason.CLEAR;
    roll.set(ego);
    for (int i = 0; i < Plan.STEPS; i++) {
      accel[i] = accel(world, i * Plan.STEP_S, setSpeedMps);
      curvature[i] = pursue(world.road);
      if (i == 0) {
        first = reason;
      }
      roll.command(accel[i], curvature[i]);
      for (int k = 0; k < 4; k++) {
        roll.step(Plan.STEP_S / 4);
      }
    }
    return new Plan(accel, curvature, maneuver(accel, ego.speedMps), first);
  }

  private static Plan.Maneuver maneuver(double[] accel, double speed) {
    double mean = 0;
    for (int i = 0; i < 5; i++) {
      mean += accel[i] / 5;
    }
    if (mean < -0.7 || speed < 0.3 && mean <= 0) {
      return Plan.Maneuver.BRAKE;
    }
    return mean > 0.3 ? Plan.Maneuver.ACCELERATE : Plan.Maneuver.KEEP;
  }

  /** Curvature of the circle through the point of the lane centre one look-ahead away. */
  private double pursue(Road road) {
    double look = Math.max(5, 0.9 * roll.speedMps);
    road.frenet(roll.x, roll.y, sd);
    road.pose(sd[0] + look, 0, pose);
    double dx = pose[0] - roll.x;
    double dy = pose[1] - roll.y;
    double left = -dx * Math.sin(roll.yawRad) + dy * Math.cos(roll.yawRad);
    return Math.clamp(2 * left / (dx * dx + dy * dy), -Ego.MAX_CURVATURE, Ego.MAX_CURVATURE);
  }

  /** Acceleration for the rolled-out ego, tau seconds from now; sets {@link #reason}. */
  private double accel(World world, double tau, double setSpeed) {
    Road road = world.road;
    double speed = roll.speedMps;
    road.frenet(
        roll.x + Ego.FRONT_M * Math.cos(roll.yawRad),
        roll.y + Ego.FRONT_M * Math.sin(roll.yawRad),
        sd);
    double front = sd[0];

    double desired = setSpeed;
    for (double ahead = -Ego.FRONT_M; ahead < 40; ahead += 4) {
      double k = Math.abs(road.curvatureAt(front + ahead));
      if (k > 1e-4) {
        double allowed = Math.sqrt(2 / k + 2 * 1.5 * Math.max(0, ahead + Ego.FRONT_M));
        desired = Math.min(desired, allowed);
      }
    }
    double best = CarFollowing.free(speed, setSpeed);
    double clear = best;
    reason = Plan.Reason.CLEAR;
    double inCurve = CarFollowing.free(speed, desired);
    if (inCurve < best) {
      best = inCurve;
      if (best < clear - 0.3) {
        reason = Plan.Reason.CURVE;
      }
    }

    for (Vehicle car : world.vehicles) {
      if (!car.present || Math.abs(car.d) - car.widthM / 2 > 1.2) {
        continue;
      }
      double along = car.alongMps();
      double a = !car.oncoming() && car.accelMps2 < -0.3 ? car.accelMps2 : 0;
      double time = a < 0 ? Math.min(tau, -along / a) : tau;
      double rear = car.rearS() + along * time + 0.5 * a * time * time;
      double gap = rear - front;
      if (gap > HORIZON_M || car.s < front - 1) {
        continue;
      }
      best =
          obstacle(
              best,
              clear,
              speed,
              desired,
              gap,
              along + a * time,
              CAR_STANDSTILL_M,
              Plan.Reason.CAR);
    }

    for (TrafficLight light : world.lights) {
      double gap = light.stopS - front;
      if (!light.red(world.timeS()) || gap > HORIZON_M || gap < -1) {
        continue;
      }
      boolean atLine = speed < 0.5;
      if (atLine || gap > 0 && speed * speed < 2 * HARDEST_FOR_RED * (gap - 0.15 * speed)) {
        best =
            obstacle(best, clear, speed, desired, gap, 0, LINE_STANDSTILL_M, Plan.Reason.RED_LIGHT);
      }
    }

    for (Pedestrian p : world.pedestrians) {
      if (!p.present) {
        continue;
      }
      double vs = p.vs(world.timeS());
      double vd = p.vd(world.timeS());
      double s = p.s + vs * tau;
      double d = p.d + vd * tau;
      double gap = s - Pedestrian.RADIUS_M - front;
      if (gap > HORIZON_M || s < front - 1 || !inTheWay(d, vd, p.endD, gap, speed)) {
        continue;
      }
      best =
          obstacle(
              best,
              clear,
              speed,
              desired,
              gap,
              Math.max(0, vs),
              PEDESTRIAN_STANDSTILL_M,
              Plan.Reason.PEDESTRIAN);
    }
    return Math.max(best, Ego.MIN_ACCEL);
  }

  /**
   * Whether somebody at offset d, crossing at vd, is in the corridor now or will be while the ego
   * passes.
   */
  private static boolean inTheWay(double d, double vd, double endD, double gap, double speed) {
    double half = 1.75;
    if (Math.abs(d) < half) {
      // Leaving before the ego is there: no obstacle any more once outside the ego's own width and
      // moving away.
      return !(Math.abs(d) > 1.45 && vd * d > 0);
    }
    if (vd == 0 || vd * d > 0) {
      return false;
    }
    if (!Double.isNaN(endD) && (endD - d) * vd <= 0) {
      return false;
    }
    double enters = (Math.abs(d) - half) / Math.abs(vd);
    double leaves = (Math.abs(d) + 1.45) / Math.abs(vd);
    double arrives = gap / Math.max(speed, 3);
    double passed = (gap + 5.3) / Math.max(speed, 3);
    return enters < Math.min(passed + 1, 4) && leaves > arrives - 1.0;
  }

  private double obstacle(
      double best,
      double clear,
      double speed,
      double desired,
      double gap,
      double obstacleSpeed,
      double standstill,
      Plan.Reason because) {
    double a = CarFollowing.behind(speed, desired, gap, obstacleSpeed, standstill);
    if (speed < 0.4 && obstacleSpeed < 0.3 && (gap < standstill + 1.5 || a < 0.25)) {
      a = HOLD;
    }
    if (a < best) {
      if (a < clear - 0.3) {
        reason = because;
      }
      return a;
    }
    return best;
  }
}
