package saccade.perception.sparsify;

import java.util.Arrays;

/**
 * Decides which visual tokens of one camera go on to the decoder. Hot path: no allocation. One
 * instance a stream.
 */
public interface Sparsifier {

  /**
   * Marks the tokens that go on, all guarded ones among them, and may rewrite those that stay.
   *
   * @param sight of one camera
   * @param most most tokens besides guarded ones, 1 or more
   * @param keep (tokens) written: true = goes on
   * @return number of kept tokens
   */
  int select(CameraSight sight, int most, boolean[] keep);

  /** Another set begins; called before anything is asked about it. */
  default void nextSet() {}

  /**
   * Whether a camera's picture is looked at in this set; asked before anything is done with it. One
   * that is not looked at is not encoded.
   */
  default boolean due(int camera) {
    return true;
  }

  /**
   * Whether a camera is encoded in this set; asked when its picture is resized and before its
   * encoder runs, so only pixels may be looked at. A camera that is not has no new tokens in the
   * set: those it had before stay in the window.
   */
  default boolean encodes(CameraSight sight) {
    return true;
  }

  /**
   * Whether a camera that is not encoded gives the tokens of its last encoded picture again. It is
   * encoded after all where there is none.
   */
  default boolean holds() {
    return false;
  }

  /** What was encoded since {@link #nextSet} did not get into the window. */
  default void lost() {}

  /** Most tokens of a camera that go on, of all it has. */
  default int most(int camera, int tokens) {
    return tokens;
  }

  /** Whether the attention inside the encoder is needed. */
  default boolean needsAttention() {
    return false;
  }

  /** Selections whose scores were not finite, so that tokens were spread evenly instead. */
  default long degraded() {
    return 0;
  }

  /** Forgets earlier sets. */
  default void forget() {}

  /** Name for reports. */
  String name();

  /** Every token. */
  static int all(boolean[] keep) {
    Arrays.fill(keep, true);
    return keep.length;
  }
}
