package saccade.nodes.pipeline;

import java.util.List;

/** Hears every message at its publication: JSON lines, the page, tests. */
@FunctionalInterface
public interface PipelineListener {

  /** Hears nothing. */
  PipelineListener NONE = publication -> {};

  /**
   * Control thread; return within a millisecond. Everything in {@code publication} is valid during
   * the call; the message itself may be kept.
   */
  void onMessage(Publication publication);

  /** What it is called where it is named as a stage. */
  default String partName() {
    return getClass().isSynthetic() || getClass().isHidden()
        ? "of the program"
        : getClass().getSimpleName();
  }

  /** Both, this one first; one that throws does not keep the message from the other. */
  default PipelineListener and(PipelineListener other) {
    return new Outputs(List.of(this, other));
  }
}
