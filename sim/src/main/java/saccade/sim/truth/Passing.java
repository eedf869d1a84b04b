package saccade.sim.truth;

import org.jspecify.annotations.Nullable;
import saccade.sim.traffic.Cone;
import saccade.sim.traffic.Ego;
import saccade.sim.traffic.Vehicle;
import saccade.sim.traffic.Vehicle.Indicator;
import saccade.sim.traffic.World;
import saccade.sim.world.Road;

/**
 * What the expert goes round: cones, cyclists, and vehicles that say with their hazard lights that
 * they will stay. Finds them, decides whether the lane beside them is free for long enough, and
 * gives the offset from the lane centre to drive at. Hangs on the present instant alone; who is
 * beside an obstacle already goes on.
 */
final class Passing {
  /** Gap at which to wait for the other lane, metres: room to steer out. */
  static final double WAITING_GAP_M = 7.5;

  private static final int MOST = 64;
  private static final double HALF_WIDTH_M = Ego.WIDTH_M / 2;
  private static final double LOOK_AHEAD_M = 70;

  /** Up to this offset the ego stays in its lane. */
  private static final double WITHIN_LANE_M = 0.7;

  private static final double BESIDE_VEHICLE_M = 0.6;
  private static final double BESIDE_CYCLIST_M = 1.0;
  private static final double BESIDE_CONE_M = 0.4;
  private static final double STATIC_JOIN_M = 16;
  private static final double CAREFUL_MPS = 7.5;
  private static final double ACCEL = 1.5;

  private int count;
  private final double[] fromS = new double[MOST];
  private final double[] toS = new double[MOST];
  private final double[] speed = new double[MOST];
  private final double[] need = new double[MOST]; // offset at which there is room enough
  private final double[] offset = new double[MOST]; // offset to drive at
  private final int[] group = new int[MOST]; // passed together with the thing of this index
  private final boolean[] mayPass = new boolean[MOST];
  private final Plan.Reason[] reason = new Plan.Reason[MOST];

  /** Looks for what has to be passed and whether it may be passed now. */
  void look(World world, double front, double frontD, double egoMps, double setMps) {
    count = 0;
    double rear = front + Ego.REAR_M - Ego.FRONT_M;
    for (int i = 0; i < world.vehicles.size(); i++) {
      Vehicle v = world.vehicles.get(i);
      if (!v.present || v.crossing() || v.s + v.halfS() < rear - 2 || v.s > front + LOOK_AHEAD_M) {
        continue;
      }
      boolean stays = v.parked || v.brokenDown && v.indicator == Indicator.HAZARD;
      boolean rider =
          v.kind == Vehicle.Kind.CYCLIST
              && v.course == Vehicle.Course.ALONG
              && v.speedMps < Math.max(setMps - 0.5, 1);
      // Beside somebody in the ego's own lane one does not go back yet.
      boolean beside =
          frontD > 1.3
              && v.course == Vehicle.Course.ALONG
              && v.s + v.halfS() > rear - 1
              && v.rearS() < front + 2;
      if ((stays || rider || beside) && v.d < 1.6 && v.d > -4) {
        double room = rider ? BESIDE_CYCLIST_M : BESIDE_VEHICLE_M;
        double passAt = v.d + v.halfD() + room + HALF_WIDTH_M;
        add(v.rearS(), v.s + v.halfS(), stays ? 0 : v.alongMps(), passAt, Expert.because(v));
      }
    }
    for (int i = 0; i < world.cones.size(); i++) {
      Cone cone = world.cones.get(i);
      double half = Cone.WIDTH_M / 2;
      if (cone.s() > rear - 1 && cone.s() < front + LOOK_AHEAD_M && cone.d() < 2) {
        double passAt = cone.d() + half + BESIDE_CONE_M + HALF_WIDTH_M;
        add(cone.s() - half, cone.s() + half, 0, passAt, Plan.Reason.CONES);
      }
    }
    join();
    for (int i = 0; i < count; i++) {
      if (group[i] == i) {
        decide(world, i, front, rear, frontD, egoMps, setMps);
      }
    }
  }

  private void add(double from, double to, double mps, double passAt, Plan.Reason because) {
    if (passAt > 0.02 && count < MOST) {
      fromS[count] = from;
      toS[count] = to;
      speed[count] = mps;
      need[count] = passAt;
      offset[count] = passAt;
      reason[count] = because;
      group[count] = count;
      count++;
    }
  }

  /** Things that stand close behind one another are passed together or not at all. */
  private void join() {
    for (int i = 0; i < count; i++) {
      for (int j = i + 1; j < count; j++) {
        boolean bothStand = Math.abs(speed[i]) < 0.3 && Math.abs(speed[j]) < 0.3;
        boolean near = fromS[j] < toS[i] + STATIC_JOIN_M && fromS[i] < toS[j] + STATIC_JOIN_M;
        if (bothStand && near && group[i] != group[j]) {
          int from = Math.max(group[i], group[j]);
          int to = Math.min(group[i], group[j]);
          for (int k = 0; k < count; k++) {
            group[k] = group[k] == from ? to : group[k];
          }
        }
      }
    }
  }

  /** Decides for a whole group. */
  private void decide(
      World world,
      int leader,
      double front,
      double rear,
      double frontD,
      double egoMps,
      double setMps) {
    double from = Double.POSITIVE_INFINITY;
    double to = Double.NEGATIVE_INFINITY;
    double widest = 0;
    for (int i = 0; i < count; i++) {
      if (group[i] == leader) {
        from = Math.min(from, fromS[i]);
        to = Math.max(to, toS[i]);
        widest = Math.max(widest, need[i]);
      }
    }
    boolean wide = widest > WITHIN_LANE_M;
    double lane = Road.LANE_WIDTH_M - 0.3;
    if (wide && world.road.lanes() == 2) {
      widest = Math.max(widest, lane);
    }
    boolean may =
        !wide
            || front > from - 1 && frontD > 0.9
            || free(world, to, speed[leader], widest, front, rear, frontD, egoMps, setMps);
    for (int i = 0; i < count; i++) {
      if (group[i] == leader) {
        mayPass[i] = may;
        if (wide && world.road.lanes() == 2) {
          offset[i] = Math.max(need[i], lane);
        }
      }
    }
  }

  /** Whether nobody will be in the other lane while the ego is. */
  private static boolean free(
      World world,
      double to,
      double mps,
      double widest,
      double front,
      double rear,
      double frontD,
      double egoMps,
      double setMps) {
    if (widest > world.road.leftEdgeD() - HALF_WIDTH_M) {
      return false;
    }
    double most = mps > 0.5 ? setMps : Math.min(setMps, CAREFUL_MPS);
    double goal = to + 2 + Ego.FRONT_M - Ego.REAR_M + 0.6 * back(most);
    double at = front;
    double v = egoMps;
    double time = 0;
    while (at < goal + mps * time && time < 25) {
      v = Math.min(most, v + ACCEL * 0.25);
      at += v * 0.25;
      time += 0.25;
    }
    if (time >= 25) {
      return false;
    }
    boolean out = frontD > 0.9;
    for (int k = 0; k < world.vehicles.size(); k++) {
      Vehicle o = world.vehicles.get(k);
      double near = Math.min(o.d, o.targetD()) - o.halfD();
      double far = Math.max(o.d, o.targetD()) + o.halfD();
      if (!o.present
          || o.crossing()
          || near > widest + HALF_WIDTH_M + 0.5
          || far < widest - HALF_WIDTH_M - 0.3
          || o.d < 1.2 && !o.oncoming()) {
        continue;
      }
      double along = o.parked ? 0 : o.alongMps();
      if (along <= 0.2) {
        boolean gone = o.s + o.halfS() < rear - 1;
        double room = (out ? 3 : 9) - 0.5 * along;
        if (!gone && o.s - o.halfS() + along * time < at + room) {
          return false;
        }
      } else if (world.road.lanes() == 2 && !roomBeside(o, front, rear, egoMps, out)) {
        return false;
      }
    }
    return true;
  }

  /** Whether one can change into the lane of a vehicle that goes the same way. */
  private static boolean roomBeside(
      Vehicle o, double front, double rear, double egoMps, boolean out) {
    double along = o.alongMps();
    double ahead = o.rearS() - front;
    double behind = rear - (o.s + o.halfS());
    double soft = out ? 0.5 : 1;
    if (ahead > 0) {
      return ahead > soft * (2 + 2.5 * Math.max(0, egoMps - along));
    }
    if (behind > 0) {
      return behind > soft * (4 + 3.5 * Math.max(0, along - egoMps) + 0.3 * along);
    }
    return out;
  }

  /** How many things are there to be passed. */
  int count() {
    return count;
  }

  /** Whether thing i may be passed now. */
  boolean mayPass(int i) {
    return mayPass[i];
  }

  /** Where thing i begins in tau seconds, metres along the road. */
  double fromS(int i, double tau) {
    return fromS[i] + speed[i] * tau;
  }

  /** Where thing i ends in tau seconds, metres along the road. */
  double toS(int i, double tau) {
    return toS[i] + speed[i] * tau;
  }

  /** Speed of thing i along the road, m/s. */
  double speedMps(int i) {
    return speed[i];
  }

  /** Offset from which on there is room enough beside thing i, metres. */
  double need(int i) {
    return need[i];
  }

  Plan.Reason reason(int i) {
    return reason[i];
  }

  /**
   * Offset from the lane centre to drive at, metres.
   *
   * @param pointS where, metres along the road
   * @param axleS rear axle of the ego, metres along the road
   */
  double offsetAt(double pointS, double axleS, double egoMps, double tau) {
    double out = out(egoMps);
    double back = back(egoMps);
    double best = 0;
    for (int i = 0; i < count; i++) {
      if (mayPass[i]) {
        double leave = smooth((pointS - (fromS(i, tau) - out)) / (out - 4));
        double stay = 1 - smooth((axleS - (toS(i, tau) + 1)) / back);
        best = Math.max(best, offset[i] * Math.min(leave, stay));
      }
    }
    return best;
  }

  /** What the ego is going round at that point, or null. */
  Plan.@Nullable Reason goingRound(double pointS, double axleS, double egoMps) {
    Plan.Reason because = null;
    double most = 0.35;
    double out = out(egoMps);
    for (int i = 0; i < count; i++) {
      double leave = smooth((pointS - (fromS[i] - out)) / (out - 4));
      double stay = axleS < toS[i] + 1 ? 1 : 0;
      if (mayPass[i] && offset[i] * leave * stay > most) {
        most = offset[i] * leave;
        because = reason[i];
      }
    }
    return because;
  }

  /** How far before a thing the ego begins to move over, metres. */
  private static double out(double egoMps) {
    return Math.clamp(3.6 * egoMps + 5, 9, 40);
  }

  /** How long the way back to the lane is, metres. */
  private static double back(double egoMps) {
    return 3.2 * egoMps + 6;
  }

  /** Speed at which the way out to thing i is still comfortable, m/s, when it begins gap ahead. */
  static double comfortableMps(double gap, double acrossM) {
    if (acrossM < 0.3) {
      return Double.POSITIVE_INFINITY;
    }
    double radius = (gap * gap + acrossM * acrossM) / (4 * acrossM);
    return Math.sqrt(1.8 * Math.max(radius, 5));
  }

  /** Whether the way out is still possible within a gap. */
  static boolean possible(double gap, double acrossM, double egoMps) {
    if (acrossM < 0.25) {
      return true;
    }
    double radius = Math.max(1.15 / Ego.MAX_CURVATURE, egoMps * egoMps / 2.3);
    double way = Math.sqrt(Math.max(0, 4 * radius * acrossM - acrossM * acrossM));
    return gap > way - 2.2;
  }

  private static double smooth(double u) {
    double c = Math.clamp(u, 0.0, 1.0);
    return c * c * (3 - 2 * c);
  }
}
