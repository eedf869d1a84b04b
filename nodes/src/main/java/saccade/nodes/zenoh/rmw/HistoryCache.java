package saccade.nodes.zenoh.rmw;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import saccade.nodes.zenoh.Query;
import saccade.nodes.zenoh.ZenohPublisher;
import saccade.nodes.zenoh.ZenohSession;
import saccade.nodes.zenoh.ZenohSession.Declaration;
import saccade.nodes.zenoh.ZenohSession.PublisherOptions;

/**
 * The last messages of a transient-local publisher, for those who come later: an advanced
 * publisher's cache as zenoh-ext has it. Queryable and token at {@code
 * <key>/@adv/pub/<zid>/<entity>/_}; when reliable, the newest number is said again there every half
 * second in which it changed, so that a subscriber notices a loss at the end.
 */
final class HistoryCache implements AutoCloseable {
  private static final long HEARTBEAT_MS = 500;

  private record Kept(byte[] payload, byte[] attachment, long sequence, long ntp) {}

  private final ZenohSession session;
  private final String dataKey;
  private final int depth;
  private final int entity;
  private final ArrayDeque<Kept> kept = new ArrayDeque<>(); // guarded by itself
  private final List<Declaration> declarations = new ArrayList<>();
  private final @Nullable ZenohPublisher heartbeat;
  private volatile long newest = -1;
  private volatile boolean closed;

  /**
   * @param depth most messages kept
   * @param entity number of the publisher in its session
   * @param numbered samples carry numbers (reliable), not time stamps
   */
  HistoryCache(ZenohSession session, String dataKey, int depth, int entity, boolean numbered) {
    this.session = session;
    this.dataKey = dataKey;
    this.depth = depth;
    this.entity = entity;
    String key =
        dataKey + "/@adv/pub/" + session.id() + "/" + (numbered ? "" + entity : "uhlc") + "/_";
    declarations.add(session.declareQueryable(key, false, this::answer));
    declarations.add(session.declareToken(key));
    if (numbered) {
      heartbeat = session.declarePublisher(key, PublisherOptions.BLOCKING);
      Thread.ofVirtual().name("zenoh heartbeat " + dataKey).start(this::beat);
    } else {
      heartbeat = null;
    }
  }

  void keep(MemorySegment cdr, long bytes, byte[] attachment, long sequence, long ntp) {
    byte[] payload = cdr.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE);
    synchronized (kept) {
      if (kept.size() >= depth) {
        kept.removeFirst();
      }
      kept.addLast(new Kept(payload, attachment.clone(), sequence, ntp));
    }
    newest = sequence;
  }

  /** Parameters {@code _max=n} and {@code _sn=a..b}; oldest first. */
  private void answer(Query query) {
    long from = 0;
    long to = Long.MAX_VALUE;
    String range = query.parameter("_sn");
    if (range != null) {
      int dots = range.indexOf("..");
      from = number(dots < 0 ? range : range.substring(0, dots), 0);
      to = dots < 0 ? from : number(range.substring(dots + 2), Long.MAX_VALUE);
    }
    List<Kept> out = new ArrayList<>();
    synchronized (kept) {
      for (Kept k : kept) {
        if (range == null || (k.sequence >= from && k.sequence <= to)) {
          out.add(k);
        }
      }
    }
    long max = number(query.parameter("_max"), Long.MAX_VALUE);
    int skip = (int) Math.max(0, out.size() - Math.min(max, out.size()));
    for (Kept k : out.subList(skip, out.size())) {
      query.reply(
          dataKey,
          MemorySegment.ofArray(k.payload),
          k.payload.length,
          k.attachment,
          k.sequence < 0 ? null : session.id(),
          entity,
          k.sequence,
          k.ntp);
    }
    query.close();
  }

  private static long number(@Nullable String text, long otherwise) {
    try {
      return text == null || text.isEmpty() ? otherwise : Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }

  private void beat() {
    long said = -1;
    byte[] payload = new byte[4];
    ZenohPublisher to = heartbeat;
    while (!closed && to != null) {
      try {
        Thread.sleep(HEARTBEAT_MS);
      } catch (InterruptedException e) {
        return;
      }
      long now = newest;
      if (now != said && !closed) {
        for (int i = 0; i < 4; i++) {
          payload[i] = (byte) (now >>> 8 * i);
        }
        to.put(MemorySegment.ofArray(payload), 4, null);
        said = now;
      }
    }
    if (to != null) {
      to.close();
    }
  }

  @Override
  public void close() {
    closed = true;
    declarations.forEach(Declaration::close);
  }
}
