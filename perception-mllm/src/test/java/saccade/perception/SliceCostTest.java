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

  @Test
  void shouldForgetASpikeWhenTheFastestTimeWouldHaveFit() {
    SliceCost cost = new SliceCost(0.9);
    for (int i = 0; i < 28; i++) {
      cost.add(10);
    }
    for (int i = 0; i < 4; i++) {
      cost.add(1000);
    }
    assertEquals(1000, cost.predictedNs());
    cost.refuse(50);
    assertEquals(10, cost.predictedNs(), "28 of 31 are fast again");
  }

  @Test
  void shouldTryAgainAfterAColdStartThatWasSlowerThanEveryBudget() {
    SliceCost cost = new SliceCost(0.9);
    cost.add(600);
    cost.refuse(80);
    assertEquals(600, cost.predictedNs());
    cost.refuse(80);
    assertEquals(0, cost.predictedNs(), "unknown again: the next one runs and is measured");
  }

  @Test
  void shouldNotForgetWhenHardlyAnyTimeWasLeft() {
    SliceCost cost = new SliceCost(0.9);
    for (int i = 0; i < 32; i++) {
      cost.add(1300);
    }
    for (int i = 0; i < 1000; i++) {
      cost.refuse(i % 50);
      cost.refuse(-5);
    }
    assertEquals(1300, cost.predictedNs());
  }

  @Test
  void shouldGoByItsNeighbourWhenItWasPassedOverForLong() {
    SliceCost cost = new SliceCost(0.9);
    for (int i = 0; i < 32; i++) {
      cost.add(900);
    }
    for (int set = 0; set < 7; set++) {
      cost.passOver();
    }
    assertEquals(900, cost.predictedNs(100));
    cost.passOver();
    assertEquals(100, cost.predictedNs(100));
    assertEquals(900, cost.predictedNs(2000), "a slower neighbour proves nothing");
    cost.add(150);
    assertEquals(150, cost.predictedNs(100), "the old times are of another moment");
  }
}
