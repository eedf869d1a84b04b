package saccade.realtime.overload;

import java.util.List;
import saccade.realtime.deadline.Decision;
import saccade.realtime.deadline.WorkShape;

/**
 * Slices that only let time pass on a simulated clock: those that the real engine would run for the
 * same limits, in the same order.
 */
public final class SimulatedEngine implements Engine {
  private static final int MOST = 160; // slices of a set

  private final WorkShape shape;
  private final List<String> names;
  private final SliceTimes times;
  private final RunClock.Simulated clock;
  private final double slower;
  private final int[] kinds = new int[MOST];
  private final int[] sizes = new int[MOST];
  private final long[] tookNs = new long[MOST];
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
  public void begin(int set, Decision limits, long deadlineNs) {
    this.deadlineNs = deadlineNs;
    long nowNs = clock.nanoTime();
    clock.advance(times.startDelayNs(nowNs));
    count = 0;
    next = 0;
    cut = false;
    exit = limits.exit();
    facts = limits.facts();
    int rows = shape.ownTokens();
    for (int i = 0; i < shape.sensors(); i++) {
      if (limits.tokens(i) > 0) {
        rows += limits.tokens(i);
        put(shape.encodeKinds()[i], 0, times.tookNs(shape.encodeKinds()[i], 0, nowNs));
      }
    }
    put(shape.assembleKind(), 0, times.tookNs(shape.assembleKind(), 0, nowNs));
    for (int block = 0; block <= exit; block++) {
      int kind = shape.layerKinds()[block];
      put(kind, rows, times.tookNs(kind, rows, nowNs));
    }
    int size = shape.layersUpTo(exit) * WorkShape.SIZE_PER_LAYER;
    times.action(size, nowNs, this::put);
    actionEnd = count;
    if (facts > 0) {
      times.text(size, facts, nowNs, this::put);
    }
  }

  private void put(int kind, int size, long ns) {
    if (count < MOST) {
      kinds[count] = kind;
      sizes[count] = size;
      tookNs[count] = Math.max(1, Math.round(ns * slower));
      count++;
    }
  }

  @Override
  public boolean step(long nowNs) {
    if (nowNs + tookNs[next] > deadlineNs) { // as a session that knows what its slices take
      cut = true;
      return false;
    }
    clock.advance(tookNs[next]);
    next++;
    return next < count;
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
