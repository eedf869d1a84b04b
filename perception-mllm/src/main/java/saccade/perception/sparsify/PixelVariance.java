package saccade.perception.sparsify;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import saccade.kernels.image.PatchVariance;
import saccade.kernels.select.TopK;
import saccade.perception.model.ModelPackage.CameraInput;

/**
 * Keeps a fixed number of tokens of each camera: protected ones first, then 60 % by variance of
 * their pixels, the rest spread evenly over what is left. Coverage matters: dropping by score alone
 * loses distance and kind of objects on plain surfaces (measured on the trial model, see README).
 *
 * <p>Hot path; holds scratch memory, one instance a stream.
 */
public final class PixelVariance implements Sparsifier {

  private static final double VARIANCE_SHARE = 0.6;

  private final int[] budgets; // (camera places) tokens
  private final PatchVariance variance;
  private final float[] scores; // (tokens) variance; -1 for a token that is kept already
  private final int[] best; // (tokens)

  /**
   * Tokens to keep of each camera, protected ones included.
   *
   * @param budgets one for each camera place of the model, 1 to the tokens of a camera
   */
  public PixelVariance(CameraInput camera, int... budgets) {
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
    this.budgets = budgets.clone();
    this.variance = new PatchVariance(camera.patchSpec(), camera.tokenRows(), camera.tokenCols());
    this.scores = new float[camera.tokens()];
    this.best = new int[camera.tokens()];
  }

  /**
   * The same share of every camera's tokens, at least one.
   *
   * @param keepRatio 0 (exclusive)..1
   */
  public static PixelVariance share(CameraInput camera, double keepRatio) {
    if (!(keepRatio > 0 && keepRatio <= 1)) {
      throw new IllegalArgumentException("keepRatio: expected in (0, 1], found " + keepRatio);
    }
    int[] budgets = new int[camera.count()];
    Arrays.fill(budgets, Math.max(1, (int) Math.round(keepRatio * camera.tokens())));
    return new PixelVariance(camera, budgets);
  }

  @Override
  public int select(int camera, MemorySegment patches, boolean[] protectedTokens, boolean[] keep) {
    return select(camera, patches, protectedTokens, Integer.MAX_VALUE, keep);
  }

  @Override
  public int most(int camera, int tokens) {
    return Math.min(tokens, budgets[camera]);
  }

  @Override
  public int select(
      int camera, MemorySegment patches, boolean[] protectedTokens, int most, boolean[] keep) {
    int tokens = keep.length;
    int wanted = Math.min(most, budgets[camera]);
    if (wanted >= tokens) {
      Arrays.fill(keep, true);
      return tokens;
    }
    variance.scores(patches, scores);
    int kept = 0;
    for (int t = 0; t < tokens; t++) {
      keep[t] = protectedTokens[t];
      if (keep[t]) {
        scores[t] = -1;
        kept++;
      }
    }
    int byVariance = (int) Math.round(VARIANCE_SHARE * Math.max(0, wanted - kept));
    int chosen = TopK.ascending(scores, tokens, byVariance, best);
    for (int i = 0; i < chosen; i++) {
      keep[best[i]] = true;
    }
    return spread(keep, kept + chosen, wanted);
  }

  @Override
  public String name() {
    return "pixel-variance " + Arrays.toString(budgets);
  }

  /** Adds evenly spaced tokens of those not kept yet, until {@code wanted} are kept. */
  private static int spread(boolean[] keep, int kept, int wanted) {
    int left = keep.length - kept;
    int add = Math.max(0, wanted - kept);
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
