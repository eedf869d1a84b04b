package saccade.nodes.zenoh;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import saccade.nodes.zenoh.c.Blocks;
import saccade.nodes.zenoh.c.Layouts;
import saccade.nodes.zenoh.c.Upcalls;
import saccade.nodes.zenoh.c.Zenohc;

/** A queryable of libzenohc; queries reach its listener one at a time and can be kept. */
final class NativeQueryable extends NativeHandle implements Upcalls.Handler {
  private final ZenohSession.QueryListener listener;
  private final NativeReader reader;
  private final ReentrantLock one = new ReentrantLock();
  private boolean silent; // guarded by one

  NativeQueryable(NativeSession session, ZenohSession.QueryListener listener) {
    super(session);
    this.listener = listener;
    this.reader = new NativeReader(session);
  }

  @Override
  public void call(long loaned) {
    one.lock();
    try {
      if (!silent) {
        answer(loaned);
      }
    } catch (ZenohFault e) {
      session.counts.add(e.kind());
    } finally {
      one.unlock();
    }
  }

  private void answer(long loaned) {
    String key = reader.key(Zenohc.get(Zenohc.QUERY_KEYEXPR, loaned));
    String parameters = reader.parameters(loaned);
    byte[] payload = reader.copy(Zenohc.get(Zenohc.QUERY_PAYLOAD, loaned), session.maxMessageBytes);
    byte[] attachment = reader.attachmentOrNull(Zenohc.get(Zenohc.QUERY_ATTACHMENT, loaned));
    Query query = new Query(key, parameters, payload, attachment, new Answers(session, loaned));
    try {
      listener.onQuery(query);
    } catch (RuntimeException e) {
      session.counts.add(Counts.Of.LISTENER_FAILED);
      query.close();
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
    Zenohc.call(Zenohc.UNDECLARE_QUERYABLE, owned.address());
  }

  /** Where answers go: a query of our own, a clone; the query is over when it is dropped. */
  private static final class Answers implements Query.Sink {
    private final NativeSession session;
    private final MemorySegment query = Blocks.take();

    Answers(NativeSession session, long loaned) {
      this.session = session;
      Zenohc.run(Zenohc.QUERY_CLONE, query.address(), loaned);
    }

    @Override
    public void reply(
        String key,
        MemorySegment payload,
        long bytes,
        byte @Nullable [] attachment,
        @Nullable ZenohId sourceId,
        int sourceEntity,
        long sequence,
        long ntp) {
      try (Arena arena = Arena.ofConfined()) {
        NativeMessage m = new NativeMessage(arena);
        MemorySegment o = arena.allocate(Layouts.MOST, 16);
        Zenohc.run(Zenohc.REPLY_OPTIONS, o.address());
        o.set(ValueLayout.JAVA_LONG, Layouts.REPLY_ATTACHMENT, m.attachment(attachment));
        if (ntp != 0) {
          o.set(ValueLayout.JAVA_LONG, Layouts.REPLY_TIMESTAMP, session.timestamp(arena, ntp));
        }
        if (sourceId != null && sequence >= 0) {
          long source = m.source(sourceId, sourceEntity, (int) sequence);
          o.set(ValueLayout.JAVA_LONG, Layouts.REPLY_SOURCE, source);
        }
        session.answered(
            Zenohc.call(
                Zenohc.QUERY_REPLY,
                Zenohc.get(Zenohc.QUERY_LOAN, query.address()),
                m.keyexpr(key),
                m.payload(payload, bytes),
                o.address()));
      }
    }

    @Override
    public void error(byte[] payload) {
      try (Arena arena = Arena.ofConfined()) {
        NativeMessage m = new NativeMessage(arena);
        long bytes = m.payload(MemorySegment.ofArray(payload), payload.length);
        long loaned = Zenohc.get(Zenohc.QUERY_LOAN, query.address());
        session.answered(Zenohc.call(Zenohc.QUERY_REPLY_ERR, loaned, bytes, 0));
      }
    }

    @Override
    public void done() {
      Zenohc.run(Zenohc.QUERY_DROP, query.address());
      Blocks.give(query);
    }
  }
}
