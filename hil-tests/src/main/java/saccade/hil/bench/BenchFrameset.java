package saccade.hil.bench;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import saccade.hil.Measurement;
import saccade.hil.report.Progress;
import saccade.hil.report.Report;
import saccade.nodes.cli.BadInput;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.nodes.sensor.EgoInlet;
import saccade.nodes.sensor.EgoState;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.frameset.FrameSet;
import saccade.realtime.frameset.FrameSetAssembler;
import saccade.realtime.ledger.DropReason;
import saccade.realtime.ring.Doorbell;
import saccade.realtime.ring.FrameRing;
import saccade.realtime.ring.FrameView;
import saccade.realtime.ring.OverrunPolicy;
import saccade.realtime.ring.SlotPool;
import saccade.sim.SensorFaults;

/**
 * {@code saccade bench frameset}: six cameras and a LiDAR at 10 Hz and odometry at 100 Hz come with
 * jitter, some late, some never. A set must be ready as soon as the slowest sensor usually has
 * delivered, whoever is missing; and nothing may be missing from the accounts. The sets are put
 * together by the options that a pipeline ships with, {@link PipelineOptions#sets}.
 *
 * <p>Twice with the same arrivals: in simulated time (the rule alone) and in real time (a transport
 * thread fills 344 kB slots, another puts sets together, sleeping and waking included).
 */
@Command(
    name = "frameset",
    mixinStandardHelpOptions = true,
    description = "From the last capture of an instant until its frame set is ready.")
public final class BenchFrameset extends Measurement {
  private static final long MS = 1_000_000L;
  private static final PipelineOptions SHIPPED = PipelineOptions.tenHertz();
  private static final long PERIOD_NS = SHIPPED.periodNs();
  private static final int CAMERAS = 6;
  private static final int SENSORS = CAMERAS + 1;
  private static final int LIDAR = CAMERAS;
  private static final int ODOMETRY = SENSORS;
  private static final int PICTURE_BYTES = 448 * 256 * 3;
  private static final int SWEEP_BYTES = 32 * 1024 * 16;
  private static final int LEARNING_SETS = 30; // until the assembler knows the sensors' usual ways
  private static final double MS_OF_NS = 1e-6;

  @Option(
      names = "--sets",
      paramLabel = "N",
      description = "Instants; default 600, with --quick 150. Real time: ten a second.")
  private int sets;

  @Option(names = "--late", paramLabel = "SHARE", description = "Late frames. Default 0.02.")
  private double late = 0.02;

  @Option(names = "--lost", paramLabel = "SHARE", description = "Lost frames. Default 0.01.")
  private double lost = 0.01;

  @Option(names = "--seed", paramLabel = "N", description = "Default 1.")
  private long seed = 1;

  /** Filled by picocli. */
  public BenchFrameset() {}

  /** One frame on its way, times from the start. Sensor {@link #ODOMETRY} is ego motion. */
  private record Arrival(int sensor, long captureNs, long atNs, boolean punctual) {}

  /** All that a seed lets arrive, by arrival, and how many frames were lost. */
  private record Traffic(List<Arrival> arrivals, long[] sent, long[] lostFrames) {}

  @Override
  protected Report measure(Progress progress) throws InterruptedException {
    int count = sets > 0 ? sets : quick() ? 150 : 600;
    if (count < 2 * LEARNING_SETS) {
      throw new BadInput("--sets: wanted at least " + 2 * LEARNING_SETS + ", found " + count);
    }
    if (!(late >= 0 && lost >= 0 && late + lost < 0.5)) {
      throw new BadInput(
          "--late, --lost: wanted shares below a half together, found " + late + ", " + lost);
    }
    Traffic traffic = traffic(count);
    Outcome rule = new Outcome(count);
    try (Bench bench = new Bench(rule)) {
      bench.simulate(traffic);
    }
    Outcome real = new Outcome(count);
    try (Bench bench = new Bench(real)) {
      bench.live(traffic, progress);
    }
    Report report = new Report("bench frameset");
    report.line(
        "%d instants, 6 cameras (4 to 10 ms to arrive, started 1.5 ms apart, phases rolling by 1 ms), LiDAR (18 to 24 ms), odometry at 100 Hz; %.1f %% late by 40 to 120 ms, %.1f %% lost"
            .formatted(count, late * 100, lost * 100));
    report.line("");
    report.table(
        List.of(
            List.of(
                "ms", "p50", "p99", "worst", "sets", "complete", "without late", "without lost"),
            real.row("real time"),
            rule.row("simulated time")));
    report
        .figure(
            "slowest_sensor_p99_ms",
            real.slowestMs(0.99),
            "ms, LiDAR capture to ring, punctual frames")
        .figure("ready_p50_ms", real.readyMs(0.5), "ms, last capture to set ready")
        .figure("ready_p99_ms", real.readyMs(0.99), "ms")
        .figure("ready_worst_ms", real.readyMs(1), "ms")
        .figure("whole_p99_ms", real.wholeMs(0.99), "ms, first capture to set ready")
        .figure(
            "excess_p99_ms",
            real.readyMs(0.99) - real.slowestMs(0.99),
            "ms, last capture to set ready over the slowest sensor")
        .figure("whole_excess_p99_ms", real.excessMs(), "ms, the same from the first capture")
        .figure("rule_excess_p99_ms", rule.excessMs(), "ms, from the first, without threads")
        .figure(
            "unaccounted_frames", real.unaccounted(traffic) + rule.unaccounted(traffic), "frames")
        .figure(
            "frames_lost",
            Arrays.stream(traffic.lostFrames).limit(SENSORS).sum(),
            "never came; named absent in a set")
        .figure("frames_late", real.lateDrops, "came after their set had gone; counted LATE");
    return report;
  }

  private Traffic traffic(int count) {
    SplittableRandom random = new SplittableRandom(seed);
    SensorFaults cameras = SensorFaults.vehicle(seed, late, lost);
    // The LiDAR sets the beat, and odometry has no phase.
    SensorFaults others =
        new SensorFaults(
            seed,
            0,
            0,
            cameras.jitterNs(),
            late,
            cameras.lateLeastNs(),
            cameras.lateMostNs(),
            lost);
    List<Arrival> all = new ArrayList<>();
    long[] sent = new long[SENSORS + 1];
    long[] lostFrames = new long[SENSORS + 1];
    for (int i = 1; i <= count; i++) {
      for (int sensor = 0; sensor <= ODOMETRY; sensor++) {
        SensorFaults faults = sensor < CAMERAS ? cameras : others;
        int frames = sensor == ODOMETRY ? 10 : 1;
        for (int k = 0; k < frames; k++) {
          long n = (long) i * frames + k;
          long capture = i * PERIOD_NS + faults.offsetNs(sensor, n) + k * PERIOD_NS / frames;
          long way =
              sensor == ODOMETRY
                  ? random.nextLong(MS / 2, 2 * MS)
                  : sensor == LIDAR
                      ? random.nextLong(18 * MS, 24 * MS)
                      : random.nextLong(4 * MS, 10 * MS);
          sent[sensor]++;
          if (faults.lost(sensor, n)) {
            lostFrames[sensor]++;
          } else {
            long delay = faults.delayNs(sensor, n);
            all.add(new Arrival(sensor, capture, capture + way + delay, delay == 0));
          }
        }
      }
    }
    all.sort(Comparator.comparingLong(Arrival::atNs));
    return new Traffic(all, sent, lostFrames);
  }

  /** What one way of running gave. */
  private static final class Outcome {
    final long[] readyNs; // (sets) from the last capture
    final long[] wholeNs; // (sets) from the first capture
    final long[] slowestNs;
    int sets;
    int slow;
    int complete;
    int readyCount;
    long inSets;
    long absent;
    long lateDrops;
    long otherDrops;
    long odometryOffered;
    boolean balanced;

    Outcome(int count) {
      readyNs = new long[2 * count];
      wholeNs = new long[2 * count];
      slowestNs = new long[2 * count];
    }

    void take(FrameSet set) {
      sets++;
      inSets += set.present();
      absent += SENSORS - set.present();
      if (set.complete()) {
        complete++;
      }
      if (set.number() >= LEARNING_SETS && set.number() < readyNs.length) {
        wholeNs[readyCount] = set.leftNs() - set.oldestNs();
        readyNs[readyCount++] = set.leftNs() - set.newestNs();
      }
    }

    void slowest(long ns) {
      if (slow < slowestNs.length) {
        slowestNs[slow++] = ns;
      }
    }

    double readyMs(double quantile) {
      return quantile(readyNs, readyCount, quantile);
    }

    double wholeMs(double quantile) {
      return quantile(wholeNs, readyCount, quantile);
    }

    /** How much longer a set takes from its first capture than the slowest sensor alone, at p99. */
    double excessMs() {
      return wholeMs(0.99) - slowestMs(0.99);
    }

    double slowestMs(double quantile) {
      return quantile(slowestNs, slow, quantile);
    }

    private static double quantile(long[] values, int count, double quantile) {
      if (count == 0) {
        return Double.NaN;
      }
      long[] sorted = Arrays.copyOf(values, count);
      Arrays.sort(sorted);
      return sorted[Math.min(count - 1, (int) Math.ceil(quantile * count) - 1)] * MS_OF_NS;
    }

    /** Frames that were sent and are neither in a set, nor dropped with a reason, nor lost. */
    long unaccounted(Traffic traffic) {
      long sent = Arrays.stream(traffic.sent).limit(SENSORS).sum();
      long never = Arrays.stream(traffic.lostFrames).limit(SENSORS).sum();
      long wrong = Math.abs(sent - never - inSets - lateDrops - otherDrops);
      wrong += Math.abs(traffic.sent[ODOMETRY] - traffic.lostFrames[ODOMETRY] - odometryOffered);
      return balanced ? wrong : Math.max(wrong, 1);
    }

    List<String> row(String name) {
      return List.of(
          name,
          "%.2f".formatted(readyMs(0.5)),
          "%.2f".formatted(readyMs(0.99)),
          "%.2f".formatted(readyMs(1)),
          Integer.toString(sets),
          Integer.toString(complete),
          Long.toString(lateDrops),
          Long.toString(absent - lateDrops));
    }
  }

  /** Rings, assembler and odometry of one run. */
  private static final class Bench implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final Doorbell doorbell = new Doorbell();
    private final FrameRing[] rings = new FrameRing[SENSORS];
    private final FrameSetAssembler assembler =
        new FrameSetAssembler(SHIPPED.sets(SENSORS), SHIPPED.phases(SENSORS));
    private final EgoInlet odometry = new EgoInlet();
    private final FrameView view = new FrameView();
    private final Outcome outcome;
    private volatile boolean ended;

    Bench(Outcome outcome) {
      this.outcome = outcome;
      for (int i = 0; i < SENSORS; i++) {
        int bytes = i == LIDAR ? SWEEP_BYTES : PICTURE_BYTES;
        rings[i] =
            new FrameRing(
                i,
                "sensor" + i,
                new SlotPool(arena, 8, bytes),
                OverrunPolicy.LATEST_WINS,
                doorbell);
      }
    }

    private void arrive(Arrival arrival, long originNs, long nowNs) {
      if (arrival.sensor == ODOMETRY) {
        odometry.push(EgoState.STANDING);
        doorbell.ring();
        return;
      }
      FrameRing ring = rings[arrival.sensor];
      long handle = ring.tryClaim(nowNs);
      if (handle >= 0) {
        ring.slot(handle).fill((byte) arrival.sensor); // as a transport writes its buffer
        ring.publish(
            handle,
            originNs + arrival.captureNs,
            (int) ring.pool().slotBytes(),
            448,
            256,
            0,
            nowNs);
      }
    }

    private void take(long nowNs) {
      if (odometry.latest().stampNs() != EgoState.STANDING.stampNs()) {
        throw new IllegalStateException("odometry that nobody sent");
      }
      for (FrameRing ring : rings) {
        while (ring.takeNext(view, nowNs)) {
          long way = view.publishedNs() - view.captureNs();
          if (ring.source() == LIDAR && way < 40 * MS) {
            outcome.slowest(way);
          }
          assembler.offer(ring.source(), view, Math.max(nowNs, view.publishedNs()));
        }
      }
      FrameSet set;
      while ((set = assembler.poll(nowNs)) != null) {
        outcome.take(set);
        set.release();
      }
    }

    void simulate(Traffic traffic) {
      long origin = 1;
      for (Arrival arrival : traffic.arrivals) {
        long at = origin + arrival.atNs;
        while (assembler.nextTimeoutNs() < at) {
          take(Math.max(origin, assembler.nextTimeoutNs()));
        }
        arrive(arrival, origin, at);
        take(at);
      }
      while (assembler.nextTimeoutNs() != Long.MAX_VALUE) {
        take(Math.max(origin, assembler.nextTimeoutNs()));
      }
      settle();
    }

    void live(Traffic traffic, Progress progress) throws InterruptedException {
      NanoClock clock = NanoClock.system();
      long origin = clock.nanoTime();
      Thread transport =
          Thread.ofPlatform()
              .name("transport")
              .start(
                  () -> {
                    for (Arrival arrival : traffic.arrivals) {
                      long at = origin + arrival.atNs;
                      long now = clock.nanoTime();
                      while (now < at) {
                        LockSupport.parkNanos(at - now);
                        now = clock.nanoTime();
                      }
                      arrive(arrival, origin, now);
                    }
                    ended = true;
                    doorbell.ring();
                  });
      BooleanSupplier news = this::hasNews;
      long last = traffic.arrivals.getLast().atNs;
      while (!ended || assembler.nextTimeoutNs() != Long.MAX_VALUE) {
        long now = clock.nanoTime();
        take(now);
        progress.at("seconds", (now - origin) / 1_000_000_000L, last / 1_000_000_000L);
        doorbell.await(news, Math.min(assembler.nextTimeoutNs() - now, PERIOD_NS));
      }
      transport.join();
      settle();
    }

    private boolean hasNews() {
      for (FrameRing ring : rings) {
        if (ring.hasReady()) {
          return true;
        }
      }
      return ended && assembler.nextTimeoutNs() == Long.MAX_VALUE;
    }

    private void settle() {
      odometry.shutdown();
      assembler.shutdown();
      outcome.odometryOffered = odometry.ledger().offered();
      outcome.lateDrops = assembler.ledger().dropped(DropReason.LATE);
      boolean balanced = assembler.ledger().balance() == 0 && odometry.ledger().balance() == 0;
      long drops = 0;
      for (DropReason reason : DropReason.values()) {
        drops += assembler.ledger().dropped(reason);
        for (FrameRing ring : rings) {
          drops += ring.ledger().dropped(reason);
        }
      }
      for (FrameRing ring : rings) {
        ring.shutdown();
        balanced &= ring.ledger().balance() == 0;
      }
      outcome.otherDrops = drops - outcome.lateDrops;
      outcome.balanced = balanced;
    }

    @Override
    public void close() {
      arena.close();
    }
  }
}
