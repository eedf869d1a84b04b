package saccade.hil.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.Rig;
import saccade.nodes.graph.HostPolicy;
import saccade.nodes.pipeline.MessageHealth;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.pipeline.Outputs;
import saccade.nodes.pipeline.Perceiver;
import saccade.nodes.pipeline.Pipeline;
import saccade.nodes.pipeline.PipelineListener;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.nodes.pipeline.Publication;
import saccade.nodes.pipeline.RealTimeRun;
import saccade.nodes.pipeline.Vehicle;
import saccade.nodes.pipeline.WatchedPart;
import saccade.nodes.sensor.SensorSource;
import saccade.nodes.sensor.SimulatorSource;
import saccade.perception.SessionOptions;
import saccade.perception.engine.EngineOptions;
import saccade.perception.model.ModelPackage;
import saccade.planner.PlannerMessage;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.ledger.DropLedger;
import saccade.realtime.ledger.DropReason;
import saccade.realtime.stats.PauseLog;

/**
 * One fault in the product's own run in real time: healthy first, then the fault for a while, then
 * healthy again, all seen from the planner's side and by what the run counts.
 */
final class FaultTrial {
  private static final int WARM_SETS = 40;
  private static final long WELL_PATIENCE_NS = 30_000_000_000L;
  private static final long SETTLE_NS = 1_000_000_000L;
  private static final long NOTICE_NS = 700_000_000L; // three frames, a set, a message
  private static final long OUTPUT_PATIENCE_NS = 500_000_000L;

  private final ModelPackage model;
  private final Path dir;
  private final Rig rig;
  private final PipelineOptions options;
  private final SetLoop loop;
  private final long faultNs;
  private final boolean injects;
  private final NanoClock clock = NanoClock.system();
  private @Nullable ModelPerceiver kept;

  /** A run and what it showed. */
  record Shown(FaultRow row, Observation seen) {}

  /** What {@link #observe} found. */
  private record Found(
      String seen,
      double warnMs,
      double errorMs,
      double healthyMs,
      boolean well,
      @Nullable Observation until) {}

  /**
   * @param faultNs how long a fault lasts
   * @param injects whether it is really done; false: everything goes well, and a judge that sees
   *     the fault all the same is worth nothing
   */
  FaultTrial(
      Path dir, Rig rig, PipelineOptions options, SetLoop loop, long faultNs, boolean injects) {
    this.dir = dir;
    this.model = ModelPerceiver.description(dir);
    this.rig = rig;
    this.options = options;
    this.loop = loop;
    this.faultNs = faultNs;
    this.injects = injects;
  }

  private EngineOptions engineOf(FaultCase fault) {
    return injects ? fault.engine() : EngineOptions.DEFAULT;
  }

  private ModelPerceiver open(EngineOptions engine, int warmSets) {
    ModelPerceiver perceiver =
        ModelPerceiver.open(dir, rig, clock, SessionOptions.shipped(model), engine);
    perceiver.warmUp(warmSets);
    return perceiver;
  }

  /** The model of the trial before, unless this one wants another or left it hanging. */
  private ModelPerceiver take(FaultCase fault) {
    ModelPerceiver perceiver = kept;
    kept = null;
    if (perceiver != null && engineOf(fault).equals(EngineOptions.DEFAULT)) {
      perceiver.reset();
      return perceiver;
    }
    if (perceiver != null) {
      perceiver.close();
    }
    return open(engineOf(fault), WARM_SETS);
  }

  /** Runs it. */
  Shown run(FaultCase fault) {
    ModelPerceiver perceiver = take(fault);
    List<FaultyPerceiver> all = new ArrayList<>();
    FaultyPerceiver faulty = new FaultyPerceiver(perceiver);
    all.add(faulty);
    SensorSource source = source(fault);
    MessageJudge judge = new MessageJudge(options, clock, rig);
    Counter counter = new Counter(source, perceiver, engineOf(fault));
    List<PipelineListener> listeners = new ArrayList<>(List.of(judge, counter));
    PipelineListener output = fault.output() == null ? null : fault.output().get();
    Gate gate = new Gate(output);
    if (output != null) {
      listeners.add(gate);
    }
    RealTimeRun[] itself = new RealTimeRun[1];
    Vehicle vehicle =
        (nowNs, accel, curvature) -> {
          judge.onCommand(itself[0].pipeline().phase(), nowNs, accel, curvature);
          if (source instanceof SimulatorSource simulator) {
            simulator.command(nowNs, accel, curvature);
          }
        };
    List<String> remarks = new ArrayList<>();
    boolean hung;
    Found found;
    Tally end;
    try (RealTimeRun run =
        new RealTimeRun(
            options,
            source,
            faulty,
            ModelPerceiver.codecOf(model),
            vehicle,
            new Outputs(listeners),
            HostPolicy.AS_IS)) {
      itself[0] = run;
      run.withSpare(() -> spare(all)).watchingPauses();
      if (output instanceof WatchedPart part) {
        run.pipeline().watchPart("output " + output.partName(), part, OUTPUT_PATIENCE_NS);
      }
      run.begin();
      run.startSource();
      found = observe(fault, source, faulty, judge, counter, gate, remarks);
      all.forEach(one -> one.wrong(FaultyPerceiver.Wrong.NOTHING));
      all.forEach(FaultyPerceiver::release);
      run.stop();
      end = counter.read(run.pipeline());
      hung = run.laneHung() || run.pipeline().counts().setsAbandoned() > 0;
      remarks.addAll(run.pipeline().imbalances());
      account(run, remarks);
      if (run.failure() != null) {
        remarks.add("the control thread ended: " + run.failure());
      }
      if (!engineOf(fault).equals(EngineOptions.DEFAULT)) {
        remarks.add("engine: " + perceiver.runtime());
      }
    }
    if (output instanceof AutoCloseable closing) {
      close(closing);
    }
    if (hung) {
      perceiver.leaveOpen(); // its thread may still be inside
    } else if (engineOf(fault).equals(EngineOptions.DEFAULT)) {
      kept = perceiver;
    } else {
      perceiver.close();
    }
    boolean wrongAccounts = remarks.stream().anyMatch(line -> line.contains("offered"));
    Observation until = found.until();
    Observation seen =
        until == null
            ? new Observation(end, end, end, end, List.of())
            : new Observation(until.before(), until.on(), until.off(), end, until.heard());
    String lacking = fault.evidence().lacking(seen);
    if (until != null) {
      remarks.addFirst(lacking.isEmpty() ? fault.evidence().found(seen) : lacking);
    }
    remarks.addAll(0, judge.complaints());
    return new Shown(
        new FaultRow(
            fault.name(),
            found.seen(),
            found.warnMs(),
            found.errorMs(),
            found.healthyMs(),
            judge.invalids(),
            lacking.isEmpty(),
            found.well() && lacking.isEmpty() && judge.invalids() == 0 && !wrongAccounts,
            remarks),
        seen);
  }

  /** Reads the run's accounts at each message, on the thread that keeps them. */
  private final class Counter implements PipelineListener {
    private final SensorSource source;
    private final ModelPerceiver perceiver;
    private final EngineOptions wanted;
    private volatile Tally last = new Tally(clock.nanoTime(), Map.of());

    Counter(SensorSource source, ModelPerceiver perceiver, EngineOptions wanted) {
      this.source = source;
      this.perceiver = perceiver;
      this.wanted = wanted;
    }

    @Override
    public String partName() {
      return "counter";
    }

    @Override
    public void onMessage(Publication publication) {
      last = read(publication.pipeline());
    }

    /** Control thread, or after the run's end. */
    Tally read(Pipeline pipeline) {
      Map<String, Long> more = new HashMap<>();
      if (source instanceof Switchable counted) {
        more.putAll(counted.counts());
      }
      boolean named = perceiver.runtime().contains(wanted.provider().ortName());
      more.put(Tally.ELSEWHERE, named ? perceiver.fallbacks() : 0);
      return Tally.of(pipeline, more, clock.nanoTime());
    }

    /** Any thread. As of the last message. */
    Tally last() {
      return last;
    }
  }

  private static void close(AutoCloseable it) {
    try {
      it.close();
    } catch (Exception e) {
      throw new IllegalStateException("cannot close an output: " + e, e);
    }
  }

  private SensorSource source(FaultCase fault) {
    TopicSource.Does clockDoes = fault.clock();
    if (clockDoes != null) {
      try {
        return new TopicSource(FaultList.scratch(), dir, rig, loop, clockDoes);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return fault.tap() == null
        ? new ReplaySource(rig, loop, options.periodNs(), fault.frames())
        : new SimulatorSource(rig, "empty-road", 1, 10, fault.tap());
  }

  /** The other model's turn, in the place of one that hangs: nothing is wrong with it. */
  private Perceiver spare(List<FaultyPerceiver> all) {
    FaultyPerceiver next = new FaultyPerceiver(open(EngineOptions.DEFAULT, 2));
    all.add(next);
    return next;
  }

  /** Passes messages on to an output while the fault is on. */
  private static final class Gate implements PipelineListener {
    private final @Nullable PipelineListener behind;
    private volatile boolean open;

    Gate(@Nullable PipelineListener behind) {
      this.behind = behind;
    }

    @Override
    public String partName() {
      return behind == null ? "none" : behind.partName();
    }

    @Override
    public void onMessage(Publication publication) {
      PipelineListener to = behind;
      if (open && to != null) {
        to.onMessage(publication);
      }
    }
  }

  private Found observe(
      FaultCase fault,
      SensorSource source,
      FaultyPerceiver faulty,
      MessageJudge judge,
      Counter counter,
      Gate gate,
      List<String> remarks) {
    long beganNs = clock.nanoTime();
    if (!await(() -> judge.healthyNs(beganNs, Integer.MAX_VALUE, "") >= 0, WELL_PATIENCE_NS)) {
      remarks.add("was never healthy before the fault: " + judge.seen(beganNs, clock.nanoTime()));
      return new Found("not measurable", Double.NaN, Double.NaN, Double.NaN, false, null);
    }
    Tally before = counter.last();
    sleep(SETTLE_NS);
    Tally on = counter.last();
    long onNs = clock.nanoTime();
    int worst = 0;
    for (MessageJudge.Heard h : judge.between(onNs - 2 * SETTLE_NS, onNs)) {
      worst = Math.max(worst, h.message().degradeLevel());
    }
    if (injects && !fault.distrusted().isEmpty()) {
      judge.distrust(fault.distrusted(), onNs + NOTICE_NS);
    }
    if (injects) {
      switchTo(true, fault, source, faulty, gate);
      Runnable event = fault.event();
      if (event != null) {
        event.run();
      }
    }
    sleep(faultNs);
    Tally off = counter.last();
    judge.distrust(List.of(), 0);
    if (injects) {
      switchTo(false, fault, source, faulty, gate);
    }
    long offNs = clock.nanoTime();
    int level = worst + 1; // a shared machine goes a level up and down by itself
    await(() -> judge.healthyNs(offNs, level, fault.lasting()) >= 0, WELL_PATIENCE_NS);
    long healthyNs = judge.healthyNs(offNs, level, fault.lasting());
    long untilNs = healthyNs < 0 ? clock.nanoTime() : healthyNs;
    long warnNs = judge.firstNs(MessageHealth.WARN, fault.told(), onNs, untilNs);
    long errorNs = judge.firstNs(MessageHealth.ERROR, fault.told(), onNs, untilNs);
    boolean told =
        switch (fault.least()) {
          case OK -> true;
          case WARN -> warnNs >= 0;
          case ERROR -> errorNs >= 0;
        };
    if (!told) {
      remarks.add("not told: wanted " + fault.least());
    }
    if (healthyNs < 0) {
      remarks.add("not healthy again within " + WELL_PATIENCE_NS / 1_000_000_000L + " s");
    }
    if (worst > 0) {
      remarks.add("the machine was busy: level " + worst + " before the fault");
    }
    List<PlannerMessage> heard =
        judge.between(onNs, untilNs).stream().map(MessageJudge.Heard::message).toList();
    return new Found(
        judge.seen(onNs, untilNs),
        ms(warnNs, onNs),
        ms(errorNs, onNs),
        ms(healthyNs, offNs),
        told && healthyNs >= 0,
        new Observation(before, on, off, off, heard));
  }

  private static void switchTo(
      boolean on, FaultCase fault, SensorSource source, FaultyPerceiver faulty, Gate gate) {
    if (source instanceof Switchable driver) {
      driver.fault(on);
    }
    faulty.wrong(on ? fault.wrong() : FaultyPerceiver.Wrong.NOTHING);
    if (fault.wrong() == FaultyPerceiver.Wrong.HANGS && !on) {
      faulty.wrong(FaultyPerceiver.Wrong.HANGS); // for ever: another takes its place
    }
    gate.open = on;
    FaultList.active = on;
  }

  private static double ms(long atNs, long fromNs) {
    return atNs < 0 ? Double.NaN : (atNs - fromNs) * 1e-6;
  }

  /** What was counted and is no everyday drop. */
  private static void account(RealTimeRun run, List<String> remarks) {
    for (DropLedger ledger : run.pipeline().ledgers()) {
      for (DropReason reason : DropReason.values()) {
        boolean everyday =
            switch (reason) {
              case SUPERSEDED, OVERRUN_OLDEST, SHUTDOWN, SET_SUPERSEDED, BETWEEN_SETS -> true;
              default -> false;
            };
        long count = ledger.dropped(reason);
        if (!everyday && count > 0) {
          remarks.add(
              String.format(Locale.ROOT, "counted: %s %s %d", ledger.boundary(), reason, count));
        }
      }
    }
    long restarts = run.pipeline().counts().restarts() + run.pipeline().counts().partRestarts();
    if (restarts > 0) {
      remarks.add("stages made anew: " + restarts);
    }
    if (!run.pipeline().pauses().line().isEmpty()
        && run.pipeline().pauses().longestNs(PauseLog.Cause.GC) > 20_000_000L) {
      remarks.add("pauses: " + run.pipeline().pauses().line());
    }
  }

  private static boolean await(BooleanSupplier holds, long patienceNs) {
    NanoClock clock = NanoClock.system();
    long endNs = clock.nanoTime() + patienceNs;
    while (!holds.getAsBoolean()) {
      if (clock.nanoTime() > endNs) {
        return false;
      }
      sleep(20_000_000L);
    }
    return true;
  }

  private static void sleep(long ns) {
    try {
      Thread.sleep(ns / 1_000_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void close() {
    ModelPerceiver perceiver = kept;
    if (perceiver != null) {
      perceiver.close();
    }
  }
}
