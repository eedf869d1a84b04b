package saccade.nodes.zenoh;

import java.util.concurrent.locks.ReentrantLock;
import saccade.nodes.zenoh.c.Upcalls;
import saccade.nodes.zenoh.c.Zenohc;

/** A query of ours under way: the library drops it after the last answer, or out of time. */
final class NativeAsk implements Upcalls.Handler {
  private final NativeSession session;
  private final ZenohSession.ReplyListener listener;
  private final NativeReader reader;
  private final long lateNs;
  private final ReentrantLock one = new ReentrantLock();
  // guarded by one
  private boolean timedOut;
  private boolean finished;

  NativeAsk(NativeSession session, ZenohSession.ReplyListener listener, long timeoutMs) {
    this.session = session;
    this.listener = listener;
    this.reader = new NativeReader(session);
    // the library's clock may be a little ahead of ours
    this.lateNs = System.nanoTime() + timeoutMs * 990_000;
  }

  @Override
  public void call(long reply) {
    one.lock();
    try {
      if (finished) {
        return;
      }
      if (Zenohc.is(Zenohc.REPLY_IS_OK, reply)) {
        listener.onReply(reader.read(Zenohc.get(Zenohc.REPLY_OK, reply)));
      } else if (System.nanoTime() - lateNs >= 0) {
        timedOut = true; // the library says so by an error of its own
      } else {
        long error = Zenohc.get(Zenohc.REPLY_ERR, reply);
        listener.onError(reader.bytes(Zenohc.get(Zenohc.ERR_PAYLOAD, error)));
      }
    } catch (ZenohFault e) {
      session.counts.add(e.kind());
    } catch (RuntimeException e) {
      session.counts.add(Counts.Of.LISTENER_FAILED);
    } finally {
      one.unlock();
    }
  }

  @Override
  public void dropped() {
    finish(false);
    reader.close();
  }

  /** {@code cut}: the session ends before the last answer. */
  void finish(boolean cut) {
    one.lock();
    try {
      if (finished) {
        return;
      }
      finished = true;
      session.forget(this);
      if (timedOut) {
        session.counts.add(Counts.Of.QUERIES_TIMED_OUT);
      }
      listener.onDone(timedOut || cut);
    } catch (RuntimeException e) {
      session.counts.add(Counts.Of.LISTENER_FAILED);
    } finally {
      one.unlock();
    }
  }
}
