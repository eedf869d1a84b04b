package saccade.perception.sparsify;

/** What filters and correlate stages have in common. */
public interface Stage {

  /** Whether the attention inside the encoder is needed. */
  default boolean needsAttention() {
    return false;
  }
}
