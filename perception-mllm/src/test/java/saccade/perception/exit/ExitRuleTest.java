package saccade.perception.exit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** When each rule leaves: the worked numbers of its card, and budgets for any sample. */
class ExitRuleTest {

  private record View(int slice, float confidence, float change, long leftNs, long neededNs)
      implements ExitView {
    @Override
    public int guesses() {
      return 1;
    }

    @Override
    public float confidence(int token) {
      return confidence;
    }
  }

  private static View view(int slice, float confidence, float change) {
    return new View(slice, confidence, change, 1, 0);
  }

  @Test
  void shouldLeaveWithinTheCardsThresholdsAndAlwaysAtTheLastExit() {
    // DeeR's example of six exits: 0.024, 0.0034, 0.0070, 0.0092, 0.0046, infinite.
    float[] tau = {0.024f, 0.0034f, 0.0070f, 0.0092f, 0.0046f, Float.POSITIVE_INFINITY};
    Agreement rule = new Agreement(tau);
    assertTrue(rule.leaves(view(0, 0, 0.024f)));
    assertFalse(rule.leaves(view(1, 1, 0.0035f)));
    assertTrue(rule.leaves(view(2, 0, 0.0035f)));
    assertTrue(rule.leaves(view(5, 0, 9)));
    assertFalse(rule.leaves(view(0, 1, Float.NaN)), "nothing to agree with");
    assertFalse(rule.leaves(view(6, 1, 0)), "no threshold, no exit");
  }

  @Test
  void shouldLeaveWhenSure() {
    Confidence rule = new Confidence(new float[] {0.9f, 0.8f});
    assertTrue(rule.leaves(view(0, 0.9f, 9)));
    assertFalse(rule.leaves(view(0, 0.89f, 0)));
    assertTrue(rule.leaves(view(1, 0.8f, 9)));
    assertFalse(rule.leaves(view(0, Float.NaN, 0)));
    assertFalse(Confidence.of(3, 1.1f).leaves(view(0, 1, 0)), "above 1 = never");
  }

  @Test
  void shouldLeaveWhenTheRestDoesNotFit() {
    assertTrue(Deadline.RULE.leaves(new View(0, 0, 0, 10, 11)));
    assertFalse(Deadline.RULE.leaves(new View(0, 0, 0, 11, 11)));
    assertFalse(ExitRule.DEEPEST.leaves(new View(0, 1, 0, 0, 11)));
  }

  @Test
  void shouldSolveThresholdsForShares() {
    // Ten samples; half are to leave at the first exit: the five smallest, up to 0.5. Of the other
    // five floor(10 x 0.3) = 3 leave at the second, whose scores run the other way: up to 3.
    float[][] scores = new float[10][2];
    for (int i = 0; i < 10; i++) {
      scores[i][0] = (i + 1) / 10f;
      scores[i][1] = 10 - i;
    }
    assertArrayEquals(
        new float[] {0.5f, 3}, ExitBudget.thresholds(scores, new double[] {0.5, 0.3, 0.2}), 1e-6f);
  }

  @Test
  void shouldLetNobodyLeaveWhereNobodyIsTo() {
    float[][] scores = {{1, 1}, {2, 2}};
    assertArrayEquals(
        new float[] {Float.NEGATIVE_INFINITY, 2},
        ExitBudget.thresholds(scores, new double[] {0, 1, 0}));
  }

  @Test
  void shouldFindTheSharesOfABudget() {
    // Exits after 2, 4, 6 layers and 4 on average: all alike. 3 on average: rho below 1.
    assertArrayEquals(
        new double[] {1 / 3.0, 1 / 3.0, 1 / 3.0}, ExitBudget.shares(new int[] {2, 4, 6}, 4), 1e-9);
    double[] three = ExitBudget.shares(new int[] {2, 4, 6}, 3);
    assertEquals(three[1] / three[0], three[2] / three[1], 1e-6, "one rho");
    assertArrayEquals(new double[] {1, 0, 0}, ExitBudget.shares(new int[] {2, 4, 6}, 2), 1e-9);
  }

  @Property(tries = 100)
  void shouldMeetAnyBudgetOfLayers(
      @ForAll @DoubleRange(min = 2, max = 6) double mean, @ForAll long seed) {
    int[] layers = {2, 4, 6};
    double[] shares = ExitBudget.shares(layers, mean);
    assertEquals(1, Arrays.stream(shares).sum(), 1e-9);
    Random random = new Random(seed);
    float[][] scores = new float[500][2];
    for (float[] sample : scores) {
      sample[0] = random.nextFloat();
      sample[1] = random.nextInt(50) == 0 ? Float.NaN : random.nextFloat();
    }
    Agreement rule = new Agreement(ExitBudget.thresholds(scores, shares));
    double sum = 0;
    for (float[] sample : scores) {
      sum += rule.leaves(view(0, 0, sample[0])) ? 2 : rule.leaves(view(1, 0, sample[1])) ? 4 : 6;
    }
    assertEquals(mean, sum / 500, 0.1); // some NaN, and shares are rounded down
  }

  @Property(tries = 100)
  void shouldNeverLeaveSoonerWithATighterThreshold(
      @ForAll float change,
      @ForAll @IntRange(max = 2) int slice,
      @ForAll float a,
      @ForAll float b) {
    if (Float.isNaN(a) || Float.isNaN(b)) {
      return;
    }
    Agreement tight = new Agreement(new float[] {Math.min(a, b), Math.min(a, b)});
    Agreement loose = new Agreement(new float[] {Math.max(a, b), Math.max(a, b)});
    assertTrue(!tight.leaves(view(slice, 0, change)) || loose.leaves(view(slice, 0, change)));
  }

  @Test
  void shouldRefuseWhatIsNoNumberOrNoShare() {
    assertThrows(IllegalArgumentException.class, () -> new Agreement(new float[] {Float.NaN}));
    assertThrows(IllegalArgumentException.class, () -> new Confidence(new float[] {-1}));
    assertThrows(
        IllegalArgumentException.class,
        () -> ExitBudget.thresholds(new float[1][1], new double[] {0.5, 0.4}));
    assertThrows(IllegalArgumentException.class, () -> ExitBudget.shares(new int[] {2, 4, 6}, 1.9));
  }
}
