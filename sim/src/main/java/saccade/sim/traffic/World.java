package saccade.sim.traffic;

import java.util.ArrayList;
import java.util.List;
import saccade.sim.world.Box;
import saccade.sim.world.Daylight;
import saccade.sim.world.Road;
import saccade.sim.world.Scene;
import saccade.sim.world.Weather;

/** Everything but the ego: road, scenery, cars, pedestrians and lights, and how they move. */
public final class World {
  public final Road road;
  public final Daylight daylight;
  public final long textureSeed;
  public final List<Car> cars = new ArrayList<>();
  public final List<Pedestrian> pedestrians = new ArrayList<>();
  public final List<TrafficLight> lights = new ArrayList<>();

  /** Boxes that never change. */
  public final List<Box> scenery = new ArrayList<>();

  public Weather weather = Weather.CLEAR;

  /** Meteorological optical range, metres; infinite in clear air. */
  public double visibilityM = Double.POSITIVE_INFINITY;

  /** Rain rate, mm/h. */
  public double rainMmPerH;

  private final List<LightBoxes> lightBoxes = new ArrayList<>();
  private final double[] pose = new double[3];
  private final double[] sd = new double[2];
  private double timeS;
  private int nextId;

  /** The lamps of one light: fixed boxes with the colours for on and off. */
  private record LightBoxes(TrafficLight light, Box[] red, Box[] green) {}

  public World(Road road, Daylight daylight, long textureSeed) {
    this.road = road;
    this.daylight = daylight;
    this.textureSeed = textureSeed;
  }

  public double timeS() {
    return timeS;
  }

  /** An object id that no other object of this world has. */
  public int newId() {
    return nextId++;
  }

  public Car add(Car car) {
    cars.add(car);
    car.present = car.appearS <= 0;
    return car;
  }

  public Pedestrian add(Pedestrian pedestrian) {
    pedestrians.add(pedestrian);
    pedestrian.present = pedestrian.appearS <= 0;
    return pedestrian;
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
    lights.add(light);
    int id = newId();
    light.id = id;
    Box[] red = new Box[4];
    Box[] green = new Box[4];
    double nearS = light.stopS + 0.8;
    pole(nearS, poleD, headHeightM + 0.2, id);
    head(nearS, poleD + 0.15, headHeightM, id, red, green, 0);
    double farS = light.stopS + farM;
    double farZ = Math.max(headHeightM + 0.9, 3.6);
    pole(farS + 0.4, poleD, farZ + 1.3, id);
    road.pose(farS + 0.4, (poleD + farD) / 2, pose);
    scenery.add(
        new Box(
            pose[0],
            pose[1],
            farZ + 1.25,
            pose[2],
            0.12,
            Math.abs(poleD - farD),
            0.12,
            70,
            72,
            70,
            false,
            0.4,
            Box.Kind.STRUCTURE,
            id));
    head(farS, farD, farZ, id, red, green, 2);
    lightBoxes.add(new LightBoxes(light, red, green));
  }

  private void pole(double s, double d, double height, int id) {
    road.pose(s, d, pose);
    scenery.add(
        new Box(
            pose[0],
            pose[1],
            height / 2,
            pose[2],
            0.14,
            0.14,
            height,
            70,
            72,
            70,
            false,
            0.4,
            Box.Kind.STRUCTURE,
            id));
  }

  private void head(double s, double d, double z, int id, Box[] red, Box[] green, int at) {
    road.pose(s, d, pose);
    scenery.add(
        new Box(
            pose[0],
            pose[1],
            z + 0.5,
            pose[2],
            0.25,
            0.5,
            1.05,
            24,
            24,
            26,
            false,
            0.3,
            Box.Kind.STRUCTURE,
            id));
    road.pose(s - 0.14, d, pose);
    double x = pose[0];
    double y = pose[1];
    double yaw = pose[2];
    red[at] = lamp(x, y, z + 0.76, yaw, 70, 12, 10, false, Box.Kind.LIGHT_RED, id);
    red[at + 1] = lamp(x, y, z + 0.76, yaw, 255, 36, 24, true, Box.Kind.LIGHT_RED, id);
    green[at] = lamp(x, y, z + 0.26, yaw, 8, 52, 26, false, Box.Kind.LIGHT_GREEN, id);
    green[at + 1] = lamp(x, y, z + 0.26, yaw, 40, 250, 120, true, Box.Kind.LIGHT_GREEN, id);
  }

  private static Box lamp(
      double x,
      double y,
      double z,
      double yaw,
      int r,
      int g,
      int b,
      boolean lit,
      Box.Kind kind,
      int id) {
    return new Box(x, y, z, yaw, 0.06, 0.35, 0.35, r, g, b, lit, 0.3, kind, id);
  }

  /** Moves everything on by h seconds; objects whose time has come appear. */
  public void step(double h, Ego ego) {
    timeS += h;
    road.frenet(
        ego.x + Ego.FRONT_M * Math.cos(ego.yawRad), ego.y + Ego.FRONT_M * Math.sin(ego.yawRad), sd);
    double frontS = sd[0];
    for (int i = 0; i < cars.size(); i++) {
      Car car = cars.get(i);
      if (!car.present && timeS > car.appearS - 1e-6) {
        car.present = true;
        if (car.appearTtcS > 0) {
          car.s = frontS + Math.max(5, car.appearTtcS * ego.speedMps) + car.lengthM / 2;
        }
      }
      if (car.present && !car.parked) {
        drive(car, h, frontS, ego.speedMps, sd[1]);
      }
    }
    for (Pedestrian p : pedestrians) {
      if (!p.present && timeS > p.appearS - 1e-6) {
        p.present = true;
        if (p.appearTtcS > 0) {
          p.s = frontS + Math.max(5, p.appearTtcS * ego.speedMps) + Pedestrian.RADIUS_M;
        }
      }
      if (p.present) {
        p.s += p.vs(timeS) * h;
        p.d += p.vd(timeS) * h;
      }
    }
  }

  private void drive(Car car, double h, double egoFrontS, double egoSpeed, double egoD) {
    double accel = car.wish(timeS);
    if (!car.oncoming && Math.abs(car.d) < 1.5) {
      double front = car.s + car.lengthM / 2;
      for (Car other : cars) {
        if (other != car && other.present && Math.abs(other.d - car.d) < 1.5 && other.s > car.s) {
          accel = Math.min(accel, follow(car, other.rearS() - front, other.alongMps(), 2.5));
        }
      }
      double egoRear = egoFrontS - Ego.FRONT_M + Ego.REAR_M;
      if (egoRear > car.s && Math.abs(egoD) < 1.5) {
        accel = Math.min(accel, follow(car, egoRear - front, egoSpeed, 2.5));
      }
      if (car.obeysLights) {
        for (TrafficLight light : lights) {
          double gap = light.stopS - front;
          if (gap > 0 && light.red(timeS) && car.speedMps * car.speedMps < 2 * 6 * gap) {
            accel = Math.min(accel, follow(car, gap, 0, 1.5));
          }
        }
      }
    }
    double before = car.speedMps;
    double after = Math.max(0, before + accel * h);
    car.accelMps2 = after == 0 && before < 1e-3 ? 0 : accel;
    car.speedMps = after;
    car.s += (car.oncoming ? -1 : 1) * 0.5 * (before + after) * h;
  }

  private static double follow(Car car, double gap, double obstacleSpeed, double standstill) {
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
    for (LightBoxes boxes : lightBoxes) {
      boolean isRed = boxes.light.red(timeS);
      for (int i = 0; i < 4; i += 2) {
        scene.boxes.add(boxes.red[i + (isRed ? 1 : 0)]);
        scene.boxes.add(boxes.green[i + (isRed ? 0 : 1)]);
      }
    }
    for (Car car : cars) {
      if (car.present) {
        Bodies.car(scene.boxes, road, car, daylight, pose);
      }
    }
    for (Pedestrian p : pedestrians) {
      if (p.present) {
        Bodies.pedestrian(scene.boxes, road, p, timeS, pose);
      }
    }
  }
}
