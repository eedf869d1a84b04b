package saccade.perception.exit;

import java.util.Arrays;

/**
 * Set-up only. Thresholds for a budget of layers (DeeR's first way): how many of the calibration
 * samples are to leave at each exit is given, and each exit's threshold is the value that lets just
 * so many of those go that have not left before.
 */
public final class ExitBudget {
  private static final int HALVINGS = 60;

  private ExitBudget() {}

  /**
   * Solves the thresholds.
   *
   * @param scores (samples, exits but the last) what the rule compares; a sample leaves where its
   *     score is at most the threshold; NaN never leaves
   * @param shares (exits) wanted share of samples, sum 1; the last exit takes the rest
   * @return (exits but the last) thresholds; negative infinity where nobody is to leave
   */
  public static float[] thresholds(float[][] scores, double[] shares) {
    double sum = 0;
    for (double share : shares) {
      if (!(share >= 0)) {
        throw new IllegalArgumentException(
            "exit shares: wanted >= 0, found " + Arrays.toString(shares));
      }
      sum += share;
    }
    if (shares.length < 1 || Math.abs(sum - 1) > 1e-6) {
      throw new IllegalArgumentException(
          "exit shares: wanted a sum of 1, found " + Arrays.toString(shares));
    }
    float[] thresholds = new float[shares.length - 1];
    boolean[] gone = new boolean[scores.length];
    for (int exit = 0; exit < thresholds.length; exit++) {
      float[] here = new float[scores.length];
      int left = 0;
      for (int i = 0; i < scores.length; i++) {
        if (!gone[i] && !Float.isNaN(scores[i][exit])) {
          here[left++] = scores[i][exit];
        }
      }
      Arrays.sort(here, 0, left);
      int leave = Math.min(left, (int) Math.floor(scores.length * shares[exit] + 1e-9));
      thresholds[exit] = leave == 0 ? Float.NEGATIVE_INFINITY : here[leave - 1];
      for (int i = 0; i < scores.length; i++) {
        gone[i] |= scores[i][exit] <= thresholds[exit];
      }
    }
    return thresholds;
  }

  /**
   * Shares that grow or fall by a factor from exit to exit, so that the mean number of layers is as
   * wanted.
   *
   * @param layers (exits) decoder layers up to each exit, ascending
   * @param meanLayers within the first and the last of them
   * @return (exits) shares, sum 1
   */
  public static double[] shares(int[] layers, double meanLayers) {
    if (!(meanLayers >= layers[0] && meanLayers <= layers[layers.length - 1])) {
      throw new IllegalArgumentException(
          "mean layers: wanted within %s, found %s".formatted(Arrays.toString(layers), meanLayers));
    }
    double low = -40;
    double high = 40; // logarithm of rho
    double[] shares = new double[layers.length];
    for (int i = 0; i < HALVINGS; i++) {
      double middle = (low + high) / 2;
      double mean = 0;
      double sum = 0;
      for (int exit = 0; exit < layers.length; exit++) {
        shares[exit] = Math.exp(middle * (exit - (layers.length - 1) / 2.0));
        sum += shares[exit];
      }
      for (int exit = 0; exit < layers.length; exit++) {
        shares[exit] /= sum;
        mean += shares[exit] * layers[exit];
      }
      if (mean < meanLayers) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return shares;
  }
}
