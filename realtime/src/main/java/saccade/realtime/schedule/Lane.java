package saccade.realtime.schedule;

import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.os.ThreadEnd;
import saccade.realtime.os.ThreadPolicy;
import saccade.realtime.ring.Doorbell;

/**
 * Hot path after {@link #start}. One thread that runs slices of an {@link EdfScheduler}. Any thread
 * may submit; slices reach the lane through a Disruptor ring, so they are seen between two slices
 * and the lane sleeps when it has none. Several streams may submit to one lane: their slices take
 * turns by class and deadline.
 *
 * <p>A slice that throws is a defect: its owner hears of it ({@link Slice#crashed}) and the lane
 * goes on; where the owner does not expect it the lane stops, keeps the cause and hands it out at
 * {@link #close()}, unless another thread goes on with the queue before, see {@link #revive}. A
 * slice that never comes back can be taken off the lane with {@link #renew}: everything else that
 * is queued stays and is run by another thread.
 */
public final class Lane implements AutoCloseable {

  private static final long LONGEST_SLEEP_NS = 100_000_000L;
  private static final long REVIVALS_APART_NS = 100_000_000L; // one that dies at once is no loop

  private static final class Inbound {
    @Nullable Slice slice;
  }

  private final String name;
  private final ThreadPolicy policy;
  private final ThreadFactory threads;
  private final NanoClock clock;
  private final EdfScheduler scheduler;
  private final Doorbell doorbell = new Doorbell();
  private final RingBuffer<Inbound> inbox;
  private final Sequence read = new Sequence();
  private volatile Thread thread;
  private final BooleanSupplier news = this::hasNews;
  private final AtomicLong refused = new AtomicLong();
  private volatile boolean stopping;
  private volatile @Nullable Throwable failure;
  private volatile @Nullable Throwable lastFailure;
  private volatile @Nullable Slice lost;
  private boolean closing; // guarded by this
  private volatile int revivals; // written under this
  private long revivedNs; // guarded by this
  private volatile ThreadPolicy.@Nullable Found granted;

  /**
   * @param capacityPerClass most slices queued in a class; the inbox holds as many, rounded up to a
   *     power of two
   */
  public Lane(String name, NanoClock clock, int capacityPerClass) {
    this(name, clock, capacityPerClass, ThreadPolicy.AS_IS);
  }

  /**
   * A lane whose thread asks something of the operating system.
   *
   * @param capacityPerClass most slices queued in a class; the inbox holds as many, rounded up to a
   *     power of two
   * @param policy asked for by the thread before its first slice; see {@link #granted}
   */
  public Lane(String name, NanoClock clock, int capacityPerClass, ThreadPolicy policy) {
    this(name, clock, capacityPerClass, EdfScheduler.NO_BOUND, policy);
  }

  /**
   * As the other one, with a starvation bound, see {@link EdfScheduler}.
   *
   * @param starvationNs a class that has waited this long gets one slice
   */
  public Lane(
      String name, NanoClock clock, int capacityPerClass, long starvationNs, ThreadPolicy policy) {
    this(
        name,
        clock,
        capacityPerClass,
        starvationNs,
        policy,
        work -> Thread.ofPlatform().name("lane-" + name).daemon(true).unstarted(work));
  }

  /**
   * As the other one, with threads of one's own.
   *
   * @param threads makes them, not started
   */
  Lane(
      String name,
      NanoClock clock,
      int capacityPerClass,
      long starvationNs,
      ThreadPolicy policy,
      ThreadFactory threads) {
    this.name = name;
    this.policy = policy;
    this.threads = threads;
    this.clock = clock;
    this.scheduler = new EdfScheduler(clock, capacityPerClass, starvationNs);
    this.inbox =
        RingBuffer.createMultiProducer(
            Inbound::new, Math.max(2, Integer.highestOneBit(capacityPerClass * 2 - 1)), doorbell);
    this.inbox.addGatingSequences(read);
    this.thread = threads.newThread(this::work);
  }

  /** Set-up. Starts the thread; no effect when it has been started. */
  public synchronized void start() {
    if (thread.getState() == Thread.State.NEW) {
      thread.start();
    }
  }

  /**
   * Any thread. Takes a slice that hangs off the lane, together with the thread that is inside it;
   * another thread runs what is queued. When the slice comes back after all it is told {@link
   * Slice#expired}, and its thread ends.
   *
   * @return false when that slice is not running (any more), the lane stops, or there is no other
   *     thread to be had: nothing is changed
   */
  public synchronized boolean renew(Slice hung) {
    if (stopping || scheduler.running() != hung) {
      return false;
    }
    // There first, so that the queue is never without one.
    CompletableFuture<Boolean> itsTurn = new CompletableFuture<>();
    Thread next =
        threads.newThread(
            () -> {
              if (itsTurn.join()) {
                work();
              }
            });
    if (!isStarted(next)) {
      return false;
    }
    boolean taken = scheduler.takeOff(hung);
    if (taken) {
      thread = next;
    }
    itsTurn.complete(taken);
    return taken;
  }

  private static boolean isStarted(Thread thread) {
    try {
      thread.start();
      return true;
    } catch (OutOfMemoryError e) {
      return false; // what the machine says when it gives no more threads
    }
  }

  /**
   * Any thread. Where the lane has stopped by itself ({@link #failure}): another thread goes on
   * with what is queued, all but the slice that stopped it ({@link #lost}). Not twice within 100
   * ms.
   *
   * @return false when it has not stopped by itself, is being closed, or there is no thread to be
   *     had: nothing is changed
   */
  public synchronized boolean revive() {
    Throwable cause = failure;
    long nowNs = clock.nanoTime();
    if (cause == null || closing || (revivals > 0 && nowNs - revivedNs < REVIVALS_APART_NS)) {
      return false;
    }
    Thread ended = thread;
    Thread next = threads.newThread(this::work);
    thread = next;
    failure = null;
    stopping = false;
    if (!isStarted(next)) {
      thread = ended;
      failure = cause;
      stopping = true;
      return false;
    }
    lastFailure = cause;
    revivals++;
    revivedNs = nowNs;
    return true;
  }

  /** How often another thread took over from one that had ended by a defect. */
  public int revivals() {
    return revivals;
  }

  /** What made the lane stop by itself last, also where it goes on since; null: nothing did. */
  public @Nullable Throwable lastFailure() {
    Throwable now = failure;
    return now == null ? lastFailure : now;
  }

  /** The slice in whose turn the lane stopped by itself last; null: in none. */
  @Nullable Slice lost() {
    return lost;
  }

  /** Any thread. The slice that runs; null when none does. */
  public @Nullable Slice running() {
    return scheduler.running();
  }

  /** Any thread. Hands a slice over; false when the inbox is full or the lane stops (counted). */
  public boolean submit(Slice slice) {
    if (stopping || !inbox.tryPublishEvent(Lane::put, slice)) {
      refused.incrementAndGet();
      return false;
    }
    return true;
  }

  private static void put(Inbound inbound, long sequence, Slice slice) {
    inbound.slice = slice;
  }

  private void work() {
    try {
      granted = policy.applyToThisThread();
      while (!stopping) {
        drainInbox();
        switch (scheduler.next(clock.nanoTime())) {
          case NOTHING -> doorbell.await(news, LONGEST_SLEEP_NS);
          case RAN -> {}
          case TAKEN_OFF -> {
            return; // the lane is another thread's
          }
        }
      }
    } catch (Throwable e) {
      stopBy(e);
    }
  }

  /** One that was taken off with its slice may break too: that is not the lane's any more. */
  private synchronized void stopBy(Throwable cause) {
    if (thread == Thread.currentThread()) {
      lost = scheduler.inTurn();
      stopping = true;
      failure = cause;
    }
  }

  private boolean hasNews() {
    return stopping || inbox.isAvailable(read.get() + 1);
  }

  private void drainInbox() {
    long next = read.get() + 1;
    while (inbox.isAvailable(next)) {
      Inbound inbound = inbox.get(next);
      Slice slice = inbound.slice;
      inbound.slice = null;
      read.set(next);
      next++;
      if (slice != null && !scheduler.offer(slice)) {
        refused.incrementAndGet();
        scheduler.turnAway(slice, clock.nanoTime());
      }
    }
  }

  /** Any thread. How long the slice that runs has been running, ns; 0 when none does. */
  public long runningForNs() {
    return scheduler.runningForNs(clock.nanoTime());
  }

  /**
   * Any thread. Asks the slice that runs to come back, see {@link Slice#stop}; false: none runs.
   */
  public boolean stopRunning() {
    return scheduler.stopRunning();
  }

  /** What made the lane stop by itself; null while it works, or when it was closed. */
  public @Nullable Throwable failure() {
    return failure;
  }

  /** What the thread got of its policy, read back; null before it runs. */
  public ThreadPolicy.@Nullable Found granted() {
    return granted;
  }

  /** Slices that were not taken in. */
  public long refused() {
    return refused.get();
  }

  /** Its scheduler, for counts; exact after {@link #close}. */
  public EdfScheduler scheduler() {
    return scheduler;
  }

  /** Its name. */
  public String name() {
    return name;
  }

  /** Whether the thread has ended or is about to. */
  public boolean isStopped() {
    return stopping;
  }

  /** Any thread. No slice is begun any more; the thread ends when the one that runs does. */
  public synchronized void stop() {
    closing = true;
    stopping = true;
    doorbell.ring();
  }

  /** Set-down. Lets the slice that runs end, leaves the rest unrun, waits for the thread. */
  void end() {
    stop();
    ThreadEnd.await(thread);
  }

  /**
   * Set-down. Lets the slice that runs end, leaves the rest unrun, waits for the thread.
   *
   * @throws IllegalStateException when a slice had thrown; the cause says what
   */
  @Override
  public void close() {
    end();
    Throwable cause = failure;
    if (cause != null) {
      throw new IllegalStateException("lane " + name + " stopped: a slice threw " + cause, cause);
    }
  }
}
