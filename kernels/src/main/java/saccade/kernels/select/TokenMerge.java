package saccade.kernels.select;

import java.util.Arrays;

/**
 * Hot path. Merges tokens into chosen ones, so that what is dropped still leaves its mean: each
 * chosen token becomes the mean of itself and of those sent to it (as in ToMe and FOLDER). Holds
 * scratch memory: one instance a thread. Calls allocate nothing.
 */
public final class TokenMerge {
  private final int dim;
  private final int[] members; // (most)

  /**
   * @param most most chosen tokens of a call
   * @param dim floats of a token
   */
  public TokenMerge(int most, int dim) {
    if (most < 1 || dim < 1) {
      throw new IllegalArgumentException(
          "token merge: wanted tokens and dim >= 1, found " + most + " and " + dim);
    }
    this.dim = dim;
    this.members = new int[most];
  }

  /**
   * Writes the merged tokens.
   *
   * @param tokens f32 [count, dim]; only read
   * @param target for each token its place in the result, 0..results - 1, or -1 to leave it out
   * @param similarity for each token how much it belongs there; those below {@code least} are left
   *     out
   * @param out receives f32 [results, dim]; not {@code tokens}. A place nobody goes to becomes 0
   * @return how many tokens went into a mean
   * @throws IllegalArgumentException when a buffer is too small or a target lies outside
   */
  public int into(
      float[] tokens,
      int count,
      int[] target,
      float[] similarity,
      float least,
      int results,
      float[] out) {
    if (tokens.length < (long) count * dim
        || target.length < count
        || similarity.length < count
        || results > members.length
        || out.length < (long) results * dim) {
      throw new IllegalArgumentException(
          "token merge of "
              + count
              + " into "
              + results
              + " by "
              + dim
              + ": found tokens "
              + tokens.length
              + ", targets "
              + target.length
              + ", similarities "
              + similarity.length
              + ", room for "
              + Math.min(members.length, out.length / dim)
              + " results");
    }
    Arrays.fill(members, 0, results, 0);
    Arrays.fill(out, 0, results * dim, 0f);
    int merged = 0;
    for (int i = 0; i < count; i++) {
      int place = target[i];
      if (place < -1 || place >= results) {
        throw new IllegalArgumentException(
            "token merge: wanted targets -1.." + (results - 1) + ", found " + place);
      }
      if (place >= 0 && similarity[i] >= least) {
        add(tokens, i * dim, out, place * dim, dim);
        members[place]++;
        merged++;
      }
    }
    for (int place = 0; place < results; place++) {
      if (members[place] > 1) {
        scale(out, place * dim, 1f / members[place], dim);
      }
    }
    return merged;
  }

  private static void add(float[] from, int at, float[] to, int into, int n) {
    for (int d = 0; d < n; d++) {
      to[into + d] += from[at + d];
    }
  }

  private static void scale(float[] values, int at, float by, int n) {
    for (int d = 0; d < n; d++) {
      values[at + d] *= by;
    }
  }
}
