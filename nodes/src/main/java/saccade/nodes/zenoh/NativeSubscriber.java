package saccade.nodes.zenoh;

import java.util.concurrent.locks.ReentrantLock;
import saccade.nodes.zenoh.c.Upcalls;
import saccade.nodes.zenoh.c.Zenohc;

/** Hot path. A subscriber of libzenohc; samples reach its listener one at a time. */
final class NativeSubscriber extends NativeHandle implements Upcalls.Handler {
  private final ZenohSession.SampleListener listener;
  private final NativeReader reader;
  private final ReentrantLock one = new ReentrantLock();
  private boolean silent; // guarded by one

  NativeSubscriber(NativeSession session, ZenohSession.SampleListener listener) {
    super(session);
    this.listener = listener;
    this.reader = new NativeReader(session);
  }

  @Override
  public void call(long sample) {
    one.lock();
    try {
      if (!silent) {
        session.counts.add(Counts.Of.RECEIVED);
        listener.onSample(reader.read(sample));
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
    reader.close();
  }

  @Override
  void silence() {
    one.lock();
    try {
      silent = true;
    } finally {
      one.unlock();
    }
  }

  @Override
  void undeclare() {
    Zenohc.call(Zenohc.UNDECLARE_SUBSCRIBER, owned.address());
  }
}
