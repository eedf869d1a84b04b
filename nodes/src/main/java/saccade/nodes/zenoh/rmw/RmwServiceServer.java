package saccade.nodes.zenoh.rmw;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import saccade.nodes.ros.RawService;
import saccade.nodes.ros.RosFault;
import saccade.nodes.ros.ServiceServer;
import saccade.nodes.zenoh.Query;
import saccade.nodes.zenoh.ZenohSession.Declaration;

/** A queryable that is complete for the service's key; each query is a request. */
final class RmwServiceServer implements ServiceServer {
  private final RmwNode node;
  private final String name;
  private final String key;
  private final RawService service;
  private final Declaration queryable;
  private final Declaration alive;
  private final Object one = new Object(); // requests are handled one after another
  private volatile boolean closed;
  private long lost; // guarded by one

  RmwServiceServer(RmwNode node, String name, String key, String token, RawService service) {
    this.node = node;
    this.name = name;
    this.key = key;
    this.service = service;
    queryable = node.transport.session.declareQueryable(key, true, this::onQuery);
    alive = node.transport.session.declareToken(token);
  }

  private void onQuery(Query query) {
    byte[] attachment = query.attachment();
    synchronized (one) {
      if (closed) {
        query.close();
        return;
      }
      if (attachment == null || !Attachment.valid(attachment) || query.payload().length < 4) {
        lost(
            "a request of "
                + query.payload().length
                + " bytes with attachment of "
                + (attachment == null ? 0 : attachment.length)
                + "; wanted at least 4, and 33");
        query.close();
        return;
      }
      try {
        byte[] payload = query.payload();
        service.onRequest(
            MemorySegment.ofArray(payload), payload.length, new Answer(query, attachment));
      } catch (RuntimeException e) {
        lost("the service threw " + e);
        query.close();
      }
    }
  }

  private void lost(String reason) {
    node.events.lost(name, reason, 1, ++lost);
  }

  private final class Answer implements RawService.Reply {
    private final Query query;
    private final byte[] attachment;
    private final AtomicBoolean answered = new AtomicBoolean();

    Answer(Query query, byte[] attachment) {
      this.query = query;
      this.attachment = attachment.clone(); // the request's number, the client's id
    }

    @Override
    public void send(MemorySegment cdr, long bytes) {
      if (closed) {
        throw new RosFault("service " + name + " is closed");
      }
      if (!answered.compareAndSet(false, true)) {
        throw new RosFault("a request of service " + name + " was answered before");
      }
      Attachment.stamp(attachment, Attachment.number(attachment), Attachment.wallNs());
      query.reply(key, cdr, bytes, attachment);
      query.close();
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    alive.close();
    queryable.close();
    node.forget(this);
  }
}
