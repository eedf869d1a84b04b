package saccade.nodes.pipeline;

import saccade.perception.PerceptionOutput;
import saccade.perception.SetInput;
import saccade.realtime.schedule.SliceKind;

/**
 * Hot path. Turns one set into tokens, slice by slice. A model session, or in tests something that
 * answers by rule, hangs or throws. Used by the lane thread only, once the pipeline is open.
 */
public interface Perceiver extends AutoCloseable {

  /**
   * Starts a set; memory of {@code input} stays readable until the set has ended.
   *
   * @param deadlineNs when the answer must be there, in the domain of {@code step}'s nowNs
   */
  void begin(SetInput input, long deadlineNs);

  /** Runs one slice; false when the set has ended and {@link #output} is there. */
  boolean step(long nowNs);

  /** Whether the action is decided and what is left is description. */
  boolean describing();

  /** What the slice that ran last counts as. */
  SliceKind kind();

  /** Ends the set under way with the best answer so far; no effect when none is. */
  void cut();

  /** The last ended set's answer. */
  PerceptionOutput output();

  /** Forgets all earlier sets; also after {@link #begin} or {@link #step} has thrown. */
  void reset();

  @Override
  void close();
}
