package saccade.realtime.overload;

import java.util.List;
import saccade.realtime.deadline.Decision;
import saccade.realtime.deadline.WorkShape;

/**
 * What runs the slices of a set: the real model, or a simulation that only lets time pass. One set
 * at a time.
 */
public interface Engine {
  /** What a set is made of; the slice kind after the last block of layers is an action token's. */
  WorkShape shape();

  /** Names of slice kinds, and of the two sums behind them, see {@link WorkShape}. */
  List<String> kindNames();

  /**
   * Starts a set.
   *
   * @param set number of the arrival
   * @param limits what it may cost
   * @param deadlineNs when it must be done at the latest, for engines that save time by themselves
   */
  void begin(int set, Decision limits, long deadlineNs);

  /** Runs one slice; false when the set has ended. */
  boolean step(long nowNs);

  /** Kind of the slice that ran last. */
  int kind();

  /** Amount of work in it. */
  int size();

  /** Whether the set under way has its action. */
  boolean hasAction();

  /** Block of layers after which the action was decided; with {@link #hasAction}. */
  int exit();

  /** Whether the set that has ended has all the text that was asked for. */
  boolean textWhole();

  /** Ends the set under way. */
  void cut();

  /** Does the reflex work of a set, as one slice. */
  void reflex(int set);

  /**
   * From an answer to its message, ns: what lies between them in a recorded run.
   *
   * @param acted whether it has an action of its own
   */
  default long messageDelayNs(boolean acted, long nowNs) {
    return 0;
  }

  /** A set has been handed over: lets pass what lies between that and the lane's first look. */
  default void handOver() {}

  /** Between two slices of a set: lets pass what the lane loses there. */
  default void between() {}

  /** From the end of a set until the next one that waits already is handed over, ns. */
  default long turnaroundNs(long nowNs) {
    return 0;
  }
}
