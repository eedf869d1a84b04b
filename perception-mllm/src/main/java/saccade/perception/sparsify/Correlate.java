package saccade.perception.sparsify;

/** Second stage of three: where what is dropped goes. Hot path. */
public interface Correlate extends Stage {

  /**
   * Says how much of each dropped token goes to which of those that stay.
   *
   * @param keep (tokens) who stays
   * @param share (tokens, tokens) zeros; written: [dropped, kept] = weight, 0 or more
   */
  void relate(CameraSight sight, boolean[] keep, float[] share);
}
