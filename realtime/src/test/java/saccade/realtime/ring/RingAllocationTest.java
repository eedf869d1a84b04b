package saccade.realtime.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import saccade.realtime.AllocatedBytes;
import saccade.realtime.ledger.DropReason;

class RingAllocationTest {

  private static final int CYCLES = 10_000;

  private long clock;
  private long checksum;

  private void send(FrameRing ring) {
    long handle = ring.tryClaim(++clock);
    ring.slot(handle).set(ValueLayout.JAVA_LONG, 0, clock);
    ring.publish(handle, clock, 8, 1, 1, 0, clock);
  }

  private void read(FrameView view) {
    checksum += view.payload().get(ValueLayout.JAVA_LONG, 0);
    view.release();
  }

  @Test
  void aFrameThroughALatestWinsRingAllocatesNothing() {
    FrameRing ring =
        new FrameRing(
            0,
            "test",
            new SlotPool(Arena.ofAuto(), 4, 64),
            OverrunPolicy.LATEST_WINS,
            new Doorbell());
    FrameView view = new FrameView();
    FrameView shared = new FrameView();
    long bytes =
        AllocatedBytes.of(
            CYCLES,
            () -> {
              for (int i = 0; i < 6; i++) {
                send(ring); // two of six are retaken
              }
              ring.takeNewest(view, clock);
              view.shareWith(shared);
              read(shared);
              read(view);
            });
    assertEquals(0, bytes);
    assertTrue(ring.ledger().delivered() >= CYCLES);
    assertTrue(ring.ledger().dropped(DropReason.SUPERSEDED) >= 3 * CYCLES);
    assertTrue(ring.ledger().dropped(DropReason.OVERRUN_OLDEST) >= 2 * CYCLES);
    assertTrue(checksum > 0);
    ring.ledger().assertBalanced();
  }

  @Test
  void aFrameThroughALosslessRingAllocatesNothingRefusalsIncluded() {
    FrameRing ring =
        new FrameRing(
            0, "test", new SlotPool(Arena.ofAuto(), 2, 64), OverrunPolicy.LOSSLESS, new Doorbell());
    FrameView view = new FrameView();
    long bytes =
        AllocatedBytes.of(
            CYCLES,
            () -> {
              send(ring);
              send(ring);
              assertEquals(FrameRing.REFUSED, ring.tryClaim(clock));
              while (ring.takeNext(view, clock)) {
                read(view);
              }
            });
    assertEquals(0, bytes);
    assertTrue(ring.ledger().delivered() >= 2 * CYCLES);
    assertTrue(ring.ledger().dropped(DropReason.REFUSED) >= CYCLES);
    ring.ledger().assertBalanced();
  }
}
