package saccade.realtime.overload;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import saccade.realtime.deadline.Decision;
import saccade.realtime.deadline.Sight;
import saccade.realtime.deadline.WorkShape;
import saccade.realtime.schedule.Criticality;
import saccade.realtime.schedule.EdfScheduler;
import saccade.realtime.schedule.Slice;
import saccade.realtime.schedule.SliceKind;

/**
 * Arrivals through one lane under a policy, from the first to the last deadline. The lane is the
 * product's {@link EdfScheduler}; what comes while a slice runs is seen at its end, as in {@code
 * Lane}. The same code on a simulated clock with simulated slices and on the machine's with real
 * ones. Used once, by one thread.
 */
public final class StreamRun {
  private static final int MOST_SLICES = 160; // of a set

  private final Arrivals arrivals;
  private final Engine engine;
  private final Policy policy;
  private final RunClock clock;
  private final WorkShape shape;
  private final EdfScheduler scheduler;
  private final Waiting waiting = new Waiting();
  private final Decision decision;
  private final SetWork work = new SetWork();
  private final SliceKind reflexKind = new SliceKind("reflex");
  private final SliceKind setKind = new SliceKind("set");
  private final Outcome outcome;
  private int come; // arrivals seen
  private int due; // next instant that wants an action
  private boolean busy;
  private long freeNs = Long.MIN_VALUE; // from then on the next set may be handed over
  private final long periodNs; // 0: the arrivals are the instants
  private long dueCaptureNs = Policy.NEVER;

  /** A run that has not begun; each arrival is an instant that wants an action. */
  public StreamRun(Arrivals arrivals, Engine engine, Policy policy, RunClock clock) {
    this(arrivals, engine, policy, clock, 0);
  }

  /**
   * A run that has not begun, with deadlines as the pipeline keeps them: from the first arrival on
   * an instant a period, whether frames of it come or not.
   *
   * @param periodNs from instant to instant; 0 = each arrival is one
   */
  public StreamRun(Arrivals arrivals, Engine engine, Policy policy, RunClock clock, long periodNs) {
    this.periodNs = periodNs;
    this.arrivals = arrivals;
    this.engine = engine;
    this.policy = policy;
    this.clock = clock;
    this.shape = engine.shape();
    this.decision = new Decision(shape.sensors());
    this.scheduler = new EdfScheduler(clock, arrivals.count() + 2);
    this.outcome = new Outcome(policy.name(), arrivals, shape);
  }

  /** Runs everything. */
  public Outcome run() {
    if (arrivals.count() == 0) {
      return outcome;
    }
    int last = arrivals.count() - 1;
    long endNs = arrivals.captureNs()[last] + arrivals.budgetNs()[last];
    while (true) {
      long nowNs = clock.nanoTime();
      admit(nowNs);
      guard(nowNs);
      startNext(nowNs);
      if (scheduler.runNext(clock.nanoTime()) != null) {
        continue;
      }
      boolean more = come <= last;
      if (!more && !busy && nowNs >= endNs) {
        break;
      }
      long wakeNs = more ? arrivals.readyNs()[come] : endNs;
      if (waiting.size() > 0 && nowNs < freeNs) {
        wakeNs = Math.min(wakeNs, freeNs);
      }
      if (periodNs > 0 && come > 0 && dueCaptureNs <= arrivals.captureNs()[last]) {
        wakeNs = Math.min(wakeNs, dueCaptureNs + budgetAt(dueCaptureNs));
      } else if (periodNs == 0 && due <= last) {
        wakeNs = Math.min(wakeNs, arrivals.captureNs()[due] + arrivals.budgetNs()[due]);
      }
      clock.idleUntil(Math.max(wakeNs, nowNs));
    }
    guard(clock.nanoTime());
    return outcome;
  }

  private void admit(long nowNs) {
    while (come < arrivals.count() && arrivals.readyNs()[come] <= nowNs) {
      int set = come++;
      dueCaptureNs = set == 0 ? arrivals.captureNs()[0] : dueCaptureNs;
      Criticality apart = policy.reflexClass();
      if (apart != null) {
        scheduler.offer(new ReflexWork(set, apart));
      }
      waiting.add(set);
      policy.arrived(arrivals, set, waiting, nowNs);
    }
  }

  private void startNext(long nowNs) {
    if (busy || waiting.size() == 0 || nowNs < freeNs) {
      return;
    }
    int set = policy.take(arrivals, waiting, nowNs, decision);
    if (set >= 0) {
      busy = true;
      work.prepare(set, nowNs);
      scheduler.offer(work);
      engine.handOver();
    }
  }

  /** Instants whose deadline is over have missed it. */
  private void guard(long nowNs) {
    if (periodNs > 0) {
      guardPeriods(nowNs);
      return;
    }
    while (due < arrivals.count()
        && nowNs >= arrivals.captureNs()[due] + arrivals.budgetNs()[due]) {
      outcome.missed[due] = true;
      if (!busy && due >= come) {
        policy.starved(nowNs);
      } else {
        policy.missed(nowNs);
      }
      due++;
    }
  }

  /** As {@code Pipeline.guard}. */
  private void guardPeriods(long nowNs) {
    long lastNs = arrivals.captureNs()[arrivals.count() - 1];
    while (dueCaptureNs <= lastNs && nowNs >= dueCaptureNs + budgetAt(dueCaptureNs)) {
      outcome.deadlines++;
      outcome.deadlinesMissed++;
      int nearest = nearest(dueCaptureNs);
      if (nearest >= 0) {
        outcome.missed[nearest] = true;
      }
      long capturedNs = work.captureNs;
      if (busy && Math.abs(capturedNs - dueCaptureNs) <= periodNs / 2) {
        dueCaptureNs = capturedNs;
      }
      if (busy) {
        policy.missed(nowNs);
      } else {
        policy.starved(nowNs);
      }
      dueCaptureNs += periodNs;
    }
  }

  /** The arrival of an instant; -1 when none of its frames came. */
  private int nearest(long captureNs) {
    int at = arrivals.from(captureNs - periodNs / 2);
    return at < arrivals.count() && arrivals.captureNs()[at] <= captureNs + periodNs / 2 ? at : -1;
  }

  private long budgetAt(long captureNs) {
    int at = Math.min(arrivals.from(captureNs - periodNs / 2), arrivals.count() - 1);
    return arrivals.budgetNs()[at];
  }

  /** As {@code Pipeline.account}: a set has its answer, which may be without an action. */
  private void answered(int set, boolean acted, long atNs) {
    long captureNs = arrivals.captureNs()[set];
    guard(Math.min(atNs, clock.nanoTime()));
    if (captureNs < dueCaptureNs - periodNs / 2) {
      return;
    }
    outcome.deadlines++;
    boolean late = atNs - captureNs > arrivals.budgetNs()[set];
    outcome.deadlinesMissed += late ? 1 : 0;
    outcome.missed[set] |= late || !acted;
    dueCaptureNs = captureNs + periodNs;
    if (late || !acted) {
      policy.missed(atNs);
    } else {
      policy.inTime(atNs);
    }
  }

  /** As {@code Pipeline.collect}: a set came back without having begun. */
  private void unanswered(int set, long atNs) {
    long captureNs = arrivals.captureNs()[set];
    guard(atNs);
    if (captureNs < dueCaptureNs - periodNs / 2) {
      return;
    }
    outcome.deadlines++;
    outcome.deadlinesMissed++;
    outcome.missed[set] = true;
    dueCaptureNs = captureNs + periodNs;
    policy.missed(atNs);
  }

  /** An action of a set is out: every instant up to it has its message. */
  private void published(int set, long atNs) {
    if (periodNs > 0) {
      answered(set, true, atNs);
      return;
    }
    guard(atNs);
    if (set >= due) {
      due = set + 1;
      policy.inTime(atNs);
    }
  }

  /** The reflex of one set, queued by itself. */
  private final class ReflexWork implements Slice {
    private final int set;
    private final Criticality criticality;

    ReflexWork(int set, Criticality criticality) {
      this.set = set;
      this.criticality = criticality;
    }

    @Override
    public SliceKind kind() {
      return reflexKind;
    }

    @Override
    public Criticality criticality() {
      return criticality;
    }

    @Override
    public long deadlineNs() {
      // A reflex that is late is late, and done all the same: nothing else brakes.
      return criticality == Criticality.REFLEX
          ? Policy.NEVER
          : arrivals.captureNs()[set] + arrivals.budgetNs()[set] / 3;
    }

    @Override
    public Outcome run(long nowNs) {
      outcome.longestReflexWaitNs =
          Math.max(outcome.longestReflexWaitNs, nowNs - arrivals.readyNs()[set]);
      engine.reflex(set);
      outcome.reflexNs[set] = clock.nanoTime();
      return Outcome.DONE;
    }

    @Override
    public void expired(long nowNs) {}
  }

  /** The set with the engine. */
  private final class SetWork implements Slice {
    private final int[] kinds = new int[MOST_SLICES];
    private final int[] sizes = new int[MOST_SLICES];
    private final long[] tookNs = new long[MOST_SLICES];
    private int slices;
    private int set;
    private long captureNs;
    private long budgetNs;
    private boolean reflexFirst;
    private boolean begun;
    private boolean actionOut;
    private Policy.Stage stage = Policy.Stage.WAIT;

    void prepare(int next, long nowNs) {
      set = next;
      captureNs = arrivals.captureNs()[next];
      budgetNs = arrivals.budgetNs()[next];
      reflexFirst = policy.reflexClass() == null;
      begun = false;
      actionOut = false;
      slices = 0;
      stage = Policy.Stage.WAIT;
      outcome.started(next, decision, nowNs);
    }

    @Override
    public SliceKind kind() {
      return setKind;
    }

    @Override
    public Criticality criticality() {
      return policy.setClass(actionOut);
    }

    @Override
    public long deadlineNs() {
      return policy.dueNs(stage, captureNs, budgetNs);
    }

    @Override
    public Outcome run(long nowNs) {
      if (reflexFirst) {
        reflexFirst = false;
        engine.reflex(set);
        outcome.reflexNs[set] = clock.nanoTime();
        return Outcome.MORE;
      }
      long fromNs = nowNs;
      if (!begun) {
        begun = true;
        engine.begin(set, decision, policy.engineDueNs(captureNs, budgetNs));
        stage = Policy.Stage.ENCODE;
        fromNs = clock.nanoTime();
      }
      boolean more = engine.step(fromNs);
      long atNs = clock.nanoTime();
      book(Math.max(0, atNs - fromNs));
      if (!actionOut && engine.hasAction()) {
        actionOut = true;
        long outNs = atNs + engine.messageDelayNs(true, atNs);
        boolean early = engine.exit() < decision.exit();
        StreamRun.this.outcome.action(set, outNs, early);
        published(set, outNs);
      }
      if (more) {
        engine.between();
        stage = actionOut ? Policy.Stage.TEXT : stageOf(engine.kind());
        return Outcome.MORE;
      }
      if (decision.facts() > 0 && actionOut && engine.textWhole()) {
        StreamRun.this.outcome.text(set, atNs + engine.messageDelayNs(true, atNs));
      }
      end(true);
      return Outcome.DONE;
    }

    private Policy.Stage stageOf(int kind) {
      return kind < shape.assembleKind()
          ? Policy.Stage.ENCODE
          : kind <= shape.layerKinds()[shape.deepest()] ? Policy.Stage.LAYERS : Policy.Stage.ACTION;
    }

    private void book(long ns) {
      int kind = engine.kind();
      if (slices < MOST_SLICES && kind >= 0) {
        kinds[slices] = kind;
        sizes[slices] = engine.size();
        tookNs[slices] = ns;
        slices++;
      }
      outcome.busyNs += ns;
      outcome.longestSliceNs = Math.max(outcome.longestSliceNs, ns);
    }

    @Override
    public void expired(long nowNs) {
      if (begun) {
        engine.cut();
        if (!actionOut && engine.hasAction()) {
          actionOut = true;
          outcome.action(set, nowNs, engine.exit() < decision.exit());
          published(set, nowNs);
        }
      }
      end(false);
    }

    /** As {@code Pipeline} learns from a set. */
    private void end(boolean whole) {
      long nowNs = clock.nanoTime();
      if (!actionOut && periodNs > 0 && begun) {
        answered(set, false, nowNs + engine.messageDelayNs(false, nowNs));
      } else if (periodNs > 0 && !begun) {
        unanswered(set, nowNs);
      }
      int action = shape.layerKinds()[shape.deepest()] + 1;
      long actionNs = 0;
      long textNs = 0;
      int actionSize = 0;
      for (int i = 0; i < slices; i++) {
        policy.learn(kinds[i], sizes[i], tookNs[i]);
        if (kinds[i] == action) {
          actionNs += tookNs[i];
          actionSize = sizes[i];
        } else if (kinds[i] > action) {
          textNs += tookNs[i];
        }
      }
      if (actionNs > 0 && actionOut) {
        policy.learn(shape.actionKind(), actionSize, actionNs);
      }
      if (textNs > 0 && whole && engine.textWhole()) {
        policy.learn(shape.textKind(), shape.textSize(decision.facts(), engine.exit()), textNs);
      }
      busy = false;
      freeNs = nowNs + engine.turnaroundNs(nowNs);
    }
  }

  /** What became of each arrival. */
  public static final class Outcome {
    /** Nothing came. */
    public static final long NONE = Long.MAX_VALUE;

    private final String policy;
    private final Arrivals arrivals;
    private final WorkShape shape;
    private final long[] reflexNs; // (arrivals) when done
    private final long[] startNs; // (arrivals) when its set was taken
    private final long[] actionNs; // (arrivals) when published
    private final long[] textNs;
    private final boolean[] missed; // (arrivals) as the pipeline counts
    private final @Nullable Sight[] sights; // (arrivals) of what ran
    private final Decision[] decisions; // (arrivals that started)
    private int deadlines;
    private int deadlinesMissed;
    private long busyNs;
    private long longestSliceNs;
    private long longestReflexWaitNs;

    Outcome(String policy, Arrivals arrivals, WorkShape shape) {
      this.policy = policy;
      this.arrivals = arrivals;
      this.shape = shape;
      int count = arrivals.count();
      reflexNs = new long[count];
      startNs = new long[count];
      actionNs = new long[count];
      textNs = new long[count];
      missed = new boolean[count];
      sights = new Sight[count];
      decisions = new Decision[count];
      Arrays.fill(reflexNs, NONE);
      Arrays.fill(startNs, NONE);
      Arrays.fill(actionNs, NONE);
      Arrays.fill(textNs, NONE);
    }

    private void started(int set, Decision decision, long nowNs) {
      Decision copy = new Decision(shape.sensors());
      copy.copyFrom(decision);
      decisions[set] = copy;
      sights[set] = decision.sight();
      startNs[set] = nowNs;
    }

    private void action(int set, long atNs, boolean early) {
      actionNs[set] = atNs;
      Sight sight = sights[set];
      sights[set] = early && sight != null ? sight.atEarlyExit() : sight;
    }

    private void text(int set, long atNs) {
      textNs[set] = atNs;
    }

    /** Name of the policy. */
    public String policy() {
      return policy;
    }

    /** The arrivals. */
    public Arrivals arrivals() {
      return arrivals;
    }

    /** What was decided for a set; null when it never ran. */
    public @Nullable Decision decision(int set) {
      return decisions[set];
    }

    /** When a set's action was published, ns; {@link #NONE} = never. */
    public long actionNs(int set) {
      return actionNs[set];
    }

    /** When a set's text was published, ns; {@link #NONE} = never. */
    public long textNs(int set) {
      return textNs[set];
    }

    /** When a set's reflex was done, ns; {@link #NONE} = never. */
    public long reflexNs(int set) {
      return reflexNs[set];
    }

    /** When a set began to run, ns; {@link #NONE} = never. */
    public long startNs(int set) {
      return startNs[set];
    }

    /** Whether an instant had no action of its own or newer at its deadline. */
    public boolean missed(int set) {
      return missed[set];
    }

    /** Share of deadlines without an action, as the pipeline counts; NaN where arrivals are it. */
    public double missRatio() {
      return deadlines == 0 ? Double.NaN : (double) deadlinesMissed / deadlines;
    }

    /** Deadlines of a run by periods. */
    public int deadlines() {
      return deadlines;
    }

    /** Time spent in slices, ns. */
    public long busyNs() {
      return busyNs;
    }

    /** The longest slice of a set, ns. */
    public long longestSliceNs() {
      return longestSliceNs;
    }

    /** The longest that reflex work which is queued by itself waited, ns. */
    public long longestReflexWaitNs() {
      return longestReflexWaitNs;
    }

    /**
     * Figures of a window of arrivals.
     *
     * @param from first arrival of it
     * @param to behind the last
     */
    public Figures figures(int from, int to, Terms terms) {
      int count = Math.max(1, to - from);
      int reflexLate = late(reflexNs, from, to, terms.reflexNs(), true);
      int textLate = late(textNs, from, to, 0, false);
      int actionLate = 0;
      int unanswered = 0;
      double useful = 0;
      double usefulActions = 0;
      double quality = 0;
      int made = 0;
      for (int i = from; i < to; i++) {
        actionLate += missed[i] ? 1 : 0;
        boolean own =
            actionNs[i] != NONE && actionNs[i] - arrivals.captureNs()[i] <= arrivals.budgetNs()[i];
        unanswered += own ? 0 : 1;
        Sight sight = sights[i];
        Decision decided = decisions[i];
        if (sight == null || decided == null) {
          continue;
        }
        double ofAction = terms.worth().ofAction(sight);
        if (actionNs[i] != NONE) {
          made++;
          quality += ofAction;
          if (actionNs[i] - arrivals.captureNs()[i] <= terms.validNs()) {
            useful += ofAction;
            usefulActions += ofAction;
          }
        }
        if (textNs[i] != NONE && textNs[i] - arrivals.captureNs()[i] <= terms.validNs()) {
          useful += terms.worth().ofText(sight, decided.facts(), shape.facts(), shape.briefFacts());
        }
      }
      double[] ages = ages(from, to);
      return new Figures(
          (double) reflexLate / count,
          (double) actionLate / count,
          (double) textLate / count,
          (double) unanswered / count,
          useful / (2 * count),
          usefulActions / count,
          quantile(ages, 0.5),
          quantile(ages, 0.99),
          made == 0 ? 0 : quality / made,
          count);
    }

    /** Instants at whose deadline nothing of theirs or newer was there. */
    private int late(long[] doneNs, int from, int to, long fixedNs, boolean fromReady) {
      int late = 0;
      for (int i = from; i < to; i++) {
        long dueNs =
            fromReady
                ? arrivals.readyNs()[i] + fixedNs
                : arrivals.captureNs()[i] + arrivals.budgetNs()[i];
        boolean there = false;
        for (int j = i; j < doneNs.length && arrivals.readyNs()[j] <= dueNs && !there; j++) {
          there = doneNs[j] <= dueNs;
        }
        late += there ? 0 : 1;
      }
      return late;
    }

    /**
     * A quantile of the age of the newest action, looked at each millisecond of a window, ms.
     *
     * @param from first arrival of it
     * @param to behind the last
     */
    public double ageMs(int from, int to, double q) {
      return quantile(ages(from, to), q);
    }

    private double[] ages(int from, int to) {
      long startNs = arrivals.captureNs()[from] + arrivals.budgetNs()[from];
      long endNs = arrivals.captureNs()[Math.max(from, to - 1)];
      int most = (int) Math.max(1, (endNs - startNs) / 1_000_000L);
      double[] ages = new double[most];
      int newest = -1;
      int next = 0; // sets are published in the order of their captures
      for (int i = 0; i < most; i++) {
        long atNs = startNs + i * 1_000_000L;
        for (; next < actionNs.length && arrivals.readyNs()[next] <= atNs; next++) {
          if (actionNs[next] != NONE && actionNs[next] > atNs) {
            break;
          }
          newest = actionNs[next] == NONE ? newest : next;
        }
        ages[i] =
            newest < 0 ? Double.POSITIVE_INFINITY : (atNs - arrivals.captureNs()[newest]) * 1e-6;
      }
      return ages;
    }

    private static double quantile(double[] values, double q) {
      double[] sorted = values.clone();
      Arrays.sort(sorted);
      return sorted[Math.min(sorted.length - 1, (int) Math.floor(q * sorted.length))];
    }

    /**
     * How long after an instant the first of so many sets in a row at full level was published, s;
     * infinite when there are none. A set that never ran breaks the row only when it was missed.
     *
     * @param inRow sets in a row
     */
    public double recoveryS(long afterNs, int inRow) {
      int row = 0;
      long firstNs = 0;
      for (int i = arrivals.from(afterNs); i < arrivals.count(); i++) {
        Decision decided = decisions[i];
        boolean full =
            decided != null
                && sights[i] == Sight.WHOLE
                && actionNs[i] != NONE
                && !missed[i]
                && (textNs[i] != NONE && decided.facts() == shape.facts());
        if (!full) {
          row = 0;
          continue;
        }
        firstNs = row == 0 ? actionNs[i] : firstNs;
        if (++row == inRow) {
          return (firstNs - afterNs) * 1e-9;
        }
      }
      return Double.POSITIVE_INFINITY;
    }
  }

  /**
   * Figures of a window.
   *
   * @param reflexMisses share of sets whose reflex was late
   * @param actionMisses share of instants at whose deadline there was no action of theirs or newer
   * @param textMisses likewise for the text
   * @param unanswered share of sets that had no action of their very own in time
   * @param useful worth of actions and texts delivered while valid, of what whole ones of every set
   *     would be
   * @param usefulActions the same of actions alone
   * @param ageP50Ms age of the newest action, looked at each millisecond
   * @param quality mean worth of the actions made
   * @param sets in the window
   */
  public record Figures(
      double reflexMisses,
      double actionMisses,
      double textMisses,
      double unanswered,
      double useful,
      double usefulActions,
      double ageP50Ms,
      double ageP99Ms,
      double quality,
      int sets) {}
}
