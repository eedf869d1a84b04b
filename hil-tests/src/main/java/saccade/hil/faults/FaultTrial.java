package saccade.hil.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.Rig;
import saccade.nodes.graph.HostPolicy;
import saccade.nodes.pipeline.MessageHealth;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.pipeline.Outputs;
import saccade.nodes.pipeline.Perceiver;
import saccade.nodes.pipeline.PipelineListener;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.nodes.pipeline.RealTimeRun;
import saccade.nodes.pipeline.Vehicle;
import saccade.nodes.pipeline.WatchedPart;
import saccade.nodes.sensor.SensorSource;
import saccade.nodes.sensor.SimulatorSource;
import saccade.perception.SessionOptions;
import saccade.perception.engine.EngineOptions;
import saccade.perception.model.ModelPackage;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.ledger.DropLedger;
import saccade.realtime.ledger.DropReason;
import saccade.realtime.stats.PauseLog;

/**
 * One fault in the product's own run in real time: healthy first, then the fault for a while, then
 * healthy again, all seen from the planner's side.
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
  private final NanoClock clock = NanoClock.system();
  private @Nullable ModelPerceiver kept;

  /**
   * @param faultNs how long a fault lasts
   */
  FaultTrial(Path dir, Rig rig, PipelineOptions options, SetLoop loop, long faultNs) {
    this.dir = dir;
    this.model = ModelPerceiver.description(dir);
    this.rig = rig;
    this.options = options;
    this.loop = loop;
    this.faultNs = faultNs;
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
    if (perceiver != null && fault.engine().equals(EngineOptions.DEFAULT)) {
      perceiver.reset();
      return perceiver;
    }
    if (perceiver != null) {
      perceiver.close();
    }
    return open(fault.engine(), WARM_SETS);
  }

  /** Runs it. */
  FaultRow run(FaultCase fault) {
    ModelPerceiver perceiver = take(fault);
    List<FaultyPerceiver> all = new ArrayList<>();
    FaultyPerceiver faulty = new FaultyPerceiver(perceiver);
    all.add(faulty);
    SensorSource source = source(fault);
    MessageJudge judge = new MessageJudge(options, clock, rig);
    List<PipelineListener> listeners = new ArrayList<>(List.of(judge));
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
    boolean nothingFailed = false;
    FaultRow row;
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
      row = observe(fault, source, faulty, judge, gate, remarks);
      all.forEach(one -> one.wrong(FaultyPerceiver.Wrong.NOTHING));
      all.forEach(FaultyPerceiver::release);
      run.stop();
      hung = run.laneHung() || run.pipeline().counts().setsAbandoned() > 0;
      remarks.addAll(run.pipeline().imbalances());
      account(run, remarks);
      if (run.failure() != null) {
        remarks.add("the control thread ended: " + run.failure());
      }
      if (!fault.engine().equals(EngineOptions.DEFAULT)) {
        remarks.add("engine: " + perceiver.runtime());
        nothingFailed = perceiver.fallbacks() == 0;
        if (nothingFailed) {
          remarks.add("the engine that was to fail has loaded here: nothing was shown");
        }
      }
    }
    if (output instanceof AutoCloseable closing) {
      close(closing);
    }
    if (hung) {
      perceiver.leaveOpen(); // its thread may still be inside
    } else if (fault.engine().equals(EngineOptions.DEFAULT)) {
      kept = perceiver;
    } else {
      perceiver.close();
    }
    boolean wrongAccounts = remarks.stream().anyMatch(line -> line.contains("offered"));
    remarks.addAll(0, judge.complaints());
    return new FaultRow(
        row.name(),
        row.seen(),
        row.warnMs(),
        row.errorMs(),
        row.healthyMs(),
        judge.invalids(),
        row.survived() && judge.invalids() == 0 && !wrongAccounts && !nothingFailed,
        remarks);
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
    public void onMessage(saccade.nodes.pipeline.Publication publication) {
      PipelineListener to = behind;
      if (open && to != null) {
        to.onMessage(publication);
      }
    }
  }

  private FaultRow observe(
      FaultCase fault,
      SensorSource source,
      FaultyPerceiver faulty,
      MessageJudge judge,
      Gate gate,
      List<String> remarks) {
    long beganNs = clock.nanoTime();
    if (!await(() -> judge.healthyNs(beganNs, Integer.MAX_VALUE, "") >= 0, WELL_PATIENCE_NS)) {
      remarks.add("was never healthy before the fault: " + judge.seen(beganNs, clock.nanoTime()));
      return new FaultRow(
          fault.name(), "not measurable", Double.NaN, Double.NaN, Double.NaN, 0, false, List.of());
    }
    sleep(SETTLE_NS);
    long onNs = clock.nanoTime();
    int worst = 0;
    for (MessageJudge.Heard h : judge.between(onNs - 2 * SETTLE_NS, onNs)) {
      worst = Math.max(worst, h.message().degradeLevel());
    }
    if (!fault.distrusted().isEmpty()) {
      judge.distrust(fault.distrusted(), onNs + NOTICE_NS);
    }
    switchTo(true, fault, source, faulty, gate);
    Runnable event = fault.event();
    if (event != null) {
      event.run();
    }
    sleep(faultNs);
    judge.distrust(List.of(), 0);
    switchTo(false, fault, source, faulty, gate);
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
    return new FaultRow(
        fault.name(),
        judge.seen(onNs, untilNs),
        ms(warnNs, onNs),
        ms(errorNs, onNs),
        ms(healthyNs, offNs),
        0,
        told && healthyNs >= 0,
        List.of());
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
