package saccade.realtime.deadline;

import org.jspecify.annotations.Nullable;
import saccade.realtime.schedule.LatencyModel;

/**
 * Hot path. Turns the time that is left into settings of every knob: which sensors are waited for,
 * tokens of each, exit, length of the text. Pure: time is an argument; the same inputs give the
 * same decisions, so that a simulation may use it as it is. One thread; allocates nothing.
 *
 * <pre>{@code
 * long waitNs = controller.waitNs(budgetNs, reserveNs);      // while a set is put together
 * controller.decide(nowNs, dueNs, budgetNs, present, decision);
 * ... run the set ...
 * controller.inTime(nowNs);                                   // or missed(nowNs)
 * }</pre>
 *
 * <p>Order of what is given up: text to a few facts, text, tokens in steps of a quarter, layers
 * down to the earliest exit that may decide the action, sensors that are not essential. The action
 * must fit by its p99, the text by its p50 (it may be cut without harm). Where not even the least
 * fits by its p99, slices are slow now and then whatever they do (somebody else has the machine):
 * doing less would not help, and what fits by p50 with 30 % to spare is done.
 */
public final class BudgetController {
  private static final int STEPS = Sight.STEPS;
  private static final double MEDIAN_MARGIN = 1.3;
  private static final double KEEP = 0.95; // of the best worth a second, and nothing is changed
  private static final Sight[] SIGHTS = Sight.values();

  private final LatencyModel model;
  private final WorkShape shape;
  private final DegradeLadder ladder;
  private final WorkShape.Sum sum = new WorkShape.Sum();
  private final int[] tokens; // (sensors) scratch
  private final long everySensor;
  private int exit; // scratch
  private int facts; // scratch
  private Sight sight = Sight.WHOLE; // scratch
  private boolean byMedian; // the p99 of no level fits
  private final @Nullable Worth worth;
  private Sight lastSight = Sight.WHOLE; // of the set before, when its rate decided
  private int lastFacts;

  /** For a model whose worth nobody measured. */
  public BudgetController(LatencyModel model, WorkShape shape, DegradeLadder ladder) {
    this(model, shape, ladder, null);
  }

  /**
   * A controller at full level.
   *
   * @param worth what decides between doing less for each set and leaving sets out; null: less is
   *     never done for one set to have time for another
   */
  public BudgetController(
      LatencyModel model, WorkShape shape, DegradeLadder ladder, @Nullable Worth worth) {
    this.worth = worth;
    this.model = model;
    this.shape = shape;
    this.ladder = ladder;
    this.tokens = new int[shape.sensors()];
    this.everySensor = shape.sensors() == Long.SIZE ? -1 : (1L << shape.sensors()) - 1;
    shape.tellAlike(model);
  }

  /**
   * Decides on a set that is ready, and tells the ladder. As the other one for sets that come so
   * rarely that each has the machine for itself.
   */
  public void decide(long nowNs, long dueNs, long budgetNs, long present, Decision out) {
    decide(nowNs, dueNs, budgetNs, present, 0, out);
  }

  /**
   * Decides on a set that is ready, and tells the ladder.
   *
   * <p>When sets come faster than they can be run, more for one is less for another: then, within
   * what the time left and the ladder allow, that is done which makes most of the machine's time,
   * {@code worth / max(time of the set, everyNs)}, and the next set's least action would still be
   * in time behind it.
   *
   * @param dueNs when its message must be made
   * @param budgetNs from capture to there, for the record
   * @param present bit i = sensor i is in the set
   * @param everyNs from one set to the next on this lane, all streams together; 0 = not known
   * @param out filled
   */
  public void decide(
      long nowNs, long dueNs, long budgetNs, long present, long everyNs, Decision out) {
    long leftNs = dueNs - nowNs;
    DegradeLevel held = ladder.level();
    long roomNs = Math.round(leftNs * (1 - ladder.options().slackShare()));
    byMedian = false;
    byMedian = !settle(DegradeLevel.ESSENTIAL, present, leftNs);
    DegradeLevel needed = best(DegradeLevel.FULL, present, leftNs);
    ladder.predicted(needed, best(DegradeLevel.FULL, present, roomNs), nowNs);
    DegradeLevel effort =
        best(held == DegradeLevel.MINIMAL_RISK ? DegradeLevel.ESSENTIAL : held, present, leftNs);
    out.ladder = ladder.level();
    out.level = effort.worse(held == DegradeLevel.MINIMAL_RISK ? held : effort);
    out.budgetNs = budgetNs;
    out.leftNs = leftNs;
    boolean fits = settle(effort, present, leftNs);
    Worth known = worth;
    boolean byRate =
        fits && everyNs > 0 && known != null && economise(known, present, leftNs, everyNs);
    if (byRate && held != DegradeLevel.MINIMAL_RISK) {
      out.level = Decision.levelOf(sight, facts, shape.facts()).worse(effort);
    }
    out.sight = sight;
    shape.toAction(model, tokens, exit, sum);
    out.actionP50Ns = sum.p50Ns();
    out.actionP99Ns = sum.p99Ns();
    out.wholeNs = sum.p99Ns() + shape.textNs(model, facts, exit);
    System.arraycopy(tokens, 0, out.tokens, 0, tokens.length);
    out.exit = exit;
    out.facts = facts;
    out.reason =
        byRate
            ? Decision.Reason.RATE
            : !fits
                ? Decision.Reason.NOTHING_FITS
                : byMedian
                    ? Decision.Reason.RARE_SLOW_SLICES
                    : effort == DegradeLevel.FULL
                        ? Decision.Reason.ALL_FITS
                        : effort == held && held.worseThan(needed)
                            ? Decision.Reason.LADDER_HOLDS
                            : Decision.Reason.TIME;
  }

  /**
   * When a set as it is settled takes longer than there is from set to set: settles what is worth
   * most for the time it takes. Whether something else than before is done.
   */
  private boolean economise(Worth known, long present, long leftNs, long everyNs) {
    Sight allowed = sight;
    int mostFacts = facts;
    if (occupiedNs() <= everyNs) {
      lastSight = Sight.WHOLE;
      lastFacts = shape.facts();
      return false;
    }
    look(Sight.EYES, present);
    shape.toAction(model, tokens, exit, sum);
    long nextNs = byMedian ? Math.round(MEDIAN_MARGIN * sum.p50Ns()) : sum.p99Ns();
    Sight bestSight = allowed;
    int bestFacts = mostFacts;
    double best = 0;
    double kept = 0;
    for (Sight one : SIGHTS) {
      if (!within(one, allowed)) {
        continue;
      }
      look(one, present);
      shape.toAction(model, tokens, exit, sum);
      double surelyNs = byMedian ? MEDIAN_MARGIN * sum.p50Ns() : sum.p99Ns();
      for (int step = 0; step < 3; step++) {
        int wanted = step == 0 ? mostFacts : step == 1 ? shape.briefFacts() : 0;
        if (wanted > mostFacts) {
          continue;
        }
        long text = shape.textNs(model, wanted, exit);
        long occupied = sum.p50Ns() + text;
        if (surelyNs + text > leftNs || occupied + nextNs > leftNs + everyNs) {
          continue;
        }
        double rate =
            known.of(one, wanted, shape.facts(), shape.briefFacts()) / Math.max(occupied, everyNs);
        if (rate > best) {
          best = rate;
          bestSight = one;
          bestFacts = wanted;
        }
        if (one == lastSight && wanted == lastFacts) {
          kept = rate;
        }
      }
    }
    if (kept >= KEEP * best && kept > 0) {
      bestSight = lastSight;
      bestFacts = lastFacts;
    }
    lastSight = bestSight;
    lastFacts = bestFacts;
    look(bestSight, present);
    facts = bestFacts;
    return bestSight != allowed || bestFacts != mostFacts;
  }

  /** Whether a sight does no more than what was settled. */
  private static boolean within(Sight one, Sight allowed) {
    return (one.early() || !allowed.early())
        && (one.onlyEssential() || !allowed.onlyEssential())
        && (one.onlyEssential() || one.thinning() >= allowed.thinning());
  }

  private void look(Sight one, long present) {
    sight = one;
    exit = shape.exit(one);
    shape.tokens(one, present, tokens);
  }

  /** Time that the lane is expected to be taken by the set as it is settled, text included, ns. */
  private long occupiedNs() {
    shape.toAction(model, tokens, exit, sum);
    return sum.p50Ns() + shape.textNs(model, facts, exit);
  }

  /** Best level, from a given one on, at which a set fits; ESSENTIAL when none does. */
  private DegradeLevel best(DegradeLevel from, long present, long leftNs) {
    DegradeLevel level = from;
    while (level.ordinal() < DegradeLevel.ESSENTIAL.ordinal() && !settle(level, present, leftNs)) {
      level = level.next();
    }
    return level;
  }

  /** Settings of a level, the best that fit; the cheapest when none does. Whether they fit. */
  private boolean settle(DegradeLevel level, long present, long leftNs) {
    exit = shape.deepest();
    facts =
        switch (level) {
          case FULL -> shape.facts();
          case BRIEF -> shape.briefFacts();
          default -> 0;
        };
    boolean onlyEssential = level == DegradeLevel.ESSENTIAL;
    switch (level) {
      case FULL, BRIEF, SILENT -> {
        sight = Sight.WHOLE;
        thin(0, present, onlyEssential);
        return fits(leftNs);
      }
      case COARSE -> {
        for (int step = 1; step <= STEPS; step++) {
          sight = step == 1 ? Sight.THINNED : step == 2 ? Sight.THIN : Sight.THINNEST;
          thin(step, present, onlyEssential);
          if (fits(leftNs)) {
            return true;
          }
        }
        return false;
      }
      default -> {
        sight = onlyEssential ? Sight.LEAST : Sight.SHALLOW;
        thin(STEPS, present, onlyEssential);
        while (exit > 0) {
          exit--;
          if (shape.mayDecide()[exit] && fits(leftNs)) {
            return true;
          }
        }
        exit = shape.earliest();
        return fits(leftNs);
      }
    }
  }

  private void thin(int step, long present, boolean onlyEssential) {
    for (int i = 0; i < tokens.length; i++) {
      boolean in = (present >>> i & 1) == 1 && (!onlyEssential || shape.essential()[i]);
      int full = shape.fullTokens()[i];
      tokens[i] = !in ? 0 : full - (full - shape.leastTokens()[i]) * step / STEPS;
    }
  }

  private boolean fits(long leftNs) {
    shape.toAction(model, tokens, exit, sum);
    double neededNs = byMedian ? MEDIAN_MARGIN * sum.p50Ns() : sum.p99Ns();
    return neededNs + shape.textNs(model, facts, exit) <= leftNs;
  }

  /**
   * How long after its capture a set may wait for its sensors, ns: as long as the cheapest way to
   * use them all would still be in time by its p99; where that is less than a third of the budget,
   * up to that third, as far as the median with 30 % to spare leaves it. Slices are slow now and
   * then: a set of few sensors would be blind each time, one that has too little time left does
   * less. Never shorter for a longer budget, never below 0; {@link Long#MAX_VALUE} while nothing is
   * known.
   *
   * @param reserveNs kept back for making the message
   */
  public long waitNs(long budgetNs, long reserveNs) {
    thin(STEPS, everySensor, false);
    exit = shape.earliest();
    shape.toAction(model, tokens, exit, sum);
    if (sum.p50Ns() == 0) {
      return Long.MAX_VALUE;
    }
    long spareNs = budgetNs - reserveNs;
    long byMedianNs = spareNs - Math.round(MEDIAN_MARGIN * sum.p50Ns());
    long waitNs = Math.max(spareNs - sum.p99Ns(), Math.min(byMedianNs, budgetNs / 3));
    return Math.max(0, waitNs);
  }

  /**
   * How long after its capture a set waits that has none of the sensors without one of which it is
   * of no use, ns: as long as the least that is done with the essential sensors would still be in
   * time by its median with 30 % to spare, and half the budget in any case. A set that leaves
   * without one is lost for certain; one that is predicted to be late may not be. Never below 0.
   *
   * @param reserveNs kept back for making the message
   */
  public long waitForUseNs(long budgetNs, long reserveNs) {
    thin(STEPS, everySensor, true);
    exit = shape.earliest();
    shape.toAction(model, tokens, exit, sum);
    long spareNs = budgetNs - reserveNs;
    long byMedianNs = spareNs - Math.round(MEDIAN_MARGIN * sum.p50Ns());
    return Math.max(0, Math.min(spareNs, Math.max(byMedianNs, budgetNs / 2)));
  }

  /** Sensors that are waited for at the level that holds, bit i = sensor i. */
  public long waitFor() {
    if (ladder.level().ordinal() < DegradeLevel.ESSENTIAL.ordinal()) {
      return everySensor;
    }
    long mask = 0;
    for (int i = 0; i < tokens.length; i++) {
      mask |= shape.essential()[i] ? 1L << i : 0;
    }
    return mask == 0 ? everySensor : mask;
  }

  /** The action of an instant was there in time. */
  public void inTime(long nowNs) {
    ladder.inTime(nowNs);
  }

  /** An instant had none at its deadline. */
  public void missed(long nowNs) {
    ladder.missed(nowNs);
  }

  public DegradeLadder ladder() {
    return ladder;
  }

  public LatencyModel model() {
    return model;
  }

  public WorkShape shape() {
    return shape;
  }
}
