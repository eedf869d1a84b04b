package saccade.nodes.zenoh;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Hot path. What was published, or answered. Reused: valid during the call it comes with. */
public final class Sample {
  private String key = "";
  private boolean put;
  private MemorySegment payload = MemorySegment.NULL;
  private MemorySegment memory = MemorySegment.NULL;
  private long attachmentAt = -1;
  private int attachmentBytes;
  private int qos;
  private long ntp;
  private @Nullable ZenohId sourceId;
  private int sourceEntity;
  private long sourceSequence = -1;

  Sample() {}

  Sample of(Message m, String key) {
    this.key = key;
    put = m.body == Wire.PUT;
    memory = m.memory;
    payload = put ? m.memory.asSlice(m.payloadAt, m.payloadBytes) : MemorySegment.NULL;
    attachmentAt = m.attachmentAt;
    attachmentBytes = m.attachmentBytes;
    qos = m.qos;
    ntp = m.timestamp;
    sourceId = m.sourceId;
    sourceEntity = m.sourceEntity;
    sourceSequence = m.sourceSequence;
    return this;
  }

  Sample local(String key, MemorySegment payload, byte @Nullable [] attachment, int qos) {
    this.key = key;
    this.put = true;
    this.payload = payload;
    this.memory = attachment == null ? MemorySegment.NULL : MemorySegment.ofArray(attachment);
    this.attachmentAt = attachment == null ? -1 : 0;
    this.attachmentBytes = attachment == null ? 0 : attachment.length;
    this.qos = qos;
    this.ntp = 0;
    this.sourceId = null;
    this.sourceSequence = -1;
    return this;
  }

  /** As a library that keeps the memory hands it over. */
  Sample lent(
      String key, boolean put, MemorySegment payload, @Nullable MemorySegment attachment, int qos) {
    this.key = key;
    this.put = put;
    this.payload = payload;
    this.memory = attachment == null ? MemorySegment.NULL : attachment;
    this.attachmentAt = attachment == null ? -1 : 0;
    this.attachmentBytes = attachment == null ? 0 : (int) attachment.byteSize();
    this.qos = qos;
    this.ntp = 0;
    this.sourceId = null;
    this.sourceSequence = -1;
    return this;
  }

  Sample source(@Nullable ZenohId id, int entity, long sequence, long ntp) {
    this.sourceId = id;
    this.sourceEntity = entity;
    this.sourceSequence = sequence;
    this.ntp = ntp;
    return this;
  }

  public String key() {
    return key;
  }

  /** Put, or deleted. */
  public boolean isPut() {
    return put;
  }

  /** Its bytes, exactly. */
  public MemorySegment payload() {
    return payload;
  }

  /** Bytes of the attachment; -1: none. */
  public int attachmentBytes() {
    return attachmentAt < 0 ? -1 : attachmentBytes;
  }

  /** Memory that holds the attachment at {@link #attachmentAt}. */
  public MemorySegment attachmentMemory() {
    return memory;
  }

  public long attachmentAt() {
    return attachmentAt;
  }

  public int priority() {
    return qos & Wire.QOS_PRIORITY;
  }

  /** Time stamp, NTP 64 bit (seconds since 1970 in the upper half); 0: none. */
  public long ntp() {
    return ntp;
  }

  /** Session of the publisher that numbers its samples, or null. */
  public @Nullable ZenohId sourceId() {
    return sourceId;
  }

  /** Number of that publisher in its session. */
  public int sourceEntity() {
    return sourceEntity;
  }

  /** Number of the sample, 0..2^32-1; -1: none. */
  public long sourceSequence() {
    return sourceSequence;
  }
}
