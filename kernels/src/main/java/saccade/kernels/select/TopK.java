package saccade.kernels.select;

/** Hot path. The k largest of a list of scores, without allocation. */
public final class TopK {
  private TopK() {}

  /**
   * Writes the indices of the k largest scores, in ascending index order.
   *
   * <p>Of equal scores the lower index wins; NaN ranks below every number. O(n log k): a heap of
   * the chosen indices lies in {@code out} with the weakest choice on top.
   *
   * @param scores the first count entries are looked at; not changed
   * @param count how many scores there are, 0..scores.length
   * @param k how many to choose; more than count chooses all, &lt;= 0 none
   * @param out receives the indices; at least min(k, count) entries
   * @return how many indices were written, max(0, min(k, count))
   * @throws IllegalArgumentException when count or out does not fit
   */
  public static int ascending(float[] scores, int count, int k, int[] out) {
    if (count < 0 || count > scores.length) {
      throw new IllegalArgumentException(
          "top-k: wanted a count of 0.." + scores.length + " scores, found " + count);
    }
    int chosen = Math.clamp(k, 0, count);
    if (out.length < chosen) {
      throw new IllegalArgumentException(
          "top-k: wanted room for " + chosen + " indices, found " + out.length);
    }
    if (chosen == 0) {
      return 0;
    }
    for (int i = 0; i < chosen; i++) {
      siftUp(scores, out, i, i);
    }
    for (int i = chosen; i < count; i++) {
      if (beats(scores, i, out[0])) {
        siftDown(scores, out, chosen, i);
      }
    }
    // Everything that ranks at least as high as the weakest choice is chosen; a sweep sorts.
    int weakest = out[0];
    int n = 0;
    for (int i = 0; i < count; i++) {
      if (i == weakest || beats(scores, i, weakest)) {
        out[n++] = i;
      }
    }
    return n;
  }

  private static boolean beats(float[] scores, int a, int b) {
    float scoreA = scores[a];
    float scoreB = scores[b];
    if (scoreA > scoreB) {
      return true;
    }
    if (scoreA < scoreB) {
      return false;
    }
    boolean nanA = Float.isNaN(scoreA);
    boolean nanB = Float.isNaN(scoreB);
    return nanA == nanB ? a < b : nanB;
  }

  private static void siftUp(float[] scores, int[] heap, int at, int index) {
    while (at > 0) {
      int parent = (at - 1) / 2;
      if (!beats(scores, heap[parent], index)) {
        break;
      }
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = index;
  }

  private static void siftDown(float[] scores, int[] heap, int size, int index) {
    int at = 0;
    for (int child = 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && beats(scores, heap[child], heap[child + 1])) {
        child++;
      }
      if (!beats(scores, index, heap[child])) {
        break;
      }
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = index;
  }
}
