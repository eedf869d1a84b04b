package saccade.realtime.schedule;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Hot path. What slices of one sort have cost so far ({@code encode.camera}, {@code decode.0},
 * ...). Written by the lane thread, read by any; the numbers of one kind are each right, not a
 * snapshot together.
 */
public final class SliceKind {

  private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int RUNS = 0;
  private static final int EXPIRED = 1;
  private static final int OVERRUNS = 2;
  private static final int LONGEST = 3;
  private static final int TOTAL = 4;

  private final String name;
  private final long[] cells = new long[5];

  public SliceKind(String name) {
    this.name = name;
  }

  void recordRun(long durationNs, boolean pastDeadline) {
    add(RUNS, 1);
    add(TOTAL, durationNs);
    if (pastDeadline) {
      add(OVERRUNS, 1);
    }
    if (durationNs > get(LONGEST)) {
      CELL.setOpaque(cells, LONGEST, durationNs);
    }
  }

  void recordExpired() {
    add(EXPIRED, 1);
  }

  /** Set-up, while no slice of it runs. Counts anew. */
  public void clear() {
    for (int i = 0; i < cells.length; i++) {
      CELL.setOpaque(cells, i, 0L);
    }
  }

  private void add(int cell, long amount) {
    CELL.setOpaque(cells, cell, get(cell) + amount); // one writer
  }

  private long get(int cell) {
    return (long) CELL.getOpaque(cells, cell);
  }

  public String name() {
    return name;
  }

  /** Slices run. */
  public long runs() {
    return get(RUNS);
  }

  /** Slices whose deadline was over before they could start: {@link Slice#expired} ran instead. */
  public long expiredBeforeStart() {
    return get(EXPIRED);
  }

  /** Slices that started in time and ended past their deadline. */
  public long endedLate() {
    return get(OVERRUNS);
  }

  /** Deadlines missed either way. */
  public long missed() {
    return expiredBeforeStart() + endedLate();
  }

  /** The longest a more urgent slice had to wait for one of this kind, ns. */
  public long longestNs() {
    return get(LONGEST);
  }

  /** Time spent in slices of this kind, ns. */
  public long totalNs() {
    return get(TOTAL);
  }

  @Override
  public String toString() {
    return name
        + ": run "
        + runs()
        + ", expired "
        + expiredBeforeStart()
        + ", ended late "
        + endedLate()
        + ", longest "
        + longestNs()
        + " ns";
  }
}
