package saccade.perception;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.Rig;
import saccade.perception.PerceptionOutput.Kind;
import saccade.perception.PerceptionOutput.StageTimes;
import saccade.perception.SlicePlan.Stage;
import saccade.perception.decode.Decoder;
import saccade.perception.encode.EncodedSet;
import saccade.perception.engine.EngineException;
import saccade.perception.engine.LoadedModel;
import saccade.perception.engine.TensorStore;
import saccade.perception.kv.KvCache;
import saccade.perception.kv.KvOptions;
import saccade.perception.kv.VlaCache;
import saccade.perception.kv.VlaSettings;
import saccade.perception.model.ModelPackage;
import saccade.perception.sparsify.DecoderPruner;
import saccade.perception.sparsify.Sparsifier;
import saccade.perception.tokens.Grammar;
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
 *   SensorTokens (check, encode, sparsify) -> Decoder (prefill) -> TokenWriter (action, sentence)
 *   in the order of SlicePlan
 * </pre>
 *
 * <p>Time: deadlines and {@code nowNs} are the caller's, of any domain; the clock given at
 * construction measures how long slices take and nothing else. Before each slice the session
 * compares the predicted cost of the slice with the time left and ends the set when it would not
 * fit. When the rest of the prefill and the action would not fit, an exit that the package allows
 * to decide the action is taken. All memory is allocated at construction; a set makes one {@link
 * PerceptionOutput}, and the garbage of ONNX Runtime's Java API where that is used (README).
 */
public final class PerceptionSession implements AutoCloseable {

  /** {@link #nextSlice} when no set is under way. */
  public static final int DONE = -1;

  private static final int NO_EXIT = -1;

  private final ModelPackage model;
  private final NanoClock clock;
  private final TensorStore store = new TensorStore();
  private final KvCache cache;
  private final @Nullable VlaCache vla;
  private final Decoder decoder;
  private final SensorTokens sensors;
  private final RowThinner thinner;
  private final TokenWriter writer;
  private final SlicePlan plan;
  private final SetLimits limits;

  // State of the set under way.
  private @Nullable SetInput input;
  private @Nullable PerceptionOutput output;
  private long deadlineNs;
  private long set = -1;
  private int rows; // of the prefill
  private int tokensKept;
  private long lastSliceNs;
  private int lastSlice = DONE;
  private int refusedSlice = DONE;
  private int lastSize;
  private boolean prefilled; // rows of this set are in the cache
  private final long[] stageNs = new long[Stage.values().length];
  private volatile boolean stopped; // from any thread

  // Counters since construction.
  private long completeSets;
  private long cutSets;
  private long nonFiniteSets;
  private long engineFailures;

  /**
   * Allocates everything a stream needs and writes the sink into the cache.
   *
   * @param loaded shared by all streams; stays the caller's
   * @param rig its cameras fill the model's camera places in order; fewer are allowed, the rest is
   *     absent
   * @param clock measures slices
   * @throws IllegalArgumentException when the rig has more cameras than the model, or the forced
   *     exit does not exist
   */
  public PerceptionSession(LoadedModel loaded, Rig rig, NanoClock clock, SessionOptions options) {
    this.model = loaded.model();
    this.clock = clock;
    this.sensors =
        new SensorTokens(loaded, store, rig, options.sparsifier(), options.int8Encoder());
    DecodeOptions decode = options.decode();
    VlaSettings still = decode.vla();
    KvOptions kv = decode.kv() == null ? KvOptions.shipped(model) : decode.kv();
    this.cache = new KvCache(model, store, kv.withAttention(kv.attention() || still != null));
    this.vla = still == null ? null : new VlaCache(model, still);
    int mostRows = model.slots().act() + 1 + TokenWriter.mostDraftRows(model);
    DecoderPruner pruner = options.pruner();
    this.decoder =
        new Decoder(
            loaded,
            cache,
            store,
            mostRows,
            slice -> cache.wantsAttention() || RowThinner.taps(pruner, slice));
    this.thinner = new RowThinner(model, pruner, mostRows);
    this.writer = new TokenWriter(model, decoder, options.drafts(), decode.layerSkip());
    this.plan = new SlicePlan(model, sensors, writer, options);
    this.limits = new SetLimits(sensors.cameras());
    if (decode.skippedSlice() != DecodeOptions.NONE) {
      decoder.skip(decode.skippedSlice());
    }
    decoder.reset();
  }

  /** Forgets all earlier sets, as a new session would. */
  public void reset() {
    requireIdle();
    goOn();
    decoder.reset();
    writer.forget();
    sensors.forget();
    if (vla != null) {
      vla.forget();
    }
  }

  /** Takes another sparsifier from the next set on. */
  public void sparsifier(Sparsifier newSparsifier) {
    requireIdle();
    sensors.sparsifier(newSparsifier);
  }

  /**
   * For measuring: takes encoder features from a set that several sessions share, and leaves those
   * there that it encodes first.
   */
  public void share(EncodedSet set) {
    requireIdle();
    sensors.share(set);
  }

  /** What each set from the next one on may cost; the caller fills it between sets. */
  public SetLimits limits() {
    return limits;
  }

  // ---- one set ----

  /**
   * Starts a set.
   *
   * @param in read until {@link #inputsRead}; sensors of wrong size are left out and named
   * @param deadlineNs when the answer must be there, in the domain of {@code step}'s nowNs
   */
  public void begin(SetInput in, long deadlineNs) {
    requireIdle();
    boolean anySight = sensors.begin(in, limits);
    goOn();
    this.input = in;
    this.deadlineNs = deadlineNs;
    this.output = null;
    set++;
    rows = 0;
    tokensKept = 0;
    prefilled = false;
    Arrays.fill(stageNs, 0);
    writer.begin(limits.facts);
    cache.beginSet();
    plan.begin(limits.exit);
    if (!anySight) {
      finish(CutReason.NO_SENSORS);
    }
  }

  /**
   * Runs the next slice, or ends the set when the slice would not fit before the deadline.
   *
   * @param nowNs now, in the domain of the deadline
   */
  public SliceOutcome step(long nowNs) {
    if (plan.next() == DONE) {
      throw new IllegalStateException("step: expected a set under way, found none; call begin");
    }
    lastSliceNs = 0;
    refusedSlice = DONE;
    lastSlice = DONE;
    if (!plan.fits(leftNs(nowNs))) {
      refusedSlice = plan.next();
      finish(CutReason.DEADLINE);
      return SliceOutcome.CUT_SHORT;
    }
    int slice =
        plan.next(); // not always the one that was next: an earlier exit may have been taken
    lastSlice = slice;
    long startNs = clock.nanoTime();
    boolean finite;
    try {
      finite = execute(slice);
    } catch (EngineException e) {
      book(slice, clock.nanoTime() - startNs);
      return failed(e);
    }
    book(slice, clock.nanoTime() - startNs);
    lastSize = plan.size(slice, rows);
    plan.measured(lastSliceNs);
    if (finite && plan.asksAfter(slice)) {
      plan.ask(slice, leftNs(nowNs) - lastSliceNs);
    }
    if (!finite) {
      nonFiniteSets++;
      finish(CutReason.NON_FINITE);
      return SliceOutcome.CUT_SHORT;
    }
    plan.advance();
    if (plan.next() != DONE) {
      return SliceOutcome.MORE;
    }
    boolean sightless = plan.isAssemble(slice);
    finish(sightless ? CutReason.NO_SENSORS : CutReason.NONE);
    return sightless ? SliceOutcome.CUT_SHORT : SliceOutcome.COMPLETE;
  }

  /** Ends the set now; the best answer so far is the output. After the end: no effect. */
  public PerceptionOutput cut() {
    if (plan.next() != DONE) {
      finish(CutReason.REQUESTED);
    }
    return output();
  }

  /**
   * Ends the set from any thread, in the middle of a slice: the run under way stops at its next
   * operator, and the step that waits for it ends the set as {@link #cut} would. The last resort
   * against a run that takes far longer than predicted; while the session is open.
   */
  public void stop() {
    stopped = true;
    store.stopRuns(true);
  }

  /** A stop was for the set that it ended. */
  private void goOn() {
    if (stopped) {
      stopped = false;
      store.stopRuns(false);
    }
  }

  /**
   * Output of the last ended set.
   *
   * @throws IllegalStateException before the end of the first one
   */
  public PerceptionOutput output() {
    PerceptionOutput result = output;
    if (result == null) {
      throw new IllegalStateException(
          "output: expected an ended set, found " + sliceName(plan.next()));
    }
    return result;
  }

  /**
   * The action of the set under way, without a sentence, as soon as it is decided and while the set
   * goes on. May be asked once a set or not at all.
   *
   * @throws IllegalStateException when it is not decided yet, or no set is under way
   */
  public PerceptionOutput actionOutput() {
    if (plan.next() == DONE || !writer.actionReady()) {
      throw new IllegalStateException(
          "actionOutput: expected a decided action of a set under way, found "
              + sliceName(plan.next()));
    }
    return outputOf(CutReason.NONE, true, false);
  }

  /** A whole set in one go; time passes as slices take it. */
  public PerceptionOutput run(SetInput in, long deadlineNs, long nowNs) {
    begin(in, deadlineNs);
    long now = nowNs;
    while (plan.next() != DONE) {
      step(now);
      now += lastSliceNs;
    }
    return output();
  }

  /** Runs a slice; false when it met a number that is not finite. */
  private boolean execute(int slice) {
    SetInput in = current();
    int prefill = plan.prefill(slice);
    if (plan.isCamera(slice)) {
      sensors.encodeCamera(slice, in);
    } else if (plan.isLidar(slice)) {
      sensors.encodeLidar(in);
    } else if (plan.isAssemble(slice)) {
      int run = sensors.assemble(in, decoder, vla, plan.exit());
      tokensKept = run + decoder.takenRows();
      rows = writer.prompt(run);
      thinner.begin(sensors.guardedRows());
    } else if (prefill >= 0) {
      if (prefill > 0) {
        int left = thinner.thin(prefill - 1, rows, decoder);
        writer.promptMoved(rows - left);
        rows = left;
      }
      decoder.takeOver(prefill);
      decoder.run(prefill, rows);
      prefilled = true;
      if (cache.wantsAttention()) {
        cache.look(
            prefill,
            decoder.queries(prefill),
            (long) writer.promptRow() * model.decoder().hidden(),
            model.decoder().hidden() / model.decoder().headDim(),
            model.slots().act());
      }
      return !plan.asksAfter(slice) || !plan.needsGuesses() || writer.guess(prefill);
    } else if (plan.isAction(slice)) {
      return writer.decideAction(plan.exit());
    } else if (plan.isDraft(slice)) {
      return writer.draftSentence(plan.exit());
    } else {
      return writer.decideFact(plan.exit());
    }
    return true;
  }

  private void book(int slice, long tookNs) {
    lastSliceNs = tookNs;
    stageNs[plan.stage(slice).ordinal()] += tookNs;
  }

  private SliceOutcome failed(EngineException e) {
    if (stopped) { // as asked for
      finish(CutReason.REQUESTED);
    } else {
      sensors.addFault(String.valueOf(e.getMessage()));
      engineFailures++;
      finish(CutReason.ENGINE);
    }
    return SliceOutcome.CUT_SHORT;
  }

  /** Time to the deadline; a clock may have any origin, so that the difference may overflow. */
  private long leftNs(long nowNs) {
    long left = deadlineNs - nowNs;
    return deadlineNs > nowNs && left < 0 ? Long.MAX_VALUE : left;
  }

  // ---- end of a set ----

  private void finish(CutReason reason) {
    plan.end();
    boolean broken = reason == CutReason.NON_FINITE || reason == CutReason.ENGINE;
    if (broken) {
      cache.dropSet();
      writer.unsay();
    } else {
      if (vla != null) {
        vla.look(cache, plan.exit());
      }
      cache.dropText();
    }
    if (broken || !prefilled) {
      sensors.lost();
    }
    if (reason == CutReason.NONE) {
      completeSets++;
    } else {
      cutSets++;
    }
    if (!plan.isExitForced()) { // forced for measuring: then everything is said
      writer.keepOnly(model.exits().get(plan.exit()));
    }
    output = outputOf(reason, writer.actionReady() && !broken, true);
    input = null;
  }

  private PerceptionOutput outputOf(CutReason reason, boolean action, boolean ended) {
    Kind kind =
        !action
            ? Kind.CUT_SHORT_WITHOUT_ACTION
            : ended && reason == CutReason.NONE ? Kind.COMPLETE : Kind.CUT_SHORT_WITH_ACTION;
    return new PerceptionOutput(
        set,
        current().captureNs,
        kind,
        reason,
        action ? writer.actionIds() : new int[0],
        writer.factIds(),
        writer.factValues(),
        writer.sentence(),
        action ? writer.actionConfidence() : new float[0],
        writer.factConfidence(),
        action ? plan.exit() : NO_EXIT,
        action ? plan.exitLayers() : 0,
        tokensKept,
        model.slots().act(),
        sensors.cameraTokens(),
        sensors.lidarStatus(),
        sensors.egoStatus(),
        sensors.names(true),
        sensors.names(false),
        sensors.faults(),
        new StageTimes(
            stageNs[Stage.ENCODE.ordinal()],
            stageNs[Stage.SPARSIFY.ordinal()],
            stageNs[Stage.PREFILL.ordinal()],
            stageNs[Stage.ACTION.ordinal()],
            stageNs[Stage.SENTENCE.ordinal()]));
  }

  // ---- gauges ----

  /** Index of the slice that {@link #step} would run, {@link #DONE} when the set has ended. */
  public int nextSlice() {
    return plan.next();
  }

  /** Number of kinds of slices; indices run from 0. */
  public int sliceKinds() {
    return plan.kinds();
  }

  /** Readable name of a slice index. Allocates. */
  public String sliceName(int slice) {
    return plan.name(slice);
  }

  /** Predicted time of a slice on this machine, nanoseconds; 0 while unknown. */
  public long predictedNs(int slice) {
    return plan.predictedNs(slice);
  }

  /**
   * Amount of work of the slice that ran last, in proportion to which it takes longer: rows of a
   * prefill, layers x 8 of tokens; 0 where it does not vary.
   */
  public int lastSize() {
    return lastSize;
  }

  /**
   * Index of the slice that encodes the LiDAR; cameras lie before it, by their place in the rig.
   */
  public int lidarSlice() {
    return plan.lidarSlice();
  }

  /** Index of the slice that puts the tokens together. */
  public int assembleSlice() {
    return plan.lidarSlice() + 1;
  }

  /** Index of the slice that runs a slice of layers over the set's tokens. */
  public int prefillSlice(int layers) {
    return plan.lidarSlice() + 2 + layers;
  }

  /** Index of the slice that decides an action token; those of the sentence follow. */
  public int actionSlice() {
    return plan.lidarSlice() + 2 + model.decoder().slices();
  }

  /** Most tokens of a camera that go on to the decoder by the session's options. */
  public int mostTokens(int camera) {
    return sensors.mostTokens(camera);
  }

  /** Whether images and points of the set are no longer needed. */
  public boolean inputsRead() {
    return plan.inputsRead();
  }

  /** Whether all action tokens of the set under way are decided. */
  public boolean actionReady() {
    return writer.actionReady();
  }

  /**
   * Index of the slice that the last {@link #step} ran; {@link #DONE} when it ended the set because
   * the next one would not have fitted.
   */
  public int lastSlice() {
    return lastSlice;
  }

  /**
   * Index of the slice that did not fit when the last {@link #step} ended the set; else {@link
   * #DONE}.
   */
  public int refusedSlice() {
    return refusedSlice;
  }

  /**
   * What the slice that the last {@link #step} ran or refused was expected to take, nanoseconds; 0
   * when nothing was known of it.
   */
  public long expectedNs() {
    return plan.expectedNs();
  }

  /** Time that the last {@link #step} took by the session's clock, nanoseconds. */
  public long lastSliceNs() {
    return lastSliceNs;
  }

  public ModelPackage model() {
    return model;
  }

  public Grammar grammar() {
    return writer.grammar();
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

  /** Sets whose exit rule decided before the deepest exit; those that a deadline cut are not. */
  public long earlyExits() {
    return plan.earlyExits();
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

  /**
   * Choices of tokens, before and inside the decoder, whose scores were not finite: tokens were
   * spread evenly instead.
   */
  public long degradedSelections() {
    return sensors.degradedSelections() + thinner.degraded();
  }

  /** Pictures that were not encoded again because they were the same to the last bit. */
  public long reusedPictures() {
    return sensors.reusedPictures();
  }

  /** Pictures that were encoded; those of a shared or an unchanged picture count too. */
  public long encodedPictures() {
    return sensors.encodedPictures();
  }

  /** Pictures that were resized and looked at, and then not encoded: like their key frame. */
  public long passedPictures() {
    return sensors.passedPictures();
  }

  /** Pictures that the tokens of an earlier one stood in for, see {@code hold} of a policy. */
  public long heldPictures() {
    return sensors.heldPictures();
  }

  /** Sets that ended because ONNX Runtime failed. */
  public long engineFailures() {
    return engineFailures;
  }

  /** Tokens that were run on a draft from the set before, and how many of them stood. */
  public long draftedTokens() {
    return writer.drafted();
  }

  public long acceptedTokens() {
    return writer.accepted();
  }

  @Override
  public void close() {
    plan.end();
    store.close();
  }

  /** The decoder, so that tests can break its numbers. */
  Decoder decoder() {
    return decoder;
  }

  private void requireIdle() {
    if (plan.next() != DONE) {
      throw new IllegalStateException(
          "expected no set under way, found one at " + sliceName(plan.next()) + "; step on or cut");
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
