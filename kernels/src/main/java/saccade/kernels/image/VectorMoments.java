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
    for (int i = 0; i < bound; i += LANES.length()) {
      FloatVector s = FloatVector.fromArray(LANES, sum, i);
      FloatVector q = FloatVector.fromArray(LANES, squares, i);
      for (int at = i; at < n; at += patch) {
        FloatVector v = FloatVector.fromArray(LANES, run, at);
        s = s.add(v);
        q = q.add(v.mul(v));
      }
      s.intoArray(sum, i);
      q.intoArray(squares, i);
    }
    if (bound < patch) {
      PlainMoments.add(run, n, sum, squares, bound);
    }
  }
}
