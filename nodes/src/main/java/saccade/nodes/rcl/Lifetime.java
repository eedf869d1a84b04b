package saccade.nodes.rcl;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import saccade.nodes.ros.RosFault;

/**
 * Keeps a native handle alive while calls are in it, without a lock: one word holds the number of
 * calls under way and a closed mark. Whoever closes waits for the calls; whoever comes later gets a
 * {@link RosFault}. Hot path.
 */
final class Lifetime {

  private static final int CLOSED = 0x8000_0000;
  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(Lifetime.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final String what;

  @SuppressWarnings("unused") // through STATE
  private volatile int state;

  /**
   * An open handle.
   *
   * @param what names it in the fault: {@code "publisher /chatter"}
   */
  Lifetime(String what) {
    this.what = what;
  }

  /**
   * Begins a call; {@link #exit} must follow.
   *
   * @throws RosFault when the handle is closed
   */
  void enter() {
    if ((int) STATE.getAndAdd(this, 1) < 0) {
      STATE.getAndAdd(this, -1);
      throw new RosFault(what + " is closed");
    }
  }

  /** Ends a call. */
  void exit() {
    STATE.getAndAdd(this, -1);
  }

  /** Whether it was closed. */
  boolean isClosed() {
    return (int) STATE.getAcquire(this) < 0;
  }

  /**
   * Closes the handle and waits until no call is under way. Must not be called from within one.
   *
   * @return false when it was closed before
   */
  boolean close() {
    if ((int) STATE.getAndBitwiseOr(this, CLOSED) < 0) {
      return false;
    }
    for (int spins = 0; ((int) STATE.getAcquire(this) & ~CLOSED) != 0; spins++) {
      if (spins < 100) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(20_000);
      }
    }
    return true;
  }
}
