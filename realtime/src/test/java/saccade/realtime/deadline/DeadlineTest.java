package saccade.realtime.deadline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import saccade.realtime.AllocatedBytes;

class DeadlineTest {

  private long sink;

  @Test
  void remainingTimeRunsFromTheCaptureStamp() {
    Deadline deadline = new Deadline(1_000, 100);
    assertEquals(1_100, deadline.endNs());
    assertEquals(40, deadline.remainingNs(1_060));
    assertTrue(deadline.fits(40, 1_060));
    assertFalse(deadline.fits(41, 1_060));
    assertFalse(deadline.isMissed(1_100));
    assertTrue(deadline.isMissed(1_101));
    assertEquals(-5, deadline.remainingNs(1_105));
  }

  @Test
  void aReserveIsKeptBackButNeverBelowZero() {
    assertEquals(70, new Deadline(0, 100).keepingBack(30).budgetNs());
    assertEquals(0, new Deadline(0, 100).keepingBack(130).budgetNs());
  }

  @Test
  void aFastCarHasLessTimeThanOneThatStands() {
    BudgetFunction budget = BudgetFunction.perDistance(1.0, 50_000_000, 200_000_000);
    assertEquals(200_000_000, budget.budgetNs(0));
    assertEquals(100_000_000, budget.budgetNs(10));
    assertEquals(50_000_000, budget.budgetNs(40));
    assertEquals(100, Deadline.from(5, BudgetFunction.constant(100), 3).budgetNs());
  }

  @Test
  void rejectsNegativeBudgets() {
    assertThrows(IllegalArgumentException.class, () -> new Deadline(0, -1));
    assertThrows(IllegalArgumentException.class, () -> BudgetFunction.perDistance(0, 1, 2));
  }

  @Test
  void aDeadlineThatStaysLocalAllocatesNothing() {
    BudgetFunction budget = BudgetFunction.perDistance(1.0, 50, 200);
    long bytes =
        AllocatedBytes.of(
            10_000,
            () -> {
              for (int i = 0; i < 20; i++) {
                sink += Deadline.from(sink, budget, 12).keepingBack(5).remainingNs(sink + 3);
              }
            });
    assertEquals(0, bytes);
    assertTrue(sink > 0);
  }
}
