package saccade.sim;

import java.util.BitSet;
import saccade.sim.traffic.Cone;
import saccade.sim.traffic.Ego;
import saccade.sim.traffic.Pedestrian;
import saccade.sim.traffic.StopSign;
import saccade.sim.traffic.TrafficLight;
import saccade.sim.traffic.Vehicle;
import saccade.sim.traffic.World;
import saccade.sim.world.Road;

/** Watches a drive and keeps the score. Sees every sub-step. */
final class Referee {
  private static final double STANDING_MPS = 0.1;
  private static final double HALF_WIDTH_M = Ego.WIDTH_M / 2;
  private static final double JERK_OVER_S = 0.1;
  private static final double FALSE_STOP_S = 3;
  private static final double STOOD_AT_SIGN_S = 0.5;

  private final double goalS;
  private final BitSet hit = new BitSet();
  private final BitSet crossedLights = new BitSet();
  private final BitSet crossedSigns = new BitSet();
  private final double[] sd = new double[2];
  private final double[] pose = new double[3];
  private int redLightsRun;
  private int stopSignsRun;
  private int laneDepartures;
  private boolean outside;
  private int falseStops;
  private double stoodForNothingS;
  private double leadGap = Double.NaN;
  private double leadAt = Double.NaN;
  private double redGap = Double.NaN;
  private double redAt = Double.NaN;
  private int redLight = -1;
  private double droveOn = Double.NaN;
  private double distance;
  private double minTtc = Double.POSITIVE_INFINITY;
  private double maxLateral;
  private double startS;
  private double farthestS = Double.NEGATIVE_INFINITY;
  private double lastX;
  private double lastY;
  private double lastTime;
  private boolean started;

  // Comfort: sums of squares over time, and the acceleration when jerk was last taken.
  private double seconds;
  private double accelSquares;
  private double lateralSquares;
  private double maxAccel;
  private double maxLateralAccel;
  private double jerkSquares;
  private double jerkSeconds;
  private double maxJerk;
  private double jerkFrom;
  private double jerkFromTime;

  // The ego now, in road coordinates.
  private double front;
  private double frontD;
  private double axleD;

  /**
   * @param goalS where the front bumper has to get, metres along the road; NaN for nowhere
   */
  Referee(double goalS) {
    this.goalS = goalS;
  }

  Scoreboard score() {
    double progress =
        Double.isNaN(goalS)
            ? 1
            : Math.clamp((farthestS - startS) / Math.max(1e-9, goalS - startS), 0.0, 1.0);
    return new Scoreboard(
        hit.cardinality(),
        redLightsRun,
        leadGap,
        leadAt,
        redGap,
        redAt,
        droveOn,
        distance,
        minTtc,
        maxLateral,
        stopSignsRun,
        laneDepartures,
        falseStops,
        progress,
        new Scoreboard.Comfort(
            maxAccel,
            rms(accelSquares, seconds),
            maxJerk,
            rms(jerkSquares, jerkSeconds),
            maxLateralAccel,
            rms(lateralSquares, seconds)));
  }

  private static double rms(double squares, double over) {
    return over > 0 ? Math.sqrt(squares / over) : 0;
  }

  void look(World world, Ego ego) {
    double time = world.timeS();
    double h = time - lastTime;
    lastTime = time;
    double cos = Math.cos(ego.yawRad);
    double sin = Math.sin(ego.yawRad);
    if (started) {
      distance += Math.hypot(ego.x - lastX, ego.y - lastY);
    }
    lastX = ego.x;
    lastY = ego.y;
    world.road.frenet(ego.x, ego.y, sd);
    axleD = sd[1];
    maxLateral = Math.max(maxLateral, Math.abs(axleD));
    world.road.frenet(ego.x + Ego.FRONT_M * cos, ego.y + Ego.FRONT_M * sin, sd);
    front = sd[0];
    frontD = sd[1];
    if (!started) {
      startS = front;
      jerkFrom = ego.accelMps2;
    }
    farthestS = Math.max(farthestS, front);
    boolean standing = ego.speedMps < STANDING_MPS;
    double gap = vehicles(world, ego, cos, sin, standing);
    for (Pedestrian p : world.pedestrians) {
      if (p.present) {
        touch(world.road, ego, cos, sin, p.s, p.d, 0, 0.5, 0.5, p.id);
        if (Math.abs(p.d - frontD) < 1.2 && p.s > front) {
          closing(p.s - Pedestrian.RADIUS_M - front, ego.speedMps - p.vs(time));
        }
      }
    }
    for (Cone c : world.cones) {
      touch(world.road, ego, cos, sin, c.s(), c.d(), 0, Cone.WIDTH_M, Cone.WIDTH_M, c.id());
    }
    lines(world, ego, standing, gap);
    lane(world);
    stops(world, standing, h);
    comfort(ego, time, h);
    started = true;
  }

  /** Looks at all vehicles; returns the gap to the next one in the lane. */
  private double vehicles(World world, Ego ego, double cos, double sin, boolean standing) {
    double gap = Double.POSITIVE_INFINITY;
    for (Vehicle v : world.vehicles) {
      if (!v.present) {
        continue;
      }
      touch(world.road, ego, cos, sin, v.s, v.d, v.headingRad(), v.lengthM, v.widthM, v.id);
      if (Math.abs(v.d - frontD) < HALF_WIDTH_M + v.halfD() && v.s > front - 1) {
        double ahead = Math.max(0, v.rearS() - front);
        closing(ahead, ego.speedMps - v.alongMps());
        gap = Math.min(gap, ahead);
        boolean stopped = standing && ahead < 8 && v.speedMps < 0.5;
        if (stopped && v.course == Vehicle.Course.ALONG && Double.isNaN(leadGap)) {
          leadGap = ahead;
          leadAt = world.timeS();
        }
      }
    }
    return gap;
  }

  private void lines(World world, Ego ego, boolean standing, double gap) {
    double time = world.timeS();
    for (int i = 0; i < world.lights.size(); i++) {
      TrafficLight light = world.lights.get(i);
      double line = light.stopS - front;
      if (!started && line < 0) {
        crossedLights.set(i);
      }
      boolean red = light.red(time);
      if (line < 0 && !crossedLights.get(i)) {
        crossedLights.set(i);
        if (red) {
          redLightsRun++;
        }
      }
      if (standing && red && line > 0 && line < 8 && gap > line && redLight < 0) {
        redLight = i;
        redGap = line;
        redAt = time;
      }
      if (i == redLight && !red && Double.isNaN(droveOn) && ego.speedMps > 0.5) {
        droveOn = time - light.since(time);
      }
    }
    for (int i = 0; i < world.stopSigns.size(); i++) {
      StopSign sign = world.stopSigns.get(i);
      if (sign.stopS < front && !crossedSigns.get(i)) {
        crossedSigns.set(i);
        if (started && sign.egoStoodS < STOOD_AT_SIGN_S) {
          stopSignsRun++;
        }
      }
    }
  }

  /** Counts each time that the ego is where it should not be. */
  private void lane(World world) {
    Road road = world.road;
    double left = Math.max(frontD, axleD) + HALF_WIDTH_M;
    double right = Math.min(frontD, axleD) - HALF_WIDTH_M;
    double slack = outside ? -0.05 : 0.15;
    double ownEdge = road.oncomingD() - Road.LANE_WIDTH_M / 2;
    boolean out =
        right < road.rightEdgeD() - slack
            || left > road.leftEdgeD() + slack
            || left > ownEdge + slack + 0.2 && !mayGoRound(world);
    if (out && !outside) {
      laneDepartures++;
    }
    outside = out;
  }

  private boolean mayGoRound(World world) {
    for (Vehicle v : world.vehicles) {
      boolean slow = v.parked || v.brokenDown || v.kind == Vehicle.Kind.CYCLIST;
      if (v.present
          && slow
          && !v.oncoming()
          && v.d + v.halfD() > -1.8
          && Math.abs(v.s - front) < 35 + v.lengthM) {
        return true;
      }
    }
    for (Cone c : world.cones) {
      if (Math.abs(c.s() - front) < 35) {
        return true;
      }
    }
    for (Pedestrian p : world.pedestrians) {
      if (p.present && Math.abs(p.d) < 1.75 && Math.abs(p.s - front) < 25) {
        return true;
      }
    }
    return false;
  }

  private void stops(World world, boolean standing, double h) {
    if (!standing || hasReasonToStand(world)) {
      stoodForNothingS = 0;
      return;
    }
    boolean before = stoodForNothingS >= FALSE_STOP_S;
    stoodForNothingS += h;
    if (!before && stoodForNothingS >= FALSE_STOP_S) {
      falseStops++;
    }
  }

  private boolean hasReasonToStand(World world) {
    for (Vehicle v : world.vehicles) {
      if (!v.present) {
        continue;
      }
      double ahead = v.rearS() - front;
      boolean inWay = Math.abs(v.d - frontD) < v.halfD() + 1.7 && v.s > front - 1 && ahead < 16;
      boolean crosses = v.crossing() && ahead > -8 && ahead < 25 && Math.abs(v.d - frontD) < 45;
      boolean comes =
          v.oncoming() && !v.parked && v.d - v.halfD() < 2.2 && v.s > front && ahead < 50;
      if (inWay || crosses || comes) {
        return true;
      }
    }
    for (Pedestrian p : world.pedestrians) {
      double ahead = p.s - front;
      double vd = p.vd(world.timeS());
      double beside = p.d - frontD;
      if (p.present
          && ahead > -1
          && ahead < 18
          && (Math.abs(beside) < 2.2 || vd * beside < 0 && Math.abs(beside) < 6)) {
        return true;
      }
    }
    for (Cone c : world.cones) {
      double ahead = c.s() - front;
      if (ahead > -1 && ahead < 16 && Math.abs(c.d() - frontD) < 2.2) {
        return true;
      }
    }
    for (TrafficLight light : world.lights) {
      double ahead = light.stopS - front;
      boolean shut = light.colour(world.timeS()) != TrafficLight.Colour.GREEN;
      if (shut && ahead > -2 && ahead < 14) {
        return true;
      }
    }
    for (StopSign sign : world.stopSigns) {
      double ahead = sign.stopS - front;
      if (!sign.satisfied() && ahead > 0 && ahead < 14) {
        return true;
      }
    }
    return false;
  }

  private void comfort(Ego ego, double time, double h) {
    double across = Math.abs(ego.speedMps * ego.yawRateRps());
    double along = Math.abs(ego.accelMps2);
    seconds += h;
    accelSquares += along * along * h;
    lateralSquares += across * across * h;
    maxAccel = Math.max(maxAccel, along);
    maxLateralAccel = Math.max(maxLateralAccel, across);
    double over = time - jerkFromTime;
    if (over > JERK_OVER_S - 1e-6) {
      double jerk = (ego.accelMps2 - jerkFrom) / over;
      maxJerk = Math.max(maxJerk, Math.abs(jerk));
      jerkSquares += jerk * jerk * over;
      jerkSeconds += over;
      jerkFrom = ego.accelMps2;
      jerkFromTime = time;
    }
  }

  private void closing(double gap, double closing) {
    if (closing > 0.3) {
      minTtc = Math.min(minTtc, Math.max(0, gap) / closing);
    }
  }

  private void touch(
      Road road,
      Ego ego,
      double cos,
      double sin,
      double s,
      double d,
      double heading,
      double length,
      double width,
      int id) {
    if (Math.abs(s - front) > 25) {
      return;
    }
    road.pose(s, d, pose);
    if (overlaps(ego, cos, sin, pose[0], pose[1], pose[2] + heading, length, width)) {
      hit.set(id);
    }
  }

  /** Whether the ego's rectangle and another meet (separating axes). */
  private static boolean overlaps(
      Ego ego,
      double cos,
      double sin,
      double x,
      double y,
      double yaw,
      double length,
      double width) {
    double mid = (Ego.FRONT_M + Ego.REAR_M) / 2;
    double dx = x - (ego.x + mid * cos);
    double dy = y - (ego.y + mid * sin);
    double halfLength = (Ego.FRONT_M - Ego.REAR_M) / 2;
    double halfWidth = HALF_WIDTH_M;
    double c = Math.abs(Math.cos(yaw - ego.yawRad));
    double s = Math.abs(Math.sin(yaw - ego.yawRad));
    double otherCos = Math.cos(yaw);
    double otherSin = Math.sin(yaw);
    return Math.abs(dx * cos + dy * sin) < halfLength + (length * c + width * s) / 2
        && Math.abs(-dx * sin + dy * cos) < halfWidth + (length * s + width * c) / 2
        && Math.abs(dx * otherCos + dy * otherSin) < length / 2 + halfLength * c + halfWidth * s
        && Math.abs(-dx * otherSin + dy * otherCos) < width / 2 + halfLength * s + halfWidth * c;
  }
}
