package saccade.realtime.deadline;

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
    NOTHING_FITS("not even this is sure to be in time"),
    /** Slow slices are rare and would not be fewer if less were done: it fits by its median. */
    RARE_SLOW_SLICES("rare slow slices would be late at any level"),
    /** Sets come faster than they can be run like this: what makes most of the machine's time. */
    RATE("sets come faster than more could be done");

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
  Sight sight = Sight.WHOLE;
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
    sight = other.sight;
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

  /**
   * Settles it by hand: no controller decides.
   *
   * @param present bit i = sensor i is in the set
   */
  public void settle(WorkShape shape, Sight how, int wanted, long present, long budget, long left) {
    sight = how;
    shape.tokens(how, present, tokens);
    exit = shape.exit(how);
    facts = wanted;
    level = levelOf(how, wanted, shape.facts());
    ladder = DegradeLevel.FULL;
    reason = Reason.ALL_FITS;
    budgetNs = budget;
    leftNs = left;
    actionP50Ns = 0;
    actionP99Ns = 0;
    wholeNs = 0;
  }

  /** The level that names a sight and a text. */
  static DegradeLevel levelOf(Sight how, int wanted, int allFacts) {
    if (how.onlyEssential()) {
      return DegradeLevel.ESSENTIAL;
    } else if (how.early()) {
      return DegradeLevel.SHALLOW;
    } else if (how.thinning() > 0) {
      return DegradeLevel.COARSE;
    }
    return wanted >= allFacts
        ? DegradeLevel.FULL
        : wanted > 0 ? DegradeLevel.BRIEF : DegradeLevel.SILENT;
  }

  /** Level of what is done for this set. */
  public DegradeLevel level() {
    return level;
  }

  /** Level the ladder holds; never worse than {@link #level} but at the bottom. */
  public DegradeLevel ladder() {
    return ladder;
  }

  /** How closely it is looked at. */
  public Sight sight() {
    return sight;
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

  /** Tokens, facts and the ladder's level in one number, as a trace has them. */
  public long record() {
    return (long) tokensOfAll() << 16 | (long) facts << 8 | ladder.ordinal();
  }

  /** One line for people. Allocates its text and nothing else worth speaking of. */
  public String line() {
    StringBuilder out = new StringBuilder(160);
    out.append(level.word()).append(": ");
    millis(out, leftNs).append(" of ");
    millis(out, budgetNs).append(" ms left, action predicted ");
    millis(out, actionP50Ns).append(" (p99 ");
    millis(out, actionP99Ns).append("), all ");
    millis(out, wholeNs).append("; ");
    out.append(tokensOfAll()).append(" tokens, exit ").append(exit).append(", ");
    return out.append(facts).append(" facts; ").append(reason.text()).toString();
  }

  /**
   * In ms with one digit behind the point; the formatter of the JDK costs ten times the garbage.
   */
  private static StringBuilder millis(StringBuilder out, long ns) {
    long tenths = Math.round(ns * 1e-5);
    return out.append(tenths < 0 ? "-" : "")
        .append(Math.abs(tenths) / 10)
        .append('.')
        .append(Math.abs(tenths) % 10);
  }
}
