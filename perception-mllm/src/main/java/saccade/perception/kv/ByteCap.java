package saccade.perception.kv;

/**
 * Another policy under a hard limit of rows, from a limit of bytes: what it keeps beyond that goes,
 * sensor rows before text and the oldest first. Guarded rows go last, but go: the limit is hard.
 *
 * @param inner decides first
 * @param mostRows rows of a slice that may stay, sinks and the rows of the set about to begin
 *     included; see {@link #of}
 */
public record ByteCap(KvPolicy inner, int mostRows) implements KvPolicy {
  public ByteCap {
    if (mostRows < 1) {
      throw new IllegalArgumentException("byte cap: wanted rows >= 1, found " + mostRows);
    }
  }

  /**
   * The cap for a number of bytes.
   *
   * @param bytes of all keys and values of all layers
   * @param bytesPerRow of one row: {@link KvCache#bytesPerRow}
   * @param incoming most rows of a set, its text included
   * @throws IllegalArgumentException when not even one set would fit
   */
  public static ByteCap of(KvPolicy inner, long bytes, long bytesPerRow, int incoming) {
    long rows = bytes / bytesPerRow;
    if (rows < incoming + inner.sinkRows()) {
      throw new IllegalArgumentException(
          "byte cap: wanted >= %d B (%d rows: sinks and one set), found %d B (%d rows)"
              .formatted(
                  bytesPerRow * (incoming + inner.sinkRows()),
                  incoming + inner.sinkRows(),
                  bytes,
                  rows));
    }
    return new ByteCap(inner, (int) Math.min(Integer.MAX_VALUE, rows));
  }

  @Override
  public void retain(CachedRows rows, boolean[] keep) {
    inner.retain(rows, keep);
    trim(rows, mostRows, keep);
  }

  /** Takes rows back out of {@code keep} until, with the incoming ones, at most so many stay. */
  static int trim(CachedRows rows, int mostRows, boolean[] keep) {
    int free = mostRows - rows.incoming();
    int kept = 0;
    for (int row = 0; row < rows.count(); row++) {
      boolean sink = rows.isSink(row);
      free -= sink ? 1 : 0;
      kept += !sink && (keep[row] || rows.isGuarded(row)) ? 1 : 0;
    }
    free = Math.max(0, free);
    if (kept <= free) {
      return 0;
    }
    float[] scores = rows.scores();
    for (int row = 0; row < rows.count(); row++) {
      boolean wanted = !rows.isSink(row) && (keep[row] || rows.isGuarded(row));
      float rank = rows.isGuarded(row) ? 4e6f : rows.isText(row) ? 2e6f : 0;
      scores[row] = wanted ? rank + KvPolicy.newness(rows, row) : Float.NEGATIVE_INFINITY;
      keep[row] = rows.isSink(row);
    }
    KvPolicy.keepBest(rows, free, keep);
    return kept - free;
  }

  @Override
  public int mostSets() {
    return inner.mostSets();
  }

  @Override
  public int sinkRows() {
    return inner.sinkRows();
  }

  @Override
  public int textSets() {
    return inner.textSets();
  }

  @Override
  public int retrievalSets() {
    return inner.retrievalSets();
  }

  @Override
  public boolean merges() {
    return inner.merges();
  }

  @Override
  public String name() {
    return inner.name() + " <= " + mostRows + " rows";
  }
}
