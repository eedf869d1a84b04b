package saccade.nodes.zenoh;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** A query that came in. Its contents are its own; it can be kept and answered by any thread. */
public final class Query implements AutoCloseable {
  /** Where answers go. */
  interface Sink {
    void reply(
        String key,
        MemorySegment payload,
        long bytes,
        byte @Nullable [] attachment,
        @Nullable ZenohId sourceId,
        int sourceEntity,
        long sequence,
        long ntp);

    void error(byte[] payload);

    void done();
  }

  private final String key;
  private final String parameters;
  private final byte[] payload;
  private final byte @Nullable [] attachment;
  private final Sink sink;
  private boolean closed; // guarded by this

  Query(String key, String parameters, byte[] payload, byte @Nullable [] attachment, Sink sink) {
    this.key = key;
    this.parameters = parameters;
    this.payload = payload;
    this.attachment = attachment;
    this.sink = sink;
  }

  public String key() {
    return key;
  }

  /** Such as {@code _max=1;_anyke}, or empty. */
  public String parameters() {
    return parameters;
  }

  /** Value of a parameter, empty when it has none; null when it is not there. */
  public @Nullable String parameter(String name) {
    for (String p : parameters.split(";")) {
      int equals = p.indexOf('=');
      if ((equals < 0 ? p : p.substring(0, equals)).equals(name)) {
        return equals < 0 ? "" : p.substring(equals + 1);
      }
    }
    return null;
  }

  public byte[] payload() {
    return payload;
  }

  public byte @Nullable [] attachment() {
    return attachment;
  }

  /** One answer; [0, bytes) of {@code payload} is read during the call. */
  public synchronized void reply(
      String key, MemorySegment payload, long bytes, byte @Nullable [] attachment) {
    reply(key, payload, bytes, attachment, null, 0, -1, 0);
  }

  /** As an answer of a cache: with what the sample had. */
  public synchronized void reply(
      String key,
      MemorySegment payload,
      long bytes,
      byte @Nullable [] attachment,
      @Nullable ZenohId sourceId,
      int sourceEntity,
      long sequence,
      long ntp) {
    if (!closed) {
      sink.reply(key, payload, bytes, attachment, sourceId, sourceEntity, sequence, ntp);
    }
  }

  /** Says that it cannot be answered. */
  public synchronized void error(byte[] payload) {
    if (!closed) {
      sink.error(payload);
    }
  }

  /** No more answers come. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      sink.done();
    }
  }
}
