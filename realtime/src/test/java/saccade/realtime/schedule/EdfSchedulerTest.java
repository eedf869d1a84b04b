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

  private final class Work extends TestSlice {
    private final long costNs;
    private int slices;
    private int ran;
    private int expired;

    Work(Criticality criticality, long deadlineNs, long costNs, int slices) {
      super(kind, criticality, deadlineNs);
      this.costNs = costNs;
      this.slices = slices;
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

  /** A piece of work in slices of one length that notes when it was first run. */
  private static final class Piece extends TestSlice {
    private static final SliceKind PIECE = new SliceKind("piece");
    final ManualClock time;
    final long costNs;
    int left;
    long offeredNs;
    long firstRunNs = -1;

    Piece(ManualClock time, Criticality of, long dueNs, long costNs, int slices) {
      super(PIECE, of, dueNs);
      this.time = time;
      this.costNs = costNs;
      this.left = slices;
    }

    @Override
    public long remainingNs() {
      return left * costNs;
    }

    @Override
    public Outcome run(long nowNs) {
      firstRunNs = firstRunNs < 0 ? nowNs : firstRunNs;
      time.advance(costNs);
      return --left > 0 ? Outcome.MORE : Outcome.DONE;
    }
  }

  /**
   * Work of any class arrives at any instant, also in the middle of a slice. A reflex waits for the
   * slice that runs and for other reflexes, and for nothing else, whatever the starvation bound.
   */
  @Property(tries = 300)
  void noReflexWorkWaitsLongerThanOneSlice(
      @ForAll @Size(max = 80) List<@IntRange(min = 0, max = 1_999) Integer> arrivals,
      @ForAll @IntRange(min = 1, max = 500) int bound) {
    ManualClock time = new ManualClock(1_000);
    EdfScheduler queue = new EdfScheduler(time, 128, bound);
    long longest = 40;
    List<Piece> reflexes = new ArrayList<>();
    long reflexWorkNs = 0;
    for (int what : arrivals) {
      Criticality of = Criticality.values()[what % 4];
      Piece piece = new Piece(time, of, 1_000_000, 1 + what / 4 % longest, 1 + what % 7);
      long sliceBeganNs = time.nanoTime();
      queue.runNext(sliceBeganNs);
      long sliceEndedNs = time.nanoTime();
      piece.offeredNs = sliceBeganNs + (sliceEndedNs - sliceBeganNs) * (what % 10) / 10;
      assertTrue(queue.offer(piece)); // a lane sees it when the slice is over
      if (of == Criticality.REFLEX) {
        reflexes.add(piece);
        reflexWorkNs += piece.remainingNs();
      }
    }
    while (queue.runNext(time.nanoTime()) != null) {}
    for (Piece reflex : reflexes) { // equal deadlines: in order of arrival
      long waited = reflex.firstRunNs - reflex.offeredNs;
      assertTrue(waited >= 0 && waited <= longest + reflexWorkNs, "waited " + waited);
      if (reflexes.size() == 1) {
        assertTrue(waited <= longest, "a lone reflex waited " + waited);
      }
    }
    assertEquals(0, queue.queued());
  }

  @Test
  void aClassThatStarvesGetsOneSliceEachBoundAndNeverBeforeAReflex() {
    ManualClock time = new ManualClock(0);
    EdfScheduler queue = new EdfScheduler(time, 8, 100);
    Piece action = new Piece(time, Criticality.ACTION, 1_000_000, 10, 1_000);
    Piece text = new Piece(time, Criticality.DESCRIPTION, 1_000_000, 10, 1_000);
    queue.offer(action);
    queue.offer(text);
    int texts = 0;
    for (int i = 0; i < 220; i++) {
      texts += queue.runNext(time.nanoTime()) == text ? 1 : 0;
    }
    assertEquals(20, texts, "one of eleven slices");
    assertEquals(20, queue.letThrough());
    Piece reflex = new Piece(time, Criticality.REFLEX, 1_000_000, 10, 50);
    queue.offer(reflex);
    for (int i = 0; i < 50; i++) {
      assertSame(reflex, queue.runNext(time.nanoTime()));
    }
    assertSame(text, queue.runNext(time.nanoTime()), "now it has waited long enough");
  }

  @Test
  void withoutABoundAClassBelowWaitsForEver() {
    ManualClock time = new ManualClock(0);
    EdfScheduler queue = new EdfScheduler(time, 8);
    Piece action = new Piece(time, Criticality.ACTION, 1_000_000, 10, 1_000);
    queue.offer(new Piece(time, Criticality.TELEMETRY, 1_000_000, 10, 1));
    queue.offer(action);
    for (int i = 0; i < 1_000; i++) {
      assertSame(action, queue.runNext(time.nanoTime()));
    }
    assertEquals(0, queue.letThrough());
  }

  @Test
  void admissionLooksAtAllThatWouldRunBefore() {
    ManualClock time = new ManualClock(0);
    EdfScheduler queue = new EdfScheduler(time, 8);
    queue.offer(new Piece(time, Criticality.ACTION, 500, 10, 10)); // 100 ahead
    queue.offer(new Piece(time, Criticality.DESCRIPTION, 200, 10, 5)); // 50 ahead, due before
    queue.offer(new Piece(time, Criticality.DESCRIPTION, 900, 10, 50)); // due after
    Piece fits = new Piece(time, Criticality.DESCRIPTION, 250, 10, 10);
    assertEquals(0, queue.slackNs(fits, 0));
    assertFalse(queue.offerIfFits(new Piece(time, Criticality.DESCRIPTION, 249, 10, 10), 0));
    assertEquals(1, queue.refusedBySlack());
    assertTrue(queue.offerIfFits(fits, 0));
    assertTrue(
        queue.offerIfFits(new Piece(time, Criticality.REFLEX, 1, 10, 10), 0), "reflexes always");
    assertEquals(0, queue.refused());
  }

  @Test
  @Timeout(30)
  void twoStreamsShareALaneAndAHungSliceIsAskedToComeBack() throws Exception {
    CountDownLatch hung = new CountDownLatch(1);
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(40);
    SliceKind shared = new SliceKind("shared");
    Slice hangs =
        new TestSlice(shared, Criticality.ACTION) {
          @Override
          public Outcome run(long nowNs) {
            hung.countDown();
            try {
              asked.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            return Outcome.DONE;
          }

          @Override
          public void stop() {
            asked.countDown();
          }
        };
    try (Lane lane = new Lane("test", NanoClock.system(), 64)) {
      lane.start();
      assertFalse(lane.stopRunning(), "nothing runs");
      assertTrue(lane.submit(hangs));
      assertTrue(hung.await(20, TimeUnit.SECONDS));
      for (int i = 0; i < 20; i++) { // one stream each: their slices take turns on the lane
        assertTrue(lane.submit(TestSlice.once(shared, Criticality.ACTION, done::countDown)));
        assertTrue(lane.submit(TestSlice.once(shared, Criticality.ACTION, done::countDown)));
      }
      assertTrue(lane.runningForNs() >= 0);
      assertTrue(lane.stopRunning());
      assertTrue(done.await(20, TimeUnit.SECONDS));
      assertEquals(0, lane.refused());
      assertEquals(null, lane.failure());
    }
    assertEquals(41, shared.runs());
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
                        assertTrue(
                            lane.submit(
                                TestSlice.once(counted, Criticality.ACTION, done::countDown)));
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
        TestSlice.once(
            kind,
            Criticality.ACTION,
            () -> {
              throw new ArithmeticException("seven");
            }));
    long limit = System.nanoTime() + 20_000_000_000L;
    while (!lane.isStopped() && System.nanoTime() < limit) {
      Thread.yield();
    }
    IllegalStateException error = assertThrows(IllegalStateException.class, lane::close);
    assertTrue(error.getMessage().contains("seven"));
    assertFalse(lane.submit(work(Criticality.ACTION, 1)));
  }
}
