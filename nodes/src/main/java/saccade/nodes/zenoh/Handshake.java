package saccade.nodes.zenoh;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.SecureRandom;
import saccade.nodes.zenoh.ZenohFault.Kind;

/**
 * INIT and OPEN, both sides. Each message is a batch of its own.
 *
 * <pre>
 *   dialling            accepting
 *   INIT syn  ------&gt;
 *             &lt;------   INIT ack, cookie
 *   OPEN syn, cookie -&gt;
 *             &lt;------   OPEN ack
 * </pre>
 */
final class Handshake {
  /** Resolution byte: request ids 32 bit, frame numbers 32 bit. */
  private static final int RESOLUTION_32 = 0x0A;

  private static final int MAX_BATCH = 65535;
  private static final int COOKIE_BYTES = 16;
  private static final long DAY_MS = 86_400_000;

  /** What two sides agreed on. */
  record Terms(
      Role peerRole,
      ZenohId peer,
      long peerLeaseMs,
      int batchBytes,
      long sequenceMask,
      long ourFirst,
      long theirFirst,
      boolean qos,
      boolean marksFragments) {}

  private final Channel channel;
  private final Role role;
  private final ZenohId self;
  private final long leaseMs;
  private final long deadlineNs;
  private final ByteBuffer buffer =
      ByteBuffer.allocate(MAX_BATCH + 2).order(ByteOrder.LITTLE_ENDIAN).flip();
  private final WireReader in = new WireReader();
  private final WireWriter out = new WireWriter();

  Handshake(Channel channel, Role role, ZenohId self, long leaseMs, long timeoutMs) {
    this.channel = channel;
    this.role = role;
    this.self = self;
    this.leaseMs = leaseMs;
    this.deadlineNs = System.nanoTime() + timeoutMs * 1_000_000;
  }

  /** Bytes that came behind the last message of the opening; they belong to the link. */
  ByteBuffer rest() {
    return buffer;
  }

  Terms dial() throws IOException {
    out.clear().u8(Wire.INIT | Wire.Z).u8(Wire.VERSION);
    out.u8(self.bytes() - 1 << 4 | role.wire).id(self);
    out.u8(Wire.EXT_MORE | Wire.EXT_UNIT | Wire.EXT_QOS);
    out.u8(Wire.EXT_Z64 | Wire.EXT_PATCH).z(1);
    send();

    int header = receive(Wire.INIT, true);
    Init ack = init(header, true);
    long ourFirst = new SecureRandom().nextLong() & ack.sequenceMask();
    out.clear().u8(Wire.OPEN).z(leaseMs).z(ourFirst).buffer(ack.cookie());
    send();

    header = receive(Wire.OPEN, true);
    long lease = lease(header);
    long theirFirst = in.z64() & ack.sequenceMask();
    return new Terms(
        ack.role(),
        ack.id(),
        lease,
        ack.batchBytes(),
        ack.sequenceMask(),
        ourFirst,
        theirFirst,
        ack.qos(),
        ack.patch() >= 1);
  }

  Terms accept() throws IOException {
    Init syn = init(receive(Wire.INIT, false), false);
    if (syn.id().equals(self)) {
      refuse(Wire.REASON_TO_SELF);
      throw new ZenohFault(Kind.TO_SELF, channel.name());
    }
    byte[] cookie = new byte[COOKIE_BYTES];
    new SecureRandom().nextBytes(cookie);
    out.clear().u8(Wire.INIT | Wire.ACK | Wire.INIT_SIZES | Wire.Z).u8(Wire.VERSION);
    out.u8(self.bytes() - 1 << 4 | role.wire).id(self);
    out.u8(syn.resolution()).u16(syn.batchBytes()).buffer(cookie);
    if (syn.qos()) {
      out.u8(Wire.EXT_MORE | Wire.EXT_UNIT | Wire.EXT_QOS);
    }
    out.u8(Wire.EXT_Z64 | Wire.EXT_PATCH).z(Math.min(1, syn.patch()));
    send();

    int header = receive(Wire.OPEN, false);
    long lease = lease(header);
    long theirFirst = in.z64() & syn.sequenceMask();
    byte[] echoed = in.bytes(in.length());
    if (!MessageDigest.isEqual(cookie, echoed)) {
      refuse(Wire.REASON_INVALID);
      throw new ZenohFault(Kind.HANDSHAKE, "a cookie that is not ours from " + channel.name());
    }
    long ourFirst = new SecureRandom().nextLong() & syn.sequenceMask();
    out.clear().u8(Wire.OPEN | Wire.ACK).z(leaseMs).z(ourFirst);
    send();
    return new Terms(
        syn.role(),
        syn.id(),
        lease,
        syn.batchBytes(),
        syn.sequenceMask(),
        ourFirst,
        theirFirst,
        syn.qos(),
        syn.patch() >= 1);
  }

  /** Says CLOSE; the channel is closed by the caller. */
  void refuse(int reason) throws IOException {
    out.clear().u8(Wire.CLOSE | Wire.CLOSE_SESSION).u8(reason);
    send();
  }

  private record Init(
      Role role,
      ZenohId id,
      int resolution,
      long sequenceMask,
      int batchBytes,
      byte[] cookie,
      boolean qos,
      long patch) {}

  private Init init(int header, boolean ack) throws IOException {
    int version = in.u8();
    if (version != Wire.VERSION) {
      refuse(Wire.REASON_UNSUPPORTED);
      throw new ZenohFault(
          Kind.VERSION,
          "protocol version " + version + " at " + channel.name() + "; wanted " + Wire.VERSION);
    }
    int who = in.u8();
    Role peer = Role.of(who & 3);
    ZenohId id = in.id((who >> 4) + 1);
    int resolution = RESOLUTION_32;
    int batch = MAX_BATCH;
    if ((header & Wire.INIT_SIZES) != 0) {
      int theirs = in.u8();
      int frames = Math.min(theirs & 3, RESOLUTION_32 & 3);
      int requests = Math.min(theirs >> 2 & 3, RESOLUTION_32 >> 2);
      resolution = requests << 2 | frames;
      batch = in.u16();
    }
    if (batch < 64) {
      throw new ZenohFault(
          Kind.HANDSHAKE, "batch of " + batch + " bytes at " + channel.name() + "; at least 64");
    }
    byte[] cookie = ack ? in.bytes(in.length()) : new byte[0];
    boolean qos = false;
    long patch = 0;
    boolean more = (header & Wire.Z) != 0 && in.hasMore(); // pico sets Z and sends none
    while (more) {
      int extension = in.u8();
      more = (extension & Wire.EXT_MORE) != 0;
      int id4 = extension & Wire.EXT_ID;
      int encoding = extension & Wire.EXT_ENCODING;
      if (id4 == Wire.EXT_QOS && encoding == Wire.EXT_UNIT) {
        qos = true;
      } else if (id4 == Wire.EXT_PATCH && encoding == Wire.EXT_Z64) {
        patch = in.z64();
      } else {
        in.skipUnknown(extension, "INIT");
      }
    }
    long mask =
        switch (resolution & 3) {
          case 0 -> 0x7FL;
          case 1 -> 0x3FFFL;
          default -> 0xFFF_FFFFL;
        };
    return new Init(peer, id, resolution, mask, batch, cookie, qos, patch);
  }

  private long lease(int header) {
    long lease = in.z64();
    int unitMs = (header & Wire.OPEN_SECONDS) != 0 ? 1000 : 1;
    if (lease < 1 || lease > DAY_MS / unitMs) {
      throw new ZenohFault(
          Kind.HANDSHAKE,
          "lease of "
              + lease
              + " x "
              + unitMs
              + " ms at "
              + channel.name()
              + "; wanted 1 ms to a day");
    }
    return lease * unitMs;
  }

  /** The next message, which must be {@code wanted}: its header. */
  private int receive(int wanted, boolean ack) throws IOException {
    need(2);
    int bytes = Short.toUnsignedInt(buffer.getShort(buffer.position()));
    need(2 + bytes);
    int start = buffer.position() + 2;
    in.over(java.lang.foreign.MemorySegment.ofArray(buffer.array()), start, start + bytes);
    buffer.position(start + bytes);
    int header = in.u8();
    int id = header & Wire.ID;
    if (id == Wire.CLOSE) {
      int reason = in.u8();
      throw new ZenohFault(
          reason == Wire.REASON_MAX_LINKS ? Kind.DUPLICATE : Kind.CLOSED_BY_PEER,
          channel.name() + " refuses, reason " + reason);
    }
    if (id != wanted || (header & Wire.ACK) != 0 != ack) {
      throw new ZenohFault(
          Kind.HANDSHAKE,
          "message " + id + " from " + channel.name() + "; wanted " + wanted + " of the opening");
    }
    return header;
  }

  private void need(int bytes) throws IOException {
    while (buffer.remaining() < bytes) {
      long left = deadlineNs - System.nanoTime();
      if (left <= 0) {
        throw new ZenohFault(Kind.HANDSHAKE, channel.name() + " does not answer in time");
      }
      buffer.compact();
      int n = channel.read(buffer, left / 1_000_000);
      buffer.flip();
      if (n < 0) {
        throw new ZenohFault(Kind.CONNECTION_LOST, channel.name() + " hung up while opening");
      }
    }
  }

  private void send() throws IOException {
    ByteBuffer batch = ByteBuffer.allocate(out.length + 2).order(ByteOrder.LITTLE_ENDIAN);
    batch.putShort((short) out.length).put(out.bytes, 0, out.length).flip();
    ByteBuffer[] both = {batch, ByteBuffer.allocate(0)};
    while (batch.hasRemaining()) {
      if (channel.write(both) == 0) {
        channel.awaitWritable(100_000_000);
        if (System.nanoTime() > deadlineNs) {
          throw new ZenohFault(Kind.HANDSHAKE, channel.name() + " takes nothing");
        }
      }
    }
  }
}
