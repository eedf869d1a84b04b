package saccade.realtime.schedule;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import saccade.realtime.clock.NanoClock;

/**
 * Hot path. Strict priority between classes, earliest deadline first inside a class (equal
 * deadlines: first come, first run). Slices are not interrupted, so the urgent one waits for one
 * slice at most; {@link SliceKind#longestNs()} says how long that is. Slices of several streams may
 * share it. Used by one thread; {@link Lane} brings slices from others, and gives it to another
 * thread where a slice never comes back ({@link #takeOff}).
 *
 * <p><b>Starvation bound.</b> A class below {@link Criticality#REFLEX} that has waited for the
 * bound while others ran gets one slice, whatever waits above it, and waits anew. So a class gets a
 * slice each bound, and who is more urgent loses one slice for each class below it in that time.
 * Nothing runs before reflex work.
 *
 * <p><b>Admission.</b> {@link #offerIfFits} takes work in only when its predicted end, behind all
 * that would run before it, is within its deadline. Work that goes on in a lower class than before
 * (a text behind its action) is offered there so, if it asks for that ({@link Slice#onlyIfItFits}).
 */
public final class EdfScheduler {

  /** What one turn came to. */
  enum Turn {
    /** Nothing is queued. */
    NOTHING,
    /** A slice had its turn. */
    RAN,
    /** The slice was taken off while it ran: the queue is another thread's now. */
    TAKEN_OFF
  }

  private static final long NOT_RUNNING = 0;

  private static final Criticality[] CLASSES = Criticality.values();

  /** No class is ever let through before a more urgent one. */
  public static final long NO_BOUND = Long.MAX_VALUE;

  private static final long NOT_WAITING = Long.MIN_VALUE;

  private final NanoClock clock;
  private final Heap[] heaps; // (classes)
  private final long starvationNs;
  private final long[] waitingSinceNs; // (classes) NOT_WAITING: empty, or just served
  private long nextTicket;
  private long refused;
  private long refusedBySlack;
  private long letThrough;
  // Whoever swaps the number of a running turn for NOT_RUNNING has the queue: the thread that runs
  // the slice, when it comes back, or the one that takes the slice off.
  private final AtomicLong runningTurn = new AtomicLong(NOT_RUNNING);
  private volatile @Nullable Slice running;
  private volatile long runningSinceNs;
  private @Nullable Slice last;
  private volatile @Nullable Slice inTurn;
  private long turns;
  private long takenOff;

  /**
   * @param clock read after each slice, to know how long it took
   * @param capacityPerClass most slices queued in a class
   */
  public EdfScheduler(NanoClock clock, int capacityPerClass) {
    this(clock, capacityPerClass, NO_BOUND);
  }

  /**
   * As the other one, with a starvation bound.
   *
   * @param starvationNs a class that has waited this long gets one slice; {@link #NO_BOUND} = never
   */
  public EdfScheduler(NanoClock clock, int capacityPerClass, long starvationNs) {
    if (starvationNs < 1) {
      throw new IllegalArgumentException(
          "expected a starvation bound of 1 ns or more, found " + starvationNs);
    }
    if (capacityPerClass < 1) {
      throw new IllegalArgumentException(
          "expected room for 1 slice or more, found " + capacityPerClass);
    }
    this.clock = clock;
    this.starvationNs = starvationNs;
    this.waitingSinceNs = new long[CLASSES.length];
    Arrays.fill(waitingSinceNs, NOT_WAITING);
    this.heaps = new Heap[CLASSES.length];
    for (int i = 0; i < heaps.length; i++) {
      heaps[i] = new Heap(capacityPerClass);
    }
  }

  /** Queues a slice; false when its class is full (counted). */
  public boolean offer(Slice slice) {
    Heap heap = heaps[slice.criticality().ordinal()];
    if (heap.isFull()) {
      refused++;
      return false;
    }
    heap.push(slice, slice.deadlineNs(), nextTicket++);
    return true;
  }

  /**
   * Queues a slice if it is predicted to end in time; reflex work always.
   *
   * @return false when it would be late, or its class is full (counted apart)
   */
  public boolean offerIfFits(Slice slice, long nowNs) {
    if (slice.criticality() != Criticality.REFLEX && slackNs(slice, nowNs) < 0) {
      refusedBySlack++;
      return false;
    }
    return offer(slice);
  }

  /**
   * Time left at the deadline of a slice that were offered now, ns, by prediction: behind all of
   * the classes above it and all of its own class that are due before it. Below 0: it would be
   * late.
   */
  public long slackNs(Slice slice, long nowNs) {
    long aheadNs = 0;
    int own = slice.criticality().ordinal();
    for (int c = 0; c < own; c++) {
      aheadNs += heaps[c].remainingNs(Long.MAX_VALUE);
    }
    aheadNs += heaps[own].remainingNs(slice.deadlineNs());
    return slice.deadlineNs() - nowNs - aheadNs - slice.remainingNs();
  }

  /**
   * Runs the most urgent slice, or its {@link Slice#expired} branch when its deadline is over.
   *
   * @param nowNs one clock reading for the cycle
   * @return the slice that had its turn; null when nothing is queued
   */
  public @Nullable Slice runNext(long nowNs) {
    return next(nowNs) == Turn.NOTHING ? null : last;
  }

  /** As {@link #runNext}, for a thread from which a slice may be taken. */
  Turn next(long nowNs) {
    int turn = nextClass(nowNs);
    if (turn < 0) {
      return Turn.NOTHING;
    }
    Slice slice = heaps[turn].pop();
    last = slice;
    waitingSinceNs[turn] = NOT_WAITING;
    inTurn = slice;
    Turn done = turn(slice, turn, nowNs);
    if (done != Turn.TAKEN_OFF) {
      inTurn = null; // else it is another thread's by now
    }
    return done;
  }

  /**
   * Any thread. The slice whose turn it is; after one that threw, whose it was: it is not queued
   * any more.
   */
  @Nullable Slice inTurn() {
    return inTurn;
  }

  /** A slice for which there is no room: its owner hears of it. */
  void turnAway(Slice slice, long nowNs) {
    inTurn = slice;
    expire(slice, nowNs);
    inTurn = null;
  }

  /** What a slice throws here is its owner's, as what it throws when it runs. */
  private static void expire(Slice slice, long nowNs) {
    slice.kind().recordExpired();
    try {
      slice.expired(nowNs);
    } catch (Throwable e) {
      slice.crashed(e);
    }
  }

  private int nextClass(long nowNs) {
    int first = -1;
    int starved = -1;
    for (int c = 0; c < heaps.length; c++) {
      if (heaps[c].size == 0) {
        waitingSinceNs[c] = NOT_WAITING;
        continue;
      }
      if (waitingSinceNs[c] == NOT_WAITING || waitingSinceNs[c] > nowNs) {
        waitingSinceNs[c] = nowNs; // also when the clock was set back
      }
      if (first < 0) {
        first = c;
      } else if (nowNs - waitingSinceNs[c] >= starvationNs
          && (starved < 0 || waitingSinceNs[c] < waitingSinceNs[starved])) {
        starved = c;
      }
    }
    if (starved < 0 || first == Criticality.REFLEX.ordinal()) {
      return first;
    }
    letThrough++;
    return starved;
  }

  private Turn turn(Slice slice, int from, long nowNs) {
    long deadlineNs = slice.deadlineNs();
    if (nowNs > deadlineNs) {
      expire(slice, nowNs);
      return Turn.RAN;
    }
    long number = ++turns;
    runningSinceNs = nowNs;
    running = slice;
    runningTurn.set(number);
    Slice.Outcome outcome = Slice.Outcome.DONE;
    Throwable thrown = null;
    try {
      outcome = slice.run(nowNs);
    } catch (Throwable e) {
      thrown = e;
    }
    if (!runningTurn.compareAndSet(number, NOT_RUNNING)) {
      leave(slice, outcome, thrown);
      return Turn.TAKEN_OFF;
    }
    running = null;
    if (thrown != null) {
      slice.crashed(thrown);
      return Turn.RAN;
    }
    long endNs = clock.nanoTime();
    slice.kind().recordRun(Math.max(0, endNs - nowNs), endNs > deadlineNs);
    if (outcome == Slice.Outcome.MORE) {
      again(slice, from, endNs);
    }
    return Turn.RAN;
  }

  /** Queues a slice that goes on; in a lower class it may have to fit. */
  private void again(Slice slice, int from, long nowNs) {
    boolean lower = slice.criticality().ordinal() > from;
    long refusedBefore = refusedBySlack;
    if (lower && slice.onlyIfItFits() ? offerIfFits(slice, nowNs) : offer(slice)) {
      return;
    }
    if (refusedBySlack == refusedBefore) {
      expire(slice, nowNs); // its class filled up meanwhile: cut short here
      return;
    }
    try {
      slice.refused(nowNs);
    } catch (Throwable e) {
      slice.crashed(e);
    }
  }

  /** It has come back after all: its owner hears of it, nobody else does. */
  private void leave(Slice slice, Slice.Outcome outcome, @Nullable Throwable thrown) {
    if (thrown != null) {
      slice.crashed(thrown);
    } else if (outcome == Slice.Outcome.MORE) {
      try {
        slice.expired(clock.nanoTime());
      } catch (Throwable e) {
        slice.crashed(e);
      }
    }
  }

  /**
   * Any thread. Takes a slice that hangs off the thread that runs it: that thread is left with it,
   * and the queue, with all else in it, is the caller's to give to another thread.
   *
   * @return false when this slice is not running, or has come back just now
   */
  boolean takeOff(Slice slice) {
    long number = runningTurn.get();
    if (number == NOT_RUNNING || running != slice) {
      return false;
    }
    // The same turn still: so it was this slice that was looked at.
    if (!runningTurn.compareAndSet(number, NOT_RUNNING)) {
      return false;
    }
    running = null;
    takenOff++;
    return true;
  }

  /** Any thread. The slice that runs; null when none does. */
  @Nullable Slice running() {
    return running;
  }

  /** Slices that were taken off the thread that ran them. */
  public long takenOff() {
    return takenOff;
  }

  /**
   * Any thread. How long the slice that runs has been running, ns; 0 when none does.
   *
   * @param nowNs in the domain of {@link #runNext}'s
   */
  public long runningForNs(long nowNs) {
    return running == null ? 0 : Math.max(0, nowNs - runningSinceNs);
  }

  /**
   * Any thread. Asks the slice that runs to come back, see {@link Slice#stop}; false: none runs.
   */
  public boolean stopRunning() {
    Slice slice = running;
    if (slice == null) {
      return false;
    }
    slice.stop();
    return true;
  }

  /** Slices that were not taken in because they were predicted to be late. */
  public long refusedBySlack() {
    return refusedBySlack;
  }

  /** Slices that ran before more urgent ones because their class had waited for the bound. */
  public long letThrough() {
    return letThrough;
  }

  /** Slices queued. */
  public int queued() {
    int sum = 0;
    for (Heap heap : heaps) {
      sum += heap.size;
    }
    return sum;
  }

  /** Slices that found their class full. */
  public long refused() {
    return refused;
  }

  /** A binary heap in arrays sized once, ordered by deadline, then by ticket. */
  private static final class Heap {
    private final @Nullable Slice[] slices;
    private final long[] deadlines;
    private final long[] tickets;
    private int size;

    Heap(int capacity) {
      slices = new Slice[capacity];
      deadlines = new long[capacity];
      tickets = new long[capacity];
    }

    /** Predicted time of all queued slices that are due until then. */
    long remainingNs(long dueNs) {
      long sum = 0;
      for (int i = 0; i < size; i++) {
        Slice slice = slices[i];
        if (slice != null && deadlines[i] <= dueNs) {
          sum += slice.remainingNs();
        }
      }
      return sum;
    }

    boolean isFull() {
      return size == slices.length;
    }

    void push(Slice slice, long deadlineNs, long ticket) {
      int at = size++;
      while (at > 0) {
        int parent = (at - 1) >>> 1;
        if (!before(deadlineNs, ticket, parent)) {
          break;
        }
        move(parent, at);
        at = parent;
      }
      put(at, slice, deadlineNs, ticket);
    }

    Slice pop() {
      Slice top = slices[0];
      if (top == null) {
        throw new IllegalStateException("expected a queued slice");
      }
      size--;
      Slice last = slices[size];
      long deadlineNs = deadlines[size];
      long ticket = tickets[size];
      slices[size] = null;
      if (size > 0 && last != null) {
        sink(last, deadlineNs, ticket);
      }
      return top;
    }

    private void sink(Slice slice, long deadlineNs, long ticket) {
      int at = 0;
      while (true) {
        int child = 2 * at + 1;
        if (child >= size) {
          break;
        }
        if (child + 1 < size && before(deadlines[child + 1], tickets[child + 1], child)) {
          child++;
        }
        if (before(deadlineNs, ticket, child)) {
          break;
        }
        move(child, at);
        at = child;
      }
      put(at, slice, deadlineNs, ticket);
    }

    private boolean before(long deadlineNs, long ticket, int other) {
      return deadlineNs < deadlines[other]
          || (deadlineNs == deadlines[other] && ticket < tickets[other]);
    }

    private void move(int from, int to) {
      slices[to] = slices[from];
      deadlines[to] = deadlines[from];
      tickets[to] = tickets[from];
    }

    private void put(int at, Slice slice, long deadlineNs, long ticket) {
      slices[at] = slice;
      deadlines[at] = deadlineNs;
      tickets[at] = ticket;
    }
  }
}
