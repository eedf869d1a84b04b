package saccade.nodes.rcl;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import saccade.nodes.ros.RosFault;

/**
 * The one receive thread of a context: waits on all subscriptions, services and clients at once and
 * calls their owners. Hot path inside, set-up at its edges.
 *
 * <pre>
 *   rebuild the wait set if something was added or removed ─► clear, add all ─► rcl_wait
 *        ▲                                                                          │
 *        └──── tasks (removals) ◄── events, every 100 ms ◄── graph ◄── ready() of each that is ready
 * </pre>
 *
 * What is in the wait set is released on this thread only, between two waits, so that rcl_wait
 * never looks at a handle that is gone.
 */
final class WaitLoop implements Runnable {

  /**
   * How often events are looked for; they are rare, and each one in the wait set would slow down
   * every wait.
   */
  static final long EVENT_PERIOD_NS = 100_000_000L;

  private static final int WAIT_SET_SUBSCRIPTIONS = 0;
  private static final int WAIT_SET_GUARD_CONDITIONS = 16;
  private static final int WAIT_SET_CLIENTS = 48;
  private static final int WAIT_SET_SERVICES = 64;

  /** What an entity is to the wait set. */
  enum Kind {
    SUBSCRIPTION,
    SERVICE,
    CLIENT,
    /** Has events only. */
    PUBLISHER
  }

  /**
   * Something the loop looks after. All but {@link #kind} and {@link #handle} are called on the
   * loop's thread.
   */
  interface Waitable {
    Kind kind();

    /** Address of the rcl struct, the same until released. */
    long handle();

    /** Takes what is there. */
    void ready(SerializedMessage scratch);

    /** Looks for events. */
    void pollEvents();
  }

  /** Called for what the loop cannot tell anyone else, and when the graph changed. */
  interface Watcher {
    /** The graph changed; must return at once. */
    void graphChanged();

    /** Waiting failed, or a callback threw what nobody caught; the loop goes on after a pause. */
    void failed(Throwable fault);
  }

  private final MemorySegment context;
  private final Watcher watcher;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Waitable> waitables = new ArrayList<>();
  private final List<Long> graphConditions = new ArrayList<>();
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
  private final Thread thread;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment wake;
  private final MemorySegment waitSet;
  private final SerializedMessage scratch;
  private final Runnable finish;
  private volatile boolean changed = true;
  private volatile boolean stopping;
  private volatile boolean finished;

  private Waitable[] subscriptions = new Waitable[0];
  private Waitable[] services = new Waitable[0];
  private Waitable[] clients = new Waitable[0];
  private Waitable[] all = new Waitable[0];
  private long graphCondition;
  private MemorySegment readySubscriptions = MemorySegment.NULL;
  private MemorySegment readyServices = MemorySegment.NULL;
  private MemorySegment readyClients = MemorySegment.NULL;
  private MemorySegment readyConditions = MemorySegment.NULL;

  /**
   * A loop that {@link #start} starts.
   *
   * @param context rcl_context_t, initialised, alive until {@code finish} has run
   * @param finish runs on the loop's thread as the very last, when nothing of ours is left in the
   *     context
   */
  WaitLoop(MemorySegment context, String name, Watcher watcher, Runnable finish) {
    this.context = context;
    this.watcher = watcher;
    this.finish = finish;
    wake = arena.allocate(RclAbi.GUARD_CONDITION, 8);
    waitSet = arena.allocate(RclAbi.WAIT_SET, 8);
    boolean made = false;
    try {
      Rcl.check(Rcl.guardConditionInit(wake, context), "guard condition");
      try {
        checkWaitSetLayout();
        Rcl.check(Rcl.waitSetInit(waitSet, 0, 1, 0, 0, 0, 0, context), "wait set");
        scratch = SerializedMessage.growing(arena);
        made = true;
      } finally {
        if (!made) {
          Rcl.call(Rcl.GUARD_CONDITION_FINI, wake.address());
        }
      }
    } finally {
      if (!made) {
        arena.close();
      }
    }
    thread = new Thread(this, name);
    thread.setDaemon(true);
  }

  /** A wait set of six different sizes must show them where we read them. */
  private void checkWaitSetLayout() {
    try (Arena probeArena = Arena.ofConfined()) {
      MemorySegment probe = probeArena.allocate(RclAbi.WAIT_SET, 8);
      Rcl.check(Rcl.waitSetInit(probe, 1, 2, 3, 4, 5, 6, context), "wait set");
      try {
        for (int i = 0; i < 6; i++) {
          long found = probe.get(JAVA_LONG, 8 + 16L * i);
          if (found != i + 1) {
            throw new RosFault(
                "rcl_wait_set_t of this librcl has "
                    + found
                    + " at offset "
                    + (8 + 16 * i)
                    + ", wanted "
                    + (i + 1)
                    + ": this version is not known; use the Zenoh transport");
          }
        }
      } finally {
        Rcl.check(Rcl.call(Rcl.WAIT_SET_FINI, probe.address()), "wait set");
      }
    }
  }

  void start() {
    thread.start();
  }

  /** Begins to look after an entity. */
  void add(Waitable waitable) {
    lock.lock();
    try {
      waitables.add(waitable);
      changed = true;
    } finally {
      lock.unlock();
    }
    wake();
  }

  /** Begins to watch the graph through a node's guard condition. */
  void addGraphCondition(long condition) {
    lock.lock();
    try {
      graphConditions.add(condition);
      changed = true;
    } finally {
      lock.unlock();
    }
    wake();
  }

  /** Ceases to look after an entity, then releases it; see {@link #between}. */
  void remove(Waitable waitable, Runnable release) {
    between(
        () -> {
          forget(() -> waitables.remove(waitable));
          release.run();
        });
  }

  /**
   * Ceases to watch the graph through a node's guard condition, then releases it; see {@link
   * #between}.
   */
  void removeGraphCondition(long condition, Runnable release) {
    between(
        () -> {
          forget(() -> graphConditions.remove(condition));
          release.run();
        });
  }

  private void forget(Runnable removal) {
    lock.lock();
    try {
      removal.run();
      changed = true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Runs a task between two waits. From another thread: returns when it has run. From the loop's
   * own thread (inside a callback): it runs after the callbacks of this round.
   */
  private void between(Runnable task) {
    if (Thread.currentThread() == thread) {
      lock.lock();
      try {
        tasks.add(task);
      } finally {
        lock.unlock();
      }
      return;
    }
    CountDownLatch done = new CountDownLatch(1);
    lock.lock();
    try {
      if (finished) {
        return;
      }
      tasks.add(
          () -> {
            try {
              task.run();
            } finally {
              done.countDown();
            }
          });
    } finally {
      lock.unlock();
    }
    wake();
    awaitUninterruptibly(done);
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    boolean interrupted = false;
    while (true) {
      try {
        latch.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the loop after what is queued; waits for its end, unless called on the loop's thread. */
  void stop() {
    stopping = true;
    if (Thread.currentThread() == thread) {
      return;
    }
    wake();
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void wake() {
    lock.lock();
    try {
      // Once the loop has ended the condition is gone, and nobody is left to be woken.
      if (!finished) {
        Rcl.check(Rcl.call(Rcl.TRIGGER, wake.address()), "guard condition");
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void run() {
    long nextEventsNs = System.nanoTime() + EVENT_PERIOD_NS;
    while (true) {
      runTasks();
      if (stopping) {
        break;
      }
      try {
        if (changed) {
          rebuild();
        }
        waitOnce();
        long nowNs = System.nanoTime();
        if (nowNs - nextEventsNs >= 0) {
          nextEventsNs = nowNs + EVENT_PERIOD_NS;
          for (Waitable waitable : all) {
            waitable.pollEvents();
          }
        }
      } catch (Throwable fault) {
        watcher.failed(fault);
        pause();
        changed = true;
      }
    }
    lock.lock();
    try {
      finished = true;
    } finally {
      lock.unlock();
    }
    runTasks();
    Rcl.call(Rcl.WAIT_SET_FINI, waitSet.address());
    Rcl.call(Rcl.GUARD_CONDITION_FINI, wake.address());
    scratch.free();
    finish.run();
    arena.close();
  }

  private static void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void runTasks() {
    while (true) {
      Runnable task;
      lock.lock();
      try {
        task = tasks.poll();
      } finally {
        lock.unlock();
      }
      if (task == null) {
        return;
      }
      try {
        task.run();
      } catch (Throwable fault) {
        watcher.failed(fault);
      }
    }
  }

  private void rebuild() {
    lock.lock();
    try {
      changed = false;
      all = waitables.toArray(Waitable[]::new);
      graphCondition = graphConditions.isEmpty() ? 0 : graphConditions.getFirst();
    } finally {
      lock.unlock();
    }
    subscriptions = of(Kind.SUBSCRIPTION);
    services = of(Kind.SERVICE);
    clients = of(Kind.CLIENT);
    int conditions = graphCondition == 0 ? 1 : 2;
    Rcl.check(
        Rcl.waitSetResize(
            waitSet, subscriptions.length, conditions, clients.length, services.length),
        "wait set");
    readySubscriptions = array(WAIT_SET_SUBSCRIPTIONS, subscriptions.length);
    readyConditions = array(WAIT_SET_GUARD_CONDITIONS, conditions);
    readyClients = array(WAIT_SET_CLIENTS, clients.length);
    readyServices = array(WAIT_SET_SERVICES, services.length);
  }

  private Waitable[] of(Kind kind) {
    List<Waitable> found = new ArrayList<>();
    for (Waitable waitable : all) {
      if (waitable.kind() == kind) {
        found.add(waitable);
      }
    }
    return found.toArray(Waitable[]::new);
  }

  private MemorySegment array(int offset, int length) {
    return MemorySegment.ofAddress(waitSet.get(JAVA_LONG, offset)).reinterpret(8L * length);
  }

  private void waitOnce() {
    long set = waitSet.address();
    Rcl.check(Rcl.call(Rcl.WAIT_SET_CLEAR, set), "wait set");
    Rcl.check(Rcl.call(Rcl.ADD_GUARD_CONDITION, set, wake.address(), 0), "wait set");
    if (graphCondition != 0) {
      Rcl.check(Rcl.call(Rcl.ADD_GUARD_CONDITION, set, graphCondition, 0), "wait set");
    }
    for (Waitable subscription : subscriptions) {
      Rcl.check(Rcl.call(Rcl.ADD_SUBSCRIPTION, set, subscription.handle(), 0), "wait set");
    }
    for (Waitable client : clients) {
      Rcl.check(Rcl.call(Rcl.ADD_CLIENT, set, client.handle(), 0), "wait set");
    }
    for (Waitable service : services) {
      Rcl.check(Rcl.call(Rcl.ADD_SERVICE, set, service.handle(), 0), "wait set");
    }
    int code = Rcl.call(Rcl.WAIT, set, EVENT_PERIOD_NS);
    if (code == Rcl.TIMEOUT) {
      Rcl.forgetError();
      return;
    }
    Rcl.check(code, "waiting");
    callReady(subscriptions, readySubscriptions);
    callReady(services, readyServices);
    callReady(clients, readyClients);
    if (graphCondition != 0 && readyConditions.get(JAVA_LONG, 8) != 0) {
      watcher.graphChanged();
    }
  }

  private void callReady(Waitable[] waitables, MemorySegment ready) {
    for (int i = 0; i < waitables.length; i++) {
      // What is not ready was set to null by rcl_wait.
      if (ready.getAtIndex(JAVA_LONG, i) != 0) {
        waitables[i].ready(scratch);
      }
    }
  }
}
