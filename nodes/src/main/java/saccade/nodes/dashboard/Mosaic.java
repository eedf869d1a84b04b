package saccade.nodes.dashboard;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import saccade.kernels.geometry.CameraModel;

/**
 * Where each camera's picture stands on the page. Cameras all around stand as one would turn the
 * head: left of us, ahead and behind, right of us, the ones that look ahead above. Where that would
 * leave holes, they stand in the order of the rig, in as square a grid as there is.
 *
 * @param columns of the grid
 * @param rows of the grid
 * @param column (cameras) 0 = left
 * @param row (cameras) 0 = top
 */
record Mosaic(int columns, int rows, int[] column, int[] row) {
  private static final double ASIDE = 0.3; // sine of the angle from which a camera looks aside

  static Mosaic of(List<CameraModel> cameras) {
    List<List<Integer>> sides = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (int i = 0; i < cameras.size(); i++) {
      double left = Math.sin(yawRad(cameras.get(i)));
      sides.get(left > ASIDE ? 0 : left < -ASIDE ? 2 : 1).add(i);
    }
    int most = sides.stream().mapToInt(List::size).max().orElse(0);
    boolean around = sides.stream().noneMatch(List::isEmpty);
    return around && 3 * most - cameras.size() <= 1
        ? bySide(cameras, sides, most)
        : grid(cameras.size());
  }

  private static Mosaic bySide(List<CameraModel> cameras, List<List<Integer>> sides, int most) {
    int[] column = new int[cameras.size()];
    int[] row = new int[cameras.size()];
    for (int side = 0; side < 3; side++) {
      List<Integer> aheadFirst = new ArrayList<>(sides.get(side));
      aheadFirst.sort(Comparator.comparingDouble(i -> Math.abs(yawRad(cameras.get(i)))));
      for (int k = 0; k < aheadFirst.size(); k++) {
        column[aheadFirst.get(k)] = side;
        row[aheadFirst.get(k)] = k;
      }
    }
    return new Mosaic(3, most, column, row);
  }

  private static Mosaic grid(int cameras) {
    int columns = Math.max(1, (int) Math.ceil(Math.sqrt(cameras)));
    int[] column = new int[cameras];
    int[] row = new int[cameras];
    for (int i = 0; i < cameras; i++) {
      column[i] = i % columns;
      row[i] = i / columns;
    }
    return new Mosaic(columns, Math.max(1, (cameras + columns - 1) / columns), column, row);
  }

  /** Where a camera looks, radians from ahead, left positive. */
  static double yawRad(CameraModel camera) {
    double[] r = camera.baseFromOptical().rotation();
    return Math.atan2(r[5], r[2]);
  }

  /** Its horizontal field of view, radians. */
  static double hfovRad(CameraModel camera) {
    return Math.atan(camera.cxPx() / camera.fxPx())
        + Math.atan((camera.widthPx() - camera.cxPx()) / camera.fxPx());
  }
}
