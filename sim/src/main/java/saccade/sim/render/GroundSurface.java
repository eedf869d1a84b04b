package saccade.sim.render;

import saccade.sim.world.Road;
import saccade.sim.world.Scene;

/**
 * The ground plane as both sensors see it: asphalt with markings, kerb, paved shoulder, grass. A
 * snapshot of the scene's road, taken once a frame so that the inner loops read plain fields.
 * Allocates only when a road has more stop lines than any before. Not thread-safe: one per
 * renderer.
 */
final class GroundSurface {
  private static final double LINE_HALF_M = 0.07;
  private static final double EDGE_INSET_M = 0.18;
  private static final double KERB_M = 0.2;
  private static final double DASH_M = 3.0;
  private static final double DASH_PERIOD_M = 8.0;
  private static final double STOP_HALF_M = 0.25;

  private double straightM;
  private double arcM;
  private boolean bent;
  private double sign;
  private double radius;
  private double centreY;
  private double endX;
  private double endY;
  private double endCos;
  private double endSin;
  private double left;
  private double right;
  private double shoulder;

  private int stops;
  private double[] stopX = new double[8];
  private double[] stopY = new double[8];
  private double[] stopCos = new double[8];
  private double[] stopSin = new double[8];
  private final double[] xyYaw = new double[3];

  private double shiftX;
  private double shiftY;

  /**
   * Direction of the road at the point last given to {@link #lateral}: cosine and sine of its
   * heading.
   */
  private double headingCos;

  private double headingSin;

  /** Reads the scene's road and texture seed. */
  void prepare(Scene scene) {
    Road road = scene.road;
    straightM = road.straightM();
    arcM = road.arcM();
    double curvature = road.arcCurvature1pm();
    bent = curvature != 0;
    sign = curvature < 0 ? -1 : 1;
    radius = bent ? 1 / Math.abs(curvature) : Double.POSITIVE_INFINITY;
    centreY = bent ? sign * radius : 0;
    road.pose(straightM + arcM, 0, xyYaw);
    endX = xyYaw[0];
    endY = xyYaw[1];
    // Not the yaw of pose(): for an arc of no length that is 0 as well, and the two straights join.
    double endYaw = road.yawAt(straightM + arcM);
    endCos = Math.cos(endYaw);
    endSin = Math.sin(endYaw);
    left = road.leftEdgeD();
    right = road.rightEdgeD();
    shoulder = road.shoulderM();
    stops = road.stopLines();
    if (stops > stopX.length) {
      stopX = new double[stops];
      stopY = new double[stops];
      stopCos = new double[stops];
      stopSin = new double[stops];
    }
    for (int i = 0; i < stops; i++) {
      road.pose(road.stopLineS(i), 0, xyYaw);
      stopX[i] = xyYaw[0];
      stopY[i] = xyYaw[1];
      stopCos[i] = Math.cos(xyYaw[2]);
      stopSin[i] = Math.sin(xyYaw[2]);
    }
    shiftX = Noise.unit(scene.textureSeed, 11) * 1000;
    shiftY = Noise.unit(scene.textureSeed, 12) * 1000;
  }

  /**
   * Offset d of a world point to the left of the ego lane's centre, metres; the same as {@link
   * Road#frenet}.
   */
  double lateral(double x, double y) {
    if (!bent || x <= straightM) {
      headingCos = 1;
      headingSin = 0;
      return y;
    }
    double ex = x - endX;
    double ey = y - endY;
    if (ex * endCos + ey * endSin >= 0) {
      headingCos = endCos;
      headingSin = endSin;
      return ey * endCos - ex * endSin;
    }
    double dx = x - straightM;
    double dy = y - centreY;
    double distance = Math.sqrt(dx * dx + dy * dy);
    headingCos = -sign * dy / distance;
    headingSin = sign * dx / distance;
    return sign * (radius - distance);
  }

  /** Road coordinate s of a world point, metres; the same as {@link Road#frenet}. */
  double along(double x, double y) {
    if (!bent || x <= straightM) {
      return x;
    }
    double past = (x - endX) * endCos + (y - endY) * endSin;
    if (past >= 0) {
      return straightM + arcM + past;
    }
    return straightM + radius * Math.atan2(x - straightM, radius - sign * y);
  }

  /**
   * Share of a patch of ground that is painted white, 0..1.
   *
   * @param d offset of the patch as {@link #lateral} has just given it, metres
   * @param acrossM extent of the patch across the road, metres
   * @param alongM extent of the patch along the road, metres
   */
  double paint(double x, double y, double d, double acrossM, double alongM) {
    if (d > left || d < right) {
      return 0;
    }
    double paint =
        coverage(d - (right + EDGE_INSET_M), LINE_HALF_M, acrossM)
            + coverage(d - (left - EDGE_INSET_M), LINE_HALF_M, acrossM);
    double laneEdge = Road.LANE_WIDTH_M / 2;
    double dash = coverage(d - laneEdge, LINE_HALF_M, acrossM);
    if (dash > 0) {
      double s = along(x, y);
      double phase = s - DASH_PERIOD_M * Math.floor(s / DASH_PERIOD_M);
      paint += dash * coverage(phase - DASH_PERIOD_M / 2, DASH_M / 2, alongM);
    }
    if (d < laneEdge) {
      for (int i = 0; i < stops; i++) {
        double before = (x - stopX[i]) * stopCos[i] + (y - stopY[i]) * stopSin[i];
        double beside = (y - stopY[i]) * stopCos[i] - (x - stopX[i]) * stopSin[i];
        if (Math.abs(beside) < 4) {
          paint += coverage(before, STOP_HALF_M, alongM);
        }
      }
    }
    return Math.min(1, paint);
  }

  /**
   * Colour of a patch of ground in white light.
   *
   * @param x world x of its centre, metres
   * @param y world y of its centre, metres
   * @param wideM extent of the pixel's footprint across the line of sight, metres
   * @param deepM extent along the line of sight, metres
   * @param sightCos cosine of the heading of the line of sight
   * @param sightSin sine of it
   * @return red, green, blue in bits 16..23, 8..15, 0..7
   */
  int colour(double x, double y, double wideM, double deepM, double sightCos, double sightSin) {
    double d = lateral(x, y);
    float fine = 0;
    if (deepM < 0.25) {
      fine = Noise.texel((x + shiftX) * 16, (y + shiftY) * 16) * (float) (1 - deepM * 4);
    }
    float broad = 0;
    if (deepM < 5) {
      broad = Noise.blotch((x + shiftX) * 1.3, (y + shiftY) * 1.3) * (float) (1 - deepM * 0.2);
    }
    float r;
    float g;
    float b;
    if (d <= left && d >= right) {
      float grey = 96 + 0.16f * fine + 0.1f * broad;
      r = grey;
      g = grey;
      b = grey + 3;
      float paint = 0;
      if (mayBePainted(d, LINE_HALF_M + 0.5 * (wideM + deepM))) {
        double turnCos = Math.abs(sightCos * headingCos + sightSin * headingSin);
        double turnSin = Math.abs(sightSin * headingCos - sightCos * headingSin);
        double across = wideM * turnCos + deepM * turnSin;
        double along = deepM * turnCos + wideM * turnSin;
        paint = (float) paint(x, y, d, across, along);
      }
      if (paint > 0) {
        float white = 228 + 0.1f * fine;
        r += paint * (white - r);
        g += paint * (white - g);
        b += paint * (white - 4 - b);
      }
    } else {
      double beyond = d > left ? d - left : right - d;
      if (beyond < KERB_M) {
        r = 168 + 0.08f * fine;
        g = 166 + 0.08f * fine;
        b = 160 + 0.08f * fine;
      } else if (beyond < shoulder) {
        r = 134 + 0.14f * fine + 0.08f * broad;
        g = 128 + 0.14f * fine + 0.08f * broad;
        b = 121 + 0.14f * fine + 0.08f * broad;
      } else {
        r = 92 + 0.2f * fine + 0.24f * broad;
        g = 122 + 0.24f * fine + 0.2f * broad;
        b = 60 + 0.12f * fine + 0.08f * broad;
      }
    }
    return clamp(r) << 16 | clamp(g) << 8 | clamp(b);
  }

  /**
   * LiDAR reflectivity of the ground at a world point, 0..1: asphalt 0.1, shoulder 0.16, grass 0.2,
   * paint 0.6.
   */
  double reflectivity(double x, double y) {
    double d = lateral(x, y);
    double base;
    if (d <= left && d >= right) {
      base = 0.1 + 0.5 * paint(x, y, d, 0.05, 0.05);
    } else {
      double beyond = d > left ? d - left : right - d;
      base = beyond < shoulder ? 0.16 : 0.2;
    }
    return base * (1 + 0.002 * Noise.texel((x + shiftX) * 4, (y + shiftY) * 4));
  }

  /**
   * Whether a patch on the asphalt that reaches this far from d can touch a line: a cheap first
   * question.
   */
  private boolean mayBePainted(double d, double reachM) {
    double laneEdge = Road.LANE_WIDTH_M / 2;
    return d < laneEdge && stops > 0
        || Math.abs(d - laneEdge) < reachM
        || d - right < EDGE_INSET_M + reachM
        || left - d < EDGE_INSET_M + reachM;
  }

  /** Share of an interval of {@code extent} around {@code offset} that lies within +-half. */
  private static double coverage(double offset, double half, double extent) {
    double reach = half + 0.5 * extent - Math.abs(offset);
    if (reach <= 0) {
      return 0;
    }
    return Math.min(Math.min(reach, 2 * half), extent) / extent;
  }

  private static int clamp(float v) {
    return v <= 0 ? 0 : v >= 255 ? 255 : (int) v;
  }
}
