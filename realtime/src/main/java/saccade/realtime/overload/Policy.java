package saccade.realtime.overload;

import saccade.realtime.deadline.Decision;
import saccade.realtime.schedule.Criticality;

/**
 * Who decides which set runs next, what it may cost, and what is left out. Used by one thread; time
 * is an argument; the same calls give the same answers.
 */
public interface Policy {
  /** No deadline. */
  long NEVER = Long.MAX_VALUE / 2;

  /** Parts of a set, for deadlines of their own. */
  enum Stage {
    WAIT,
    ENCODE,
    LAYERS,
    ACTION,
    TEXT
  }

  /** Short name. */
  String name();

  /**
   * Class of reflex work that is queued by itself; null: it is the first slice of its set, and sets
   * run through.
   */
  @org.jspecify.annotations.Nullable
  Criticality reflexClass();

  /** Class of a set's slices. */
  default Criticality setClass(boolean describing) {
    return Criticality.ACTION;
  }

  /** A set has come; it is the newest that waits. May drop others. */
  default void arrived(Arrivals arrivals, int set, Waiting waiting, long nowNs) {}

  /**
   * The engine is free.
   *
   * @param waiting sets that wait, 1 or more; who is taken or dropped is removed
   * @param out filled for the set that is taken
   * @return the set to run; -1 = none of them
   */
  int take(Arrivals arrivals, Waiting waiting, long nowNs, Decision out);

  /**
   * When a part of a set must be done; past it the set is cut. {@link #NEVER} = it runs to its end.
   */
  default long dueNs(Stage stage, long captureNs, long budgetNs) {
    return NEVER;
  }

  /** Until when the engine may work on a set, for engines that save time by themselves. */
  default long engineDueNs(long captureNs, long budgetNs) {
    return NEVER;
  }

  /** A slice of a set that has ended took so long; in the order in which they ran. */
  default void learn(int kind, int size, long tookNs) {}

  /** The action of an instant was there in time. */
  default void inTime(long nowNs) {}

  /** An instant had none at its deadline. */
  default void missed(long nowNs) {}

  /** An instant had none because none of its frames came. */
  default void starved(long nowNs) {}
}
