package saccade.perception.sparsify;

import java.util.Arrays;

/**
 * Hot path. Dominant tokens by the attention that they receive inside the encoder, and contextual
 * ones: every so many-th of the rest, to which the mean of those nearest by cosine is added. 54
 * dominant to 10 contextual. The encoder has no CLS token, so attention is that of all its cells;
 * and similarity is of the finished tokens, not of keys.
 */
public final class VisionZip implements Filter, Correlate, Compress {
  private static final double CONTEXTUAL = 10.0 / 64;

  private final Ranking ranking;
  private final boolean[] contextual; // (tokens)
  private final float[] lengths; // (tokens)
  private final float[] cosines; // (tokens, tokens)

  public VisionZip(int tokens) {
    ranking = new Ranking(tokens);
    contextual = new boolean[tokens];
    lengths = new float[tokens];
    cosines = new float[tokens * tokens];
  }

  @Override
  public boolean needsAttention() {
    return true;
  }

  @Override
  public boolean choose(CameraSight sight, int kept, int budget, boolean[] keep) {
    System.arraycopy(sight.received(), 0, ranking.scores, 0, keep.length);
    if (!ranking.finite()
        || !Rows.cosines(sight.features(), keep.length, sight.dim(), lengths, cosines)) {
      return false;
    }
    int targets = Math.min(budget - kept, (int) Math.round(CONTEXTUAL * budget));
    ranking.add(keep, budget - kept - targets);
    Arrays.fill(contextual, false);
    int rest = keep.length - (budget - targets);
    int step = Math.max(1, rest / Math.max(1, targets));
    int seen = 0;
    int chosen = 0;
    for (int t = 0; t < keep.length && chosen < targets; t++) {
      if (!keep[t]) {
        contextual[t] = seen % step == 0;
        chosen += contextual[t] ? 1 : 0;
        seen++;
      }
    }
    for (int t = 0; t < keep.length; t++) {
      keep[t] |= contextual[t];
    }
    return true;
  }

  @Override
  public void relate(CameraSight sight, boolean[] keep, float[] share) {
    int n = keep.length;
    for (int t = 0; t < n; t++) {
      int nearest = -1;
      for (int k = 0; k < n && !keep[t]; k++) {
        if (contextual[k] && (nearest < 0 || cosines[t * n + k] > cosines[t * n + nearest])) {
          nearest = k;
        }
      }
      if (nearest >= 0) {
        share[t * n + nearest] = 1;
      }
    }
  }

  /** A contextual token becomes itself + the mean of those sent to it. */
  @Override
  public void into(CameraSight sight, boolean[] keep, float[] share) {
    int n = keep.length;
    for (int to = 0; to < n; to++) {
      if (contextual[to]) {
        int members = 0;
        for (int from = 0; from < n; from++) {
          members += share[from * n + to] > 0 ? 1 : 0;
        }
        for (int from = 0; from < n; from++) {
          share[from * n + to] /= Math.max(1, members);
        }
        Rows.addShares(sight, keep, share, to);
      }
    }
  }
}
