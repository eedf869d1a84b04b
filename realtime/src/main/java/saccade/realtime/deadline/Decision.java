package saccade.realtime.deadline;

import java.util.Locale;

/**
 * What {@link BudgetController} decided for one set, and why. Made once and filled anew for each
 * set; whoever keeps it copies it.
 */
public final class Decision {
  /** Why this much and no more. */
  public enum Reason {
    /** All of it fits. */
    ALL_FITS("all fits"),
    /** More would fit this time; the ladder waits for slack to last. */
    LADDER_HOLDS("the ladder holds"),
    /** The next better level would not be in time. */
    TIME("more would not be in time"),
    /** Not even the least is predicted to be in time. */
    NOTHING_FITS("not even this is sure to be in time");

    private final String text;

    Reason(String text) {
      this.text = text;
    }

    /** In words. */
    public String text() {
      return text;
    }
  }

  DegradeLevel level = DegradeLevel.FULL;
  DegradeLevel ladder = DegradeLevel.FULL;
  Reason reason = Reason.ALL_FITS;
  long budgetNs;
  long leftNs;
  long actionP50Ns;
  long actionP99Ns;
  long wholeNs;
  final int[] tokens; // (sensors) most that are kept, 0 = left out
  int exit;
  int facts;

  /** A decision that is not taken yet, for so many sensors. */
  public Decision(int sensors) {
    tokens = new int[sensors];
  }

  /** Copies everything from another one for as many sensors. */
  public void copyFrom(Decision other) {
    level = other.level;
    ladder = other.ladder;
    reason = other.reason;
    budgetNs = other.budgetNs;
    leftNs = other.leftNs;
    actionP50Ns = other.actionP50Ns;
    actionP99Ns = other.actionP99Ns;
    wholeNs = other.wholeNs;
    System.arraycopy(other.tokens, 0, tokens, 0, tokens.length);
    exit = other.exit;
    facts = other.facts;
  }

  /** Level of what is done for this set. */
  public DegradeLevel level() {
    return level;
  }

  /** Level the ladder holds; never worse than {@link #level} but at the bottom. */
  public DegradeLevel ladder() {
    return ladder;
  }

  public Reason reason() {
    return reason;
  }

  /** From capture to message, ns. */
  public long budgetNs() {
    return budgetNs;
  }

  /** What was left of it at the decision, ns; below 0 when it was over. */
  public long leftNs() {
    return leftNs;
  }

  /** Predicted time to the action, ns; 0 while nothing is known. */
  public long actionP50Ns() {
    return actionP50Ns;
  }

  public long actionP99Ns() {
    return actionP99Ns;
  }

  /** Predicted time to the end of the text: p99 to the action, p50 from there, ns. */
  public long wholeNs() {
    return wholeNs;
  }

  /** Most tokens of a sensor, 0 = left out. */
  public int tokens(int sensor) {
    return tokens[sensor];
  }

  /** Number of sensors it is about. */
  public int sensors() {
    return tokens.length;
  }

  /** Tokens of all sensors together. */
  public int tokensOfAll() {
    int sum = 0;
    for (int one : tokens) {
      sum += one;
    }
    return sum;
  }

  /** Block of layers after which the action is decided at the latest. */
  public int exit() {
    return exit;
  }

  /** Most facts of the text, 0 = none. */
  public int facts() {
    return facts;
  }

  /** One line for people. Allocates. */
  public String line() {
    return String.format(
        Locale.ROOT,
        "%s: %.1f of %.0f ms left, action predicted %.1f (p99 %.1f), all %.1f; %d tokens, exit %d, %d facts; %s",
        level.word(),
        leftNs * 1e-6,
        budgetNs * 1e-6,
        actionP50Ns * 1e-6,
        actionP99Ns * 1e-6,
        wholeNs * 1e-6,
        tokensOfAll(),
        exit,
        facts,
        reason.text());
  }
}
