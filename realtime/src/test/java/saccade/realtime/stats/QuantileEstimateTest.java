package saccade.realtime.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class QuantileEstimateTest {
  @Test
  void shareBelowIsTheQuantile() {
    for (double q : new double[] {0.5, 0.9, 0.97}) {
      SplittableRandom random = new SplittableRandom(7);
      QuantileEstimate estimate = new QuantileEstimate(q);
      int below = 0;
      for (int i = 0; i < 20_000; i++) {
        double sample = 20 + 10 * random.nextDouble();
        if (i >= 1_000 && sample <= estimate.value()) {
          below++;
        }
        estimate.record(sample);
      }
      assertEquals(q, below / 19_000.0, 0.02, "q " + q);
    }
  }

  @Test
  void followsAJumpWithinAFewTensOfSamples() {
    SplittableRandom random = new SplittableRandom(3);
    QuantileEstimate estimate = new QuantileEstimate(0.97);
    for (int i = 0; i < 500; i++) {
      estimate.record(10 + random.nextDouble());
    }
    assertTrue(estimate.value() < 12, "before " + estimate.value());
    for (int i = 0; i < 20; i++) {
      estimate.record(40 + random.nextDouble());
    }
    assertTrue(estimate.value() > 39, "after a jump up " + estimate.value());
  }

  @Test
  void wildSamplesNowAndThenMoveItLittle() {
    SplittableRandom random = new SplittableRandom(5);
    QuantileEstimate estimate = new QuantileEstimate(0.97);
    double worst = 0;
    for (int i = 0; i < 20_000; i++) {
      estimate.record(random.nextInt(50) == 0 ? 60 : 18 + 6 * random.nextDouble());
      if (i > 200) {
        worst = Math.max(worst, estimate.value());
      }
    }
    assertTrue(worst < 30, "worst " + worst);
  }

  @Test
  void aConstantStreamIsItsOwnQuantile() {
    QuantileEstimate estimate = new QuantileEstimate(0.99);
    assertEquals(0, estimate.value());
    for (int i = 0; i < 100; i++) {
      estimate.record(5);
    }
    assertEquals(5, estimate.value(), 1e-12);
    estimate.reset();
    assertEquals(0, estimate.samples());
  }

  @Test
  void wantsAShareBetweenNoneAndAll() {
    assertThrows(IllegalArgumentException.class, () -> new QuantileEstimate(1));
    assertThrows(IllegalArgumentException.class, () -> new QuantileEstimate(Double.NaN));
  }
}
