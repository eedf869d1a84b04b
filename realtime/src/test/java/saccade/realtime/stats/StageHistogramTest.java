package saccade.realtime.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import saccade.realtime.AllocatedBytes;

class StageHistogramTest {

  private static void near(long wanted, long found) {
    assertTrue(Math.abs(wanted - found) <= wanted / 500, "expected " + wanted + ", found " + found);
  }

  @Test
  void percentilesAreThoseOfWhatWasRecorded() {
    StageHistogram stage = new StageHistogram("encode");
    for (int ms = 1; ms <= 1000; ms++) {
      stage.recordNs(ms * 1_000_000L);
    }
    StageSnapshot total = stage.total();
    assertEquals(1000, total.count());
    near(500_000_000L, total.p50Ns());
    near(990_000_000L, total.p99Ns());
    near(999_000_000L, total.p999Ns());
    near(1_000_000_000L, total.maxNs());
  }

  @Test
  void anIntervalStartsAnewAndTheTotalGoesOn() {
    StageHistogram stage = new StageHistogram("encode");
    stage.recordNs(5_000_000);
    assertEquals(1, stage.interval().count());
    assertEquals(new StageSnapshot("encode", 0, 0, 0, 0, 0), stage.interval());
    stage.recordNs(5_000_000);
    assertEquals(2, stage.total().count());
    assertEquals(2, stage.total().count());
  }

  @Test
  void absurdDurationsAreKeptInRange() {
    StageHistogram stage = new StageHistogram("encode");
    stage.recordNs(-5);
    stage.recordNs(Long.MAX_VALUE);
    assertEquals(2, stage.total().count());
    near(60_000_000_000L, stage.total().maxNs());
  }

  @Test
  void stagesKeepTheOrderInWhichTheyWereNamed() {
    StageHistograms stages = new StageHistograms();
    StageHistogram first = stages.stage("z");
    stages.stage("a");
    assertSame(first, stages.stage("z"));
    first.recordNs(1_000_000);
    assertEquals(List.of("z", "a"), stages.total().stream().map(StageSnapshot::stage).toList());
    assertEquals(3, stages.report().size());
    assertTrue(stages.report().get(1).contains("1.000"), stages.report().get(1));
  }

  @Test
  void recordingAllocatesNothing() {
    StageHistogram stage = new StageHistogram("encode");
    long[] value = {1};
    long bytes = AllocatedBytes.of(10_000, () -> stage.recordNs(value[0] += 977));
    assertEquals(0, bytes);
    assertTrue(stage.total().count() >= 10_000);
  }
}
