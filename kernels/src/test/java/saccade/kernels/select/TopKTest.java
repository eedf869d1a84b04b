package saccade.kernels.select;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import saccade.kernels.Allocation;

class TopKTest {
  @Test
  void shouldPreferTheLowerIndexOfEqualScoresAndAscend() {
    int[] out = new int[3];
    assertEquals(3, TopK.ascending(new float[] {1, 5, 2, 5, 2, 0}, 6, 3, out));
    assertArrayEquals(new int[] {1, 2, 3}, out);
  }

  @Test
  void shouldRankNanBelowMinusInfinity() {
    int[] out = new int[2];
    float[] scores = {Float.NaN, Float.NEGATIVE_INFINITY, Float.NaN, 3};
    TopK.ascending(scores, 4, 2, out);
    assertArrayEquals(new int[] {1, 3}, out);
    TopK.ascending(new float[] {Float.NaN, Float.NaN, Float.NaN}, 3, 2, out);
    assertArrayEquals(new int[] {0, 1}, out);
  }

  @Test
  void shouldChooseAllOrNoneAtTheEnds() {
    int[] out = new int[3];
    assertEquals(3, TopK.ascending(new float[] {1, 2, 3}, 3, 99, out));
    assertArrayEquals(new int[] {0, 1, 2}, out);
    assertEquals(0, TopK.ascending(new float[] {1, 2, 3}, 3, -1, out));
    assertEquals(0, TopK.ascending(new float[0], 0, 4, out));
    assertThrows(IllegalArgumentException.class, () -> TopK.ascending(new float[2], 3, 1, out));
    assertThrows(IllegalArgumentException.class, () -> TopK.ascending(new float[9], 9, 4, out));
  }

  @Property(tries = 300)
  void shouldEqualAFullStableSort(
      @ForAll @Size(max = 60) @IntRange(min = -4, max = 5) int[] drawn,
      @ForAll @IntRange(min = 0, max = 61) int k) {
    float[] scores = new float[drawn.length];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = drawn[i] == -4 ? Float.NaN : drawn[i]; // few values: many ties
    }
    int[] wanted =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(
                Comparator.comparingDouble(
                    i -> Float.isNaN(scores[i]) ? Double.POSITIVE_INFINITY : -scores[i]))
            .limit(k)
            .mapToInt(i -> i)
            .sorted()
            .toArray();
    int[] out = new int[scores.length];
    int n = TopK.ascending(scores, scores.length, k, out);
    assertArrayEquals(wanted, Arrays.copyOf(out, n));
  }

  @Test
  void shouldAllocateNothing() {
    float[] scores = new float[80];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = (i * 37) % 80;
    }
    int[] out = new int[20];
    Allocation.assertNone(10_000, () -> TopK.ascending(scores, 80, 20, out));
    for (int i : out) {
      assertEquals(true, scores[i] >= 60);
    }
  }
}
