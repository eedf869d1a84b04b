package saccade.kernels.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import saccade.kernels.Allocation;

class PatchVarianceTest {
  private static final PatchSpec NANO = PatchSpec.of(224, 128, 4, .5f, .25f);

  @Test
  void shouldGiveOneForAnEvenMixOfPlusAndMinusOneAndZeroForAFlatToken() {
    // Two tokens of one 2x2 patch: red +1 -1 +1 -1, green and blue flat -> (1 + 0 + 0) / 3; flat.
    PatchSpec spec = PatchSpec.of(4, 2, 2, 0f, 1f);
    float[] patches = {
      1, 5, 2, -1, 5, 2, 1, 5, 2, -1, 5, 2, /* second */ 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3
    };
    float[] scores = new float[2];
    new PatchVariance(spec, 1, 2).scores(MemorySegment.ofArray(patches), scores);
    assertArrayEquals(new float[] {1 / 3f, 0f}, scores, 1e-6f);
  }

  @Property(tries = 60)
  void shouldEqualTheNaiveTwin(
      @ForAll @IntRange(min = 1, max = 5) int patchPx,
      @ForAll @IntRange(min = 1, max = 3) int tokenRows,
      @ForAll @IntRange(min = 1, max = 4) int tokenCols,
      @ForAll @IntRange(min = 1, max = 3) int down,
      @ForAll @IntRange(min = 1, max = 3) int across,
      @ForAll long seed) {
    PatchSpec spec =
        PatchSpec.of(tokenCols * across * patchPx, tokenRows * down * patchPx, patchPx, 0f, 1f);
    float[] patches = new float[(int) (spec.patchesBytes() / 4)];
    Random random = new Random(seed);
    for (int i = 0; i < patches.length; i++) {
      patches[i] = (float) random.nextGaussian();
    }
    MemorySegment segment = MemorySegment.ofArray(patches);
    float[] found = new float[tokenRows * tokenCols];
    new PatchVariance(spec, tokenRows, tokenCols).scores(segment, found);
    for (int t = 0; t < found.length; t++) {
      double wanted = naive(spec, patches, tokenRows, tokenCols, t);
      assertEquals(wanted, found[t], 1e-4);
    }
  }

  private static double naive(
      PatchSpec spec, float[] patches, int tokenRows, int tokenCols, int token) {
    int tall = spec.heightPx() / tokenRows;
    int wide = spec.widthPx() / tokenCols;
    double variance = 0;
    for (int c = 0; c < 3; c++) {
      double mean = 0;
      for (int i = 0; i < tall * wide; i++) {
        mean +=
            pixel(
                    spec,
                    patches,
                    token % tokenCols * wide + i % wide,
                    token / tokenCols * tall + i / wide,
                    c)
                / (tall * wide);
      }
      for (int i = 0; i < tall * wide; i++) {
        double d =
            pixel(
                    spec,
                    patches,
                    token % tokenCols * wide + i % wide,
                    token / tokenCols * tall + i / wide,
                    c)
                - mean;
        variance += d * d / (tall * wide) / 3;
      }
    }
    return variance;
  }

  private static double pixel(PatchSpec spec, float[] patches, int x, int y, int c) {
    int p = spec.patchPx();
    return patches[
        (y / p * spec.patchCols() + x / p) * spec.patchFloats() + (y % p * p + x % p) * 3 + c];
  }

  @Test
  void shouldAllocateNothing() {
    var variance = new PatchVariance(NANO, 4, 7);
    float[] patches = new float[1792 * 48];
    patches[0] = 32; // 32^2 / 1024 - (32 / 1024)^2 = 1 - 1/1024, a third of it by the mean over RGB
    MemorySegment segment = MemorySegment.ofArray(patches);
    float[] scores = new float[28];
    Allocation.assertNone(500, () -> variance.scores(segment, scores));
    assertEquals((1 - 1 / 1024f) / 3, scores[0], 1e-6f);
    assertEquals(0f, scores[27]);
  }

  @Test
  void shouldSayWantedAndFound() {
    var error = assertThrows(IllegalArgumentException.class, () -> new PatchVariance(NANO, 5, 7));
    assertTrue(error.getMessage().contains("divide the patch grid 32x56, found 5x7"));
    var variance = new PatchVariance(NANO, 4, 7);
    assertThrows(
        IllegalArgumentException.class,
        () -> variance.scores(MemorySegment.ofArray(new float[3]), new float[28]));
    assertThrows(
        IllegalArgumentException.class,
        () -> variance.scores(MemorySegment.ofArray(new float[1792 * 48]), new float[27]));
  }
}
