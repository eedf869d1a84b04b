package saccade.perception;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Rig;
import saccade.kernels.lidar.PointLayout;
import saccade.perception.PerceptionOutput.CameraTokens;
import saccade.perception.PerceptionOutput.Kind;
import saccade.perception.PerceptionOutput.StageTimes;
import saccade.perception.SetInput.CameraView;
import saccade.perception.decode.Decoder;
import saccade.perception.encode.CameraEncoder;
import saccade.perception.encode.EgoEncoder;
import saccade.perception.encode.LidarEncoder;
import saccade.perception.engine.EngineException;
import saccade.perception.engine.LoadedModel;
import saccade.perception.engine.TensorStore;
import saccade.perception.kv.KvCache;
import saccade.perception.model.ModelPackage;
import saccade.perception.model.ModelPackage.Exit;
import saccade.perception.model.ModelPackage.SlotLayout;
import saccade.perception.sparsify.Sparsifier;
import saccade.perception.tokens.Grammar;
import saccade.perception.tokens.TokenChoice;
import saccade.realtime.clock.NanoClock;

/**
 * Hot path. One stream of sets through the model, slice by slice, so that a scheduler may run
 * something else in between. One thread at a time; close it before its {@link LoadedModel}.
 *
 * <pre>{@code
 * session.begin(input, deadlineNs);
 * while (session.nextSlice() != PerceptionSession.DONE) {
 *   session.step(nowNs);            // or session.cut() at any point
 * }
 * PerceptionOutput output = session.output();
 * }</pre>
 *
 * <pre>
 * slices of a set:
 *   camera 0 .. camera n | lidar | assemble | prefill 0 .. prefill k | action x 6 | sentence x facts
 *   (ego motion is encoded, tokens are sparsified and put in order in "assemble")
 * </pre>
 *
 * <p>Time: deadlines and {@code nowNs} are the caller's, of any domain; the clock given at
 * construction measures how long slices take and nothing else. Before each slice the session
 * compares the predicted cost of the slice with the time left and ends the set when it would not
 * fit. When the rest of the prefill and the action would not fit, an exit that the package allows
 * to decide the action is taken. All memory is allocated at construction; a set makes the garbage
 * of ONNX Runtime's calls (README) and one {@link PerceptionOutput}.
 */
public final class PerceptionSession implements AutoCloseable {

  /** {@link #nextSlice} when no set is under way. */
  public static final int DONE = -1;

  private static final int NO_EXIT = -1;

  // Shape: immutable.
  private final ModelPackage model;
  private final SlotLayout slots;
  private final Grammar grammar;
  private final NanoClock clock;
  private final SessionOptions options;
  private final List<String> cameraNames;
  private final String lidarName;
  private final int lidarSlice;
  private final int assembleSlice;
  private final int firstPrefill;
  private final int actionSlice;
  private final int sentenceSlice;
  private final int prefills;

  // Memory and graphs of this stream.
  private final TensorStore store = new TensorStore();
  private final KvCache cache;
  private final Decoder decoder;
  private final CameraEncoder[] cameraEncoders; // cameras of the rig
  private final @Nullable LidarEncoder lidarEncoder;
  private final EgoEncoder egoEncoder;
  private final TokenChoice choice = new TokenChoice();
  private final SliceCost[] costs; // (slices, then action and sentence by exit)

  // State of the set under way.
  private Sparsifier sparsifier;
  private @Nullable SetInput input;
  private @Nullable PerceptionOutput output;
  private long deadlineNs;
  private long set = -1;
  private int next = DONE;
  private int exit;
  private int rows;
  private int actionCount;
  private int fact;
  private int spoken;
  private int pendingFact;
  private long lastSliceNs;
  private final long[] stageNs = new long[Stage.values().length];
  private final SensorStatus[] cameraStatus; // (cameras of the rig)
  private SensorStatus lidarStatus = SensorStatus.ABSENT;
  private SensorStatus egoStatus = SensorStatus.ABSENT;
  private final boolean[][] kept; // (cameras of the rig, tokens)
  private final boolean[] unprotected; // (tokens) all false
  private int tokensKept;
  private final int[] actionIds; // (action tokens)
  private final float[] actionConfidence; // (action tokens)
  private final int[] factIds; // (facts) as the grammar saw them
  private final int[] factValues; // (facts)
  private final float[] factConfidence; // (facts)
  private final List<String> faults = new ArrayList<>();

  // Counters since construction.
  private long completeSets;
  private long cutSets;
  private long nonFiniteSets;
  private long engineFailures;

  private enum Stage {
    ENCODE,
    SPARSIFY,
    PREFILL,
    ACTION,
    SENTENCE
  }

  /**
   * Allocates everything a stream needs and writes the sink into the cache.
   *
   * @param loaded shared by all streams; stays the caller's
   * @param rig its cameras fill the model's cameras in order; fewer are allowed, the rest is absent
   * @param clock measures slices
   * @throws IllegalArgumentException when the rig has more cameras than the model, or the forced
   *     exit does not exist
   */
  public PerceptionSession(LoadedModel loaded, Rig rig, NanoClock clock, SessionOptions options) {
    this.model = loaded.model();
    this.slots = model.slots();
    this.grammar = new Grammar(model);
    this.clock = clock;
    this.options = options;
    this.sparsifier = options.sparsifier();
    int cameras = rig.cameras().size();
    if (cameras > model.camera().count()) {
      throw new IllegalArgumentException(
          "rig: found %d cameras, model %s wants at most %d"
              .formatted(cameras, model.name(), model.camera().count()));
    }
    this.prefills = model.decoder().slices();
    if (options.forcedExit() >= prefills) {
      throw new IllegalArgumentException(
          "forcedExit: expected a slice in 0..%d, found %d"
              .formatted(prefills - 1, options.forcedExit()));
    }
    this.lidarSlice = cameras;
    this.assembleSlice = cameras + 1;
    this.firstPrefill = cameras + 2;
    this.actionSlice = firstPrefill + prefills;
    this.sentenceSlice = actionSlice + 1;
    this.cameraNames = rig.cameras().stream().map(CameraModel::name).toList();
    LidarModel lidar = rig.lidar();
    this.lidarName = lidar == null ? "lidar" : lidar.name();
    this.cameraEncoders = new CameraEncoder[cameras];
    for (int i = 0; i < cameras; i++) {
      cameraEncoders[i] = new CameraEncoder(loaded, store, rig.cameras().get(i), lidar);
    }
    this.lidarEncoder = lidar == null ? null : new LidarEncoder(loaded, store, lidar);
    this.egoEncoder = new EgoEncoder(loaded, store);
    this.cache = new KvCache(model, store);
    this.decoder = new Decoder(loaded, cache, store, slots.act() + 1);
    this.costs = new SliceCost[actionSlice + 2 * prefills];
    for (int i = 0; i < costs.length; i++) {
      costs[i] = new SliceCost(options.costQuantile());
    }
    this.cameraStatus = new SensorStatus[cameras];
    Arrays.fill(cameraStatus, SensorStatus.ABSENT);
    this.kept = new boolean[cameras][model.camera().tokens()];
    this.unprotected = new boolean[model.camera().tokens()];
    this.actionIds = new int[grammar.actionTokens()];
    this.actionConfidence = new float[grammar.actionTokens()];
    this.factIds = new int[grammar.facts()];
    this.factValues = new int[grammar.facts()];
    this.factConfidence = new float[grammar.facts()];
    decoder.reset();
  }

  /** Forgets all earlier sets, as a new session would. */
  public void reset() {
    requireIdle();
    decoder.reset();
  }

  /** Takes another sparsifier from the next set on. */
  public void sparsifier(Sparsifier newSparsifier) {
    requireIdle();
    sparsifier = newSparsifier;
  }

  /**
   * Starts a set.
   *
   * @param in read until {@link #inputsRead}; sensors of wrong size are left out and named
   * @param deadlineNs when the answer must be there, in the domain of {@code step}'s nowNs
   */
  public void begin(SetInput in, long deadlineNs) {
    requireIdle();
    if (in.cameras.length != cameraEncoders.length) {
      throw new IllegalArgumentException(
          "set: expected %d cameras as in the rig, found %d"
              .formatted(cameraEncoders.length, in.cameras.length));
    }
    this.input = in;
    this.deadlineNs = deadlineNs;
    this.output = null;
    set++;
    rows = 0;
    actionCount = 0;
    fact = 0;
    spoken = 0;
    pendingFact = -1;
    tokensKept = 0;
    exit =
        options.forcedExit() == SessionOptions.NO_FORCED_EXIT ? prefills - 1 : options.forcedExit();
    Arrays.fill(stageNs, 0);
    Arrays.fill(factIds, Grammar.NOT_SPOKEN);
    Arrays.fill(factValues, Grammar.NOT_SPOKEN);
    Arrays.fill(factConfidence, 0);
    faults.clear();
    boolean anySight = false;
    for (int i = 0; i < cameraEncoders.length; i++) {
      Arrays.fill(kept[i], false);
      cameraStatus[i] = checkCamera(i, in.cameras[i]);
      anySight |= cameraStatus[i] == SensorStatus.SKIPPED;
    }
    lidarStatus = checkLidar(in);
    anySight |= lidarStatus == SensorStatus.SKIPPED;
    egoStatus = checkEgo(in);
    cache.beginSet();
    if (anySight) {
      next = skipAbsent(0);
    } else {
      finish(CutReason.NO_SENSORS);
    }
  }

  /** Index of the slice that {@link #step} would run, {@link #DONE} when the set has ended. */
  public int nextSlice() {
    return next;
  }

  /** Number of kinds of slices; indices run from 0. */
  public int sliceKinds() {
    return sentenceSlice + 1;
  }

  /** Readable name of a slice index. Allocates. */
  public String sliceName(int slice) {
    if (slice == DONE) {
      return "done";
    } else if (slice < lidarSlice) {
      return "encode " + cameraNames.get(slice);
    } else if (slice == lidarSlice) {
      return "encode " + lidarName;
    } else if (slice == assembleSlice) {
      return "assemble";
    } else if (slice < actionSlice) {
      return "prefill " + (slice - firstPrefill);
    }
    return slice == actionSlice ? "action" : "sentence";
  }

  /** Predicted time of a slice on this machine, nanoseconds; 0 while unknown. */
  public long predictedNs(int slice) {
    return costs[costIndex(slice)].predictedNs();
  }

  /** Whether images and points of the set are no longer needed. */
  public boolean inputsRead() {
    return next == DONE || next >= assembleSlice;
  }

  /** Whether all action tokens of the set under way are decided. */
  public boolean actionReady() {
    return actionCount == actionIds.length;
  }

  /** Time that the last {@link #step} took by the session's clock, nanoseconds. */
  public long lastSliceNs() {
    return lastSliceNs;
  }

  /**
   * Runs the next slice, or ends the set when the slice would not fit before the deadline.
   *
   * @param nowNs now, in the domain of the deadline
   */
  public SliceOutcome step(long nowNs) {
    if (next == DONE) {
      throw new IllegalStateException("step: expected a set under way, found none; call begin");
    }
    lastSliceNs = 0;
    chooseExit(nowNs);
    long leftNs = leftNs(nowNs);
    if (leftNs < predictedNs(next)) {
      costs[costIndex(next)].refuse(leftNs);
      finish(CutReason.DEADLINE);
      return SliceOutcome.CUT_SHORT;
    }
    int slice = next;
    int cost = costIndex(slice);
    long startNs = clock.nanoTime();
    boolean finite;
    try {
      finite = execute(slice);
    } catch (EngineException e) {
      lastSliceNs = clock.nanoTime() - startNs;
      stageNs[stage(slice).ordinal()] += lastSliceNs;
      faults.add(String.valueOf(e.getMessage()));
      engineFailures++;
      finish(CutReason.ENGINE);
      return SliceOutcome.CUT_SHORT;
    }
    lastSliceNs = clock.nanoTime() - startNs;
    costs[cost].add(lastSliceNs);
    stageNs[stage(slice).ordinal()] += lastSliceNs;
    if (!finite) {
      nonFiniteSets++;
      finish(CutReason.NON_FINITE);
      return SliceOutcome.CUT_SHORT;
    }
    next = following(slice);
    if (next == DONE) {
      boolean sightless = slice == assembleSlice;
      finish(sightless ? CutReason.NO_SENSORS : CutReason.NONE);
      return sightless ? SliceOutcome.CUT_SHORT : SliceOutcome.COMPLETE;
    }
    return SliceOutcome.MORE;
  }

  /** Ends the set now; the best answer so far is the output. After the end: no effect. */
  public PerceptionOutput cut() {
    if (next != DONE) {
      finish(CutReason.REQUESTED);
    }
    return output();
  }

  /**
   * Output of the last ended set.
   *
   * @throws IllegalStateException before the end of the first one
   */
  public PerceptionOutput output() {
    PerceptionOutput result = output;
    if (result == null) {
      throw new IllegalStateException("output: expected an ended set, found " + sliceName(next));
    }
    return result;
  }

  /** A whole set in one go; time passes as slices take it. */
  public PerceptionOutput run(SetInput in, long deadlineNs, long nowNs) {
    begin(in, deadlineNs);
    long now = nowNs;
    while (next != DONE) {
      step(now);
      now += lastSliceNs;
    }
    return output();
  }

  public ModelPackage model() {
    return model;
  }

  public Grammar grammar() {
    return grammar;
  }

  /** Gauges of the cache: rows, bytes, evictions. */
  public KvCache cache() {
    return cache;
  }

  /** Off-heap bytes of this stream; constant. */
  public long bytes() {
    return store.bytes();
  }

  /** Native tensors of this stream; constant. */
  public int handles() {
    return store.tensors();
  }

  /** Sets that ended whole, sets cut for any reason, and those cut because of NaN or infinity. */
  public long completeSets() {
    return completeSets;
  }

  public long cutSets() {
    return cutSets;
  }

  public long nonFiniteSets() {
    return nonFiniteSets;
  }

  /** Sets that ended because ONNX Runtime failed. */
  public long engineFailures() {
    return engineFailures;
  }

  @Override
  public void close() {
    next = DONE;
    store.close();
  }

  /** The decoder, so that tests can break its numbers. */
  Decoder decoder() {
    return decoder;
  }

  // ---- order of slices ----

  private int following(int slice) {
    if (slice < assembleSlice) {
      return skipAbsent(slice + 1);
    } else if (slice == assembleSlice) {
      return anySightUsed() ? firstPrefill : DONE;
    } else if (slice < actionSlice) {
      return slice - firstPrefill == exit ? actionSlice : slice + 1;
    } else if (slice == actionSlice) {
      return actionReady() ? sentenceSlice : actionSlice;
    }
    return fact == grammar.facts() ? DONE : sentenceSlice;
  }

  private int skipAbsent(int from) {
    int slice = from;
    while (slice < assembleSlice
        && (slice < lidarSlice ? cameraStatus[slice] : lidarStatus) != SensorStatus.SKIPPED) {
      slice++;
    }
    return slice;
  }

  private boolean anySightUsed() {
    boolean any = lidarStatus == SensorStatus.USED;
    for (SensorStatus status : cameraStatus) {
      any |= status == SensorStatus.USED;
    }
    return any;
  }

  /** Takes an earlier exit when the rest of the prefill and the action would not fit. */
  private void chooseExit(long nowNs) {
    int done = next - firstPrefill - 1; // last prefilled slice
    if (next <= firstPrefill
        || next >= actionSlice
        || options.forcedExit() != SessionOptions.NO_FORCED_EXIT
        || !model.exits().get(done).mayDecide(Exit.ACTION)) {
      return;
    }
    long needed = actionIds.length * costs[actionSlice + exit].predictedNs();
    for (int slice = next; slice <= firstPrefill + exit; slice++) {
      needed += costs[slice].predictedNs();
    }
    if (leftNs(nowNs) < needed) {
      exit = done;
      next = actionSlice;
    }
  }

  /** Time to the deadline; a clock may have any origin, so that the difference may overflow. */
  private long leftNs(long nowNs) {
    long left = deadlineNs - nowNs;
    return deadlineNs > nowNs && left < 0 ? Long.MAX_VALUE : left;
  }

  private int costIndex(int slice) {
    return slice < actionSlice
        ? slice
        : actionSlice + (slice == sentenceSlice ? prefills : 0) + exit;
  }

  private Stage stage(int slice) {
    if (slice < assembleSlice) {
      return Stage.ENCODE;
    } else if (slice == assembleSlice) {
      return Stage.SPARSIFY;
    } else if (slice < actionSlice) {
      return Stage.PREFILL;
    }
    return slice == actionSlice ? Stage.ACTION : Stage.SENTENCE;
  }

  // ---- the slices ----

  /** Runs a slice; false when it met a number that is not finite. */
  private boolean execute(int slice) {
    if (slice < lidarSlice) {
      encodeCamera(slice);
    } else if (slice == lidarSlice) {
      encodeLidar();
    } else if (slice == assembleSlice) {
      assemble();
    } else if (slice < actionSlice) {
      decoder.run(slice - firstPrefill, rows);
    } else if (slice == actionSlice) {
      return decideAction();
    } else {
      return decideFact();
    }
    return true;
  }

  private void encodeCamera(int camera) {
    SetInput in = current();
    CameraView view = in.cameras[camera];
    MemorySegment image = view.image;
    if (image != null) {
      boolean painted = lidarStatus == SensorStatus.SKIPPED;
      cameraEncoders[camera].encode(
          image,
          view.strideBytes,
          view.format,
          painted ? in.points : null,
          painted ? in.pointCount : 0);
      cameraStatus[camera] = SensorStatus.USED;
    }
  }

  private void encodeLidar() {
    SetInput in = current();
    MemorySegment points = in.points;
    if (lidarEncoder != null && points != null) {
      int notFinite = lidarEncoder.encode(points, in.pointCount);
      if (notFinite == in.pointCount) {
        lidarStatus = SensorStatus.INVALID;
        faults.add(
            lidarName
                + ": found "
                + notFinite
                + " points, all NaN or infinite, wanted finite x, y, z");
      } else {
        lidarStatus = SensorStatus.USED;
      }
    }
  }

  /** Encodes own motion, drops visual tokens and puts the rest in slot order, then the prompt. */
  private void assemble() {
    SetInput in = current();
    for (int camera = 0; camera < cameraEncoders.length; camera++) {
      if (cameraStatus[camera] == SensorStatus.USED) {
        boolean[] wanted = in.cameras[camera].protectedTokens;
        CameraEncoder encoder = cameraEncoders[camera];
        sparsifier.select(
            camera,
            encoder.patches(),
            wanted.length == unprotected.length ? wanted : unprotected,
            kept[camera]);
        addRows(encoder.tokens(), camera * slots.cameraTokens(), kept[camera]);
      }
    }
    if (lidarStatus == SensorStatus.USED && lidarEncoder != null) {
      int hidden = model.decoder().hidden();
      for (int t = 0; t < model.lidar().tokens(); t++) {
        decoder.setRow(rows++, slots.lidar() + t, lidarEncoder.tokens(), (long) t * hidden);
      }
    }
    if (egoStatus == SensorStatus.SKIPPED) {
      egoEncoder.encode(in.speedMps, in.yawRateRadps, in.setSpeedMps, in.accelMps2);
      decoder.setRow(rows++, slots.ego(), egoEncoder.tokens(), 0);
      egoStatus = SensorStatus.USED;
    }
    tokensKept = rows;
    decoder.setRow(rows++, slots.act(), ModelPackage.ACT_ID);
  }

  private void addRows(MemorySegment tokens, int firstSlot, boolean[] keep) {
    int hidden = model.decoder().hidden();
    for (int t = 0; t < keep.length; t++) {
      if (keep[t]) {
        decoder.setRow(rows++, firstSlot + t, tokens, (long) t * hidden);
      }
    }
  }

  /** The first action token comes from the prompt's row, each other one from the token before. */
  private boolean decideAction() {
    int row = rows - 1;
    if (actionCount > 0) {
      decoder.setRow(0, slots.action() + actionCount - 1, actionIds[actionCount - 1]);
      runText(1);
      row = 0;
    }
    if (!choice.pick(decoder.logits(exit, row), grammar.allowedAction(actionCount))) {
      return false;
    }
    actionIds[actionCount] = choice.id();
    actionConfidence[actionCount] = choice.probability();
    actionCount++;
    return true;
  }

  /** The first fact follows the last action token and the sentence prompt, in one run. */
  private boolean decideFact() {
    int count = 1;
    if (spoken == 0) {
      int last = actionIds.length - 1;
      decoder.setRow(0, slots.action() + last, actionIds[last]);
      decoder.setRow(1, slots.say(), ModelPackage.SAY_ID);
      count = 2;
      fact = grammar.nextFact(0, factIds);
    } else {
      decoder.setRow(0, grammar.factSlot(pendingFact), factIds[pendingFact]);
    }
    runText(count);
    if (!choice.pick(decoder.logits(exit, count - 1), grammar.allowedFact(fact))) {
      return false;
    }
    factIds[fact] = choice.id();
    factValues[fact] = choice.index();
    factConfidence[fact] = choice.probability();
    pendingFact = fact;
    spoken++;
    fact = grammar.nextFact(fact + 1, factIds);
    return true;
  }

  private void runText(int count) {
    for (int slice = 0; slice <= exit; slice++) {
      decoder.run(slice, count);
    }
  }

  // ---- end of a set ----

  private void finish(CutReason reason) {
    boolean broken = reason == CutReason.NON_FINITE || reason == CutReason.ENGINE;
    if (broken) {
      cache.dropSet();
    } else {
      cache.dropText();
    }
    next = DONE;
    boolean action = actionReady() && !broken;
    if (reason == CutReason.NONE) {
      completeSets++;
    } else {
      cutSets++;
    }
    if (broken) {
      Arrays.fill(factIds, Grammar.NOT_SPOKEN);
    }
    forgetUncalibratedFacts();
    Kind kind =
        !action
            ? Kind.CUT_SHORT_WITHOUT_ACTION
            : reason == CutReason.NONE ? Kind.COMPLETE : Kind.CUT_SHORT_WITH_ACTION;
    List<String> used = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    List<CameraTokens> cameras = new ArrayList<>();
    for (int i = 0; i < cameraStatus.length; i++) {
      (cameraStatus[i] == SensorStatus.USED ? used : missing).add(cameraNames.get(i));
      cameras.add(
          new CameraTokens(cameraNames.get(i), cameraStatus[i], kept[i].clone(), count(kept[i])));
    }
    for (int i = cameraStatus.length; i < model.camera().count(); i++) {
      missing.add("camera " + i);
    }
    (lidarStatus == SensorStatus.USED ? used : missing).add(lidarName);
    (egoStatus == SensorStatus.USED ? used : missing).add("ego");
    output =
        new PerceptionOutput(
            set,
            current().captureNs,
            kind,
            reason,
            action ? actionIds.clone() : new int[0],
            factIds.clone(),
            factValues.clone(),
            grammar.sentence(factIds),
            action ? actionConfidence.clone() : new float[0],
            factConfidence.clone(),
            action ? exit : NO_EXIT,
            action ? layersUpTo(exit) : 0,
            tokensKept,
            slots.act(),
            List.copyOf(cameras),
            lidarStatus,
            egoStatus,
            List.copyOf(used),
            List.copyOf(missing),
            List.copyOf(faults),
            new StageTimes(
                stageNs[Stage.ENCODE.ordinal()],
                stageNs[Stage.SPARSIFY.ordinal()],
                stageNs[Stage.PREFILL.ordinal()],
                stageNs[Stage.ACTION.ordinal()],
                stageNs[Stage.SENTENCE.ordinal()]));
    input = null;
  }

  /** An exit says only what it was calibrated for, unless it was forced for measuring. */
  private void forgetUncalibratedFacts() {
    boolean forced = options.forcedExit() != SessionOptions.NO_FORCED_EXIT;
    Exit decided = model.exits().get(exit);
    for (int i = 0; i < factIds.length; i++) {
      if (factIds[i] == Grammar.NOT_SPOKEN
          || (!forced && !decided.mayDecide(grammar.factName(i)))) {
        factIds[i] = Grammar.NOT_SPOKEN;
        factValues[i] = Grammar.NOT_SPOKEN;
        factConfidence[i] = 0;
      }
    }
  }

  private int layersUpTo(int slice) {
    int layers = 0;
    for (int i = 0; i <= slice; i++) {
      layers += model.decoder().layersPerSlice()[i];
    }
    return layers;
  }

  private static int count(boolean[] flags) {
    int count = 0;
    for (boolean flag : flags) {
      count += flag ? 1 : 0;
    }
    return count;
  }

  // ---- checks at the door: SKIPPED means usable, its turn will come ----

  private SensorStatus checkCamera(int index, CameraView view) {
    MemorySegment image = view.image;
    if (image == null) {
      return SensorStatus.ABSENT;
    }
    CameraModel camera = cameraEncoders[index].camera();
    long rowBytes = (long) view.widthPx * saccade.kernels.image.PixelFormat.BYTES_PER_PIXEL;
    long wanted = (view.heightPx - 1) * view.strideBytes + rowBytes;
    if (view.widthPx == camera.widthPx()
        && view.heightPx == camera.heightPx()
        && view.strideBytes >= rowBytes
        && image.byteSize() >= wanted) {
      return SensorStatus.SKIPPED;
    }
    faults.add(
        "%s: found %dx%d px, stride %d, %d bytes; wanted %dx%d px as in the rig file, stride >= %d, %d bytes"
            .formatted(
                camera.name(),
                view.widthPx,
                view.heightPx,
                view.strideBytes,
                image.byteSize(),
                camera.widthPx(),
                camera.heightPx(),
                rowBytes,
                wanted));
    return SensorStatus.INVALID;
  }

  private SensorStatus checkLidar(SetInput in) {
    MemorySegment points = in.points;
    if (points == null) {
      return SensorStatus.ABSENT;
    }
    if (lidarEncoder == null) {
      faults.add(lidarName + ": found a sweep, wanted a lidar in the rig file first");
      return SensorStatus.INVALID;
    }
    long wanted = (long) in.pointCount * PointLayout.POINT_BYTES;
    if (in.pointCount < 1 || points.byteSize() < wanted) {
      faults.add(
          "%s: found %d points in %d bytes, wanted >= 1 point of %d bytes each"
              .formatted(lidarName, in.pointCount, points.byteSize(), PointLayout.POINT_BYTES));
      return SensorStatus.INVALID;
    }
    return SensorStatus.SKIPPED;
  }

  private SensorStatus checkEgo(SetInput in) {
    if (!in.hasEgo) {
      return SensorStatus.ABSENT;
    }
    if (Double.isFinite(in.speedMps + in.yawRateRadps + in.setSpeedMps + in.accelMps2)) {
      return SensorStatus.SKIPPED;
    }
    faults.add(
        "ego: found speed %s m/s, yaw rate %s rad/s, set speed %s m/s, acceleration %s m/s2; wanted finite numbers"
            .formatted(in.speedMps, in.yawRateRadps, in.setSpeedMps, in.accelMps2));
    return SensorStatus.INVALID;
  }

  private void requireIdle() {
    if (next != DONE) {
      throw new IllegalStateException(
          "expected no set under way, found one at " + sliceName(next) + "; step on or cut");
    }
  }

  private SetInput current() {
    SetInput in = input;
    if (in == null) {
      throw new IllegalStateException("expected a set under way, found none");
    }
    return in;
  }
}
