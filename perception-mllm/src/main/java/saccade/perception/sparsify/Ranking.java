package saccade.perception.sparsify;

import saccade.kernels.select.TopK;

/** Hot path. Scores of a camera's tokens and the best of them. One a filter. */
final class Ranking {
  final float[] scores; // (tokens) filled by the filter
  private final int[] best; // (tokens)

  Ranking(int tokens) {
    scores = new float[tokens];
    best = new int[tokens];
  }

  /** Whether all scores are numbers. */
  boolean finite() {
    for (float score : scores) {
      if (!Float.isFinite(score)) {
        return false;
      }
    }
    return true;
  }

  /** Adds the best {@code count} tokens that are not kept yet; of equals the first. */
  void add(boolean[] keep, int count) {
    int free = 0;
    for (int t = 0; t < keep.length; t++) {
      if (keep[t]) {
        scores[t] = Float.NEGATIVE_INFINITY;
      } else {
        free++;
      }
    }
    int chosen = TopK.ascending(scores, keep.length, Math.min(count, free), best);
    for (int i = 0; i < chosen; i++) {
      keep[best[i]] = true;
    }
  }
}
