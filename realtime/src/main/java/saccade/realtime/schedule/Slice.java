package saccade.realtime.schedule;

/**
 * A piece of work that is not interrupted. Longer work is one slice that says {@link Outcome#MORE}
 * until it is done; in between, something more urgent may run. Slices are made once and offered
 * again and again.
 */
public interface Slice {

  /** Whether the work goes on. */
  enum Outcome {
    /** Done; the slice leaves the scheduler. */
    DONE,
    /** One more slice is to come: queued again with the deadline it then has. */
    MORE
  }

  /** What it counts as. */
  SliceKind kind();

  /** Its class. */
  Criticality criticality();

  /** When it is due, ns. Does not change while the slice is queued. */
  long deadlineNs();

  /** Does one slice of work. Must not throw for anything expected. */
  Outcome run(long nowNs);

  /**
   * Predicted time of what is left of it in its present class, ns; 0 = not known. For admission;
   * may be asked at any time while it is queued.
   */
  default long remainingNs() {
    return 0;
  }

  /**
   * Whether work that goes on in a lower class than before is taken in there only when it is
   * predicted to end in time, see {@link EdfScheduler}; else {@link #refused}.
   */
  default boolean onlyIfItFits() {
    return false;
  }

  /** There is no room for what is left of it: give the best answer there is so far. Cheap. */
  default void refused(long nowNs) {
    expired(nowNs);
  }

  /**
   * {@link #run}, {@link #expired} or {@link #refused} has thrown, a defect; it is not run again.
   * Who expects that keeps the cause; here nobody does, and whoever ran it stops.
   */
  default void crashed(Throwable cause) {
    switch (cause) {
      case Error error -> throw error;
      case RuntimeException defect -> throw defect;
      default -> throw new IllegalStateException(cause);
    }
  }

  /**
   * Any thread, while {@link #run} is under way: it hangs, come back as soon as possible. The last
   * resort; no effect where nothing can be done.
   */
  default void stop() {}

  /**
   * The deadline was over before the slice could start: give the best answer there is so far.
   * Cheap.
   */
  void expired(long nowNs);
}
