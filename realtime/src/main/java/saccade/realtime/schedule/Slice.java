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
   * Predicted time of all that is left of it, ns; 0 = not known. For admission; may be asked at any
   * time while it is queued.
   */
  default long remainingNs() {
    return 0;
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
