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

  @Property(tries = 60)
  void noLatencyIsNegativeWhateverTheClockDoes(
      @ForAll @Size(min = 1, max = 60)
          List<@LongRange(min = -5_000_000_000L, max = 5_000_000_000L) Long> jumps) {
    AtomicLong nowNs = new AtomicLong(10_000_000_000L);
    EdfScheduler scheduler = new EdfScheduler(nowNs::get, 8, 50_000_000L);
    LatencyModel model = new LatencyModel(List.of("work"));
    StageHistogram histogram = new StageHistogram("stage");
    SliceKind kind = new SliceKind("work");
    for (long jump : jumps) {
      long beganNs = nowNs.get();
      Slice slice =
          new Slice() {
            @Override
            public SliceKind kind() {
              return kind;
            }

            @Override
            public Criticality criticality() {
              return Criticality.ACTION;
            }

            @Override
            public long deadlineNs() {
              return Long.MAX_VALUE;
            }

            @Override
            public Outcome run(long startNs) {
              nowNs.addAndGet(jump);
              assertTrue(scheduler.runningForNs(nowNs.get()) >= 0);
              return Outcome.DONE;
            }

            @Override
            public void expired(long expiredNs) {}
          };
      assertTrue(scheduler.offer(slice));
      assertEquals(slice, scheduler.runNext(nowNs.get()));
      long tookNs = nowNs.get() - beganNs;
      model.observe(0, 0, tookNs);
      histogram.recordNs(tookNs);
      assertTrue(model.p50Ns(0, 0) >= 0);
      assertTrue(model.p99Ns(0, 0) >= model.p50Ns(0, 0));
    }
    assertEquals(jumps.size(), kind.runs());
    assertTrue(kind.longestNs() >= 0);
    assertTrue(kind.totalNs() >= 0);
    StageSnapshot total = histogram.total();
    assertEquals(jumps.size(), total.count());
    assertTrue(total.p50Ns() >= 0 && total.maxNs() >= 0);
  }
}
