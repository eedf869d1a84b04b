package saccade.nodes.zenoh;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedSelectorException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import saccade.nodes.zenoh.Counts.Of;
import saccade.nodes.zenoh.ZenohFault.Kind;

/**
 * Hot path. One open connection to one peer: reads batches on a thread of its own and gives each
 * network message to its owner; takes messages of any thread and writes them ({@link LinkWriter}).
 * Whatever is wrong with the peer ends this link and nothing else.
 *
 * <pre>
 *   socket ─► receive buffer (off-heap) ─► batch ─► FRAME ──────────────────► Message ─► owner
 *                                             └──► FRAGMENT ─► Reassembly ──► Message ─► owner
 * </pre>
 */
final class Link {
  /** Who gets what comes in. Calls come from the reader thread only. */
  interface Owner {
    /** {@code message} and its memory are valid during the call. */
    void onMessage(Link link, Message message);

    /** Called once, last. */
    void onClosed(Link link, ZenohFault why);
  }

  private static final int RECEIVE_BYTES = 1 << 19;
  private static final int MAX_BATCH = 65535 + 2;
  private static final int TLS_RECORD = 1 << 15; // room for one, decrypted

  final Handshake.Terms terms;
  final LinkWriter writer;

  /** The session's state about this peer; touched by the session alone. */
  @Nullable Object attachment;

  private final Channel channel;
  private final Owner owner;
  private final Counts counts;
  private final long maxMessageBytes;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;
  private final ByteBuffer buffer;
  private final Message message = new Message();
  private final WireReader in = new WireReader();
  private final WireReader whole = new WireReader();
  // (2 × 8): best effort and reliable, each priority
  private final long[] expected = new long[2 * Wire.PRIORITIES];
  private final @Nullable Reassembly[] reassemblies = new Reassembly[2 * Wire.PRIORITIES];
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile @Nullable ZenohFault why;
  private volatile long heardNs = System.nanoTime();

  Link(
      Channel channel,
      Handshake.Terms terms,
      ByteBuffer rest,
      Owner owner,
      Counts counts,
      ZenohConfig config) {
    this.channel = channel;
    this.terms = terms;
    this.owner = owner;
    this.counts = counts;
    this.maxMessageBytes = config.maxMessageBytes();
    this.memory = arena.allocate(RECEIVE_BYTES, 64);
    this.buffer = memory.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    buffer.put(rest).flip();
    java.util.Arrays.fill(expected, terms.theirFirst());
    this.writer = new LinkWriter(channel, terms, counts, config, this::close);
  }

  /** Starts the reader thread. */
  Thread start(String name) {
    return Thread.ofPlatform().daemon().name(name).start(this::read);
  }

  ZenohId peer() {
    return terms.peer();
  }

  String name() {
    return channel.name();
  }

  boolean open() {
    return !closed.get();
  }

  /** Is it longer ago than the peer's lease that anything came? */
  boolean silent(long nowNs) {
    return nowNs - heardNs > terms.peerLeaseMs() * 1_000_000;
  }

  /** Ends the link; the reader thread then tells the owner. Any thread, any number of times. */
  void close(ZenohFault reason) {
    if (closed.compareAndSet(false, true)) {
      why = reason;
      channel.close();
      writer.wake();
    }
  }

  /** As {@link #close}, after telling the peer. */
  void closeKindly(int wireReason, ZenohFault reason) {
    writer.sayClose(wireReason);
    close(reason);
  }

  /** Instead of {@link #start}: gives everything back, and tells nobody. */
  void discard() {
    if (closed.compareAndSet(false, true)) {
      channel.close();
      writer.free();
      arena.close();
    }
  }

  private void read() {
    try {
      while (!closed.get()) {
        batches();
        if (buffer.capacity() - buffer.position() < MAX_BATCH
            || buffer.capacity() - buffer.limit() < TLS_RECORD) {
          buffer.compact().flip();
        }
        int position = buffer.position();
        int limit = buffer.limit();
        buffer.limit(buffer.capacity()).position(limit);
        int n = channel.read(buffer, 1000);
        buffer.limit(buffer.position()).position(position);
        if (n < 0) {
          throw new ZenohFault(Kind.CONNECTION_LOST, name() + " hung up");
        }
        if (n > 0) {
          heardNs = System.nanoTime();
        }
      }
    } catch (ZenohFault fault) {
      if (fault.kind() == Kind.MALFORMED || fault.kind() == Kind.TOO_LARGE) {
        writer.sayClose(Wire.REASON_INVALID);
      }
      close(fault);
    } catch (IOException | ClosedSelectorException e) {
      close(new ZenohFault(Kind.CONNECTION_LOST, name() + ": " + e.getMessage()));
    } catch (RuntimeException | OutOfMemoryError e) {
      close(new ZenohFault(Kind.MALFORMED, name() + ": " + e));
    } finally {
      end();
    }
  }

  private void end() {
    close(new ZenohFault(Kind.CONNECTION_LOST, name())); // no effect where there was a reason
    ZenohFault reason = why;
    while (reason == null) { // another thread is between the two lines of close()
      Thread.onSpinWait();
      reason = why;
    }
    counts.add(reason.kind());
    try {
      owner.onClosed(this, reason);
    } finally {
      writer.free();
      for (Reassembly r : reassemblies) {
        if (r != null) {
          r.close();
        }
      }
      arena.close();
    }
  }

  private void batches() {
    while (buffer.remaining() >= 2) {
      int bytes = Short.toUnsignedInt(buffer.getShort(buffer.position()));
      if (buffer.remaining() < 2 + bytes) {
        return;
      }
      int start = buffer.position() + 2;
      in.over(memory, start, start + bytes);
      while (in.hasMore()) {
        transportMessage();
      }
      buffer.position(start + bytes);
    }
  }

  private void transportMessage() {
    int header = in.u8();
    switch (header & Wire.ID) {
      case Wire.FRAME -> frame(header);
      case Wire.FRAGMENT -> fragment(header);
      case Wire.KEEP_ALIVE -> in.skipExtensions((header & Wire.Z) != 0);
      case Wire.CLOSE ->
          throw new ZenohFault(
              Kind.CLOSED_BY_PEER, name() + " closes the session, reason " + in.u8());
      case Wire.T_OAM -> transportOam(header);
      default ->
          throw ZenohFault.malformed(
              "transport message " + (header & Wire.ID) + " on the open link " + name());
    }
  }

  private void transportOam(int header) {
    in.z32();
    in.skipExtensions((header & Wire.Z) != 0);
    in.skipExtension(header & Wire.EXT_ENCODING);
  }

  private void frame(int header) {
    long number = in.z64();
    int lane = lane(header, false);
    boolean fresh = inOrder(lane, number);
    while (in.hasMore()
        && (in.memory.get(java.lang.foreign.ValueLayout.JAVA_BYTE, in.at) & Wire.ID)
            >= Wire.FIRST_NETWORK) {
      message.read(in);
      if (fresh) {
        owner.onMessage(this, message);
      }
    }
  }

  private void fragment(int header) {
    counts.add(Of.FRAGMENTS_RECEIVED);
    long number = in.z64();
    int lane = lane(header, true);
    Reassembly r = reassemblies[lane];
    if (r == null) {
      r = new Reassembly(maxMessageBytes);
      reassemblies[lane] = r;
    }
    boolean next = number == expected[lane];
    boolean fresh = inOrder(lane, number);
    boolean first = first();
    if (!fresh) {
      in.skip((int) in.left());
      return;
    }
    if (dropped() || (r.active() && !next)) {
      counts.add(Of.REASSEMBLY_DROPPED);
      r.drop();
      in.skip((int) in.left());
      return;
    }
    if (first || (!r.active() && !marked)) {
      if (r.active()) {
        counts.add(Of.REASSEMBLY_DROPPED);
      }
      r.begin();
    }
    if (!r.active()) { // the rest of a message whose begin was lost
      in.skip((int) in.left());
      return;
    }
    if (r.length() + in.left() > r.capacity()) {
      budget(r.length() + in.left());
    }
    r.append(in.memory, in.at, in.left());
    in.skip((int) in.left());
    if ((header & Wire.MORE) == 0) {
      whole.over(r.memory(), 0, r.length());
      message.read(whole);
      if (whole.hasMore()) {
        throw ZenohFault.malformed(whole.left() + " bytes behind a reassembled message");
      }
      owner.onMessage(this, message);
      r.drop();
    }
  }

  /** All lanes of a link together hold at most twice what one message may. */
  private void budget(long more) {
    long held = more;
    for (Reassembly r : reassemblies) {
      if (r != null && !r.active()) {
        r.close(); // of an earlier message
      }
      held += r == null ? 0 : r.capacity();
    }
    if (held > 2 * maxMessageBytes) {
      throw new ZenohFault(
          Kind.TOO_LARGE,
          name() + " sends " + held + " bytes in pieces at once; at most " + 2 * maxMessageBytes);
    }
  }

  private boolean sawFirst;
  private boolean sawDrop;

  /** Has this peer ever marked a first fragment? Then one without the mark begins nothing. */
  private boolean marked;

  private boolean first() {
    return sawFirst;
  }

  private boolean dropped() {
    return sawDrop;
  }

  /** Reads the extensions of FRAME or FRAGMENT: the lane by reliability and priority. */
  private int lane(int header, boolean fragment) {
    int priority = Wire.PRIORITY_DATA;
    sawFirst = false;
    sawDrop = false;
    boolean more = (header & Wire.Z) != 0;
    while (more) {
      int extension = in.u8();
      more = (extension & Wire.EXT_MORE) != 0;
      int id = extension & Wire.EXT_ID;
      int encoding = extension & Wire.EXT_ENCODING;
      if (id == Wire.EXT_QOS && encoding == Wire.EXT_Z64) {
        priority = (int) in.z64() & Wire.QOS_PRIORITY;
      } else if (fragment && id == Wire.EXT_FIRST && encoding == Wire.EXT_UNIT) {
        sawFirst = true;
        marked = true;
      } else if (fragment && id == Wire.EXT_DROP && encoding == Wire.EXT_UNIT) {
        sawDrop = true;
      } else {
        in.skipUnknown(extension, fragment ? "FRAGMENT" : "FRAME");
      }
    }
    return LinkWriter.lane((header & Wire.RELIABLE) != 0, priority);
  }

  /** Keeps count of numbers: false for one that was there before. */
  private boolean inOrder(int lane, long number) {
    long ahead = number - expected[lane] & terms.sequenceMask();
    if (ahead != 0) {
      if (ahead > terms.sequenceMask() / 2) {
        counts.add(Of.FRAMES_REPEATED);
        return false;
      }
      counts.add(Of.SEQUENCE_GAPS);
    }
    expected[lane] = number + 1 & terms.sequenceMask();
    return true;
  }
}
