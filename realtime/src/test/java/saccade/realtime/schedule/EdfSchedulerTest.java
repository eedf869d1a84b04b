package saccade.realtime.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import saccade.realtime.AllocatedBytes;
import saccade.realtime.clock.ManualClock;
import saccade.realtime.clock.NanoClock;

class EdfSchedulerTest {

  private final ManualClock clock = new ManualClock(1_000);
  private final EdfScheduler scheduler = new EdfScheduler(clock, 64);
  private final SliceKind kind = new SliceKind("work");

  private final class Work implements Slice {
    private final Criticality criticality;
    private final long deadlineNs;
    private final long costNs;
    private int slices;
    private int ran;
    private int expired;

    Work(Criticality criticality, long deadlineNs, long costNs, int slices) {
      this.criticality = criticality;
      this.deadlineNs = deadlineNs;
      this.costNs = costNs;
      this.slices = slices;
    }

    @Override
    public SliceKind kind() {
      return kind;
    }

    @Override
    public Criticality criticality() {
      return criticality;
    }

    @Override
    public long deadlineNs() {
      return deadlineNs;
    }

    @Override
    public Outcome run(long nowNs) {
      clock.advance(costNs);
      ran++;
      return --slices > 0 ? Outcome.MORE : Outcome.DONE;
    }

    @Override
    public void expired(long nowNs) {
      expired++;
    }
  }

  private Work work(Criticality criticality, long deadlineNs) {
    return new Work(criticality, deadlineNs, 10, 1);
  }

  @Test
  void aMoreCriticalClassRunsFirstWhateverItsDeadline() {
    Work telemetry = work(Criticality.TELEMETRY, 2_000);
    Work reflex = work(Criticality.REFLEX, 9_000);
    scheduler.offer(telemetry);
    scheduler.offer(reflex);
    assertSame(reflex, scheduler.runNext(clock.nanoTime()));
    assertSame(telemetry, scheduler.runNext(clock.nanoTime()));
    assertNull(scheduler.runNext(clock.nanoTime()));
  }

  @Test
  void anUrgentActionWaitsForOneSliceOfALongDescriptionOnly() {
    Work description = new Work(Criticality.DESCRIPTION, 5_000, 30, 10);
    scheduler.offer(description);
    scheduler.runNext(clock.nanoTime());
    Work action = work(Criticality.ACTION, 5_000);
    scheduler.offer(action);
    assertSame(action, scheduler.runNext(clock.nanoTime()));
    assertEquals(1, description.ran);
    while (scheduler.runNext(clock.nanoTime()) != null) {}
    assertEquals(10, description.ran);
    assertEquals(30, kind.longestNs());
    assertEquals(11, kind.runs());
    assertEquals(310, kind.totalNs());
  }

  @Test
  void aSliceWhoseDeadlineIsOverGivesItsBestAnswerInsteadOfRunning() {
    Work late = work(Criticality.ACTION, 999);
    scheduler.offer(late);
    assertSame(late, scheduler.runNext(clock.nanoTime()));
    assertEquals(0, late.ran);
    assertEquals(1, late.expired);
    assertEquals(1, kind.expiredBeforeStart());
    assertEquals(1, kind.missed());
  }

  @Test
  void aSliceThatEndsPastItsDeadlineIsCounted() {
    scheduler.offer(new Work(Criticality.ACTION, 1_005, 10, 1));
    scheduler.runNext(clock.nanoTime());
    assertEquals(1, kind.endedLate());
    assertEquals(1, kind.missed());
  }

  @Test
  void aFullClassRefusesAndLeavesTheOthersAlone() {
    EdfScheduler small = new EdfScheduler(clock, 1);
    assertTrue(small.offer(work(Criticality.ACTION, 2_000)));
    assertFalse(small.offer(work(Criticality.ACTION, 2_000)));
    assertTrue(small.offer(work(Criticality.REFLEX, 2_000)));
    assertEquals(1, small.refused());
    assertEquals(2, small.queued());
  }

  @Property(tries = 300)
  void insideAClassEarliestDeadlineRunsFirstAndEqualOnesInOrderOfArrival(
      @ForAll @Size(max = 64) List<@IntRange(min = 2_000, max = 2_010) Integer> deadlines) {
    EdfScheduler queue = new EdfScheduler(() -> 0, 64);
    List<Work> offered = new ArrayList<>();
    for (int deadline : deadlines) {
      Work work = new Work(Criticality.ACTION, deadline, 0, 1);
      offered.add(work);
      assertTrue(queue.offer(work));
    }
    List<Slice> wanted = new ArrayList<>(offered);
    wanted.sort((a, b) -> Long.compare(a.deadlineNs(), b.deadlineNs())); // stable
    List<Slice> found = new ArrayList<>();
    for (Slice s = queue.runNext(0); s != null; s = queue.runNext(0)) {
      found.add(s);
    }
    assertEquals(wanted, found);
  }

  @Test
  void schedulingAllocatesNothing() {
    Work[] works = new Work[20];
    for (int i = 0; i < works.length; i++) {
      works[i] =
          new Work(Criticality.values()[i % 4], Long.MAX_VALUE - i * 7 % 5, 1, Integer.MAX_VALUE);
      scheduler.offer(works[i]);
    }
    long bytes = AllocatedBytes.of(10_000, () -> scheduler.runNext(clock.nanoTime()));
    assertEquals(0, bytes);
    assertTrue(kind.runs() >= 10_000);
    assertEquals(20, scheduler.queued());
  }

  @Test
  @Timeout(30)
  void aLaneRunsWhatOtherThreadsSubmit() throws Exception {
    SliceKind counted = new SliceKind("counted");
    CountDownLatch done = new CountDownLatch(400);
    try (Lane lane = new Lane("test", NanoClock.system(), 512)) {
      lane.start();
      Thread[] threads = new Thread[2];
      for (int t = 0; t < threads.length; t++) {
        threads[t] =
            Thread.ofPlatform()
                .start(
                    () -> {
                      for (int i = 0; i < 200; i++) {
                        assertTrue(lane.submit(countDown(counted, done)));
                      }
                    });
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertTrue(done.await(20, TimeUnit.SECONDS));
      assertEquals(0, lane.refused());
    }
    assertEquals(400, counted.runs());
  }

  @Test
  @Timeout(30)
  void aSliceThatThrowsStopsItsLaneAndTheCauseIsNotLost() {
    Lane lane = new Lane("test", NanoClock.system(), 4);
    lane.start();
    lane.submit(
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
          public Outcome run(long nowNs) {
            throw new ArithmeticException("seven");
          }

          @Override
          public void expired(long nowNs) {}
        });
    long limit = System.nanoTime() + 20_000_000_000L;
    while (!lane.isStopped() && System.nanoTime() < limit) {
      Thread.yield();
    }
    IllegalStateException error = assertThrows(IllegalStateException.class, lane::close);
    assertTrue(error.getMessage().contains("seven"));
    assertFalse(lane.submit(work(Criticality.ACTION, 1)));
  }

  private static Slice countDown(SliceKind kind, CountDownLatch latch) {
    return new Slice() {
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
      public Outcome run(long nowNs) {
        latch.countDown();
        return Outcome.DONE;
      }

      @Override
      public void expired(long nowNs) {}
    };
  }
}
