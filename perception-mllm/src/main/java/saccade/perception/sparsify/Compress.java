package saccade.perception.sparsify;

/** Last stage of three: what those that stay become. Hot path. */
public interface Compress {

  /**
   * Rewrites the features of tokens that stay.
   *
   * @param keep (tokens) who stays
   * @param share (tokens, tokens) [dropped, kept] = weight
   */
  void into(CameraSight sight, boolean[] keep, float[] share);
}
