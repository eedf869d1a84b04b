package saccade.nodes.pipeline;

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

  /** Both, this one first. */
  default PipelineListener and(PipelineListener other) {
    return publication -> {
      onMessage(publication);
      other.onMessage(publication);
    };
  }
}
