package saccade.sim.render;

import saccade.sim.world.Road;

/**
 * Where a road's markings lie across it: edge lines, the line between lanes, the line to the
 * oncoming lane, the stripes of a pedestrian crossing. All offsets d and extents in metres, all
 * answers the share of the extent around d that is painted, 0..1.
 */
final class RoadPaint {
  static final double LINE_HALF_M = 0.07;
  static final double EDGE_INSET_M = 0.18;
  static final double DASH_M = 3.0;
  static final double DASH_PERIOD_M = 8.0;
  static final double STOP_HALF_M = 0.25;
  static final double STRIPE_M = 0.5;

  private double left;
  private double right;
  private int lanes = 1;

  void prepare(Road road) {
    left = road.leftEdgeD();
    right = road.rightEdgeD();
    lanes = road.lanes();
  }

  /** Offset of the line between the ego's direction and the oncoming one. */
  double middle() {
    return Road.LANE_WIDTH_M * (lanes - 0.5);
  }

  /** Unbroken lines: both edges, and the middle where each direction has lanes to change to. */
  double solid(double d, double acrossM) {
    double paint =
        coverage(d - (right + EDGE_INSET_M), LINE_HALF_M, acrossM)
            + coverage(d - (left - EDGE_INSET_M), LINE_HALF_M, acrossM);
    return lanes > 1 ? paint + coverage(d - middle(), LINE_HALF_M, acrossM) : paint;
  }

  /** Broken lines, where they are not broken: between lanes, or the middle of a two-lane road. */
  double broken(double d, double acrossM) {
    return coverage(d - Road.LANE_WIDTH_M / 2, LINE_HALF_M, acrossM);
  }

  /** Share of {@code alongM} metres around s in which broken lines are painted. */
  static double dash(double s, double alongM) {
    double phase = s - DASH_PERIOD_M * Math.floor(s / DASH_PERIOD_M);
    return coverage(phase - DASH_PERIOD_M / 2, DASH_M / 2, alongM);
  }

  /** Stripes of a pedestrian crossing: as long as it is wide, across the whole asphalt. */
  double stripes(double d, double acrossM) {
    if (d < right + 0.25 || d > left - 0.25) {
      return 0;
    }
    double phase = d - right;
    phase -= 2 * STRIPE_M * Math.floor(phase / (2 * STRIPE_M));
    return acrossM > 2 * STRIPE_M ? 0.5 : coverage(phase - 1.5 * STRIPE_M, STRIPE_M / 2, acrossM);
  }

  /** Share of an interval of {@code extent} around {@code offset} that lies within +-half. */
  static double coverage(double offset, double half, double extent) {
    double reach = half + 0.5 * extent - Math.abs(offset);
    if (reach <= 0) {
      return 0;
    }
    return Math.min(Math.min(reach, 2 * half), extent) / extent;
  }
}
