package saccade.perception.sparsify;

/**
 * Hot path. Each token that stays becomes the weighted mean of itself (weight 1) and of what was
 * sent to it.
 */
public final class MeanOfGroup implements Compress {

  public MeanOfGroup() {}

  @Override
  public void into(CameraSight sight, boolean[] keep, float[] share) {
    int n = keep.length;
    float[] x = sight.features();
    for (int to = 0; to < n; to++) {
      if (keep[to]) {
        float sum = 1 + Rows.addShares(sight, keep, share, to);
        Rows.scale(x, to * sight.dim(), sight.dim(), 1 / sum);
      }
    }
  }
}
