package saccade.hil.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import saccade.hil.report.PairedRatio.Verdict;

class PairedRatioTest {
  private static PairedRatio measured(double candidate, double baselineAgain, int pairs) {
    PairedRatio paired = new PairedRatio();
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < pairs; i++) {
      double load = i % 7 == 0 ? 5 : 1; // a busy moment hits all three of a pair
      double jitter = 1 + 0.01 * (random.nextDouble() - 0.5);
      paired.add(100 * load, 100 * load * candidate * jitter, 100 * load * baselineAgain);
    }
    return paired;
  }

  @Test
  void holdsOrMissesByTheMedianOfThePairs() {
    assertEquals(Verdict.HOLDS, measured(1.1, 1, 20).judge(1.2));
    assertEquals(Verdict.MISSED, measured(1.3, 1, 20).judge(1.2));
    assertEquals(1.1, measured(1.1, 1, 21).median(), 0.01);
  }

  @Test
  void isNotMeasurableWithFewPairsOrANoisyBaseline() {
    assertEquals(Verdict.NOT_MEASURABLE, measured(1.0, 1, 19).judge(1.2));
    assertEquals(Verdict.HOLDS, measured(1.0, 1.09, 20).judge(1.2));
    assertEquals(Verdict.NOT_MEASURABLE, measured(1.0, 1.11, 20).judge(1.2));
    assertEquals(Verdict.NOT_MEASURABLE, measured(1.0, 0.89, 20).judge(1.2));
    assertEquals(Verdict.NOT_MEASURABLE, measured(2.0, 1.02, 40).judge(1.02));
    assertEquals(Verdict.NOT_MEASURABLE, new PairedRatio().judge(1.2));
  }

  @Test
  void refusesTimesThatAreNone() {
    assertThrows(IllegalArgumentException.class, () -> new PairedRatio().add(0, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new PairedRatio().add(1, Double.NaN, 1));
  }

  @Test
  void takesQuantilesByNearestRank() {
    double[] sample = {4, 1, 3, 2, Double.POSITIVE_INFINITY};
    assertEquals(3, Quantile.of(sample, 0.5));
    assertEquals(4, Quantile.of(sample, 0.8));
    assertEquals(Double.POSITIVE_INFINITY, Quantile.of(sample, 0.99));
    double[] hundred = new double[100];
    for (int i = 0; i < 100; i++) {
      hundred[i] = i + 1;
    }
    assertEquals(99, Quantile.of(hundred, 0.99));
    assertEquals(Double.NaN, Quantile.of(new double[0], 0.5));
  }
}
