package saccade.perception.exit;

/**
 * What an {@link ExitRule} sees after a slice of layers: what would be said here, beside what would
 * have been said at the exit before, and the time. Valid during one call.
 */
public interface ExitView {

  /** Slice of layers just run; exits are asked in ascending order, the deepest one never. */
  int slice();

  /**
   * Action tokens guessed here: the maneuver, and behind it those that the set before drafted, each
   * under the draft of the ones before it.
   */
  int guesses();

  /** Probability of the best value of an action token, 0..1. */
  float confidence(int token);

  /**
   * Mean distance between the guesses of this exit and those of the exit before, 0..1. Each guess
   * is the expected value of its token on a scale from its first value to its last. At the first
   * exit the set before stands for the exit before; NaN when there is none.
   */
  float change();

  /** Time to the deadline, nanoseconds. */
  long leftNs();

  /** Predicted time of the rest of the prefill and the action without leaving here, nanoseconds. */
  long neededNs();
}
