package saccade.perception.exit;

import java.util.Arrays;

/**
 * Leaves when the maneuver is sure: its probability is at least the exit's threshold.
 *
 * @param thresholds one for each slice but the last, 0..1; above 1 = never
 */
public record Confidence(float[] thresholds) implements ExitRule {
  public Confidence {
    thresholds = thresholds.clone();
    for (float threshold : thresholds) {
      if (!(threshold >= 0)) {
        throw new IllegalArgumentException(
            "confidence: wanted thresholds >= 0, found " + Arrays.toString(thresholds));
      }
    }
  }

  /** The same threshold everywhere. */
  public static Confidence of(int slices, float threshold) {
    float[] all = new float[Math.max(0, slices - 1)];
    Arrays.fill(all, threshold);
    return new Confidence(all);
  }

  @Override
  public boolean leaves(ExitView view) {
    int slice = view.slice();
    return slice < thresholds.length && view.confidence(0) >= thresholds[slice];
  }

  @Override
  public String name() {
    return "confidence " + Arrays.toString(thresholds);
  }
}
