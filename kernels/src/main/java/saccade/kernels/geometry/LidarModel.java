package saccade.kernels.geometry;

import org.jspecify.annotations.Nullable;

/**
 * Spinning LiDAR.
 *
 * @param name sensor name, e.g. {@code lidar_top}
 * @param baseFromLidar pose of the LiDAR frame (x forward, y left, z up) in {@code base_link}
 * @param beams number of rings
 * @param columns firings a turn
 * @param minElevationRad elevation of the lowest ring, radians
 * @param maxElevationRad elevation of the highest ring, radians
 * @param maxRangeM longest range, metres
 * @param sweep when in a turn it looks where; null: a sweep is taken as one instant, or has been
 *     freed of the vehicle's motion already
 */
public record LidarModel(
    String name,
    Pose baseFromLidar,
    int beams,
    int columns,
    double minElevationRad,
    double maxElevationRad,
    double maxRangeM,
    @Nullable SweepTiming sweep) {
  public LidarModel {
    if (beams < 1 || beams > 256 || columns < 1 || columns > 8192) {
      throw new IllegalArgumentException(
          "lidar "
              + name
              + ": expected 1..256 beams and 1..8192 columns, found "
              + beams
              + "x"
              + columns);
    }
    if (!(minElevationRad <= maxElevationRad) || !(maxRangeM > 0)) {
      throw new IllegalArgumentException(
          "lidar "
              + name
              + ": expected elevations in order and a positive range, found "
              + minElevationRad
              + ".."
              + maxElevationRad
              + " rad, "
              + maxRangeM
              + " m");
    }
  }

  /** One whose sweeps are taken as one instant. */
  public LidarModel(
      String name,
      Pose baseFromLidar,
      int beams,
      int columns,
      double minElevationRad,
      double maxElevationRad,
      double maxRangeM) {
    this(name, baseFromLidar, beams, columns, minElevationRad, maxElevationRad, maxRangeM, null);
  }
}
