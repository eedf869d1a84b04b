package saccade.perception.sparsify;

import java.util.Arrays;

/**
 * Hot path. Efficient video sampling: tokens that changed most since the set before, by 1 - cosine
 * to the token at the same place. The card's clip quantile becomes a count for each set, so that a
 * set costs what its budget says; what did not change is still in the window. Of the first set an
 * even spread stays.
 */
public final class Evs implements Filter {
  private final float[][] before; // (camera places) x (tokens, dim)
  private final boolean[] seen; // (camera places)
  private final Ranking ranking;

  public Evs(int cameras, int tokens, int dim) {
    before = new float[cameras][tokens * dim];
    seen = new boolean[cameras];
    ranking = new Ranking(tokens);
  }

  @Override
  public boolean choose(CameraSight sight, int kept, int budget, boolean[] keep) {
    float[] now = sight.features();
    float[] then = before[sight.camera()];
    int dim = sight.dim();
    if (!seen[sight.camera()]) {
      observe(sight);
      Coverage.spread(keep, kept, budget);
      return true;
    }
    for (int t = 0; t < keep.length; t++) {
      int at = t * dim;
      double lengths =
          Math.sqrt((double) Rows.dot(now, at, now, at, dim) * Rows.dot(then, at, then, at, dim));
      ranking.scores[t] =
          lengths == 0 ? 1 : (float) (1 - Rows.dot(now, at, then, at, dim) / lengths);
    }
    observe(sight);
    if (!ranking.finite()) {
      return false;
    }
    ranking.add(keep, budget - kept);
    return true;
  }

  @Override
  public void observe(CameraSight sight) {
    float[] now = sight.features();
    System.arraycopy(now, 0, before[sight.camera()], 0, now.length);
    seen[sight.camera()] = true;
  }

  @Override
  public void forget() {
    Arrays.fill(seen, false);
  }
}
