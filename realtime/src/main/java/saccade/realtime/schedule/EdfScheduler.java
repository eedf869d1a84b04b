package saccade.realtime.schedule;

import org.jspecify.annotations.Nullable;
import saccade.realtime.clock.NanoClock;

/**
 * Hot path. Strict priority between classes, earliest deadline first inside a class (equal
 * deadlines: first come, first run). Slices are not interrupted, so the urgent one waits for one
 * slice at most; {@link SliceKind#longestNs()} says how long that is. Used by one thread; {@link
 * Lane} brings slices from others.
 */
public final class EdfScheduler {

  private static final Criticality[] CLASSES = Criticality.values();

  private final NanoClock clock;
  private final Heap[] heaps; // (classes)
  private long nextTicket;
  private long refused;

  /**
   * @param clock read after each slice, to know how long it took
   * @param capacityPerClass most slices queued in a class
   */
  public EdfScheduler(NanoClock clock, int capacityPerClass) {
    if (capacityPerClass < 1) {
      throw new IllegalArgumentException(
          "expected room for 1 slice or more, found " + capacityPerClass);
    }
    this.clock = clock;
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
   * Runs the most urgent slice, or its {@link Slice#expired} branch when its deadline is over.
   *
   * @param nowNs one clock reading for the cycle
   * @return the slice that had its turn; null when nothing is queued
   */
  public @Nullable Slice runNext(long nowNs) {
    for (Heap heap : heaps) {
      if (heap.size > 0) {
        Slice slice = heap.pop();
        turn(slice, nowNs);
        return slice;
      }
    }
    return null;
  }

  private void turn(Slice slice, long nowNs) {
    long deadlineNs = slice.deadlineNs();
    if (nowNs > deadlineNs) {
      slice.kind().recordExpired();
      slice.expired(nowNs);
      return;
    }
    Slice.Outcome outcome = slice.run(nowNs);
    long endNs = clock.nanoTime();
    slice.kind().recordRun(endNs - nowNs, endNs > deadlineNs);
    if (outcome == Slice.Outcome.MORE && !offer(slice)) {
      slice.kind().recordExpired(); // its class filled up meanwhile: cut short here
      slice.expired(endNs);
    }
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
