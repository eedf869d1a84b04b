package saccade.nodes.pipeline;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
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
import saccade.realtime.deadline.BudgetController;
import saccade.realtime.deadline.BudgetPolicy;
import saccade.realtime.deadline.Decision;
import saccade.realtime.deadline.DegradeLadder;
import saccade.realtime.deadline.DegradeLadder.News;
import saccade.realtime.deadline.DegradeLevel;
import saccade.realtime.deadline.WorkShape;
import saccade.realtime.frameset.FrameSet;
import saccade.realtime.frameset.FrameSetAssembler;
import saccade.realtime.ledger.DropLedger;
import saccade.realtime.os.PauseWatch;
import saccade.realtime.ring.Doorbell;
import saccade.realtime.ring.FrameRing;
import saccade.realtime.ring.FrameView;
import saccade.realtime.schedule.LaneMates;
import saccade.realtime.schedule.LatencyModel;
import saccade.realtime.schedule.LatencyTable;
import saccade.realtime.schedule.Slice;
import saccade.realtime.schedule.Watchdog;
import saccade.realtime.stats.PauseLog;
import saccade.realtime.stats.StageHistogram;
import saccade.realtime.stats.StageHistograms;
import saccade.realtime.trace.TraceRing;

/**
 * Hot path, control thread. Everything between the rings and the vehicle that is cheap: takes
 * frames, puts sets together, hands one set at a time to the lane, publishes what comes back, and
 * at each deadline without an answer publishes a fallback. It never waits for the model, so a model
 * that hangs or throws costs messages of kind FALLBACK and nothing else.
 *
 * <pre>
 *   rings ─► intake ─► assembler ─► decide ─► SetJob ─► (lane: perception slices) ─► collect ─► gate ─► profile ─► reflex ─► vehicle
 *                │         ▲            │                     action ahead of the text ─┘ ▲
 *                │         └─ waits ────┘ ◄─ latency model ◄─ slice times                 │
 *                └─ LiDAR ─► reflex                              deadline without answer ─┘ FALLBACK
 * </pre>
 *
 * <p>Before a set goes to the lane, {@link BudgetController} settles what it may cost: budget by
 * speed and closing time, cost by a {@link LatencyModel} learnt from the slices of the sets before.
 * The action is published as soon as it is decided, its text follows as a message of kind
 * DESCRIPTION.
 *
 * <p>Knows no clock: {@link #duty} does what is due at {@code nowNs} and says when it wants to be
 * called next. {@link RealTimeRun} calls it from a thread, {@link ClosedLoop} from simulated time.
 */
public final class Pipeline implements AutoCloseable {
  private static final long NONE = Long.MAX_VALUE;
  private static final long NO_SET = -1;
  private static final int IN_TIME = 0; // what the next message is to its deadline
  private static final int MISSED = 1;
  private static final int ON_TOP = 2; // its instant has had its message
  private static final int WARM_SWEEPS = 20;
  private static final long HANGS_AFTER_NS = 100_000_000L; // behind its set's deadline
  private static final long MODEL_PATIENCE_NS = 1_500_000_000L;
  private static final int MOST_RESTARTS = 2; // each may leave the slots of one set behind
  private static final int INSIDE = 0; // who may command the vehicle: the control thread
  private static final int WITH_OUTPUT = 1; // it is with a listener, and may be held there
  private static final int OUTSIDE = 2; // the guard
  private static final int ACTION_WHOLE = 0; // kinds after the perceiver's
  private static final int TEXT_WHOLE = 1;

  private final PipelineOptions options;
  private final Arena arena = Arena.ofShared();
  private final Doorbell doorbell = new Doorbell();
  private final SensorInlets inlets;
  private final FrameSetAssembler assembler;
  private final FrameView view = new FrameView();
  private final NanoClock laneClock;
  private final StandIns standIns;
  private final long ahead; // bit i: camera i looks ahead; 0: the rig has none that does
  private SetJob job;
  private Predicate<Slice> lane;
  private LaneMates mates = LaneMates.NONE;
  private final BudgetPolicy policy;
  private final LatencyModel latency;
  private final @Nullable WorkShape work;
  private final DegradeLadder ladder = new DegradeLadder(DegradeLadder.Options.DEFAULT);
  private final @Nullable BudgetController controller; // null: every set in full
  private final Decision decision;
  private final Watchdog watchdog = new Watchdog();
  private final int modelStage = watchdog.watch("perception", MODEL_PATIENCE_NS, MOST_RESTARTS);
  private final StageWatch stageWatch;
  private final SensorSanity sanity;
  private final AtomicInteger hands = new AtomicInteger(INSIDE);
  private final List<SetJob> abandoned = new ArrayList<>();
  private @Nullable Repair repair;
  private final PauseLog pauses = new PauseLog();
  private @Nullable PauseWatch pauseWatch;
  private final PipelineTrace trace = new PipelineTrace();
  private final MessageMaker maker;
  private final StaleGate gate;
  private final ExpiryProfile profile;
  private final @Nullable GeometricReflex reflex;
  private final int lidar;
  private final Vehicle vehicle;
  private final Outputs outputs;
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
  private final StageHistogram textAgeStage = stages.stage("capture to description");
  private final StageHistogram tickStage = stages.stage("command lateness");

  private boolean open;
  private boolean sourceEnded;
  private long lastCaptureNs = Long.MIN_VALUE;
  private long dueCaptureNs = NONE; // next instant that wants a message
  private long dueBudgetNs; // its budget
  private boolean stopAsked; // of the set with the lane
  private boolean anew; // a seam was come to, and no set behind it has gone to the model
  private long ladderMoves;
  private int owed;
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
        new FrameSetAssembler(options.sets(inlets.sensors()), options.phases(inlets.sensors()));
    this.laneClock = laneClock;
    this.standIns = new StandIns(rig, arena);
    this.ahead = rig.camerasAhead();
    this.job = newJob(perceiver);
    this.lane = lane;
    this.policy = options.budget();
    this.latency = new LatencyModel(perceiver.kindNames());
    WorkShape shape = perceiver.shape();
    this.work = shape;
    this.controller =
        shape == null || options.degrade() == PipelineOptions.Degrade.OFF
            ? null
            : new BudgetController(latency, shape, ladder, perceiver.worth());
    this.decision = new Decision(inlets.sensors());
    this.maker = new MessageMaker(codec, inlets.names(), standIns.names(ahead), options.validNs());
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
    this.outputs = Outputs.of(listener);
    this.sanity = new SensorSanity(inlets.names(), inlets.cameras());
    this.publication = new Publication(this);
    this.stageWatch = new StageWatch(watchdog, trace, counts, options.periodNs());
  }

  private SetJob newJob(Perceiver perceiver) {
    return new SetJob(
        perceiver, inlets.cameras(), inlets.sensors(), standIns, mates, laneClock, doorbell);
  }

  /** Set-up. Slice times of an earlier run, so that the first set is predicted. */
  public void seed(LatencyTable table) {
    latency.seed(table);
    trace.seed(table, latency);
  }

  /** Set-up, before the first frame. Other streams may use its lane. */
  public void sharing(LaneMates others) {
    mates = others;
    job = newJob(job.perceiver());
  }

  /** Set-up. Who makes the model's stage anew when it hangs or has crashed. */
  public void repairedBy(Repair by) {
    repair = by;
  }

  /**
   * Set-up. One more stage with a thread of its own.
   *
   * @param name as the planner is told
   * @param patienceNs longer at one piece of work is hanging
   */
  public void watchPart(String name, WatchedPart part, long patienceNs) {
    stageWatch.add(name, part, patienceNs);
  }

  /** Set-up. Hears of pauses of the virtual machine; stays the caller's. */
  public void watchPauses(PauseWatch watch) {
    pauseWatch = watch;
  }

  /**
   * Set-up, before {@link #seed}. Records every decision and slice; the ring is written by the
   * control thread.
   */
  public void trace(TraceRing ring) {
    trace.begin(ring, options, inlets.names(), latency, controller != null, work);
    trace.name(modelStage, "perception");
    stageWatch.nameStages();
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

  /** Whether a frame, the loss of one or an answer waits. Any thread. */
  public boolean hasNews() {
    return job.isDone() || job.hasAction() || inlets.hasNews();
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
    collectAction(nowNs);
    collect(nowNs);
    guard(nowNs);
    watch(nowNs);
    dispatch(nowNs);
    drive(nowNs);
    return nextWake(nowNs);
  }

  private long nextWake(long nowNs) {
    long wake = Math.min(nextTickNs, nowNs + options.periodNs());
    if (dueCaptureNs != NONE && guarded()) {
      wake = Math.min(wake, dueCaptureNs + dueBudgetNs);
    } else if (dueCaptureNs == NONE) {
      wake = Math.min(wake, nextStartingNs);
    }
    if (job.isIdle()) {
      wake = Math.min(wake, assembler.nextTimeoutNs());
    } else if (job.isDone()) {
      wake = Math.min(wake, job.doneNs()); // stepped: the answer lies ahead in simulated time
      if (job.hasAction()) {
        wake = Math.min(wake, Math.max(nowNs + 1, job.actionNs()));
      }
    }
    return wake;
  }

  // ---- stages of a cycle ----

  private void intake(long nowNs) {
    ego = inlets.ego().latest();
    for (int i = 0; i < inlets.sensors(); i++) {
      FrameRing ring = inlets.ring(i);
      long lostNs = ring.takeLost(); // first: what was published before it is ready now
      while (ring.takeNext(view, nowNs)) {
        long captureNs = view.captureNs();
        sensorStage.recordNs(view.publishedNs() - captureNs);
        trace.frame(i, captureNs, view.publishedNs());
        boolean good =
            sanity.look(i, view.payload(), view.byteLength(), ego.speedMps())
                == SensorSanity.Verdict.GOOD;
        if (i == lidar && reflex != null && good) { // no return from anywhere is no free road
          sweep(captureNs);
        }
        // A frame published while this cycle stood still is not from the future.
        if (assembler.offer(i, view, Math.max(nowNs, view.publishedNs())) == null) {
          lastCaptureNs = Math.max(lastCaptureNs, captureNs);
          if (dueCaptureNs == NONE) {
            due(captureNs);
          }
        }
      }
      if (lostNs != FrameRing.NOTHING_LOST) {
        assembler.lost(i, lostNs, nowNs);
      }
    }
  }

  /** From now on that instant wants a message, within what its state leaves. */
  private void due(long captureNs) {
    dueCaptureNs = captureNs;
    dueBudgetNs = budgetNs();
  }

  /** The budget in the present state, ns. */
  private long budgetNs() {
    GeometricReflex eyes = reflex;
    return eyes == null
        ? policy.budgetNs(ego.speedMps(), Double.POSITIVE_INFINITY, 0)
        : policy.budgetNs(ego.speedMps(), eyes.timeToCollisionS(), eyes.closingMps());
  }

  private void sweep(long captureNs) {
    GeometricReflex eyes = reflex;
    if (eyes != null) {
      MemorySegment points = view.payload();
      int count = view.byteLength() / SensorInlets.POINT_BYTES;
      eyes.sweep(points, count, captureNs, Math.max(0, ego.speedMps()), curvature1pm);
    }
  }

  /** An action whose text is still being written becomes a message of its own. */
  private void collectAction(long nowNs) {
    if (!job.hasAction()
        || job.isAbandoned()
        || job.actionNs() > nowNs
        || (job.isDone() && job.doneNs() <= nowNs && job.failure() == null)) {
      return; // in the last case text and action go together
    }
    PerceptionOutput action = job.takeAction();
    if (action != null) {
      counts.actionsAhead++;
      publish(answer(action, true, nowNs), null, null, job.number(), nowNs);
    }
  }

  /** The message of an instant from what the model said about it. */
  private PlannerMessage answer(PerceptionOutput output, boolean actionAlone, long nowNs) {
    boolean blind = blind(output);
    account(output.hasAction(), blind, nowNs);
    if (blind) {
      effort(null, job.budgetNs(), job.stoodIn()); // the level that this set has led to
      return maker.unseeing(output, job.ego(), nowNs);
    }
    effort(job.decision(), job.budgetNs(), job.stoodIn());
    return maker.answer(output, job.ego(), actionAlone, nowNs);
  }

  /**
   * Whether the model saw nothing of what lies ahead, though the rig has cameras for it: none was
   * usable, or it refused them all. A LiDAR sees no lights, signs or lanes, so that what was
   * decided by it alone is not to be driven. A rig without such a camera is what its graph asked
   * for.
   */
  private boolean blind(PerceptionOutput output) {
    return ahead != 0
        && ((job.shown() & ahead) == 0 || output.hasAction() && maker.missesAllAhead(output));
  }

  /**
   * The answer of the set with the lane is there: which instant has its message with it. One
   * without an action is a message in time, and no success of the level that it was made at; for
   * one that was blind less work would not have helped.
   */
  private void account(boolean acted, boolean blind, long nowNs) {
    long captureNs = job.captureNs();
    if (captureNs < dueCaptureNs - options.periodNs() / 2) {
      counts.lateAnswers++;
      owed = ON_TOP;
      return;
    }
    counts.deadlines++;
    if (nowNs - captureNs > job.budgetNs()) {
      missed(nowNs);
    } else if (controller != null) {
      tell(blind ? News.STARVED : acted ? News.IN_TIME : News.MISSED, nowNs);
    }
    due(captureNs + options.periodNs());
  }

  private void missed(long nowNs) {
    counts.misses++;
    owed = MISSED;
    assembler.answeredLate();
    if (controller != null) {
      tell(News.MISSED, nowNs);
    }
  }

  private void tell(News news, long nowNs) {
    ladder.tell(news, nowNs);
    trace.news(news, nowNs);
  }

  /** The lane's answer, if there is one, becomes a message. */
  private void collect(long nowNs) {
    if (!job.isDone() || job.doneNs() > nowNs || job.isAbandoned()) {
      return;
    }
    PerceptionOutput output = job.output();
    learn();
    recordStages(output);
    Throwable failure = job.failure();
    if (failure != null) {
      counts.perceptionFailures++;
      counts.lastFailure = failure;
    }
    if (watchdog.state(modelStage) == Watchdog.State.DOWN) {
      watchdog.restarted(modelStage, nowNs); // it came back after all
    }
    watchdog.idle(modelStage, nowNs);
    counts.textsRefused += job.isTextRefused() ? 1 : 0;
    counts.setsAnswered += output == null ? 0 : 1;
    counts.setsFailed += output == null ? 1 : 0;
    effort(job.decision(), job.budgetNs(), job.stoodIn());
    if (job.actionTaken()) {
      counts.descriptions++;
      boolean blind = output != null && blind(output);
      String why =
          blind
              ? MessageMaker.NO_CAMERA_AHEAD
              : "perception failed: " + (failure == null ? "no answer" : firstLine(failure));
      publish(
          maker.description(job.captureNs(), blind ? null : output, why, job.ego(), nowNs),
          job.set(),
          output,
          job.number(),
          nowNs);
    } else if (output != null) {
      publish(answer(output, false, nowNs), job.set(), output, job.number(), nowNs);
    } else if (job.captureNs() >= dueCaptureNs - options.periodNs() / 2) {
      long captureNs = job.captureNs();
      counts.deadlines++;
      missed(nowNs);
      due(captureNs + options.periodNs());
      String why =
          failure == null
              ? "the set reached the model after its deadline"
              : "perception failed: " + firstLine(failure);
      publish(
          maker.fallback(captureNs, nowNs, why, lacking(job.set()), ego),
          null,
          null,
          job.number(),
          nowNs);
    }
    publishStage.recordNs(nowNs - job.doneNs());
    job.collect();
  }

  /** What the slices of the set took goes to the latency model and into the trace. */
  private void learn() {
    SliceTrace slices = job.slices();
    WorkShape shape = controller == null ? null : controller.shape();
    int action = shape == null ? -1 : shape.layerKinds()[shape.deepest()] + 1;
    int own = latency.kinds() - 2;
    long actionNs = 0;
    long textNs = 0;
    int actionSize = 0;
    for (int i = 0; i < slices.count(); i++) {
      int kind = slices.kind(i);
      long tookNs = slices.tookNs(i);
      trace.slice(job.number(), slices, i, latency);
      latency.observe(kind, slices.size(i), tookNs);
      if (kind == action) {
        actionNs += tookNs;
        actionSize = slices.size(i);
      } else if (action >= 0 && kind > action) {
        textNs += tookNs;
      }
    }
    trace.refused(job.number(), slices, job.doneNs());
    PerceptionOutput output = job.output();
    if (output == null || !output.hasAction()) {
      actionNs = 0;
    }
    Decision decided = job.decision();
    int textSize = 0;
    if (output == null
        || decided == null
        || shape == null
        || output.kind() != PerceptionOutput.Kind.COMPLETE) {
      textNs = 0;
    } else {
      textSize = shape.textSize(decided.facts(), output.exitSlice());
    }
    trace.learnt(job.number(), actionNs, actionSize, textNs, textSize, job.doneNs());
    latency.observe(own + ACTION_WHOLE, actionSize, actionNs); // 0 is nothing to learn
    latency.observe(own + TEXT_WHOLE, textSize, textNs);
  }

  /** What the next message says about what was spent on it. */
  private void effort(@Nullable Decision decided, long budgetNs, long stoodIn) {
    maker.stoodIn(standIns.names(stoodIn), standIns.line(stoodIn));
    maker.textRefused(job.isTextRefused());
    DegradeLevel level = decided == null ? ladder.level() : decided.level();
    maker.effort(
        level,
        budgetNs,
        decided == null ? "" : decided.line(),
        stagesOut(),
        sanity.line(),
        sanity.distrustedNames());
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
        effort(null, policy.mostNs(), 0);
        publish(maker.starting(nowNs), null, null, NO_SET, nowNs);
      }
      return;
    }
    while (guarded() && nowNs >= dueCaptureNs + dueBudgetNs) {
      long captureNs = dueCaptureNs;
      long budgetNs = dueBudgetNs;
      long number = NO_SET;
      boolean noFrame = false;
      String why;
      List<String> lacking = List.of();
      if (!job.isIdle() && Math.abs(job.captureNs() - captureNs) <= options.periodNs() / 2) {
        captureNs = job.captureNs(); // it is with the model, and late
        number = job.number();
        lacking = lacking(job.set());
        why =
            "the model has not answered within "
                + budgetNs / 1_000_000
                + (mates.isBehindOthers() ? " ms; another stream has its lane" : " ms");
      } else {
        boolean modelOut = watchdog.state(modelStage).isOut();
        noFrame = job.isIdle() && !modelOut;
        why =
            modelOut || noFrame && !watchdog.allWell()
                ? stagesOut()
                : noFrame
                    ? "no frame of this instant has come"
                    : "the model is still at an older set";
      }
      if (job.isIdle() && assembler.inFlight() == 0) {
        lacking = inlets.names();
      }
      counts.deadlines++;
      if (noFrame) {
        counts.misses++;
        owed = MISSED;
        if (controller != null) {
          tell(News.STARVED, nowNs);
        }
      } else {
        missed(nowNs);
      }
      due(captureNs + options.periodNs());
      passSeam(captureNs);
      effort(null, budgetNs, 0);
      publish(maker.fallback(captureNs, nowNs, why, lacking, ego), null, null, number, nowNs);
    }
  }

  /**
   * The stage that runs the model: a slice that hangs is asked to come back, a stage that does not
   * is made anew. Everything else goes on meanwhile.
   */
  private void watch(long nowNs) {
    PauseWatch heard = pauseWatch;
    if (heard != null) {
      heard.drain(pauses, trace::pause);
    }
    for (int i = abandoned.size() - 1; i >= 0; i--) {
      SetJob old = abandoned.get(i);
      if (old.isDone()) { // it came back after all: its frames are free
        abandoned.remove(i).collect();
        if (old == job) { // nothing has taken its place
          watchdog.restarted(modelStage, nowNs);
        }
      }
    }
    if (ladder.moves() != ladderMoves) {
      ladderMoves = ladder.moves();
      trace.level(ladder, nowNs);
    }
    stageWatch.look(nowNs);
    Repair by = repair;
    if (isWithModel()) {
      Throwable crash = job.crash();
      if (crash != null) {
        counts.lastFailure = crash;
        watchdog.crashed(modelStage, nowNs);
      } else if (mates.isBehindOthers()) {
        watchdog.working(modelStage, nowNs); // its turn has not come: that is not its hanging
      } else if (!stopAsked && nowNs > job.dueNs() + HANGS_AFTER_NS) {
        stopAsked = true;
        counts.stops++;
        job.stop();
      }
    }
    if (stageWatch.wantsRestart(modelStage, nowNs)) {
      if (controller != null) {
        tell(News.STAGE_DOWN, nowNs);
      }
      boolean hung = watchdog.state(modelStage) == Watchdog.State.HUNG;
      if (by != null && by.isAble(hung)) {
        giveUpSet(hung);
        by.begin(hung);
        watchdog.restarting(modelStage, nowNs);
        trace.stage(watchdog, modelStage, nowNs);
      }
    }
    if (by != null && watchdog.state(modelStage) == Watchdog.State.RESTARTING) {
      takeRepaired(by, nowNs);
    }
    mates.out(watchdog.state(modelStage).isOut());
  }

  private void takeRepaired(Repair by, long nowNs) {
    Repair.Repaired made = by.poll();
    if (made == null) {
      return;
    }
    Perceiver perceiver = made.perceiver();
    if (perceiver == null) {
      counts.lastFailure = made.failure();
      watchdog.restartFailed(modelStage, nowNs);
    } else {
      job = newJob(perceiver);
      lane = made.lane();
      counts.restarts++;
      watchdog.restarted(modelStage, nowNs);
    }
    trace.stage(watchdog, modelStage, nowNs);
  }

  /** Whether the first watched part, the source, was given up. Any thread. */
  boolean isSourceDown() {
    return stageWatch.isSourceDown();
  }

  /**
   * Guard thread, after the control thread has ended by what a cycle threw: what that cycle had
   * half done is dropped, so that another thread may go on.
   *
   * @return false when it has ended too often
   */
  boolean recover(long nowNs) {
    if (!stageWatch.controlCrashed(nowNs)) {
      return false;
    }
    view.release();
    assembler.restart();
    publication.clear();
    if (job.isDone() && !job.isAbandoned()) {
      counts.setsAbandoned++;
      counts.descriptionsLost += job.actionTaken() ? 1 : 0;
      job.collect();
    }
    if (dueCaptureNs != NONE) {
      due(Math.max(dueCaptureNs, nowNs - options.periodNs()));
    }
    hands.set(INSIDE);
    return true;
  }

  /** Guard thread. Whether the control thread is inside a listener. */
  boolean isWithOutput() {
    return outputs.isCalling();
  }

  /** Guard thread. The listener that has the control thread holds it up. */
  void heldUp() {
    outputs.holdsUp();
  }

  /**
   * Guard thread. A command while the control thread cannot give one: straight on, braking.
   *
   * @param ended the control thread has ended; else it must be inside a listener
   * @return false when it was not, so that nothing was commanded
   */
  boolean brakeFromOutside(long nowNs, double decelMps2, boolean ended) {
    if (!open || !ended && !hands.compareAndSet(WITH_OUTPUT, OUTSIDE)) {
      return false;
    }
    try {
      vehicle.command(nowNs, Math.min(accelMps2, -decelMps2), curvature1pm);
    } finally {
      if (!ended) {
        hands.set(WITH_OUTPUT);
      }
    }
    return true;
  }

  /** The set with the lane will not be answered. */
  private void giveUpSet(boolean hung) {
    if (job.isIdle() || job.isAbandoned()) {
      return;
    }
    counts.setsAbandoned++;
    counts.descriptionsLost += job.actionTaken() ? 1 : 0;
    if (hung) {
      job.abandon();
      abandoned.add(job); // the old thread may still read its frames
    } else {
      job.collect();
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
    if (!job.isIdle() || watchdog.state(modelStage).isOut()) {
      return;
    }
    BudgetController decides = controller;
    long seeing = ahead & ~sanity.distrusted();
    if (decides == null) {
      assembler.needOneOf(seeing, NONE);
    } else {
      long budgetNs = dueCaptureNs == NONE ? policy.mostNs() : dueBudgetNs;
      assembler.needOneOf(seeing, decides.waitForUseNs(budgetNs, options.reserveNs()));
      assembler.waitAtMost(
          decides.waitNs(budgetNs, options.reserveNs()), decides.waitFor(), budgetNs / 2);
    }
    FrameSet set = assembler.pollNewest(nowNs);
    if (set == null) {
      return;
    }
    assembleStage.recordNs(nowNs - set.openedNs());
    long captureNs = set.oldestNs();
    long budgetNs =
        Math.abs(captureNs - dueCaptureNs) <= options.periodNs() / 2 ? dueBudgetNs : budgetNs();
    long usable = present(set) & ~sanity.distrusted();
    long standIn = standIns.possible(usable);
    long present = usable | standIn;
    passSeam(captureNs);
    if (ahead != 0 && (present & ahead) == 0) {
      try {
        goBlind(set, budgetNs, nowNs);
      } finally {
        set.release();
      }
      return;
    }
    counts.sets++;
    long everyNs = mates.everyNs(options.periodNs());
    if (decides != null) {
      long dueNs = captureNs + budgetNs - options.reserveNs();
      decides.decide(nowNs, dueNs - mates.aheadNs(dueNs), budgetNs, present, everyNs, decision);
    }
    trace.set(
        set,
        present,
        decides == null ? -1 : decides.waitFor(),
        everyNs,
        ego,
        reflex,
        decides == null ? null : decision,
        nowNs);
    stopAsked = false;
    if (anew && captureNs >= inlets.seamNs()) {
      anew = false;
      job.beginAnew();
    }
    job.prepare(
        set,
        usable,
        standIn,
        ego,
        budgetNs,
        options.reserveNs(),
        captureNs + options.periodNs(),
        decides == null ? null : decision,
        nowNs);
    watchdog.working(modelStage, nowNs);
    if (!lane.test(job)) {
      job.expired(nowNs); // the lane has stopped: as if the deadline were over
      watchdog.crashed(modelStage, nowNs);
    }
  }

  /** Behind a seam nothing that was decided ahead of it goes on. */
  private void passSeam(long captureNs) {
    if (inlets.isBehindSeam(captureNs)) {
      counts.seams++;
      anew = true;
      maker.beginAnew(inlets.seamNs());
    }
  }

  /**
   * No camera ahead has come for a set, or none that is trusted: whatever the model said would not
   * be driven ({@link #blind}), so it is not asked. The instant has its fallback at once, unless
   * its deadline was over before.
   */
  private void goBlind(FrameSet set, long budgetNs, long nowNs) {
    counts.setsBlind++;
    long captureNs = set.oldestNs();
    if (captureNs < dueCaptureNs - options.periodNs() / 2) {
      return;
    }
    counts.deadlines++;
    if (nowNs - captureNs > budgetNs) {
      missed(nowNs);
    } else if (controller != null) {
      tell(News.STARVED, nowNs);
    }
    due(captureNs + options.periodNs());
    effort(null, budgetNs, 0);
    job.slices().clear(); // of the set before: the job is idle
    publish(maker.unseeing(captureNs, lacking(set), ego, nowNs), set, null, NO_SET, nowNs);
  }

  private static long present(FrameSet set) {
    long mask = 0;
    for (int i = 0; i < set.sensors(); i++) {
      mask |= set.has(i) ? 1L << i : 0;
    }
    return mask;
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
      long number,
      long nowNs) {
    Validation verdict = gate.offer(message, nowNs);
    if (verdict.accepted()) {
      profile.accept(message, nowNs);
    }
    counts.count(message, verdict);
    if (message.kind() == PlannerMessage.Kind.DESCRIPTION) {
      textAgeStage.recordNs(message.ageNs());
    } else if (message.kind() != PlannerMessage.Kind.STARTING) {
      ageStage.recordNs(message.ageNs());
      pauses.output(message.captureNs(), nowNs);
    }
    trace.message(message, verdict, number, owed, nowNs);
    owed = IN_TIME;
    publication.fill(message, verdict, set, output, ego);
    hands.setRelease(WITH_OUTPUT);
    outputs.onMessage(publication);
    while (!hands.compareAndSet(WITH_OUTPUT, INSIDE)) {
      Thread.onSpinWait(); // the guard is giving a command
    }
    if (outputs.failures() != counts.listenerFailures) {
      counts.listenerFailures = outputs.failures();
      counts.lastFailure = outputs.lastFailure();
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

  /** What slices are expected to take, and how good that is. Control thread. */
  public LatencyModel latency() {
    return latency;
  }

  /** The degrade ladder. Control thread. */
  public DegradeLadder ladder() {
    return ladder;
  }

  /** Stages that are out, in words; empty when all is well. Control thread. */
  public String stagesOut() {
    String hung = outputs.line();
    return hung.isEmpty()
        ? watchdog.line()
        : watchdog.allWell() ? hung : watchdog.line() + ", " + hung;
  }

  /** Pauses of the virtual machine and the outputs that they hit. Control thread. */
  public PauseLog pauses() {
    return pauses;
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

  /** Whether an old thread is still inside a perceiver that was given up. After the end. */
  boolean hasLeftBehind() {
    return !abandoned.isEmpty();
  }

  // ---- set-down ----

  /**
   * Set-down, after source, lane and control thread have stopped: what is inside is dropped and
   * counted. The memory stays until {@link #close}.
   */
  public void shutdown() {
    if (!shut) {
      shut = true;
      if (job.isDone() && !job.isAbandoned()) {
        counts.setsAtShutdown++;
        counts.descriptionsLost += job.actionTaken() ? 1 : 0;
        job.collect();
      }
      for (int i = abandoned.size() - 1; i >= 0; i--) {
        if (abandoned.get(i).isDone()) {
          abandoned.remove(i).collect();
        }
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
    if (!counts.balanced(!job.isIdle() && !job.isAbandoned())) {
      wrong.add(counts.report());
    }
    return wrong;
  }

  /** Frees the payload memory; nothing may use a frame any more. */
  @Override
  public void close() {
    shutdown();
    if (job.isIdle() && abandoned.isEmpty()) {
      arena.close();
    } // else the model still reads from it: left to the end of the process
  }
}
