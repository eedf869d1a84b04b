package saccade.realtime.schedule;

import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.os.ThreadPolicy;
import saccade.realtime.ring.Doorbell;

/**
 * Hot path after {@link #start}. One thread that runs slices of an {@link EdfScheduler}. Any thread
 * may submit; slices reach the lane through a Disruptor ring, so they are seen between two slices
 * and the lane sleeps when it has none. Several streams may submit to one lane: their slices take
 * turns by class and deadline.
 *
 * <p>A slice that throws is a defect: the lane stops, keeps the cause and hands it out at {@link
 * #close()}.
 */
public final class Lane implements AutoCloseable {

  private static final long LONGEST_SLEEP_NS = 100_000_000L;

  private static final class Inbound {
    @Nullable Slice slice;
  }

  private final String name;
  private final ThreadPolicy policy;
  private final NanoClock clock;
  private final EdfScheduler scheduler;
  private final Doorbell doorbell = new Doorbell();
  private final RingBuffer<Inbound> inbox;
  private final Sequence read = new Sequence();
  private final Thread thread;
  private final BooleanSupplier news = this::hasNews;
  private final AtomicLong refused = new AtomicLong();
  private volatile boolean stopping;
  private volatile @Nullable Throwable failure;
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
    this.name = name;
    this.policy = policy;
    this.clock = clock;
    this.scheduler = new EdfScheduler(clock, capacityPerClass, starvationNs);
    this.inbox =
        RingBuffer.createMultiProducer(
            Inbound::new, Math.max(2, Integer.highestOneBit(capacityPerClass * 2 - 1)), doorbell);
    this.inbox.addGatingSequences(read);
    this.thread = Thread.ofPlatform().name("lane-" + name).daemon(true).unstarted(this::work);
  }

  /** Set-up. Starts the thread. */
  public void start() {
    thread.start();
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
        if (scheduler.runNext(clock.nanoTime()) == null) {
          doorbell.await(news, LONGEST_SLEEP_NS);
        }
      }
    } catch (Throwable e) {
      failure = e;
      stopping = true;
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
        slice.kind().recordExpired();
        slice.expired(clock.nanoTime());
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

  /** Whether the thread has ended or is about to. */
  public boolean isStopped() {
    return stopping;
  }

  /**
   * Set-down. Lets the slice that runs end, leaves the rest unrun, waits for the thread.
   *
   * @throws IllegalStateException when a slice had thrown; the cause says what
   */
  @Override
  public void close() {
    stopping = true;
    doorbell.ring();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    Throwable cause = failure;
    if (cause != null) {
      throw new IllegalStateException("lane " + name + " stopped: a slice threw " + cause, cause);
    }
  }
}
