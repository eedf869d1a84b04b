package saccade.perception.sparsify;

/** Hot path. Evenly spread tokens. */
final class Coverage {
  private Coverage() {}

  /** Starts a selection with the guarded tokens; how many these are. */
  static int guarded(boolean[] guarded, boolean[] keep) {
    int kept = 0;
    for (int t = 0; t < keep.length; t++) {
      keep[t] = guarded[t];
      kept += keep[t] ? 1 : 0;
    }
    return kept;
  }

  /**
   * Adds evenly spaced tokens of those not kept yet, until {@code wanted} are kept.
   *
   * @param kept how many are kept
   * @return how many are kept then
   */
  static int spread(boolean[] keep, int kept, int wanted) {
    int left = keep.length - kept;
    int add = Math.min(left, Math.max(0, wanted - kept));
    int seen = 0;
    int added = 0;
    for (int t = 0; t < keep.length && added < add; t++) {
      if (!keep[t]) {
        // The added-th pick is the free token in the middle of its share of the free tokens.
        if (seen == (2 * added + 1) * left / (2 * add)) {
          keep[t] = true;
          added++;
        }
        seen++;
      }
    }
    return kept + added;
  }
}
