package saccade.perception.tokens;

import java.util.List;
import saccade.perception.model.ModelPackage;
import saccade.perception.model.ModelPackage.ActionCodec;
import saccade.perception.model.ModelPackage.Condition;
import saccade.perception.model.ModelPackage.Fact;

/**
 * Which tokens may stand where. Action tokens come first (maneuver, then the coefficients), facts
 * after; a fact whose condition does not hold is skipped and its slot stays empty. Immutable; the
 * lookups are hot path and allocate nothing.
 */
public final class Grammar {

  /** Token id or value index of a fact that was not spoken. */
  public static final int NOT_SPOKEN = -1;

  private final ModelPackage model;
  private final int[][] action; // (action tokens, allowed ids)
  private final Fact[] facts;

  public Grammar(ModelPackage model) {
    this.model = model;
    this.facts = model.grammar().toArray(Fact[]::new);
    ActionCodec codec = model.action();
    this.action = new int[codec.tokens()][];
    action[0] = new int[] {codec.brakeId(), codec.keepId(), codec.accelerateId()};
    int step = 1;
    for (int i = 0; i < codec.accelRanges().length; i++) {
      action[step++] = range(codec.accelBase(), codec.bins());
    }
    for (int i = 0; i < codec.curvatureRanges().length; i++) {
      action[step++] = range(codec.curvatureBase(), codec.bins());
    }
  }

  /** Number of action tokens. */
  public int actionTokens() {
    return action.length;
  }

  /** Token ids allowed at action token {@code step}; not to be changed. */
  public int[] allowedAction(int step) {
    return action[step];
  }

  /** Number of facts. */
  public int facts() {
    return facts.length;
  }

  public String factName(int fact) {
    return facts[fact].name();
  }

  /** Slot of a fact in its set. */
  public int factSlot(int fact) {
    return facts[fact].slot();
  }

  /** Token ids allowed for a fact; not to be changed. */
  public int[] allowedFact(int fact) {
    return facts[fact].values();
  }

  /**
   * First fact at or after {@code from} that is to be spoken.
   *
   * @param chosen (facts) token ids chosen so far, {@link #NOT_SPOKEN} for skipped ones
   * @return its index, or {@link #facts()} at the end of the sentence
   */
  public int nextFact(int from, int[] chosen) {
    int fact = from;
    while (fact < facts.length && !isSpoken(facts[fact], chosen)) {
      fact++;
    }
    return fact;
  }

  /**
   * The facts as readable English: words joined by commas, places and distances without one. Makes
   * one String; once a set.
   *
   * @param factIds (facts) token ids, {@link #NOT_SPOKEN} for facts left out
   */
  public String sentence(int[] factIds) {
    List<String> words = model.vocabulary();
    StringBuilder text = new StringBuilder(160);
    for (int i = 0; i < factIds.length; i++) {
      if (factIds[i] != NOT_SPOKEN) {
        if (!text.isEmpty()) {
          text.append(isPlace(facts[i].name()) ? " " : ", ");
        }
        text.append(words.get(factIds[i]));
      }
    }
    return text.toString();
  }

  private static boolean isPlace(String factName) {
    return factName.endsWith(".distance") || factName.endsWith(".side");
  }

  private static boolean isSpoken(Fact fact, int[] chosen) {
    List<Condition> conditions = fact.conditions();
    for (int i = 0; i < conditions.size(); i++) {
      Condition condition = conditions.get(i);
      if (!contains(condition.ids(), chosen[condition.fact()])) {
        return false;
      }
    }
    return true;
  }

  private static boolean contains(int[] ids, int id) {
    for (int candidate : ids) {
      if (candidate == id) {
        return true;
      }
    }
    return false;
  }

  private static int[] range(int first, int count) {
    int[] ids = new int[count];
    for (int i = 0; i < count; i++) {
      ids[i] = first + i;
    }
    return ids;
  }
}
