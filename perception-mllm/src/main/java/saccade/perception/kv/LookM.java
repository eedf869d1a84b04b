package saccade.perception.kv;

/**
 * Merges sensor rows instead of dropping them (LOOK-M, Wan et al. 2024, as released): all text and
 * the newest rows stay, the most attended sensor rows fill up what the text leaves of its share,
 * and the key of every other row is averaged, with its value, into the most similar key that stays.
 * Text is all that earlier sets left of it, which in the shipped mode is none.
 *
 * @param heavyShare share of all rows for text and the most attended sensor rows, 0..1 (0.1)
 * @param recentShare share of all rows for the newest, 0..1 (0.1)
 * @param mostSets sets that are visible at all
 * @param textSets ended sets whose text stays
 */
public record LookM(double heavyShare, double recentShare, int mostSets, int textSets)
    implements KvPolicy {
  public LookM {
    if (!(heavyShare >= 0 && heavyShare <= 1) || !(recentShare >= 0 && recentShare <= 1)) {
      throw new IllegalArgumentException(
          "look-m: wanted shares in 0..1, found " + heavyShare + " and " + recentShare);
    }
    if (mostSets < 1 || textSets < 0 || textSets >= mostSets) {
      throw new IllegalArgumentException(
          "look-m: wanted sets >= 1 and textSets below them, found "
              + mostSets
              + " and "
              + textSets);
    }
  }

  @Override
  public void retain(CachedRows rows, boolean[] keep) {
    float[] scores = rows.scores();
    int all = 0;
    int text = 0;
    for (int row = 0; row < rows.count(); row++) {
      boolean sink = rows.isSink(row);
      boolean said = !sink && rows.isText(row) && rows.age(row) <= textSets;
      keep[row] = said;
      all += sink ? 0 : 1;
      text += said ? 1 : 0;
      scores[row] = sink ? Float.NEGATIVE_INFINITY : KvPolicy.newness(rows, row);
    }
    KvPolicy.keepBest(rows, (int) Math.round(recentShare * all), keep);
    for (int row = 0; row < rows.count(); row++) {
      scores[row] =
          keep[row] || rows.isSink(row) || rows.isText(row)
              ? Float.NEGATIVE_INFINITY
              : rows.attention(row);
    }
    KvPolicy.keepBest(rows, Math.max(0, (int) Math.round(heavyShare * all) - text), keep);
  }

  @Override
  public int textSets() {
    return textSets;
  }

  @Override
  public int retrievalSets() {
    return 1;
  }

  @Override
  public boolean merges() {
    return true;
  }

  @Override
  public String name() {
    return "look-m %s+%s".formatted(heavyShare, recentShare);
  }
}
