package saccade.realtime.schedule;

/** What a stream may ask about the others on its lane. Its own thread asks. */
public interface LaneMates {
  /** Nobody else is there. */
  LaneMates NONE =
      new LaneMates() {
        @Override
        public boolean isShared() {
          return false;
        }

        @Override
        public long aheadNs(long deadlineNs) {
          return 0;
        }

        @Override
        public long everyNs(long periodNs) {
          return periodNs;
        }

        @Override
        public boolean isBehindOthers() {
          return false;
        }
      };

  /** Any thread. Whether other streams use the lane. */
  boolean isShared();

  /**
   * Predicted time of what the others have on the lane that goes before an action with that
   * deadline, ns.
   */
  long aheadNs(long deadlineNs);

  /**
   * From one set to the next on the lane, all of its streams together, ns.
   *
   * @param periodNs of the stream that asks
   */
  long everyNs(long periodNs);

  /**
   * Whether what this stream has submitted waits for its turn: the lane is shared and runs no slice
   * of its own. A slice of another stream that hangs is taken off the lane.
   */
  boolean isBehindOthers();

  /**
   * Says whether this stream's model is out (hangs, is made anew, or was given up): nothing of it
   * comes to the lane meanwhile, and the others need not reckon with it.
   */
  default void out(boolean out) {}
}
