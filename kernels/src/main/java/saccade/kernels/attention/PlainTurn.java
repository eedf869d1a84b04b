package saccade.kernels.attention;

/** Plain Java twin and oracle of {@link VectorTurn}. */
final class PlainTurn {
  private PlainTurn() {}

  /** Turns n rows of dim floats in place, pairs (i, i + dim / 2), by cos and sin (dim / 2). */
  static void rows(float[] rows, int n, int dim, float[] cos, float[] sin) {
    for (int row = 0; row < n; row++) {
      pairs(rows, row * dim, dim / 2, 0, cos, sin);
    }
  }

  /** Turns the pairs fromPair.. of the row that begins at index at. */
  static void pairs(float[] rows, int at, int half, int fromPair, float[] cos, float[] sin) {
    for (int i = fromPair; i < half; i++) {
      float a = rows[at + i];
      float b = rows[at + half + i];
      rows[at + i] = a * cos[i] - b * sin[i];
      rows[at + half + i] = b * cos[i] + a * sin[i];
    }
  }
}
