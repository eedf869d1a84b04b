package saccade.nodes.run;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ProcessEnding;
import saccade.nodes.dashboard.Dashboard;
import saccade.nodes.graph.Graph;
import saccade.nodes.graph.GraphNode;
import saccade.nodes.graph.GraphNode.Cameras;
import saccade.nodes.graph.GraphNode.Planner;
import saccade.nodes.graph.GraphNode.Recording;
import saccade.nodes.graph.GraphNode.Ros;
import saccade.nodes.graph.GraphNode.Simulator;
import saccade.nodes.graph.RigFile;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.pipeline.Outputs;
import saccade.nodes.pipeline.Pipeline;
import saccade.nodes.pipeline.PipelineListener;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.nodes.pipeline.RealTimeRun;
import saccade.nodes.pipeline.Vehicle;
import saccade.nodes.pipeline.WatchedPart;
import saccade.nodes.play.PlayerSource;
import saccade.nodes.sensor.SensorInlets;
import saccade.nodes.sensor.SensorSource;
import saccade.nodes.sensor.SensorTap;
import saccade.nodes.sensor.SimulatorSource;
import saccade.perception.FrontierTable;
import saccade.perception.SessionOptions;
import saccade.perception.engine.EngineEndingException;
import saccade.perception.exit.ExitRule;
import saccade.perception.kv.KvOptions;
import saccade.perception.model.ModelPackage;
import saccade.perception.sparsify.DecoderPruner;
import saccade.perception.sparsify.PixelVariance;
import saccade.perception.sparsify.TokenBudgets;
import saccade.perception.sparsify.TokenPolicy;
import saccade.planner.ExpiryProfile;
import saccade.planner.PlannerMessage;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.os.MachineState;
import saccade.realtime.os.ProcessMemory;
import saccade.realtime.schedule.LatencyTable;

/**
 * Runs a graph in real time on the caller's thread: opens the model, warms up (messages of kind
 * STARTING flow meanwhile), starts the source, prints a line a second, and ends with a {@link
 * RunReport}.
 */
public final class GraphRun {
  /**
   * Enough for the compiler and for the 32 slices of a kind that predict the next one: the encoders
   * run once a camera. More would only keep the planner waiting.
   */
  private static final int WARM_SETS = 20;

  private static final long LOOK_MS = 50;
  private static final long OUTPUT_PATIENCE_NS = 1_000_000_000L;
  private static final long MEMORY_PERIOD_NS = 250_000_000L;
  private static final long LEAST_HEAP_MB = 256;
  private static final double MB = 1e-6;

  private final Graph graph;
  private final SensorSource source;
  private final Vehicle vehicle;
  private final PrintWriter out;
  private final List<PipelineListener> listeners = new ArrayList<>();
  private final Latest latest = new Latest();
  private final CountDownLatch interrupted = new CountDownLatch(1);
  private final ProcessMemory memory;
  private @Nullable GraphGroup group;
  private volatile boolean endedAtStart;
  private boolean lines = true;
  private double keep = 1;

  /**
   * A run of a graph whose source is already there (a recording's player).
   *
   * @param out gets the lines for people
   */
  public GraphRun(Graph graph, SensorSource source, Vehicle vehicle, PrintWriter out) {
    this.graph = graph;
    this.source = source;
    this.vehicle = vehicle;
    this.out = out;
    this.memory = new ProcessMemory(graph.host().memoryCapBytes());
    listeners.add(latest);
  }

  /** A run of a graph whose source is the simulator. */
  public static GraphRun ofSimulator(Graph graph, PrintWriter out) {
    return switch (graph.source()) {
      case Simulator node -> {
        Rig rig = RigFile.read(node.rig());
        SimulatorSource source =
            new SimulatorSource(
                rig,
                SimulatorSource.scenario(node.scenario()),
                node.seed(),
                node.rateHz(),
                node.faults(),
                SensorTap.OPEN);
        yield new GraphRun(graph, source, graph.controller() == null ? Vehicle.NONE : source, out);
      }
      case Cameras node ->
          throw new IllegalArgumentException("expected a simulator, found the cameras " + node);
      case Ros node ->
          throw new IllegalArgumentException("expected a simulator, found the topics " + node);
      case Recording node ->
          throw new IllegalArgumentException("expected a simulator, found the recording " + node);
    };
  }

  /** One more that hears every message. */
  public GraphRun with(PipelineListener listener) {
    listeners.add(listener);
    return this;
  }

  /** No line a second (the caller prints its own). */
  public GraphRun withoutLines() {
    lines = false;
    return this;
  }

  /** One of several graphs of this process, see {@link GraphGroup#run}. */
  GraphRun within(GraphGroup beside) {
    group = beside;
    return this;
  }

  /** Name of its graph. */
  String name() {
    return graph.name();
  }

  /** Only this share of the picture tokens goes to the decoder, 0 (exclusive)..1. */
  public GraphRun keeping(double share) {
    keep = share;
    return this;
  }

  /**
   * Ends a run early, from any thread (Ctrl-C): the report still comes. One that is not warm yet is
   * given up without a report, see {@link #endedAtStart}.
   */
  public void interrupt() {
    interrupted.countDown();
  }

  /** Whether it was given up before it was warm. */
  public boolean endedAtStart() {
    return endedAtStart;
  }

  /**
   * Cheap, and before anything is opened.
   *
   * @throws BadInput when its model is not there
   */
  void requireModel() {
    ModelPerceiver.requireThere(graph.perception().model());
  }

  /** While it starts, at points where it can be left: goes on unless somebody ended it. */
  private void goOn() {
    if (interrupted.getCount() == 0) {
      throw new ProcessEnding();
    }
  }

  /** The sensors that are run. */
  public SensorSource source() {
    return source;
  }

  /**
   * Runs.
   *
   * @param seconds how long; 0 = until the source ends or somebody interrupts
   * @throws ProcessEnding when it was told to end before it was warm
   */
  public RunReport run(double seconds) {
    try {
      return startAndRun(seconds);
    } catch (ProcessEnding | EngineEndingException e) {
      endedAtStart = true;
      throw new ProcessEnding();
    }
  }

  private RunReport startAndRun(double seconds) {
    PipelineOptions options = PipelineOptions.of(graph, source);
    Path modelDir = graph.perception().model();
    long beganNs = NanoClock.system().nanoTime();
    ModelPackage description = ModelPerceiver.description(modelDir);
    SessionOptions session = session(graph.perception(), description, source.rig(), keep);
    DecoderPruner pruner = session.pruner();
    goOn();
    @Nullable Dashboard page = page(options);
    FutureTask<?> sensors = warmUpSource();
    try (ModelPerceiver model =
        ModelPerceiver.open(
            description, source.rig(), NanoClock.system(), session, graph.perception().engine())) {
      goOn();
      if (page != null) {
        page.tokenGrid(description.camera().tokenRows(), description.camera().tokenCols());
        listeners.add(page);
      }
      say(
          "model    %s %s, sha256 %.12s, %s",
          description.name(), description.version(), description.sha256(), modelDir);
      if (model.fallbacks() > 0) {
        say("WARN     engine: %s", model.runtime());
      }
      say("source   %s, %d sensors at %.0f Hz", source.name(), sensors(), 1e9 / source.periodNs());
      say(
          "limits   a message %d ms after capture; reflex %s",
          options.budgetNs() / 1_000_000,
          graph.planner().reflex() == Planner.Reflex.OFF
              ? "off: driven by action tokens alone"
              : "on: LiDAR may brake harder");
      say(
          "tokens   %s%s",
          session.sparsifier().name(), pruner == null ? "" : ", in the decoder " + pruner.name());
      GraphGroup beside = group;
      RealTimeRun run =
          new RealTimeRun(
              options,
              source,
              model,
              ModelPerceiver.codecOf(description),
              vehicle,
              all(),
              graph.host(),
              beside == null
                  ? null
                  : beside.lanes().join(graph.name(), model.device(), options.periodNs()));
      try (run;
          memory;
          Trace trace = Trace.of(graph, run.pipeline())) {
        run.withSpare(() -> another(modelDir)).watchingPauses();
        for (PipelineListener listener : listeners) {
          if (listener instanceof WatchedPart part) {
            run.pipeline().watchPart("output " + listener.partName(), part, OUTPUT_PATIENCE_NS);
          }
        }
        requireBelowCap(model);
        LatencyTable table = latencyTable(description);
        if (table != null) {
          run.pipeline().seed(table);
        }
        try {
          run.begin();
          say("warming  %d sets nobody sees, so that the first real one is not slow", WARM_SETS);
          warmUp(model, sensors);
          if (source instanceof PlayerSource player) {
            say("rehearse its first frames, by a pipeline of their own");
            Rehearsal.of(player, model, options, graph.host(), this::goOn);
          }
          say("started  warmed up in %.1f s", (NanoClock.system().nanoTime() - beganNs) * 1e-9);
          run.refusals().forEach(refusal -> say("ERROR    %s", refusal));
          fence();
          if (beside != null) {
            beside.awaitOthers();
          }
          MachineState before = MachineState.now();
          run.startSource();
          watch(run, seconds, page);
          MachineState held = MachineState.now().since(before);
          run.stop();
          if (run.laneHung()) {
            model.leaveOpen();
          }
          trace.end();
          trace.lines().forEach(line -> say("%s", line));
          return RunReport.of(
              graph, source, model, run, memory, held, page == null ? "" : page.line());
        } finally {
          close(page); // it holds leases: before the pipeline's memory is freed
        }
      }
    } finally {
      close(page);
    }
  }

  /**
   * What a run may come to hold is known once the model is open: a cap below it would be broken
   * sooner or later, so it is refused now.
   *
   * @throws BadInput when the cap is below what this graph claims, or above what the kernel allows
   */
  private void requireBelowCap(ModelPerceiver model) {
    long cap = memory.capBytes();
    if (cap == ProcessMemory.NO_CAP) {
      return;
    }
    long kernel = ProcessMemory.controlGroupBytes();
    if (kernel < cap) {
      throw new BadInput(
          text(
              "%s: host.memoryCapMb: expected at most %.0f MB, where the kernel ends this process (its"
                  + " control group's limit), found %.0f MB",
              graph.file(), kernel * MB, cap * MB));
    }
    long heap = Runtime.getRuntime().maxMemory();
    long slots = slotBytes(graph.perception().slots());
    long session = model.session().bytes();
    long rest = Math.max(0, ProcessMemory.outsideHeapBytes() - slots - session);
    if (source instanceof PlayerSource) {
      slots += slotBytes(PipelineOptions.LEAST_SLOTS); // the rehearsal's, while this run starts
    }
    long claimed = heap + slots + session + rest;
    if (claimed > cap) {
      throw new BadInput(
          text(
              "%s: host.memoryCapMb: expected at least %.0f MB (Java heap up to %.0f, slots %.0f, KV cache"
                  + " and tensors %.0f, model and libraries %.0f), found %.0f MB; raise it, or run with"
                  + " SACCADE_JAVA_OPTS=-Xmx%dm",
              graph.file(),
              claimed * MB,
              heap * MB,
              slots * MB,
              session * MB,
              rest * MB,
              cap * MB,
              Math.max(LEAST_HEAP_MB, (cap - claimed + heap) >> 20)));
    }
  }

  private long slotBytes(int slots) {
    Rig rig = source.rig();
    long pixels =
        rig.cameras().stream()
            .mapToLong(camera -> (long) camera.widthPx() * camera.heightPx())
            .sum();
    LidarModel lidar = rig.lidar();
    long points = lidar == null ? 0 : (long) lidar.beams() * lidar.columns();
    return slots * (pixels * SensorInlets.MOST_PIXEL_BYTES + points * SensorInlets.POINT_BYTES);
  }

  private void fence() {
    String fence = memory.fence();
    if (!fence.isEmpty()) {
      say("memory   cap %.0f MB; %s", memory.capBytes() * MB, fence);
    }
  }

  /** Nearer to the cap the page shows no more pictures; above it the run ends in good order. */
  private void pressed(ProcessMemory.Pressure pressure, @Nullable Dashboard page) {
    if (page != null) {
      page.sparing(pressure != ProcessMemory.Pressure.EASY);
    }
    say(
        "memory   %.0f of %.0f MB resident: %s",
        ProcessMemory.residentBytes() * MB,
        memory.capBytes() * MB,
        switch (pressure) {
          case EASY -> "easy again";
          case TIGHT -> "heap and malloc give back, the page has no pictures";
          case OVER -> "over the cap; the run ends when nothing more can be given back";
        });
  }

  /**
   * Warms the source up beside the model, from its opening on: each has a core of its own later,
   * too. A model that cannot be opened does not wait for it.
   */
  private FutureTask<?> warmUpSource() {
    FutureTask<?> sensors =
        new FutureTask<>(
            () -> {
              source.prepare(WARM_SETS);
              Pipeline.warmUp(source.rig());
            },
            null);
    Thread.ofPlatform().name("warm-up").daemon(true).start(sensors);
    return sensors;
  }

  private void warmUp(ModelPerceiver model, FutureTask<?> sensors) {
    model.warmUp(WARM_SETS, this::goOn);
    try {
      while (!done(sensors)) {
        goOn();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("the source could not be warmed up: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean done(FutureTask<?> work) throws ExecutionException, InterruptedException {
    try {
      work.get(LOOK_MS, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }

  /** Another session of the same model, in the place of one that hangs. */
  private ModelPerceiver another(Path modelDir) {
    ModelPackage model = ModelPerceiver.description(modelDir);
    ModelPerceiver next =
        ModelPerceiver.open(
            model,
            source.rig(),
            NanoClock.system(),
            session(graph.perception(), model, source.rig(), keep),
            graph.perception().engine());
    next.warmUp(2);
    return next;
  }

  /**
   * Slice times of an earlier run; null without one.
   *
   * @throws BadInput when the graph names one that cannot be read, or is of another model
   */
  private @Nullable LatencyTable latencyTable(ModelPackage model) {
    Path file = graph.perception().latencyTable();
    if (file == null) {
      return null;
    }
    try {
      LatencyTable table = LatencyTable.read(file);
      if (!table.model().equals(model.sha256())) {
        say(
            "note     %s: times of another model (%.12s), not used; write new ones with `saccade"
                + " model bench`",
            file, table.model());
        return null;
      }
      return table;
    } catch (IllegalArgumentException e) {
      throw new BadInput(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new BadInput(
          file + ": expected slice times from `saccade model bench`, cannot read: " + e);
    }
  }

  /**
   * The live page, when the graph has one; before the model is opened, since a port may be in use.
   */
  private @Nullable Dashboard page(PipelineOptions options) {
    GraphNode.Dashboard node = graph.dashboard();
    if (node == null) {
      return null;
    }
    Dashboard page =
        Dashboard.open(
            node.port(), source.name(), source.rig(), options.budgetNs(), source.faultSwitch());
    page.clocks(source::clocks);
    say("page     %s", page.url());
    return page;
  }

  private static void close(@Nullable Dashboard page) {
    if (page != null) {
      page.close();
    }
  }

  /**
   * How a session treats its sets.
   *
   * @param perception its model, its token policy and budgets
   * @param rig into whose cameras a policy may project the planned path
   * @param keep share of the picture tokens that goes to the decoder; 1: by the policy and budgets
   * @throws BadInput when policy or budgets do not fit the model
   */
  public static SessionOptions session(GraphNode.Perception perception, Rig rig, double keep) {
    return session(perception, ModelPerceiver.description(perception.model()), rig, keep);
  }

  private static SessionOptions session(
      GraphNode.Perception perception, ModelPackage model, Rig rig, double keep) {
    SessionOptions options = tokens(perception, model, rig, keep);
    String key = "kv";
    try {
      if (!perception.kv().isEmpty()) {
        options =
            options.withDecode(options.decode().withKv(KvOptions.parse(perception.kv(), model)));
      }
      key = "exits";
      if (!perception.exits().isEmpty()) {
        ExitRule rule = ExitRule.parse(perception.exits(), model.decoder().slices());
        options = options.withDecode(options.decode().withExits(rule, false));
      }
    } catch (IllegalArgumentException e) {
      throw new BadInput("nodes.%s.%s: %s".formatted(perception.name(), key, e.getMessage()));
    }
    return options;
  }

  private static SessionOptions tokens(
      GraphNode.Perception perception, ModelPackage model, Rig rig, double keep) {
    if (keep < 1) {
      return SessionOptions.DEFAULT.withSparsifier(PixelVariance.share(model.camera(), keep));
    }
    Path frontier = perception.frontier();
    if (frontier != null && perception.tokens().isEmpty() && perception.cameraTokens().isEmpty()) {
      try {
        FrontierTable table = FrontierTable.read(frontier, model);
        return FrontierTable.options(table.within(perception.budgetNs() * 1e-6), model, rig);
      } catch (IOException | IllegalArgumentException e) {
        throw new BadInput("nodes.%s.frontier: %s".formatted(perception.name(), e.getMessage()));
      }
    }
    int[] budgets = perception.cameraTokens().stream().mapToInt(Integer::intValue).toArray();
    String key = perception.tokens().isEmpty() ? "cameraTokens" : "tokens";
    try {
      if (!perception.tokens().isEmpty()) {
        TokenPolicy policy = TokenPolicy.parse(perception.tokens());
        SessionOptions options = SessionOptions.of(model, rig, policy);
        return budgets.length == 0
            ? options
            : options.withSparsifier(
                policy.sparsifier(model, rig, TokenBudgets.of(model.camera(), budgets)));
      }
      return budgets.length == 0
          ? SessionOptions.shipped(model)
          : SessionOptions.DEFAULT.withSparsifier(PixelVariance.budgets(model.camera(), budgets));
    } catch (IllegalArgumentException e) {
      throw new BadInput("nodes.%s.%s: %s".formatted(perception.name(), key, e.getMessage()));
    }
  }

  private PipelineListener all() {
    return new Outputs(listeners);
  }

  private int sensors() {
    Rig rig = source.rig();
    return rig.cameras().size() + (rig.lidar() == null ? 0 : 1);
  }

  private void watch(RealTimeRun run, double seconds, @Nullable Dashboard page) {
    NanoClock clock = NanoClock.system();
    long startNs = clock.nanoTime();
    long endNs = seconds > 0 ? startNs + Math.round(seconds * 1e9) : Long.MAX_VALUE;
    long lineNs = startNs + 1_000_000_000L;
    long lookNs = startNs;
    while (!run.sourceEnded() && run.failure() == null) {
      long nowNs = clock.nanoTime();
      if (nowNs >= endNs) {
        return;
      }
      if (nowNs >= lookNs) {
        ProcessMemory.Pressure before = memory.pressure();
        ProcessMemory.Pressure pressure = memory.check(nowNs);
        if (pressure != before) {
          pressed(pressure, page);
        }
        if (memory.isBroken()) {
          return;
        }
        lookNs = nowNs + MEMORY_PERIOD_NS;
      }
      if (nowNs >= lineNs) {
        if (lines) {
          line((lineNs - startNs) * 1e-9);
        }
        lineNs += 1_000_000_000L;
      }
      long waitNs = Math.min(Math.min(lineNs, endNs) - nowNs, 100_000_000L);
      try {
        if (interrupted.await(Math.max(waitNs, 0), TimeUnit.NANOSECONDS)) {
          return;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void line(double timeS) {
    Latest.@Nullable Moment now = latest.moment();
    if (now == null) {
      return;
    }
    PlannerMessage message = now.message();
    String sentence = now.sentence();
    String maneuver =
        message.action() == null
            ? "no action"
            : message.action().maneuver().toString().toLowerCase(Locale.ROOT);
    String phase =
        now.phase() == ExpiryProfile.Phase.FOLLOWING
            ? ""
            : " [" + now.phase().toString().toLowerCase(Locale.ROOT) + "]";
    say(
        "%5.1f s  %5.1f m/s  %-10s %+5.1f m/s2  age %3.0f ms  missed %d/%d  %s%s",
        timeS,
        now.speedMps(),
        maneuver,
        now.accelMps2(),
        message.ageNs() * 1e-6,
        now.misses(),
        now.deadlines(),
        sentence.isEmpty() ? message.kind() + ": " + message.reason() : sentence,
        phase);
  }

  private void say(String form, Object... values) {
    out.println(text(form, values));
    out.flush();
  }

  private static String text(String form, Object... values) {
    return String.format(Locale.ROOT, form, values);
  }
}
