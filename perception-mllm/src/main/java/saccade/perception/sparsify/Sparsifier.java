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

  /**
   * As the other one, with at most so many tokens besides protected ones. Here: those that {@link
   * #select} keeps, thinned out evenly.
   *
   * @param most 1 or more
   */
  default int select(
      int camera, MemorySegment patches, boolean[] protectedTokens, int most, boolean[] keep) {
    int kept = select(camera, patches, protectedTokens, keep);
    int free = 0;
    for (int t = 0; t < keep.length; t++) {
      free += keep[t] && !protectedTokens[t] ? 1 : 0;
    }
    int wanted = Math.max(0, most - (kept - free));
    if (kept <= most) {
      return kept;
    }
    int seen = 0;
    int taken = 0;
    for (int t = 0; t < keep.length; t++) {
      if (keep[t] && !protectedTokens[t]) {
        // Of the free ones, the taken-th stays that lies in the middle of its share of them.
        boolean stays = taken < wanted && seen == (2 * taken + 1) * free / (2 * wanted);
        keep[t] = stays;
        taken += stays ? 1 : 0;
        seen++;
      }
    }
    return kept - free + taken;
  }

  /** Most tokens of a camera that go on, of all it has. */
  default int most(int camera, int tokens) {
    return tokens;
  }

  /** Name for reports. */
  String name();
}
