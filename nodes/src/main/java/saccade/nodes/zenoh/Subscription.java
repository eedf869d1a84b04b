package saccade.nodes.zenoh;

import java.util.concurrent.locks.ReentrantLock;
import saccade.nodes.zenoh.ZenohSession.SampleListener;

/** A subscriber declared here. Samples reach it one at a time, whatever link they come from. */
final class Subscription {
  final int id;
  final String key;
  private final SampleListener listener;
  private final Counts counts;
  private final ReentrantLock one = new ReentrantLock();
  private volatile boolean closed;

  Subscription(int id, String key, SampleListener listener, Counts counts) {
    this.id = id;
    this.key = key;
    this.listener = listener;
    this.counts = counts;
  }

  void deliver(Sample sample) {
    one.lock();
    try {
      if (!closed) {
        listener.onSample(sample);
      }
    } catch (RuntimeException e) {
      counts.add(Counts.Of.LISTENER_FAILED);
    } finally {
      one.unlock();
    }
  }

  /** Afterwards the listener is not being called, unless this is its own thread. */
  void close() {
    one.lock();
    try {
      closed = true;
    } finally {
      one.unlock();
    }
  }
}
