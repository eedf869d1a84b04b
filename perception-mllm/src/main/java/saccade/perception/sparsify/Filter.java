package saccade.perception.sparsify;

/**
 * First stage of three (FiCoCo's form: filter, correlate, compress): which tokens stay. Hot path.
 */
public interface Filter extends Stage {

  /**
   * Marks tokens until {@code budget} are marked.
   *
   * @param kept how many are marked already: the guarded ones
   * @param budget kept..tokens - 1
   * @param keep (tokens) the guarded ones are true
   * @return false when its scores were not finite; {@code keep} means nothing then
   */
  boolean choose(CameraSight sight, int kept, int budget, boolean[] keep);

  /** Sees a picture of which every token stays. */
  default void observe(CameraSight sight) {}

  /** Forgets earlier sets. */
  default void forget() {}
}
