package saccade.hil.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SoakSampleTest {
  private static SoakSample at(int process, long frames, double heap, double threads) {
    return new SoakSample(process, frames, heap, 1e8, 20, threads, 5e6, 900, 4e7, 1e7, 6e7, 0);
  }

  @Test
  void aSlopeIsInPercentBehindTheFirstTenth() {
    List<SoakSample> samples = new ArrayList<>();
    for (int i = 1; i <= 100; i++) {
      double heap = i < 10 ? 5e7 : 1e8 + i * 1e5; // 1e5 each hundredth: 9 % of about 1e8
      samples.add(at(0, i * 10_000L, heap, i < 10 ? 12 : 10));
    }
    List<List<SoakSample>> parts = SoakSample.settled(samples, 100_000);
    assertEquals(91, parts.getFirst().size());
    assertEquals(
        100 * 9e6 / 1.055e8, SoakSample.growthPercent(parts, SoakSample::heapBytes, 900_000), 1e-6);
    assertEquals(0, SoakSample.growthPercent(parts, SoakSample::residentBytes, 900_000), 1e-9);
    assertEquals(0, SoakSample.spread(parts, SoakSample::threads), "the warm-up does not count");
  }

  /** Another process has another level, and a warm-up of its own: neither is growth. */
  @Test
  void aResumedRunHasOneSlopeAndALevelAProcess() {
    List<SoakSample> samples = new ArrayList<>();
    for (int i = 1; i <= 20; i++) {
      samples.add(at(0, i * 1000L, i < 4 ? 5e7 : 1e8, 10));
    }
    for (int i = 21; i <= 40; i++) {
      samples.add(at(1, i * 1000L, i < 24 ? 9e7 : 3e8, i < 24 ? 13 : 11));
    }
    List<List<SoakSample>> parts = SoakSample.settled(samples, 4_000);
    assertEquals(2, parts.size());
    assertEquals(24_000, parts.get(1).getFirst().frames());
    assertEquals(0, SoakSample.growthPercent(parts, SoakSample::heapBytes, 36_000), 1e-9);
    assertEquals(0, SoakSample.spread(parts, SoakSample::threads));
  }

  @Test
  void aLeakShowsThoughTheRunWasResumed() {
    List<SoakSample> samples = new ArrayList<>();
    for (int i = 1; i <= 40; i++) {
      double since = i <= 20 ? i : i - 20;
      samples.add(at(i <= 20 ? 0 : 1, i * 1000L, 1e8 + 1e6 * since, 10));
    }
    List<List<SoakSample>> parts = SoakSample.settled(samples, 4_000);
    double mean =
        parts.stream()
            .flatMap(List::stream)
            .mapToDouble(SoakSample::heapBytes)
            .average()
            .orElseThrow();
    assertEquals(
        100 * 36e6 / mean, SoakSample.growthPercent(parts, SoakSample::heapBytes, 36_000), 1e-6);
  }

  /** Warm-ups alone, one after the other, are no long run: there is no figure then. */
  @Test
  void processesThatWereAllKilledEarlySayNothing() {
    List<SoakSample> samples = new ArrayList<>();
    for (int i = 1; i <= 40; i++) {
      samples.add(at(i / 6, i * 1000L, 1e8 + i % 6 * 1e6, 10));
    }
    List<List<SoakSample>> parts = SoakSample.settled(samples, 4_000);
    assertEquals(Double.NaN, SoakSample.growthPercent(parts, SoakSample::heapBytes, 36_000));
  }

  @Test
  void aLineIsReadBackAndATornOneIsNot() {
    SoakSample sample = at(2, 77, 1.5e8, 13);
    assertEquals(sample, SoakSample.of(sample.line()));
    String torn = sample.line().substring(0, 20);
    assertThrows(IllegalArgumentException.class, () -> SoakSample.of(torn));
  }
}
