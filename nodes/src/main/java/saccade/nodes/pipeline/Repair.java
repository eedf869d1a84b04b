package saccade.nodes.pipeline;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import saccade.realtime.schedule.Slice;

/**
 * Makes the stage that runs the model anew, off the control thread, while everything else goes on.
 * All methods are called by the control thread and return at once.
 */
public interface Repair {

  /**
   * The new stage.
   *
   * @param perceiver null when it could not be made
   * @param lane takes its slices
   * @param failure why there is none; null when there is
   */
  record Repaired(
      @Nullable Perceiver perceiver, Predicate<Slice> lane, @Nullable Throwable failure) {}

  /**
   * Whether {@link #begin} can do anything; else what hangs is waited for.
   *
   * @param hung as there
   */
  boolean isAble(boolean hung);

  /**
   * Begins.
   *
   * @param hung the lane's thread is still inside the perceiver, so that both must be left behind;
   *     else it has thrown, and the perceiver may be used again after a reset
   */
  void begin(boolean hung);

  /** The new stage, once; null while there is none yet. */
  @Nullable Repaired poll();
}
