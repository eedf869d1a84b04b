package saccade.hil.bench;

import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.BatchEventProcessorBuilder;
import com.lmax.disruptor.BlockingWaitStrategy;
import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.EventPoller;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.WaitStrategy;
import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.ring.Doorbell;
import saccade.realtime.ring.FrameRing;
import saccade.realtime.ring.FrameView;
import saccade.realtime.ring.OverrunPolicy;
import saccade.realtime.ring.SlotPool;

/**
 * What a hop from producer to consumer costs: our ring beside a bare Disruptor and an {@link
 * ArrayBlockingQueue}.
 *
 * <p>All do the same: each payload is copied from the producer's own buffer into preallocated
 * off-heap memory and eight descriptor fields are filled in; the consumer reads a long of every
 * cache line of the payload and two fields. Nothing is lost, all have the same number of places,
 * nobody spins. Two modes:
 *
 * <ul>
 *   <li>{@link Mode#ONE_THREAD}: one thread sends as many frames as half the places, then takes
 *       them. Nobody waits, and what counts is the thread's processor time, so this is what the hop
 *       itself costs, measurable on a shared machine too.
 *   <li>{@link Mode#TWO_THREADS}: a producer and a consumer as fast as they can, by the clock.
 *       Includes sleeping and waking, which on few cores is most of it.
 * </ul>
 *
 * <p>The bare Disruptor runs with our {@link Doorbell} as its wait strategy (the same as our ring:
 * this is the baseline, and it runs twice a round, to know how far it agrees with itself) and with
 * its own {@link BlockingWaitStrategy}; it is read by its own poller or batching event processor. A
 * round runs all once, in an order that turns from round to round.
 */
public final class RingBench {

  /** Share of the baseline our ring may cost. */
  public static final double LIMIT = 1.2;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int WARM_UP_ROUNDS = 6;
  private static final int LINE_BYTES = 64;

  /** Who produces and who consumes. */
  public enum Mode {
    /** The same thread, by turns. */
    ONE_THREAD,
    /** A thread each. */
    TWO_THREADS
  }

  /**
   * One contender in one mode at one payload size.
   *
   * @param contender name as printed
   * @param mode who produces and who consumes
   * @param payloadBytes bytes copied in for each frame
   * @param rounds rounds measured
   * @param framesPerRound frames in each
   * @param nsPerFrame median over the rounds, ns
   * @param ratioToBare median over the rounds of own time by the baseline's of the same round
   * @param bytesPerFrame Java heap bytes allocated by producer and consumer for a frame, over all
   *     rounds
   * @param nsByRound (rounds) ns per frame in each round; the same index is the same round for all
   *     contenders
   */
  public record Result(
      String contender,
      Mode mode,
      int payloadBytes,
      int rounds,
      int framesPerRound,
      double nsPerFrame,
      double ratioToBare,
      double bytesPerFrame,
      double[] nsByRound) {}

  /** Name of our ring in the results. */
  public static final String RING = "FrameRing";

  /** Name of the baseline in the results. */
  public static final String BARE = "bare Disruptor";

  /** The baseline a second time: its ratio says how far a measurement can be believed now. */
  public static final String BARE_AGAIN = "bare Disruptor again";

  /** The Disruptor as it comes, with its own wait strategy. */
  public static final String BARE_BLOCKING = "bare Disruptor, BlockingWaitStrategy";

  /** The JDK's queue. */
  public static final String QUEUE = "ArrayBlockingQueue";

  private RingBench() {}

  /**
   * Both modes, 64 B and 256 kB payloads. {@code rounds} of each, at least 20 for a figure to be
   * believed.
   */
  public static List<Result> run(int rounds) throws InterruptedException {
    List<Result> results = new ArrayList<>();
    results.addAll(run(Mode.ONE_THREAD, 64, 64, 200_000, rounds));
    results.addAll(run(Mode.ONE_THREAD, 256 * 1024, 16, 500, rounds));
    results.addAll(run(Mode.TWO_THREADS, 64, 64, 20_000, rounds));
    results.addAll(run(Mode.TWO_THREADS, 256 * 1024, 16, 500, rounds));
    return results;
  }

  /** One mode and payload size; bytes, places in each contender, frames a round, rounds. */
  public static List<Result> run(
      Mode mode, int payloadBytes, int places, int framesPerRound, int rounds)
      throws InterruptedException {
    if (rounds < 1 || framesPerRound < 1 || places < 2 || payloadBytes < Long.BYTES) {
      throw new IllegalArgumentException(
          "expected rounds and frames >= 1, places >= 2, payload >= 8 bytes, found "
              + rounds
              + ", "
              + framesPerRound
              + ", "
              + places
              + ", "
              + payloadBytes);
    }
    try (Arena arena = Arena.ofShared()) {
      MemorySegment source = arena.allocate(payloadBytes, LINE_BYTES);
      List<Contender> contenders =
          List.of(
              new OurRing(arena, payloadBytes, places),
              new BareDisruptor(BARE, new Doorbell(), mode, arena, payloadBytes, places),
              new BareDisruptor(BARE_AGAIN, new Doorbell(), mode, arena, payloadBytes, places),
              new BareDisruptor(
                  BARE_BLOCKING, new BlockingWaitStrategy(), mode, arena, payloadBytes, places),
              new BlockingQueue(arena, payloadBytes, places));
      for (int round = 0; round < WARM_UP_ROUNDS; round++) {
        for (Contender contender : contenders) {
          contender.round(mode, source, framesPerRound);
        }
      }
      double[][] ns = new double[contenders.size()][rounds]; // (contenders, rounds) ns per frame
      long[] bytes = new long[contenders.size()];
      for (int round = 0; round < rounds; round++) {
        for (int turn = 0; turn < contenders.size(); turn++) {
          // Forwards in even rounds, backwards in odd ones: neither comes always first.
          int which = round % 2 == 0 ? turn : contenders.size() - 1 - turn;
          Round measured = contenders.get(which).round(mode, source, framesPerRound);
          ns[which][round] = (double) measured.elapsedNs() / framesPerRound;
          bytes[which] += measured.allocatedBytes();
        }
      }
      return results(contenders, mode, payloadBytes, framesPerRound, ns, bytes);
    }
  }

  private static List<Result> results(
      List<Contender> contenders,
      Mode mode,
      int payloadBytes,
      int framesPerRound,
      double[][] ns,
      long[] bytes) {
    int rounds = ns[0].length;
    List<Result> results = new ArrayList<>();
    for (int which = 0; which < contenders.size(); which++) {
      double[] ratios = new double[rounds];
      for (int round = 0; round < rounds; round++) {
        ratios[round] = ns[which][round] / ns[1][round];
      }
      results.add(
          new Result(
              contenders.get(which).name,
              mode,
              payloadBytes,
              rounds,
              framesPerRound,
              median(ns[which]),
              median(ratios),
              (double) bytes[which] / ((double) rounds * framesPerRound),
              ns[which].clone()));
    }
    return results;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** The row of that contender and payload size. */
  public static Result row(List<Result> results, String contender, Mode mode, int payloadBytes) {
    for (Result result : results) {
      if (result.contender().equals(contender)
          && result.mode() == mode
          && result.payloadBytes() == payloadBytes) {
        return result;
      }
    }
    throw new IllegalArgumentException(
        "expected a row of " + contender + ", " + mode + " at " + payloadBytes + " B, found none");
  }

  /** A table for people. */
  public static List<String> table(List<Result> results) {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "%-38s %-12s %9s %12s %16s %13s",
            "contender",
            "mode",
            "payload B",
            "ns a frame",
            "x bare Disruptor",
            "heap B/frame"));
    for (Result result : results) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%-38s %-12s %9d %12.1f %16.3f %13.4f",
              result.contender(),
              result.mode(),
              result.payloadBytes(),
              result.nsPerFrame(),
              result.ratioToBare(),
              result.bytesPerFrame()));
    }
    return lines;
  }

  private record Round(long elapsedNs, long allocatedBytes) {}

  private static void fill(
      MemorySegment source, MemorySegment slot, int payloadBytes, long number) {
    source.set(ValueLayout.JAVA_LONG, 0, number);
    MemorySegment.copy(source, 0, slot, 0, payloadBytes);
  }

  private static long touch(MemorySegment slot, int byteLength) {
    long sum = 0;
    for (long at = 0; at < byteLength; at += LINE_BYTES) {
      sum += slot.get(ValueLayout.JAVA_LONG, at);
    }
    return sum;
  }

  /**
   * What carries frames. Two threads: a round starts a consumer and produces in the caller's
   * thread.
   */
  private abstract static class Contender {
    final String name;
    final int payloadBytes;
    final int batch;
    private long consumerBytes;
    private long sum;

    Contender(String name, int payloadBytes, int places) {
      this.name = name;
      this.payloadBytes = payloadBytes;
      this.batch = places / 2;
    }

    final Round round(Mode mode, MemorySegment source, int frames) throws InterruptedException {
      Round round = mode == Mode.ONE_THREAD ? byTurns(source, frames) : together(source, frames);
      long wanted = frames * (frames + 1L) / 2 * 2 + (long) frames * payloadBytes;
      if (sum != wanted) {
        throw new IllegalStateException(
            name
                + ": expected a checksum of "
                + wanted
                + ", found "
                + sum
                + ": frames were lost or mixed");
      }
      return round;
    }

    private Round byTurns(MemorySegment source, int frames) throws InterruptedException {
      long bytesBefore = THREADS.getCurrentThreadAllocatedBytes();
      long startNs = THREADS.getCurrentThreadCpuTime();
      long total = 0;
      for (int sent = 0; sent < frames; ) {
        int now = Math.min(batch, frames - sent);
        produce(source, sent + 1L, sent + now);
        total += take(now);
        sent += now;
      }
      long elapsedNs = THREADS.getCurrentThreadCpuTime() - startNs;
      long bytes = THREADS.getCurrentThreadAllocatedBytes() - bytesBefore;
      sum = total;
      return new Round(elapsedNs, bytes);
    }

    private Round together(MemorySegment source, int frames) throws InterruptedException {
      CountDownLatch started = new CountDownLatch(1);
      Thread consumer =
          Thread.ofPlatform()
              .name("bench-consumer")
              .start(
                  () -> {
                    THREADS.getCurrentThreadAllocatedBytes();
                    started.countDown();
                    long before = THREADS.getCurrentThreadAllocatedBytes();
                    sum = await(frames);
                    consumerBytes = THREADS.getCurrentThreadAllocatedBytes() - before;
                  });
      started.await();
      NanoClock clock = NanoClock.system();
      long bytesBefore = THREADS.getCurrentThreadAllocatedBytes();
      long startNs = clock.nanoTime();
      produce(source, 1, frames);
      long producerBytes = THREADS.getCurrentThreadAllocatedBytes() - bytesBefore;
      consumer.join();
      return new Round(clock.nanoTime() - startNs, producerBytes + consumerBytes);
    }

    /**
     * Sends frames first..last, waits when there is no room; each payload begins with its number,
     * the rest is 0.
     */
    abstract void produce(MemorySegment source, long first, long last) throws InterruptedException;

    /**
     * Takes that many frames, which are there. The sum of all lines touched, capture stamps
     * (numbers) and lengths.
     */
    abstract long take(int frames) throws InterruptedException;

    /** Takes that many frames, sleeps when none is there. The same sum. */
    abstract long await(int frames);
  }

  private static final class OurRing extends Contender {
    private final Doorbell doorbell = new Doorbell();
    private final FrameRing ring;
    private final FrameView view = new FrameView();
    private final BooleanSupplier ready;

    OurRing(Arena arena, int payloadBytes, int places) {
      super(RING, payloadBytes, places);
      SlotPool pool = new SlotPool(arena, places, payloadBytes);
      ring = new FrameRing(0, "bench", pool, OverrunPolicy.LOSSLESS, doorbell);
      ready = ring::hasReady;
    }

    @Override
    void produce(MemorySegment source, long first, long last) {
      for (long number = first; number <= last; number++) {
        long handle = ring.claim(number); // naps when full, as the Disruptor's producer does
        fill(source, ring.slot(handle), payloadBytes, number);
        ring.publish(handle, number, payloadBytes, 1, 1, 0, number);
      }
    }

    @Override
    long take(int frames) {
      long total = 0;
      for (int taken = 0; taken < frames && ring.takeNext(view, taken); taken++) {
        total += read();
      }
      return total;
    }

    @Override
    long await(int frames) {
      long total = 0;
      for (int taken = 0; taken < frames; ) {
        if (ring.takeNext(view, taken)) {
          total += read();
          taken++;
        } else {
          doorbell.await(ready, 1_000_000_000L);
        }
      }
      return total;
    }

    private long read() {
      long lines = touch(view.payload(), view.byteLength()) + view.captureNs() + view.byteLength();
      view.release();
      return lines;
    }
  }

  /** An event of the rivals: the fields of our descriptor and a payload buffer of its own. */
  @SuppressWarnings("UnusedVariable") // written as our ring writes them; nobody needs to read them
  private static final class Frame {
    final MemorySegment payload;
    long sequence;
    long captureNs;
    long arrivedNs;
    long publishedNs;
    int byteLength;
    int width;
    int height;
    int format;

    Frame(MemorySegment payload) {
      this.payload = payload;
    }

    void describe(long number, int bytes) {
      sequence = number;
      captureNs = number;
      arrivedNs = number;
      publishedNs = number;
      byteLength = bytes;
      width = 1;
      height = 1;
      format = 0;
    }
  }

  private static final class BareDisruptor extends Contender {
    private final RingBuffer<Frame> ring;
    private final EventPoller<Frame> poller;
    private final EventPoller.Handler<Frame> polled = this::onPolled;
    private final BatchEventProcessor<Frame> processor;
    private long sum;
    private long left;

    BareDisruptor(
        String name, WaitStrategy waiting, Mode mode, Arena arena, int payloadBytes, int places) {
      super(name, payloadBytes, places);
      ring =
          RingBuffer.createSingleProducer(
              () -> new Frame(arena.allocate(payloadBytes, LINE_BYTES)), places, waiting);
      poller = ring.newPoller();
      Last last = new Last();
      processor = new BatchEventProcessorBuilder().build(ring, ring.newBarrier(), last);
      last.processor = processor;
      ring.addGatingSequences(
          mode == Mode.ONE_THREAD ? poller.getSequence() : processor.getSequence());
    }

    /** Adds up what it sees and stops its processor after the last frame of a round. */
    private final class Last implements EventHandler<Frame> {
      private @Nullable BatchEventProcessor<Frame> processor;

      @Override
      public void onEvent(Frame frame, long sequence, boolean endOfBatch) {
        sum += touch(frame.payload, frame.byteLength) + frame.captureNs + frame.byteLength;
        BatchEventProcessor<Frame> running = processor;
        if (--left == 0 && running != null) {
          running.halt();
        }
      }
    }

    @Override
    void produce(MemorySegment source, long first, long last) {
      for (long number = first; number <= last; number++) {
        long sequence = ring.next();
        Frame frame = ring.get(sequence);
        fill(source, frame.payload, payloadBytes, number);
        frame.describe(number, payloadBytes);
        ring.publish(sequence);
      }
    }

    @Override
    long take(int frames) {
      sum = 0;
      try {
        poller.poll(polled);
      } catch (Exception e) {
        throw new IllegalStateException("the poller's handler failed", e);
      }
      return sum;
    }

    private boolean onPolled(Frame frame, long sequence, boolean endOfBatch) {
      sum += touch(frame.payload, frame.byteLength) + frame.captureNs + frame.byteLength;
      return true;
    }

    @Override
    long await(int frames) {
      sum = 0;
      left = frames;
      processor.run();
      return sum;
    }
  }

  private static final class BlockingQueue extends Contender {
    private final ArrayBlockingQueue<Frame> free;
    private final ArrayBlockingQueue<Frame> ready;

    BlockingQueue(Arena arena, int payloadBytes, int places) {
      super(QUEUE, payloadBytes, places);
      free = new ArrayBlockingQueue<>(places);
      ready = new ArrayBlockingQueue<>(places);
      for (int i = 0; i < places; i++) {
        free.add(new Frame(arena.allocate(payloadBytes, LINE_BYTES)));
      }
    }

    @Override
    void produce(MemorySegment source, long first, long last) throws InterruptedException {
      for (long number = first; number <= last; number++) {
        Frame frame = free.take();
        fill(source, frame.payload, payloadBytes, number);
        frame.describe(number, payloadBytes);
        ready.put(frame);
      }
    }

    @Override
    long take(int frames) throws InterruptedException {
      long total = 0;
      for (int taken = 0; taken < frames; taken++) {
        Frame frame = ready.take();
        total += touch(frame.payload, frame.byteLength) + frame.captureNs + frame.byteLength;
        free.put(frame);
      }
      return total;
    }

    @Override
    long await(int frames) {
      try {
        return take(frames);
      } catch (InterruptedException e) {
        throw new IllegalStateException("the consumer was interrupted", e);
      }
    }
  }

  /** Runs it alone: {@code RingBench [rounds]}. */
  public static void main(String[] args) throws InterruptedException {
    table(run(args.length == 0 ? 21 : Integer.parseInt(args[0]))).forEach(System.out::println);
  }
}
