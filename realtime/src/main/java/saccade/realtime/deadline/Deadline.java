package saccade.realtime.deadline;

/**
 * When an answer is due: start (the capture stamp) plus budget. A miss is a branch, not an
 * exception.
 *
 * @param startNs where the budget begins to run, ns
 * @param budgetNs how long it lasts, ns, 0 or more
 */
public record Deadline(long startNs, long budgetNs) {

  public Deadline {
    if (budgetNs < 0) {
      throw new IllegalArgumentException("expected a budget of 0 ns or more, found " + budgetNs);
    }
  }

  /** A deadline whose budget is computed from the state at its start. */
  public static Deadline from(long startNs, BudgetFunction budget, double speedMps) {
    return new Deadline(startNs, budget.budgetNs(speedMps));
  }

  /** The moment the answer is due, ns. */
  public long endNs() {
    return startNs + budgetNs;
  }

  /** What is left, ns; negative when it is missed. */
  public long remainingNs(long nowNs) {
    return endNs() - nowNs;
  }

  /** Whether it is over. */
  public boolean isMissed(long nowNs) {
    return remainingNs(nowNs) < 0;
  }

  /** Whether work of that length still fits. */
  public boolean fits(long workNs, long nowNs) {
    return remainingNs(nowNs) >= workNs;
  }

  /** The same start with that part of the budget kept back for what comes after; never below 0. */
  public Deadline keepingBack(long reserveNs) {
    return new Deadline(startNs, Math.max(0, budgetNs - reserveNs));
  }
}
