package saccade.nodes.pipeline;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Rig;
import saccade.kernels.image.PixelFormat;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.perception.PerceptionOutput;
import saccade.perception.PerceptionSession;
import saccade.perception.SessionOptions;
import saccade.perception.SetInput;
import saccade.perception.SetLimits;
import saccade.perception.SliceOutcome;
import saccade.perception.engine.EngineException;
import saccade.perception.engine.EngineOptions;
import saccade.perception.engine.ExecutionProvider;
import saccade.perception.engine.LoadedModel;
import saccade.perception.model.ModelPackage;
import saccade.perception.model.ModelPackageException;
import saccade.perception.model.WorthTable;
import saccade.planner.OutputCodec;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.deadline.Decision;
import saccade.realtime.deadline.WorkShape;
import saccade.realtime.deadline.Worth;
import saccade.realtime.schedule.Lanes;
import saccade.realtime.schedule.LatencyModel;
import saccade.realtime.schedule.LatencyTable;
import saccade.realtime.schedule.SliceKind;

/** Hot path after construction. A model package behind {@link Perceiver}; owns its session. */
public final class ModelPerceiver implements Perceiver {
  private static final int GREY_STEP = 11; // odd: 256 sets before one comes again

  private final LoadedModel loaded;
  private final PerceptionSession session;
  private final Rig rig;
  private final SliceKind[] kinds; // (slice kinds of the session)
  private final List<SliceKind> kindList;
  private final @Nullable Worth worth;
  private int ran;
  private boolean hasRun;
  private int refused = -1;
  private boolean abandoned; // set-down only

  private ModelPerceiver(LoadedModel loaded, Rig rig, NanoClock clock, SessionOptions options) {
    this.loaded = loaded;
    this.rig = rig;
    this.session = new PerceptionSession(loaded, rig, clock, options);
    this.kinds = new SliceKind[session.sliceKinds()];
    for (int i = 0; i < kinds.length; i++) {
      kinds[i] = new SliceKind(session.sliceName(i));
    }
    this.kindList = List.of(kinds);
    this.worth = worthOf(loaded.model());
  }

  /**
   * Opens the model in {@code dir} for a rig. Set-up only, about a second.
   *
   * @param clock measures slices; the system clock, also where time is simulated
   * @throws BadInput in one line when the package is missing, damaged or does not fit the rig
   */
  public static ModelPerceiver open(Path dir, Rig rig, NanoClock clock, SessionOptions options) {
    return open(dir, rig, clock, options, EngineOptions.DEFAULT);
  }

  /** As the other one, with what runs the graphs. */
  public static ModelPerceiver open(
      Path dir, Rig rig, NanoClock clock, SessionOptions options, EngineOptions engine) {
    return open(description(dir), rig, clock, options, engine);
  }

  /** As the other one, of a package that is read and checked already. */
  public static ModelPerceiver open(
      ModelPackage model, Rig rig, NanoClock clock, SessionOptions options, EngineOptions engine) {
    LoadedModel loaded = load(model, engine);
    try {
      return new ModelPerceiver(loaded, rig, clock, options);
    } catch (IllegalArgumentException e) {
      loaded.close();
      throw new BadInput(model.dir() + ": " + e.getMessage());
    } catch (RuntimeException e) {
      loaded.close();
      throw e;
    }
  }

  /** Reads and opens a package; complaints of both are one line. */
  public static LoadedModel load(Path dir) {
    return load(dir, EngineOptions.DEFAULT);
  }

  /** As the other one, with what runs the graphs. */
  public static LoadedModel load(Path dir, EngineOptions engine) {
    return load(description(dir), engine);
  }

  private static LoadedModel load(ModelPackage model, EngineOptions engine) {
    try {
      return LoadedModel.open(model, engine);
    } catch (EngineException e) {
      throw new BadInput(String.valueOf(e.getMessage()));
    }
  }

  /**
   * What the tokens of a package mean.
   *
   * @throws BadInput when its grammar has a fact or a word that the planner bridge does not know
   */
  public static OutputCodec codecOf(ModelPackage model) {
    try {
      return MessageMaker.codecOf(model);
    } catch (IllegalArgumentException e) {
      throw new BadInput(
          model.dir().resolve(ModelPackage.DESCRIPTION_FILE) + ": " + e.getMessage());
    }
  }

  /**
   * What a package says its answers are worth; null when it does not.
   *
   * @throws BadInput in one line when what it says is damaged or of another model
   */
  public static @Nullable Worth worthOf(ModelPackage model) {
    try {
      return WorthTable.of(model);
    } catch (ModelPackageException e) {
      throw new BadInput(String.valueOf(e.getMessage()));
    }
  }

  /** The shipped rig that fills a model's camera places best: six cameras, or the front two. */
  public static Rig rigFor(ModelPackage model) {
    Rig six = Rig.sixCamera();
    return model.camera().count() >= six.cameras().size() ? six : Rig.twoCamera();
  }

  /** Reads and checks a package (hashes included) without opening its graphs. */
  public static ModelPackage description(Path dir) {
    requireThere(dir);
    try {
      return ModelPackage.load(dir);
    } catch (ModelPackageException e) {
      throw new BadInput(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Looks whether there is a package, and no more.
   *
   * @throws BadInput in one line when there is none
   */
  public static void requireThere(Path dir) {
    if (!java.nio.file.Files.exists(dir.resolve(ModelPackage.DESCRIPTION_FILE))) {
      throw new BadInput(
          ExitCode.UNAVAILABLE,
          dir
              + ": expected a model package (a folder with "
              + ModelPackage.DESCRIPTION_FILE
              + "), found none; give one with --model DIR");
    }
  }

  /**
   * Set-up only. Runs sets of grey pictures and full sweeps until the JIT and the runtime have
   * settled, then forgets them. Each set has another grey: a picture that is the same as the last
   * is not encoded, and the encoders would have run once. The pictures are in turn of the
   * simulator's format and of that in which cameras, recordings and ROS give theirs: code that was
   * compiled for one alone is thrown away at the first picture of the other, which is the first
   * that counts.
   *
   * @param sets how many
   */
  public void warmUp(int sets) {
    warmUp(sets, () -> {});
  }

  /**
   * As the other one.
   *
   * @param before is called before each set; what it throws ends the warm-up
   */
  public void warmUp(int sets, Runnable before) {
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> pictures = new ArrayList<>();
      SetInput input = blackSet(arena, pictures);
      for (int i = 0; i < sets; i++) {
        before.run();
        for (MemorySegment picture : pictures) {
          picture.fill((byte) (i * GREY_STEP));
        }
        show(input, pictures, i % 2 == 0 ? PixelFormat.RGB8 : PixelFormat.BGR8);
        session.begin(input, Long.MAX_VALUE);
        boolean more = session.nextSlice() != PerceptionSession.DONE;
        while (more) {
          more = session.step(0) == SliceOutcome.MORE;
        }
      }
      session.reset();
    }
  }

  /**
   * Set-up only. What slices take on this machine: sets of changing pictures with all tokens and
   * fewer, at each exit that may decide the action, with whole, brief and no text, in turn. Forgets
   * them afterwards.
   *
   * @param sets how many, 10 or more
   * @param machine free text for the table
   */
  public LatencyTable profile(int sets, String machine) {
    WorkShape shape = shape();
    LatencyModel latency = new LatencyModel(kindNames());
    SetLimits limits = session.limits();
    int action = session.actionSlice();
    Random random = new Random(1);
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> pictures = new ArrayList<>();
      SetInput input = blackSet(arena, pictures);
      for (int set = 0; set < sets; set++) {
        for (MemorySegment picture : pictures) { // one grey level each, another one in every set
          picture.fill((byte) random.nextInt(256));
        }
        int thin = set % 4; // 0 = all tokens
        int exit = set / 4 % shape.layerKinds().length;
        int facts = set % 3 == 0 ? shape.facts() : set % 3 == 1 ? shape.briefFacts() : 0;
        exit = thin == 0 || !shape.mayDecide()[exit] ? shape.deepest() : exit;
        for (int i = 0; i < rig.cameras().size(); i++) {
          int full = shape.fullTokens()[i];
          limits.tokens(i, full - (full - shape.leastTokens()[i]) * thin / 3);
        }
        limits.exit(exit);
        limits.facts(facts);
        long actionNs = 0;
        long textNs = 0;
        session.begin(input, Long.MAX_VALUE);
        boolean more = session.nextSlice() != PerceptionSession.DONE;
        while (more) {
          int slice = session.nextSlice();
          more = session.step(0) == SliceOutcome.MORE;
          latency.observe(slice, session.lastSize(), session.lastSliceNs());
          actionNs += slice == action ? session.lastSliceNs() : 0;
          textNs += slice > action ? session.lastSliceNs() : 0;
        }
        latency.observe(
            shape.actionKind(), shape.layersUpTo(exit) * WorkShape.SIZE_PER_LAYER, actionNs);
        latency.observe(shape.textKind(), shape.textSize(facts, exit), textNs);
      }
    } finally {
      limits.clear();
      session.reset();
    }
    return latency.table(session.model().sha256(), machine);
  }

  /** A set of black pictures and a full sweep. */
  private SetInput blackSet(Arena arena, List<MemorySegment> pictures) {
    SetInput input = new SetInput(rig.cameras().size());
    input.clear();
    for (int i = 0; i < rig.cameras().size(); i++) {
      CameraModel camera = rig.cameras().get(i);
      MemorySegment black = arena.allocate(3L * camera.widthPx() * camera.heightPx(), 64);
      pictures.add(black);
    }
    show(input, pictures, PixelFormat.RGB8);
    LidarModel lidar = rig.lidar();
    if (lidar != null) {
      int points = lidar.beams() * lidar.columns();
      input.lidar(WarmSweep.of(arena, points), points);
    }
    input.ego(0, 0, 0, 0);
    return input;
  }

  private void show(SetInput input, List<MemorySegment> pictures, PixelFormat format) {
    for (int i = 0; i < pictures.size(); i++) {
      CameraModel camera = rig.cameras().get(i);
      long strideBytes = 3L * camera.widthPx();
      input.camera(i, pictures.get(i), camera.widthPx(), camera.heightPx(), strideBytes, format);
    }
  }

  /**
   * Fewest cameras that are never left out: those that look ahead, and where they are fewer the
   * first others by the order of places. What is left out is not measured either: it is predicted
   * by what these take, and one slow encoding of a single one would count for all.
   */
  private static final int ESSENTIAL_CAMERAS = 2;

  @Override
  public WorkShape shape() {
    ModelPackage model = session.model();
    int cameras = rig.cameras().size();
    int sensors = cameras + (rig.lidar() == null ? 0 : 1);
    int[] encode = new int[sensors];
    int[] full = new int[sensors];
    int[] least = new int[sensors];
    boolean[] essential = new boolean[sensors];
    long kept = rig.camerasAhead();
    for (int i = 0; i < cameras && Long.bitCount(kept) < ESSENTIAL_CAMERAS; i++) {
      kept |= 1L << i;
    }
    for (int i = 0; i < sensors; i++) {
      boolean camera = i < cameras;
      encode[i] = camera ? i : session.lidarSlice();
      full[i] = camera ? session.mostTokens(i) : model.lidar().tokens();
      essential[i] = !camera || (kept >>> i & 1) == 1;
      least[i] = !camera ? full[i] : Math.max(1, essential[i] ? full[i] / 2 : full[i] * 2 / 5);
    }
    int blocks = model.decoder().slices();
    int[] layerKinds = new int[blocks];
    boolean[] mayDecide = new boolean[blocks];
    for (int block = 0; block < blocks; block++) {
      layerKinds[block] = session.prefillSlice(block);
      mayDecide[block] =
          block == blocks - 1 || model.exits().get(block).mayDecide(ModelPackage.Exit.ACTION);
    }
    int facts = model.grammar().size();
    return new WorkShape(
        encode,
        full,
        least,
        essential,
        session.assembleSlice(),
        1 + model.action().tokens(), // own motion, prompt and drafted action tokens
        layerKinds,
        model.decoder().layersPerSlice(),
        mayDecide,
        kinds.length,
        kinds.length + 1,
        facts,
        (facts + 2) / 3);
  }

  @Override
  public @Nullable Worth worth() {
    return worth;
  }

  /** An accelerator as soon as one graph runs there: its sets wait for that. */
  @Override
  public Lanes.Device device() {
    boolean cpu =
        loaded.placements().stream().allMatch(graph -> graph.ran() == ExecutionProvider.CPU);
    return cpu ? Lanes.Device.CPU : Lanes.Device.ACCELERATOR;
  }

  @Override
  public void limit(Decision decision) {
    SetLimits limits = session.limits();
    int cameras = rig.cameras().size();
    for (int i = 0; i < cameras; i++) {
      limits.tokens(i, decision.tokens(i));
    }
    limits.lidar(decision.sensors() == cameras || decision.tokens(cameras) > 0);
    limits.exit(decision.exit());
    limits.facts(decision.facts());
  }

  @Override
  public int kindIndex() {
    return ran;
  }

  @Override
  public int size() {
    return session.lastSize();
  }

  @Override
  public @Nullable PerceptionOutput actionOutput() {
    return session.nextSlice() != PerceptionSession.DONE && session.actionReady()
        ? session.actionOutput()
        : null;
  }

  @Override
  public void stop() {
    session.stop();
  }

  @Override
  public void begin(SetInput input, long deadlineNs) {
    session.begin(input, deadlineNs);
  }

  @Override
  public boolean step(long nowNs) {
    hasRun = false;
    refused = -1;
    if (session.nextSlice() == PerceptionSession.DONE) {
      return false; // begin ended the set: no sensor was usable
    }
    boolean more = session.step(nowNs) == SliceOutcome.MORE;
    int slice = session.lastSlice();
    refused = session.refusedSlice(); // DONE is -1 as well
    if (slice != PerceptionSession.DONE) {
      hasRun = true;
      ran = slice;
    }
    return more;
  }

  @Override
  public boolean hasRun() {
    return hasRun;
  }

  @Override
  public int refusedKind() {
    return refused;
  }

  @Override
  public long expectedNs() {
    return session.expectedNs();
  }

  @Override
  public boolean describing() {
    return session.actionReady();
  }

  @Override
  public SliceKind kind() {
    return kinds[ran];
  }

  @Override
  public void cut() {
    if (session.nextSlice() != PerceptionSession.DONE) {
      session.cut();
    }
  }

  @Override
  public PerceptionOutput output() {
    return session.output();
  }

  @Override
  public void reset() {
    cut();
    session.reset();
  }

  /**
   * Set-up only, while nobody uses it. Behind sets that nobody was to see: forgets them, what they
   * were allowed to cost and how long their slices were. What a slice is expected to take stays
   * learnt.
   */
  public void beginAnew() {
    reset();
    session.limits().clear();
    kindList.forEach(SliceKind::clear);
  }

  /** The session, for gauges (cache rows, bytes, handles). */
  public PerceptionSession session() {
    return session;
  }

  /** ONNX Runtime's version, how it is called, and the execution providers that run the graphs. */
  public String runtime() {
    return loaded.runtimeVersion() + ", " + loaded.call() + ", " + loaded.provider();
  }

  /** Graphs that run on another provider than was wanted. */
  public long fallbacks() {
    return loaded.fallbacks();
  }

  @Override
  public List<SliceKind> kinds() {
    return kindList;
  }

  /**
   * The lane never came back from a slice: {@link #close} must not free what that thread still
   * reads. Left to the end of the process.
   */
  public void leaveOpen() {
    abandoned = true;
  }

  @Override
  public void close() {
    if (!abandoned) {
      session.close();
      loaded.close();
    }
  }
}
