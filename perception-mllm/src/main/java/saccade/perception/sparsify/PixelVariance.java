package saccade.perception.sparsify;

import saccade.kernels.image.PatchVariance;
import saccade.perception.model.ModelPackage.CameraInput;

/**
 * Hot path. 60 % of the tokens by variance of their pixels, the rest spread evenly over what is
 * left. Coverage matters: dropping by score alone loses distance and kind of objects on plain
 * surfaces (measured on the trial model, see README).
 */
public final class PixelVariance implements Filter {
  static final double SCORED_SHARE = 0.6;

  private final PatchVariance variance;
  private final Ranking ranking;

  /** For cameras of a model. */
  public PixelVariance(CameraInput camera) {
    this.variance = new PatchVariance(camera.patchSpec(), camera.tokenRows(), camera.tokenCols());
    this.ranking = new Ranking(camera.tokens());
  }

  /**
   * Fixed numbers of tokens.
   *
   * @param budgets one for each camera place of the model, 1 to the tokens of a camera
   * @throws IllegalArgumentException in one line when they do not fit
   */
  public static Sparsifier budgets(CameraInput camera, int... budgets) {
    return sparsifier(camera, TokenBudgets.of(camera, budgets));
  }

  /**
   * The same share of every camera's tokens, at least one.
   *
   * @param share 0 (exclusive)..1
   */
  public static Sparsifier share(CameraInput camera, double share) {
    return sparsifier(camera, TokenBudgets.even(camera, share));
  }

  private static Sparsifier sparsifier(CameraInput camera, TokenBudgets budgets) {
    return new StagedSparsifier(
        "pixel-variance", camera.tokens(), budgets, new PixelVariance(camera), null, null);
  }

  @Override
  public boolean choose(CameraSight sight, int kept, int budget, boolean[] keep) {
    variance.scores(sight.patches(), ranking.scores);
    if (!ranking.finite()) {
      return false;
    }
    int scored = (int) Math.round(SCORED_SHARE * (budget - kept));
    ranking.add(keep, scored);
    Coverage.spread(keep, kept + scored, budget);
    return true;
  }
}
