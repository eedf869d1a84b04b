package saccade.nodes.node;

/**
 * A transform that cannot be told; one line with the frames, the time asked for and what is there.
 */
@SuppressWarnings("serial")
public final class TransformFault extends RuntimeException {

  /** Why. */
  public enum Kind {
    /** No message named the frame. */
    UNKNOWN_FRAME,
    /** Both frames are known, and nothing joins them. */
    NOT_CONNECTED,
    /** The time lies before all that is kept. */
    BEFORE_HISTORY,
    /** The time lies after the newest message: nothing is extrapolated. */
    IN_FUTURE
  }

  private final Kind kind;

  TransformFault(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
