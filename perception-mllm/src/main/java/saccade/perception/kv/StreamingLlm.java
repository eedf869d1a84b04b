package saccade.perception.kv;

/**
 * The first rows and the newest ones (StreamingLLM, Xiao et al. 2023): before m rows are appended
 * and would not fit into sinks + window, all but the sinks and the newest {@code window - m} rows
 * go. The middle is forgotten, whatever it holds.
 *
 * @param sinks first rows of the stream that stay, the model's own sink included; 1 or more
 * @param window newest rows, those of the set about to begin included; 1 or more
 * @param mostSets sets that are visible at all; the newest rows may be of fewer
 */
public record StreamingLlm(int sinks, int window, int mostSets) implements KvPolicy {
  public StreamingLlm {
    if (sinks < 1 || window < 1 || mostSets < 1) {
      throw new IllegalArgumentException(
          "streaming-llm: wanted sinks, window and sets >= 1, found %d, %d and %d"
              .formatted(sinks, window, mostSets));
    }
  }

  @Override
  public void retain(CachedRows rows, boolean[] keep) {
    boolean full = rows.count() + rows.incoming() > sinks + window;
    for (int row = 0; row < rows.count(); row++) {
      keep[row] = !full || rows.isSink(row);
      rows.scores()[row] = rows.isSink(row) ? Float.NEGATIVE_INFINITY : KvPolicy.newness(rows, row);
    }
    if (full) {
      KvPolicy.keepBest(rows, Math.max(0, window - rows.incoming()), keep);
    }
  }

  @Override
  public int sinkRows() {
    return sinks;
  }

  @Override
  public String name() {
    return "streaming-llm " + sinks + "+" + window;
  }
}
