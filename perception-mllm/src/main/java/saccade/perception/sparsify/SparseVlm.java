package saccade.perception.sparsify;

import java.util.Arrays;
import java.util.Locale;

/**
 * Hot path. SparseVLM: at every split point the visual tokens stay that the raters look at most, a
 * growing part of them gone each time. Raters are the text tokens (action prompt and drafted
 * action) whose mean similarity to the visual ones is at least the mean of all text tokens. A tenth
 * of what stays are centres that take in the mean of the best third of the dropped tokens
 * (recycling).
 */
public final class SparseVlm implements DecoderPruner {
  private static final double RECYCLED = 0.1;
  private static final double RECYCLED_OF_DROPPED = 1.0 / 3;

  private final int splits;
  private final double share;
  private final float[] scores; // (rows)
  private final float[] ranked; // (rows) scores that the ranking may spoil
  private final float[] similarity; // (rows) of a text row to the visual ones
  private final boolean[] pool; // (rows) dropped ones that are recycled
  private final boolean[] centre; // (rows)
  private final int[] members; // (rows)
  private final int[] best; // (rows)

  /**
   * Acts after every slice but the last.
   *
   * @param slices of the decoder
   * @param share of the visual tokens that is left at the end, 0 (exclusive)..1
   * @param mostRows of a set
   */
  public SparseVlm(int slices, double share, int mostRows) {
    this.splits = slices - 1;
    this.share = share;
    this.scores = new float[mostRows];
    this.ranked = new float[mostRows];
    this.similarity = new float[mostRows];
    this.pool = new boolean[mostRows];
    this.centre = new boolean[mostRows];
    this.members = new int[mostRows];
    this.best = new int[mostRows];
  }

  @Override
  public boolean actsAfter(int slice) {
    return slice < splits;
  }

  /** The same part goes at each split. */
  @Override
  public int wanted(int slice, int visual) {
    return (int) Math.round(visual * Math.pow(share, 1.0 / splits));
  }

  @Override
  public boolean choose(DecoderRows rows, int slice, int kept, int budget, boolean[] keep) {
    if (!rate(rows)) {
      return false;
    }
    int count = rows.count();
    int centres = (int) Math.round(RECYCLED * (budget - kept));
    System.arraycopy(scores, 0, ranked, 0, count);
    if (!FastV.keepBest(ranked, count, budget - kept - centres, keep, best)) {
      return false;
    }
    recycle(rows, centres, keep);
    return true;
  }

  /** Fills the scores with the mean attention of the raters; false without raters. */
  private boolean rate(DecoderRows rows) {
    Arrays.fill(scores, 0);
    Arrays.fill(similarity, 0);
    int texts = 0;
    float mean = 0;
    for (int row = 0; row < rows.count(); row++) {
      if (rows.isText(row)) {
        texts++;
        similarity[row] = toVisual(rows, row);
        mean += similarity[row];
      }
    }
    if (texts == 0 || !Float.isFinite(mean)) {
      return false;
    }
    for (int row = 0; row < rows.count(); row++) {
      // A hair below the mean, or a lone text token could miss its own.
      if (rows.isText(row) && similarity[row] >= mean / texts - 1e-6f) {
        rows.addAttention(row, scores);
      }
    }
    return true;
  }

  private static float toVisual(DecoderRows rows, int text) {
    float sum = 0;
    int visual = 0;
    for (int row = 0; row < rows.count(); row++) {
      if (rows.isVisual(row)) {
        sum += rows.cosine(text, row);
        visual++;
      }
    }
    return visual == 0 ? 0 : sum / visual;
  }

  /** Of the best dropped rows evenly spread ones stay, each as the mean of those most like it. */
  private void recycle(DecoderRows rows, int centres, boolean[] keep) {
    int count = rows.count();
    int dropped = 0;
    for (int row = 0; row < count; row++) {
      dropped += keep[row] ? 0 : 1;
      pool[row] = keep[row]; // "kept" for the ranking
      centre[row] = false;
    }
    if (centres == 0) {
      return;
    }
    int pooled = Math.max(centres, (int) Math.round(RECYCLED_OF_DROPPED * dropped));
    System.arraycopy(scores, 0, ranked, 0, count);
    FastV.keepBest(ranked, count, pooled, pool, best);
    int seen = 0;
    int chosen = 0;
    int inPool = Math.min(pooled, dropped);
    for (int row = 0; row < count; row++) {
      pool[row] &= !keep[row];
      if (pool[row]) {
        if (chosen < centres && seen == (2 * chosen + 1) * inPool / (2 * centres)) {
          centre[row] = true;
          members[row] = 1;
          chosen++;
        }
        seen++;
      }
    }
    for (int row = 0; row < count; row++) {
      if (pool[row] && !centre[row]) {
        int nearest = -1;
        float most = 0;
        for (int c = 0; c < count; c++) {
          if (centre[c]) {
            float cosine = rows.cosine(row, c);
            if (nearest < 0 || cosine > most) {
              nearest = c;
              most = cosine;
            }
          }
        }
        rows.addState(row, 1, nearest);
        members[nearest]++;
      }
    }
    for (int row = 0; row < count; row++) {
      if (centre[row]) {
        rows.scaleState(row, 1f / members[row]);
        keep[row] = true;
      }
    }
  }

  @Override
  public boolean needsAttention() {
    return true;
  }

  @Override
  public String name() {
    return String.format(Locale.ROOT, "sparsevlm@%.2f", share);
  }
}
