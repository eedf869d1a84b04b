package saccade.perception.kv;

/**
 * What {@link VlaCache} takes for unchanged and for asked; the paper's constants are in brackets.
 *
 * @param threshold least cosine of a token that stands still, 0..1 (0.996)
 * @param mostStatic tokens of a camera that may be reused, of 256 in the paper (130)
 * @param mostAsked tokens of a camera that are always computed, of 256 in the paper (100)
 */
public record VlaSettings(double threshold, int mostStatic, int mostAsked) {
  public VlaSettings {
    if (!(threshold > 0 && threshold <= 1) || mostStatic < 0 || mostAsked < 0) {
      throw new IllegalArgumentException(
          "vla-cache: wanted a threshold in (0, 1] and counts >= 0, found %s, %d and %d"
              .formatted(threshold, mostStatic, mostAsked));
    }
  }

  /** The paper's shares of a camera with so many tokens. */
  public static VlaSettings paper(int tokens) {
    return new VlaSettings(
        0.996, (int) Math.round(tokens * 130 / 256.0), (int) Math.round(tokens * 100 / 256.0));
  }
}
