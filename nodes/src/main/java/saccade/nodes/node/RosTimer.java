package saccade.nodes.node;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A timer by ROS time. On wall time it sleeps until it is due; on simulated time each tick looks
 * whether it is.
 */
final class RosTimer implements Registration {
  private final RosClock clock;
  private final ScheduledThreadPoolExecutor worker;
  private final long periodNs;
  private final Runnable callback;
  private final Registration ticks;
  private final Registration jumps;
  private final Consumer<AutoCloseable> forget;
  // guarded by this
  private long dueNs;
  private boolean sleeping;
  private boolean queued;
  private boolean closed;

  RosTimer(
      RosClock clock,
      ScheduledThreadPoolExecutor worker,
      long periodNs,
      Runnable callback,
      Consumer<AutoCloseable> forget) {
    this.forget = forget;
    this.clock = clock;
    this.worker = worker;
    this.periodNs = Math.max(1, periodNs);
    this.callback = callback;
    dueNs = clock.nowNs() + this.periodNs;
    ticks = clock.onTick(this::look);
    jumps = clock.onJump(jump -> restart(jump.toNs()));
    look();
  }

  private synchronized void restart(long nowNs) {
    dueNs = nowNs + periodNs;
    look();
  }

  private synchronized void look() {
    if (closed || queued) {
      return;
    }
    if (!clock.isValid()) {
      return;
    }
    long leftNs = dueNs - clock.nowNs();
    try {
      if (leftNs <= 0) {
        queued = true;
        worker.execute(this::fire);
      } else if (!clock.isSimulated() && !sleeping) {
        sleeping = true;
        var unused = worker.schedule(this::wake, leftNs, TimeUnit.NANOSECONDS);
      }
    } catch (RejectedExecutionException e) {
      closed = true; // the node is closing
    }
  }

  private synchronized void wake() {
    sleeping = false;
    look();
  }

  private void fire() {
    synchronized (this) {
      queued = false;
      if (closed) {
        return;
      }
      // Periods that passed unseen are left out, as rcl's timers do.
      long lateNs = Math.max(0, clock.nowNs() - dueNs);
      dueNs += (lateNs / periodNs + 1) * periodNs;
    }
    callback.run();
    look();
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    forget.accept(this);
    ticks.close();
    jumps.close();
  }
}
