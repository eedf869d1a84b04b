package saccade.kernels.select;

/**
 * Hot path. Cosine similarities between tokens, f32 [n, dim] row-major. A token of length 0 is
 * similar to nothing (0). Holds scratch memory: one instance a thread. Calls allocate nothing.
 */
public final class TokenSimilarity {
  private static final int PARTS = 8;

  private final int dim;
  private final int most;
  private final float[] norms; // (most) 1 / length of each token, 0 for none
  private final float[][] columns; // (dim, most) the chosen tokens, scaled to length 1
  private final float[] sums; // (most)

  /**
   * @param most most tokens of a call
   * @param dim floats of a token
   */
  public TokenSimilarity(int most, int dim) {
    if (most < 1 || dim < 1) {
      throw new IllegalArgumentException(
          "token similarity: wanted tokens and dim >= 1, found " + most + " and " + dim);
    }
    this.dim = dim;
    this.most = most;
    this.norms = new float[most];
    this.columns = new float[dim][most];
    this.sums = new float[most];
  }

  /**
   * Each token beside the one at the same place of another set: 1 where nothing changed.
   *
   * @param a f32 [count, dim]
   * @param b f32 [count, dim]
   * @param out receives count similarities, -1..1
   * @throws IllegalArgumentException when a buffer is too small
   */
  public void pairs(float[] a, float[] b, int count, float[] out) {
    require("first tokens", a.length, (long) count * dim);
    require("second tokens", b.length, (long) count * dim);
    require("similarities", out.length, count);
    for (int i = 0; i < count; i++) {
      float lengths =
          (float) Math.sqrt((double) dot(a, i * dim, a, i * dim) * dot(b, i * dim, b, i * dim));
      out[i] = lengths == 0 ? 0 : dot(a, i * dim, b, i * dim) / lengths;
    }
  }

  /**
   * The most similar of some chosen tokens, for every token; of equals the first. A chosen token
   * finds itself.
   *
   * @param tokens f32 [count, dim]
   * @param chosen indices of the chosen tokens, the first {@code chosenCount} entries
   * @param nearest receives for each token a place in {@code chosen}
   * @param similarity receives how similar, -1..1
   * @throws IllegalArgumentException when a buffer is too small, an index lies outside, or none is
   *     chosen
   */
  public void nearest(
      float[] tokens, int count, int[] chosen, int chosenCount, int[] nearest, float[] similarity) {
    require("tokens", tokens.length, (long) count * dim);
    require("chosen", chosen.length, chosenCount);
    require("nearest", nearest.length, count);
    require("similarities", similarity.length, count);
    if (count > most || chosenCount < 1 || chosenCount > count) {
      throw new IllegalArgumentException(
          "token similarity: wanted up to "
              + most
              + " tokens and 1 or more of them chosen, found "
              + count
              + " and "
              + chosenCount);
    }
    for (int i = 0; i < count; i++) {
      float square = dot(tokens, i * dim, tokens, i * dim);
      norms[i] = square == 0 ? 0 : (float) (1 / Math.sqrt(square));
    }
    for (int c = 0; c < chosenCount; c++) {
      int at = chosen[c];
      if (at < 0 || at >= count) {
        throw new IllegalArgumentException(
            "token similarity: wanted chosen indices 0.." + (count - 1) + ", found " + at);
      }
      for (int d = 0; d < dim; d++) {
        columns[d][c] = tokens[at * dim + d] * norms[at];
      }
    }
    for (int i = 0; i < count; i++) {
      scale(columns[0], tokens[i * dim] * norms[i], sums, chosenCount);
      for (int d = 1; d < dim; d++) {
        accumulate(columns[d], tokens[i * dim + d] * norms[i], sums, chosenCount);
      }
      int best = 0;
      for (int c = 1; c < chosenCount; c++) {
        best = sums[c] > sums[best] ? c : best;
      }
      nearest[i] = best;
      similarity[i] = sums[best];
    }
    for (int c = 0; c < chosenCount; c++) {
      nearest[chosen[c]] = c; // rounding must not send a token to its twin
    }
  }

  private static void scale(float[] column, float by, float[] sums, int n) {
    for (int c = 0; c < n; c++) {
      sums[c] = by * column[c];
    }
  }

  private static void accumulate(float[] column, float by, float[] sums, int n) {
    for (int c = 0; c < n; c++) {
      sums[c] += by * column[c];
    }
  }

  /** In eight partial sums, so that one addition need not wait for the last. */
  private float dot(float[] a, int atA, float[] b, int atB) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    int d = 0;
    for (; d <= dim - PARTS; d += PARTS) {
      s0 += a[atA + d] * b[atB + d];
      s1 += a[atA + d + 1] * b[atB + d + 1];
      s2 += a[atA + d + 2] * b[atB + d + 2];
      s3 += a[atA + d + 3] * b[atB + d + 3];
      s4 += a[atA + d + 4] * b[atB + d + 4];
      s5 += a[atA + d + 5] * b[atB + d + 5];
      s6 += a[atA + d + 6] * b[atB + d + 6];
      s7 += a[atA + d + 7] * b[atB + d + 7];
    }
    float sum = ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
    for (; d < dim; d++) {
      sum += a[atA + d] * b[atB + d];
    }
    return sum;
  }

  private static void require(String what, int found, long wanted) {
    if (found < wanted || wanted < 0) {
      throw new IllegalArgumentException(
          "token similarity: wanted " + wanted + " " + what + ", found room for " + found);
    }
  }
}
