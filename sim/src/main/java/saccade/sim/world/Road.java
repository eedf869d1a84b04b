package saccade.sim.world;

import java.util.Arrays;

/**
 * A road with one or two lanes in the ego's direction and one oncoming lane: straight, then an arc
 * of constant curvature, then straight. Its reference line is the centre of the ego's lane, which
 * is the rightmost; s runs along it in metres from the world origin (heading along +x there; s may
 * be negative), d is the offset to the left in metres. Lane geometry: ego lane |d| &lt; 1.75, the
 * second lane (if there) around d = +3.5, oncoming lane centre at {@link #oncomingD}, asphalt from
 * {@link #rightEdgeD} to {@link #leftEdgeD}, then a paved shoulder (parking strip, pavement) of
 * {@link #shoulderM} on both sides, then verge. Side roads cross it at right angles, to both sides,
 * without markings. Immutable.
 */
public final class Road {
  public static final double LANE_WIDTH_M = 3.5;

  /** How far a side road's asphalt reaches from the ego lane's centre to either side, metres. */
  public static final double SIDE_ROAD_REACH_M = 70;

  /** Extent of a pedestrian crossing along the road, metres, half before and half after its s. */
  public static final double ZEBRA_LENGTH_M = 3;

  /** A side road across; both in metres along the road. */
  private record Crossing(double s, double widthM) {}

  private final double straightM;
  private final double arcM;
  private final double curvature;
  private final double shoulderM;
  private final double[] stopLineS;
  private final int lanes;
  private final Crossing[] crossings;
  private final double[] zebraS;

  private final double sign;
  private final double radius;
  private final double endX;
  private final double endY;
  private final double endYaw;

  /**
   * @param straightM where the arc begins, metres (any sign)
   * @param arcM length of the arc, metres, &gt;= 0; the arc may turn by 2 rad at most
   * @param curvature1pm curvature of the arc, 1/m, left positive, 0 for a straight road
   * @param shoulderM paved strip beside each road edge, metres, &gt;= 0
   * @param stopLineS where stop lines lie across the ego lane, metres along the road
   */
  public Road(
      double straightM, double arcM, double curvature1pm, double shoulderM, double... stopLineS) {
    this(straightM, arcM, curvature1pm, shoulderM, stopLineS, 1, new Crossing[0], new double[0]);
  }

  private Road(
      double straightM,
      double arcM,
      double curvature1pm,
      double shoulderM,
      double[] stopLineS,
      int lanes,
      Crossing[] crossings,
      double[] zebraS) {
    if (arcM < 0 || Math.abs(arcM * curvature1pm) > 2.0) {
      throw new IllegalArgumentException(
          "arc of "
              + arcM
              + " m with curvature "
              + curvature1pm
              + " 1/m: wanted a length >= 0 and a turn <= 2 rad");
    }
    this.straightM = straightM;
    this.arcM = arcM;
    this.curvature = curvature1pm;
    this.shoulderM = shoulderM;
    this.stopLineS = stopLineS.clone();
    this.lanes = lanes;
    this.crossings = crossings;
    this.zebraS = zebraS;
    this.sign = curvature1pm < 0 ? -1 : 1;
    this.radius = curvature1pm == 0 ? Double.POSITIVE_INFINITY : 1 / Math.abs(curvature1pm);
    if (curvature1pm == 0) {
      endX = straightM + arcM;
      endY = 0;
      endYaw = 0;
    } else {
      double turn = arcM / radius;
      endX = straightM + radius * Math.sin(turn);
      endY = sign * radius * (1 - Math.cos(turn));
      endYaw = sign * turn;
    }
  }

  /**
   * The same road with so many lanes in the ego's direction.
   *
   * @throws IllegalArgumentException when it is neither 1 nor 2
   */
  public Road withLanes(int sameDirection) {
    if (sameDirection != 1 && sameDirection != 2) {
      throw new IllegalArgumentException(
          "road with " + sameDirection + " lanes in one direction: wanted 1 or 2");
    }
    return new Road(
        straightM, arcM, curvature, shoulderM, stopLineS, sameDirection, crossings, zebraS);
  }

  /**
   * The same road with one more side road across.
   *
   * @param s its middle, metres; on a straight part
   * @param widthM &gt; 0
   * @throws IllegalArgumentException when it would touch the arc or has no width
   */
  public Road withCrossing(double s, double widthM) {
    boolean onArc =
        curvature != 0 && s + widthM / 2 > straightM && s - widthM / 2 < straightM + arcM;
    if (!(widthM > 0) || onArc) {
      throw new IllegalArgumentException(
          "side road of " + widthM + " m at " + s + " m: wanted a width > 0 on a straight part");
    }
    Crossing[] more = Arrays.copyOf(crossings, crossings.length + 1);
    more[crossings.length] = new Crossing(s, widthM);
    return new Road(straightM, arcM, curvature, shoulderM, stopLineS, lanes, more, zebraS);
  }

  /** The same road with one more pedestrian crossing around s, metres. */
  public Road withZebra(double s) {
    double[] more = Arrays.copyOf(zebraS, zebraS.length + 1);
    more[zebraS.length] = s;
    return new Road(straightM, arcM, curvature, shoulderM, stopLineS, lanes, crossings, more);
  }

  public double straightM() {
    return straightM;
  }

  public double arcM() {
    return arcM;
  }

  /** Curvature of the arc, 1/m, left positive. */
  public double arcCurvature1pm() {
    return curvature;
  }

  /** Paved strip beside each edge, metres. */
  public double shoulderM() {
    return shoulderM;
  }

  /** Lanes in the ego's direction: 1 or 2. */
  public int lanes() {
    return lanes;
  }

  /** Centre of the oncoming lane (offset d), metres. */
  public double oncomingD() {
    return LANE_WIDTH_M * lanes;
  }

  /** Left edge of the asphalt (offset d), metres. */
  public double leftEdgeD() {
    return oncomingD() + LANE_WIDTH_M / 2;
  }

  /** Right edge of the asphalt (offset d), metres. */
  public double rightEdgeD() {
    return -LANE_WIDTH_M / 2;
  }

  public int stopLines() {
    return stopLineS.length;
  }

  /** Where stop line {@code i} lies along the road, metres. */
  public double stopLineS(int i) {
    return stopLineS[i];
  }

  /** Number of side roads. */
  public int crossings() {
    return crossings.length;
  }

  /** Where the middle of side road {@code i} lies along the road, metres. */
  public double crossingS(int i) {
    return crossings[i].s();
  }

  /** Width of side road {@code i}, metres along this road. */
  public double crossingWidthM(int i) {
    return crossings[i].widthM();
  }

  /** Number of pedestrian crossings. */
  public int zebras() {
    return zebraS.length;
  }

  /** Where the middle of pedestrian crossing {@code i} lies along the road, metres. */
  public double zebraS(int i) {
    return zebraS[i];
  }

  /** Curvature at s, 1/m, left positive. */
  public double curvatureAt(double s) {
    return s >= straightM && s < straightM + arcM ? curvature : 0;
  }

  /** Heading of the road at s, radians. */
  public double yawAt(double s) {
    if (curvature == 0 || s <= straightM) {
      return 0;
    }
    return Math.min(s - straightM, arcM) * curvature;
  }

  /**
   * Road coordinates of a world point. Allocates nothing.
   *
   * @param sd filled with s and d, metres
   */
  public void frenet(double x, double y, double[] sd) {
    if (curvature == 0 || x <= straightM) {
      sd[0] = x;
      sd[1] = y;
      return;
    }
    double cos = Math.cos(endYaw);
    double sin = Math.sin(endYaw);
    double along = (x - endX) * cos + (y - endY) * sin;
    if (along >= 0) {
      sd[0] = straightM + arcM + along;
      sd[1] = -(x - endX) * sin + (y - endY) * cos;
      return;
    }
    double dx = x - straightM;
    double dy = radius - sign * y;
    sd[0] = straightM + radius * Math.atan2(dx, dy);
    sd[1] = sign * (radius - Math.sqrt(dx * dx + dy * dy));
  }

  /**
   * World pose of a road point.
   *
   * @param xyYaw filled with x, y (metres) and the heading of the road there (radians)
   */
  public void pose(double s, double d, double[] xyYaw) {
    double x;
    double y;
    double yaw;
    if (curvature == 0 || s <= straightM) {
      x = s;
      y = 0;
      yaw = 0;
    } else if (s < straightM + arcM) {
      double turn = (s - straightM) / radius;
      x = straightM + radius * Math.sin(turn);
      y = sign * radius * (1 - Math.cos(turn));
      yaw = sign * turn;
    } else {
      double past = s - straightM - arcM;
      x = endX + past * Math.cos(endYaw);
      y = endY + past * Math.sin(endYaw);
      yaw = endYaw;
    }
    xyYaw[0] = x - d * Math.sin(yaw);
    xyYaw[1] = y + d * Math.cos(yaw);
    xyYaw[2] = yaw;
  }
}
