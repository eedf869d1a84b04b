package saccade.perception.sparsify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;
import saccade.perception.model.ModelPackage;
import saccade.perception.model.TestDescription;

/** The methods inside the decoder on rows small enough to do by hand. */
class DecoderPrunersTest {
  private static final ModelPackage MODEL = TestDescription.valid();
  private static final int HIDDEN = MODEL.decoder().hidden();
  private static final int KEYS = MODEL.decoder().kvHeads() * MODEL.decoder().headDim();
  private static final int HEAD = MODEL.decoder().headDim();

  /** Rows at the same place of the rotary table would not be turned against each other. */
  private static DecoderRows rows(int[] slots, float[] pull, Random noise) {
    int n = slots.length;
    MemorySegment states = Sights.noise(noise, n * HIDDEN);
    MemorySegment queries = MemorySegment.ofArray(new float[n * HIDDEN]);
    MemorySegment keys = MemorySegment.ofArray(new float[n * KEYS]);
    int last = HEAD / 2 - 1; // the slowest turning pair: angle slot x 1e-4 x .., near 0
    for (int row = 0; row < n; row++) {
      for (int head = 0; head < HIDDEN / HEAD; head++) {
        queries.setAtIndex(ValueLayout.JAVA_FLOAT, (long) row * HIDDEN + head * HEAD + last, 1);
      }
      for (int head = 0; head < MODEL.decoder().kvHeads(); head++) {
        keys.setAtIndex(ValueLayout.JAVA_FLOAT, (long) row * KEYS + head * HEAD + last, pull[row]);
      }
    }
    DecoderRows rows = new DecoderRows(MODEL, n);
    boolean[] guarded = new boolean[n];
    rows.show(n, slots, guarded, states, queries, keys);
    return rows;
  }

  @Test
  void attentionIsTheSoftmaxOfTheLastRowOverRowsBeforeIt() {
    int act = MODEL.slots().act();
    DecoderRows rows = rows(new int[] {0, 1, 2, act}, new float[] {0, 6, 12, 0}, new Random(1));
    float[] attention = new float[4];
    rows.addAttention(3, attention);
    double scale = 1 / Math.sqrt(HEAD);
    double[] logits = {0, 6 * scale, 12 * scale, 0};
    double sum = 0;
    for (double logit : logits) {
      sum += Math.exp(logit);
    }
    for (int i = 0; i < 4; i++) {
      assertEquals(Math.exp(logits[i]) / sum, attention[i], 2e-3, "row " + i);
    }
  }

  @Test
  void fastVKeepsWhatThePromptLooksAtMost() {
    int act = MODEL.slots().act();
    int lidar = MODEL.slots().lidar();
    DecoderRows rows =
        rows(new int[] {3, 9, 20, 30, lidar, act}, new float[] {5, 1, 7, 3, 50, 0}, new Random(2));
    boolean[] keep = {false, false, false, false, true, true};
    FastV fastv = new FastV(0, 0.5, 10);
    assertEquals(2, fastv.wanted(0, 4));
    assertTrue(fastv.choose(rows, 0, 0, 2, keep));
    assertEquals("0 2 4 5", Sights.kept(keep));
    // A guarded row counts.
    keep = new boolean[] {false, true, false, false, true, true};
    assertTrue(fastv.choose(rows, 0, 1, 2, keep));
    assertEquals("1 2 4 5", Sights.kept(keep));
  }

  @Test
  void scoresThatAreNoNumbersAreSaid() {
    int act = MODEL.slots().act();
    DecoderRows rows = rows(new int[] {3, 9, act}, new float[] {Float.NaN, 1, 0}, new Random(3));
    assertFalse(new FastV(0, 0.5, 10).choose(rows, 0, 0, 1, new boolean[] {false, false, true}));
    assertFalse(
        new SparseVlm(3, 0.5, 10).choose(rows, 0, 0, 1, new boolean[] {false, false, true}));
  }

  @Test
  void sparseVlmKeepsTheSameShareAtEachSplitAndRecycles() {
    SparseVlm sparse = new SparseVlm(3, 0.25, 64);
    assertTrue(sparse.actsAfter(0) && sparse.actsAfter(1) && !sparse.actsAfter(2));
    assertEquals(20, sparse.wanted(0, 40));
    assertEquals(10, sparse.wanted(1, 20));
    int[] slots = new int[41];
    float[] pull = new float[41];
    for (int i = 0; i < 40; i++) {
      slots[i] = i;
      pull[i] = i % 20; // 19 twice, 18 twice, ..
    }
    slots[40] = MODEL.slots().act();
    boolean[] keep = new boolean[41];
    keep[40] = true;
    assertTrue(sparse.choose(rows(slots, pull, new Random(4)), 0, 0, 20, keep));
    int kept = 0;
    int best = 0;
    for (int i = 0; i < 40; i++) {
      kept += keep[i] ? 1 : 0;
      best += keep[i] && i % 20 >= 11 ? 1 : 0;
    }
    assertEquals(20, kept);
    assertEquals(18, best, "two of twenty are centres of what was dropped");
  }

  @Test
  void vtwLeavesNone() {
    Vtw vtw = new Vtw(1);
    assertTrue(vtw.actsAfter(1) && !vtw.actsAfter(0));
    assertEquals(0, vtw.wanted(1, 56));
  }
}
