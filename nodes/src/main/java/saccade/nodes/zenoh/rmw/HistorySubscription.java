package saccade.nodes.zenoh.rmw;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import saccade.nodes.ros.MessageInfo;
import saccade.nodes.zenoh.Sample;
import saccade.nodes.zenoh.ZenohSession;
import saccade.nodes.zenoh.ZenohSession.Declaration;
import saccade.nodes.zenoh.ZenohSession.GetOptions;
import saccade.nodes.zenoh.ZenohSession.ReplyListener;
import saccade.nodes.zenoh.ZenohSession.Target;

/**
 * A transient-local subscription: samples as they come, and before them what publishers' caches
 * still have, each once and in the order of its publisher (an advanced subscriber as zenoh-ext has
 * it). While a cache is being asked, samples of its publisher wait, at most {@code depth} of them.
 *
 * <p>A publisher is known by its session and entity where samples carry numbers, else by the global
 * id in the attachment; numbers are those of the one or of the other.
 */
final class HistorySubscription implements AutoCloseable {
  /** Gets what is to be delivered, one at a time. */
  interface Sink {
    void deliver(MemorySegment cdr, long bytes, MessageInfo info);
  }

  private static final long TIMEOUT_MS = 60_000;
  private static final int MAX_SOURCES = 4096;

  private record Waiting(byte[] payload, MessageInfo info) {}

  private static final class Source {
    long delivered = -1; // newest number
    boolean asked; // for what is missing
    final TreeMap<Long, Waiting> waiting = new TreeMap<>();
  }

  private final ZenohSession session;
  private final String key;
  private final int depth;
  private final boolean recover;
  private final Sink sink;
  private final List<Declaration> declarations = new ArrayList<>();
  private final MessageInfo info = new MessageInfo();
  // guarded by this
  private final Map<String, Source> sources = new HashMap<>();
  private final Set<String> askedCaches = new HashSet<>();
  private int queries;
  private boolean closed;

  /** {@code recover}: ask for numbers that are missing. */
  HistorySubscription(
      ZenohSession session, String key, int depth, boolean recover, String token, Sink sink) {
    this.session = session;
    this.key = key;
    this.depth = depth;
    this.recover = recover;
    this.sink = sink;
    queries = 1; // until the first history has come, new samples wait
    declarations.add(session.declareSubscriber(key, this::onSample));
    if (recover) {
      declarations.add(session.declareSubscriber(key + "/@adv/pub/**", this::onHeartbeat));
    }
    declarations.add(session.declareTokenListener(key + "/@adv/pub/**", this::onPublisher));
    declarations.add(session.declareToken(key + "/@adv/sub/" + token));
    ask(key + "/@adv/**", "_max=" + depth);
  }

  private void onPublisher(String token, boolean alive) {
    synchronized (this) {
      if (closed) {
        return;
      }
      if (!alive) {
        askedCaches.remove(token);
        return;
      }
      if (!askedCaches.add(token)) {
        return;
      }
      queries++;
    }
    // not on the thread that tells of tokens: asking may wait for a slow peer
    Thread.ofVirtual().start(() -> ask(token, "_max=" + depth));
  }

  /** Asks caches; {@link #queries} was raised before. */
  private void ask(String caches, String parameters) {
    session.get(
        caches,
        new GetOptions(Target.ALL, parameters + ";_anyke", TIMEOUT_MS),
        null,
        0,
        null,
        new ReplyListener() {
          @Override
          public void onReply(Sample sample) {
            onSample(sample);
          }

          @Override
          public void onDone(boolean timedOut) {
            synchronized (HistorySubscription.this) {
              queries--;
              if (queries == 0) {
                flush();
              }
            }
          }
        });
  }

  private synchronized void onSample(Sample sample) {
    if (closed || !sample.isPut()) {
      return;
    }
    boolean known = Attachment.read(sample, info);
    info.receivedStampNs = Attachment.wallNs();
    boolean numbered = sample.sourceId() != null && sample.sourceSequence() >= 0;
    if (!known && !numbered) {
      sink.deliver(sample.payload(), sample.payload().byteSize(), info);
      return;
    }
    String name =
        numbered
            ? sample.sourceId() + "/" + sample.sourceEntity()
            : HexFormat.of().formatHex(info.gid);
    long number = numbered ? sample.sourceSequence() : info.sequence;
    if (sources.size() >= MAX_SOURCES && !sources.containsKey(name)) {
      sources.clear(); // whoever makes so many publishers gets a message twice at worst
    }
    Source source = sources.computeIfAbsent(name, n -> new Source());
    if (number <= source.delivered) {
      return; // was there
    }
    boolean gap = recover && numbered && source.delivered >= 0 && number > source.delivered + 1;
    if (queries == 0 && !gap) {
      source.delivered = number;
      sink.deliver(sample.payload(), sample.payload().byteSize(), info);
      return;
    }
    if (!source.waiting.containsKey(number)) {
      source.waiting.put(
          number, new Waiting(sample.payload().toArray(ValueLayout.JAVA_BYTE), copy(info)));
    }
    deliverReady(source);
    while (source.waiting.size() > depth) { // what is missing will not come any more
      deliverFirst(source);
    }
    if (gap && !source.asked) {
      recover(name, source);
    }
  }

  private void recover(String name, Source source) {
    source.asked = true;
    queries++;
    String range = "_sn=" + (source.delivered + 1) + "..";
    Thread.ofVirtual().start(() -> ask(key + "/@adv/pub/" + name + "/**", range));
  }

  /** The publisher says which number was its last. */
  private synchronized void onHeartbeat(Sample sample) {
    String[] chunks = sample.key().substring(key.length()).split("/");
    // "", "@adv", "pub", zid, entity, …
    if (closed || chunks.length < 5 || sample.payload().byteSize() != 4) {
      return;
    }
    long newest = 0;
    for (int i = 0; i < 4; i++) {
      newest |= (sample.payload().get(ValueLayout.JAVA_BYTE, i) & 0xFFL) << 8 * i;
    }
    String name = chunks[3] + "/" + chunks[4];
    Source source = sources.get(name);
    if (source != null && newest > source.delivered && !source.asked && queries == 0) {
      recover(name, source);
    }
  }

  private void deliverReady(Source source) {
    while (source.delivered >= 0
        && !source.waiting.isEmpty()
        && source.waiting.firstKey() == source.delivered + 1) {
      deliverFirst(source);
    }
  }

  private void deliverFirst(Source source) {
    var first = source.waiting.pollFirstEntry();
    if (first != null && first.getKey() > source.delivered) {
      source.delivered = first.getKey();
      Waiting w = first.getValue();
      sink.deliver(MemorySegment.ofArray(w.payload), w.payload.length, w.info);
    }
  }

  private void flush() {
    for (Source source : sources.values()) {
      source.asked = false;
      while (!source.waiting.isEmpty() && !closed) {
        deliverFirst(source);
      }
    }
  }

  private static MessageInfo copy(MessageInfo from) {
    MessageInfo to = new MessageInfo();
    to.sequence = from.sequence;
    to.sourceStampNs = from.sourceStampNs;
    to.receivedStampNs = from.receivedStampNs;
    System.arraycopy(from.gid, 0, to.gid, 0, to.gid.length);
    return to;
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      sources.clear();
    }
    declarations.forEach(Declaration::close);
  }
}
