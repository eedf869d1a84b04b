package saccade.perception.sparsify;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/** Small pictures for tests of sparsifiers. */
final class Sights {
  private Sights() {}

  /** Tokens in one row of a picture, one attention cell a token. */
  static CameraSight row(float[][] tokens, float[][] attention, boolean... guarded) {
    return grid(1, tokens, attention, guarded);
  }

  /** Tokens of a picture with so many rows. */
  static CameraSight grid(int rows, float[][] tokens, float[][] attention, boolean... guarded) {
    int n = tokens.length;
    CameraSight sight = new CameraSight(0, rows, n / rows, 1, tokens[0].length);
    sight.show(MemorySegment.NULL, memory(tokens), memory(attention), guarded, 0);
    return sight;
  }

  /** Everybody looks at the same tokens: rows of attention that are all alike. */
  static float[][] received(float... shares) {
    float[][] attention = new float[shares.length][];
    for (int i = 0; i < shares.length; i++) {
      attention[i] = shares.clone();
    }
    return attention;
  }

  static MemorySegment memory(float[][] values) {
    if (values.length == 0) {
      return MemorySegment.NULL;
    }
    MemorySegment memory = Arena.ofAuto().allocate(4L * values.length * values[0].length, 64);
    for (int i = 0; i < values.length; i++) {
      MemorySegment.copy(
          values[i],
          0,
          memory,
          ValueLayout.JAVA_FLOAT,
          4L * i * values[0].length,
          values[0].length);
    }
    return memory;
  }

  static MemorySegment noise(Random random, int floats) {
    MemorySegment memory = Arena.ofAuto().allocate(4L * floats, 64);
    for (int i = 0; i < floats; i++) {
      memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
    }
    return memory;
  }

  /** Indices that are kept, joined by spaces. */
  static String kept(boolean[] keep) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < keep.length; i++) {
      if (keep[i]) {
        text.append(text.isEmpty() ? "" : " ").append(i);
      }
    }
    return text.toString();
  }

  static String choose(Filter filter, CameraSight sight, int budget) {
    boolean[] keep = new boolean[sight.tokens()];
    int guarded = Coverage.guarded(sight.guarded(), keep);
    return filter.choose(sight, guarded, budget, keep) ? kept(keep) : "not finite";
  }
}
