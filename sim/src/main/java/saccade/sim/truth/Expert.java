package saccade.sim.truth;

import java.util.BitSet;
import saccade.kernels.motion.Standstill;
import saccade.sim.Simulation;
import saccade.sim.traffic.CarFollowing;
import saccade.sim.traffic.Ego;
import saccade.sim.traffic.Pedestrian;
import saccade.sim.traffic.StopSign;
import saccade.sim.traffic.TrafficLight;
import saccade.sim.traffic.Vehicle;
import saccade.sim.traffic.World;
import saccade.sim.world.Road;

/**
 * Drives from the truth: Intelligent Driver Model behind whatever is in its way now or will be when
 * it gets there (vehicles, people, crossing and oncoming traffic, lines at red and amber lights and
 * stop signs); slower in curves (2 m/s^2 across); pure pursuit of the lane centre, or of a way
 * round what blocks the lane when the lane beside it is free ({@link Passing}). It does not know
 * the future: lights stay as they are, others go on as they do, and who brakes goes on braking; nor
 * does it know of people and crossing traffic that a vehicle hides. Stands with a held brake (-1
 * m/s^2) while there is a reason. Keeps no memory between plans.
 */
public final class Expert {
  /** Lines and others farther than this from the front bumper are not looked at, metres. */
  public static final double HORIZON_M = 50;

  private static final double HOLD = -1;
  private static final double VEHICLE_STANDSTILL_M = 2.5;
  private static final double LINE_STANDSTILL_M = 2.0;
  private static final double PEDESTRIAN_STANDSTILL_M = 2.5;
  private static final double CROSSING_STANDSTILL_M = 3;

  /** Who stands nearer than this to crossing traffic waits where he is, metres. */
  private static final double WAIT_FROM_M = 12;

  private static final double HARDEST_FOR_RED = 6;
  private static final double HARDEST_FOR_AMBER = 3;
  private static final double HALF_WIDTH_M = Ego.WIDTH_M / 2;

  /** Lateral acceleration of steering, beside what the road's own curve takes, m/s^2. */
  private static final double MOST_ACROSS = 2.5;

  private static final double BESIDE_M = 0.25;

  /** Where the ego looks from, metres before the rear axle. */
  private static final double EYE_M = 1.6;

  /** The rear bumper clears a place when the front is so far past it, metres. */
  private static final double LENGTH_M = Ego.FRONT_M - Ego.REAR_M;

  private final Ego roll = new Ego();
  private final Passing passing = new Passing();
  private final BitSet hiddenPedestrians = new BitSet();
  private final BitSet hiddenVehicles = new BitSet();
  private final double[] sd = new double[2];
  private final double[] pose = new double[3];

  // The rolled-out ego in road coordinates.
  private double front;
  private double frontD;
  private double axleS;
  private double axleD;

  // The acceleration being found.
  private double speed;
  private double desired;
  private double clear;
  private double best;
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
    locate(world.road);
    look(world);
    passing.look(world, front, frontD, ego.speedMps, setSpeedMps);
    for (int i = 0; i < Plan.STEPS; i++) {
      double tau = i * Plan.STEP_S;
      locate(world.road);
      accel[i] = accel(world, tau, setSpeedMps);
      curvature[i] = pursue(world, tau);
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

  /** What to say of a vehicle that is the reason. */
  static Plan.Reason because(Vehicle vehicle) {
    return switch (vehicle.kind) {
      case CAR -> Plan.Reason.CAR;
      case TRUCK -> Plan.Reason.TRUCK;
      case CYCLIST -> Plan.Reason.CYCLIST;
    };
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

  private void locate(Road road) {
    road.frenet(roll.x, roll.y, sd);
    axleS = sd[0];
    axleD = sd[1];
    road.frenet(
        roll.x + Ego.FRONT_M * Math.cos(roll.yawRad),
        roll.y + Ego.FRONT_M * Math.sin(roll.yawRad),
        sd);
    front = sd[0];
    frontD = sd[1];
  }

  /** Finds who cannot be seen because a vehicle is between. */
  private void look(World world) {
    hiddenPedestrians.clear();
    hiddenVehicles.clear();
    double eyeS = axleS + EYE_M;
    for (int i = 0; i < world.pedestrians.size(); i++) {
      Pedestrian p = world.pedestrians.get(i);
      hiddenPedestrians.set(i, p.present && p.s > eyeS && hidden(world, eyeS, p.s, p.d));
    }
    for (int i = 0; i < world.vehicles.size(); i++) {
      Vehicle v = world.vehicles.get(i);
      hiddenVehicles.set(
          i,
          v.present
              && v.crossing()
              && v.s > eyeS
              && hidden(world, eyeS, v.s, v.d + Math.signum(v.acrossMps()) * v.halfD() * 0.6));
    }
  }

  /**
   * Whether a car or truck of the ego's side, or a parked one, is between the ego's eye and a point
   * of the road.
   */
  private boolean hidden(World world, double eyeS, double s, double d) {
    for (int i = 0; i < world.vehicles.size(); i++) {
      Vehicle v = world.vehicles.get(i);
      // Who passes by hides for a moment only: what was there before is remembered.
      boolean passesBy = v.oncoming() && !v.parked;
      if (!v.present
          || passesBy
          || v.crossing()
          || v.kind == Vehicle.Kind.CYCLIST
          || v.rearS() > s) {
        continue;
      }
      double s0 = (v.rearS() - eyeS) / (s - eyeS);
      double s1 = (v.s + v.halfS() - eyeS) / (s - eyeS);
      double enter = Math.max(0, s0);
      double leave = Math.min(0.98, s1);
      if (enter < leave) {
        double dEnter = axleD + (d - axleD) * enter - v.d;
        double dLeave = axleD + (d - axleD) * leave - v.d;
        boolean inside = Math.abs(dEnter) < v.halfD() || Math.abs(dLeave) < v.halfD();
        if (inside || dEnter * dLeave < 0) {
          return true;
        }
      }
    }
    return false;
  }

  /** Curvature of the circle through the point of the way one look-ahead away. */
  private double pursue(World world, double tau) {
    double look = Math.max(5, 0.9 * roll.speedMps);
    double d = passing.offsetAt(axleS + look, axleS, roll.speedMps, tau);
    if (d < 0.1) {
      d = oncomingInLane(world) ? -0.4 : d;
    }
    world.road.pose(axleS + look, d, pose);
    double dx = pose[0] - roll.x;
    double dy = pose[1] - roll.y;
    double left = -dx * Math.sin(roll.yawRad) + dy * Math.cos(roll.yawRad);
    double most = MOST_ACROSS / Math.max(1, roll.speedMps * roll.speedMps);
    most = Math.min(Ego.MAX_CURVATURE, most + Math.abs(world.road.curvatureAt(axleS + 2)));
    return Math.clamp(2 * left / (dx * dx + dy * dy), -most, most);
  }

  private boolean oncomingInLane(World world) {
    for (int i = 0; i < world.vehicles.size(); i++) {
      Vehicle v = world.vehicles.get(i);
      if (v.present
          && v.oncoming()
          && v.s > front - LENGTH_M
          && v.s < front + HORIZON_M
          && Math.min(v.d, v.targetD()) - v.halfD() < 1.7) {
        return true;
      }
    }
    return false;
  }

  /** Where the ego will be across the road when it gets to s, metres. */
  private double wayD(double s, double tau) {
    double target = passing.offsetAt(s, axleS, roll.speedMps, tau);
    double off = axleD - passing.offsetAt(axleS, axleS, roll.speedMps, tau);
    double reach = 1.5 * Math.max(5, 0.9 * roll.speedMps);
    return target + off * Math.exp(-Math.max(0, s - front) / reach);
  }

  /** Acceleration for the rolled-out ego, tau seconds from now; sets {@link #reason}. */
  private double accel(World world, double tau, double setSpeed) {
    speed = roll.speedMps;
    desired = setSpeed;
    Road road = world.road;
    for (double ahead = -Ego.FRONT_M; ahead < 40; ahead += 4) {
      double k = Math.abs(road.curvatureAt(front + ahead));
      if (k > 1e-4) {
        double allowed = Math.sqrt(2 / k + 2 * 1.5 * Math.max(0, ahead + Ego.FRONT_M));
        desired = Math.min(desired, allowed);
      }
    }
    best = CarFollowing.free(speed, setSpeed);
    clear = best;
    reason = Plan.Reason.CLEAR;
    double inCurve = CarFollowing.free(speed, desired);
    if (inCurve < best) {
      best = inCurve;
      if (best < clear - 0.3) {
        reason = Plan.Reason.CURVE;
      }
    }
    goRound(tau);
    for (int i = 0; i < world.vehicles.size(); i++) {
      Vehicle v = world.vehicles.get(i);
      if (!v.present || hiddenVehicles.get(i)) {
        continue;
      }
      switch (v.course) {
        case ALONG -> follow(v, tau);
        case ONCOMING -> meet(v, tau);
        case FROM_LEFT, FROM_RIGHT -> cross(v, tau, setSpeed);
      }
    }
    for (int i = 0; i < world.pedestrians.size(); i++) {
      Pedestrian p = world.pedestrians.get(i);
      if (p.present && !hiddenPedestrians.get(i)) {
        giveWay(p, world.timeS(), tau);
      }
    }
    for (int i = 0; i < world.lights.size(); i++) {
      TrafficLight light = world.lights.get(i);
      TrafficLight.Colour colour = light.colour(world.timeS());
      if (colour != TrafficLight.Colour.GREEN) {
        double hardest = colour == TrafficLight.Colour.RED ? HARDEST_FOR_RED : HARDEST_FOR_AMBER;
        line(light.stopS - front, hardest, Plan.Reason.RED_LIGHT);
      }
    }
    for (int i = 0; i < world.stopSigns.size(); i++) {
      StopSign sign = world.stopSigns.get(i);
      double held = speed < Standstill.STANDING_MPS ? tau : 0;
      if (sign.egoStoodS + held < StopSign.WAIT_S) {
        line(sign.stopS - front, HARDEST_FOR_RED, Plan.Reason.STOP_SIGN);
      }
    }
    Plan.Reason round = passing.goingRound(axleS + 5, axleS, speed);
    if (reason == Plan.Reason.CLEAR && round != null) {
      reason = round;
    }
    return Math.max(best, Ego.MIN_ACCEL);
  }

  /** Slows down for what is to be passed, or stops behind it. */
  private void goRound(double tau) {
    for (int i = 0; i < passing.count(); i++) {
      double gap = passing.fromS(i, tau) - front;
      double across = passing.need(i) - 0.5 * (axleD + frontD);
      boolean behind = gap < -LENGTH_M - (passing.toS(i, tau) - passing.fromS(i, tau));
      if (gap > HORIZON_M || behind) {
        continue;
      }
      double v = Math.max(0, passing.speedMps(i));
      if (passing.mayPass(i)) {
        boolean beside = gap < 0.5;
        if (beside
            ? bodyD(passing.fromS(i, tau)) > passing.need(i) - 0.3
            : Passing.possible(gap, across, Math.max(0, speed - v))) {
          double allowed = v + Passing.comfortableMps(Math.max(0, gap), across);
          double slow = v < 0.5 && passing.need(i) > 0.7 ? Math.max(7.5, 7.5 + 0.1 * gap) : 99;
          double wish = CarFollowing.free(speed, Math.min(desired, Math.min(allowed, slow)));
          bind(Math.max(wish, -2.5), passing.reason(i));
          continue;
        }
        // Too near to steer out in time.
        obstacle(gap, v, 0, 1.5, passing.reason(i));
      } else {
        double standstill = v > 0.5 ? 4 : Passing.WAITING_GAP_M;
        obstacle(gap, v, 0, standstill, passing.reason(i));
      }
    }
  }

  /** Offset of the ego's middle line where it is beside s, metres. */
  private double bodyD(double s) {
    double share = Math.clamp((s - axleS) / Ego.FRONT_M, 0.0, 1.0);
    return axleD + (frontD - axleD) * share;
  }

  private void follow(Vehicle v, double tau) {
    double along = v.alongMps();
    double a = v.accelMps2 < -0.3 ? v.accelMps2 : 0;
    double time = a < 0 ? Math.min(tau, -along / a) : tau;
    double rear = v.rearS() + along * time + 0.5 * a * time * time;
    double gap = rear - front;
    boolean comesIn = v.shifting();
    if (gap > HORIZON_M || v.s + (comesIn ? v.halfS() : 0) < front - 1) {
      return;
    }
    double way = wayD(Math.max(rear, front), tau);
    double reach = HALF_WIDTH_M + v.halfD() + BESIDE_M;
    boolean inWay = Math.abs(v.d - way) < reach;
    boolean will = comesIn && Math.abs(v.targetD() - way) < reach;
    if (!inWay && !will || isPassed(v)) {
      return;
    }
    double room = inWay ? gap : Math.max(gap, 1.2);
    obstacle(room, along + a * time, a, VEHICLE_STANDSTILL_M, because(v));
  }

  /** Whether a vehicle is one of those that {@link #goRound} deals with. */
  private boolean isPassed(Vehicle v) {
    for (int i = 0; i < passing.count(); i++) {
      if (v.rearS() > passing.fromS(i, 0) - 0.1
          && v.s + v.halfS() < passing.toS(i, 0) + 0.1
          && v.d + v.halfD() < passing.need(i)
          && Math.abs(v.alongMps() - passing.speedMps(i)) < 0.31) {
        return true;
      }
    }
    return false;
  }

  /** Stops for who comes towards the ego in its way: the room has to do for both. */
  private void meet(Vehicle v, double tau) {
    double along = v.parked ? 0 : v.alongMps();
    double gap = v.rearS() + along * tau - front;
    if (gap > HORIZON_M + 15 || v.s + v.halfS() + along * tau < front) {
      return;
    }
    // Half way is about where they meet.
    double way = wayD(front + Math.max(0, gap) * 0.5, tau);
    double d = v.shifting() ? v.targetD() : v.d;
    double beside = Math.abs(d - way) - HALF_WIDTH_M - v.halfD();
    if (beside > 0.2 && (gap > 4 || Math.abs(v.d - wayD(front, tau)) - v.halfD() > 1.1)) {
      return;
    }
    if (speed < 0.4) {
      bind(HOLD, because(v));
      return;
    }
    double room = Math.max(0.3, gap - 4 - 0.15 * speed);
    double need = (0.5 * speed * speed - along * speed) / room;
    if (need > 0.9) {
      bind(-Math.min(8, 1.15 * need), because(v));
    } else {
      bind(CarFollowing.free(speed, Math.min(desired, 5)), because(v));
    }
  }

  /** Gives way to who crosses and would be there at the same time. */
  private void cross(Vehicle v, double tau, double setSpeed) {
    double gap = v.rearS() - front;
    if (gap > HORIZON_M || v.s + v.halfS() < front - 0.5) {
      return;
    }
    double way = wayD(v.s, tau);
    double vd = v.acrossMps();
    double half = HALF_WIDTH_M + v.halfD() + 0.35;
    double d = v.d + vd * tau - way;
    boolean inWay = Math.abs(d) < half;
    if (!inWay) {
      if (Math.abs(vd) < 0.15 || vd * d > 0) {
        return;
      }
      double enters = time(Math.abs(d) - half, Math.abs(vd), v.accelMps2);
      double leaves = time(Math.abs(d) + half, Math.abs(vd), v.accelMps2);
      double arrives = arrival(Math.max(0, gap), setSpeed);
      double passed = arrival(gap + 2 * v.halfS() + LENGTH_M, setSpeed);
      if (enters > passed + 1.2 || leaves < arrives - 0.8 || enters > 7) {
        return;
      }
    } else if (vd * d > 0
        && (half - Math.abs(d)) / Math.max(0.1, Math.abs(vd)) + 0.5
            < arrival(Math.max(0, gap), setSpeed)) {
      return; // gone by then
    }
    if (speed < 0.4 && gap < WAIT_FROM_M) {
      bind(HOLD, because(v));
    } else {
      obstacle(gap, 0, 0, CROSSING_STANDSTILL_M, because(v));
    }
  }

  /** Seconds for a way at a speed that still grows, if it does, up to 7 m/s. */
  private static double time(double way, double speed, double accel) {
    double a = Math.max(accel, 0);
    if (a < 0.3 || speed >= 7) {
      return way / speed;
    }
    double rampS = (7 - speed) / a;
    double ramp = 0.5 * (speed + 7) * rampS;
    return way < ramp
        ? (-speed + Math.sqrt(speed * speed + 2 * a * way)) / a
        : rampS + (way - ramp) / 7;
  }

  /** Seconds until the front bumper has gone so far, speeding up as one does, but no braking. */
  private double arrival(double way, double setSpeed) {
    double most = Math.max(speed, Math.min(desired, setSpeed));
    double a = 1.5;
    double rampS = (most - speed) / a;
    double ramp = speed * rampS + 0.5 * a * rampS * rampS;
    if (way < ramp) {
      return (-speed + Math.sqrt(speed * speed + 2 * a * way)) / a;
    }
    return rampS + (way - ramp) / Math.max(most, 0.5);
  }

  private void giveWay(Pedestrian p, double timeS, double tau) {
    double vs = p.vs(timeS);
    double vd = p.vd(timeS);
    double s = p.s + vs * tau;
    double gap = s - Pedestrian.RADIUS_M - front;
    if (gap > HORIZON_M || s < front - 1) {
      return;
    }
    double way = wayD(s, tau);
    if (inTheWay(p.d + vd * tau - way, vd, p.endD - way, gap, speed)) {
      obstacle(gap, Math.max(0, vs), 0, PEDESTRIAN_STANDSTILL_M, Plan.Reason.PEDESTRIAN);
    }
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

  /** Stops before a line, gently in the last metres, if that is possible at all. */
  private void line(double gap, double hardest, Plan.Reason because) {
    if (gap > HORIZON_M || gap < -1) {
      return;
    }
    if (speed < 0.5) {
      if (gap < LINE_STANDSTILL_M + 1.5) {
        bind(HOLD, because);
        return;
      }
    } else if (gap <= 0 || speed * speed > 2 * hardest * (gap - 0.15 * speed)) {
      return;
    }
    double follow = CarFollowing.behind(speed, desired, gap, 0, LINE_STANDSTILL_M);
    double room = gap - Math.min(1.3, 0.45 * gap) - 0.1 * speed;
    double need = speed * speed / (2 * Math.max(0.1, room));
    bind(Math.max(follow, -Math.min(hardest, 1.15 * need + 0.3)), because);
  }

  /**
   * Keeps the distance to an obstacle: as the driver model says, but no harder than it takes.
   *
   * @param obstacleAccel if it brakes, m/s^2
   */
  private void obstacle(
      double gap,
      double obstacleSpeed,
      double obstacleAccel,
      double standstill,
      Plan.Reason because) {
    double a = CarFollowing.behind(speed, desired, gap, obstacleSpeed, standstill);
    if (speed < 0.4 && obstacleSpeed < 0.3 && (gap < standstill + 1.5 || a < 0.25)) {
      bind(HOLD, because);
      return;
    }
    double margin = Math.min(1.5, 0.6 * standstill);
    double room = Math.max(0.2, gap - margin - 0.15 * speed);
    double closing = Math.max(0, speed - obstacleSpeed);
    double need = closing * closing / (2 * room);
    if (obstacleAccel < -0.5) {
      double stops = room + obstacleSpeed * obstacleSpeed / (-2 * obstacleAccel);
      need = Math.max(need, speed * speed / (2 * stops));
    }
    bind(Math.max(a, -(1.3 * need + 1.2)), because);
  }

  private void bind(double accel, Plan.Reason because) {
    if (accel < best) {
      best = accel;
      if (accel < clear - 0.3) {
        reason = because;
      }
    }
  }
}
