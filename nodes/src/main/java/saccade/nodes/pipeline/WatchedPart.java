package saccade.nodes.pipeline;

import org.jspecify.annotations.Nullable;

/**
 * A stage with a thread of its own (a source of frames, an output) that the pipeline watches: one
 * that hangs or has crashed is made anew, and the planner is told meanwhile. All methods are called
 * by the control thread and return at once.
 */
public interface WatchedPart {

  /**
   * Since when it has been at one piece of work, ns of the system clock ({@code
   * NanoClock.system()}); 0: it waits for work.
   */
  default long busySinceNs() {
    return 0;
  }

  /** What ended its work, or null while it goes on. */
  default @Nullable Throwable crash() {
    return null;
  }

  /**
   * Makes it anew: what hangs is left behind and must not touch anything shared when it comes back.
   *
   * @return false when it cannot be made anew
   */
  default boolean restart() {
    return false;
  }
}
