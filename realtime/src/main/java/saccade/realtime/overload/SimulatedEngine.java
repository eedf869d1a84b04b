package saccade.realtime.overload;

import java.util.Arrays;
import java.util.List;
import saccade.realtime.deadline.Decision;
import saccade.realtime.deadline.WorkShape;
import saccade.realtime.stats.RecentQuantile;

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
  private static final int PATIENCE = 2; // refusals in a row, then slow times are forgotten

  private final WorkShape shape;
  private final List<String> names;
  private final SliceTimes times;
  private final RunClock.Simulated clock;
  private final double slower;
  private final int action; // kind of an action token; texts are above
  private final RecentQuantile[] expected; // (kinds up to the last block; then kinds x exits)
  private final int[] refusals; // (as expected) in a row
  private final int[] kinds = new int[MOST];
  private final int[] sizes = new int[MOST];
  private final long[] tookNs = new long[MOST];
  private final long[] gapsNs = new long[MOST]; // before it
  private int count;
  private int actionEnd; // slices to the action
  private int next;
  private int exit;
  private int facts;
  private boolean cut;
  private long deadlineNs;

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
    this.expected = new RecentQuantile[action + Math.max(1, names.size() - action) * blocks];
    Arrays.setAll(
        expected, i -> new RecentQuantile(WINDOW, QUANTILE, RecentQuantile.Forget.BY_WINDOW_ONLY));
    this.refusals = new int[expected.length];
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
      count++;
    }
  }

  @Override
  public boolean step(long nowNs) {
    long leftNs = deadlineNs == Policy.NEVER ? Policy.NEVER : deadlineNs - nowNs;
    leaveIfTheRestIsTooLong(leftNs, nowNs);
    int cell = cell(kinds[next]);
    if (leftNs < expected[cell].value()) {
      if (++refusals[cell] >= PATIENCE) { // or a kind that was slow once would never run again
        refusals[cell] = 0;
        expected[cell].reset();
      }
      cut = true;
      return false;
    }
    refusals[cell] = 0;
    clock.advance(tookNs[next]);
    expected[cell].record(tookNs[next]);
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
      restNs += expected[cell(kinds[i])].value();
    }
    if (leftNs < restNs) {
      exit = done;
      count = next;
      tokens(nowNs);
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
  public long messageDelayNs(long nowNs) {
    return times.messageDelayNs(nowNs);
  }
}
