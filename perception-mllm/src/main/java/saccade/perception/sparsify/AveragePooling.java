package saccade.perception.sparsify;

/**
 * Hot path. Windows around evenly spread tokens; each becomes the mean of its window. A token
 * belongs to the nearest centre on the grid, of equals to the first. With {@link UniformTokens} and
 * {@link MeanOfGroup} this is average pooling to any number of tokens.
 */
public final class AveragePooling implements Correlate {

  public AveragePooling() {}

  @Override
  public void relate(CameraSight sight, boolean[] keep, float[] share) {
    int n = keep.length;
    int cols = sight.cols();
    for (int t = 0; t < n; t++) {
      if (!keep[t]) {
        int nearest = -1;
        int least = Integer.MAX_VALUE;
        for (int k = 0; k < n; k++) {
          if (keep[k]) {
            int down = t / cols - k / cols;
            int across = t % cols - k % cols;
            int distance = down * down + across * across;
            if (distance < least) {
              least = distance;
              nearest = k;
            }
          }
        }
        share[t * n + nearest] = 1;
      }
    }
  }
}
