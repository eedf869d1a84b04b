package saccade.realtime.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** The account of a ring is right after every step of any interleaving of its two sides. */
class LedgerPropertyTest {

  @Property(tries = 60)
  void balancesAfterEveryStepOfAnyInterleaving(
      @ForAll boolean latestWins,
      @ForAll @IntRange(min = 2, max = 6) int slots,
      @ForAll @Size(max = 120) List<@IntRange(min = 0, max = 6) Integer> steps) {
    try (Arena arena = Arena.ofConfined()) {
      FrameRing ring =
          new FrameRing(
              7,
              "test",
              new SlotPool(arena, slots, 64),
              latestWins ? OverrunPolicy.LATEST_WINS : OverrunPolicy.LOSSLESS,
              new Doorbell());
      List<FrameView> held = new ArrayList<>();
      long claimed = -1;
      long nowNs = 1;
      for (int step : steps) {
        nowNs++;
        FrameView view = new FrameView();
        switch (step) {
          case 0, 1 -> { // the producer begins a frame
            if (claimed < 0) {
              claimed = ring.tryClaim(nowNs);
            }
          }
          case 2 -> { // and is done with it
            if (claimed >= 0) {
              ring.slot(claimed).set(ValueLayout.JAVA_LONG, 0, nowNs);
              ring.publish(claimed, nowNs, 8, 4, 2, 3, nowNs);
              claimed = -1;
            }
          }
          case 3 -> { // or gives it up
            if (claimed >= 0) {
              ring.abort(claimed);
              claimed = -1;
            }
          }
          case 4 -> {
            if (latestWins ? ring.takeNewest(view, nowNs) : ring.takeNext(view, nowNs)) {
              held.add(view);
            }
          }
          case 5 -> {
            if (ring.takeNext(view, nowNs)) {
              held.add(view);
            }
          }
          default -> {
            if (!held.isEmpty()) {
              held.removeFirst().release();
            }
          }
        }
        assertEquals(0, ring.ledger().balance(), ring.ledger().report());
      }
      held.forEach(FrameView::release);
      assertEquals(0, ring.ledger().balance(), ring.ledger().report());
      int writing = claimed >= 0 ? 1 : 0;
      assertEquals(slots, ring.pool().freeCount() + ring.inFlight());
      assertEquals(writing == 1 || ring.hasReady(), ring.inFlight() > 0);
    }
  }
}
