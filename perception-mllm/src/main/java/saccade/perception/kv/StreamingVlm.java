package saccade.perception.kv;

/**
 * Sinks, a sliding window of vision and a longer one of text (StreamingVLM, Xu et al. 2025): a
 * chunk of vision leaves when it is older than its window, text when it is older than its own. The
 * chunk is a set here. What ships: the window of the model's training, and no text, since the model
 * was trained without that of earlier sets.
 *
 * <p>Unlike in the paper positions are not counted anew: they are absolute, as in the model's
 * training, and the sink is turned to the window instead, which comes to the same distances.
 *
 * @param visionSets sets whose sensor tokens are seen, the one under way included; 1 or more
 * @param textSets ended sets whose text is seen; 0 or more
 */
public record StreamingVlm(int visionSets, int textSets) implements KvPolicy {
  public StreamingVlm {
    if (visionSets < 1 || textSets < 0) {
      throw new IllegalArgumentException(
          "streaming-vlm: wanted visionSets >= 1 and textSets >= 0, found "
              + visionSets
              + " and "
              + textSets);
    }
  }

  @Override
  public void retain(CachedRows rows, boolean[] keep) {
    for (int row = 0; row < rows.count(); row++) {
      keep[row] = rows.isText(row) ? rows.age(row) <= textSets : rows.age(row) < visionSets;
    }
  }

  @Override
  public int mostSets() {
    return Math.max(visionSets, textSets + 1);
  }

  @Override
  public String name() {
    return textSets == 0
        ? "streaming-vlm " + visionSets
        : "streaming-vlm " + visionSets + " text " + textSets;
  }
}
