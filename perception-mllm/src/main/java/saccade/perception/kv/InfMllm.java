package saccade.perception.kv;

/**
 * The newest rows and the most attended older ones (Inf-MLLM, Ning et al. 2024). A row's score is
 * the attention that the prompts of the newest {@code retrievalSets} sets gave it, a local sum that
 * forgets, plus a bias that grows with its newness, so that old favourites make room in the end.
 * The constants are our own: the paper's were not to be had.
 *
 * @param recent newest rows kept, 0 or more
 * @param best older rows kept by score, 0 or more
 * @param mostSets sets that are visible at all
 * @param retrievalSets sets whose prompts vote, 1 or more
 * @param bias what a row's score gains for each set that it is newer; 0 or more. Attention of one
 *     prompt sums to 1 over all rows
 */
public record InfMllm(int recent, int best, int mostSets, int retrievalSets, float bias)
    implements KvPolicy {
  public InfMllm {
    if (recent < 0 || best < 0 || mostSets < 1 || retrievalSets < 1 || !(bias >= 0)) {
      throw new IllegalArgumentException(
          "inf-mllm: wanted rows >= 0, sets and retrieval sets >= 1 and a bias >= 0, found "
              + "%d, %d, %d, %d and %s".formatted(recent, best, mostSets, retrievalSets, bias));
    }
  }

  @Override
  public void retain(CachedRows rows, boolean[] keep) {
    float[] scores = rows.scores();
    for (int row = 0; row < rows.count(); row++) {
      keep[row] = false;
      scores[row] = rows.isSink(row) ? Float.NEGATIVE_INFINITY : KvPolicy.newness(rows, row);
    }
    KvPolicy.keepBest(rows, recent, keep);
    for (int row = 0; row < rows.count(); row++) {
      boolean candidate = !keep[row] && !rows.isSink(row);
      scores[row] =
          candidate
              ? rows.attention(row) + bias * (mostSets - rows.age(row))
              : Float.NEGATIVE_INFINITY;
    }
    KvPolicy.keepBest(rows, best, keep);
  }

  @Override
  public String name() {
    return "inf-mllm " + recent + "+" + best;
  }
}
