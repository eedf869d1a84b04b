package saccade.nodes.zenoh;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import saccade.nodes.zenoh.c.Upcalls;
import saccade.nodes.zenoh.c.Zenohc;

/**
 * Hears of tokens: of those of other sessions from the library, of our own from the session. Each
 * comes and goes once, whoever says it how often.
 */
final class NativeTokenWatch extends NativeHandle implements Upcalls.Handler {
  private final String key;
  private final ZenohSession.TokenListener listener;
  private final NativeReader reader;
  private final ReentrantLock one = new ReentrantLock();
  // guarded by one
  private final Set<String> alive = new HashSet<>();
  private boolean silent;

  NativeTokenWatch(NativeSession session, String key, ZenohSession.TokenListener listener) {
    super(session);
    this.key = key;
    this.listener = listener;
    this.reader = new NativeReader(session);
  }

  @Override
  public void call(long sample) {
    one.lock();
    try {
      String token = reader.key(Zenohc.get(Zenohc.SAMPLE_KEYEXPR, sample));
      if (!session.own(token)) {
        tell(token, NativeReader.isPut(sample));
      }
    } finally {
      one.unlock();
    }
  }

  void tell(String token, boolean lives) {
    if (!KeyExpr.intersects(key, token)) {
      return;
    }
    one.lock();
    try {
      if (!silent && (lives ? alive.add(token) : alive.remove(token))) {
        listener.onToken(token, lives);
      }
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
