package saccade.sim.traffic;

import java.util.ArrayList;
import java.util.List;
import saccade.kernels.motion.Standstill;
import saccade.sim.world.Box;
import saccade.sim.world.Daylight;
import saccade.sim.world.Road;
import saccade.sim.world.Scene;
import saccade.sim.world.Weather;

/** Everything but the ego: road, scenery, traffic and signals, and how they move. */
public final class World {
  public final Road road;
  public final Daylight daylight;
  public final long textureSeed;
  public final List<Vehicle> vehicles = new ArrayList<>();
  public final List<Pedestrian> pedestrians = new ArrayList<>();
  public final List<Cone> cones = new ArrayList<>();
  public final List<TrafficLight> lights = new ArrayList<>();
  public final List<StopSign> stopSigns = new ArrayList<>();

  /** What the ego's own odometry, without noise, remembers of its last standstill; kept here. */
  public final Standstill egoStandstill = new Standstill();

  /** Boxes that never change. */
  public final List<Box> scenery = new ArrayList<>();

  public Weather weather = Weather.CLEAR;

  /** Meteorological optical range, metres; infinite in clear air. */
  public double visibilityM = Double.POSITIVE_INFINITY;

  /** Rain rate, mm/h. */
  public double rainMmPerH;

  private static final double EGO_HALF_M = (Ego.FRONT_M - Ego.REAR_M) / 2;

  private final List<Signals.Lamps> lamps = new ArrayList<>();
  private final Signals signals;
  private final double[] sd = new double[2];
  private double timeS;
  private int nextId;

  // Where the ego is in road coordinates: front bumper and middle.
  private double egoFrontS;
  private double egoS;
  private double egoD;
  private double egoAlongMps;
  private double egoAcrossMps;

  // What limits the vehicle being driven.
  private double gap;
  private double gapSpeed;

  public World(Road road, Daylight daylight, long textureSeed) {
    this.road = road;
    this.daylight = daylight;
    this.textureSeed = textureSeed;
    this.signals = new Signals(road, scenery);
  }

  public double timeS() {
    return timeS;
  }

  /** An object id that no other object of this world has. */
  public int newId() {
    return nextId++;
  }

  public Vehicle add(Vehicle vehicle) {
    vehicles.add(vehicle);
    vehicle.present = vehicle.appearS <= 0;
    return vehicle;
  }

  public Pedestrian add(Pedestrian pedestrian) {
    pedestrians.add(pedestrian);
    pedestrian.present = pedestrian.appearS <= 0;
    return pedestrian;
  }

  /** Puts down a cone. */
  public Cone cone(double s, double d) {
    Cone cone = new Cone(newId(), s, d);
    cones.add(cone);
    return cone;
  }

  /**
   * Adds a signal with a head on a pole at the right of its stop line and a second one beyond the
   * crossing, hanging over the road.
   *
   * @param poleD where the poles stand, offset d in metres (right of the road: negative)
   * @param headHeightM height of the near head's lower edge, metres
   * @param farM how far beyond the line the second head hangs, metres
   * @param farD offset d of the second head, metres
   */
  public void add(TrafficLight light, double poleD, double headHeightM, double farM, double farD) {
    light.id = newId();
    lights.add(light);
    lamps.add(signals.light(light, poleD, headHeightM, farM, farD));
  }

  /**
   * Adds a stop sign on a pole.
   *
   * @param poleD where it stands, offset d in metres (right of the road: negative)
   * @param bottomM height of the plate's lower edge, metres
   */
  public void add(StopSign sign, double poleD, double bottomM) {
    sign.id = newId();
    stopSigns.add(sign);
    signals.stopSign(sign, poleD, bottomM);
  }

  /** Moves everything on by h seconds; objects whose time has come appear. */
  public void step(double h, Ego ego) {
    timeS += h;
    locate(ego);
    for (int i = 0; i < vehicles.size(); i++) {
      Vehicle vehicle = vehicles.get(i);
      if (!vehicle.present && timeS > vehicle.appearS - 1e-6) {
        vehicle.present = true;
        if (vehicle.appearTtcS > 0) {
          vehicle.s = egoFrontS + Math.max(5, vehicle.appearTtcS * ego.speedMps) + vehicle.halfS();
        }
      }
      if (vehicle.present && !vehicle.parked) {
        drive(vehicle, h);
      }
    }
    for (int i = 0; i < pedestrians.size(); i++) {
      Pedestrian p = pedestrians.get(i);
      if (!p.present && timeS > p.appearS - 1e-6) {
        p.present = true;
        if (p.appearTtcS > 0) {
          p.s = egoFrontS + Math.max(5, p.appearTtcS * ego.speedMps) + Pedestrian.RADIUS_M;
        }
      }
      if (p.present) {
        p.lookAt(egoFrontS, timeS);
        p.s += p.vs(timeS) * h;
        p.d += p.vd(timeS) * h;
      }
    }
    for (int i = 0; i < stopSigns.size(); i++) {
      StopSign sign = stopSigns.get(i);
      double line = sign.stopS - egoFrontS;
      boolean near = line > -StopSign.PAST_M && line < StopSign.NEAR_M;
      if (near && ego.speedMps < Standstill.STANDING_MPS) {
        sign.egoStoodS += h;
      }
    }
    egoStandstill.sample(Math.round(timeS * 1e9), ego.speedMps);
  }

  private void locate(Ego ego) {
    double cos = Math.cos(ego.yawRad);
    double sin = Math.sin(ego.yawRad);
    road.frenet(ego.x + Ego.FRONT_M * cos, ego.y + Ego.FRONT_M * sin, sd);
    egoFrontS = sd[0];
    double middle = (Ego.FRONT_M + Ego.REAR_M) / 2;
    road.frenet(ego.x + middle * cos, ego.y + middle * sin, sd);
    egoS = sd[0];
    egoD = sd[1];
    double lean = ego.yawRad - road.yawAt(egoS);
    egoAlongMps = ego.speedMps * Math.cos(lean);
    egoAcrossMps = ego.speedMps * Math.sin(lean);
  }

  private void drive(Vehicle vehicle, double h) {
    double accel = vehicle.wish(timeS, egoFrontS);
    double us = Math.round(Math.cos(courseRad(vehicle)));
    double ud = Math.round(Math.sin(courseRad(vehicle)));
    for (int i = 0; i < vehicles.size(); i++) {
      Vehicle other = vehicles.get(i);
      if (other != vehicle
          && other.present
          && ahead(
              vehicle,
              us,
              ud,
              other.s,
              other.d,
              other.halfS(),
              other.halfD(),
              other.alongMps(),
              other.acrossMps())) {
        accel = Math.min(accel, follow(vehicle, gap, gapSpeed, 2.5));
      }
    }
    for (int i = 0; i < pedestrians.size(); i++) {
      Pedestrian p = pedestrians.get(i);
      double radius = Pedestrian.RADIUS_M;
      if (p.present && ahead(vehicle, us, ud, p.s, p.d, radius, radius + 0.2, 0, 0)) {
        accel = Math.min(accel, follow(vehicle, gap, 0, 2.5));
      }
    }
    double half = Ego.WIDTH_M / 2;
    if (ahead(vehicle, us, ud, egoS, egoD, EGO_HALF_M, half, egoAlongMps, egoAcrossMps)) {
      accel = Math.min(accel, follow(vehicle, gap, gapSpeed, 2.5));
    }
    if (vehicle.obeysLights) {
      accel = Math.min(accel, atLines(vehicle, h));
    }
    vehicle.move(h, accel, timeS, egoFrontS);
  }

  private static double courseRad(Vehicle vehicle) {
    return switch (vehicle.course) {
      case ALONG -> 0;
      case ONCOMING -> Math.PI;
      case FROM_LEFT -> -Math.PI / 2;
      case FROM_RIGHT -> Math.PI / 2;
    };
  }

  /**
   * Whether a rectangle lies in the vehicle's way, ahead; sets the gap to it and its speed along
   * that way.
   */
  private boolean ahead(
      Vehicle vehicle,
      double us,
      double ud,
      double s,
      double d,
      double halfS,
      double halfD,
      double vs,
      double vd) {
    double along = (s - vehicle.s) * us + (d - vehicle.d) * ud;
    if (along <= 0) {
      return false;
    }
    double beside = Math.abs(us != 0 ? d - vehicle.d : s - vehicle.s);
    double reach = vehicle.widthM / 2 + (us != 0 ? halfD : halfS) + 0.15;
    if (beside > reach) {
      // Who moves over looks at the lane it moves to as well.
      if (us == 0 || !vehicle.shifting() || Math.abs(d - vehicle.targetD()) > reach) {
        return false;
      }
    }
    gap = along - vehicle.lengthM / 2 - (us != 0 ? halfS : halfD);
    gapSpeed = vs * us + vd * ud;
    return gap > -1;
  }

  /** Acceleration for traffic lights and stop signs, m/s^2; infinite when there is none to obey. */
  private double atLines(Vehicle vehicle, double h) {
    double accel = Double.POSITIVE_INFINITY;
    if (vehicle.course == Vehicle.Course.ALONG) {
      double front = vehicle.s + vehicle.lengthM / 2;
      for (int i = 0; i < lights.size(); i++) {
        TrafficLight light = lights.get(i);
        double line = light.stopS - front;
        double hardest = light.red(timeS) ? 6 : 3;
        if (line > 0
            && light.colour(timeS) != TrafficLight.Colour.GREEN
            && vehicle.speedMps * vehicle.speedMps < 2 * hardest * line) {
          accel = Math.min(accel, follow(vehicle, line, 0, 1.5));
        }
      }
      for (int i = 0; i < stopSigns.size(); i++) {
        double line = stopSigns.get(i).stopS - front;
        if (vehicle.mustStopAtSign(line, h)) {
          accel = Math.min(accel, follow(vehicle, line, 0, 1.5));
        }
      }
    } else if (vehicle.crossing() && !lights.isEmpty()) {
      // The side road has green while the main road has red for long enough to get across.
      boolean fromLeft = vehicle.course == Vehicle.Course.FROM_LEFT;
      double edge = fromLeft ? road.leftEdgeD() + 2 : road.rightEdgeD() - 2;
      double line = Math.abs(vehicle.d - edge) - vehicle.lengthM / 2;
      boolean before = fromLeft ? vehicle.d > edge : vehicle.d < edge;
      TrafficLight light = lights.getFirst();
      boolean may = light.red(timeS) && light.untilChange(timeS) > 4;
      if (before && !may && vehicle.speedMps * vehicle.speedMps < 2 * 6 * line) {
        accel = follow(vehicle, line, 0, 1.5);
      }
    }
    return accel;
  }

  private static double follow(Vehicle car, double gap, double obstacleSpeed, double standstill) {
    if (car.speedMps < 0.3 && obstacleSpeed < 0.3 && gap < standstill + 1) {
      return -1;
    }
    return CarFollowing.behind(car.speedMps, 30, gap, obstacleSpeed, standstill);
  }

  /** Refills the scene with this instant. */
  public void fill(Scene scene, Ego ego, long frame) {
    scene.timeS = timeS;
    scene.road = road;
    scene.daylight = daylight;
    scene.weather = weather;
    scene.visibilityM = visibilityM;
    scene.rainMmPerH = rainMmPerH;
    scene.egoX = ego.x;
    scene.egoY = ego.y;
    scene.egoYawRad = ego.yawRad;
    scene.egoSpeedMps = ego.speedMps;
    scene.textureSeed = textureSeed;
    scene.frame = frame;
    scene.boxes.clear();
    scene.boxes.addAll(scenery);
    for (Signals.Lamps light : lamps) {
      light.fill(scene.boxes, timeS);
    }
    Bodies bodies = new Bodies(scene.boxes, road, daylight, timeS);
    for (Vehicle vehicle : vehicles) {
      if (vehicle.present) {
        bodies.vehicle(vehicle);
      }
    }
    for (Pedestrian p : pedestrians) {
      if (p.present) {
        bodies.pedestrian(p);
      }
    }
    for (Cone cone : cones) {
      bodies.cone(cone);
    }
  }
}
