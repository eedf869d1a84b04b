package saccade.perception.sparsify;

import java.util.Arrays;

/**
 * Hot path. FiCoCo-V. Filter: importance (attention received) against redundancy (mean cosine to
 * the others), beta = 0.35, the least worth dropped one by one; each drop makes the others of its 2
 * x 2 window dearer, so that drops spread. Correlate: a dropped token goes to those that stay whose
 * attention from it reaches the 0.998 quantile. Compress: its weights are normalised for each
 * target, which keeps at least half of itself.
 *
 * <p>The encoder has no CLS token: importance is the attention from all cells.
 */
public final class FiCoCo implements Filter, Correlate, Compress {
  private static final float BETA = 0.35f;
  private static final float WINDOW_PENALTY = 0.5f;
  private static final double QUANTILE = 0.998;

  private final float[] importance; // (tokens)
  private final float[] redundancy; // (tokens)
  private final float[] lengths; // (tokens)
  private final float[] cosines; // (tokens, tokens)
  private final int[] drops; // (windows, at most tokens)
  private final Ranking ranking; // scratch

  public FiCoCo(int tokens) {
    importance = new float[tokens];
    redundancy = new float[tokens];
    lengths = new float[tokens];
    cosines = new float[tokens * tokens];
    drops = new int[tokens];
    ranking = new Ranking(tokens);
  }

  @Override
  public boolean needsAttention() {
    return true;
  }

  @Override
  public boolean choose(CameraSight sight, int kept, int budget, boolean[] keep) {
    int n = keep.length;
    if (!Rows.cosines(sight.features(), n, sight.dim(), lengths, cosines)) {
      return false;
    }
    float[] received = sight.received();
    for (int t = 0; t < n; t++) {
      importance[t] = received[t];
      float sum = 0;
      for (int o = 0; o < n; o++) {
        sum += o == t ? 0 : cosines[t * n + o];
      }
      redundancy[t] = sum / Math.max(1, n - 1);
    }
    toUnitRange(importance);
    toUnitRange(redundancy);
    for (int t = 0; t < n; t++) {
      ranking.scores[t] = BETA * importance[t] - (1 - BETA) * redundancy[t];
      drops[t] = 0;
    }
    if (!ranking.finite()) {
      return false;
    }
    dropLeast(sight, n - budget, keep);
    return true;
  }

  private void dropLeast(CameraSight sight, int count, boolean[] keep) {
    int windowCols = (sight.cols() + 1) / 2;
    boolean[] guarded = sight.guarded();
    Arrays.fill(keep, true);
    for (int i = 0; i < count; i++) {
      int least = -1;
      float leastWorth = 0;
      for (int t = 0; t < keep.length; t++) {
        if (keep[t] && !guarded[t]) {
          float worth =
              ranking.scores[t] + WINDOW_PENALTY * drops[window(t, sight.cols(), windowCols)];
          if (least < 0 || worth < leastWorth) {
            least = t;
            leastWorth = worth;
          }
        }
      }
      keep[least] = false;
      drops[window(least, sight.cols(), windowCols)]++;
    }
  }

  private static int window(int token, int cols, int windowCols) {
    return token / cols / 2 * windowCols + token % cols / 2;
  }

  private static void toUnitRange(float[] values) {
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    for (float value : values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    for (int i = 0; i < values.length; i++) {
      values[i] = high > low ? (values[i] - low) / (high - low) : values[i] - low;
    }
  }

  @Override
  public void relate(CameraSight sight, boolean[] keep, float[] share) {
    int n = keep.length;
    float[] attention = sight.attention();
    int targets = 0;
    for (boolean stays : keep) {
      targets += stays ? 1 : 0;
    }
    // The smallest value that a share QUANTILE of the targets does not exceed is the rank-th
    // largest.
    int rank = targets - Math.max(1, (int) Math.ceil(QUANTILE * targets)) + 1;
    for (int from = 0; from < n; from++) {
      for (int to = 0; to < n && !keep[from]; to++) {
        if (keep[to]) {
          int above = 0;
          for (int other = 0; other < n; other++) {
            above += keep[other] && attention[from * n + other] > attention[from * n + to] ? 1 : 0;
          }
          if (above < rank) {
            share[from * n + to] = attention[from * n + to];
          }
        }
      }
    }
  }

  @Override
  public void into(CameraSight sight, boolean[] keep, float[] share) {
    int n = keep.length;
    for (int to = 0; to < n; to++) {
      if (keep[to]) {
        float sum = 0;
        for (int from = 0; from < n; from++) {
          sum += keep[from] ? 0 : share[from * n + to];
        }
        if (sum > 0) {
          Rows.scale(sight.features(), to * sight.dim(), sight.dim(), sum);
          Rows.addShares(sight, keep, share, to); // shares sum up to the own weight: half each
          Rows.scale(sight.features(), to * sight.dim(), sight.dim(), 1 / (2 * sum));
        }
      }
    }
  }
}
