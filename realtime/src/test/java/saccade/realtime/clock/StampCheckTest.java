package saccade.realtime.clock;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class StampCheckTest {

  private final StampCheck check = new StampCheck(10, 1_000);

  @Test
  void acceptsStampsThatGoForward() {
    assertEquals(StampFault.NONE, check.check(100, 100));
    assertEquals(StampFault.NONE, check.check(101, 150));
    assertEquals(2, check.count(StampFault.NONE));
  }

  @Test
  void namesAZeroStamp() {
    assertEquals(StampFault.ZERO, check.check(0, 5));
    assertEquals(1, check.count(StampFault.ZERO));
  }

  @Test
  void namesAStampAheadOfNowBeyondTheTolerance() {
    assertEquals(StampFault.NONE, check.check(110, 100));
    assertEquals(StampFault.FUTURE, check.check(111, 100));
  }

  @Test
  void namesDuplicateAndBackwardStamps() {
    check.check(100, 100);
    assertEquals(StampFault.DUPLICATE, check.check(100, 120));
    assertEquals(StampFault.BACKWARDS, check.check(99, 120));
  }

  @Test
  void oneWildStampDoesNotSpoilTheGoodOnesAfterIt() {
    check.check(100, 100);
    assertEquals(StampFault.FUTURE, check.check(1_000_000, 110));
    assertEquals(StampFault.BACKWARDS, check.check(50, 110));
    assertEquals(StampFault.NONE, check.check(110, 120));
  }

  @Test
  void namesAStampOlderThanAnyUseAllowsAndStillCountsItAsInOrder() {
    assertEquals(StampFault.STALE, check.check(100, 1_101));
    assertEquals(StampFault.DUPLICATE, check.check(100, 1_101));
  }

  @Test
  void forgetsTheLastStampAfterReset() {
    check.check(500, 500);
    check.reset();
    assertEquals(StampFault.NONE, check.check(10, 20));
  }
}
