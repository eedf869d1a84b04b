package saccade.perception.sparsify;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Keeps every token. */
public record KeepAll() implements Sparsifier {

  @Override
  public int select(int camera, MemorySegment patches, boolean[] protectedTokens, boolean[] keep) {
    Arrays.fill(keep, true);
    return keep.length;
  }

  @Override
  public String name() {
    return "none";
  }
}
