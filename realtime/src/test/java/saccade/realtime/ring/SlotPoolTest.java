package saccade.realtime.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

class SlotPoolTest {

  private final SlotPool pool = new SlotPool(Arena.ofAuto(), 2, 100);

  @Test
  void handsOutEachSlotOnceUntilItIsFreedAgain() {
    long first = pool.claim();
    long second = pool.claim();
    assertNotEquals(pool.segment(first).address(), pool.segment(second).address());
    assertEquals(SlotPool.NO_SLOT, pool.claim());
    pool.abort(first);
    long third = pool.claim();
    assertEquals(pool.segment(first).address(), pool.segment(third).address());
    assertNotEquals(first, third, "a new filling has a new handle");
  }

  @Test
  void slotsDoNotOverlapAndHaveTheSizeAskedFor() {
    long first = pool.claim();
    long second = pool.claim();
    assertEquals(100, pool.segment(first).byteSize());
    assertTrue(Math.abs(pool.segment(first).address() - pool.segment(second).address()) >= 100);
    assertEquals(0, pool.segment(second).address() % 64, "slots begin on a cache line");
  }

  @Test
  void aLeasedSlotCannotBeRetaken() {
    long handle = pool.claim();
    pool.publish(handle);
    assertTrue(pool.lease(handle));
    assertEquals(SlotPool.NOT_READY, pool.retake(handle));
    assertFalse(pool.discard(handle));
    pool.release(handle);
    assertEquals(2, pool.freeCount());
  }

  @Test
  void aRetakenSlotCannotBeLeasedByItsOldHandle() {
    long handle = pool.claim();
    pool.publish(handle);
    long again = pool.retake(handle);
    assertTrue(again >= 0);
    assertFalse(pool.lease(handle));
    pool.publish(again);
    assertFalse(pool.lease(handle), "the old handle names a payload that is gone");
    assertTrue(pool.lease(again));
  }

  @Test
  void aSlotThatIsBeingWrittenCannotBeLeased() {
    assertFalse(pool.lease(pool.claim()));
  }

  @Test
  void theLastOfSeveralLeasesFreesTheSlot() {
    long handle = pool.claim();
    pool.publish(handle);
    pool.lease(handle);
    pool.retain(handle);
    pool.release(handle);
    assertEquals(1, pool.leasedCount());
    pool.release(handle);
    assertEquals(0, pool.leasedCount());
    assertEquals(2, pool.freeCount());
  }

  @Test
  void releasingTwiceIsADefectAndSaysSo() {
    long handle = pool.claim();
    pool.publish(handle);
    pool.lease(handle);
    pool.release(handle);
    assertThrows(IllegalStateException.class, () -> pool.release(handle));
  }

  @Test
  void publishingWhatIsNotClaimedIsADefectAndSaysSo() {
    long handle = pool.claim();
    pool.publish(handle);
    assertThrows(IllegalStateException.class, () -> pool.publish(handle));
    assertThrows(IllegalStateException.class, () -> pool.abort(handle));
  }

  @Test
  void rejectsImpossibleSizes() {
    assertThrows(IllegalArgumentException.class, () -> new SlotPool(Arena.ofAuto(), 0, 1));
    assertThrows(IllegalArgumentException.class, () -> new SlotPool(Arena.ofAuto(), 4097, 1));
    assertThrows(IllegalArgumentException.class, () -> new SlotPool(Arena.ofAuto(), 1, 0));
  }
}
