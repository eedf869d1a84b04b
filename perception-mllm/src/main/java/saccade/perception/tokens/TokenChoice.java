package saccade.perception.tokens;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Hot path. The best token among those the grammar allows: what is not allowed cannot be chosen, so
 * that a parse failure is impossible by construction. Reused; one instance a stream.
 */
public final class TokenChoice {

  private int index;
  private int id;
  private float probability;
  private float mean;

  /** Nothing chosen yet. */
  public TokenChoice() {}

  /**
   * Takes the allowed token with the largest logit (the first on a tie).
   *
   * @param logits (vocabulary) float32
   * @param allowed token ids, at least one
   * @return false when a logit of an allowed token is NaN or infinite; nothing is chosen then
   */
  public boolean pick(MemorySegment logits, int[] allowed) {
    int best = 0;
    float bestLogit = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < allowed.length; i++) {
      float logit = logits.getAtIndex(ValueLayout.JAVA_FLOAT, allowed[i]);
      if (!Float.isFinite(logit)) {
        return false;
      }
      if (logit > bestLogit) {
        best = i;
        bestLogit = logit;
      }
    }
    double sum = 0;
    double weighted = 0;
    for (int i = 0; i < allowed.length; i++) {
      double weight = Math.exp(logits.getAtIndex(ValueLayout.JAVA_FLOAT, allowed[i]) - bestLogit);
      sum += weight;
      weighted += i * weight;
    }
    mean = allowed.length < 2 ? 0 : (float) (weighted / sum / (allowed.length - 1));
    index = best;
    id = allowed[best];
    probability = (float) (1 / sum);
    return true;
  }

  /** Index of the chosen token in the allowed list of the last successful {@link #pick}. */
  public int index() {
    return index;
  }

  /** Token id of the last successful {@link #pick}. */
  public int id() {
    return id;
  }

  /** Expected place among the allowed tokens, 0 = the first .. 1 = the last. */
  public float mean() {
    return mean;
  }

  /** Probability of the chosen token among the allowed ones, 0..1. */
  public float probability() {
    return probability;
  }
}
