package saccade.perception.sparsify;

/** Hot path. Sums and angles of rows of floats. */
final class Rows {
  private Rows() {}

  static float dot(float[] a, int atA, float[] b, int atB, int dim) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int d = 0;
    for (; d + 4 <= dim; d += 4) { // partial sums, so that one addition need not wait for the last
      s0 += a[atA + d] * b[atB + d];
      s1 += a[atA + d + 1] * b[atB + d + 1];
      s2 += a[atA + d + 2] * b[atB + d + 2];
      s3 += a[atA + d + 3] * b[atB + d + 3];
    }
    float sum = (s0 + s1) + (s2 + s3);
    for (; d < dim; d++) {
      sum += a[atA + d] * b[atB + d];
    }
    return sum;
  }

  static void scale(float[] x, int at, int dim, float by) {
    for (int d = 0; d < dim; d++) {
      x[at + d] *= by;
    }
  }

  static void add(float[] from, int atFrom, float by, float[] to, int atTo, int dim) {
    for (int d = 0; d < dim; d++) {
      to[atTo + d] += by * from[atFrom + d];
    }
  }

  /** Adds to a token that stays what is sent to it; the sum of the weights. */
  static float addShares(CameraSight sight, boolean[] keep, float[] share, int to) {
    int n = keep.length;
    int dim = sight.dim();
    float[] x = sight.features();
    float sum = 0;
    for (int from = 0; from < n; from++) {
      float weight = keep[from] ? 0 : share[from * n + to];
      if (weight > 0) {
        add(x, from * dim, weight, x, to * dim, dim);
        sum += weight;
      }
    }
    return sum;
  }

  /**
   * Cosines between all rows.
   *
   * @param x (count, dim)
   * @param lengths (count) scratch
   * @param out (count, count); a row of length 0 is similar to nothing
   * @return false when one is not finite
   */
  static boolean cosines(float[] x, int count, int dim, float[] lengths, float[] out) {
    boolean finite = true;
    for (int i = 0; i < count; i++) {
      lengths[i] = (float) Math.sqrt(dot(x, i * dim, x, i * dim, dim));
      finite &= Float.isFinite(lengths[i]);
    }
    for (int i = 0; i < count; i++) {
      for (int j = 0; j <= i; j++) {
        float product = lengths[i] * lengths[j];
        float cosine = product == 0 ? 0 : dot(x, i * dim, x, j * dim, dim) / product;
        out[i * count + j] = cosine;
        out[j * count + i] = cosine;
      }
    }
    return finite;
  }
}
