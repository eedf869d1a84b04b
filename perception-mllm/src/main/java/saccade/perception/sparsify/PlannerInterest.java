package saccade.perception.sparsify;

import java.util.List;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.image.PatchVariance;
import saccade.perception.model.ModelPackage.CameraInput;

/**
 * Hot path. Tokens that the path ahead projects on, from calibration and own motion: 60 % by
 * interest, of equals by variance of their pixels, the rest spread evenly. The path is the arc of
 * the present curvature, 3.6 m wide, 8 to 45 m ahead, up to 2 m high; half the interest has what
 * lies nearer, since that fills half the picture, and what lies beside. Made at construction for a
 * row of curvatures; the nearest one is used.
 */
public final class PlannerInterest implements Filter {
  /** Curvatures with a table, 1/m: a radius of 12 m to either side. */
  static final double MOST_CURVATURE = 1.0 / 12;

  private static final int CURVATURES = 17;
  private static final float BESIDE = 0.5f;
  private static final double FAR_M = 8;

  private final float[][][] interest; // (cameras, curvatures) x (tokens)
  private final PatchVariance variance;
  private final Ranking ranking;

  /**
   * Projects the paths.
   *
   * @param cameras of the rig, in the order of the model's places; fewer are allowed
   */
  public PlannerInterest(CameraInput input, List<CameraModel> cameras) {
    variance = new PatchVariance(input.patchSpec(), input.tokenRows(), input.tokenCols());
    ranking = new Ranking(input.tokens());
    interest = new float[input.count()][CURVATURES][input.tokens()];
    for (int camera = 0; camera < Math.min(cameras.size(), input.count()); camera++) {
      for (int c = 0; c < CURVATURES; c++) {
        double curvature = MOST_CURVATURE * (2.0 * c / (CURVATURES - 1) - 1);
        project(cameras.get(camera), input, curvature, interest[camera][c]);
      }
    }
  }

  /** Interest of each token of a camera, 0..1; only to be read. */
  public float[] interest(int camera, double curvature1pm) {
    double at = (curvature1pm / MOST_CURVATURE + 1) / 2 * (CURVATURES - 1);
    return interest[camera][(int) Math.clamp(Math.round(at), 0L, CURVATURES - 1L)];
  }

  /**
   * How much of each camera's picture a straight path takes up, as weights for budgets: 1 +
   * interest of all its tokens.
   */
  public double[] weights() {
    double[] weights = new double[interest.length];
    for (int camera = 0; camera < weights.length; camera++) {
      weights[camera] = 1;
      for (float one : interest(camera, 0)) {
        weights[camera] += one;
      }
    }
    return weights;
  }

  @Override
  public boolean choose(CameraSight sight, int kept, int budget, boolean[] keep) {
    float[] wanted = interest(sight.camera(), sight.curvature1pm());
    variance.scores(sight.patches(), ranking.scores);
    if (!ranking.finite()) {
      return false;
    }
    float most = 0;
    for (float score : ranking.scores) {
      most = Math.max(most, score);
    }
    for (int t = 0; t < keep.length; t++) {
      ranking.scores[t] = wanted[t] + (most > 0 ? 0.5f * ranking.scores[t] / most : 0);
    }
    int scored = (int) Math.round(PixelVariance.SCORED_SHARE * (budget - kept));
    ranking.add(keep, scored);
    Coverage.spread(keep, kept + scored, budget);
    return true;
  }

  private static void project(
      CameraModel camera, CameraInput input, double curvature, float[] tokens) {
    double[] at = new double[3];
    for (double s = 3; s <= 45; s += 1) {
      double heading = curvature * s;
      double x = Math.abs(curvature) < 1e-6 ? s : Math.sin(heading) / curvature;
      double y = Math.abs(curvature) < 1e-6 ? 0 : (1 - Math.cos(heading)) / curvature;
      for (double d = -1.8; d <= 1.81; d += 0.4) {
        for (double z = 0; z <= 2; z += 0.5) {
          if (camera.project(x - d * Math.sin(heading), y + d * Math.cos(heading), z, at)) {
            int row = (int) (at[1] / camera.heightPx() * input.tokenRows());
            int col = (int) (at[0] / camera.widthPx() * input.tokenCols());
            int token = row * input.tokenCols() + col;
            tokens[token] = Math.max(tokens[token], s < FAR_M ? BESIDE : 1);
          }
        }
      }
    }
    float[] seen = tokens.clone();
    for (int t = 0; t < tokens.length; t++) {
      for (int o = 0; o < tokens.length && seen[t] == 0; o++) {
        boolean beside =
            Math.abs(t / input.tokenCols() - o / input.tokenCols()) <= 1
                && Math.abs(t % input.tokenCols() - o % input.tokenCols()) <= 1;
        tokens[t] = seen[o] == 1 && beside ? BESIDE : tokens[t];
      }
    }
  }
}
