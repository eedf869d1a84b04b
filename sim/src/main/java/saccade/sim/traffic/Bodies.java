package saccade.sim.traffic;

import java.util.List;
import saccade.sim.world.Box;
import saccade.sim.world.Box.Kind;
import saccade.sim.world.Box.Surface;
import saccade.sim.world.Daylight;
import saccade.sim.world.Road;

/** The boxes that vehicles, people and cones are made of, at one instant. */
final class Bodies {
  private static final double CLEARANCE_M = 0.18;
  private static final int BRAKE_LIT = 0xff281c;
  private static final int BRAKE_DARK = 0x600e0e;
  private static final int TAIL_AT_NIGHT = 0x6e0c0a;
  private static final int HEAD_LAMP = 0xebe8cd;
  private static final int BLINKER_LIT = 0xffa014;
  private static final int BLINKER_DARK = 0x6e4610;
  private static final int RUBBER = 0x1a1a1c;

  private final List<Box> boxes;
  private final Road road;
  private final boolean dark;
  private final double timeS;
  private final double[] pose = new double[3];

  // The body being built: its middle on the ground, heading, object.
  private double x;
  private double y;
  private double yaw;
  private double cos;
  private double sin;
  private Kind kind = Kind.STRUCTURE;
  private int id;

  Bodies(List<Box> boxes, Road road, Daylight daylight, double timeS) {
    this.boxes = boxes;
    this.road = road;
    this.dark = daylight != Daylight.DAY;
    this.timeS = timeS;
  }

  void vehicle(Vehicle v) {
    at(v.s, v.d, v.headingRad(), v.id);
    switch (v.kind) {
      case CAR -> {
        kind = Kind.CAR;
        car(v);
        lamps(v);
      }
      case TRUCK -> {
        kind = Kind.TRUCK;
        truck(v);
        lamps(v);
      }
      case CYCLIST -> {
        kind = Kind.CYCLIST;
        cyclist(v);
      }
    }
  }

  private void car(Vehicle v) {
    double bodyTop = v.boxy ? v.heightM : v.heightM * 0.62;
    part(
        0,
        0,
        (CLEARANCE_M + bodyTop) / 2,
        v.lengthM,
        v.widthM,
        bodyTop - CLEARANCE_M,
        v.colour,
        0.5,
        v.boxy ? Surface.PANEL : Surface.PLAIN);
    if (!v.boxy) {
      part(
          -v.lengthM * 0.06,
          0,
          (bodyTop + v.heightM) / 2,
          v.lengthM * v.cabinShare,
          v.widthM * 0.86,
          v.heightM - bodyTop,
          v.glass,
          0.15,
          Surface.PLAIN);
    }
  }

  /** A cab, a cargo box with a gap before it, and a dark frame below both. */
  private void truck(Vehicle v) {
    double cab = 2.1;
    double floor = 0.95;
    double cargo = v.lengthM - cab - 0.35;
    part(0, 0, 0.68, v.lengthM, v.widthM * 0.9, 0.6, RUBBER, 0.15, Surface.PLAIN);
    part(
        v.lengthM / 2 - cab / 2,
        0,
        (0.4 + v.heightM * 0.86) / 2,
        cab,
        v.widthM * 0.96,
        v.heightM * 0.86 - 0.4,
        v.glass,
        0.4,
        Surface.PANEL);
    part(
        -v.lengthM / 2 + cargo / 2,
        0,
        (floor + v.heightM) / 2,
        cargo,
        v.widthM,
        v.heightM - floor,
        v.colour,
        0.6,
        Surface.PLAIN);
  }

  /** Two wheels, a frame, legs, a bent trunk and a head. */
  private void cyclist(Vehicle v) {
    double saddle = 0.9;
    double shoulder = v.heightM - 0.26;
    part(0.52, 0, 0.34, 0.66, 0.05, 0.66, RUBBER, 0.2, Surface.LATTICE);
    part(-0.52, 0, 0.34, 0.66, 0.05, 0.66, RUBBER, 0.2, Surface.LATTICE);
    part(0, 0, 0.6, 0.9, 0.07, 0.3, v.glass, 0.4, Surface.PLAIN);
    part(0.05, 0, 0.62, 0.32, 0.34, 0.6, 0x2c2e38, 0.35, Surface.PLAIN);
    part(
        0.08,
        0,
        (saddle + shoulder) / 2,
        0.42,
        0.48,
        shoulder - saddle,
        v.colour,
        0.4,
        Surface.PLAIN);
    part(0.2, 0, v.heightM - 0.13, 0.25, 0.24, 0.26, v.skin, 0.45, Surface.PLAIN);
    part(0.62, 0, 1.02, 0.06, 0.5, 0.06, RUBBER, 0.3, Surface.PLAIN);
    if (dark) {
      lamp(-0.82, 0, 0.7, 0.08, 0.1, BRAKE_LIT, true, Kind.CYCLIST);
      lamp(0.8, 0, 0.85, 0.08, 0.08, HEAD_LAMP, true, Kind.HEAD_LAMP);
    }
  }

  private void lamps(Vehicle v) {
    boolean braking = v.braking();
    boolean running = dark && !v.parked;
    double back = -v.lengthM / 2 - 0.03;
    double front = v.lengthM / 2 + 0.03;
    double half = v.widthM / 2 - v.lampWidthM / 2 - 0.05;
    Vehicle.Indicator shown = v.showing();
    boolean on = v.blinkOn(timeS);
    for (int side = -1; side <= 1; side += 2) {
      if (!braking && running) {
        lamp(back, side * half, v.lampHeightM, v.lampWidthM, 0.2, TAIL_AT_NIGHT, true, kind);
      } else {
        int colour = braking ? BRAKE_LIT : BRAKE_DARK;
        lamp(back, side * half, v.lampHeightM, v.lampWidthM, 0.2, colour, braking, Kind.BRAKE_LAMP);
      }
      if (!v.parked) {
        lamp(front, side * half, 0.65, 0.3, 0.16, HEAD_LAMP, running, Kind.HEAD_LAMP);
      }
      boolean blinks =
          shown == Vehicle.Indicator.HAZARD
              || shown == (side > 0 ? Vehicle.Indicator.LEFT : Vehicle.Indicator.RIGHT);
      if (blinks) {
        int colour = on ? BLINKER_LIT : BLINKER_DARK;
        double corner = side * (v.widthM / 2 - 0.07);
        double above = v.lampHeightM + 0.21;
        lamp(back - 0.01, corner, above, 0.18, 0.2, colour, on, Kind.INDICATOR);
        lamp(front + 0.01, corner, 0.84, 0.18, 0.16, colour, on, Kind.INDICATOR);
        part(
            v.lengthM * 0.3,
            side * (v.widthM / 2 + 0.02),
            0.84,
            0.2,
            0.04,
            0.14,
            colour,
            on,
            0.5,
            Kind.INDICATOR,
            Surface.PLAIN);
      }
    }
  }

  void pedestrian(Pedestrian p) {
    double vs = p.vs(timeS);
    double vd = p.vd(timeS);
    at(p.s, p.d, vs == 0 && vd == 0 ? Math.PI / 2 : Math.atan2(vd, vs), p.id);
    kind = Kind.PEDESTRIAN;
    double size = p.heightM / 1.75;
    double head = 0.28 * Math.max(size, 0.75);
    double shoulder = p.heightM - head;
    part(0, 0, shoulder / 2, 0.42 * size, 0.6 * size, shoulder, p.colour, 0.35, Surface.PLAIN);
    part(0, 0, p.heightM - head / 2, 0.26, 0.26, head, p.skin, 0.45, Surface.PLAIN);
  }

  void cone(Cone cone) {
    at(cone.s(), cone.d(), 0, cone.id());
    kind = Kind.CONE;
    double low = 0.38;
    part(0, 0, 0.03, 0.42, 0.42, 0.06, 0x303032, 0.3, Surface.PLAIN);
    part(
        0,
        0,
        (0.06 + low) / 2,
        Cone.WIDTH_M * 0.86,
        Cone.WIDTH_M * 0.86,
        low - 0.06,
        0xf06414,
        0.7,
        Surface.CONE_BANDS);
    part(
        0,
        0,
        (low + Cone.HEIGHT_M) / 2,
        Cone.WIDTH_M * 0.5,
        Cone.WIDTH_M * 0.5,
        Cone.HEIGHT_M - low,
        0xf06414,
        0.7,
        Surface.CONE_BANDS);
  }

  private void at(double s, double d, double headingRad, int objectId) {
    road.pose(s, d, pose);
    x = pose[0];
    y = pose[1];
    yaw = pose[2] + headingRad;
    cos = Math.cos(yaw);
    sin = Math.sin(yaw);
    id = objectId;
  }

  /** A lamp that looks forward or back. */
  private void lamp(
      double ahead,
      double left,
      double z,
      double width,
      double height,
      int colour,
      boolean lit,
      Kind lampKind) {
    part(ahead, left, z, 0.1, width, height, colour, lit, 0.9, lampKind, Surface.PLAIN);
  }

  private void part(
      double ahead,
      double left,
      double z,
      double length,
      double width,
      double height,
      int colour,
      double reflectivity,
      Surface surface) {
    part(ahead, left, z, length, width, height, colour, false, reflectivity, kind, surface);
  }

  private void part(
      double ahead,
      double left,
      double z,
      double length,
      double width,
      double height,
      int colour,
      boolean lit,
      double reflectivity,
      Kind what,
      Surface surface) {
    boxes.add(
        new Box(
            x + ahead * cos - left * sin,
            y + ahead * sin + left * cos,
            z,
            yaw,
            length,
            width,
            height,
            colour >> 16 & 255,
            colour >> 8 & 255,
            colour & 255,
            lit,
            reflectivity,
            what,
            id,
            surface));
  }
}
