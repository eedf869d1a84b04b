package saccade.perception.sparsify;

import java.lang.foreign.MemorySegment;

/**
 * Decides which visual tokens of one camera go on to the decoder. Hot path: no allocation. One
 * instance a stream.
 */
public interface Sparsifier {

  /**
   * Marks the tokens that go on.
   *
   * @param camera index in the rig, which is its place in the model
   * @param patches normalised image as the camera encoder takes it, float32 (patches, patchFloats)
   * @param protectedTokens (tokens, row-major) never dropped when true; may be all false
   * @param keep (tokens) written: true = goes on
   * @return number of kept tokens
   */
  int select(int camera, MemorySegment patches, boolean[] protectedTokens, boolean[] keep);

  /** Name for reports. */
  String name();
}
