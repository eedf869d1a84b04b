package saccade.sim.traffic;

import java.util.List;
import saccade.sim.world.Box;
import saccade.sim.world.Daylight;
import saccade.sim.world.Road;

/** The boxes that cars and pedestrians are made of. */
final class Bodies {
  private Bodies() {}

  static void car(List<Box> boxes, Road road, Car car, Daylight daylight, double[] pose) {
    road.pose(car.s, car.d, pose);
    double yaw = pose[2] + (car.oncoming ? Math.PI : 0);
    double cos = Math.cos(yaw);
    double sin = Math.sin(yaw);
    double x = pose[0];
    double y = pose[1];
    int r = car.colour >> 16 & 255;
    int g = car.colour >> 8 & 255;
    int b = car.colour & 255;
    double clear = 0.18;
    double bodyTop = car.boxy ? car.heightM : car.heightM * 0.62;
    boxes.add(
        new Box(
            x,
            y,
            (clear + bodyTop) / 2,
            yaw,
            car.lengthM,
            car.widthM,
            bodyTop - clear,
            r,
            g,
            b,
            false,
            0.5,
            Box.Kind.CAR,
            car.id));
    int gr = car.glass >> 16 & 255;
    int gg = car.glass >> 8 & 255;
    int gb = car.glass & 255;
    if (!car.boxy) {
      double cabin = car.lengthM * car.cabinShare;
      double shift = -car.lengthM * 0.06;
      boxes.add(
          new Box(
              x + shift * cos,
              y + shift * sin,
              (bodyTop + car.heightM) / 2,
              yaw,
              cabin,
              car.widthM * 0.86,
              car.heightM - bodyTop,
              gr,
              gg,
              gb,
              false,
              0.15,
              Box.Kind.CAR,
              car.id));
    }
    boolean lit = car.braking();
    double back = -car.lengthM / 2 - 0.03;
    double half = car.widthM / 2 - car.lampWidthM / 2 - 0.05;
    for (int side = -1; side <= 1; side += 2) {
      double lx = x + back * cos - side * half * sin;
      double ly = y + back * sin + side * half * cos;
      boxes.add(
          lit
              ? new Box(
                  lx,
                  ly,
                  car.lampHeightM,
                  yaw,
                  0.1,
                  car.lampWidthM,
                  0.2,
                  255,
                  40,
                  28,
                  true,
                  0.9,
                  Box.Kind.BRAKE_LAMP,
                  car.id)
              : new Box(
                  lx,
                  ly,
                  car.lampHeightM,
                  yaw,
                  0.1,
                  car.lampWidthM,
                  0.2,
                  96,
                  14,
                  14,
                  false,
                  0.9,
                  Box.Kind.BRAKE_LAMP,
                  car.id));
      if (car.oncoming) {
        double front = car.lengthM / 2 + 0.03;
        boxes.add(
            new Box(
                x + front * cos - side * half * sin,
                y + front * sin + side * half * cos,
                0.65,
                yaw,
                0.08,
                0.3,
                0.16,
                235,
                232,
                205,
                daylight == Daylight.DUSK,
                0.7,
                Box.Kind.CAR,
                car.id));
      }
    }
  }

  static void pedestrian(List<Box> boxes, Road road, Pedestrian p, double timeS, double[] pose) {
    road.pose(p.s, p.d, pose);
    double vs = p.vs(timeS);
    double vd = p.vd(timeS);
    double yaw = pose[2] + (vs == 0 && vd == 0 ? Math.PI / 2 : Math.atan2(vd, vs));
    double shoulder = p.heightM - 0.28;
    boxes.add(
        new Box(
            pose[0],
            pose[1],
            shoulder / 2,
            yaw,
            0.42,
            0.6,
            shoulder,
            p.colour >> 16 & 255,
            p.colour >> 8 & 255,
            p.colour & 255,
            false,
            0.35,
            Box.Kind.PEDESTRIAN,
            p.id));
    boxes.add(
        new Box(
            pose[0],
            pose[1],
            p.heightM - 0.14,
            yaw,
            0.26,
            0.26,
            0.28,
            p.skin >> 16 & 255,
            p.skin >> 8 & 255,
            p.skin & 255,
            false,
            0.45,
            Box.Kind.PEDESTRIAN,
            p.id));
  }
}
