package saccade.kernels.image;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Vector API twin of {@link PlainMoments}; the same operations, so the same bits. */
final class VectorMoments {
  private static final VectorSpecies<Float> LANES = FloatVector.SPECIES_PREFERRED;

  private VectorMoments() {}

  static void add(float[] run, int n, float[] sum, float[] squares) {
    int patch = sum.length;
    int bound = LANES.loopBound(patch);
    for (int p = 0; p < n; p += patch) {
      for (int i = 0; i < bound; i += LANES.length()) {
        // Sums stay in memory: see the rule on vectors and loops in the README.
        FloatVector v = FloatVector.fromArray(LANES, run, p + i);
        FloatVector.fromArray(LANES, sum, i).add(v).intoArray(sum, i);
        FloatVector.fromArray(LANES, squares, i).add(v.mul(v)).intoArray(squares, i);
      }
    }
    if (bound < patch) {
      PlainMoments.add(run, n, sum, squares, bound);
    }
  }
}
