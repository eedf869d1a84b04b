package saccade.realtime.overload;

import java.util.Arrays;
import java.util.List;
import saccade.realtime.deadline.Decision;
import saccade.realtime.deadline.WorkShape;

/**
 * Slices that only let time pass on a simulated clock: those that the real engine would run for the
 * same limits, in the same order.
 *
 * <p>It knows beforehand what a slice will take no better than a session does, which goes by the
 * newest times of its kind: a slice that was expected to fit may end behind the deadline. As there,
 * an earlier exit that may decide is taken when the rest would not fit, and the set ends when the
 * next slice would not.
 */
public final class SimulatedEngine implements Engine {
  private static final int MOST = 160; // slices of a set
  private static final int WINDOW = 32; // times of a kind that a prediction goes by
  private static final double QUANTILE = 0.9;
  private static final int FIRST_PATIENCE = 2; // refusals in a row, then all times are forgotten
  private static final int PATIENCE = 16; // from then on
  private static final int HOPELESS = 16; // times less time than expected says nothing of a kind

  private final WorkShape shape;
  private final List<String> names;
  private final SliceTimes times;
  private final RunClock.Simulated clock;
  private final double slower;
  private final int action; // kind of an action token; texts are above
  private final Expected[] expected; // (kinds up to the last block; then kinds x exits)
  private final int[] kinds = new int[MOST];
  private final int[] sizes = new int[MOST];
  private final long[] tookNs = new long[MOST];
  private final long[] gapsNs = new long[MOST]; // before it
  private final long[] recordedNs = new long[MOST]; // what a session expected of it
  private int count;
  private int actionEnd; // slices to the action
  private int next;
  private int exit;
  private int facts;
  private boolean cut;
  private long deadlineNs;
  private long beganNs; // the set

  /**
   * An engine without a set.
   *
   * @param slower factor on every time
   */
  public SimulatedEngine(
      WorkShape shape,
      List<String> names,
      SliceTimes times,
      RunClock.Simulated clock,
      double slower) {
    this.shape = shape;
    this.names = names;
    this.times = times;
    this.clock = clock;
    this.slower = slower;
    this.action = shape.layerKinds()[shape.deepest()] + 1;
    int blocks = shape.deepest() + 1;
    this.expected = new Expected[action + Math.max(1, names.size() - action) * blocks];
    Arrays.setAll(expected, i -> new Expected());
  }

  @Override
  public WorkShape shape() {
    return shape;
  }

  @Override
  public List<String> kindNames() {
    return names;
  }

  @Override
  public void handOver() {
    clock.advance(times.startDelayNs(clock.nanoTime()));
  }

  @Override
  public void between() {
    if (next < count) {
      clock.advance(gapsNs[next]);
    }
  }

  @Override
  public long turnaroundNs(long nowNs) {
    return times.turnaroundNs(nowNs);
  }

  @Override
  public void begin(int set, Decision limits, long until) {
    deadlineNs = until;
    long nowNs = clock.nanoTime();
    beganNs = nowNs;
    count = 0;
    next = 0;
    cut = false;
    exit = limits.exit();
    facts = limits.facts();
    int rows = shape.ownTokens();
    for (int i = 0; i < shape.sensors(); i++) {
      if (limits.tokens(i) > 0) {
        rows += limits.tokens(i);
        put(shape.encodeKinds()[i], 0, times.tookNs(shape.encodeKinds()[i], 0, nowNs), nowNs);
      }
    }
    put(shape.assembleKind(), 0, times.tookNs(shape.assembleKind(), 0, nowNs), nowNs);
    for (int block = 0; block <= exit; block++) {
      int kind = shape.layerKinds()[block];
      put(kind, rows, times.tookNs(kind, rows, nowNs), nowNs);
    }
    tokens(nowNs);
  }

  /** Action and text at the exit, behind what there is. */
  private void tokens(long nowNs) {
    int size = shape.layersUpTo(exit) * WorkShape.SIZE_PER_LAYER;
    times.action(size, nowNs, (kind, work, ns) -> put(kind, work, ns, nowNs));
    actionEnd = count;
    if (facts > 0) {
      times.text(size, facts, nowNs, (kind, work, ns) -> put(kind, work, ns, nowNs));
    }
  }

  private void put(int kind, int size, long ns, long nowNs) {
    if (count < MOST) {
      kinds[count] = kind;
      sizes[count] = size;
      tookNs[count] = Math.max(1, Math.round(ns * slower));
      gapsNs[count] = times.gapNs(kind, nowNs);
      recordedNs[count] = times.expectedNs(kind, size, nowNs);
      count++;
    }
  }

  @Override
  public boolean step(long nowNs) {
    long leftNs = deadlineNs == Policy.NEVER ? Policy.NEVER : deadlineNs - nowNs;
    leaveIfTheRestIsTooLong(leftNs, nowNs);
    Expected kind = expected[cell(kinds[next])];
    if (leftNs < expectedNs(next)) {
      kind.refused(leftNs);
      cut = true;
      return false;
    }
    clock.advance(tookNs[next]);
    kind.took(tookNs[next]);
    next++;
    return next < count;
  }

  /** An exit that may decide is taken when the layers above it and the action would not fit. */
  private void leaveIfTheRestIsTooLong(long leftNs, long nowNs) {
    int first = shape.layerKinds()[0];
    int done = kinds[next] - first - 1; // last block that ran
    if (kinds[next] <= first || kinds[next] >= action || !shape.mayDecide()[done]) {
      return;
    }
    long restNs = 0;
    for (int i = next; i < actionEnd; i++) {
      restNs += expectedNs(i);
    }
    if (leftNs < restNs) {
      exit = done;
      count = next;
      tokens(nowNs);
    }
  }

  /** What the session of a recorded run expected then, or one would expect that ran these sets. */
  private long expectedNs(int slice) {
    return recordedNs[slice] == SliceTimes.NOT_RECORDED
        ? expected[cell(kinds[slice])].ns
        : Math.round(recordedNs[slice] * slower);
  }

  /**
   * What a session expects a kind of slice to take. A kind that is refused is not measured, so that
   * its slow times would stay for ever: the slowest goes with each refusal that the fastest would
   * not have deserved, and all of them after several others.
   */
  private static final class Expected {
    private final long[] newest = new long[WINDOW]; // oldest first
    private int count;
    private int refusals; // in a row
    private int patience = FIRST_PATIENCE;
    private long ns; // 0 = nothing is known

    void took(long tookNs) {
      refusals = 0;
      if (count == WINDOW) {
        forget(0);
      }
      newest[count++] = tookNs;
      settle();
    }

    void refused(long leftNs) {
      refusals++;
      if (count == 0 || leftNs <= 0) {
        return;
      }
      int slowest = 0;
      long fastestNs = newest[0];
      for (int i = 1; i < count; i++) {
        slowest = newest[i] > newest[slowest] ? i : slowest;
        fastestNs = Math.min(fastestNs, newest[i]);
      }
      if (leftNs >= fastestNs) {
        forget(slowest);
      } else if (refusals >= patience && leftNs >= ns / HOPELESS) {
        patience = PATIENCE;
        count = 0;
      }
      settle();
    }

    private void forget(int index) {
      count--;
      System.arraycopy(newest, index + 1, newest, index, count - index);
    }

    private void settle() {
      long[] sorted = Arrays.copyOf(newest, count);
      Arrays.sort(sorted);
      ns = count == 0 ? 0 : sorted[(int) Math.ceil(QUANTILE * count) - 1];
    }
  }

  private int cell(int kind) {
    return kind < action ? kind : action + (kind - action) * (shape.deepest() + 1) + exit;
  }

  @Override
  public int kind() {
    return next == 0 ? -1 : kinds[next - 1];
  }

  @Override
  public int size() {
    return next == 0 ? 0 : sizes[next - 1];
  }

  @Override
  public boolean hasAction() {
    return next >= actionEnd && actionEnd > 0;
  }

  @Override
  public int exit() {
    return exit;
  }

  @Override
  public boolean textWhole() {
    return facts > 0 && next == count && !cut;
  }

  @Override
  public void cut() {
    cut = true;
  }

  @Override
  public void reflex(int set) {
    clock.advance(Math.round(times.reflexNs() * slower));
  }

  @Override
  public long messageDelayNs(boolean acted, long nowNs) {
    return times.messageDelayNs(acted, beganNs); // as of the set that ran then
  }
}
