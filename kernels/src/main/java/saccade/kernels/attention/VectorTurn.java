package saccade.kernels.attention;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Vector API twin of {@link PlainTurn}; the same operations, so the same bits. */
final class VectorTurn {
  private static final VectorSpecies<Float> LANES = FloatVector.SPECIES_PREFERRED;

  private VectorTurn() {}

  static void rows(float[] rows, int n, int dim, float[] cos, float[] sin) {
    int half = dim / 2;
    int bound = LANES.loopBound(half);
    for (int i = 0; i < bound; i += LANES.length()) {
      FloatVector c = FloatVector.fromArray(LANES, cos, i);
      FloatVector s = FloatVector.fromArray(LANES, sin, i);
      for (int at = i; at < n * dim; at += dim) {
        FloatVector a = FloatVector.fromArray(LANES, rows, at);
        FloatVector b = FloatVector.fromArray(LANES, rows, at + half);
        a.mul(c).sub(b.mul(s)).intoArray(rows, at);
        b.mul(c).add(a.mul(s)).intoArray(rows, at + half);
      }
    }
    if (bound < half) {
      for (int row = 0; row < n; row++) {
        PlainTurn.pairs(rows, row * dim, half, bound, cos, sin);
      }
    }
  }
}
