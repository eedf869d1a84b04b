package saccade.perception.kv;

import saccade.kernels.select.TopK;

/**
 * Hot path: no allocation. Which rows of a slice later sets still see. Policies are immutable and
 * may be shared by streams; what they need beyond a row's own data is scratch of {@link
 * CachedRows}.
 *
 * <p>The cache keeps sinks itself, drops rows older than {@link #mostSets}, keeps guarded rows
 * until then, and drops the oldest rows beyond its capacity; a policy decides about the rest.
 */
public interface KvPolicy {

  /**
   * Marks the rows that stay.
   *
   * @param rows one slice
   * @param keep (rows) written for every row: true = stays; sinks and guarded rows stay whatever is
   *     written
   */
  void retain(CachedRows rows, boolean[] keep);

  /** Sets that are visible at all, the one under way included; a row older than that goes. */
  int mostSets();

  /** Rows of the stream's begin that stay for ever; the model's own sink is the first of them. */
  default int sinkRows() {
    return 1;
  }

  /** Sets that ended and whose text stays; 0 = text goes when its set ends. */
  default int textSets() {
    return 0;
  }

  /** Newest sets whose prompts' attention is summed; 0 = none is measured. */
  default int retrievalSets() {
    return 0;
  }

  /** Whether what is dropped is merged into what stays. */
  default boolean merges() {
    return false;
  }

  /** Name for reports. */
  String name();

  /**
   * Keeps the best rows by {@link CachedRows#scores}; rows with a score of negative infinity are
   * not taken.
   *
   * @param most rows to keep, 0 or more
   */
  static void keepBest(CachedRows rows, int most, boolean[] keep) {
    float[] scores = rows.scores();
    int candidates = 0;
    for (int row = 0; row < rows.count(); row++) {
      candidates += scores[row] == Float.NEGATIVE_INFINITY ? 0 : 1;
    }
    int chosen = TopK.ascending(scores, rows.count(), Math.min(most, candidates), rows.picks());
    for (int i = 0; i < chosen; i++) {
      keep[rows.picks()[i]] = true;
    }
  }

  /** Number that is larger the newer a row is, by set and then by slot; exact. */
  static float newness(CachedRows rows, int row) {
    return rows.slot(row) - 2048f * rows.age(row);
  }
}
