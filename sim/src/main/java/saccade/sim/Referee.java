package saccade.sim;

import java.util.BitSet;
import saccade.sim.traffic.Ego;
import saccade.sim.traffic.Pedestrian;
import saccade.sim.traffic.TrafficLight;
import saccade.sim.traffic.Vehicle;
import saccade.sim.traffic.World;
import saccade.sim.world.Road;

/** Watches a drive and keeps the score. Sees every sub-step. */
final class Referee {
  private static final double STANDING_MPS = 0.1;

  private final BitSet hit = new BitSet();
  private final BitSet crossed = new BitSet();
  private final double[] sd = new double[2];
  private final double[] pose = new double[3];
  private int redLightsRun;
  private double leadGap = Double.NaN;
  private double leadAt = Double.NaN;
  private double redGap = Double.NaN;
  private double redAt = Double.NaN;
  private int redLight = -1;
  private double droveOn = Double.NaN;
  private double distance;
  private double minTtc = Double.POSITIVE_INFINITY;
  private double maxLateral;
  private double lastX;
  private double lastY;
  private boolean started;

  Scoreboard score() {
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
        maxLateral);
  }

  void look(World world, Ego ego) {
    double cos = Math.cos(ego.yawRad);
    double sin = Math.sin(ego.yawRad);
    if (started) {
      distance += Math.hypot(ego.x - lastX, ego.y - lastY);
    }
    lastX = ego.x;
    lastY = ego.y;
    world.road.frenet(ego.x, ego.y, sd);
    maxLateral = Math.max(maxLateral, Math.abs(sd[1]));
    world.road.frenet(ego.x + Ego.FRONT_M * cos, ego.y + Ego.FRONT_M * sin, sd);
    double front = sd[0];
    double time = world.timeS();
    boolean standing = ego.speedMps < STANDING_MPS;

    double gap = Double.POSITIVE_INFINITY;
    for (Vehicle car : world.vehicles) {
      if (!car.present) {
        continue;
      }
      bodyOf(world.road, car.s, car.d);
      if (overlaps(ego, cos, sin, pose[0], pose[1], pose[2], car.lengthM, car.widthM)) {
        hit.set(car.id);
      }
      if (Math.abs(car.d) < 1.8 && car.s > front - 1) {
        double ahead = Math.max(0, car.rearS() - front);
        closing(ahead, ego.speedMps - car.alongMps());
        gap = Math.min(gap, ahead);
        if (standing
            && ahead < 8
            && car.speedMps < 0.5
            && !car.oncoming()
            && Double.isNaN(leadGap)) {
          leadGap = ahead;
          leadAt = time;
        }
      }
    }
    for (Pedestrian p : world.pedestrians) {
      if (!p.present) {
        continue;
      }
      bodyOf(world.road, p.s, p.d);
      if (overlaps(ego, cos, sin, pose[0], pose[1], pose[2], 0.5, 0.5)) {
        hit.set(p.id);
      }
      if (Math.abs(p.d) < 1.2 && p.s > front) {
        closing(p.s - Pedestrian.RADIUS_M - front, ego.speedMps - p.vs(time));
      }
    }
    for (int i = 0; i < world.lights.size(); i++) {
      TrafficLight light = world.lights.get(i);
      double line = light.stopS - front;
      if (!started && line < 0) {
        crossed.set(i);
      }
      boolean red = light.red(time);
      if (line < 0 && !crossed.get(i)) {
        crossed.set(i);
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
    started = true;
  }

  private void closing(double gap, double closing) {
    if (closing > 0.3) {
      minTtc = Math.min(minTtc, Math.max(0, gap) / closing);
    }
  }

  private void bodyOf(Road road, double s, double d) {
    road.pose(s, d, pose);
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
    double halfWidth = Ego.WIDTH_M / 2;
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
