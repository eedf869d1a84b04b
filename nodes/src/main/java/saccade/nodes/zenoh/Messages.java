package saccade.nodes.zenoh;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import saccade.nodes.zenoh.ZenohSession.GetOptions;
import saccade.nodes.zenoh.ZenohSession.Target;

/** Writes network messages. */
final class Messages {
  /** Of declarations and interests. */
  static final int CONTROL = Wire.PRIORITY_CONTROL | Wire.QOS_BLOCK;

  /** Of requests and responses. */
  static final int ANSWER = Wire.PRIORITY_DATA | Wire.QOS_BLOCK;

  private Messages() {}

  static WireWriter declareKey(WireWriter w, int entity, String key) {
    w.u8(Wire.DECLARE | Wire.Z).u8(Wire.EXT_Z64 | Wire.EXT_QOS).z(CONTROL);
    return w.u8(Wire.D_KEY | Wire.NAMED).z(entity).key(key);
  }

  static WireWriter declare(
      WireWriter w, int interest, int what, int entity, String key, boolean complete) {
    header(w, interest);
    boolean info = what == Wire.D_QUERYABLE && complete;
    w.u8(what | Wire.NAMED | Wire.SENDER_MAPPING | (info ? Wire.Z : 0)).z(entity).key(key);
    return info ? w.u8(Wire.EXT_Z64 | Wire.EXT_QUERYABLE_INFO).z(1) : w;
  }

  static WireWriter undeclare(WireWriter w, int what, int entity, String key) {
    header(w, -1);
    byte[] text = key.getBytes(StandardCharsets.UTF_8);
    w.u8(what | Wire.Z).z(entity);
    w.u8(Wire.EXT_ZBUF | Wire.EXT_MANDATORY | Wire.EXT_KEY).z(text.length + 2L);
    return w.u8(3).z(0).raw(text);
  }

  static void declareFinal(WireWriter w, int interest) {
    header(w, interest).u8(Wire.D_FINAL);
  }

  static WireWriter header(WireWriter w, int interest) {
    w.u8(Wire.DECLARE | Wire.Z | (interest >= 0 ? Wire.DECLARE_INTEREST : 0));
    if (interest >= 0) {
      w.z(interest);
    }
    return w.u8(Wire.EXT_Z64 | Wire.EXT_QOS).z(CONTROL);
  }

  static WireWriter interest(WireWriter w, int entity, String key) {
    w.u8(Wire.INTEREST | (Wire.MODE_CURRENT | Wire.MODE_FUTURE) << 5 | Wire.Z).z(entity);
    w.u8(Wire.ABOUT_TOKENS | Wire.RESTRICTED | Wire.INTEREST_NAMED | Wire.INTEREST_SENDER_MAPPING);
    return w.key(key).u8(Wire.EXT_Z64 | Wire.EXT_QOS).z(CONTROL);
  }

  static WireWriter request(
      int request,
      String key,
      GetOptions options,
      @Nullable MemorySegment payload,
      long bytes,
      byte @Nullable [] attachment) {
    WireWriter w = new WireWriter();
    w.u8(Wire.REQUEST | Wire.NAMED | Wire.Z).z(Integer.toUnsignedLong(request)).key(key);
    w.u8(Wire.EXT_Z64 | Wire.EXT_QOS | Wire.EXT_MORE).z(ANSWER);
    if (options.target() != Target.BEST_MATCHING) {
      w.u8(Wire.EXT_Z64 | Wire.EXT_MANDATORY | Wire.EXT_TARGET | Wire.EXT_MORE);
      w.z(options.target().wire);
    }
    w.u8(Wire.EXT_Z64 | Wire.EXT_TIMEOUT).z(options.timeoutMs());
    boolean parameters = !options.parameters().isEmpty();
    boolean extended = payload != null || attachment != null;
    w.u8(
        Wire.QUERY
            | Wire.CONSOLIDATION
            | (parameters ? Wire.PARAMETERS : 0)
            | (extended ? Wire.Z : 0));
    w.u8(1); // consolidation: none
    if (parameters) {
      w.text(options.parameters());
    }
    if (attachment != null) {
      w.u8(Wire.EXT_ZBUF | Wire.EXT_QUERY_ATTACHMENT | (payload != null ? Wire.EXT_MORE : 0));
      w.buffer(attachment);
    }
    if (payload != null) { // the last, so that a large one can go by itself
      w.u8(Wire.EXT_ZBUF | Wire.EXT_QUERY_BODY).z(1 + bytes).z(0);
      if (bytes <= LinkWriter.SMALL) {
        w.raw(payload, (int) bytes);
      }
    }
    return w;
  }

  /** PUT with all that belongs to it; a payload that goes separately is left out. */
  static void put(
      WireWriter w,
      ZenohId self,
      MemorySegment payload,
      long bytes,
      boolean inline,
      byte @Nullable [] attachment,
      @Nullable ZenohId sourceId,
      int sourceEntity,
      long sequence,
      long ntp) {
    boolean source = sourceId != null && sequence >= 0;
    boolean extended = attachment != null || source;
    w.u8(Wire.PUT | (extended ? Wire.Z : 0) | (ntp != 0 ? Wire.BODY_TIMESTAMP : 0));
    if (ntp != 0) {
      w.z(ntp).z(self.bytes()).id(self);
    }
    if (sourceId != null && sequence >= 0) {
      int idBytes = sourceId.bytes();
      int length = 1 + idBytes + WireWriter.zBytes(sourceEntity) + WireWriter.zBytes(sequence);
      w.u8(Wire.EXT_ZBUF | Wire.EXT_SOURCE | (attachment != null ? Wire.EXT_MORE : 0)).z(length);
      w.u8(idBytes - 1 << 4).id(sourceId).z(sourceEntity).z(sequence);
    }
    if (attachment != null) {
      w.u8(Wire.EXT_ZBUF | Wire.EXT_ATTACHMENT).buffer(attachment);
    }
    w.z(bytes);
    if (inline) {
      w.raw(payload, (int) bytes);
    }
  }

  /** Large payloads go as they are; small ones (null here) behind their head. */
  static @Nullable ByteBuffer tail(@Nullable MemorySegment payload, long bytes) {
    return payload == null || bytes <= LinkWriter.SMALL
        ? null
        : payload.asSlice(0, bytes).asByteBuffer();
  }
}
