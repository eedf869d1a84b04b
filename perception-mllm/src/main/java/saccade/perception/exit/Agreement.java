package saccade.perception.exit;

import java.util.Arrays;

/**
 * Leaves when another slice of layers hardly changed the action (DeeR, Yue et al. 2024): the mean
 * distance between the guesses of two exits in a row is at most the exit's threshold. The paper's
 * first exit is held against a pseudo-action of the layer below; ours, which has no head there,
 * against what the set before said.
 *
 * @param thresholds one for each slice but the last, 0 or more; negative = never
 */
public record Agreement(float[] thresholds) implements ExitRule {
  public Agreement {
    thresholds = thresholds.clone();
    for (float threshold : thresholds) {
      if (Float.isNaN(threshold)) {
        throw new IllegalArgumentException(
            "agreement: wanted numbers as thresholds, found " + Arrays.toString(thresholds));
      }
    }
  }

  @Override
  public boolean leaves(ExitView view) {
    int slice = view.slice();
    return slice < thresholds.length && view.change() <= thresholds[slice]; // false for NaN
  }

  @Override
  public String name() {
    return "agreement " + Arrays.toString(thresholds);
  }
}
