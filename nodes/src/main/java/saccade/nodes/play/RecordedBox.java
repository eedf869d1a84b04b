package saccade.nodes.play;

import saccade.kernels.geometry.Pose;

/**
 * An annotated object, in base_link at the time of its sweep.
 *
 * @param stampNs of the sweep that it was drawn in
 * @param kind as the data set names it, e.g. {@code car}
 * @param lidarPoints points of the sweep inside it
 * @param nearestX least x of its corners, metres
 * @param farthestX most x
 * @param leastY y of its rightmost corner, metres
 * @param mostY y of its leftmost corner
 */
public record RecordedBox(
    long stampNs,
    String kind,
    int lidarPoints,
    double nearestX,
    double farthestX,
    double leastY,
    double mostY) {

  /** From the pose of its centre in base_link and its size in metres. */
  static RecordedBox of(
      long stampNs,
      String kind,
      int lidarPoints,
      Pose centre,
      double length,
      double width,
      double height) {
    double nearestX = Double.POSITIVE_INFINITY;
    double farthestX = Double.NEGATIVE_INFINITY;
    double leastY = Double.POSITIVE_INFINITY;
    double mostY = Double.NEGATIVE_INFINITY;
    for (int corner = 0; corner < 8; corner++) {
      double[] at =
          centre.apply(
              ((corner & 1) - 0.5) * length,
              ((corner >> 1 & 1) - 0.5) * width,
              ((corner >> 2) - 0.5) * height);
      nearestX = Math.min(nearestX, at[0]);
      farthestX = Math.max(farthestX, at[0]);
      leastY = Math.min(leastY, at[1]);
      mostY = Math.max(mostY, at[1]);
    }
    return new RecordedBox(stampNs, kind, lidarPoints, nearestX, farthestX, leastY, mostY);
  }
}
