package saccade.perception.sparsify;

import java.util.Arrays;

/**
 * Hot path. FOLDER: tokens at even places are matched with those at odd ones by cosine, and the
 * most similar are folded into their partner as a mean weighted by size; repeated, at most half a
 * pass, until the budget is reached. Survivors keep their places. After more than one pass they are
 * scaled by 1 + ln(size), as the card says for heavy merging. A guarded token is folded into by
 * others, never away; when that leaves one side without any to fold, the sides change.
 */
public final class Folder implements Filter, Correlate, Compress {
  private final int dim;
  private final float[] x; // (tokens, dim) work
  private final int[] alive; // (tokens) survivors in order
  private final int[] target; // (tokens) where a token went; itself while it lives
  private final int[] size; // (tokens)
  private final int[] partner; // (tokens) of a folding side
  private final Ranking similarity; // by place among the survivors
  private final boolean[] folded; // (tokens) places of a pass
  private int passes;

  public Folder(int tokens, int dim) {
    this.dim = dim;
    x = new float[tokens * dim];
    alive = new int[tokens];
    target = new int[tokens];
    size = new int[tokens];
    partner = new int[tokens];
    similarity = new Ranking(tokens);
    folded = new boolean[tokens];
  }

  @Override
  public boolean choose(CameraSight sight, int kept, int budget, boolean[] keep) {
    int n = keep.length;
    float[] features = sight.features();
    for (float value : features) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    System.arraycopy(features, 0, x, 0, x.length);
    for (int t = 0; t < n; t++) {
      alive[t] = t;
      target[t] = t;
      size[t] = 1;
    }
    int left = n;
    passes = 0;
    int side = 0;
    while (left > budget) {
      int gone = pass(left, left - budget, side, keep);
      left -= gone;
      passes += gone > 0 ? 1 : 0;
      side = gone > 0 ? 0 : 1 - side;
    }
    for (int i = 0; i < left; i++) {
      keep[alive[i]] = true;
    }
    return true;
  }

  /** Folds at most {@code most} of the survivors at places of one side; how many. */
  private int pass(int left, int most, int side, boolean[] guarded) {
    Arrays.fill(folded, false);
    int candidates = 0;
    for (int a = 0; a < guarded.length; a++) {
      boolean may = a < left && a % 2 == side && !guarded[alive[a]] && left > 1;
      similarity.scores[a] = Float.NEGATIVE_INFINITY;
      folded[a] = !may; // "kept" for the ranking: not to be chosen
      if (may) {
        candidates++;
        int best = -1;
        float nearest = Float.NEGATIVE_INFINITY;
        for (int b = 1 - side; b < left; b += 2) {
          float cosine = cosine(alive[a], alive[b]);
          if (cosine > nearest || best < 0) {
            nearest = cosine;
            best = b;
          }
        }
        partner[a] = alive[best];
        similarity.scores[a] = nearest;
      }
    }
    int gone = Math.min(candidates, Math.min(most, left / 2));
    fold(left, gone, side, guarded);
    return gone;
  }

  private void fold(int left, int gone, int side, boolean[] guarded) {
    similarity.add(folded, gone);
    for (int a = side; a < left; a += 2) {
      if (folded[a] && !guarded[alive[a]]) {
        int source = alive[a];
        int into = partner[a];
        Rows.scale(x, into * dim, dim, size[into]);
        Rows.add(x, source * dim, size[source], x, into * dim, dim);
        size[into] += size[source];
        Rows.scale(x, into * dim, dim, 1f / size[into]);
        target[source] = into;
      }
    }
    int kept = 0;
    for (int a = 0; a < left; a++) {
      if (target[alive[a]] == alive[a]) {
        alive[kept++] = alive[a];
      }
    }
  }

  private float cosine(int a, int b) {
    double lengths =
        Math.sqrt(
            (double) Rows.dot(x, a * dim, x, a * dim, dim) * Rows.dot(x, b * dim, x, b * dim, dim));
    return lengths == 0 ? 0 : (float) (Rows.dot(x, a * dim, x, b * dim, dim) / lengths);
  }

  /** The mean weighted by size of folds is the plain mean of all that came together. */
  @Override
  public void relate(CameraSight sight, boolean[] keep, float[] share) {
    int n = keep.length;
    for (int t = 0; t < n; t++) {
      int to = t;
      while (target[to] != to) {
        to = target[to];
      }
      if (to != t) {
        share[t * n + to] = 1;
      }
    }
  }

  @Override
  public void into(CameraSight sight, boolean[] keep, float[] share) {
    float[] features = sight.features();
    for (int to = 0; to < keep.length; to++) {
      if (keep[to]) {
        float members = 1 + Rows.addShares(sight, keep, share, to);
        float scale = passes > 1 ? 1 + (float) Math.log(members) : 1;
        Rows.scale(features, to * dim, dim, scale / members);
      }
    }
  }
}
