package saccade.perception.sparsify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import saccade.perception.model.ModelPackage.CameraInput;
import saccade.perception.model.TestDescription;

class PixelVarianceTest {

  private static final CameraInput CAMERA = TestDescription.valid().camera();

  @Property(tries = 60)
  void shouldKeepTheWantedShareAndEveryProtectedToken(
      @ForAll @DoubleRange(min = 0.02, max = 1) double ratio,
      @ForAll @IntRange(max = 28) int protectedCount,
      @ForAll long seed) {
    Random random = new Random(seed);
    boolean[] wanted = new boolean[28];
    for (int i = 0; i < protectedCount; i++) {
      wanted[random.nextInt(28)] = true;
    }
    int guarded = 0;
    for (boolean w : wanted) {
      guarded += w ? 1 : 0;
    }
    boolean[] keep = new boolean[28];
    int kept = select(PixelVariance.share(CAMERA, ratio), 1, noise(random), wanted, keep);
    int found = 0;
    for (int t = 0; t < 28; t++) {
      found += keep[t] ? 1 : 0;
      assertTrue(keep[t] || !wanted[t], "protected token " + t + " was dropped");
    }
    assertEquals(found, kept);
    int share = TokenBudgets.even(CAMERA, ratio).of(1);
    share = TokenBudgets.even(CAMERA, 1).bucket(share);
    assertEquals(share >= 28 ? 28 : Math.max(share, guarded), kept);
  }

  @Test
  void shouldKeepTheBusyTokensAndSpreadTheRest() {
    MemorySegment patches = Arena.ofAuto().allocate(1792L * 48 * 4, 64);
    Random random = new Random(3);
    for (int t : new int[] {9, 10, 16, 17}) {
      fill(patches, t, random, 1);
    }
    boolean[] keep = new boolean[28];
    assertEquals(7, select(PixelVariance.share(CAMERA, 0.25), 0, patches, new boolean[28], keep));
    for (int t : new int[] {9, 10, 16, 17}) {
      assertTrue(keep[t], "busy token " + t);
    }
    // Three tokens by coverage: one in each third of the picture's other tokens.
    int[] thirds = new int[3];
    int seen = 0;
    for (int t = 0; t < 28; t++) {
      if (t != 9 && t != 10 && t != 16 && t != 17) {
        thirds[seen++ / 8] += keep[t] ? 1 : 0;
      }
    }
    assertEquals("111", "" + thirds[0] + thirds[1] + thirds[2]);
  }

  @Test
  void shouldKeepAllWhenToldSo() {
    boolean[] keep = new boolean[28];
    assertEquals(28, select(new KeepAll(), 0, MemorySegment.NULL, new boolean[28], keep));
    assertTrue(keep[0] && keep[27]);
  }

  @Test
  void shouldRefuseARatioThatKeepsNothing() {
    assertThrows(IllegalArgumentException.class, () -> PixelVariance.share(CAMERA, 0));
    assertThrows(IllegalArgumentException.class, () -> PixelVariance.share(CAMERA, Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> PixelVariance.budgets(CAMERA, 28, 0));
    assertThrows(IllegalArgumentException.class, () -> PixelVariance.budgets(CAMERA, 28, 29));
    assertThrows(IllegalArgumentException.class, () -> PixelVariance.budgets(CAMERA, 28));
  }

  @Test
  void shouldKeepItsOwnBudgetOfEachCamera() {
    Sparsifier budgets = PixelVariance.budgets(CAMERA, 28, 10);
    MemorySegment picture = noise(new Random(4));
    boolean[] keep = new boolean[28];
    assertEquals(28, select(budgets, 0, picture, new boolean[28], keep));
    assertEquals(10, select(budgets, 1, picture, new boolean[28], keep));
    assertEquals("pixel-variance [28, 10]", budgets.name());
  }

  private static int select(
      Sparsifier by, int camera, MemorySegment patches, boolean[] guarded, boolean[] keep) {
    CameraSight sight = new CameraSight(camera, 4, 7, 2, 8);
    sight.show(patches, MemorySegment.NULL, MemorySegment.NULL, guarded, 0);
    return by.select(sight, 28, keep);
  }

  private static MemorySegment noise(Random random) {
    MemorySegment patches = Arena.ofAuto().allocate(1792L * 48 * 4, 64);
    for (int t = 0; t < 28; t++) {
      fill(patches, t, random, random.nextFloat());
    }
    return patches;
  }

  /** Random pixels in the 8 x 8 patches of one token. */
  private static void fill(MemorySegment patches, int token, Random random, float scale) {
    for (int r = 0; r < 8; r++) {
      for (int c = 0; c < 8; c++) {
        long patch = (token / 7 * 8L + r) * 56 + token % 7 * 8 + c;
        for (int i = 0; i < 48; i++) {
          patches.setAtIndex(
              ValueLayout.JAVA_FLOAT, patch * 48 + i, scale * (float) random.nextGaussian());
        }
      }
    }
  }
}
