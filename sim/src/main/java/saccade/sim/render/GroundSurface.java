package saccade.sim.render;

import saccade.sim.world.Road;
import saccade.sim.world.Scene;

/**
 * The ground plane as both sensors see it: asphalt with markings, kerb, paved shoulder, grass, side
 * roads, pedestrian crossings. A snapshot of the scene's road, taken once a frame so that the inner
 * loops read plain fields. Allocates only when a road has more stop lines and crossings than any
 * before. Not thread-safe: one per renderer.
 */
final class GroundSurface {
  /** Longest stretch of a row over which direction and footprint count as the same, pixels. */
  private static final int STRETCH = 64;

  private static final double BESIDE_M = 25;
  private static final double SIDE_ROAD_EDGE_M = 0.2;

  // What crosses the road.
  private static final int SIDE_ROAD = 0;
  private static final int ZEBRA = 1;
  private static final int STOP_LINE = 2;

  /** By material: how much fine and broad texture it has, and how much of it shines when wet. */
  private static final float[] FINE = {0.0016f, 0.001f, 0.0019f};

  private static final float[] BROAD = {0.0011f, 0.0006f, 0.0021f};
  private static final float[] WET_ALBEDO = {0.56f, 0.68f, 0.82f};
  private static final float[] WET_SHINE = {1, 0.7f, 0.06f};

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
  private double middle;
  private boolean wet;

  private final RoadPaint paint = new RoadPaint();
  private final RoadProfile profile = new RoadProfile();

  private int bands; // side roads first, then pedestrian crossings, then stop lines
  private int[] bandKind = new int[8];
  private double[] bandHalf = new double[8];
  private double[] bandX = new double[8];
  private double[] bandY = new double[8];
  private double[] bandCos = new double[8];
  private double[] bandSin = new double[8];
  private final double[] xyYaw = new double[3];

  private double shiftX;
  private double shiftY;

  private final float[] d; // [STRETCH]
  private final float[] grain; // [STRETCH], texture as a factor

  /**
   * Direction of the road at the point last given to {@link #lateral}: cosine and sine of its
   * heading.
   */
  private double headingCos;

  private double headingSin;

  GroundSurface() {
    d = new float[STRETCH];
    grain = new float[STRETCH];
  }

  /** Reads the scene's road, weather and texture seed. */
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
    wet = scene.weather == saccade.sim.world.Weather.RAIN;
    paint.prepare(road);
    middle = paint.middle();
    profile.prepare(road, paint);
    int wanted = road.crossings() + road.zebras() + road.stopLines();
    if (wanted > bandX.length) {
      bandKind = new int[wanted];
      bandHalf = new double[wanted];
      bandX = new double[wanted];
      bandY = new double[wanted];
      bandCos = new double[wanted];
      bandSin = new double[wanted];
    }
    bands = 0;
    for (int i = 0; i < road.crossings(); i++) {
      band(road, SIDE_ROAD, road.crossingS(i), road.crossingWidthM(i) / 2);
    }
    for (int i = 0; i < road.zebras(); i++) {
      band(road, ZEBRA, road.zebraS(i), Road.ZEBRA_LENGTH_M / 2);
    }
    for (int i = 0; i < road.stopLines(); i++) {
      band(road, STOP_LINE, road.stopLineS(i), RoadPaint.STOP_HALF_M);
    }
    shiftX = Noise.unit(scene.textureSeed, 11) * 1000;
    shiftY = Noise.unit(scene.textureSeed, 12) * 1000;
  }

  private void band(Road road, int kind, double s, double half) {
    road.pose(s, 0, xyYaw);
    bandKind[bands] = kind;
    bandHalf[bands] = half;
    bandX[bands] = xyYaw[0];
    bandY[bands] = xyYaw[1];
    bandCos[bands] = Math.cos(xyYaw[2]);
    bandSin[bands++] = Math.sin(xyYaw[2]);
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
    double white = paint.solid(d, acrossM);
    double dash = paint.broken(d, acrossM);
    if (dash > 0) {
      white += dash * RoadPaint.dash(along(x, y), alongM);
    }
    for (int i = 0; i < bands; i++) {
      double share = bandCoverage(i, x, y, alongM, BESIDE_M);
      if (share > 0) {
        switch (bandKind[i]) {
          case SIDE_ROAD -> white *= 1 - share;
          case ZEBRA -> white += share * (paint.stripes(d, acrossM) - white);
          default -> white += d < middle ? share : 0;
        }
      }
    }
    return Math.min(1, white);
  }

  private double bandCoverage(int i, double x, double y, double alongM, double besideM) {
    double dx = x - bandX[i];
    double dy = y - bandY[i];
    if (Math.abs(dy * bandCos[i] - dx * bandSin[i]) > besideM) {
      return 0;
    }
    return RoadPaint.coverage(dx * bandCos[i] + dy * bandSin[i], bandHalf[i], alongM);
  }

  /**
   * LiDAR reflectivity of the ground at a world point, 0..1: asphalt 0.1, shoulder 0.16, grass 0.2,
   * paint 0.6; wet ground throws little back.
   */
  double reflectivity(double x, double y) {
    double d = lateral(x, y);
    double base;
    if (d <= left && d >= right) {
      base = 0.1 + 0.5 * paint(x, y, d, 0.05, 0.05);
    } else {
      double beyond = d > left ? d - left : right - d;
      base = beyond < shoulder ? 0.16 : 0.2;
      for (int i = 0; i < bands && bandKind[i] == SIDE_ROAD; i++) {
        if (bandCoverage(i, x, y, 0.05, Road.SIDE_ROAD_REACH_M) > 0.5) {
          base = 0.1;
        }
      }
    }
    if (wet) {
      base *= beyondKerb(d) ? 0.8 : 0.45;
    }
    return base * (1 + 0.002 * Noise.texel((x + shiftX) * 4, (y + shiftY) * 4));
  }

  private boolean beyondKerb(double d) {
    return d > left + shoulder || d < right - shoulder;
  }

  /**
   * Colours a stretch of ground in one row: what it throws back of the light, 0..255.
   *
   * @param row groundX and groundY are read, red, green and blue written between the two columns
   * @param shine receives the share of the sky that it mirrors when wet, [width]; untouched when
   *     dry
   * @param wideM extent of a pixel's footprint across the line of sight, metres
   * @param deepM extent along the line of sight, metres
   * @param sightCos cosine of the heading of the line of sight
   * @param sightSin sine of it
   */
  void colour(
      PixelRow row,
      float[] shine,
      int from,
      int to,
      double wideM,
      double deepM,
      double sightCos,
      double sightSin) {
    for (int at = from; at < to; at += STRETCH) {
      int end = Math.min(to, at + STRETCH);
      int mid = (at + end) / 2;
      lateral(row.groundX[mid], row.groundY[mid]);
      double turnCos = Math.abs(sightCos * headingCos + sightSin * headingSin);
      double turnSin = Math.abs(sightSin * headingCos - sightCos * headingSin);
      double across = wideM * turnCos + deepM * turnSin;
      double along = deepM * turnCos + wideM * turnSin;
      lateral(row, at, end);
      base(row, shine, at, end, across, along, deepM);
      for (int i = 0; i < bands; i++) {
        if (meets(i, row, at, end - 1, along)) {
          cross(i, row, at, end, across, along);
        }
      }
    }
  }

  /** {@link #d} of a stretch. */
  private void lateral(PixelRow row, int from, int to) {
    float[] x = row.groundX;
    float[] y = row.groundY;
    if (!bent) {
      System.arraycopy(y, from, d, 0, to - from);
      return;
    }
    int first = part(x[from], y[from]);
    if (first == part(x[to - 1], y[to - 1]) && first == part(x[(from + to) / 2], y[from])) {
      straightOrArc(first, x, y, from, to);
      return;
    }
    for (int u = from; u < to; u++) {
      d[u - from] = (float) lateral(x[u], y[u]);
    }
  }

  /** 0 before the arc, 1 on it, 2 after it. */
  private int part(double x, double y) {
    if (x <= straightM) {
      return 0;
    }
    return (x - endX) * endCos + (y - endY) * endSin >= 0 ? 2 : 1;
  }

  private void straightOrArc(int part, float[] x, float[] y, int from, int to) {
    int n = to - from;
    if (part == 0) {
      System.arraycopy(y, from, d, 0, n);
    } else if (part == 2) {
      float c = (float) endCos;
      float s = (float) endSin;
      float x0 = (float) endX;
      float y0 = (float) endY;
      for (int k = 0; k < n; k++) {
        d[k] = (y[from + k] - y0) * c - (x[from + k] - x0) * s;
      }
    } else {
      float x0 = (float) straightM;
      float y0 = (float) centreY;
      float r = (float) radius;
      float turn = (float) sign;
      for (int k = 0; k < n; k++) {
        float dx = x[from + k] - x0;
        float dy = y[from + k] - y0;
        d[k] = turn * (r - (float) Math.sqrt(dx * dx + dy * dy));
      }
    }
  }

  /** Cross-section, broken lines and texture. */
  private void base(
      PixelRow row, float[] shine, int from, int to, double across, double along, double deepM) {
    int level = RoadProfile.level(across);
    int[] colours = profile.colour[level];
    byte[] broken = profile.broken[level];
    float scale = RoadProfile.stepsPerMetre(level);
    float offset = (float) (-RoadProfile.LEAST_D * scale);
    int last = colours.length - 1;
    // Texture finer than a pixel is not seen.
    float fineShare = (float) Math.max(0, 1 - deepM * 4);
    float broadShare = (float) Math.max(0, 1 - deepM * 0.2);
    float[] x = row.groundX;
    float[] y = row.groundY;
    float sx = (float) shiftX;
    float sy = (float) shiftY;
    for (int u = from; u < to; u++) {
      int i = (int) (d[u - from] * scale + offset);
      i = i < 0 ? 0 : Math.min(i, last);
      int colour = colours[i];
      int material = colour >>> 24;
      float gx = x[u] + sx;
      float gy = y[u] + sy;
      float broad = broadShare * Noise.blotch(gx * 1.3f, gy * 1.3f);
      float factor =
          1 + FINE[material] * fineShare * Noise.texel(gx * 16, gy * 16) + BROAD[material] * broad;
      if (wet) {
        factor *= WET_ALBEDO[material];
        // Water stands in the hollows.
        shine[u] = WET_SHINE[material] * Math.max(0.3f, 0.75f + 0.012f * broad);
      }
      grain[u - from] = factor;
      float r = colour >> 16 & 255;
      float g = colour >> 8 & 255;
      float b = colour & 255;
      int white = broken[i] & 255;
      if (white != 0) {
        float share = white * (1 / 255f) * (float) RoadPaint.dash(along(x[u], y[u]), along);
        r += share * (230 - r);
        g += share * (230 - g);
        b += share * (226 - b);
      }
      row.red[u] = r * factor;
      row.green[u] = g * factor;
      row.blue[u] = b * factor;
    }
  }

  /** Whether band i may touch the stretch between two pixels. */
  private boolean meets(int i, PixelRow row, int first, int last, double alongM) {
    double dx0 = row.groundX[first] - bandX[i];
    double dy0 = row.groundY[first] - bandY[i];
    double dx1 = row.groundX[last] - bandX[i];
    double dy1 = row.groundY[last] - bandY[i];
    double a = dx0 * bandCos[i] + dy0 * bandSin[i];
    double b = dx1 * bandCos[i] + dy1 * bandSin[i];
    double reach = bandHalf[i] + alongM * 0.5 + SIDE_ROAD_EDGE_M;
    if (Math.min(a, b) > reach || Math.max(a, b) < -reach) {
      return false;
    }
    double p = dy0 * bandCos[i] - dx0 * bandSin[i];
    double q = dy1 * bandCos[i] - dx1 * bandSin[i];
    double beside = bandKind[i] == SIDE_ROAD ? Road.SIDE_ROAD_REACH_M : BESIDE_M;
    return Math.min(p, q) < beside && Math.max(p, q) > -beside;
  }

  /** Paints band i over a stretch. */
  private void cross(int i, PixelRow row, int from, int to, double across, double alongM) {
    float x0 = (float) bandX[i];
    float y0 = (float) bandY[i];
    float c = (float) bandCos[i];
    float s = (float) bandSin[i];
    int kind = bandKind[i];
    float half = (float) bandHalf[i];
    float extent = (float) alongM;
    float beside = (float) (kind == SIDE_ROAD ? Road.SIDE_ROAD_REACH_M : BESIDE_M);
    int level = RoadProfile.level(across);
    byte[] stripes = profile.stripes[level];
    float scale = RoadProfile.stepsPerMetre(level);
    float offset = (float) (-RoadProfile.LEAST_D * scale);
    for (int u = from; u < to; u++) {
      float dx = row.groundX[u] - x0;
      float dy = row.groundY[u] - y0;
      float before = Math.abs(dx * c + dy * s);
      if (Math.abs(dy * c - dx * s) > beside || before > half + extent * 0.5f + 0.2f) {
        continue;
      }
      float reach = half + 0.5f * extent - before;
      float share =
          reach <= 0 ? 0 : Math.min(Math.min(reach, 2 * half), extent) / Math.max(extent, 1e-6f);
      float factor = grain[u - from];
      float at = d[u - from];
      if (kind == SIDE_ROAD) {
        if (share < 1 && (at > left + RoadProfile.KERB_M || at < right - RoadProfile.KERB_M)) {
          // The side road's own kerb.
          blend(row, u, 1 - share, 168 * factor, 166 * factor, 160 * factor);
        }
        blend(row, u, share, 94 * factor, 94 * factor, 97 * factor);
        continue;
      }
      float white = share;
      if (kind == ZEBRA) {
        int k = (int) (at * scale + offset);
        white *= k < 0 || k >= stripes.length ? 0 : (stripes[k] & 255) * (1 / 255f);
        if (at > right && at < left) {
          blend(row, u, share, 96 * factor, 96 * factor, 99 * factor); // lines end before it
        }
      } else if (at > middle || at < right) {
        white = 0;
      }
      blend(row, u, white, 230 * factor, 230 * factor, 226 * factor);
    }
  }

  private static void blend(PixelRow row, int u, float share, float r, float g, float b) {
    row.red[u] += share * (r - row.red[u]);
    row.green[u] += share * (g - row.green[u]);
    row.blue[u] += share * (b - row.blue[u]);
  }
}
