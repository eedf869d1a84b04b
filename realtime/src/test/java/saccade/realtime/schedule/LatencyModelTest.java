package saccade.realtime.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import saccade.realtime.AllocatedBytes;

class LatencyModelTest {
  private static final long MS = 1_000_000L;
  private final LatencyModel model = new LatencyModel(List.of("encode", "prefill", "text"));

  /** Times of three kinds as a set has them; whatever slows one slows all. */
  private void sets(
      int count, Random random, double noise, double spikes, IntToDoubleFunction pace) {
    for (int set = 0; set < count; set++) {
      for (int kind = 0; kind < 3; kind++) {
        double ms = (kind + 2) * pace.applyAsDouble(set) * Math.exp(noise * random.nextGaussian());
        ms *= random.nextDouble() < spikes ? 3 : 1;
        model.observe(kind, kind == 1 ? 130 : 0, Math.round(ms * MS));
      }
    }
  }

  @Property(tries = 60)
  void p99CoversNinetySevenToNinetyNinePointNinePercent(
      @ForAll @DoubleRange(min = 0.01, max = 0.4) double noise,
      @ForAll @DoubleRange(min = 0, max = 0.01) double spikes,
      @ForAll long seed) {
    LatencyModelTest one = new LatencyModelTest();
    one.sets(1500, new Random(seed), noise, spikes, set -> 1);
    assertTrue(one.model.judged() > 4000);
    double coverage = one.model.coverage();
    assertTrue(coverage >= 0.97 && coverage <= 0.999, "coverage " + coverage);
  }

  @Property(tries = 30)
  void coverageHoldsThoughThePaceOfTheMachineJumps(@ForAll long seed) {
    LatencyModelTest one = new LatencyModelTest();
    double[] paces = {1, 3, 1, 1.5, 5, 1};
    one.sets(3000, new Random(seed), 0.1, 0.005, set -> paces[set / 500]);
    double coverage = one.model.coverage();
    assertTrue(coverage >= 0.97 && coverage <= 0.999, "coverage " + coverage);
  }

  @Test
  void whatIsLeftOutAfterOneSlowSliceTakesWhatAnotherKindOfTheSameWorkTakes() {
    LatencyModel eyes = new LatencyModel(List.of("encode left", "encode right", "prefill"));
    eyes.alike(0, 1, 1);
    eyes.alike(1, 0, 1); // said twice is said once
    assertEquals(0, eyes.p50Ns(1, 0), "nothing is known");
    eyes.observe(0, 0, 4 * MS);
    assertEquals(4 * MS, eyes.p50Ns(1, 0), "never seen, its like was");
    eyes.observe(1, 0, 40 * MS);
    assertEquals(40 * MS, eyes.p50Ns(1, 0), "just seen");
    for (int i = 0; i < 40; i++) { // left out from here on
      eyes.observe(0, 0, (4 + i % 3) * MS);
      eyes.observe(2, 130, 9 * MS);
    }
    assertEquals(5, eyes.p50Ns(1, 0) * 1e-6, 1);
    assertEquals(eyes.p99Ns(0, 0), eyes.p99Ns(1, 0));
    eyes.observe(1, 0, 8 * MS);
    assertTrue(eyes.p50Ns(1, 0) <= 8 * MS, "its own time again");
  }

  @Test
  void whatDoesNotRunTakesNoMoreThanWhatRunsShows() {
    LatencyModel layers = new LatencyModel(List.of("layers 0", "layers 1", "layers 2"));
    layers.alike(1, 0, 2);
    layers.alike(2, 1, 0.5); // as many as 0
    for (int kind = 0; kind < 3; kind++) {
      layers.observe(kind, 128, 90 * MS);
    }
    for (int i = 0; i < 40; i++) { // less from here on, and one block of the three
      layers.observe(0, 64, 2 * MS);
    }
    assertEquals(4, layers.p50Ns(0, 128) * 1e-6, 0.5, "twice the size");
    assertEquals(8, layers.p50Ns(1, 128) * 1e-6, 1, "and twice the layers");
    assertEquals(4, layers.p50Ns(2, 128) * 1e-6, 0.5);
    assertEquals(4, layers.p50Ns(1, 64) * 1e-6, 0.1, "never seen");
    for (int i = 0; i < 3; i++) {
      layers.observe(0, 128, 3 * MS);
    }
    assertEquals(3 * MS, layers.p50Ns(0, 128), "measured again");
  }

  @Test
  void followsAChangeOfPaceWithinHalfASecondBothWays() {
    Random random = new Random(1);
    sets(300, random, 0.05, 0, set -> 1);
    assertEquals(2.0, model.p50Ns(0, 0) * 1e-6, 0.15);
    long p99 = model.p99Ns(0, 0);
    assertTrue(p99 > 2.05 * MS && p99 < 2.6 * MS, "p99 " + p99);
    sets(5, random, 0.05, 0, set -> 4);
    assertEquals(8.0, model.p50Ns(0, 0) * 1e-6, 0.9);
    sets(5, random, 0.05, 0, set -> 1);
    assertEquals(2.0, model.p50Ns(0, 0) * 1e-6, 0.2);
    assertTrue(model.p99Ns(0, 0) < 3.2 * MS, "a step is no tail: " + model.p99Ns(0, 0));
  }

  @Test
  void whatWasLeftOutUnderLoadIsBelievedToBeCheapAgainWhenTheRestIs() {
    Random random = new Random(2);
    sets(200, random, 0.05, 0, set -> 1);
    sets(30, random, 0.05, 0, set -> 5);
    assertEquals(20.0, model.p50Ns(2, 0) * 1e-6, 2);
    assertTrue(model.pace() > 3, "pace " + model.pace());
    for (int i = 0; i < 40; i++) { // the text is not written any more, and the load has gone
      model.observe(0, 0, 2 * MS);
      model.observe(1, 130, 3 * MS);
    }
    assertEquals(4.0, model.p50Ns(2, 0) * 1e-6, 1.2);
    assertEquals(1.0, model.pace(), 0.35);
  }

  @Test
  void aKindWithTwoUsualTimesIsNotPredictedByTheProductOfBoth() {
    Random random = new Random(5);
    for (int i = 0; i < 400; i++) { // mostly drafted: 0.1 ms, else 7
      model.observe(2, 0, random.nextInt(10) == 0 ? 7 * MS : MS / 10);
    }
    long p99 = model.p99Ns(2, 0);
    assertTrue(p99 >= 6 * MS && p99 <= 20 * MS, "p99 " + p99);
    for (int i = 0; i < 7; i++) { // the draft fails seven times in a row
      model.observe(2, 0, 7 * MS);
    }
    assertEquals(7 * MS, model.p50Ns(2, 0));
    assertTrue(model.p99Ns(2, 0) <= 40 * MS, "p99 " + model.p99Ns(2, 0));
  }

  @Test
  void sizesNeverSeenAreScaledFromTheNearestOne() {
    for (int i = 0; i < 10; i++) {
      model.observe(1, 128, 8 * MS);
    }
    assertEquals(8 * MS, model.p50Ns(1, 130));
    assertTrue(model.p50Ns(1, 64) < 5 * MS, "fewer tokens cost less: " + model.p50Ns(1, 64));
    assertTrue(model.p50Ns(1, 256) > 14 * MS, "more cost more: " + model.p50Ns(1, 256));
    assertEquals(0, model.p50Ns(0, 0), "nothing is known of another kind");
    assertEquals(0, model.p99Ns(0, 0));
  }

  @Test
  void aTableOfAnEarlierRunPredictsTheFirstSet() {
    sets(300, new Random(3), 0.1, 0, set -> 1);
    LatencyTable table = model.table("abc", "test");
    LatencyModel next = new LatencyModel(List.of("prefill", "new", "encode"));
    next.seed(LatencyTable.parse(table.text(), "text"));
    assertEquals(model.p50Ns(1, 130), next.p50Ns(0, 130));
    assertEquals(model.p99Ns(0, 0), next.p99Ns(2, 0), 0.3 * MS);
    assertEquals(0, next.p50Ns(1, 0));
    next.observe(0, 130, 30 * MS);
    assertTrue(next.p50Ns(0, 130) <= 30 * MS);
  }

  @Property(tries = 100)
  void predictionsAreNeverNegativeWhateverTheClockSays(
      @ForAll List<@LongRange(min = Long.MIN_VALUE, max = Long.MAX_VALUE / 4) Long> took) {
    LatencyModel one = new LatencyModel(List.of("only"));
    for (long ns : took) {
      one.observe(0, 0, ns);
      assertTrue(one.p50Ns(0, 0) >= 0);
      assertTrue(one.p99Ns(0, 0) >= 0);
    }
    assertEquals(took.stream().filter(ns -> ns > 0).count(), one.samples());
  }

  @Test
  void learningAndPredictingAllocateNothing() {
    long[] sum = new long[1];
    int[] at = new int[1];
    long bytes =
        AllocatedBytes.of(
            5_000,
            () -> {
              int kind = at[0]++ % 3;
              model.observe(kind, 130, (kind + 1) * MS + at[0] % 1000);
              sum[0] += model.p99Ns(kind, 140) + model.p50Ns((kind + 1) % 3, 10);
            });
    assertEquals(0, bytes);
    assertTrue(sum[0] > 0);
  }

  @Test
  void tablesComplainInOneLine() {
    for (String bad :
        List.of(
            "",
            "saccade-latency 1\nmodel a\nmachine b\n",
            "saccade-latency 2\nmodel a\nmachine b\nencode\t0\t5\n",
            "saccade-latency 2\nmodel a\nmachine b\nencode\t0\t5\t4\t1\n",
            "saccade-latency 2\nmodel a\nmachine b\nencode\t-1\t5\t6\t1\n",
            "saccade-latency 2\nmodel a\nmachine b\nencode\t0\tx\t6\t1\n")) {
      String text =
          assertThrows(IllegalArgumentException.class, () -> LatencyTable.parse(bad, "t"))
              .getMessage();
      assertEquals(1, text.lines().count());
      assertTrue(text.startsWith("t"), text);
    }
  }
}
