package saccade.nodes.zenoh;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedSelectorException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import saccade.nodes.zenoh.Counts.Of;
import saccade.nodes.zenoh.ZenohFault.Kind;

/**
 * Hot path. The one way out of a link. Whoever sends writes by itself; while another thread is at
 * it, a small message is left in a backlog that the other sends as one batch, and a large one
 * waits. Between the fragments of a large message those with a higher priority go first.
 *
 * <p>A message is a head (all but the payload) and a payload, which goes from the caller's memory
 * into the socket without a copy of ours when it is off-heap.
 */
final class LinkWriter {
  /** Payloads up to this are put behind their head: one buffer is cheaper than two. */
  static final int SMALL = 4096;

  private static final int BATCH = 65535;
  private static final int FRAME_ROOM = 24; // prefix, header, number, extensions
  private static final long DROP_WAIT_NS = 1_000_000;
  private static final long DROP_WAIT_FRAGMENT_NS = 50_000_000;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final Channel channel;
  private final Handshake.Terms terms;
  private final Counts counts;
  private final Consumer<ZenohFault> onFault;
  private final int maxContent;
  private final long blockNs;
  private final Arena arena = Arena.ofShared();
  private final ByteBuffer out; // of whoever is busy
  private final ByteBuffer[] pair = new ByteBuffer[2];

  // guarded by gate
  private final ReentrantLock gate = new ReentrantLock();
  private final Condition turn = gate.newCondition();
  private boolean busy;
  private boolean ended;
  private final int[] waiting = new int[Wire.PRIORITIES];
  private final @Nullable WireWriter[] backlog = new WireWriter[2 * Wire.PRIORITIES];
  private final boolean[] fragmenting = new boolean[2 * Wire.PRIORITIES];
  private final boolean[] backlogBlocks = new boolean[2 * Wire.PRIORITIES];
  private final WireWriter spare = new WireWriter();
  private boolean spareMayDrop;

  // of whoever is busy
  private final long[] number = new long[2 * Wire.PRIORITIES];
  private final boolean[] abandoned = new boolean[2 * Wire.PRIORITIES];
  private final ByteBuffer rest; // of a batch that the peer took in part; ready to be read
  private final ByteBuffer[] restOnly = new ByteBuffer[2];
  private long stuckNs; // when the peer last took something, while there is a rest
  private volatile boolean stuck; // there is a rest
  private volatile long spokeNs = System.nanoTime();

  LinkWriter(
      Channel channel,
      Handshake.Terms terms,
      Counts counts,
      ZenohConfig config,
      Consumer<ZenohFault> onFault) {
    this.channel = channel;
    this.terms = terms;
    this.counts = counts;
    this.onFault = onFault;
    this.maxContent = Math.min(terms.batchBytes(), BATCH) - 2;
    this.blockNs = config.blockMs() * 1_000_000;
    this.out = arena.allocate(BATCH + 2, 64).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    this.rest = arena.allocate(BATCH + 2, 64).asByteBuffer().flip();
    restOnly[0] = rest;
    restOnly[1] = NOTHING;
    java.util.Arrays.fill(number, terms.ourFirst());
  }

  /** Index of the numbers of one kind of frames. */
  static int lane(boolean reliable, int priority) {
    return (reliable ? Wire.PRIORITIES : 0) + priority;
  }

  /**
   * Sends one network message.
   *
   * @param head of a network message, whole but for the payload
   * @param payload what follows the head, [position, limit), or null; its position moves
   * @param qos priority, {@link Wire#QOS_BLOCK}, {@link Wire#QOS_EXPRESS}
   * @return false when it was dropped, or the link has ended
   */
  boolean send(WireWriter head, @Nullable ByteBuffer payload, boolean reliable, int qos) {
    int priority = qos & Wire.QOS_PRIORITY;
    int lane = lane(reliable, terms.qos() ? priority : Wire.PRIORITY_DATA);
    boolean mayDrop = (qos & Wire.QOS_BLOCK) == 0;
    int payloadBytes = payload == null ? 0 : payload.remaining();
    int bytes = head.length + payloadBytes;
    boolean small = payloadBytes == 0 && bytes <= SMALL && (qos & Wire.QOS_EXPRESS) == 0;
    Turn got = take(lane, priority, mayDrop, small ? head : null);
    if (got != Turn.MINE) {
      if (got == Turn.DROPPED) {
        counts.add(Of.DROPPED_BY_CONGESTION);
      }
      return got == Turn.LEFT_TO_ANOTHER;
    }
    boolean sent = false;
    try {
      flushOwn(lane);
      sent =
          bytes + FRAME_ROOM <= maxContent
              ? frame(head.bytes, head.length, payload, lane, mayDrop)
              : fragments(head, payload, lane, priority, mayDrop);
    } catch (IOException | ClosedSelectorException e) {
      onFault.accept(new ZenohFault(Kind.CONNECTION_LOST, channel.name() + ": " + e.getMessage()));
    } catch (ZenohFault e) {
      onFault.accept(e);
    } finally {
      give();
    }
    return sent;
  }

  /** Sends what is left of a batch; says that we live, when nothing was said for long. */
  void keepAlive(long nowNs, long idleNs) {
    if (nowNs - spokeNs < idleNs && !stuck) {
      return;
    }
    gate.lock();
    try {
      if (busy || ended) {
        return; // somebody is speaking
      }
      busy = true;
    } finally {
      gate.unlock();
    }
    try {
      if (flushRest(0) && nowNs - spokeNs >= idleNs) {
        out.clear().putShort((short) 1).put((byte) Wire.KEEP_ALIVE).flip();
        write(NOTHING, true, 0);
      }
    } catch (IOException | ClosedSelectorException e) {
      onFault.accept(new ZenohFault(Kind.CONNECTION_LOST, channel.name() + ": " + e.getMessage()));
    } catch (ZenohFault e) {
      onFault.accept(e);
    } finally {
      give();
    }
  }

  /** CLOSE, if nobody is in the middle of a batch. */
  void sayClose(int reason) {
    gate.lock();
    try {
      if (busy || ended) {
        return;
      }
      busy = true;
    } finally {
      gate.unlock();
    }
    try {
      out.clear().putShort((short) 2);
      out.put((byte) (Wire.CLOSE | Wire.CLOSE_SESSION)).put((byte) reason).flip();
      write(NOTHING, true, 0);
    } catch (IOException | ClosedSelectorException | ZenohFault e) {
      // the link ends anyway
    } finally {
      give();
    }
  }

  /** Nobody waits any more: the link has ended. */
  void wake() {
    gate.lock();
    try {
      ended = true;
      turn.signalAll();
    } finally {
      gate.unlock();
    }
  }

  /** Gives the memory back once the last writer is out. */
  void free() {
    gate.lock();
    try {
      ended = true;
      turn.signalAll();
      while (busy) {
        turn.awaitUninterruptibly();
      }
    } finally {
      gate.unlock();
    }
    arena.close();
  }

  private enum Turn {
    MINE,
    LEFT_TO_ANOTHER,
    DROPPED,
    ENDED
  }

  private Turn take(int lane, int priority, boolean mayDrop, @Nullable WireWriter small) {
    gate.lock();
    try {
      if (small != null && busy && !ended && !fragmenting[lane]) {
        WireWriter w = backlog[lane];
        if (w == null) {
          w = new WireWriter();
          backlog[lane] = w;
        }
        if (w.length + small.length + FRAME_ROOM <= maxContent) {
          w.append(small);
          backlogBlocks[lane] |= !mayDrop;
          counts.add(Of.BATCHED);
          return Turn.LEFT_TO_ANOTHER;
        }
      }
      long left = DROP_WAIT_FRAGMENT_NS;
      waiting[priority]++;
      try {
        while (!ended && (busy || fragmenting[lane] || higherWaits(priority))) {
          if (!mayDrop) {
            turn.awaitUninterruptibly();
          } else if (left <= 0) {
            return Turn.DROPPED;
          } else {
            left = await(left);
          }
        }
      } finally {
        waiting[priority]--;
      }
      if (ended) {
        return Turn.ENDED;
      }
      busy = true;
      return Turn.MINE;
    } finally {
      gate.unlock();
    }
  }

  @SuppressWarnings("WaitNotInLoop") // the caller loops
  private long await(long ns) {
    try {
      return turn.awaitNanos(ns);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0; // a droppable message of an interrupted thread is dropped
    }
  }

  private boolean higherWaits(int priority) {
    for (int p = 0; p < priority; p++) {
      if (waiting[p] > 0) {
        return true;
      }
    }
    return false;
  }

  /** Sends what others left, then lets the next one in. */
  private void give() {
    while (true) {
      int lane;
      gate.lock();
      try {
        lane = ended ? -1 : nextBacklog(2 * Wire.PRIORITIES);
        if (lane < 0) {
          busy = false;
          turn.signalAll();
          return;
        }
        takeBacklog(lane);
      } finally {
        gate.unlock();
      }
      try {
        frame(spare.bytes, spare.length, null, lane, spareMayDrop);
      } catch (IOException | ClosedSelectorException e) {
        onFault.accept(
            new ZenohFault(Kind.CONNECTION_LOST, channel.name() + ": " + e.getMessage()));
      } catch (ZenohFault e) {
        onFault.accept(e);
      }
    }
  }

  private int nextBacklog(int below) {
    for (int p = 0; p < Math.min(below, Wire.PRIORITIES); p++) {
      for (int lane = p; lane < 2 * Wire.PRIORITIES; lane += Wire.PRIORITIES) {
        WireWriter w = backlog[lane];
        if (w != null && w.length > 0 && !fragmenting[lane]) {
          return lane;
        }
      }
    }
    return -1;
  }

  private void takeBacklog(int lane) {
    WireWriter w = backlog[lane];
    spare.clear();
    spareMayDrop = !backlogBlocks[lane];
    backlogBlocks[lane] = false;
    if (w != null) {
      spare.append(w);
      w.clear();
    }
  }

  /** What was left in our own lane goes before our message. */
  private void flushOwn(int lane) throws IOException {
    gate.lock();
    try {
      takeBacklog(lane);
    } finally {
      gate.unlock();
    }
    if (spare.length > 0) {
      frame(spare.bytes, spare.length, null, lane, spareMayDrop);
    }
  }

  private boolean frame(
      byte[] head, int headBytes, @Nullable ByteBuffer payload, int lane, boolean mayDrop)
      throws IOException {
    if (!tellAbandoned(lane, mayDrop)) {
      counts.add(Of.DROPPED_BY_CONGESTION);
      return false;
    }
    begin(Wire.FRAME, lane, false, false);
    out.put(head, 0, headBytes);
    ByteBuffer tail = payload == null ? NOTHING : payload;
    seal(tail.remaining());
    if (!write(tail, mayDrop, DROP_WAIT_NS)) {
      counts.add(Of.DROPPED_BY_CONGESTION);
      return false;
    }
    number[lane] = number[lane] + 1 & terms.sequenceMask();
    return true;
  }

  private boolean fragments(
      WireWriter head, @Nullable ByteBuffer payload, int lane, int priority, boolean mayDrop)
      throws IOException {
    ByteBuffer tail = payload == null ? NOTHING : payload;
    int end = tail.limit();
    int total = head.length + tail.remaining();
    int done = 0;
    boolean first = true;
    if (!tellAbandoned(lane, mayDrop)) {
      counts.add(Of.DROPPED_BY_CONGESTION);
      return false;
    }
    setFragmenting(lane, true);
    try {
      while (done < total) {
        if (!first && !yieldTo(priority)) {
          return false;
        }
        int fixed = begin(Wire.FRAGMENT, lane, first && terms.marksFragments(), false);
        int piece = Math.min(maxContent - fixed, total - done);
        if (done + piece < total) {
          out.put(2, (byte) (out.get(2) | Wire.MORE));
        }
        int ofHead = Math.max(0, Math.min(piece, head.length - done));
        out.put(head.bytes, Math.min(done, head.length), ofHead);
        tail.limit(tail.position() + piece - ofHead);
        seal(piece - ofHead);
        if (!write(tail, mayDrop, first ? DROP_WAIT_NS : DROP_WAIT_FRAGMENT_NS)) {
          counts.add(Of.DROPPED_BY_CONGESTION);
          return first ? false : abandon(lane);
        }
        tail.limit(end);
        number[lane] = number[lane] + 1 & terms.sequenceMask();
        counts.add(Of.FRAGMENTS_SENT);
        done += piece;
        first = false;
      }
      return true;
    } finally {
      tail.limit(end);
      setFragmenting(lane, false);
    }
  }

  /** The rest of this message will not come: the peer is told before the next one. */
  private boolean abandon(int lane) {
    abandoned[lane] = true;
    return false;
  }

  /** False when the peer cannot be told now, and so cannot get anything else. */
  private boolean tellAbandoned(int lane, boolean mayDrop) throws IOException {
    if (!abandoned[lane]) {
      return true;
    }
    if (terms.marksFragments()) {
      begin(Wire.FRAGMENT, lane, false, true);
      seal(0);
      if (!write(NOTHING, mayDrop, DROP_WAIT_NS)) {
        return false;
      }
    } // else the gap in the numbers tells it
    number[lane] = number[lane] + 1 & terms.sequenceMask();
    abandoned[lane] = false;
    return true;
  }

  private void setFragmenting(int lane, boolean on) {
    gate.lock();
    try {
      fragmenting[lane] = on;
      turn.signalAll();
    } finally {
      gate.unlock();
    }
  }

  /** Lets those with a higher priority go first; false when the link has ended meanwhile. */
  private boolean yieldTo(int priority) throws IOException {
    gate.lock();
    try {
      int lane;
      while (!ended && (lane = nextBacklog(priority)) >= 0) {
        takeBacklog(lane);
        gate.unlock();
        try {
          frame(spare.bytes, spare.length, null, lane, spareMayDrop);
        } finally {
          gate.lock();
        }
      }
      if (!ended && higherWaits(priority)) {
        busy = false;
        turn.signalAll();
        waiting[priority]++;
        try {
          while (busy || (!ended && higherWaits(priority))) {
            turn.awaitUninterruptibly();
          }
        } finally {
          waiting[priority]--;
        }
        busy = true;
      }
      return !ended;
    } finally {
      gate.unlock();
    }
  }

  /** Begins a batch in {@link #out}: bytes of it that count against the batch's content. */
  private int begin(int id, int lane, boolean first, boolean drop) {
    int priority = lane % Wire.PRIORITIES;
    boolean qos = terms.qos() && priority != Wire.PRIORITY_DATA;
    int header = id | (lane >= Wire.PRIORITIES ? Wire.RELIABLE : 0);
    out.clear().position(2);
    out.put((byte) (header | (qos || first || drop ? Wire.Z : 0)));
    long rest = number[lane];
    while ((rest & ~0x7FL) != 0) {
      out.put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    out.put((byte) rest);
    if (qos) {
      int more = first || drop ? Wire.EXT_MORE : 0;
      out.put((byte) (Wire.EXT_QOS | Wire.EXT_Z64 | Wire.EXT_MANDATORY | more));
      out.put((byte) priority);
    }
    if (first) {
      out.put((byte) (Wire.EXT_FIRST | Wire.EXT_UNIT));
    }
    if (drop) {
      out.put((byte) (Wire.EXT_DROP | Wire.EXT_UNIT));
    }
    return out.position() - 2;
  }

  private void seal(int tailBytes) {
    out.putShort(0, (short) (out.position() - 2 + tailBytes));
    out.flip();
  }

  /**
   * Writes {@link #out} and {@code tail}. A batch that may be dropped is dropped when the peer
   * takes nothing of it in time; what is left when it took a part is sent later, before anything
   * else.
   *
   * @return false when it was dropped; nothing of it went out then
   */
  private boolean write(ByteBuffer tail, boolean mayDrop, long dropWaitNs) throws IOException {
    if (!flushRest(mayDrop ? dropWaitNs : blockNs)) {
      return false;
    }
    pair[0] = out;
    pair[1] = tail;
    boolean begun = channel.write(pair) > 0;
    long start = 0;
    while (out.hasRemaining() || tail.hasRemaining()) {
      long now = System.nanoTime();
      if (start == 0) {
        start = now;
      }
      long left = (mayDrop ? dropWaitNs : blockNs) - (now - start);
      if (left <= 0) {
        if (!mayDrop) {
          throw blocked();
        }
        if (begun) {
          rest.clear().put(out).put(tail).flip();
          stuck = true;
          stuckNs = now;
        }
        return begun;
      }
      channel.awaitWritable(Math.min(left, TimeUnit.MILLISECONDS.toNanos(100)));
      if (channel.write(pair) > 0) {
        begun = true;
        start = 0;
      }
    }
    spokeNs = System.nanoTime();
    return true;
  }

  /** True when nothing is left of an earlier batch. */
  private boolean flushRest(long waitNs) throws IOException {
    if (!stuck) {
      return true;
    }
    long start = System.nanoTime();
    while (true) {
      if (channel.write(restOnly) > 0) {
        stuckNs = System.nanoTime();
      }
      if (!rest.hasRemaining()) {
        stuck = false;
        return true;
      }
      long now = System.nanoTime();
      if (now - stuckNs > blockNs) {
        throw blocked();
      }
      if (now - start >= waitNs) {
        return false;
      }
      channel.awaitWritable(Math.min(waitNs - (now - start), TimeUnit.MILLISECONDS.toNanos(100)));
    }
  }

  private ZenohFault blocked() {
    return new ZenohFault(
        Kind.BLOCKED, channel.name() + " took nothing for " + blockNs / 1_000_000 + " ms");
  }
}
