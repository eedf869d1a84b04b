package saccade.realtime.frameset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import saccade.realtime.ledger.DropReason;

/** Sets every 100 ms, time-out 60 ms; sensor 0 needs 5 ms to arrive, sensor 1 needs 20 ms. */
class PatienceTest {
  private static final long MS = 1_000_000;

  private final FrameSetOptions options =
      FrameSetOptions.of(2, 100 * MS).withArrivalMarginNs(2 * MS);
  private Feed feed = new Feed(options);

  private void punctual(int from, int to) {
    for (int i = from; i < to; i++) {
      assertNull(feed.offer(0, i * 100 * MS, (i * 100 + 5) * MS));
      assertNull(feed.offer(1, i * 100 * MS, (i * 100 + 20) * MS));
      FrameSet set = feed.assembler.poll((i * 100 + 20) * MS);
      assertNotNull(set, "set " + i);
      assertTrue(set.complete());
      set.release();
    }
  }

  @Test
  void aLostFrameIsMissedSoonAfterItsUsualTime() {
    punctual(1, 40);
    assertNull(feed.offer(0, 4000 * MS, 4005 * MS));
    assertNull(feed.assembler.poll(4021 * MS), "sensor 1 may still come");
    long ready = feed.assembler.nextTimeoutNs();
    assertEquals(4022.0, ready / (double) MS, 0.5);
    FrameSet set = feed.assembler.poll(ready);
    assertNotNull(set);
    assertEquals(Presence.LATE, set.presence(1));
    set.release();
    assertEquals(DropReason.LATE, feed.offer(1, 4000 * MS, 4045 * MS), "late and counted");
    feed.expectNothingHeld();
  }

  @Test
  void withoutAMarginTheTimeOutDecides() {
    feed = new Feed(options.withArrivalMarginNs(FrameSetOptions.NO_MARGIN));
    punctual(1, 40);
    feed.offer(0, 4000 * MS, 4005 * MS);
    assertEquals(4060 * MS, feed.assembler.nextTimeoutNs());
  }

  @Test
  void aSensorThatGetsSlowerIsWaitedForAgain() {
    punctual(1, 40);
    boolean complete = false;
    int waited = 0;
    for (int i = 40; i < 80 && !complete; i++) {
      long at = i * 100L;
      feed.offer(0, at * MS, (at + 5) * MS);
      FrameSet early = feed.assembler.poll((at + 39) * MS);
      if (early != null) {
        waited++;
        early.release();
      }
      feed.offer(1, at * MS, (at + 40) * MS);
      FrameSet set = feed.assembler.poll((at + 40) * MS);
      if (set != null) {
        complete = set.complete();
        set.release();
      }
    }
    assertTrue(complete, "never waited 40 ms");
    assertFalse(waited > 15, "took " + waited + " sets to learn");
  }
}
