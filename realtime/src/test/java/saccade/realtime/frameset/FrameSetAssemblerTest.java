package saccade.realtime.frameset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import saccade.realtime.clock.StampFault;
import saccade.realtime.ledger.DropReason;

/** Times in ms; sets every 100 ms, spread up to 25 ms, time-out 60 ms. */
class FrameSetAssemblerTest {

  private static final long MS = 1_000_000;

  private Feed feed = new Feed(FrameSetOptions.of(3, 100 * MS));

  private DropReason offer(int sensor, long captureMs, long nowMs) {
    return feed.offer(sensor, captureMs * MS, nowMs * MS);
  }

  private FrameSet poll(long nowMs) {
    return feed.assembler.poll(nowMs * MS);
  }

  @Test
  void aFullSetLeavesAtOnce() {
    assertNull(offer(0, 1000, 1005));
    assertNull(offer(1, 1010, 1012));
    assertNull(poll(1012));
    assertNull(offer(2, 995, 1020));
    FrameSet set = poll(1020);
    assertNotNull(set);
    assertTrue(set.complete());
    assertEquals(1000 * MS, set.referenceNs());
    assertEquals(995 * MS, set.oldestNs());
    assertEquals(15 * MS, set.spreadNs());
    assertEquals(0, set.number());
    assertEquals(1010 * MS, set.view(1).captureNs());
    assertEquals(3, feed.leased());
    set.release();
    feed.expectNothingHeld();
    assertEquals(1, feed.assembler.completeSets());
  }

  @Test
  void aSetGoesOnWithoutALateSensorAndSaysSo() {
    offer(0, 1000, 1005);
    offer(1, 1000, 1005);
    assertEquals(1060 * MS, feed.assembler.nextTimeoutNs());
    assertNull(poll(1059));
    FrameSet set = poll(1060);
    assertNotNull(set);
    assertFalse(set.complete());
    assertEquals(2, set.present());
    assertEquals(Presence.LATE, set.presence(2));
    assertThrows(IllegalStateException.class, () -> set.view(2));
    set.release();
    assertEquals(DropReason.LATE, offer(2, 1001, 1070));
    assertEquals(DropReason.LATE, offer(2, 1020, 1071), "still the instant that has left");
    feed.expectNothingHeld();
    assertEquals(1, feed.assembler.partialSets());
  }

  @Test
  void aSetDoesNotWaitForAFrameThatCanNoLongerCome() {
    offer(0, 1000, 1001);
    offer(1, 1000, 1002);
    offer(2, 1100, 1003 + 100);
    FrameSet set = feed.assembler.poll(1010 * MS);
    assertNotNull(set, "sensor 2 is past this instant");
    assertEquals(Presence.MISSING, set.presence(2));
    set.release();
    assertNull(poll(1104));
    offer(0, 1100, 1105);
    offer(1, 1100, 1106);
    FrameSet next = poll(1106);
    assertTrue(next.complete());
    next.release();
    feed.expectNothingHeld();
  }

  @Test
  void faultyStampsAreDroppedByNameAndNamedInTheSet() {
    offer(0, 1000, 1001);
    offer(1, 1000, 1001);
    assertEquals(DropReason.STAMP_ZERO, offer(2, 0, 1001));
    assertEquals(DropReason.STAMP_FUTURE, offer(2, 1012, 1001));
    assertEquals(DropReason.STAMP_DUPLICATE, offer(0, 1000, 1002));
    assertEquals(DropReason.STAMP_BACKWARDS, offer(1, 999, 1002));
    assertEquals(DropReason.STAMP_STALE, offer(2, 1, 1002));
    assertEquals(1, feed.assembler.stampFaults(2, StampFault.ZERO));
    FrameSet set = poll(1060);
    assertEquals(Presence.FAULT, set.presence(2));
    assertTrue(set.has(0));
    set.release();
    feed.expectNothingHeld();
  }

  @Test
  void aSilentSensorIsNoLongerWaitedForAndOneFrameBringsItBack() {
    for (int i = 0; i < 5; i++) {
      offer(0, 1000 + 100 * i, 1000 + 100 * i);
      offer(1, 1000 + 100 * i, 1000 + 100 * i);
      assertNull(poll(1059 + 100 * i));
      FrameSet set = poll(1060 + 100 * i);
      assertEquals(Presence.LATE, set.presence(2));
      set.release();
    }
    offer(0, 1500, 1500);
    offer(1, 1500, 1500);
    FrameSet prompt = poll(1500);
    assertNotNull(prompt, "no wait for a sensor that is silent");
    assertEquals(Presence.SILENT, prompt.presence(2));
    prompt.release();
    assertEquals(DropReason.LATE, offer(2, 1500, 1501));
    offer(0, 1600, 1600);
    offer(1, 1600, 1600);
    assertNull(poll(1600), "it is back and worth a wait");
    offer(2, 1600, 1610);
    FrameSet full = poll(1610);
    assertTrue(full.complete());
    full.release();
    feed.expectNothingHeld();
  }

  @Test
  void framesOfAFasterSensorBetweenTwoSetsAreCountedAndOpenNoSets() {
    offer(0, 1000, 1000);
    offer(1, 1000, 1000);
    assertEquals(DropReason.BETWEEN_SETS, offer(2, 1033, 1033));
    assertEquals(DropReason.BETWEEN_SETS, offer(2, 1066, 1066));
    FrameSet set = poll(1066);
    assertEquals(Presence.MISSING, set.presence(2));
    set.release();
    assertNull(offer(2, 1100, 1100));
    assertNull(offer(0, 1100, 1100));
    assertNull(offer(1, 1100, 1100));
    FrameSet next = poll(1100);
    assertTrue(next.complete());
    next.release();
    feed.expectNothingHeld();
  }

  @Test
  void theNewestReadySetSupersedesOlderOnes() {
    for (int t = 1000; t <= 1200; t += 100) {
      for (int s = 0; s < 3; s++) {
        offer(s, t, t);
      }
    }
    FrameSet set = feed.assembler.pollNewest(1200 * MS);
    assertEquals(1200 * MS, set.referenceNs());
    assertEquals(6, feed.assembler.ledger().dropped(DropReason.SET_SUPERSEDED));
    set.release();
    feed.expectNothingHeld();
  }

  @Test
  void theOldestOpenSetGivesWayWhenTooManyAreOpen() {
    for (int t = 1000; t <= 1400; t += 100) {
      assertNull(offer(0, t, t));
    }
    assertEquals(1, feed.assembler.ledger().dropped(DropReason.SET_SUPERSEDED));
    FrameSet set = poll(1400);
    assertEquals(1100 * MS, set.referenceNs());
    set.release();
    feed.assembler.shutdown();
    assertEquals(3, feed.assembler.ledger().dropped(DropReason.SHUTDOWN));
    feed.expectNothingHeld();
  }

  @Test
  void aCallerThatKeepsAllSetsLosesFramesNotTheProgram() {
    feed = new Feed(FrameSetOptions.of(1, 100 * MS).withOpenSets(2));
    offer(0, 1000, 1000);
    FrameSet first = poll(1000);
    offer(0, 1100, 1100);
    FrameSet second = poll(1100);
    assertEquals(DropReason.NO_SLOT, offer(0, 1200, 1200));
    first.release();
    assertNull(offer(0, 1300, 1300));
    second.release();
    feed.assembler.shutdown();
    feed.expectNothingHeld();
  }

  @Test
  void aRestartForgetsStampsAndDropsOpenSets() {
    offer(0, 5000, 5000);
    feed.assembler.restart();
    assertNull(offer(0, 100, 100));
    feed.assembler.shutdown();
    feed.expectNothingHeld();
  }

  @Test
  void impossibleOptionsSayWhatWasWanted() {
    FrameSetOptions good = FrameSetOptions.of(2, 100);
    assertThrows(IllegalArgumentException.class, () -> good.withToleranceNs(51));
    assertThrows(IllegalArgumentException.class, () -> good.withTimeoutNs(0));
    assertThrows(IllegalArgumentException.class, () -> good.withOpenSets(1));
    assertThrows(IllegalArgumentException.class, () -> FrameSetOptions.of(0, 100));
  }

  @Test
  void sensorsThatMeasureOneAfterAnotherMakeOneSet() {
    // Spread over 70 ms, nearly three times the tolerance, and beyond half the period.
    feed =
        new Feed(
            FrameSetOptions.of(3, 100 * MS).withTimeoutNs(80 * MS),
            new long[] {-30 * MS, 0, 40 * MS});
    for (int i = 0; i < 3; i++) {
      long at = 1000 + 100L * i;
      assertNull(offer(0, at - 30, at));
      assertNull(offer(1, at, at + 5));
      assertEquals((at + 50) * MS, feed.assembler.nextTimeoutNs(), "from the first capture");
      assertNull(poll(at + 44));
      assertNull(offer(2, at + 40, at + 45));
      FrameSet set = poll(at + 45);
      assertNotNull(set, "instant " + i);
      assertTrue(set.complete());
      assertEquals((at - 30) * MS, set.oldestNs(), "age counts from the real capture");
      assertEquals(70 * MS, set.spreadNs());
      set.release();
    }
    feed.expectNothingHeld();
  }

  @Test
  void theTimeOutCountsFromTheFirstCaptureThoughThatSensorIsMissing() {
    feed = new Feed(FrameSetOptions.of(3, 100 * MS), new long[] {-30 * MS, 0, 10 * MS});
    offer(1, 1000, 1001);
    assertEquals(1030 * MS, feed.assembler.nextTimeoutNs());
    assertNull(poll(1029));
    FrameSet set = poll(1030);
    assertEquals(Presence.LATE, set.presence(0));
    assertEquals(Presence.LATE, set.presence(2));
    set.release();
    feed.expectNothingHeld();
  }

  @Test
  void aSetDoesNotWaitForAFrameThatItsSourceKnowsToBeLost() {
    feed.assembler.lost(2, 1003 * MS, 1001 * MS); // before its set is open
    offer(0, 1000, 1001);
    assertNull(poll(1002), "sensor 1 may still come");
    offer(1, 1000, 1004);
    FrameSet set = poll(1004);
    assertNotNull(set);
    assertEquals(Presence.MISSING, set.presence(2));
    set.release();

    offer(0, 1100, 1101);
    offer(1, 1100, 1102);
    assertNull(poll(1102), "what was lost is another instant's");
    feed.assembler.lost(2, 1090 * MS, 1103 * MS); // after it
    set = poll(1103);
    assertEquals(Presence.MISSING, set.presence(2));
    set.release();

    offer(0, 1200, 1201);
    offer(1, 1200, 1202);
    offer(2, 1200, 1203);
    set = poll(1203);
    assertTrue(set.complete());
    set.release();
    feed.expectNothingHeld();
  }

  @Test
  void aLossOfAnInstantThatCannotBeIsPassedOver() {
    feed.assembler.lost(2, 9000 * MS, 1001 * MS);
    feed.assembler.lost(1, 0, 1001 * MS);
    offer(0, 1000, 1001);
    assertNull(poll(1059));
    FrameSet set = poll(1060);
    assertEquals(Presence.LATE, set.presence(1));
    assertEquals(Presence.LATE, set.presence(2));
    set.release();
  }

  @Test
  void aSensorOfWhichEveryFrameIsLostIsMissingAndNotSilent() {
    for (int i = 0; i < 20; i++) {
      long at = 1000 + 100L * i;
      offer(0, at, at + 1);
      feed.assembler.lost(2, at * MS, (at + 1) * MS);
      offer(1, at, at + 2);
      FrameSet set = poll(at + 2);
      assertNotNull(set, "set " + i);
      assertEquals(Presence.MISSING, set.presence(2));
      set.release();
    }
  }

  @Test
  void aClockThatBeginsAgainForgetsWhatWasLost() {
    feed.assembler.lost(2, 5000 * MS, 5000 * MS);
    feed.assembler.restart();
    offer(0, 1000, 1001);
    offer(1, 1000, 1001);
    assertNull(poll(1002));
    assertEquals(1060 * MS, feed.assembler.nextTimeoutNs());
  }
}
