package saccade.planner;

/**
 * What one model's tokens mean: its action codec and its facts.
 *
 * @param action numbers of the action tokens
 * @param facts meaning of the fact values
 */
public record OutputCodec(ActionCodecSpec action, FactsToScene facts) {

  /** The shipped model's codec and its 18 facts. */
  public static OutputCodec saccadeNano() {
    return new OutputCodec(ActionCodecSpec.saccadeNano(), FactsToScene.saccadeNano());
  }
}
