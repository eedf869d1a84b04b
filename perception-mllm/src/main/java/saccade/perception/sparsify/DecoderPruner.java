package saccade.perception.sparsify;

/**
 * Drops visual tokens between two slices of the decoder. The slices above hold no keys or values of
 * them; positions are not counted anew. Hot path: no allocation. One instance a stream.
 */
public interface DecoderPruner {

  /** Whether it acts between a slice of layers and the next one. */
  boolean actsAfter(int slice);

  /**
   * Visual tokens that stay.
   *
   * @param visual how many there are
   */
  int wanted(int slice, int visual);

  /**
   * Marks visual rows that stay until {@code budget} of them are marked.
   *
   * @param keep (rows) true for guarded and other rows; visual ones to be marked
   * @param kept visual rows marked already: the guarded ones
   * @return false when its scores were not finite; {@code keep} means nothing then
   */
  boolean choose(DecoderRows rows, int slice, int kept, int budget, boolean[] keep);

  /** Whether the queries and keys of the last layer below are needed. */
  boolean needsAttention();

  /** Name for reports. */
  String name();
}
