package saccade.perception.sparsify;

/**
 * Hot path. Farthest-point sampling by 1 - cosine: tokens that differ most from each other stay.
 * The first is the one farthest from its nearest neighbour; guarded tokens count as chosen already.
 */
public final class DivPrune implements Filter {
  private final float[] lengths; // (tokens)
  private final float[] cosines; // (tokens, tokens)
  private final float[] distance; // (tokens) to the nearest chosen one

  public DivPrune(int tokens) {
    lengths = new float[tokens];
    cosines = new float[tokens * tokens];
    distance = new float[tokens];
  }

  @Override
  public boolean choose(CameraSight sight, int kept, int budget, boolean[] keep) {
    int n = keep.length;
    if (!Rows.cosines(sight.features(), n, sight.dim(), lengths, cosines)) {
      return false;
    }
    // Nearest chosen one; while none is chosen, nearest other one.
    for (int i = 0; i < n; i++) {
      distance[i] = Float.POSITIVE_INFINITY;
      for (int j = 0; j < n; j++) {
        if (kept == 0 ? i != j : keep[j]) {
          distance[i] = Math.min(distance[i], 1 - cosines[i * n + j]);
        }
      }
    }
    for (int count = kept; count < budget; count++) {
      int farthest = -1;
      for (int i = 0; i < n; i++) {
        if (!keep[i] && (farthest < 0 || distance[i] > distance[farthest])) {
          farthest = i;
        }
      }
      keep[farthest] = true;
      for (int i = 0; i < n; i++) {
        float apart = 1 - cosines[i * n + farthest];
        distance[i] = count == 0 ? apart : Math.min(distance[i], apart);
      }
    }
    return true;
  }
}
