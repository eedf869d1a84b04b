package saccade.realtime.deadline;

/**
 * What an action and a text are worth at each {@link Sight}, 0..1 beside those of the whole model:
 * the two messages of a set count the same. Measured on held-out drives by {@code saccade model
 * worth} and kept in the model's package; says nothing of how urgent they are, that is what classes
 * are for.
 *
 * @param action (sights) of an action
 * @param text (sights) of a text with all facts
 * @param brief (sights) of a brief one
 */
public record Worth(double[] action, double[] text, double[] brief) {
  public Worth {
    int sights = Sight.values().length;
    if (action.length != sights || text.length != sights || brief.length != sights) {
      throw new IllegalArgumentException("expected a worth for each of " + sights + " sights");
    }
    action = action.clone();
    text = text.clone();
    brief = brief.clone();
  }

  /** Of a set's action and text together, 0..2. */
  public double of(Sight sight, int facts, int allFacts, int briefFacts) {
    return action[sight.ordinal()] + ofText(sight, facts, allFacts, briefFacts);
  }

  /** Of an action, 0..1. */
  public double ofAction(Sight sight) {
    return action[sight.ordinal()];
  }

  /** Of a text, 0..1; in between by its facts. */
  public double ofText(Sight sight, int facts, int allFacts, int briefFacts) {
    int s = sight.ordinal();
    if (facts <= 0) {
      return 0;
    }
    if (facts <= briefFacts) {
      return brief[s] * facts / briefFacts;
    }
    double share = (double) (facts - briefFacts) / Math.max(1, allFacts - briefFacts);
    return brief[s] + (text[s] - brief[s]) * Math.min(1, share);
  }
}
