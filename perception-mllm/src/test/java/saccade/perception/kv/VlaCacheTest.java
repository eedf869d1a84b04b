package saccade.perception.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import saccade.perception.model.ModelPackage;
import saccade.perception.model.TestDescription;

class VlaCacheTest {
  private static final ModelPackage MODEL = TestDescription.sixCameras();
  private static final int TOKENS = 28;

  /** A random picture, 32 x 56 patches of 48 floats. */
  private static MemorySegment picture(long seed) {
    Random random = new Random(seed);
    MemorySegment patches = Arena.ofAuto().allocate(1792L * 48 * 4, 64);
    for (int i = 0; i < 1792 * 48; i++) {
      patches.setAtIndex(ValueLayout.JAVA_FLOAT, i, random.nextFloat() * 3 - 1.5f);
    }
    return patches;
  }

  /** Makes the pixels of a token darker by a share of noise. */
  private static void change(MemorySegment patches, int token, float by, Random random) {
    for (int r = 0; r < 8; r++) {
      for (int c = 0; c < 8; c++) {
        long patch = (token / 7 * 8L + r) * 56 + token % 7 * 8 + c;
        for (int i = 0; i < 48; i++) {
          long at = patch * 48 + i;
          float x = patches.getAtIndex(ValueLayout.JAVA_FLOAT, at);
          patches.setAtIndex(ValueLayout.JAVA_FLOAT, at, x + by * (float) random.nextGaussian());
        }
      }
    }
  }

  private static VlaCache sharp(VlaSettings settings) {
    VlaCache cache = new VlaCache(MODEL, settings);
    for (int i = 0; i < 40; i++) {
      cache.look(0); // the prompt looks at one row: all that may be reused is
    }
    return cache;
  }

  @Test
  void shouldReuseTokensWhosePixelsDidNotChange() {
    VlaCache cache = sharp(new VlaSettings(0.996, 28, 0));
    MemorySegment patches = picture(1);
    boolean[] reuse = new boolean[TOKENS];
    assertEquals(0, cache.select(0, patches, 0, reuse), "the first picture");
    Random random = new Random(2);
    change(patches, 3, 1, random);
    change(patches, 20, 1, random);
    change(patches, 7, 0.01f, random); // cosine above 0.996
    int count = cache.select(0, patches, 0, reuse);
    assertFalse(reuse[3] || reuse[20]);
    assertTrue(reuse[7] || count < 26, "hardly changed");
    assertEquals(25, count, 1, "the share is 1 up to rounding");
    assertEquals(0, cache.select(1, patches, 28, reuse), "another camera's first picture");
  }

  @Test
  void shouldScaleThePapersCountsToACamera() {
    // 130 and 100 of 256 tokens; of 28: 14 and 11.
    VlaSettings paper = VlaSettings.paper(TOKENS);
    assertEquals(new VlaSettings(0.996, 14, 11), paper);
    assertEquals(new VlaSettings(0.996, 130, 100), VlaSettings.paper(256));
    VlaCache cache = sharp(paper);
    boolean[] reuse = new boolean[TOKENS];
    cache.select(0, picture(1), 0, reuse);
    assertTrue(cache.select(0, picture(1), 0, reuse) <= 14);
  }

  @Test
  void shouldLetTheShareRiseSlowlyAndFallAtOnce() {
    // Rises count by 0.55: from 0 towards 0.8 it is 0.44, then 0.638; a fall to 0.2 is 0.2.
    VlaCache cache = new VlaCache(MODEL, VlaSettings.paper(TOKENS));
    cache.look(0.2);
    assertEquals(0.44, cache.share(), 1e-9);
    cache.look(0.2);
    assertEquals(0.638, cache.share(), 1e-9);
    cache.look(0.8);
    assertEquals(0.2, cache.share(), 1e-9);
    cache.look(Double.NaN);
    assertEquals(0, cache.share(), 1e-9, "not known: nothing is reused");
  }

  @Property(tries = 20)
  void shouldReuseItsShareAndNothingThatChanged(
      @ForAll long seed,
      @ForAll @IntRange(max = 28) int most,
      @ForAll @IntRange(max = 28) int changed) {
    VlaCache cache = new VlaCache(MODEL, new VlaSettings(0.996, most, 0));
    cache.look(0.5);
    MemorySegment patches = picture(seed);
    boolean[] reuse = new boolean[TOKENS];
    cache.select(2, patches, 56, reuse);
    Random random = new Random(seed);
    for (int t = 0; t < changed; t++) {
      change(patches, t, 1, random);
    }
    int count = cache.select(2, patches, 56, reuse);
    assertEquals((int) Math.floor(cache.share() * Math.min(most, TOKENS - changed)), count);
    for (int t = 0; t < changed; t++) {
      assertFalse(reuse[t], "token " + t);
    }
  }

  @Test
  void shouldNotReuseBrokenPixels() {
    VlaCache cache = sharp(new VlaSettings(0.996, 28, 0));
    MemorySegment patches = picture(1);
    boolean[] reuse = new boolean[TOKENS];
    cache.select(0, patches, 0, reuse);
    patches.fill((byte) 0xff);
    assertEquals(0, cache.select(0, patches, 0, reuse));
  }

  @Test
  void shouldRefuseImpossibleSettings() {
    assertThrows(IllegalArgumentException.class, () -> new VlaSettings(0, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new VlaSettings(1.1, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new VlaSettings(0.9, -1, 1));
  }
}
