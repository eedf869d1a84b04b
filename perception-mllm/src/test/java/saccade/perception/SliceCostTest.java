package saccade.perception;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SliceCostTest {

  @Test
  void shouldPredictTheQuantileOfTheNewestTimes() {
    SliceCost cost = new SliceCost(0.9);
    assertEquals(0, cost.predictedNs());
    cost.add(500);
    assertEquals(500, cost.predictedNs());
    for (int i = 1; i <= 10; i++) {
      cost.add(i * 100);
    }
    assertEquals(900, cost.predictedNs());
    for (int i = 0; i < 32; i++) {
      cost.add(7);
    }
    assertEquals(7, cost.predictedNs(), "old times are forgotten");
  }
}
