package saccade.hil.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SoakSampleTest {
  private static SoakSample at(int process, long frames, double heap, double threads) {
    return new SoakSample(process, frames, heap, 1e8, 20, threads, 5e6, 900, 4e7, 1e7);
  }

  @Test
  void aSlopeIsInPercentAfterTheFirstTenth() {
    List<SoakSample> samples = new ArrayList<>();
    for (int i = 0; i <= 100; i++) {
      double heap = i < 10 ? 5e7 : 1e8 + i * 1e5; // 1e5 each hundredth: 9 % of about 1e8
      samples.add(at(0, i * 10_000L, heap, i < 10 ? 12 : 10));
    }
    List<List<SoakSample>> parts = SoakSample.settled(samples);
    assertEquals(91, parts.getFirst().size());
    assertEquals(100 * 9e6 / 1.055e8, SoakSample.growthPercent(parts, SoakSample::heapBytes), 1e-6);
    assertEquals(0, SoakSample.growthPercent(parts, SoakSample::residentBytes), 1e-9);
    assertEquals(0, SoakSample.spread(parts, SoakSample::threads), "the warm-up does not count");
  }

  @Test
  void aResumedRunIsJudgedProcessByProcess() {
    List<SoakSample> samples = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      samples.add(at(0, i * 1000L, 1e8, 10));
    }
    for (int i = 20; i < 40; i++) {
      samples.add(at(1, i * 1000L, 3e8, 11)); // another process, another level: no growth
    }
    List<List<SoakSample>> parts = SoakSample.settled(samples);
    assertEquals(2, parts.size());
    assertEquals(0, SoakSample.growthPercent(parts, SoakSample::heapBytes), 1e-9);
    assertEquals(0, SoakSample.spread(parts, SoakSample::threads));
  }

  @Test
  void aLineIsReadBackAndATornOneIsNot() {
    SoakSample sample = at(2, 77, 1.5e8, 13);
    assertEquals(sample, SoakSample.of(sample.line()));
    String torn = sample.line().substring(0, 20);
    assertThrows(IllegalArgumentException.class, () -> SoakSample.of(torn));
  }
}
