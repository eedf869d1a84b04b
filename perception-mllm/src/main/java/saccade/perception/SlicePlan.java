package saccade.perception;

import java.util.Arrays;
import saccade.perception.exit.Deadline;
import saccade.perception.exit.ExitRule;
import saccade.perception.exit.ExitView;
import saccade.perception.model.ModelPackage;
import saccade.perception.model.ModelPackage.Exit;

/**
 * Hot path. Which slice of a set comes next, what it is expected to cost, and after which layers
 * the tokens are decided.
 *
 * <pre>
 *   camera 0 .. camera n | lidar | assemble | prefill 0 .. prefill k | action x 6 | sentence, drafted or fact by fact
 * </pre>
 */
final class SlicePlan {

  /** Where a slice's time is booked. */
  enum Stage {
    ENCODE,
    SPARSIFY,
    PREFILL,
    ACTION,
    SENTENCE
  }

  /** A slice judged by another one of its kind may be this much slower. */
  private static final double NEIGHBOUR_MARGIN = 1.25;

  private final ModelPackage model;
  private final SensorTokens sensors;
  private final TokenWriter writer;
  private final boolean forcedExit;
  private final int firstExit; // of each set
  private final int prefills;
  private final int lidar;
  private final int assemble;
  private final int firstPrefill;
  private final int action;
  private final int sentence;
  private final int draft;
  private final SliceCost[] costs; // (slices before the text, then text slices by exit)
  private final Look look = new Look();
  private final ExitRule rule;
  private final boolean anyExit;
  private final int skippedSlice;
  private int next = PerceptionSession.DONE;
  private int exit;
  private long earlyExits;
  private long expectedNs; // of the slice that was judged last

  /**
   * A plan without history.
   *
   * @throws IllegalArgumentException when the forced exit does not exist
   */
  SlicePlan(ModelPackage model, SensorTokens sensors, TokenWriter writer, SessionOptions options) {
    this.model = model;
    this.sensors = sensors;
    this.writer = writer;
    this.prefills = model.decoder().slices();
    this.forcedExit = options.forcedExit() != SessionOptions.NO_FORCED_EXIT;
    if (options.forcedExit() >= prefills) {
      throw new IllegalArgumentException(
          "forcedExit: expected a slice in 0..%d, found %d"
              .formatted(prefills - 1, options.forcedExit()));
    }
    this.firstExit = forcedExit ? options.forcedExit() : prefills - 1;
    this.rule = options.decode().exits();
    this.anyExit = options.decode().anyExit();
    this.skippedSlice = options.decode().skippedSlice();
    this.lidar = sensors.cameras();
    this.assemble = lidar + 1;
    this.firstPrefill = assemble + 1;
    this.action = firstPrefill + prefills;
    this.sentence = action + 1;
    this.draft = sentence + 1;
    this.costs = new SliceCost[action + 3 * prefills];
    Arrays.setAll(costs, i -> new SliceCost(options.costQuantile()));
  }

  // ---- where we are ----

  /**
   * Starts a set at the first sensor that waits.
   *
   * @param deepest slice of layers after which the action is decided at the latest
   */
  void begin(int deepest) {
    exit = firstExit;
    if (!forcedExit && deepest < exit) {
      exit = deepest;
      while (!model.exits().get(exit).mayDecide(Exit.ACTION) && exit < firstExit) {
        exit++;
      }
      passOver(exit);
    }
    next = nextSensor(0);
  }

  /** The set has ended. */
  void end() {
    next = PerceptionSession.DONE;
  }

  int next() {
    return next;
  }

  /** Slice of layers after which the tokens are decided. */
  int exit() {
    return exit;
  }

  boolean isExitForced() {
    return forcedExit || anyExit;
  }

  /** Sets whose rule let them leave before their deepest exit. */
  long earlyExits() {
    return earlyExits;
  }

  /** Whether the rule is to be asked after {@link #next}, a prefill, has run. */
  boolean asksAfter(int slice) {
    int done = prefill(slice);
    return done >= 0 && done < exit && !forcedExit && mayLeave(done) && rule != ExitRule.DEEPEST;
  }

  boolean needsGuesses() {
    return rule.needsGuesses();
  }

  /** Asks the rule after a prefill has run; when it leaves, the action is decided there. */
  void ask(int slice, long leftNs) {
    int done = prefill(slice);
    look.slice = done;
    look.leftNs = leftNs;
    look.neededNs = restNs(done);
    if (rule.leaves(look)) {
      leave(done);
      earlyExits++;
    }
  }

  private boolean mayLeave(int done) {
    return anyExit || model.exits().get(done).mayDecide(Exit.ACTION);
  }

  /** What the rule sees. */
  private final class Look implements ExitView {
    int slice;
    long leftNs;
    long neededNs;

    @Override
    public int slice() {
      return slice;
    }

    @Override
    public int guesses() {
      return writer.guesses();
    }

    @Override
    public float confidence(int token) {
      return writer.guessConfidence(token);
    }

    @Override
    public float change() {
      return writer.guessChange();
    }

    @Override
    public long leftNs() {
      return leftNs;
    }

    @Override
    public long neededNs() {
      return neededNs;
    }
  }

  /** Decoder layers below the exit. */
  int exitLayers() {
    return layers(0, exit);
  }

  /** Goes on after {@link #next} has run. */
  void advance() {
    if (next < assemble) {
      next = nextSensor(next + 1);
    } else if (next == assemble) {
      next = sensors.anySightUsed() ? firstPrefill : PerceptionSession.DONE;
    } else if (next < action) {
      next = next - firstPrefill == exit ? action : next + 1;
    } else if (!writer.actionReady()) {
      next = action;
    } else if (writer.sentenceReady()) {
      next = PerceptionSession.DONE;
    } else {
      next = writer.hasSentenceDraft(exit) ? draft : sentence;
    }
  }

  private int nextSensor(int from) {
    int slice = from;
    while (slice < assemble
        && !(slice < lidar ? sensors.cameraWaits(slice) : sensors.lidarWaits())) {
      slice++;
    }
    return slice;
  }

  // ---- what a slice is ----

  /** Number of kinds of slices; indices run from 0. */
  int kinds() {
    return draft + 1;
  }

  int lidarSlice() {
    return lidar;
  }

  /** Amount of work of a slice, see {@link PerceptionSession#lastSize}. */
  int size(int slice, int rows) {
    return prefill(slice) >= 0 ? rows : slice >= action ? 8 * exitLayers() : 0;
  }

  boolean isCamera(int slice) {
    return slice >= 0 && slice < lidar;
  }

  boolean isLidar(int slice) {
    return slice == lidar;
  }

  boolean isAssemble(int slice) {
    return slice == assemble;
  }

  /** Index of a prefill's slice of layers, -1 for slices of other kinds. */
  int prefill(int slice) {
    return slice >= firstPrefill && slice < action ? slice - firstPrefill : -1;
  }

  boolean isAction(int slice) {
    return slice == action;
  }

  boolean isDraft(int slice) {
    return slice == draft;
  }

  /** Whether pictures and points are no longer needed. */
  boolean inputsRead() {
    return next == PerceptionSession.DONE || next >= assemble;
  }

  /** Readable name. Allocates. */
  String name(int slice) {
    if (slice == PerceptionSession.DONE) {
      return "done";
    } else if (isCamera(slice)) {
      return "encode " + sensors.cameraName(slice);
    } else if (isLidar(slice)) {
      return "encode " + sensors.lidarName();
    } else if (isAssemble(slice)) {
      return "assemble";
    } else if (slice < action) {
      return "prefill " + prefill(slice);
    } else if (slice == action) {
      return "action";
    }
    return slice == sentence ? "sentence" : "sentence drafted";
  }

  Stage stage(int slice) {
    if (slice < assemble) {
      return Stage.ENCODE;
    } else if (slice == assemble) {
      return Stage.SPARSIFY;
    } else if (slice < action) {
      return Stage.PREFILL;
    }
    return slice == action ? Stage.ACTION : Stage.SENTENCE;
  }

  // ---- what it costs ----

  /** Predicted time of a slice, nanoseconds; 0 while unknown. */
  long predictedNs(int slice) {
    return cost(slice).predictedNs();
  }

  /** Time that {@link #next} took. */
  void measured(long tookNs) {
    cost(next).add(tookNs);
  }

  /**
   * Settles what can be done in the time left: an earlier exit when the rest of the prefill and the
   * action would not fit, and a sentence fact by fact when the drafted run would not.
   *
   * @return whether {@link #next} fits
   */
  boolean fits(long leftNs) {
    chooseExit(leftNs);
    if (next == draft && leftNs < predictedNs(draft)) {
      cost(draft).refuse(leftNs);
      next = sentence;
    }
    expectedNs = predictedNs(next);
    if (leftNs >= expectedNs) {
      return true;
    }
    cost(next).refuse(leftNs);
    return false;
  }

  /** What the slice that {@link #fits} judged last was expected to take; 0 = nothing was known. */
  long expectedNs() {
    return expectedNs;
  }

  private void chooseExit(long leftNs) {
    int done = prefill(next) - 1; // last prefilled slice
    if (done < 0 || forcedExit || !model.exits().get(done).mayDecide(Exit.ACTION)) {
      return;
    }
    look.slice = done;
    look.leftNs = leftNs;
    look.neededNs = restNs(done);
    if (Deadline.RULE.leaves(look)) {
      leave(done);
      next = action;
    }
  }

  /** Predicted time from the end of a slice to the action, through all layers. */
  private long restNs(int done) {
    long needed = model.action().tokens() * actionNs(done);
    for (int slice = done + 1; slice <= exit; slice++) {
      needed += prefillNs(slice, done);
    }
    return needed;
  }

  private void leave(int done) {
    for (int slice = done + 1; slice <= exit; slice++) {
      costs[firstPrefill + slice].passOver();
    }
    costs[action + exit].passOver();
    exit = done;
  }

  /** The caller wants no layers above an exit: what is not run is not measured. */
  private void passOver(int above) {
    for (int slice = above + 1; slice <= firstExit; slice++) {
      costs[firstPrefill + slice].passOver();
    }
    if (above < firstExit) {
      costs[action + firstExit].passOver();
    }
  }

  /** Expected time of a deeper prefill slice; when not measured for long, that of the one done. */
  private long prefillNs(int slice, int done) {
    return costs[firstPrefill + slice].predictedNs(
        scaled(costs[firstPrefill + done], layers(slice, slice), layers(done, done)));
  }

  /** Expected time of an action token at the present exit, likewise. */
  private long actionNs(int done) {
    return costs[action + exit].predictedNs(
        scaled(costs[action + done], layers(0, exit), layers(0, done)));
  }

  private static long scaled(SliceCost of, int layers, int ofLayers) {
    return (long) (of.predictedNs() * NEIGHBOUR_MARGIN * layers / ofLayers);
  }

  private int layers(int from, int to) {
    int layers = 0;
    for (int slice = from; slice <= to; slice++) {
      layers += slice == skippedSlice ? 0 : model.decoder().layersPerSlice()[slice];
    }
    return layers;
  }

  private SliceCost cost(int slice) {
    return costs[slice < action ? slice : action + (slice - action) * prefills + exit];
  }
}
