package saccade.nodes.zenoh;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import saccade.nodes.zenoh.Counts.Of;
import saccade.nodes.zenoh.ZenohSession.ReplyListener;

/** A query of ours, until everybody who was asked has said that it is done, or its time is up. */
final class PendingGet {
  final long untilNs;
  private final ReplyListener listener;
  private final Counts counts;
  // guarded by this: a link, or the session once for each of its own queryables
  private final List<Object> asked = new ArrayList<>();
  private boolean sealed;
  private boolean finished;

  PendingGet(ReplyListener listener, long untilNs, Counts counts) {
    this.listener = listener;
    this.untilNs = untilNs;
    this.counts = counts;
  }

  synchronized void ask(Object who) {
    asked.add(who);
  }

  synchronized void ask(Object who, int times) {
    for (int i = 0; i < times; i++) {
      asked.add(who);
    }
  }

  /** Everybody was asked. */
  synchronized void sealed() {
    sealed = true;
    finishIfDone(false);
  }

  synchronized boolean finished() {
    return finished;
  }

  synchronized void reply(Sample sample) {
    if (!finished) {
      try {
        listener.onReply(sample);
      } catch (RuntimeException e) {
        counts.add(Of.LISTENER_FAILED);
      }
    }
  }

  synchronized void error(MemorySegment payload) {
    if (!finished) {
      try {
        listener.onError(payload);
      } catch (RuntimeException e) {
        counts.add(Of.LISTENER_FAILED);
      }
    }
  }

  synchronized void done(Object who) {
    asked.remove(who);
    finishIfDone(false);
  }

  synchronized void expire() {
    if (!finished) {
      counts.add(Of.QUERIES_TIMED_OUT);
      asked.clear();
      sealed = true;
      finishIfDone(true);
    }
  }

  private void finishIfDone(boolean timedOut) {
    if (sealed && asked.isEmpty() && !finished) {
      finished = true;
      try {
        listener.onDone(timedOut);
      } catch (RuntimeException e) {
        counts.add(Of.LISTENER_FAILED);
      }
    }
  }
}
