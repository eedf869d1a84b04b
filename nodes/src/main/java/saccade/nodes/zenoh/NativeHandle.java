package saccade.nodes.zenoh;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import saccade.nodes.zenoh.c.Blocks;
import saccade.nodes.zenoh.c.Upcalls;

/**
 * Something that libzenohc holds for us in an owned struct, taken back once. The library waits
 * until calls of the closure under way are over; so from within a call it is taken back by a thread
 * of its own, after nothing is delivered any more.
 */
abstract class NativeHandle implements ZenohSession.Declaration {
  final NativeSession session;
  final MemorySegment owned = Blocks.take();
  private final AtomicBoolean closed = new AtomicBoolean();

  NativeHandle(NativeSession session) {
    this.session = session;
  }

  /** From now on the owner hears nothing. */
  abstract void silence();

  /** Gives the owned struct back to the library. */
  abstract void undeclare();

  /** The library did not take it: there is nothing to take back. */
  final void failed() {
    closed.set(true);
    Blocks.give(owned);
  }

  @Override
  public final void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    silence();
    session.forget(this);
    if (Upcalls.inside()) {
      Thread.ofPlatform().daemon().name("zenoh undeclare").start(this::release);
    } else {
      release();
    }
  }

  private void release() {
    undeclare();
    Blocks.give(owned);
  }
}
