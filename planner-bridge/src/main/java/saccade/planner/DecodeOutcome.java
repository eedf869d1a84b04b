package saccade.planner;

/** What became of the action tokens of one set. */
public sealed interface DecodeOutcome {

  /**
   * A plan whose every step lies within the codec's limits.
   *
   * @param chunk the plan
   * @param clampedSteps how many values had to be moved to a limit (both signals together)
   */
  record Plan(ActionChunk chunk, int clampedSteps) implements DecodeOutcome {}

  /**
   * The tokens are no plan.
   *
   * @param index place of the first wrong token, 0 = maneuver; the number of tokens when too few or
   *     too many came
   * @param found the id found there, or how many tokens came
   */
  record BadTokens(int index, int found) implements DecodeOutcome {}
}
