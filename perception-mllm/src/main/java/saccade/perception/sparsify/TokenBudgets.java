package saccade.perception.sparsify;

import java.util.Arrays;
import saccade.perception.model.ModelPackage.CameraInput;

/**
 * How many tokens each camera may keep. Counts are taken from a short list (buckets), so that few
 * lengths of a set occur: each has tensors of its own, and on a GPU a captured graph of its own.
 * Immutable.
 */
public final class TokenBudgets {
  private static final int LOOKING_AHEAD = 2; // camera places
  private static final double AHEAD_WEIGHT = 4;

  private final int tokens;
  private final int[] budgets; // (camera places)
  private final int[] bucket; // (tokens + 1) largest bucket that fits

  private TokenBudgets(int tokens, int[] budgets) {
    this.tokens = tokens;
    this.budgets = budgets;
    this.bucket = new int[tokens + 1];
    for (int n = 1, size = 1; n <= tokens; n++) {
      int next = nextBucket(size, tokens);
      size = n >= next ? next : size;
      bucket[n] = size;
    }
  }

  /** 1 to 8, then up to a quarter more each time: 10, 12, 14, 16, 20, 24, .. and all. */
  private static int nextBucket(int size, int tokens) {
    return Math.min(tokens, size < 8 ? size + 1 : size + size / 8 * 2);
  }

  /**
   * Tokens of each camera place.
   *
   * @param budgets one for each camera place of the model, 1 to the tokens of a camera
   * @throws IllegalArgumentException in one line
   */
  public static TokenBudgets of(CameraInput camera, int... budgets) {
    if (budgets.length != camera.count()) {
      throw new IllegalArgumentException(
          "token budgets: expected %d, one for each camera place, found %d"
              .formatted(camera.count(), budgets.length));
    }
    for (int budget : budgets) {
      if (budget < 1 || budget > camera.tokens()) {
        throw new IllegalArgumentException(
            "token budgets: expected 1..%d tokens a camera, found %d"
                .formatted(camera.tokens(), budget));
      }
    }
    return new TokenBudgets(camera.tokens(), budgets.clone());
  }

  /**
   * The same share of every camera's tokens, at least one.
   *
   * @param share 0 (exclusive)..1
   */
  public static TokenBudgets even(CameraInput camera, double share) {
    double[] weights = new double[camera.count()];
    Arrays.fill(weights, 1);
    return weighted(camera, share, weights);
  }

  /** As {@link #even} in sum; a camera that looks ahead gets four times as much as another one. */
  public static TokenBudgets ahead(CameraInput camera, double share) {
    double[] weights = new double[camera.count()];
    Arrays.setAll(weights, i -> i < LOOKING_AHEAD ? AHEAD_WEIGHT : 1);
    return weighted(camera, share, weights);
  }

  /**
   * A share of all tokens, given out by weight; at least one each, and no more than there are.
   *
   * @param share 0 (exclusive)..1
   * @param weights (camera places) 0 or more
   */
  public static TokenBudgets weighted(CameraInput camera, double share, double... weights) {
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException("tokens kept: expected a share in (0, 1], found " + share);
    }
    int[] budgets = new int[camera.count()];
    Arrays.fill(budgets, 1);
    int left =
        (int) Math.round(share * camera.count() * camera.tokens()) - budgets.length; // by need
    while (left > 0) {
      int neediest = -1;
      for (int i = 0; i < budgets.length; i++) {
        if (budgets[i] < camera.tokens()
            && (neediest < 0 || budgets[i] * weights[neediest] < budgets[neediest] * weights[i])) {
          neediest = i;
        }
      }
      if (neediest < 0) {
        break;
      }
      budgets[neediest]++;
      left--;
    }
    return new TokenBudgets(camera.tokens(), budgets);
  }

  /** Tokens a camera may keep. */
  public int of(int camera) {
    return budgets[camera];
  }

  /** Camera places. */
  public int cameras() {
    return budgets.length;
  }

  /**
   * Tokens to keep of a camera: as its budget and {@code most} say, lowered to a bucket, but no
   * fewer than are guarded.
   */
  public int wanted(int camera, int most, int guarded) {
    return Math.max(guarded, bucket[Math.clamp(most, 1, Math.min(tokens, budgets[camera]))]);
  }

  /** Largest bucket of at most so many tokens. */
  public int bucket(int most) {
    return bucket[Math.clamp(most, 1, tokens)];
  }

  @Override
  public String toString() {
    return Arrays.toString(budgets);
  }
}
