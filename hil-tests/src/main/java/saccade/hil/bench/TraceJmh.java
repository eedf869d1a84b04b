package saccade.hil.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import saccade.realtime.schedule.LatencyModel;
import saccade.realtime.trace.TraceKind;
import saccade.realtime.trace.TraceRing;
import saccade.realtime.trace.TraceWriter;

/**
 * One call into the trace, in batches that fit its ring; the thread that writes them to a file
 * works meanwhile, as in a run. {@code bench trace} runs it.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
public class TraceJmh {
  /** Calls of a batch. */
  static final int BATCH = 8_000;

  private static final int RING = 1 << 14;
  private static final int KINDS = 12;
  private static final int SIZE = 133;

  /** A trace that is written, and a model that has learnt of every kind. */
  @State(Scope.Thread)
  public static class Traced {
    private final LatencyModel latency =
        new LatencyModel(List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"));
    private final Path file;
    private final TraceWriter writer;
    private final TraceRing ring;
    private int next;

    /** Opens a file of its own. */
    public Traced() {
      try {
        file = Files.createTempFile("saccade", ".trace");
        writer = TraceWriter.open(file, 0, 0);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      ring = writer.ring(RING);
      for (int i = 0; i < 100 * KINDS; i++) {
        latency.observe(i % KINDS, SIZE, 1_000_000L + 1_000L * (i % 97));
      }
    }

    /** Nothing of the batch before is left in the ring. */
    @Setup(Level.Iteration)
    public void emptied() {
      while (ring.waiting() > 0) {
        LockSupport.parkNanos(this, 1_000_000L);
      }
    }

    /** Ends the trace. */
    @TearDown(Level.Trial)
    public void end() throws IOException {
      writer.close();
      Files.deleteIfExists(file);
      if (writer.lost() > 0) {
        throw new IllegalStateException("wanted no lost record, found " + writer.lost());
      }
    }
  }

  /** A record of a frame, a set, a message. */
  @Benchmark
  public boolean record(Traced to) {
    int i = to.next++;
    return to.ring.put(TraceKind.MESSAGE, 0, i & 31, i, i, i, SIZE, i, i, 0, 0);
  }

  /** A record of a slice, with what was predicted of it. */
  @Benchmark
  public boolean slice(Traced to) {
    int i = to.next++;
    int kind = i % KINDS;
    return to.ring.put(
        TraceKind.SLICE,
        0,
        kind,
        i,
        i,
        i,
        SIZE,
        to.latency.p50Ns(kind, SIZE),
        to.latency.p99Ns(kind, SIZE),
        0,
        0);
  }
}
