package saccade.nodes.pipeline;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.nodes.sensor.EgoState;
import saccade.nodes.sensor.SensorInlets;
import saccade.perception.PerceptionOutput;
import saccade.planner.ExpiryLimits;
import saccade.planner.ExpiryProfile;
import saccade.planner.GeometricReflex;
import saccade.planner.OutputCodec;
import saccade.planner.PlannerMessage;
import saccade.planner.ReflexLimits;
import saccade.planner.StaleGate;
import saccade.planner.Validation;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.frameset.FrameSet;
import saccade.realtime.frameset.FrameSetAssembler;
import saccade.realtime.frameset.FrameSetOptions;
import saccade.realtime.ledger.DropLedger;
import saccade.realtime.ring.Doorbell;
import saccade.realtime.ring.FrameView;
import saccade.realtime.schedule.Slice;
import saccade.realtime.stats.StageHistogram;
import saccade.realtime.stats.StageHistograms;

/**
 * Hot path, control thread. Everything between the rings and the vehicle that is cheap: takes
 * frames, puts sets together, hands one set at a time to the lane, publishes what comes back, and
 * at each deadline without an answer publishes a fallback. It never waits for the model, so a model
 * that hangs or throws costs messages of kind FALLBACK and nothing else.
 *
 * <pre>
 *   rings ─► intake ─► assembler ─► SetJob ─► (lane: perception slices) ─► collect ─► gate ─► profile ─► reflex ─► vehicle
 *                │                                                           ▲
 *                └─ LiDAR ─► reflex                 deadline without answer ─┘ FALLBACK
 * </pre>
 *
 * <p>Knows no clock: {@link #duty} does what is due at {@code nowNs} and says when it wants to be
 * called next. {@link RealTimeRun} calls it from a thread, {@link ClosedLoop} from simulated time.
 */
public final class Pipeline implements AutoCloseable {
  private static final long NONE = Long.MAX_VALUE;
  private static final int WARM_SWEEPS = 20;

  private final PipelineOptions options;
  private final Arena arena = Arena.ofShared();
  private final Doorbell doorbell = new Doorbell();
  private final SensorInlets inlets;
  private final FrameSetAssembler assembler;
  private final FrameView view = new FrameView();
  private final SetJob job;
  private final Predicate<Slice> lane;
  private final MessageMaker maker;
  private final StaleGate gate;
  private final ExpiryProfile profile;
  private final @Nullable GeometricReflex reflex;
  private final int lidar;
  private final Vehicle vehicle;
  private final PipelineListener listener;
  private final Publication publication;
  private final PipelineCounts counts = new PipelineCounts();

  private final StageHistograms stages = new StageHistograms();
  private final StageHistogram sensorStage = stages.stage("sensor to ring");
  private final StageHistogram assembleStage = stages.stage("ring to set");
  private final StageHistogram queueStage = stages.stage("set to lane");
  private final StageHistogram encodeStage = stages.stage("encode");
  private final StageHistogram sparsifyStage = stages.stage("sparsify, assemble");
  private final StageHistogram prefillStage = stages.stage("prefill");
  private final StageHistogram actionStage = stages.stage("action tokens");
  private final StageHistogram sentenceStage = stages.stage("sentence");
  private final StageHistogram laneStage = stages.stage("perception, whole");
  private final StageHistogram publishStage = stages.stage("answer to message");
  private final StageHistogram ageStage = stages.stage("capture to message");
  private final StageHistogram tickStage = stages.stage("command lateness");

  private boolean open;
  private boolean sourceEnded;
  private long lastCaptureNs = Long.MIN_VALUE;
  private long dueCaptureNs = NONE; // next instant that wants a message
  private long nextStartingNs = Long.MIN_VALUE;
  private long nextTickNs = NONE;
  private double accelMps2;
  private double curvature1pm;
  private EgoState ego = EgoState.STANDING;
  private boolean shut;

  /**
   * Allocates everything.
   *
   * @param codec what the model's tokens mean
   * @param lane takes a slice to be run elsewhere; false when it cannot
   * @param clock domain of capture stamps and of {@code nowNs}
   * @param laneClock what the lane reads at the end of a set
   */
  public Pipeline(
      PipelineOptions options,
      Rig rig,
      Perceiver perceiver,
      OutputCodec codec,
      Predicate<Slice> lane,
      NanoClock clock,
      NanoClock laneClock,
      Vehicle vehicle,
      PipelineListener listener) {
    this.options = options;
    this.inlets = new SensorInlets(arena, rig, options.slots(), clock, doorbell);
    this.assembler =
        new FrameSetAssembler(
            FrameSetOptions.of(inlets.sensors(), options.periodNs())
                .withTimeoutNs(options.setTimeoutNs())
                .withStaleAfterNs(
                    Math.max(options.periodNs() * 10, 2 * options.setTimeoutNs() + 1)),
            phases(options.phasesNs(), inlets.sensors()));
    this.job = new SetJob(perceiver, inlets.cameras(), laneClock, doorbell);
    this.lane = lane;
    this.maker = new MessageMaker(codec, inlets.names(), options.validNs(), options.budgetNs());
    this.gate =
        new StaleGate(
            options.maxAgeNs(), codec.action().accelLimits(), codec.action().curvatureLimits());
    this.profile = new ExpiryProfile(ExpiryLimits.passengerCar());
    LidarModel model = rig.lidar();
    this.lidar = model == null ? -1 : inlets.cameras();
    this.reflex =
        model == null
            ? null
            : new GeometricReflex(
                ReflexLimits.passengerCar(), options.reflex(), rows(model.baseFromLidar()));
    this.vehicle = vehicle;
    this.listener = listener;
    this.publication = new Publication(this);
  }

  /**
   * Set-up only, any thread. Lets the JIT see the reflex at work on full sweeps (on an instance of
   * its own), so that the control thread does not stand still at the first real one.
   */
  public static void warmUp(Rig rig) {
    LidarModel model = rig.lidar();
    if (model == null) {
      return;
    }
    GeometricReflex eyes =
        new GeometricReflex(
            ReflexLimits.passengerCar(), GeometricReflex.Mode.OFF, rows(model.baseFromLidar()));
    try (Arena scratch = Arena.ofConfined()) {
      int points = model.beams() * model.columns();
      MemorySegment sweep = WarmSweep.of(scratch, points);
      for (int i = 1; i <= WARM_SWEEPS; i++) {
        eyes.sweep(sweep, points, i * 100_000_000L, 5, 0.01);
      }
    }
  }

  private static double[] rows(Pose pose) {
    double[] r = pose.rotation();
    return new double[] {
      r[0], r[1], r[2], pose.x(), r[3], r[4], r[5], pose.y(), r[6], r[7], r[8], pose.z()
    };
  }

  // ---- driver's side ----

  /** Where the source pushes. */
  public SensorInlets inlets() {
    return inlets;
  }

  /** Rung whenever there is something for {@link #duty} to do. */
  public Doorbell doorbell() {
    return doorbell;
  }

  /** Whether a frame or an answer waits. Any thread. */
  public boolean hasNews() {
    return job.isDone() || inlets.hasReady();
  }

  /** Set-up, control thread. The source starts now: commands flow from here on. */
  public void open(long nowNs) {
    open = true;
    nextTickNs = nowNs;
  }

  /** The source has pushed its last frame; deadlines end with it. */
  public void sourceEnded() {
    sourceEnded = true;
  }

  /** Whether every instant seen has its message and nothing is under way. */
  public boolean drained() {
    return job.isIdle()
        && !inlets.hasReady()
        && assembler.inFlight() == 0
        && (dueCaptureNs == NONE || dueCaptureNs > lastCaptureNs);
  }

  /**
   * Does what is due.
   *
   * @param nowNs now, never before the last call's
   * @return when to be called next, unless the doorbell rings before
   */
  public long duty(long nowNs) {
    intake(nowNs);
    collect(nowNs);
    guard(nowNs);
    dispatch(nowNs);
    drive(nowNs);
    return nextWake(nowNs);
  }

  private static long[] phases(List<Long> given, int sensors) {
    return given.isEmpty()
        ? new long[sensors]
        : given.stream().mapToLong(Long::longValue).toArray();
  }

  private long nextWake(long nowNs) {
    long wake = Math.min(nextTickNs, nowNs + options.periodNs());
    if (dueCaptureNs != NONE && guarded()) {
      wake = Math.min(wake, dueCaptureNs + options.budgetNs());
    } else if (dueCaptureNs == NONE) {
      wake = Math.min(wake, nextStartingNs);
    }
    if (job.isIdle()) {
      wake = Math.min(wake, assembler.nextTimeoutNs());
    } else if (job.isDone()) {
      wake = Math.min(wake, job.doneNs()); // stepped: the answer lies ahead in simulated time
    }
    return wake;
  }

  // ---- stages of a cycle ----

  private void intake(long nowNs) {
    ego = inlets.ego().latest();
    for (int i = 0; i < inlets.sensors(); i++) {
      while (inlets.ring(i).takeNext(view, nowNs)) {
        long captureNs = view.captureNs();
        sensorStage.recordNs(view.publishedNs() - captureNs);
        if (i == lidar && reflex != null) {
          sweep(captureNs);
        }
        // A frame published while this cycle stood still is not from the future.
        if (assembler.offer(i, view, Math.max(nowNs, view.publishedNs())) == null) {
          lastCaptureNs = Math.max(lastCaptureNs, captureNs);
          if (dueCaptureNs == NONE) {
            dueCaptureNs = captureNs;
          }
        }
      }
    }
  }

  private void sweep(long captureNs) {
    GeometricReflex eyes = reflex;
    if (eyes != null) {
      MemorySegment points = view.payload();
      int count = view.byteLength() / SensorInlets.POINT_BYTES;
      eyes.sweep(points, count, captureNs, Math.max(0, ego.speedMps()), curvature1pm);
    }
  }

  /** The lane's answer, if there is one, becomes a message. */
  private void collect(long nowNs) {
    if (!job.isDone() || job.doneNs() > nowNs) {
      return;
    }
    long captureNs = job.captureNs();
    boolean answered = captureNs < dueCaptureNs - options.periodNs() / 2;
    PerceptionOutput output = job.output();
    recordStages(output);
    Throwable failure = job.failure();
    if (failure != null) {
      counts.perceptionFailures++;
      counts.lastFailure = failure;
    }
    if (output != null) {
      boolean late = nowNs - captureNs > options.budgetNs();
      if (answered) {
        counts.lateAnswers++;
      } else {
        counts.deadlines++;
        counts.misses += late ? 1 : 0;
        dueCaptureNs = captureNs + options.periodNs();
      }
      counts.setsAnswered++;
      publish(maker.answer(output, job.ego(), nowNs), job.set(), output, nowNs);
    } else {
      counts.setsFailed++;
      if (!answered) {
        counts.deadlines++;
        counts.misses++;
        dueCaptureNs = captureNs + options.periodNs();
        String why =
            failure == null
                ? "the set reached the model after its deadline"
                : "perception failed: " + firstLine(failure);
        publish(maker.fallback(captureNs, nowNs, why, lacking(job.set()), ego), null, null, nowNs);
      }
    }
    publishStage.recordNs(nowNs - job.doneNs());
    job.collect();
  }

  private static String firstLine(Throwable failure) {
    String text = String.valueOf(failure.getMessage());
    int end = text.indexOf('\n');
    return end < 0 ? text : text.substring(0, end);
  }

  private void recordStages(@Nullable PerceptionOutput output) {
    queueStage.recordNs(job.startedNs() - job.dispatchedNs());
    laneStage.recordNs(job.doneNs() - job.startedNs());
    if (output != null) {
      PerceptionOutput.StageTimes times = output.times();
      recordWork(encodeStage, times.encodeNs());
      recordWork(sparsifyStage, times.sparsifyNs());
      recordWork(prefillStage, times.prefillNs());
      recordWork(actionStage, times.actionNs());
      recordWork(sentenceStage, times.sentenceNs());
    }
  }

  /** A stage that a cut left out has taken no time and is no sample. */
  private static void recordWork(StageHistogram stage, long ns) {
    if (ns > 0) {
      stage.recordNs(ns);
    }
  }

  /**
   * Instants whose deadline is over get a fallback; before the first instant, a starting message.
   */
  private void guard(long nowNs) {
    if (dueCaptureNs == NONE) {
      if (nowNs >= nextStartingNs) {
        nextStartingNs = nowNs + options.periodNs();
        publish(maker.starting(nowNs), null, null, nowNs);
      }
      return;
    }
    while (guarded() && nowNs >= dueCaptureNs + options.budgetNs()) {
      long captureNs = dueCaptureNs;
      String why;
      List<String> lacking = List.of();
      if (!job.isIdle() && Math.abs(job.captureNs() - captureNs) <= options.periodNs() / 2) {
        captureNs = job.captureNs(); // it is with the model, and late
        lacking = lacking(job.set());
        why = "the model has not answered within " + options.budgetNs() / 1_000_000 + " ms";
      } else {
        why =
            job.isIdle()
                ? "no frame of this instant has come"
                : "the model is still at an older set";
      }
      if (job.isIdle() && assembler.inFlight() == 0) {
        lacking = inlets.names();
      }
      counts.deadlines++;
      counts.misses++;
      dueCaptureNs = captureNs + options.periodNs();
      publish(maker.fallback(captureNs, nowNs, why, lacking, ego), null, null, nowNs);
    }
  }

  /** Sensors that a set came without. */
  private List<String> lacking(@Nullable FrameSet set) {
    if (set == null || set.complete()) {
      return List.of();
    }
    List<String> names = new ArrayList<>();
    for (int i = 0; i < set.sensors(); i++) {
      if (!set.has(i)) {
        names.add(inlets.names().get(i));
      }
    }
    return names;
  }

  /** After the source's end, only instants that were seen are owed a message. */
  private boolean guarded() {
    return !sourceEnded || dueCaptureNs <= lastCaptureNs;
  }

  private void dispatch(long nowNs) {
    if (!job.isIdle()) {
      return;
    }
    FrameSet set = assembler.pollNewest(nowNs);
    if (set == null) {
      return;
    }
    counts.sets++;
    assembleStage.recordNs(nowNs - set.openedNs());
    job.prepare(set, ego, options.budgetNs(), options.reserveNs(), nowNs);
    if (!lane.test(job)) {
      job.expired(nowNs); // the lane has stopped: as if the deadline were over
    }
  }

  private void drive(long nowNs) {
    if (!open || nowNs < nextTickNs) {
      return;
    }
    tickStage.recordNs(nowNs - nextTickNs);
    nextTickNs += options.controlPeriodNs();
    if (nextTickNs <= nowNs) {
      long missed = (nowNs - nextTickNs) / options.controlPeriodNs() + 1;
      counts.ticksSkipped += missed;
      nextTickNs += missed * options.controlPeriodNs();
    }
    profile.step(nowNs);
    double wanted = profile.accelMps2();
    GeometricReflex eyes = reflex;
    accelMps2 = eyes == null ? wanted : eyes.limit(wanted, nowNs);
    curvature1pm = profile.curvature1pm();
    counts.ticks++;
    vehicle.command(nowNs, accelMps2, curvature1pm);
  }

  private void publish(
      PlannerMessage message,
      @Nullable FrameSet set,
      @Nullable PerceptionOutput output,
      long nowNs) {
    Validation verdict = gate.offer(message, nowNs);
    if (verdict.accepted()) {
      profile.accept(message, nowNs);
    }
    counts.count(message, verdict);
    if (message.kind() != PlannerMessage.Kind.STARTING) {
      ageStage.recordNs(message.ageNs());
    }
    publication.fill(message, verdict, set, output, ego);
    try {
      listener.onMessage(publication);
    } catch (RuntimeException e) {
      counts.listenerFailures++;
      counts.lastFailure = e;
    }
    publication.clear();
  }

  // ---- what others may look at ----

  /** Numbers so far; exact on the control thread and after the end. */
  public PipelineCounts counts() {
    return counts;
  }

  /** Latencies by stage; any thread. */
  public StageHistograms stages() {
    return stages;
  }

  /** The accounts of every boundary that can drop, from rings to sets. */
  public List<DropLedger> ledgers() {
    List<DropLedger> all = new ArrayList<>(inlets.ledgers());
    all.add(assembler.ledger());
    return all;
  }

  /** Sets that left with every sensor, and those that did not. Control thread. */
  public long completeSets() {
    return assembler.completeSets();
  }

  public long partialSets() {
    return assembler.partialSets();
  }

  /** What the gate decided how often. Control thread. */
  public StaleGate gate() {
    return gate;
  }

  /** Commanded acceleration at the last tick, m/s^2. Control thread. */
  public double accelMps2() {
    return accelMps2;
  }

  /** Commanded curvature at the last tick, 1/m, left positive. Control thread. */
  public double curvature1pm() {
    return curvature1pm;
  }

  /** What the controller is doing. Control thread. */
  public ExpiryProfile.Phase phase() {
    return profile.phase();
  }

  /** How often a stop was latched. Control thread. */
  public long latches() {
    return profile.latches();
  }

  /** The reflex, for reports; null without a LiDAR. Control thread. */
  public @Nullable GeometricReflex reflex() {
    return reflex;
  }

  /** Newest ego motion. Control thread. */
  public EgoState ego() {
    return ego;
  }

  public PipelineOptions options() {
    return options;
  }

  /** When each slice of the set with an answer ran. Control thread, within a publication. */
  SliceTrace slices() {
    return job.slices();
  }

  /** Id of the lane's thread, -1 before its first set; for CPU time. */
  long laneThread() {
    return job.laneThread();
  }

  /** Whether the model has a set that it has not answered. Any thread. */
  boolean isWithModel() {
    return !job.isIdle() && !job.isDone();
  }

  // ---- set-down ----

  /**
   * Set-down, after source, lane and control thread have stopped: what is inside is dropped and
   * counted. The memory stays until {@link #close}.
   */
  public void shutdown() {
    if (!shut) {
      shut = true;
      if (job.isDone()) {
        counts.setsAtShutdown++;
        job.collect();
      }
      view.release();
      assembler.shutdown();
      inlets.shutdown();
    }
  }

  /** Boundaries whose account is wrong, one line each; empty when all is well. */
  public List<String> imbalances() {
    List<String> wrong = new ArrayList<>();
    for (DropLedger ledger : ledgers()) {
      if (ledger.balance() != 0) {
        wrong.add(ledger.report());
      }
    }
    if (!counts.balanced(!job.isIdle())) {
      wrong.add(counts.report());
    }
    return wrong;
  }

  /** Frees the payload memory; nothing may use a frame any more. */
  @Override
  public void close() {
    shutdown();
    if (job.isIdle()) {
      arena.close();
    } // else the model still reads from it: left to the end of the process
  }
}
