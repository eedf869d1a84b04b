package saccade.kernels.image;

/**
 * For each output position along one axis: the source positions that make it, with weights.
 *
 * <p>Shrinking (out &lt;= in) weighs a source pixel by the part of it that the output pixel covers,
 * in source pixels: a wholly covered one weighs exactly 1, so sums of whole pixels stay exact
 * integers in float. Growing (out &gt; in) interpolates linearly between the two nearest pixel
 * centres, edges repeated. Overlaps are found in integers, in units of 1/out of a source pixel.
 *
 * @param start first source position of each output position
 * @param first index in weights of each output position's first weight; one entry more, the end
 * @param weights weights, output after output
 * @param total sum of the weights of any one output position
 */
@SuppressWarnings("ArrayRecordComponent")
record AxisWeights(int[] start, int[] first, float[] weights, double total) {

  static AxisWeights of(int in, int out) {
    return out <= in ? area(in, out) : linear(in, out);
  }

  private static AxisWeights area(int in, int out) {
    int[] start = new int[out];
    int[] first = new int[out + 1];
    float[] weights = new float[in + out];
    int n = 0;
    for (int o = 0; o < out; o++) {
      long from = (long) o * in;
      long to = from + in;
      start[o] = (int) (from / out);
      first[o] = n;
      for (int s = start[o]; (long) s * out < to; s++) {
        long overlap = Math.min(to, (s + 1L) * out) - Math.max(from, (long) s * out);
        weights[n++] = overlap == out ? 1f : (float) ((double) overlap / out);
      }
    }
    first[out] = n;
    return new AxisWeights(start, first, weights, (double) in / out);
  }

  private static AxisWeights linear(int in, int out) {
    int[] start = new int[out];
    int[] first = new int[out + 1];
    float[] weights = new float[2 * out];
    int n = 0;
    for (int o = 0; o < out; o++) {
      double at = Math.clamp((o + 0.5) * in / out - 0.5, 0.0, in - 1.0);
      int s = (int) at;
      float part = (float) (at - s);
      start[o] = s;
      first[o] = n;
      if (part == 0f) {
        weights[n++] = 1f;
      } else {
        weights[n++] = 1f - part;
        weights[n++] = part;
      }
    }
    first[out] = n;
    return new AxisWeights(start, first, weights, 1.0);
  }

  /** The largest number of source positions that an output takes. */
  int most() {
    int most = 0;
    for (int o = 0; o < start.length; o++) {
      most = Math.max(most, first[o + 1] - first[o]);
    }
    return most;
  }

  /**
   * The same with n weights for every output, zeros where it had fewer.
   *
   * @param n at least {@link #most()}
   * @param in source positions, at least n; no output reaches beyond them
   */
  AxisWeights evenly(int n, int in) {
    int[] starts = new int[start.length];
    int[] firsts = new int[first.length];
    float[] padded = new float[n * start.length];
    for (int o = 0; o < start.length; o++) {
      starts[o] = Math.min(start[o], in - n);
      firsts[o + 1] = n * (o + 1);
      int to = firsts[o] + start[o] - starts[o];
      System.arraycopy(weights, first[o], padded, to, first[o + 1] - first[o]);
    }
    return new AxisWeights(starts, firsts, padded, total);
  }

  /** True when every output is the plain sum of two whole source positions. */
  boolean isHalving() {
    if (weights.length == 0 || first[start.length] != 2 * start.length) {
      return false;
    }
    for (int i = 0; i < first[start.length]; i++) {
      if (weights[i] != 1f) {
        return false;
      }
    }
    return true;
  }
}
