package saccade.perception.sparsify;

/** Hot path. All of a dropped token goes to the most similar (cosine) one that stays. */
public final class NearestKept implements Correlate {
  private final float[] lengths; // (tokens)
  private final float[] cosines; // (tokens, tokens)

  public NearestKept(int tokens) {
    lengths = new float[tokens];
    cosines = new float[tokens * tokens];
  }

  @Override
  public void relate(CameraSight sight, boolean[] keep, float[] share) {
    int n = keep.length;
    Rows.cosines(sight.features(), n, sight.dim(), lengths, cosines);
    for (int t = 0; t < n; t++) {
      if (!keep[t]) {
        int nearest = -1;
        for (int k = 0; k < n; k++) {
          if (keep[k] && (nearest < 0 || cosines[t * n + k] > cosines[t * n + nearest])) {
            nearest = k;
          }
        }
        share[t * n + nearest] = 1;
      }
    }
  }
}
