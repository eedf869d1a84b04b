package saccade.perception.sparsify;

import java.util.Arrays;

/**
 * Hot path. LLaVA-PruMerge, in its + form: first the tokens whose received attention is an outlier
 * (above Q3 + 1.5 IQR), as far as the budget goes, then evenly spread ones; each takes in its most
 * similar dropped ones, weighted by their attention and not normalised. The card's one extra token
 * (sum of all dropped) is left out: every position of this model belongs to a patch.
 */
public final class PruMerge implements Filter, Correlate, Compress {
  private static final double NEIGHBOURS = 32.0 / 576; // of the tokens

  private final Ranking ranking;
  private final float[] sorted; // (tokens)
  private final float[] lengths; // (tokens)
  private final float[] cosines; // (tokens, tokens)
  private final boolean[] taken; // (tokens)
  private int outliers;

  public PruMerge(int tokens) {
    ranking = new Ranking(tokens);
    sorted = new float[tokens];
    lengths = new float[tokens];
    cosines = new float[tokens * tokens];
    taken = new boolean[tokens];
  }

  @Override
  public boolean needsAttention() {
    return true;
  }

  /** Outliers of the last picture: how much there is to see, before any of it is decoded. */
  public int outliers() {
    return outliers;
  }

  @Override
  public boolean choose(CameraSight sight, int kept, int budget, boolean[] keep) {
    float[] received = sight.received();
    System.arraycopy(received, 0, ranking.scores, 0, keep.length);
    if (!ranking.finite()
        || !Rows.cosines(sight.features(), keep.length, sight.dim(), lengths, cosines)) {
      return false;
    }
    outliers = outliers(received);
    int chosen = 0;
    for (int t = 0; t < keep.length; t++) {
      chosen += keep[t] ? 0 : 1;
    }
    chosen = Math.min(Math.min(outliers, budget - kept), chosen);
    ranking.add(keep, chosen);
    Coverage.spread(keep, kept + chosen, budget);
    return true;
  }

  private int outliers(float[] received) {
    System.arraycopy(received, 0, sorted, 0, sorted.length);
    Arrays.sort(sorted);
    double q1 = quantile(0.25);
    double q3 = quantile(0.75);
    double above = q3 + 1.5 * (q3 - q1);
    int count = 0;
    for (float one : received) {
      count += one > above ? 1 : 0;
    }
    return count;
  }

  /** Linear between neighbours. */
  private double quantile(double q) {
    double at = q * (sorted.length - 1);
    int low = (int) at;
    int high = Math.min(low + 1, sorted.length - 1);
    return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
  }

  @Override
  public void relate(CameraSight sight, boolean[] keep, float[] share) {
    int n = keep.length;
    int neighbours = Math.max(1, (int) Math.round(NEIGHBOURS * n));
    float[] received = sight.received();
    for (int to = 0; to < n; to++) {
      if (keep[to]) {
        Arrays.fill(taken, false);
        for (int i = 0; i < neighbours; i++) {
          int nearest = -1;
          for (int from = 0; from < n; from++) {
            if (!keep[from]
                && !taken[from]
                && (nearest < 0 || cosines[to * n + from] > cosines[to * n + nearest])) {
              nearest = from;
            }
          }
          if (nearest >= 0) {
            taken[nearest] = true;
            share[nearest * n + to] = received[nearest];
          }
        }
      }
    }
  }

  @Override
  public void into(CameraSight sight, boolean[] keep, float[] share) {
    for (int to = 0; to < keep.length; to++) {
      if (keep[to]) {
        Rows.addShares(sight, keep, share, to);
      }
    }
  }
}
