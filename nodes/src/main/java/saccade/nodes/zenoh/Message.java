package saccade.nodes.zenoh;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Hot path. One network message, read in place: positions are offsets in {@link #memory}, lengths
 * are checked, nothing is copied or allocated. Filled anew by each {@link #read}; {@code -1} as a
 * position or an id means: not there.
 */
final class Message {
  MemorySegment memory = MemorySegment.NULL;

  /** {@link Wire#PUSH}, {@link Wire#DECLARE}, … */
  int kind;

  // key expression: id in a table (0 none) and a suffix
  int scope;
  boolean senderMapping;
  long suffixAt;
  int suffixBytes;

  int qos;

  /** Of REQUEST, RESPONSE, RESPONSE_FINAL. */
  int requestId;

  int target;
  long timeoutMs;

  // DECLARE
  /** Interest this declaration answers; only where {@link #answersInterest}. */
  int interestId;

  boolean answersInterest;
  int declaration;
  int entityId;
  boolean complete;
  boolean hasKey;

  // INTEREST
  int mode;
  int about;

  // OAM
  int oamId;
  long oamAt;
  int oamBytes;

  // bodies
  /** {@link Wire#PUT}, {@link Wire#DEL}, {@link Wire#QUERY}, {@link Wire#ERR}. */
  int body;

  long timestamp;
  boolean hasTimestamp;
  int encoding;
  long attachmentAt;
  int attachmentBytes;
  @Nullable ZenohId sourceId;
  int sourceEntity;
  long sourceSequence;
  long payloadAt;
  int payloadBytes;
  long parametersAt;
  int parametersBytes;

  private final WireReader inner = new WireReader();

  /** Reads the next message; {@code in} stands behind it afterwards. */
  void read(WireReader in) {
    clear();
    memory = in.memory;
    int header = in.u8();
    kind = header & Wire.ID;
    boolean extended = (header & Wire.Z) != 0;
    switch (kind) {
      case Wire.PUSH -> {
        key(in, (header & Wire.NAMED) != 0, (header & Wire.SENDER_MAPPING) != 0);
        networkExtensions(in, extended, "PUSH");
        data(in, in.u8(), "PUSH");
      }
      case Wire.REQUEST -> {
        requestId = in.z32();
        key(in, (header & Wire.NAMED) != 0, (header & Wire.SENDER_MAPPING) != 0);
        networkExtensions(in, extended, "REQUEST");
        query(in);
      }
      case Wire.RESPONSE -> {
        requestId = in.z32();
        key(in, (header & Wire.NAMED) != 0, (header & Wire.SENDER_MAPPING) != 0);
        networkExtensions(in, extended, "RESPONSE");
        response(in);
      }
      case Wire.RESPONSE_FINAL -> {
        requestId = in.z32();
        networkExtensions(in, extended, "RESPONSE_FINAL");
      }
      case Wire.DECLARE -> {
        answersInterest = (header & Wire.DECLARE_INTEREST) != 0;
        interestId = answersInterest ? in.z32() : -1;
        networkExtensions(in, extended, "DECLARE");
        declaration(in);
      }
      case Wire.INTEREST -> interest(in, header, extended);
      case Wire.OAM -> oam(in, header, extended);
      default -> throw ZenohFault.malformed("network message id " + kind + "; wanted 25..31");
    }
  }

  private void clear() {
    scope = 0;
    senderMapping = false;
    suffixAt = -1;
    suffixBytes = 0;
    qos = Wire.PRIORITY_DATA;
    requestId = 0;
    target = 0;
    timeoutMs = 0;
    interestId = -1;
    answersInterest = false;
    declaration = -1;
    entityId = 0;
    complete = false;
    hasKey = false;
    mode = 0;
    about = 0;
    oamId = -1;
    oamAt = -1;
    oamBytes = 0;
    body = 0;
    timestamp = 0;
    hasTimestamp = false;
    encoding = 0;
    attachmentAt = -1;
    attachmentBytes = 0;
    sourceId = null;
    sourceEntity = 0;
    sourceSequence = -1;
    payloadAt = -1;
    payloadBytes = 0;
    parametersAt = -1;
    parametersBytes = 0;
  }

  private void key(WireReader in, boolean named, boolean sender) {
    hasKey = true;
    senderMapping = sender;
    scope = in.z32();
    if (scope < 0 || scope > 0xFFFF) {
      throw ZenohFault.malformed("key expression id " + scope + "; wanted 0..65535");
    }
    suffix(in, named ? in.length() : 0);
    if (scope == 0 && suffixBytes == 0) {
      throw ZenohFault.malformed("an empty key expression");
    }
  }

  private void suffix(WireReader in, int bytes) {
    if (bytes > KeyExpr.MAX_BYTES) {
      throw ZenohFault.malformed(
          "key expression of " + bytes + " bytes; at most " + KeyExpr.MAX_BYTES);
    }
    suffixBytes = bytes;
    suffixAt = in.skip(bytes);
  }

  private void networkExtensions(WireReader in, boolean present, String where) {
    boolean more = present;
    while (more) {
      int header = in.u8();
      more = (header & Wire.EXT_MORE) != 0;
      switch (header & (Wire.EXT_ID | Wire.EXT_ENCODING)) {
        case Wire.EXT_Z64 | Wire.EXT_QOS -> qos = (int) in.z64() & 0xFF;
        case Wire.EXT_Z64 | 3 -> in.z64(); // node id: for routers among themselves
        case Wire.EXT_Z64 | Wire.EXT_TARGET -> target = (int) in.z64() & 0xFF;
        case Wire.EXT_Z64 | Wire.EXT_TIMEOUT -> timeoutMs = in.z64();
        default -> in.skipUnknown(header, where);
      }
    }
  }

  private void data(WireReader in, int header, String where) {
    body = header & Wire.ID;
    boolean put = body == Wire.PUT;
    if (!put && body != Wire.DEL) {
      throw ZenohFault.malformed("body " + body + " in " + where + "; wanted PUT or DEL");
    }
    if ((header & Wire.BODY_TIMESTAMP) != 0) {
      hasTimestamp = true;
      timestamp = in.z64();
      int idBytes = in.length();
      if (idBytes > ZenohId.MAX_BYTES) {
        throw ZenohFault.malformed("time stamp's id of " + idBytes + " bytes; at most 16");
      }
      in.skip(idBytes);
    }
    if (put && (header & Wire.BODY_ENCODING) != 0) {
      encoding(in);
    }
    bodyExtensions(in, (header & Wire.Z) != 0, put ? Wire.EXT_ATTACHMENT : Wire.EXT_DEL_ATTACHMENT);
    if (put) {
      payloadBytes = in.length();
      payloadAt = in.skip(payloadBytes);
    }
  }

  private void encoding(WireReader in) {
    int id = in.z32();
    encoding = id >>> 1;
    if ((id & 1) != 0) {
      in.skip(in.length());
    }
  }

  private void bodyExtensions(WireReader in, boolean present, int attachmentId) {
    boolean more = present;
    while (more) {
      int header = in.u8();
      more = (header & Wire.EXT_MORE) != 0;
      int id = header & Wire.EXT_ID;
      boolean buffer = (header & Wire.EXT_ENCODING) == Wire.EXT_ZBUF;
      if (buffer && id == Wire.EXT_SOURCE) {
        source(in);
      } else if (buffer && id == attachmentId) {
        attachmentBytes = in.length();
        attachmentAt = in.skip(attachmentBytes);
      } else if (buffer && body == Wire.QUERY && id == Wire.EXT_QUERY_BODY) {
        int bytes = in.length();
        long start = in.skip(bytes);
        inner.over(in.memory, start, start + bytes);
        encoding(inner);
        payloadBytes = (int) inner.left();
        payloadAt = inner.skip(payloadBytes);
      } else {
        in.skipUnknown(header, "a body");
      }
    }
  }

  private void source(WireReader in) {
    int bytes = in.length();
    long start = in.skip(bytes);
    inner.over(in.memory, start, start + bytes);
    sourceId = inner.id((inner.u8() >> 4) + 1);
    sourceEntity = inner.z32();
    sourceSequence = Integer.toUnsignedLong(inner.z32());
  }

  private void query(WireReader in) {
    int header = in.u8();
    body = header & Wire.ID;
    if (body != Wire.QUERY) {
      throw ZenohFault.malformed("body " + body + " in REQUEST; wanted QUERY");
    }
    if ((header & Wire.CONSOLIDATION) != 0) {
      in.u8();
    }
    if ((header & Wire.PARAMETERS) != 0) {
      parametersBytes = in.length();
      parametersAt = in.skip(parametersBytes);
    }
    bodyExtensions(in, (header & Wire.Z) != 0, Wire.EXT_QUERY_ATTACHMENT);
  }

  private void response(WireReader in) {
    int header = in.u8();
    switch (header & Wire.ID) {
      case Wire.REPLY -> {
        if ((header & Wire.CONSOLIDATION) != 0) {
          in.u8();
        }
        in.skipExtensions((header & Wire.Z) != 0);
        data(in, in.u8(), "REPLY");
      }
      case Wire.ERR -> {
        body = Wire.ERR;
        if ((header & Wire.BODY_ENCODING) != 0) {
          encoding(in);
        }
        bodyExtensions(in, (header & Wire.Z) != 0, -1);
        payloadBytes = in.length();
        payloadAt = in.skip(payloadBytes);
      }
      default ->
          throw ZenohFault.malformed(
              "body " + (header & Wire.ID) + " in RESPONSE; wanted REPLY or ERR");
    }
  }

  private void declaration(WireReader in) {
    int header = in.u8();
    declaration = header & Wire.ID;
    boolean extended = (header & Wire.Z) != 0;
    switch (declaration) {
      case Wire.D_KEY -> {
        entityId = in.z32();
        if (entityId < 1 || entityId > 0xFFFF) {
          throw ZenohFault.malformed("key expression id " + entityId + "; wanted 1..65535");
        }
        key(in, (header & Wire.NAMED) != 0, true);
        in.skipExtensions(extended);
      }
      case Wire.U_KEY -> {
        entityId = in.z32();
        in.skipExtensions(extended);
      }
      case Wire.D_SUBSCRIBER, Wire.D_TOKEN -> {
        entityId = in.z32();
        key(in, (header & Wire.NAMED) != 0, (header & Wire.SENDER_MAPPING) != 0);
        in.skipExtensions(extended);
      }
      case Wire.D_QUERYABLE -> {
        entityId = in.z32();
        key(in, (header & Wire.NAMED) != 0, (header & Wire.SENDER_MAPPING) != 0);
        queryableInfo(in, extended);
      }
      case Wire.U_SUBSCRIBER, Wire.U_QUERYABLE, Wire.U_TOKEN -> {
        entityId = in.z32();
        undeclaredKey(in, extended);
      }
      case Wire.D_FINAL -> in.skipExtensions(extended);
      default -> throw ZenohFault.malformed("declaration " + declaration + " unknown");
    }
  }

  private void queryableInfo(WireReader in, boolean present) {
    boolean more = present;
    while (more) {
      int header = in.u8();
      more = (header & Wire.EXT_MORE) != 0;
      if ((header & (Wire.EXT_ID | Wire.EXT_ENCODING))
          == (Wire.EXT_Z64 | Wire.EXT_QUERYABLE_INFO)) {
        complete = (in.z64() & 1) != 0;
      } else {
        in.skipUnknown(header, "D_QUERYABLE");
      }
    }
  }

  private void undeclaredKey(WireReader in, boolean present) {
    boolean more = present;
    while (more) {
      int header = in.u8();
      more = (header & Wire.EXT_MORE) != 0;
      if ((header & (Wire.EXT_ID | Wire.EXT_ENCODING)) == (Wire.EXT_ZBUF | Wire.EXT_KEY)) {
        int bytes = in.length();
        long start = in.skip(bytes);
        inner.over(in.memory, start, start + bytes);
        int flags = inner.u8();
        senderMapping = (flags & 2) != 0;
        scope = inner.z32() & 0xFFFF;
        suffix(inner, (flags & 1) != 0 ? (int) inner.left() : 0);
        hasKey = scope != 0 || suffixBytes != 0;
      } else {
        in.skipUnknown(header, "an undeclaration");
      }
    }
  }

  private void interest(WireReader in, int header, boolean extended) {
    interestId = in.z32();
    mode = header >> 5 & 3;
    if (mode != Wire.MODE_FINAL) {
      about = in.u8();
      if ((about & Wire.RESTRICTED) != 0) {
        key(in, (about & Wire.INTEREST_NAMED) != 0, (about & Wire.INTEREST_SENDER_MAPPING) != 0);
      }
    }
    in.skipExtensions(extended);
  }

  private void oam(WireReader in, int header, boolean extended) {
    oamId = in.z32();
    networkExtensions(in, extended, "OAM");
    switch (header & Wire.EXT_ENCODING) {
      case Wire.EXT_UNIT -> {}
      case Wire.EXT_Z64 -> in.z64();
      case Wire.EXT_ZBUF -> {
        oamBytes = in.length();
        oamAt = in.skip(oamBytes);
      }
      default -> throw ZenohFault.malformed("OAM encoding 3; wanted 0..2");
    }
  }

  /** A copy of the attachment, or null. */
  byte @Nullable [] attachment() {
    return attachmentAt < 0 ? null : copy(attachmentAt, attachmentBytes);
  }

  byte[] copy(long from, int bytes) {
    return memory.asSlice(from, bytes).toArray(ValueLayout.JAVA_BYTE);
  }

  String suffix() {
    return suffixBytes == 0 ? "" : WireReader.text(memory, suffixAt, suffixBytes);
  }
}
