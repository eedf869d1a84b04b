package saccade.nodes.zenoh;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;
import saccade.nodes.zenoh.ZenohSession.PublisherOptions;
import saccade.nodes.zenoh.c.Blocks;
import saccade.nodes.zenoh.c.Layouts;
import saccade.nodes.zenoh.c.Libzenohc;
import saccade.nodes.zenoh.c.Zenohc;

/**
 * Hot path. A publisher of libzenohc. The library copies a payload once, for it may keep it beyond
 * the call; all else lies in one block of this publisher.
 */
final class NativePublisher extends NativeHandle implements ZenohPublisher {
  // In the block:
  private static final int PAYLOAD_AT = 0;
  private static final int ATTACHMENT_AT = 512;
  private static final int OPTIONS_AT = 1024;
  private static final int SOURCE_AT = 1536;
  private static final int ENTITY_AT = 1792;
  private static final int STAMP_AT = 2048;
  private static final int ATTACHED_AT = 2560;
  private static final int MAX_ATTACHED = Blocks.BYTES - ATTACHED_AT;

  private final String key;
  private int entity;
  // guarded by this
  private final MemorySegment block = Blocks.take();
  private final SegmentAllocator source = (bytes, align) -> block.asSlice(SOURCE_AT, bytes);
  private long publisher;
  private boolean dead;

  private NativePublisher(NativeSession session, String key) {
    super(session);
    this.key = key;
  }

  static NativePublisher declare(NativeSession session, String key, PublisherOptions options) {
    NativePublisher p = new NativePublisher(session, key);
    try (Arena arena = Arena.ofConfined()) {
      p.declare(new NativeMessage(arena).keyexpr(key), options);
    } catch (RuntimeException e) {
      p.failed();
      Blocks.give(p.block);
      throw e;
    }
    return p;
  }

  private synchronized void declare(long keyexpr, PublisherOptions options) {
    MemorySegment o = block.asSlice(OPTIONS_AT, Layouts.MOST);
    Zenohc.run(Zenohc.PUBLISHER_OPTIONS, o.address());
    o.set(
        ValueLayout.JAVA_INT,
        Layouts.PUBLISHER_CONGESTION,
        options.block() ? Layouts.CONGESTION_BLOCK : Layouts.CONGESTION_DROP);
    // the library has no control priority for users
    o.set(ValueLayout.JAVA_INT, Layouts.PUBLISHER_PRIORITY, Math.max(1, options.priority()));
    o.set(ValueLayout.JAVA_BYTE, Layouts.PUBLISHER_EXPRESS, (byte) (options.express() ? 1 : 0));
    o.set(
        ValueLayout.JAVA_INT,
        Layouts.PUBLISHER_RELIABILITY,
        options.reliable() ? Layouts.RELIABLE : Layouts.BEST_EFFORT);
    session.check(
        Zenohc.call(
            Zenohc.DECLARE_PUBLISHER, session.loaned(), owned.address(), keyexpr, o.address()),
        "publisher of " + key);
    publisher = Zenohc.get(Zenohc.PUBLISHER_LOAN, owned.address());
    MemorySegment id =
        Zenohc.publisherId((bytes, align) -> block.asSlice(ENTITY_AT, bytes), publisher);
    entity = Zenohc.getInt(Zenohc.ENTITY_NUMBER, id.address());
    if (!session.id().is(id) || id.get(ValueLayout.JAVA_INT, Zenohc.ENTITY_NUMBER_AT) != entity) {
      Zenohc.call(Zenohc.UNDECLARE_PUBLISHER, owned.address());
      throw Libzenohc.other("its z_entity_global_id_t is not 16 bytes of an id and a number");
    }
    session.timestamp(block.asSlice(STAMP_AT, Layouts.MOST), 1);
    o.fill((byte) 0);
    Zenohc.run(Zenohc.PUT_OPTIONS, o.address());
  }

  @Override
  public String key() {
    return key;
  }

  @Override
  public int entityId() {
    return entity;
  }

  @Override
  public boolean put(MemorySegment payload, long bytes, byte @Nullable [] attachment) {
    return put(payload, bytes, attachment, -1, 0);
  }

  @Override
  public synchronized boolean put(
      MemorySegment payload, long bytes, byte @Nullable [] attachment, long sequence, long ntp) {
    if (bytes < 0 || bytes > payload.byteSize() || bytes > session.maxMessageBytes) {
      throw new IllegalArgumentException(
          "payload of " + bytes + " bytes; wanted 0 to " + payload.byteSize());
    }
    if (dead) {
      throw new IllegalStateException("the publisher of " + key + " is closed");
    }
    if (payload.isNative() && (attachment == null || attachment.length <= MAX_ATTACHED)) {
      return put(payload.address(), bytes, attach(attachment), sequence, ntp);
    }
    try (Arena arena = Arena.ofConfined()) { // memory of the heap moves
      MemorySegment copy = arena.allocate(Math.max(1, bytes));
      MemorySegment.copy(payload, 0, copy, 0, bytes);
      long attached = new NativeMessage(arena).attachment(attachment);
      return put(copy.address(), bytes, attached, sequence, ntp);
    }
  }

  private long attach(byte @Nullable [] attachment) {
    if (attachment == null) {
      return 0;
    }
    long at = block.address() + ATTACHED_AT;
    MemorySegment.copy(attachment, 0, block, ValueLayout.JAVA_BYTE, ATTACHED_AT, attachment.length);
    long owned = block.address() + ATTACHMENT_AT;
    Zenohc.call(Zenohc.BYTES_COPY, owned, at, attachment.length);
    return owned;
  }

  private boolean put(long address, long bytes, long attached, long sequence, long ntp) {
    long at = block.address();
    long stamp = 0;
    if (ntp != 0) {
      block.set(ValueLayout.JAVA_LONG, STAMP_AT + session.ntpAt(), ntp);
      stamp = at + STAMP_AT;
    }
    long from = sequence < 0 ? 0 : Zenohc.source(source, at + ENTITY_AT, (int) sequence).address();
    block.set(ValueLayout.JAVA_LONG, OPTIONS_AT + Layouts.PUT_TIMESTAMP, stamp);
    block.set(ValueLayout.JAVA_LONG, OPTIONS_AT + Layouts.PUT_SOURCE, from);
    block.set(ValueLayout.JAVA_LONG, OPTIONS_AT + Layouts.PUT_ATTACHMENT, attached);
    int rc = Zenohc.call(Zenohc.BYTES_COPY, at + PAYLOAD_AT, address, bytes);
    if (rc == Zenohc.OK) {
      rc = Zenohc.call(Zenohc.PUBLISHER_PUT, publisher, at + PAYLOAD_AT, at + OPTIONS_AT);
    } else if (attached != 0) {
      Zenohc.run(Zenohc.BYTES_DROP, attached);
    }
    session.counts.add(rc == Zenohc.OK ? Counts.Of.SENT : Counts.Of.REFUSED);
    return rc == Zenohc.OK;
  }

  @Override
  synchronized void silence() {
    dead = true;
  }

  /** Not before a call of put is over: a listener of this very session may have closed us. */
  @Override
  synchronized void undeclare() {
    Zenohc.call(Zenohc.UNDECLARE_PUBLISHER, owned.address());
    Blocks.give(block);
  }
}
