package saccade.realtime.frameset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import saccade.realtime.deadline.BudgetController;
import saccade.realtime.deadline.Decision;
import saccade.realtime.deadline.DegradeLadder;
import saccade.realtime.deadline.WorkShape;
import saccade.realtime.schedule.LatencyModel;

/**
 * Sensors that a prediction has given up. Three of them at 10 Hz, there 5, 25 and 40 ms after their
 * capture; a set may take 90 ms. Time is cranked by hand; what is decided and predicted is by the
 * real controller and the real latency model.
 */
class GivenUpTest {
  private static final long MS = 1_000_000;
  private static final long[] THERE_NS = {5 * MS, 25 * MS, 40 * MS};
  private static final long BUDGET_NS = 90 * MS;
  private static final long TRY_NS = BUDGET_NS / 2;
  private static final long RESERVE_NS = 3 * MS;
  private static final long USUAL_NS = 3 * MS;
  private static final long SLOW_NS = 60 * MS; // two of them are more than the budget
  private static final WorkShape SHAPE =
      new WorkShape(
          new int[] {0, 1, 2},
          new int[] {32, 32, 32},
          new int[] {32, 32, 32}, // never thinned: no encoder is held to do the work of another
          new boolean[] {true, true, true},
          3,
          6,
          new int[] {4},
          new int[] {4},
          new boolean[] {true},
          6,
          7,
          10,
          3);

  private final LatencyModel model =
      new LatencyModel(
          List.of(
              "encode a", "encode b", "encode c", "assemble", "layers", "action", "whole", "text"));
  private final BudgetController controller =
      new BudgetController(model, SHAPE, new DegradeLadder(DegradeLadder.Options.DEFAULT));
  private final Decision decision = new Decision(3);
  private final FrameSetAssembler assembler;
  private final Feed feed = new Feed(FrameSetOptions.of(3, 100 * MS));
  private long instant;
  private int late;

  GivenUpTest() {
    assembler = feed.assembler;
  }

  /**
   * One instant: its frames, its set, the set's run, what is learnt of it.
   *
   * @param encodeNs what the encoders of the second and third sensor take
   * @return how many sensors the set had
   */
  private int live(long encodeNs, long tryNs) {
    instant++;
    long captureNs = instant * 100 * MS;
    long dueNs = captureNs + BUDGET_NS - RESERVE_NS;
    assembler.waitAtMost(controller.waitNs(BUDGET_NS, RESERVE_NS), controller.waitFor(), tryNs);
    FrameSet set = null;
    for (int sensor = 0; sensor < 3; sensor++) {
      long thereNs = captureNs + THERE_NS[sensor];
      if (set == null && assembler.nextTimeoutNs() < thereNs) {
        set = assembler.poll(assembler.nextTimeoutNs());
      }
      feed.offer(sensor, captureNs, thereNs);
      if (set == null) {
        set = assembler.poll(thereNs);
      }
    }
    assertNotNull(set, "all sensors have come");
    long mask = 0;
    for (int i = 0; i < 3; i++) {
      mask |= set.has(i) ? 1L << i : 0;
    }
    controller.decide(set.leftNs(), dueNs, BUDGET_NS, mask, decision);
    long tookNs = 0;
    int tokens = SHAPE.ownTokens();
    for (int i = 0; i < 3; i++) { // only what is there is run, and only what is run is measured
      if (decision.tokens(i) > 0) {
        tookNs += take(i, 0, i == 0 ? USUAL_NS : encodeNs);
        tokens += decision.tokens(i);
      }
    }
    tookNs += take(3, 0, MS / 2);
    tookNs += take(4, tokens, tokens * MS / 20);
    tookNs += take(5, SHAPE.layersUpTo(0) * WorkShape.SIZE_PER_LAYER, MS);
    if (set.leftNs() + tookNs > dueNs) {
      late++;
      controller.missed(dueNs);
      assembler.answeredLate();
    } else {
      controller.inTime(set.leftNs() + tookNs);
    }
    int present = set.present();
    set.release();
    return present;
  }

  private long take(int kind, int size, long ns) {
    model.observe(kind, size, ns);
    return ns;
  }

  /** Two encoders are slow for a while, as with an engine that is still warming up. */
  private void untilGivenUp(long tryNs) {
    for (int i = 0; i <= 3 * FrameSetAssembler.TRY_EVERY; i++) { // the next one is no try
      live(SLOW_NS, tryNs);
    }
    assertTrue(late < 10, "what is given up makes nothing late");
    assertEquals(1, live(SLOW_NS, tryNs), "sensors");
  }

  /** The second sensor is what a set is of no use without: it is there after 25 ms. */
  @Test
  void whatASetIsOfNoUseWithoutIsNotGivenUp() {
    assembler.needOneOf(0b010, 45 * MS);
    for (int i = 0; i < 3 * FrameSetAssembler.TRY_EVERY; i++) {
      assertTrue(live(SLOW_NS, 0) >= 2, "set " + i);
    }
    assertEquals(2, live(SLOW_NS, 0), "the third is not waited for");
  }

  @Test
  void theFirstOfThemIsEnoughAndNoneIsWaitedForBeyondItsTime() {
    assembler.waitAtMost(0, 0b111, 0);
    assembler.needOneOf(0b110, 30 * MS);
    feed.offer(0, 100 * MS, 101 * MS);
    assertEquals(130 * MS, assembler.nextTimeoutNs());
    feed.offer(2, 100 * MS, 108 * MS);
    FrameSet set = assembler.poll(108 * MS);
    assertNotNull(set, "one of them is there");
    assertEquals(2, set.present());
    set.release();
    feed.offer(0, 200 * MS, 201 * MS);
    assembler.lost(1, 200 * MS, 202 * MS);
    assertEquals(230 * MS, assembler.nextTimeoutNs(), "the third may still come");
    assembler.lost(2, 200 * MS, 203 * MS);
    set = assembler.poll(203 * MS);
    assertNotNull(set, "neither can");
    assertEquals(1, set.present());
    set.release();
    feed.offer(0, 300 * MS, 301 * MS);
    assertEquals(null, assembler.poll(330 * MS - 1));
    set = assembler.poll(330 * MS);
    assertNotNull(set, "its time is over");
    set.release();
    feed.expectNothingHeld();
  }

  @Test
  void whatIsNeverTriedIsGivenUpForEver() {
    untilGivenUp(0);
    for (int i = 0; i < 1000; i++) {
      assertEquals(1, live(USUAL_NS, 0), "the trap that tries are for, set " + i);
    }
  }

  @Test
  void aTryBringsThemBackWithinTwoSecondsOfTheLoadsEnd() {
    untilGivenUp(TRY_NS);
    for (int i = 0; i < 2 * FrameSetAssembler.TRY_EVERY; i++) {
      live(USUAL_NS, TRY_NS);
    }
    for (int i = 0; i < 1000; i++) {
      assertEquals(3, live(USUAL_NS, TRY_NS), "set " + i);
    }
  }

  @Test
  void triesCostOneSetInTenWhileTheLoadGoesOn() {
    untilGivenUp(TRY_NS);
    late = 0;
    for (int i = 0; i < 1000; i++) {
      live(SLOW_NS, TRY_NS);
    }
    assertTrue(late <= 1000 / FrameSetAssembler.TRY_EVERY, late + " of 1000 late");
  }

  @Test
  void aTryThatWasAnsweredLateIsNotFollowedByAnother() {
    for (int set = 0; set < 40; set++) {
      long at = (set + 1) * 100L;
      assembler.waitAtMost(0, 0b111, TRY_NS);
      feed.offer(0, at * MS, at * MS);
      FrameSet prompt = assembler.poll(at * MS);
      assertEquals(set % FrameSetAssembler.TRY_EVERY != 0, prompt != null, "set " + set);
      feed.offer(1, at * MS, (at + 1) * MS);
      feed.offer(2, at * MS, (at + 2) * MS);
      if (prompt == null) {
        prompt = assembler.poll((at + 2) * MS);
        assertTrue(prompt.complete());
        assembler.answeredLate();
      }
      prompt.release();
    }
    feed.expectNothingHeld();
  }

  @Test
  void aTryThatWaitedInVainIsNotFollowedByAnother() {
    for (int set = 0; set < 40; set++) {
      long at = (set + 1) * 100L;
      assembler.waitAtMost(0, 0b111, TRY_NS);
      feed.offer(0, at * MS, at * MS);
      FrameSet prompt = assembler.poll(at * MS);
      assertEquals(set % FrameSetAssembler.TRY_EVERY != 0, prompt != null, "set " + set);
      if (prompt == null) {
        assertEquals((at + 45) * MS, assembler.nextTimeoutNs());
        prompt = assembler.poll((at + 45) * MS);
      }
      prompt.release();
      feed.offer(1, at * MS, (at + 50) * MS);
      feed.offer(2, at * MS, (at + 51) * MS);
    }
    feed.expectNothingHeld();
  }
}
