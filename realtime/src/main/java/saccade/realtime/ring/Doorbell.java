package saccade.realtime.ring;

import com.lmax.disruptor.AlertException;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.WaitStrategy;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Hot path. Wakes one sleeping thread when any of the rings that share this bell gets a frame. Any
 * number of threads may ring, one thread waits. Nobody spins and nobody takes a lock; ringing costs
 * a fence while nobody sleeps.
 *
 * <p>It is the wait strategy of those rings, so {@code publish} rings it. Why no wake-up is lost:
 * the ringer stores its news, fences, then reads who sleeps; the sleeper stores that it sleeps,
 * fences, then looks for news. One of the two sees the other.
 */
public final class Doorbell implements WaitStrategy {

  /** Who sleeps or is about to; null while the thread works. */
  private volatile @Nullable Thread sleeper;

  /** A bell nobody waits at yet. */
  public Doorbell() {}

  /** Wakes the waiting thread, if it waits. */
  public void ring() {
    VarHandle.fullFence();
    Thread thread = sleeper;
    if (thread != null) {
      sleeper = null;
      LockSupport.unpark(thread);
    }
  }

  /**
   * Sleeps until {@code news} holds, the bell rings, or the time is over. May return early; the
   * caller looks for itself.
   *
   * @param news asked once after this thread is known as sleeper; must see what a ringer stored
   *     before it rang. Keep one instance: a fresh lambda for each call would allocate
   * @param timeoutNs longest sleep, ns; 0 or less returns at once
   * @return whether {@code news} held when asked last
   */
  public boolean await(BooleanSupplier news, long timeoutNs) {
    if (news.getAsBoolean()) {
      return true;
    }
    if (timeoutNs <= 0) {
      return false;
    }
    sleeper = Thread.currentThread();
    VarHandle.fullFence();
    if (!news.getAsBoolean()) {
      LockSupport.parkNanos(this, timeoutNs);
    }
    sleeper = null;
    return news.getAsBoolean();
  }

  /** For a Disruptor event processor on one ring; the pipeline thread uses {@link #await}. */
  @Override
  public long waitFor(
      long sequence, Sequence cursor, Sequence dependentSequence, SequenceBarrier barrier)
      throws AlertException {
    long available = dependentSequence.get();
    while (available < sequence) {
      barrier.checkAlert();
      sleeper = Thread.currentThread();
      VarHandle.fullFence();
      if (dependentSequence.get() < sequence && !barrier.isAlerted()) {
        LockSupport.park(this);
      }
      sleeper = null;
      available = dependentSequence.get();
    }
    return available;
  }

  @Override
  public void signalAllWhenBlocking() {
    ring();
  }
}
