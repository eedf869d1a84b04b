package saccade.realtime.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RecentQuantileTest {
  @Test
  void isTheQuantileOfTheWindow() {
    SplittableRandom random = new SplittableRandom(7);
    RecentQuantile recent = new RecentQuantile(50, 0.9);
    ArrayDeque<Long> naive = new ArrayDeque<>();
    for (int i = 0; i < 5_000; i++) {
      long sample = random.nextInt(1000);
      recent.record(sample);
      naive.add(sample);
      if (naive.size() > 50) {
        naive.removeFirst();
      }
      long[] sorted = naive.stream().mapToLong(Long::longValue).sorted().toArray();
      if (recent.samples() == naive.size()) {
        assertEquals(
            sorted[Math.min(sorted.length - 1, (int) (0.9 * sorted.length))], recent.value());
      } else {
        naive.clear(); // six in a row above it: chance does that once in a million, then it forgets
        assertTrue(recent.samples() < 10, "sample " + i);
        recent.reset();
      }
    }
  }

  @Test
  void wildSamplesNowAndThenAreNoReason() {
    SplittableRandom random = new SplittableRandom(5);
    RecentQuantile recent = new RecentQuantile(128, 0.93);
    int wild = 0;
    for (int i = 0; i < 20_000; i++) {
      recent.record(random.nextInt(50) == 0 ? 60_000 : 18_000 + random.nextInt(6_000));
      wild += i > 128 && recent.value() > 24_000 ? 1 : 0;
    }
    assertTrue(wild < 200, wild + " of 20000");
  }

  @Test
  void aChangeIsBelievedAfterAFewSamples() {
    RecentQuantile recent = new RecentQuantile(128, 0.93);
    for (int i = 0; i < 500; i++) {
      recent.record(10 + i % 3);
    }
    int until = 0;
    while (recent.value() < 40) {
      recent.record(40);
      until++;
    }
    assertTrue(until <= 6, "took " + until);
    assertThrows(IllegalArgumentException.class, () -> new RecentQuantile(1, 0.5));
  }
}
