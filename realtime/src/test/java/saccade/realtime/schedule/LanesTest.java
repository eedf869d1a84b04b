package saccade.realtime.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import saccade.realtime.clock.ManualClock;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.os.ThreadPolicy;
import saccade.realtime.schedule.Lanes.Device;

/**
 * Several streams on one lane: who goes first, who is refused, and what a slice that hangs costs.
 */
class LanesTest {
  private static final long NEVER = Long.MAX_VALUE;

  // ---- by a clock that is cranked by hand ----

  /** An action of some slices with a text of some behind it, as a stream's set. */
  private static final class SetOf implements Slice {
    final ManualClock time;
    final SliceKind kind = new SliceKind("set");
    final long dueNs;
    final long sliceNs;
    int action;
    int text;
    long actionDoneNs = NEVER;
    long longestWaitNs; // of the action, for one slice
    long readyNs;
    int ends;
    boolean refused;

    SetOf(ManualClock time, long dueNs, long sliceNs, int action, int text) {
      this.time = time;
      this.dueNs = dueNs;
      this.sliceNs = sliceNs;
      this.action = action;
      this.text = text;
      this.readyNs = time.nanoTime();
    }

    @Override
    public SliceKind kind() {
      return kind;
    }

    @Override
    public Criticality criticality() {
      return action > 0 ? Criticality.ACTION : Criticality.DESCRIPTION;
    }

    @Override
    public long deadlineNs() {
      return dueNs;
    }

    @Override
    public long remainingNs() {
      return (action > 0 ? action : text) * sliceNs;
    }

    @Override
    public boolean onlyIfItFits() {
      return true;
    }

    @Override
    public Outcome run(long nowNs) {
      longestWaitNs = action > 0 ? Math.max(longestWaitNs, nowNs - readyNs) : longestWaitNs;
      time.advance(sliceNs);
      readyNs = time.nanoTime();
      if (action > 0) {
        action--;
        actionDoneNs = action == 0 ? readyNs : actionDoneNs;
      } else {
        text--;
      }
      if (action + text > 0) {
        return Outcome.MORE;
      }
      ends++;
      return Outcome.DONE;
    }

    @Override
    public void refused(long nowNs) {
      refused = true;
      ends++;
    }

    @Override
    public void expired(long nowNs) {
      ends++;
    }
  }

  /**
   * Two streams ask for a quarter more than the lane can do. Their actions, which do fit, are all
   * in time; texts are refused, or cut by actions that nobody knew of when they were let in; each
   * set has one end.
   */
  @Property(tries = 200)
  void underOverloadActionsOfBothStreamsAreInTimeAndTextsGiveWay(
      @ForAll @IntRange(min = 0, max = 99) int phase,
      @ForAll @IntRange(min = 1, max = 9) int sliceLength) {
    ManualClock time = new ManualClock(0);
    EdfScheduler lane = new EdfScheduler(time, 16, 50);
    List<SetOf> sets = new ArrayList<>();
    long[] nextNs = {0, phase};
    while (sets.size() < 60) {
      long nowNs = time.nanoTime();
      for (int stream = 0; stream < 2; stream++) {
        if (nowNs >= nextNs[stream]) { // 32 of action, 30 of text: together 124 in 100
          int action = 32 / sliceLength;
          int text = 30 / sliceLength;
          SetOf set = new SetOf(time, nextNs[stream] + 100, sliceLength, action, text);
          sets.add(set);
          assertTrue(lane.offer(set), "actions are never refused");
          nextNs[stream] += 100;
        }
      }
      if (lane.runNext(nowNs) == null) {
        time.advance(1);
      }
    }
    while (lane.runNext(time.nanoTime()) != null) {}
    int whole = 0;
    int refused = 0;
    int cut = 0;
    for (SetOf set : sets) {
      assertTrue(
          set.actionDoneNs <= set.dueNs, "an action late by " + (set.actionDoneNs - set.dueNs));
      assertEquals(1, set.ends);
      assertFalse(set.refused && set.action > 0, "an action refused");
      refused += set.refused ? 1 : 0;
      whole += set.text == 0 ? 1 : 0;
      cut += !set.refused && set.text > 0 ? 1 : 0;
    }
    assertEquals(refused, lane.refusedBySlack());
    assertTrue(refused + cut > 0, "there is no room for every text");
    assertTrue(whole > 0, "and some for texts");
    assertEquals(0, lane.queued());
  }

  /**
   * Whatever one stream describes, an action of another that is alone in its class waits for one
   * slice.
   */
  @Property(tries = 200)
  void aTextOfOneStreamDelaysAnActionOfAnotherByOneSliceAtMost(
      @ForAll @IntRange(min = 1, max = 40) int textSliceNs,
      @ForAll @Size(min = 1, max = 20) List<@IntRange(min = 0, max = 200) Integer> gaps) {
    ManualClock time = new ManualClock(0);
    EdfScheduler lane =
        new EdfScheduler(time, 64); // without a starvation bound, which costs a slice each time
    lane.offer(new SetOf(time, NEVER, textSliceNs, 0, 100_000));
    for (int gap : gaps) {
      long comesNs = time.nanoTime() + gap;
      while (time.nanoTime() < comesNs) {
        lane.runNext(time.nanoTime());
      }
      SetOf action = new SetOf(time, NEVER, 7, 3, 0);
      action.readyNs = comesNs; // in the middle of a slice
      lane.offer(action);
      while (action.action > 0) {
        lane.runNext(time.nanoTime());
      }
      assertTrue(action.longestWaitNs <= textSliceNs, "waited " + action.longestWaitNs);
    }
  }

  @Test
  void insideAClassTheEarlierDeadlineOfEitherStreamGoesFirst() {
    ManualClock time = new ManualClock(0);
    EdfScheduler lane = new EdfScheduler(time, 16);
    SetOf later = new SetOf(time, 200, 10, 5, 0);
    SetOf sooner = new SetOf(time, 150, 10, 5, 0);
    lane.offer(later);
    assertSame(later, lane.runNext(time.nanoTime()));
    lane.offer(sooner);
    for (int i = 0; i < 5; i++) {
      assertSame(sooner, lane.runNext(time.nanoTime()));
    }
    assertSame(later, lane.runNext(time.nanoTime()));
  }

  @Test
  void aTextIsOnlyRefusedForWhatGoesBeforeItAndKeepsItsPlaceOnceItIsIn() {
    ManualClock time = new ManualClock(0);
    EdfScheduler lane = new EdfScheduler(time, 16);
    SetOf fits = new SetOf(time, 100, 10, 1, 5);
    lane.offer(fits);
    lane.runNext(0); // 10 + 50 of text behind nothing
    lane.offer(new SetOf(time, 300, 10, 4, 0));
    for (int i = 0; i < 9; i++) {
      lane.runNext(time.nanoTime());
    }
    assertEquals(0, fits.text, "40 of another's action and its own 50 fit into 100");
    assertFalse(fits.refused);
    SetOf late = new SetOf(time, time.nanoTime() + 100, 10, 1, 5);
    lane.offer(late);
    lane.offer(new SetOf(time, time.nanoTime() + 300, 10, 5, 0));
    lane.runNext(time.nanoTime());
    assertTrue(late.refused, "10 and 50 behind 50");
    assertEquals(1, lane.refusedBySlack());
  }

  // ---- with threads ----

  /** Waits in its slice until it is let go. */
  private static final class Hanging extends TestSlice {
    final CountDownLatch in = new CountDownLatch(1);
    final CountDownLatch letGo = new CountDownLatch(1);
    final CountDownLatch told = new CountDownLatch(1);

    Hanging() {
      super(new SliceKind("hangs"), Criticality.ACTION);
    }

    @Override
    public Outcome run(long nowNs) {
      in.countDown();
      while (letGo.getCount() > 0) {
        try {
          letGo.await();
        } catch (InterruptedException e) {
          continue; // deaf
        }
      }
      return Outcome.MORE;
    }

    @Override
    public long remainingNs() {
      return 40;
    }

    @Override
    public void expired(long nowNs) {
      told.countDown();
    }
  }

  private static Lanes lanes() {
    return new Lanes(NanoClock.system(), ThreadPolicy.AS_IS);
  }

  private static Lanes.Stream join(Lanes lanes, String name, Device device) {
    Lanes.Stream stream = lanes.join(name, device, 100_000_000L);
    stream.begin();
    return stream;
  }

  @Test
  @Timeout(30)
  void aSliceThatHangsIsTakenOffAndWhatOthersHaveQueuedIsRun() throws Exception {
    try (Lanes lanes = lanes()) {
      Lanes.Stream front = join(lanes, "front", Device.CPU);
      Lanes.Stream rear = join(lanes, "rear", Device.CPU);
      Hanging hangs = new Hanging();
      assertTrue(front.submit(hangs));
      assertTrue(hangs.in.await(20, TimeUnit.SECONDS));
      CountDownLatch done = new CountDownLatch(1);
      Slice queued = TestSlice.once(new SliceKind("queued"), Criticality.ACTION, done::countDown);
      assertTrue(rear.submit(queued));
      assertTrue(rear.isBehindOthers());
      assertFalse(front.isBehindOthers(), "it has it itself");
      rear.takeOff();
      assertEquals(1, done.getCount(), "only its owner gives a slice up so early");
      front.takeOff();
      assertTrue(done.await(20, TimeUnit.SECONDS), "run by another thread");
      front.takeOff(); // nothing of it runs any more: no effect
      assertEquals(0, hangs.kind().runs());
      hangs.letGo.countDown();
      assertTrue(hangs.told.await(20, TimeUnit.SECONDS), "it came back: its owner hears of it");
      lanes.close();
      assertTrue(lanes.lines().getFirst().contains("taken off 1"), lanes.lines().toString());
    }
  }

  @Test
  @Timeout(30)
  void whoWaitsTakesOffWhatItsOwnerDoesNot() throws Exception {
    try (Lanes lanes = lanes()) {
      Lanes.Stream front = join(lanes, "front", Device.CPU);
      Lanes.Stream rear = join(lanes, "rear", Device.CPU);
      Hanging hangs = new Hanging();
      front.submit(hangs);
      assertTrue(hangs.in.await(20, TimeUnit.SECONDS));
      CountDownLatch done = new CountDownLatch(1);
      rear.submit(TestSlice.once(new SliceKind("queued"), Criticality.ACTION, done::countDown));
      long sinceNs = System.nanoTime();
      while (done.getCount() > 0) {
        assertTrue(rear.isBehindOthers() || done.getCount() == 0);
        Thread.sleep(20);
      }
      assertTrue(System.nanoTime() - sinceNs > Lanes.HANGS_AFTER_NS / 2, "not at once");
      assertFalse(front.isBehindOthers(), "it does not wait for its turn: it hangs");
      hangs.letGo.countDown();
    }
  }

  @Test
  @Timeout(30)
  void devicesDoNotWaitForEachOther() throws Exception {
    try (Lanes lanes = lanes()) {
      Lanes.Stream front = join(lanes, "front", Device.ACCELERATOR);
      Lanes.Stream rear = join(lanes, "rear", Device.CPU);
      assertFalse(front.isShared());
      assertEquals(100_000_000L, front.everyNs(100_000_000L));
      Hanging hangs = new Hanging();
      front.submit(hangs);
      assertTrue(hangs.in.await(20, TimeUnit.SECONDS));
      CountDownLatch done = new CountDownLatch(1);
      rear.submit(TestSlice.once(new SliceKind("other"), Criticality.ACTION, done::countDown));
      assertTrue(done.await(20, TimeUnit.SECONDS));
      hangs.letGo.countDown();
      rear.moveTo(Device.ACCELERATOR);
      assertTrue(front.isShared() && rear.isShared());
      assertEquals(50_000_000L, front.everyNs(100_000_000L));
      rear.leave();
      assertFalse(front.isShared());
    }
  }

  @Test
  @Timeout(30)
  void aCrashIsItsOwnersAndTheLaneGoesOn() throws Exception {
    try (Lanes lanes = lanes()) {
      Lanes.Stream front = join(lanes, "front", Device.CPU);
      Lanes.Stream rear = join(lanes, "rear", Device.CPU);
      Throwable[] heard = new Throwable[1];
      CountDownLatch crashed = new CountDownLatch(1);
      front.submit(
          new TestSlice(new SliceKind("breaks"), Criticality.ACTION) {
            @Override
            public Outcome run(long nowNs) {
              throw new StackOverflowError("on purpose");
            }

            @Override
            public void crashed(Throwable cause) {
              heard[0] = cause;
              crashed.countDown();
            }
          });
      assertTrue(crashed.await(20, TimeUnit.SECONDS));
      assertEquals("on purpose", heard[0].getMessage());
      CountDownLatch done = new CountDownLatch(1);
      rear.submit(TestSlice.once(new SliceKind("other"), Criticality.ACTION, done::countDown));
      assertTrue(done.await(20, TimeUnit.SECONDS));
    }
  }

  @Test
  void whatOthersHaveAheadIsTheirActionsThatAreDueBefore() {
    ManualClock time = new ManualClock(0);
    Lanes lanes = new Lanes(time, ThreadPolicy.AS_IS); // never begun: nothing runs
    Lanes.Stream front = lanes.join("front", Device.CPU, 100);
    Lanes.Stream rear = lanes.join("rear", Device.CPU, 50);
    front.submit(new SetOf(time, 100, 10, 4, 9));
    assertEquals(40, rear.aheadNs(100));
    assertEquals(0, rear.aheadNs(99));
    assertEquals(0, front.aheadNs(100), "its own is not");
    front.submit(new SetOf(time, 100, 10, 0, 9));
    assertEquals(0, rear.aheadNs(100), "a text goes behind");
    assertEquals(33, rear.everyNs(50), "3 sets in 100");
    front.out(true);
    assertEquals(50, rear.everyNs(50), "a model that is out asks for nothing");
    front.out(false);
    assertEquals(33, rear.everyNs(50));
  }

  @Test
  @Timeout(30)
  void whatWasTakenOffCostsTheOthersNothingUntilItsStreamComesAgain() throws Exception {
    try (Lanes lanes = lanes()) {
      Lanes.Stream front = join(lanes, "front", Device.CPU);
      Lanes.Stream rear = join(lanes, "rear", Device.CPU);
      Hanging hangs = new Hanging();
      front.submit(hangs);
      assertTrue(hangs.in.await(20, TimeUnit.SECONDS));
      assertEquals(40, rear.aheadNs(NEVER));
      assertEquals(50_000_000L, rear.everyNs(100_000_000L));
      front.takeOff();
      assertEquals(0, rear.aheadNs(NEVER));
      assertEquals(100_000_000L, rear.everyNs(100_000_000L));
      Hanging again = new Hanging();
      front.submit(again);
      assertTrue(again.in.await(20, TimeUnit.SECONDS));
      assertEquals(40, rear.aheadNs(NEVER));
      assertEquals(50_000_000L, rear.everyNs(100_000_000L));
      again.letGo.countDown();
      hangs.letGo.countDown();
    }
  }

  // ---- a thread that ends ----

  /** Over before it begins, and says so by an error of its own. */
  private static Slice broken() {
    return new TestSlice(new SliceKind("broken"), Criticality.ACTION, Long.MIN_VALUE) {
      @Override
      public Outcome run(long nowNs) {
        return Outcome.DONE;
      }

      @Override
      public void expired(long nowNs) {
        throw new AssertionError("on purpose");
      }
    };
  }

  private static void served(Lanes.Stream stream) throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    Slice slice = TestSlice.once(new SliceKind("later"), Criticality.ACTION, done::countDown);
    while (!stream.submit(slice)) {
      Thread.sleep(1); // a lane gets another thread once in 100 ms at most
    }
    while (done.getCount() > 0) {
      stream.isBehindOthers();
      Thread.sleep(1);
    }
  }

  @Test
  @Timeout(30)
  void aLaneWhoseThreadHasEndedGetsAnotherOneAndItsOwnerKnows() throws Exception {
    Lanes lanes = lanes();
    Lanes.Stream front = join(lanes, "front", Device.CPU);
    Lanes.Stream rear = join(lanes, "rear", Device.CPU);
    Hanging holds = new Hanging();
    rear.submit(holds);
    assertTrue(holds.in.await(20, TimeUnit.SECONDS));
    front.submit(broken());
    holds.letGo.countDown(); // goes on behind the broken one, which is due before
    while (front.isBehindOthers()) {
      Thread.sleep(1); // until its slice has ended the thread: that is its own affair
    }
    CountDownLatch ran = new CountDownLatch(1);
    rear.submit(TestSlice.once(new SliceKind("other"), Criticality.ACTION, ran::countDown));
    assertTrue(ran.await(20, TimeUnit.SECONDS), "by another thread");
    assertFalse(front.isBehindOthers(), "it waits for nothing");
    front.moveTo(Device.CPU);
    served(front);
    served(rear);
    lanes.close();
    String line = lanes.lines().getFirst();
    assertTrue(line.contains("on purpose, made anew 1"), line);
  }

  @Test
  @Timeout(30)
  void whatIsQueuedOnALaneThatEndsIsRunByTheNextThread() throws Exception {
    Lanes lanes = lanes();
    Lanes.Stream front = join(lanes, "front", Device.CPU);
    Lanes.Stream rear = join(lanes, "rear", Device.CPU);
    Lanes.Stream side = join(lanes, "side", Device.CPU);
    Hanging holds = new Hanging();
    side.submit(holds);
    assertTrue(holds.in.await(20, TimeUnit.SECONDS));
    CountDownLatch ran = new CountDownLatch(1);
    front.submit(broken());
    rear.submit(TestSlice.once(new SliceKind("queued"), Criticality.ACTION, ran::countDown));
    holds.letGo.countDown();
    while (ran.getCount() > 0) { // nobody submits: who waits looks
      rear.isBehindOthers();
      Thread.sleep(1);
    }
    lanes.close();
  }

  @Test
  @Timeout(30)
  void closingLanesWhoseThreadHasEndedThrowsNothing() throws Exception {
    Lanes lanes = lanes();
    Lanes.Stream front = join(lanes, "front", Device.CPU);
    front.submit(broken());
    while (lanes.lines().getFirst().endsWith("taken off 0")) {
      Thread.sleep(1);
    }
    lanes.close();
    assertTrue(lanes.lines().getFirst().contains("not there any more"), lanes.lines().toString());
  }

  @Test
  @Timeout(30)
  void aSliceThatComesBackBrokenDoesNotEndTheLaneItWasTakenOff() throws Exception {
    CountDownLatch in = new CountDownLatch(1);
    CountDownLatch letGo = new CountDownLatch(1);
    Thread[] inside = new Thread[1];
    Slice breaks =
        new TestSlice(new SliceKind("breaks"), Criticality.ACTION) {
          @Override
          public Outcome run(long nowNs) {
            inside[0] = Thread.currentThread();
            in.countDown();
            while (letGo.getCount() > 0) {
              Thread.onSpinWait();
            }
            throw new AssertionError("on purpose");
          }
        };
    try (Lane lane = new Lane("test", NanoClock.system(), 4)) {
      lane.start();
      lane.submit(breaks);
      assertTrue(in.await(20, TimeUnit.SECONDS));
      assertTrue(lane.renew(breaks));
      letGo.countDown();
      inside[0].join();
      assertNull(lane.failure());
      CountDownLatch done = new CountDownLatch(1);
      lane.submit(TestSlice.once(new SliceKind("other"), Criticality.ACTION, done::countDown));
      assertTrue(done.await(20, TimeUnit.SECONDS));
    }
  }

  /** The machine gives no second thread: the slice stays where it is, and the lane has its own. */
  @Test
  @Timeout(30)
  void withoutAnotherThreadNothingIsTakenOff() throws Exception {
    boolean[] none = new boolean[1];
    try (Lane lane =
        new Lane(
            "test",
            NanoClock.system(),
            4,
            EdfScheduler.NO_BOUND,
            ThreadPolicy.AS_IS,
            work ->
                new Thread(work) {
                  @Override
                  public void start() {
                    if (none[0]) {
                      throw new OutOfMemoryError("no thread, on purpose");
                    }
                    super.start();
                  }
                })) {
      lane.start();
      Hanging hangs = new Hanging();
      lane.submit(hangs);
      assertTrue(hangs.in.await(20, TimeUnit.SECONDS));
      none[0] = true;
      boolean taken = lane.renew(hangs);
      Slice still = lane.running();
      none[0] = false;
      boolean later = lane.renew(hangs);
      hangs.letGo.countDown();
      assertFalse(taken);
      assertSame(hangs, still);
      assertTrue(later, "then there is one");
      CountDownLatch done = new CountDownLatch(1);
      lane.submit(TestSlice.once(new SliceKind("other"), Criticality.ACTION, done::countDown));
      assertTrue(done.await(20, TimeUnit.SECONDS));
    }
  }

  /**
   * A slice comes back at the very moment it is given up, again and again: one of the two wins, one
   * thread at a time has the lane, and every slice has one end.
   */
  @Test
  @Timeout(60)
  void comingBackAndBeingTakenOffAtOnceIsDecidedOneWay() throws Exception {
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    int takenOff = 0;
    try (Lane lane = new Lane("test", NanoClock.system(), 64)) {
      lane.start();
      for (int round = 0; round < 300; round++) {
        CountDownLatch in = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        boolean[] go = new boolean[1];
        Slice slice =
            new TestSlice(new SliceKind("racing"), Criticality.ACTION) {
              private boolean again;

              @Override
              public Outcome run(long nowNs) {
                if (again) {
                  ended.countDown();
                  return Outcome.DONE;
                }
                again = true;
                in.countDown();
                while (true) {
                  synchronized (go) {
                    if (go[0]) {
                      return Outcome.MORE;
                    }
                  }
                  Thread.onSpinWait();
                }
              }

              @Override
              public void expired(long nowNs) {
                ended.countDown();
              }
            };
        assertTrue(lane.submit(slice));
        assertTrue(in.await(20, TimeUnit.SECONDS));
        synchronized (go) {
          go[0] = true;
        }
        for (int spin = round % 50; spin > 0; spin--) {
          Thread.onSpinWait();
        }
        takenOff += lane.renew(slice) ? 1 : 0;
        CountDownLatch done = new CountDownLatch(4);
        for (int i = 0; i < 4; i++) {
          assertTrue(
              lane.submit(
                  TestSlice.once(
                      new SliceKind("after"),
                      Criticality.ACTION,
                      () -> {
                        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                        inside.decrementAndGet();
                        done.countDown();
                      })));
        }
        assertTrue(done.await(20, TimeUnit.SECONDS), "round " + round);
        assertTrue(ended.await(20, TimeUnit.SECONDS), "round " + round);
      }
      assertEquals(takenOff, lane.scheduler().takenOff());
      assertNull(lane.failure());
    }
    assertEquals(1, most.get(), "one thread has the lane");
  }
}
