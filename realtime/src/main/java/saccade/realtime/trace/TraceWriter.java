package saccade.realtime.trace;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import saccade.realtime.os.ThreadEnd;

/**
 * Brings the records of rings to a file, on a thread of its own. A slow disk costs records
 * (counted), a broken one ends the writing and not the run.
 *
 * <pre>
 *   bytes  0- 7  "SACTRACE"
 *   bytes  8-11  version, {@value TraceFile#VERSION}         little endian
 *   bytes 12-15  bytes of a record, 64
 *   bytes 16-23  instant of opening in the run's domain, ns
 *   bytes 24-31  the same instant, ns since 1970
 *   bytes 32-63  0
 *   then records as in {@link TraceRing}, in the order of each ring
 * </pre>
 */
public final class TraceWriter implements AutoCloseable {
  private static final long PAUSE_NS = 10_000_000L;
  private static final int MOST_AT_ONCE = 4096; // records

  private final Path file;
  private final FileChannel channel;
  private final Arena arena = Arena.ofShared();
  private final List<TraceRing> rings = new CopyOnWriteArrayList<>();
  private final Thread thread;
  private volatile boolean closing;
  private volatile @Nullable IOException failure;
  private volatile long written;

  private TraceWriter(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
    this.thread = Thread.ofPlatform().name("trace").daemon(true).unstarted(this::work);
  }

  /**
   * Set-up. Makes the file and starts the thread.
   *
   * @param nowNs now in the run's domain
   * @param wallNs now, ns since 1970
   * @throws IOException when it cannot be made
   */
  public static TraceWriter open(Path file, long nowNs, long wallNs) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    TraceWriter writer = new TraceWriter(file, channel);
    ByteBuffer head = ByteBuffer.allocate(TraceFile.HEAD_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    head.put(TraceFile.MAGIC).putInt(TraceFile.VERSION).putInt(TraceRing.RECORD_BYTES);
    head.putLong(nowNs).putLong(wallNs).rewind();
    try {
      writer.write(head);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    writer.thread.start();
    return writer;
  }

  /**
   * Set-up. A ring for one more thread; its memory lives as long as this writer.
   *
   * @param records it holds, a power of two
   */
  public TraceRing ring(int records) {
    TraceRing ring = new TraceRing(arena.allocate((long) records * TraceRing.RECORD_BYTES, 64));
    rings.add(ring);
    return ring;
  }

  private void work() {
    while (!closing) {
      drain();
      LockSupport.parkNanos(this, PAUSE_NS);
    }
    drain();
  }

  private void drain() {
    for (TraceRing ring : rings) {
      MemorySegment records = ring.peek(MOST_AT_ONCE);
      while (records.byteSize() > 0) {
        long count = records.byteSize() / TraceRing.RECORD_BYTES;
        if (failure == null) {
          try {
            write(records.asByteBuffer());
            written += count;
          } catch (IOException e) {
            failure = e;
          }
        }
        ring.taken(count);
        records = ring.peek(MOST_AT_ONCE);
      }
    }
  }

  private void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Records in the file. */
  public long written() {
    return written;
  }

  /** Records that found their ring full. */
  public long lost() {
    long sum = 0;
    for (TraceRing ring : rings) {
      sum += ring.lost();
    }
    return sum;
  }

  /** The file. */
  public Path file() {
    return file;
  }

  /** One line about a disk that failed, or null. */
  public @Nullable String complaint() {
    IOException cause = failure;
    return cause == null ? null : "cannot write to " + file + ": " + cause.getMessage();
  }

  /** Set-down, after the writing threads: what waits is written. */
  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(thread);
    ThreadEnd.await(thread);
    try {
      channel.close();
    } catch (IOException e) {
      failure = failure == null ? e : failure;
    }
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
