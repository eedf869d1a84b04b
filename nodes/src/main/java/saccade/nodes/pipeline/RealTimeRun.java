package saccade.nodes.pipeline;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import saccade.nodes.graph.HostPolicy;
import saccade.nodes.sensor.SensorSource;
import saccade.planner.ExpiryLimits;
import saccade.planner.OutputCodec;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.os.PauseWatch;
import saccade.realtime.os.ProcessMemory;
import saccade.realtime.os.ThreadEnd;
import saccade.realtime.os.ThreadPolicy;
import saccade.realtime.schedule.Lanes;

/**
 * A pipeline in real time: one thread for control, a lane for the model, the source's own threads.
 * The lane may be shared with other runs of this process ({@link Lanes}).
 *
 * <pre>{@code
 * RealTimeRun run = new RealTimeRun(options, source, perceiver, codec, vehicle, listener, host);
 * run.begin();      // messages flow from here on, of kind STARTING
 * ... warm up ...
 * run.startSource();
 * ... wait ...
 * run.stop();       // then pipeline() is quiet: counts, accounts, stages
 * run.close();
 * }</pre>
 */
public final class RealTimeRun implements AutoCloseable {
  private static final long LANE_PATIENCE_NS = 2_000_000_000L;
  private static final long DEFECTS_APART_NS = 1_000_000_000L;
  private static final long SOURCE_PATIENCE_NS = 2_000_000_000L; // at one set
  private static final long GUARD_PERIOD_NS = 20_000_000L;
  private static final int GUARD_PATIENCE = 15; // looks at one and the same cycle
  private static final double GUARD_DECEL_MPS2 = ExpiryLimits.passengerCar().stopDecelMps2();

  private final SensorSource source;
  private final NanoClock clock = NanoClock.system();
  private final HostPolicy host;
  private final @Nullable Lanes own; // null: the lane is shared
  private final Lanes.Stream stream;
  private final Pipeline pipeline;
  private volatile Thread control;
  private final Thread guard;
  private final BooleanSupplier news;
  private final CpuTimes cpu = new CpuTimes();
  private volatile boolean sourceStarted;
  private volatile boolean stopping;
  private volatile boolean draining;
  private volatile boolean drained;
  private volatile @Nullable Throwable failure;
  private volatile ThreadPolicy.@Nullable Found controlGranted;
  private String lockRefusal = "";
  private @Nullable Supplier<? extends Perceiver> spare;
  private @Nullable PauseWatch pauses;
  private final AtomicReference<Repair.@Nullable Repaired> repaired = new AtomicReference<>();
  private final List<Perceiver> made = Collections.synchronizedList(new ArrayList<>());
  private boolean laneHung;
  private boolean stopped;
  private volatile boolean open; // control thread
  private volatile long cycles; // control thread
  private volatile boolean inCycle; // control thread
  private volatile long controlRestarts; // guard
  private volatile Perceiver perceiver;
  private long controlDefects;
  private volatile @Nullable Throwable lastDefect;

  public RealTimeRun(
      PipelineOptions options,
      SensorSource source,
      Perceiver perceiver,
      OutputCodec codec,
      Vehicle vehicle,
      PipelineListener listener,
      HostPolicy host) {
    this(options, source, perceiver, codec, vehicle, listener, host, null);
  }

  /**
   * A run that shares lanes with others of this process.
   *
   * @param shared its way to them, which it leaves at the end; null: a lane of its own
   */
  public RealTimeRun(
      PipelineOptions options,
      SensorSource source,
      Perceiver perceiver,
      OutputCodec codec,
      Vehicle vehicle,
      PipelineListener listener,
      HostPolicy host,
      Lanes.@Nullable Stream shared) {
    this.source = source;
    this.host = host;
    this.perceiver = perceiver;
    if (shared == null) {
      Lanes alone = new Lanes(clock, host.lane());
      this.own = alone;
      this.stream = alone.join(source.name(), perceiver.device(), options.periodNs());
    } else {
      this.own = null;
      this.stream = shared;
    }
    this.pipeline =
        new Pipeline(
            options,
            source.rig(),
            perceiver,
            codec,
            stream::submit,
            clock,
            clock,
            vehicle,
            listener);
    this.pipeline.sharing(stream);
    this.pipeline.repairedBy(new Workshop());
    this.news = () -> stopping || pipeline.hasNews();
    this.control = newControl();
    this.guard = Thread.ofPlatform().name("guard").daemon(true).unstarted(this::guard);
    this.pipeline.watchPart("source", source, SOURCE_PATIENCE_NS);
  }

  private Thread newControl() {
    return Thread.ofPlatform().name("control").daemon(true).unstarted(this::work);
  }

  /**
   * Set-up. Where another perceiver comes from when the present one hangs; without it a model that
   * hangs is waited for. What it gives is closed with this run.
   */
  public RealTimeRun withSpare(Supplier<? extends Perceiver> source) {
    spare = source;
    return this;
  }

  /** Set-up. Pauses of the virtual machine are heard and attributed to the messages they hit. */
  public RealTimeRun watchingPauses() {
    PauseWatch watch = new PauseWatch(clock);
    pauses = watch;
    pipeline.watchPauses(watch);
    return this;
  }

  /** Makes the model's stage anew on a thread of its own. */
  private final class Workshop implements Repair {
    @Override
    public boolean isAble(boolean hung) {
      return !hung || spare != null;
    }

    @Override
    public void begin(boolean hung) {
      if (hung) {
        stream.takeOff(); // at once: others may be waiting behind it
      }
      Thread.ofPlatform().name("repair").daemon(true).start(() -> repaired.set(make(hung)));
    }

    private Repaired make(boolean hung) {
      try {
        Supplier<? extends Perceiver> source = spare;
        Perceiver next;
        if (hung) {
          if (source == null) {
            throw new IllegalStateException("the model hangs and there is no other one");
          }
          next = source.get();
          made.add(next);
        } else {
          next = perceiver;
          next.reset();
        }
        stream.moveTo(next.device()); // which may have fallen back from its accelerator
        perceiver = next;
        return new Repaired(next, stream::submit, null);
      } catch (RuntimeException | LinkageError e) {
        return new Repaired(null, stream::submit, e);
      }
    }

    @Override
    public @Nullable Repaired poll() {
      return repaired.getAndSet(null);
    }
  }

  /** Set-up. Starts control and lane; messages of kind STARTING flow. */
  public void begin() {
    if (host.lockMemory()) {
      lockRefusal = ProcessMemory.lock();
    }
    stream.begin();
    control.start();
    guard.start();
  }

  /** Set-up. The source pushes from here on, commands flow. */
  public void startSource() {
    cpu.begin();
    source.start(pipeline.inlets());
    sourceStarted = true;
    pipeline.doorbell().ring();
  }

  private void work() {
    cpu.controlThread = Thread.currentThread().threadId();
    long lastDefectNs = Long.MIN_VALUE;
    controlGranted = host.control().applyToThisThread();
    while (!stopping) {
      long nowNs = clock.nanoTime();
      try {
        cycle(nowNs);
      } catch (RuntimeException e) {
        // One bad cycle is a defect that costs one cycle; defects in a row would be a loop of them.
        controlDefects++;
        lastDefect = e;
        if (lastDefectNs != Long.MIN_VALUE && nowNs - lastDefectNs < DEFECTS_APART_NS) {
          failure = e;
          return;
        }
        lastDefectNs = nowNs;
      } catch (Error e) {
        failure = e;
        return;
      }
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  private void cycle(long nowNs) {
    if (sourceStarted && !open) {
      open = true;
      pipeline.open(nowNs);
    }
    cycles++;
    inCycle = true;
    long wakeNs;
    try {
      wakeNs = pipeline.duty(nowNs);
    } finally {
      inCycle = false;
    }
    if (draining) {
      pipeline.sourceEnded();
      drained = pipeline.drained();
    }
    pipeline.doorbell().await(news, wakeNs - clock.nanoTime());
  }

  /**
   * The guard's thread: looks every 20 ms whether the control thread goes on. One that has ended is
   * made anew; one that a listener holds up is interrupted; until it is back, the vehicle is told
   * to brake. It counts its own looks and not time, so that a machine or a collector that stops
   * both is not held against the control thread.
   */
  private void guard() {
    long seen = -1;
    int same = 0;
    boolean given = false; // given up
    while (!stopping) {
      pause(GUARD_PERIOD_NS / 1_000_000);
      Thread watched = control;
      long nowNs = clock.nanoTime();
      Throwable cause = failure;
      if (cause != null && !watched.isAlive()) {
        if (!given && pipeline.recover(nowNs)) {
          controlRestarts++;
          lastDefect = cause;
          failure = null;
          control = newControl();
          control.start();
        } else {
          given = true;
          pipeline.brakeFromOutside(nowNs, GUARD_DECEL_MPS2, true);
        }
        continue;
      }
      long cycle = cycles;
      same = inCycle && cycle == seen ? same + 1 : 0;
      seen = cycle;
      if (same >= GUARD_PATIENCE && pipeline.isWithOutput()) {
        pipeline.brakeFromOutside(nowNs, GUARD_DECEL_MPS2, false);
        if (same % GUARD_PATIENCE == 0) {
          pipeline.heldUp();
          watched.interrupt();
        }
      }
    }
  }

  /** How often the control thread was made anew. After {@link #stop}. */
  public long controlRestarts() {
    return controlRestarts;
  }

  /** Cycles of the control thread that threw; each is a defect. After {@link #stop}. */
  public long controlDefects() {
    return controlDefects;
  }

  /** What a cycle threw last, or null. After {@link #stop}. */
  public @Nullable Throwable lastDefect() {
    return lastDefect;
  }

  /** Whether the source has nothing more to give. */
  public boolean sourceEnded() {
    return source.ended() || pipeline.isSourceDown();
  }

  /** What stopped the control thread, if anything did: a defect. */
  public @Nullable Throwable failure() {
    return failure;
  }

  /**
   * Set-down: the source first, then what is under way is finished or falls back, then the threads.
   * After it everything of {@link #pipeline()} may be read.
   */
  public void stop() {
    if (stopped) {
      return;
    }
    stopped = true;
    cpu.end(pipeline.laneThread(), source.threadId());
    source.close();
    draining = true;
    long giveUpNs = clock.nanoTime() + pipeline.options().budgetNs() + 500_000_000L;
    while (!drained && control.isAlive() && clock.nanoTime() < giveUpNs) {
      pipeline.doorbell().ring();
      pause(2);
    }
    long patienceNs = clock.nanoTime() + LANE_PATIENCE_NS;
    while (pipeline.isWithModel() && clock.nanoTime() < patienceNs) {
      pause(5);
    }
    stopping = true;
    pipeline.doorbell().ring();
    guard.interrupt(); // it sleeps
    ThreadEnd.await(guard);
    ThreadEnd.await(control);
    laneHung = pipeline.isWithModel() || pipeline.hasLeftBehind();
    if (pipeline.isWithModel()) {
      stream.takeOff(); // others may be waiting behind it
    }
    stream.leave();
    if (own != null) {
      own.close();
    }
    PauseWatch watch = pauses;
    if (watch != null) {
      watch.close();
    }
    pipeline.shutdown();
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What control and lane have of the host policy, read back; empty before {@link #begin}. */
  public List<ThreadPolicy.Found> threads() {
    List<ThreadPolicy.Found> all = new ArrayList<>();
    ThreadPolicy.Found control = controlGranted;
    ThreadPolicy.Found model = stream.granted();
    if (control != null) {
      all.add(control);
    }
    if (model != null) {
      all.add(model);
    }
    return all;
  }

  /** What the kernel refused of the host policy, a line each. */
  public List<String> refusals() {
    List<String> all = new ArrayList<>();
    threads().forEach(found -> all.addAll(found.refusals()));
    if (!lockRefusal.isEmpty()) {
      all.add(lockRefusal);
    }
    return all;
  }

  /** Whether the model never came back; its thread is left behind. After {@link #stop}. */
  public boolean laneHung() {
    return laneHung;
  }

  public Pipeline pipeline() {
    return pipeline;
  }

  /** CPU used from the source's start to its end. After {@link #stop}. */
  public CpuTimes cpu() {
    return cpu;
  }

  @Override
  public void close() {
    stop();
    pipeline.close();
    if (!laneHung) {
      made.forEach(Perceiver::close);
    }
  }

  /** CPU seconds by thread, and of the process, over the run. */
  public static final class CpuTimes {
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final OperatingSystemMXBean process =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private final NanoClock clock = NanoClock.system();
    private volatile long controlThread = -1;
    private long beganNs;
    private long processBeganNs;
    private long controlBeganNs;
    private long wallNs;
    private long processNs;
    private long controlNs;
    private long laneNs;
    private long sourceNs;

    private CpuTimes() {}

    private void begin() {
      beganNs = clock.nanoTime();
      processBeganNs = process.getProcessCpuTime();
      controlBeganNs = of(controlThread);
    }

    private void end(long laneThread, long sourceThread) {
      wallNs = clock.nanoTime() - beganNs;
      processNs = process.getProcessCpuTime() - processBeganNs;
      controlNs = of(controlThread) - controlBeganNs;
      laneNs = of(laneThread);
      sourceNs = of(sourceThread);
    }

    private long of(long thread) {
      return thread < 0 ? 0 : Math.max(0, threads.getThreadCpuTime(thread));
    }

    /** Wall time of the run, s. */
    public double wallS() {
      return wallNs * 1e-9;
    }

    /** Control thread's part of one core, 0..1. */
    public double control() {
      return part(controlNs);
    }

    /** Lane thread's part of one core, 0..1. */
    public double lane() {
      return part(laneNs);
    }

    /** Source thread's part of one core, 0..1; 0 where it is not known. */
    public double source() {
      return part(sourceNs);
    }

    /**
     * The process without its source, in cores: control, model, page, JIT, collector and all else.
     * Where the source is several threads (a recording's), they count as the pipeline's.
     */
    public double pipeline() {
      return part(processNs - sourceNs);
    }

    /** The whole process (JIT and GC included), in cores. */
    public double process() {
      return part(processNs);
    }

    private double part(long ns) {
      return wallNs == 0 ? 0 : (double) ns / wallNs;
    }
  }
}
