package saccade.kernels.image;

/** Plain Java twin and oracle of {@link VectorMoments}. */
final class PlainMoments {
  private PlainMoments() {}

  /**
   * sum[i] += run[p + i] and squares[i] += run[p + i]^2 for each patch p of the run.
   *
   * @param run patches of sum.length floats, one after another
   * @param n floats in the run
   */
  static void add(float[] run, int n, float[] sum, float[] squares) {
    add(run, n, sum, squares, 0);
  }

  /** As above for the places fromPlace.. of a patch. */
  static void add(float[] run, int n, float[] sum, float[] squares, int fromPlace) {
    int patch = sum.length;
    for (int p = 0; p < n; p += patch) {
      for (int i = fromPlace; i < patch; i++) {
        float v = run[p + i];
        sum[i] += v;
        squares[i] += v * v;
      }
    }
  }
}
