package saccade.realtime.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class DropLedgerTest {

  @Test
  void balancesWhenEveryOfferHasAnEnd() {
    DropLedger ledger = new DropLedger("b");
    for (int i = 0; i < 5; i++) {
      ledger.offer();
    }
    ledger.deliver(2);
    ledger.drop(DropReason.LATE, 2);
    ledger.drop(DropReason.STAMP_ZERO);
    ledger.assertBalanced();
    assertEquals(3, ledger.dropped());
    assertEquals(
        "b: offered 5 = delivered 2 + dropped 3 (LATE 2, STAMP_ZERO 1) + in flight 0",
        ledger.report());
  }

  @Test
  void aLostFrameIsToldWithTheWholeAccount() {
    DropLedger ledger = new DropLedger("b");
    ledger.offer();
    IllegalStateException error = assertThrows(IllegalStateException.class, ledger::assertBalanced);
    assertTrue(
        error.getMessage().contains("by 1: b: offered 1 != delivered 0 + dropped 0 + in flight 0"));
  }

  @Test
  void whatIsInFlightIsCountedApartFromTheLedger() {
    long[] inside = {0};
    DropLedger ledger = new DropLedger("b", () -> inside[0]);
    ledger.offer();
    assertEquals(1, ledger.balance());
    inside[0] = 1;
    ledger.assertBalanced();
    ledger.deliver();
    assertEquals(-1, ledger.balance());
  }

  @Property
  void anyMixOfEndsBalancesAndAnyMissingOneDoesNot(
      @ForAll @Size(max = 60) List<@IntRange(max = 16) Integer> ends) {
    DropLedger ledger = new DropLedger("b");
    DropReason[] reasons = DropReason.values();
    for (int end : ends) {
      ledger.offer();
      if (end < reasons.length) {
        ledger.drop(reasons[end]);
      } else {
        ledger.deliver();
      }
    }
    ledger.assertBalanced();
    assertEquals(ends.size(), ledger.offered());
    for (DropReason reason : reasons) {
      assertEquals(
          ends.stream().filter(end -> end == reason.ordinal()).count(), ledger.dropped(reason));
    }
    ledger.offer();
    assertEquals(1, ledger.balance());
  }

  @Test
  void countsOfSeveralThreadsAreNotLost() throws Exception {
    DropLedger ledger = new DropLedger("b");
    Thread[] threads = new Thread[4];
    for (int t = 0; t < threads.length; t++) {
      threads[t] =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 0; i < 50_000; i++) {
                      ledger.offer();
                      if (i % 2 == 0) {
                        ledger.deliver();
                      } else {
                        ledger.drop(DropReason.SUPERSEDED);
                      }
                    }
                  });
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(200_000, ledger.offered());
    assertEquals(100_000, ledger.dropped(DropReason.SUPERSEDED));
    ledger.assertBalanced();
  }
}
