package saccade.realtime.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import saccade.realtime.stats.StageHistogram;
import saccade.realtime.stats.StageSnapshot;

/** A clock that is set back or on at any moment never makes a latency negative. */
class ClockJumpTest {

  /**
   * The clock jumps within slices, by more than a deadline and by less than a starvation bound; it
   * is also asked for an instant before the one at which the slice began.
   */
  @Property(tries = 200)
  void noLatencyIsNegativeWhateverTheClockDoes(
      @ForAll @Size(min = 1, max = 60)
          List<@LongRange(min = -5_000_000_000L, max = 5_000_000_000L) Long> jumps,
      @ForAll @LongRange(min = 50, max = 50_000_000) long starvationNs) {
    AtomicLong nowNs = new AtomicLong(10_000_000_000L);
    EdfScheduler scheduler = new EdfScheduler(nowNs::get, 8, starvationNs);
    LatencyModel model = new LatencyModel(List.of("work"));
    StageHistogram histogram = new StageHistogram("stage");
    SliceKind kind = new SliceKind("work");
    for (long jump : jumps) {
      long beganNs = nowNs.get();
      Slice slice =
          TestSlice.once(
              kind,
              Criticality.DESCRIPTION,
              () -> {
                nowNs.addAndGet(jump);
                assertTrue(scheduler.runningForNs(nowNs.get()) >= 0);
                assertTrue(scheduler.runningForNs(beganNs - 7) >= 0);
              });
      assertTrue(scheduler.offer(slice));
      assertEquals(slice, scheduler.runNext(nowNs.get()));
      long tookNs = nowNs.get() - beganNs;
      model.observe(0, 0, tookNs);
      histogram.recordNs(tookNs);
      assertTrue(model.p50Ns(0, 0) >= 0);
      assertTrue(model.p99Ns(0, 0) >= model.p50Ns(0, 0));
      assertTrue(kind.longestNs() >= 0 && kind.totalNs() >= 0);
    }
    assertEquals(jumps.size(), kind.runs());
    StageSnapshot total = histogram.total();
    assertEquals(jumps.size(), total.count());
    assertTrue(total.p50Ns() >= 0 && total.maxNs() >= 0);
  }
}
