package saccade.realtime.deadline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class BudgetPolicyTest {
  private static final long MS = 1_000_000L;
  private static final double NEVER = Double.POSITIVE_INFINITY;
  private final BudgetPolicy policy = BudgetPolicy.within(50 * MS, 200 * MS);

  @Test
  void theFasterTheShorterWithinTheLimits() {
    assertEquals(200 * MS, policy.budgetNs(0, NEVER, 0));
    assertEquals(200 * MS, policy.budgetNs(10, NEVER, 0), "2 m at 10 m/s");
    assertEquals(100 * MS, policy.budgetNs(20, NEVER, 0));
    assertEquals(50 * MS, policy.budgetNs(80, NEVER, 0));
  }

  @Test
  void theSoonerBrakingMustBeginTheShorter() {
    // 3 s to collision at 9 m/s: braking at 3 m/s^2 must begin in 1.5 s; a tenth of it.
    assertEquals(150 * MS, policy.budgetNs(5, 3, 9));
    assertEquals(50 * MS, policy.budgetNs(5, 1.5, 9), "it must begin now");
    assertEquals(200 * MS, policy.budgetNs(5, 30, 9));
  }

  @Property
  void neverLeavesItsLimits(
      @ForAll double speed, @ForAll double closingS, @ForAll double closingMps) {
    long budget = policy.budgetNs(speed, closingS, closingMps);
    assertTrue(budget >= 50 * MS && budget <= 200 * MS, "budget " + budget);
  }

  @Property
  void neverLongerWhenFaster(
      @ForAll @DoubleRange(min = 0, max = 60) double a,
      @ForAll @DoubleRange(min = 0, max = 60) double b) {
    assertTrue(
        policy.budgetNs(Math.max(a, b), NEVER, 0) <= policy.budgetNs(Math.min(a, b), NEVER, 0));
  }

  @Test
  void aFixedOneIsFixedAndWrongLimitsAreNamed() {
    assertEquals(90 * MS, BudgetPolicy.fixed(90 * MS).budgetNs(50, 0.1, 50));
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> BudgetPolicy.within(9, 8))
            .getMessage()
            .contains("found 9"));
  }
}
