package saccade.perception.sparsify;

import java.util.Arrays;
import java.util.Locale;
import saccade.kernels.select.TopK;

/**
 * Hot path. FastV: after the first layers, the visual tokens stay that the action prompt looks at
 * most, mean over heads.
 */
public final class FastV implements DecoderPruner {
  private final int afterSlice;
  private final double share;
  private final float[] scores; // (rows)
  private final int[] best; // (rows)

  /**
   * Ranks after a slice.
   *
   * @param share of the visual tokens that stay, 0 (exclusive)..1
   * @param mostRows of a set
   */
  public FastV(int afterSlice, double share, int mostRows) {
    this.afterSlice = afterSlice;
    this.share = share;
    this.scores = new float[mostRows];
    this.best = new int[mostRows];
  }

  @Override
  public boolean actsAfter(int slice) {
    return slice == afterSlice;
  }

  @Override
  public int wanted(int slice, int visual) {
    return (int) Math.round(share * visual);
  }

  @Override
  public boolean choose(DecoderRows rows, int slice, int kept, int budget, boolean[] keep) {
    Arrays.fill(scores, 0);
    int prompt = rows.promptRow();
    if (prompt < 0) {
      return false;
    }
    rows.addAttention(prompt, scores);
    return keepBest(scores, rows.count(), budget - kept, keep, best);
  }

  /** Marks the best rows that are not marked; false when a score is not finite. */
  static boolean keepBest(float[] scores, int count, int wanted, boolean[] keep, int[] best) {
    int free = 0;
    for (int row = 0; row < count; row++) {
      if (!Float.isFinite(scores[row])) {
        return false;
      }
      free += keep[row] ? 0 : 1;
      scores[row] = keep[row] ? Float.NEGATIVE_INFINITY : scores[row];
    }
    int chosen = TopK.ascending(scores, count, Math.min(wanted, free), best);
    for (int i = 0; i < chosen; i++) {
      keep[best[i]] = true;
    }
    return true;
  }

  @Override
  public boolean needsAttention() {
    return true;
  }

  @Override
  public String name() {
    return String.format(Locale.ROOT, "fastv@%.2f after slice %d", share, afterSlice);
  }
}
