package saccade.kernels.select;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import saccade.kernels.Allocation;

class TokenSimilarityTest {
  private static float[] random(int n, long seed) {
    Random random = new Random(seed);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static double cosine(float[] a, int atA, float[] b, int atB, int dim) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int d = 0; d < dim; d++) {
      ab += (double) a[atA + d] * b[atB + d];
      aa += (double) a[atA + d] * a[atA + d];
      bb += (double) b[atB + d] * b[atB + d];
    }
    return aa == 0 || bb == 0 ? 0 : ab / Math.sqrt(aa * bb);
  }

  @Property(tries = 120)
  void equalsTheNaiveTwinAtAnySize(
      @ForAll @IntRange(min = 1, max = 40) int count,
      @ForAll @IntRange(min = 1, max = 67) int dim,
      @ForAll @IntRange(min = 1, max = 40) int wanted,
      @ForAll long seed) {
    float[] a = random(count * dim, seed);
    float[] b = random(count * dim, seed + 1);
    Arrays.fill(a, 0, Math.min(dim, a.length), count > 1 ? 0 : 1); // one token without length
    TokenSimilarity kernel = new TokenSimilarity(count + 3, dim);
    float[] found = new float[count];
    kernel.pairs(a, b, count, found);
    for (int i = 0; i < count; i++) {
      assertEquals(cosine(a, i * dim, b, i * dim, dim), found[i], 1e-5);
    }
    int k = Math.min(wanted, count);
    int[] chosen = new Random(seed).ints(0, count).distinct().limit(k).sorted().toArray();
    int[] nearest = new int[count];
    kernel.nearest(a, count, chosen, k, nearest, found);
    for (int i = 0; i < count; i++) {
      double best = Double.NEGATIVE_INFINITY;
      for (int c = 0; c < k; c++) {
        best = Math.max(best, cosine(a, i * dim, a, chosen[c] * dim, dim));
      }
      assertEquals(best, found[i], 1e-5);
      int at = chosen[nearest[i]];
      assertEquals(best, cosine(a, i * dim, a, at * dim, dim), 1e-5);
    }
    for (int c = 0; c < k; c++) {
      assertEquals(c, nearest[chosen[c]]);
    }
  }

  @Property(tries = 80)
  void mergesToMeans(
      @ForAll @IntRange(min = 1, max = 40) int count,
      @ForAll @IntRange(min = 1, max = 35) int dim,
      @ForAll @IntRange(min = 1, max = 9) int results,
      @ForAll long seed) {
    float[] tokens = random(count * dim, seed);
    Random random = new Random(seed);
    int[] target = random.ints(count, -1, results).toArray();
    float[] similarity = random(count, seed + 2);
    float[] out = random(results * dim + 2, seed + 3);
    float guard = out[results * dim];
    int merged =
        new TokenMerge(results, dim).into(tokens, count, target, similarity, 0f, results, out);
    int expected = 0;
    for (int r = 0; r < results; r++) {
      double[] sum = new double[dim];
      int n = 0;
      for (int i = 0; i < count; i++) {
        if (target[i] == r && similarity[i] >= 0) {
          n++;
          for (int d = 0; d < dim; d++) {
            sum[d] += tokens[i * dim + d];
          }
        }
      }
      expected += n;
      for (int d = 0; d < dim; d++) {
        assertEquals(n == 0 ? 0 : sum[d] / n, out[r * dim + d], 1e-5);
      }
    }
    assertEquals(expected, merged);
    assertEquals(guard, out[results * dim], "wrote behind the result");
  }

  @Test
  void twinsStayWithThemselvesAndEqualsGoToTheFirst() {
    float[] tokens = {1, 0, 1, 0, 0, 1, 2, 0};
    int[] nearest = new int[4];
    float[] similarity = new float[4];
    new TokenSimilarity(4, 2).nearest(tokens, 4, new int[] {0, 1}, 2, nearest, similarity);
    assertArrayEquals(new int[] {0, 1, 0, 0}, nearest);
    assertArrayEquals(new float[] {1, 1, 0, 1}, similarity, 1e-6f);
  }

  @Test
  void allocatesNothingAndRefusesWhatDoesNotFit() {
    int n = 64;
    int dim = 192;
    float[] tokens = random(n * dim, 5);
    float[] out = new float[n * dim];
    int[] chosen = {1, 5, 9, 60};
    int[] nearest = new int[n];
    float[] similarity = new float[n];
    TokenSimilarity kernel = new TokenSimilarity(n, dim);
    TokenMerge merge = new TokenMerge(8, dim);
    Allocation.assertNone(
        50,
        () -> {
          kernel.pairs(tokens, tokens, n, similarity);
          kernel.nearest(tokens, n, chosen, 4, nearest, similarity);
          merge.into(tokens, n, nearest, similarity, -1f, 4, out);
        });
    assertThrows(
        IllegalArgumentException.class,
        () -> kernel.nearest(tokens, n, new int[] {64}, 1, nearest, similarity));
    assertThrows(
        IllegalArgumentException.class, () -> kernel.pairs(tokens, tokens, n + 1, similarity));
    assertThrows(
        IllegalArgumentException.class,
        () -> merge.into(tokens, n, nearest, similarity, 0f, 9, out));
  }
}
