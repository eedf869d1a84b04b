package saccade.realtime.frameset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import saccade.realtime.AllocatedBytes;
import saccade.realtime.ledger.DropReason;

class FrameSetAllocationTest {

  private static final int CYCLES = 10_000;
  private long nowNs = 1_000_000;
  private long sets;

  @Test
  void puttingSetsTogetherAllocatesNothingFaultsAndTimeOutsIncluded() {
    Feed feed = new Feed(FrameSetOptions.of(3, 1_000));
    long bytes =
        AllocatedBytes.of(
            CYCLES,
            () -> {
              nowNs += 1_000;
              feed.offer(0, nowNs, nowNs);
              feed.offer(1, nowNs + 5, nowNs + 5);
              feed.offer(1, nowNs + 5, nowNs + 6);
              if (nowNs % 3_000 != 0) {
                feed.offer(2, nowNs, nowNs + 9);
              }
              FrameSet set = feed.assembler.poll(nowNs + 700);
              if (set != null) {
                sets++;
                set.release();
              }
            });
    assertEquals(0, bytes);
    assertTrue(sets >= CYCLES, "sets " + sets);
    assertTrue(feed.assembler.completeSets() > 0);
    assertTrue(feed.assembler.partialSets() > 0);
    assertTrue(feed.assembler.ledger().dropped(DropReason.STAMP_DUPLICATE) >= CYCLES);
    feed.expectNothingHeld();
  }
}
