package saccade.realtime.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import saccade.realtime.ledger.DropReason;

class FrameRingTest {

  private final FrameView view = new FrameView();

  private static FrameRing ring(OverrunPolicy policy, int slots) {
    return new FrameRing(
        7, "test", new SlotPool(Arena.ofAuto(), slots, 64), policy, new Doorbell());
  }

  private static long send(FrameRing ring, long captureNs) {
    long handle = ring.tryClaim(captureNs + 1);
    if (handle >= 0) {
      ring.slot(handle).set(ValueLayout.JAVA_LONG, 0, captureNs);
      ring.publish(handle, captureNs, 8, 4, 2, 3, captureNs + 2);
    }
    return handle;
  }

  private long content() {
    return view.payload().get(ValueLayout.JAVA_LONG, 0);
  }

  @Test
  void carriesPayloadAndStampsFromProducerToConsumer() {
    FrameRing ring = ring(OverrunPolicy.LATEST_WINS, 3);
    send(ring, 100);
    assertTrue(ring.takeNewest(view, 110));
    assertEquals(100, content());
    assertEquals(7, view.source());
    assertEquals(0, view.sequence());
    assertEquals(100, view.captureNs());
    assertEquals(101, view.arrivedNs());
    assertEquals(102, view.publishedNs());
    assertEquals(110, view.takenNs());
    assertEquals(8, view.byteLength());
    assertEquals(4, view.width());
    assertEquals(2, view.height());
    assertEquals(3, view.format());
    view.release();
    assertEquals(3, ring.pool().freeCount());
    ring.ledger().assertBalanced();
  }

  @Test
  void newestWinsAndOlderReadyFramesAreCountedSuperseded() {
    FrameRing ring = ring(OverrunPolicy.LATEST_WINS, 4);
    send(ring, 1);
    send(ring, 2);
    send(ring, 3);
    assertTrue(ring.takeNewest(view, 10));
    assertEquals(3, content());
    assertEquals(2, ring.ledger().dropped(DropReason.SUPERSEDED));
    assertEquals(3, ring.pool().freeCount());
    assertFalse(ring.hasReady());
    view.release();
    ring.ledger().assertBalanced();
  }

  @Test
  void shouldOverwriteOldestUnleasedFrameWhenNoSlotIsFree() {
    FrameRing ring = ring(OverrunPolicy.LATEST_WINS, 3);
    for (int i = 1; i <= 5; i++) {
      assertTrue(send(ring, i) >= 0);
    }
    assertEquals(2, ring.ledger().dropped(DropReason.OVERRUN_OLDEST));
    assertTrue(ring.takeNext(view, 10));
    assertEquals(3, content(), "1 and 2 gave way to 4 and 5");
    view.release();
    ring.ledger().assertBalanced();
  }

  @Test
  void shouldDropNewFrameWhenEverySlotIsLeased() {
    FrameRing ring = ring(OverrunPolicy.LATEST_WINS, 2);
    FrameView other = new FrameView();
    send(ring, 1);
    send(ring, 2);
    assertTrue(ring.takeNext(view, 3));
    assertTrue(ring.takeNext(other, 3));
    assertEquals(FrameRing.NO_SLOT, send(ring, 4));
    assertEquals(1, ring.ledger().dropped(DropReason.NO_SLOT));
    assertEquals(1, content(), "a leased slot is never rewritten");
    view.release();
    assertTrue(send(ring, 5) >= 0);
    other.release();
    ring.ledger().assertBalanced();
  }

  @Test
  void retakesTheReadyFrameRatherThanTheLeasedOlderOne() {
    FrameRing ring = ring(OverrunPolicy.LATEST_WINS, 2);
    send(ring, 1);
    assertTrue(ring.takeNext(view, 2));
    send(ring, 3);
    assertTrue(send(ring, 4) >= 0);
    assertEquals(1, content());
    assertEquals(1, ring.ledger().dropped(DropReason.OVERRUN_OLDEST));
    view.release();
    assertTrue(ring.takeNext(view, 5));
    assertEquals(4, content());
    view.release();
    ring.ledger().assertBalanced();
  }

  @Test
  void losslessRefusesTheProducerAndKeepsEveryFrame() {
    FrameRing ring = ring(OverrunPolicy.LOSSLESS, 2);
    send(ring, 1);
    send(ring, 2);
    assertFalse(ring.hasRoom());
    assertEquals(FrameRing.REFUSED, send(ring, 3));
    assertEquals(1, ring.ledger().dropped(DropReason.REFUSED));
    assertTrue(ring.takeNext(view, 4));
    assertEquals(1, content());
    view.release();
    assertTrue(ring.hasRoom());
    assertTrue(ring.takeNext(view, 4));
    assertEquals(2, content());
    view.release();
    assertFalse(ring.takeNext(view, 4));
    ring.ledger().assertBalanced();
  }

  @Test
  void aWaitingClaimIsForLosslessRingsAndCountsOneOffer() {
    FrameRing ring = ring(OverrunPolicy.LOSSLESS, 2);
    ring.publish(ring.claim(1), 1, 8, 0, 0, 0, 2);
    assertEquals(1, ring.ledger().offered());
    assertThrows(IllegalStateException.class, () -> ring(OverrunPolicy.LATEST_WINS, 2).claim(1));
    ring.shutdown();
    ring.ledger().assertBalanced();
  }

  @Test
  void takingTheNewestOfALosslessRingIsADefect() {
    assertThrows(
        IllegalStateException.class, () -> ring(OverrunPolicy.LOSSLESS, 2).takeNewest(view, 1));
  }

  @Test
  void anAbortedFrameFreesItsSlotAndIsCountedWithItsReason() {
    FrameRing ring = ring(OverrunPolicy.LATEST_WINS, 2);
    long handle = ring.tryClaim(1);
    assertEquals(1, ring.inFlight());
    ring.abort(handle, DropReason.UNREADABLE);
    assertEquals(1, ring.ledger().dropped(DropReason.UNREADABLE));
    assertEquals(2, ring.pool().freeCount());
    assertFalse(ring.hasReady());
    ring.ledger().assertBalanced();
  }

  @Test
  void ledgerBalancesWithFramesInFlight() {
    FrameRing ring = ring(OverrunPolicy.LATEST_WINS, 4);
    send(ring, 1);
    send(ring, 2);
    ring.tryClaim(3);
    assertEquals(3, ring.inFlight());
    ring.ledger().assertBalanced();
  }

  @Test
  void shutdownCountsWhatIsStillInside() {
    FrameRing ring = ring(OverrunPolicy.LATEST_WINS, 4);
    send(ring, 1);
    send(ring, 2);
    ring.tryClaim(3);
    ring.shutdown();
    assertEquals(3, ring.ledger().dropped(DropReason.SHUTDOWN));
    assertEquals(0, ring.inFlight());
    assertEquals(4, ring.pool().freeCount());
    ring.ledger().assertBalanced();
  }

  @Test
  void aSharedFrameIsFreedByTheLastOfItsViews() {
    FrameRing ring = ring(OverrunPolicy.LATEST_WINS, 2);
    FrameView other = new FrameView();
    send(ring, 1);
    ring.takeNewest(view, 2);
    view.shareWith(other);
    view.release();
    assertEquals(1, ring.pool().leasedCount());
    assertEquals(1, other.captureNs());
    other.release();
    assertEquals(2, ring.pool().freeCount());
  }

  @Test
  void aMovedFrameLeavesItsOldViewEmpty() {
    FrameRing ring = ring(OverrunPolicy.LATEST_WINS, 2);
    FrameView other = new FrameView();
    send(ring, 1);
    ring.takeNewest(view, 2);
    view.moveTo(other);
    assertFalse(view.isHeld());
    view.release();
    assertEquals(1, ring.pool().leasedCount());
    assertThrows(IllegalStateException.class, view::payload);
    other.release();
    assertEquals(2, ring.pool().freeCount());
  }

  @Test
  void publishingTwiceOrTooMuchOrWhatIsNotClaimedIsADefectAndSaysSo() {
    FrameRing ring = ring(OverrunPolicy.LATEST_WINS, 2);
    long handle = ring.tryClaim(1);
    assertThrows(IllegalArgumentException.class, () -> ring.publish(handle, 1, 65, 0, 0, 0, 2));
    assertThrows(IllegalStateException.class, () -> ring.publish(handle + 1, 1, 64, 0, 0, 0, 2));
    ring.publish(handle, 1, 64, 0, 0, 0, 2);
    assertThrows(IllegalStateException.class, () -> ring.publish(handle, 1, 64, 0, 0, 0, 2));
    assertThrows(IllegalStateException.class, () -> ring.abort(handle));
    assertEquals(1, ring.inFlight());
    ring.ledger().assertBalanced();
    ring.takeNext(view, 3);
    assertEquals(0, view.sequence());
    view.release();
    assertFalse(ring.hasReady());
  }

  @Test
  void framesClaimedTogetherAreNumberedAsPublished() {
    FrameRing ring = ring(OverrunPolicy.LATEST_WINS, 3);
    long first = ring.tryClaim(1);
    long second = ring.tryClaim(2);
    assertEquals(2, ring.inFlight());
    ring.publish(second, 20, 0, 0, 0, 0, 3);
    ring.publish(first, 10, 0, 0, 0, 0, 4);
    ring.takeNext(view, 5);
    assertEquals(20, view.captureNs());
    assertEquals(2, view.arrivedNs());
    view.release();
    ring.takeNext(view, 5);
    assertEquals(10, view.captureNs());
    assertEquals(1, view.arrivedNs());
    view.release();
    ring.ledger().assertBalanced();
  }

  @Test
  void aFullViewIsNotOverwritten() {
    FrameRing ring = ring(OverrunPolicy.LATEST_WINS, 2);
    send(ring, 1);
    send(ring, 2);
    ring.takeNext(view, 3);
    assertThrows(IllegalStateException.class, () -> ring.takeNext(view, 3));
    assertEquals(1, content());
  }

  @Test
  void tellsOnceWhichFrameWillNotCome() {
    FrameRing ring = ring(OverrunPolicy.LATEST_WINS, 3);
    assertFalse(ring.hasLoss());
    assertEquals(FrameRing.NOTHING_LOST, ring.takeLost());
    ring.abort(ring.tryClaim(90), DropReason.UNREADABLE);
    assertFalse(ring.hasLoss(), "nobody knows which one it was");
    ring.abort(ring.tryClaim(101), DropReason.UNREADABLE, 100);
    ring.abort(ring.tryClaim(201), DropReason.UNREADABLE, 200);
    assertTrue(ring.hasLoss());
    assertFalse(ring.hasReady());
    assertEquals(200, ring.takeLost(), "the newest");
    assertFalse(ring.hasLoss());
    assertEquals(FrameRing.NOTHING_LOST, ring.takeLost());
    assertEquals(3, ring.ledger().dropped(DropReason.UNREADABLE));
    assertEquals(3, ring.pool().freeCount());
    ring.ledger().assertBalanced();
  }
}
