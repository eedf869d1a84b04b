package saccade.nodes.pipeline;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import saccade.kernels.image.PixelFormat;
import saccade.nodes.sensor.EgoState;
import saccade.nodes.sensor.SensorInlets;
import saccade.perception.CutReason;
import saccade.perception.PerceptionOutput;
import saccade.perception.SetInput;
import saccade.planner.EgoSource;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.deadline.Decision;
import saccade.realtime.frameset.FrameSet;
import saccade.realtime.ring.Doorbell;
import saccade.realtime.ring.FrameView;
import saccade.realtime.schedule.Criticality;
import saccade.realtime.schedule.LaneMates;
import saccade.realtime.schedule.Slice;
import saccade.realtime.schedule.SliceKind;

/**
 * Hot path. The one set that is with the model: filled by the control thread, run by the lane,
 * collected by the control thread. The hand-over is {@code state}: a release store by whoever
 * gives, an acquire load by whoever takes.
 */
final class SetJob implements Slice {
  private enum State {
    IDLE,
    WITH_LANE,
    DONE
  }

  private static final int FORGET_AFTER = 2;
  private static final PixelFormat[] FORMATS = PixelFormat.values();

  private final Perceiver perceiver;
  private final NanoClock laneClock;
  private final Doorbell doorbell;
  private final SetInput input;
  private final int cameras;
  private final StandIns standIns;
  private final LaneMates mates;
  private long stoodIn; // bit i = camera i
  private long shown; // bit i: camera i is in the input, itself or seen in another one
  private volatile State state = State.IDLE;
  private volatile boolean actionThere; // the lane has handed an action out and goes on
  private volatile boolean hung;
  private volatile boolean inText; // lane: what is left is description
  private volatile long leftNs; // predicted, in its class; 0 when nothing is, or it is not known
  private volatile @Nullable Throwable crash; // what run threw that it does not catch
  private boolean textRefused; // lane, until the hand-over
  private @Nullable FrameSet set;
  private EgoState ego = EgoState.STANDING;
  private long captureNs;
  private long dueNs;
  private long textUntilNs;
  private long dispatchedNs;
  private long startedNs;
  private long doneNs;
  private boolean begun;
  private boolean actionTaken; // control thread
  private @Nullable PerceptionOutput actionOutput;
  private long actionNs;
  private boolean limited;
  private final Decision decision;
  private long number = -1;
  private long budgetNs;
  private @Nullable PerceptionOutput output;
  private @Nullable Throwable failure;
  private final SliceTrace slices = new SliceTrace(); // lane, until the hand-over
  private volatile long laneThread = -1;
  private int brokenInRow; // lane: sets with numbers that are not finite
  private boolean anew; // what was seen before is another world; until the lane has forgotten it

  SetJob(
      Perceiver perceiver,
      int cameras,
      int sensors,
      StandIns standIns,
      LaneMates mates,
      NanoClock laneClock,
      Doorbell doorbell) {
    this.mates = mates;
    this.perceiver = perceiver;
    this.standIns = standIns;
    this.cameras = cameras;
    this.laneClock = laneClock;
    this.doorbell = doorbell;
    this.input = new SetInput(cameras);
    this.decision = new Decision(sensors);
  }

  // ---- control thread ----

  Perceiver perceiver() {
    return perceiver;
  }

  boolean isIdle() {
    return state == State.IDLE;
  }

  boolean isDone() {
    return state == State.DONE;
  }

  /**
   * Takes a set over; it is released by the control thread after {@link #isDone}.
   *
   * @param usable bit i: what sensor i sent is used
   * @param standIn bit i: camera i is not, and another one's picture shows its view
   * @param textUntilNs from then on no slice of text is begun: the next set is due
   * @param decided what it may cost; null = no limits
   */
  void prepare(
      FrameSet from,
      long usable,
      long standIn,
      EgoState motion,
      long budget,
      long reserveNs,
      long textUntilNs,
      @Nullable Decision decided,
      long nowNs) {
    set = from;
    number = from.number();
    ego = motion;
    captureNs = from.oldestNs();
    budgetNs = budget;
    dueNs = captureNs + budget - reserveNs;
    this.textUntilNs = textUntilNs;
    limited = decided != null;
    if (decided != null) {
      decision.copyFrom(decided);
    }
    actionThere = false;
    actionTaken = false;
    actionOutput = null;
    dispatchedNs = nowNs;
    startedNs = nowNs;
    begun = false;
    inText = false;
    textRefused = false;
    crash = null;
    output = null;
    failure = null;
    slices.clear();
    input.clear();
    input.capture(captureNs);
    shown = 0;
    for (int i = 0; i < from.sensors(); i++) {
      if ((usable >>> i & 1) == 1) {
        fill(i, from.view(i));
      }
    }
    stoodIn = 0;
    for (int i = 0; i < cameras; i++) {
      if ((standIn >>> i & 1) == 1 && standIns.put(input, i, from.view(standIns.source(i)))) {
        stoodIn |= 1L << i;
      }
    }
    shown |= stoodIn;
    if (ego.source() == EgoSource.NONE) {
      input.noEgo();
    } else {
      input.ego(
          ego.speedMps(),
          ego.yawRateRps(),
          ego.setSpeedMps(),
          ego.accelMps2(),
          ego.stoodS(),
          ego.drivenM());
    }
    leftNs = limited ? decision.actionP50Ns() : 0;
    state = State.WITH_LANE;
  }

  /**
   * Before the hand-over: the set begins another world than those before, whose memory has to go.
   */
  void beginAnew() {
    anew = true;
  }

  private void fill(int sensor, FrameView view) {
    MemorySegment payload = view.payload();
    if (sensor < cameras) {
      if (view.format() < 0 || view.format() >= FORMATS.length) {
        return; // absent: nobody can say what its bytes are
      }
      PixelFormat format = FORMATS[view.format()];
      input.camera(
          sensor, payload, view.width(), view.height(), format.rowBytes(view.width()), format);
      shown |= 1L << sensor;
    } else {
      int points = view.byteLength() / SensorInlets.POINT_BYTES;
      input.lidar(payload, points, view.captureNs() - captureNs);
    }
  }

  /** Frees the job after its answer has been read; the set's leases go back. */
  void collect() {
    FrameSet held = set;
    if (held != null) {
      held.release();
      set = null;
    }
    hung = false;
    actionThere = false; // it may have gone with its text
    state = State.IDLE;
  }

  /** Whether an action waits whose set goes on, or went on. */
  boolean hasAction() {
    return actionThere && !actionTaken;
  }

  /** When the action was decided, ns; after {@link #hasAction}. */
  long actionNs() {
    return actionNs;
  }

  /** The action, once. */
  @Nullable PerceptionOutput takeAction() {
    actionTaken = true;
    return actionOutput;
  }

  /** Whether the action of this set has been published already. */
  boolean actionTaken() {
    return actionTaken;
  }

  /** What was decided for this set; null = nothing was. */
  @Nullable Decision decision() {
    return limited ? decision : null;
  }

  /** From capture to message, ns. */
  long budgetNs() {
    return budgetNs;
  }

  /** When the answer must be there, ns. */
  long dueNs() {
    return dueNs;
  }

  /** Cameras whose view was taken from another one's picture, bit i = camera i. */
  long stoodIn() {
    return stoodIn;
  }

  /** Cameras that the model is shown, bit i = camera i: their own picture, or part of another's. */
  long shown() {
    return shown;
  }

  /** Number of the set. */
  long number() {
    return number;
  }

  @Nullable FrameSet set() {
    return set;
  }

  EgoState ego() {
    return ego;
  }

  long captureNs() {
    return captureNs;
  }

  long dispatchedNs() {
    return dispatchedNs;
  }

  long startedNs() {
    return startedNs;
  }

  long doneNs() {
    return doneNs;
  }

  @Nullable PerceptionOutput output() {
    return output;
  }

  @Nullable Throwable failure() {
    return failure;
  }

  /** Whether its text found no room on the lane; after {@link #isDone}. */
  boolean isTextRefused() {
    return textRefused;
  }

  /** What the lane's thread threw at it, a defect: it will never be done; null when nothing. */
  @Nullable Throwable crash() {
    return crash;
  }

  /** When each slice ran; after {@link #isDone}. */
  SliceTrace slices() {
    return slices;
  }

  /** Id of the thread that ran it last, -1 before. */
  long laneThread() {
    return laneThread;
  }

  /** Gives up on a lane that does not come back: what it still does is ignored. */
  void abandon() {
    hung = true;
  }

  boolean isAbandoned() {
    return hung;
  }

  // ---- lane thread ----

  @Override
  public SliceKind kind() {
    return perceiver.kind();
  }

  @Override
  public Criticality criticality() {
    return inText ? Criticality.DESCRIPTION : Criticality.ACTION;
  }

  @Override
  public long deadlineNs() {
    return dueNs;
  }

  @Override
  public Outcome run(long nowNs) {
    try {
      if (!begun) {
        laneThread = Thread.currentThread().threadId();
        startedNs = nowNs;
        drawStandIns();
        if (anew) {
          perceiver.reset();
          anew = false;
        }
        if (limited) {
          perceiver.limit(decision);
        }
        perceiver.begin(input, dueNs);
        begun = true;
      }
      if (actionThere && nowNs >= textUntilNs) {
        perceiver.cut();
        output = perceiver.output();
        finish();
        return Outcome.DONE;
      }
      boolean more = perceiver.step(nowNs);
      long endNs = laneClock.nanoTime();
      if (perceiver.hasRun()) {
        slices.record(
            perceiver.kind(),
            perceiver.kindIndex(),
            perceiver.size(),
            perceiver.expectedNs(),
            nowNs,
            endNs);
      } else if (perceiver.refusedKind() >= 0) {
        slices.refuse(perceiver.refusedKind(), perceiver.expectedNs());
      }
      if (more) {
        predict(endNs - nowNs);
        if (!actionThere && perceiver.describing()) {
          handOut(perceiver.actionOutput());
        }
        return Outcome.MORE;
      }
      output = perceiver.output();
      forgetWhatIsBroken(output);
    } catch (RuntimeException | LinkageError e) {
      fail(e);
    }
    finish();
    return Outcome.DONE;
  }

  /**
   * What is left after a slice that took so long: of the action, or of the text once it is that.
   */
  private void predict(long tookNs) {
    boolean text = perceiver.describing();
    if (text && !inText) {
      leftNs = limited && decision.facts() > 0 ? decision.wholeNs() - decision.actionP99Ns() : 0;
      inText = true;
    } else {
      leftNs = Math.max(0, leftNs - tookNs);
    }
  }

  /** A stream alone has nobody to make room for: what was decided for it is begun. */
  @Override
  public boolean onlyIfItFits() {
    return mates.isShared();
  }

  @Override
  public long remainingNs() {
    return leftNs;
  }

  @Override
  public void refused(long nowNs) {
    textRefused = true;
    expired(nowNs);
  }

  /** Kept for the control thread: the lane goes on with the others. */
  @Override
  public void crashed(Throwable cause) {
    leftNs = 0;
    crash = cause;
  }

  private void drawStandIns() {
    FrameSet from = set;
    for (int i = 0; stoodIn >>> i != 0 && from != null; i++) {
      if ((stoodIn >>> i & 1) == 1) {
        standIns.draw(i, from.view(standIns.source(i)));
      }
    }
  }

  /** Numbers that are not finite may sit in the memory of earlier sets: then it has to go. */
  private void forgetWhatIsBroken(PerceptionOutput answer) {
    brokenInRow = answer.cutReason() == CutReason.NON_FINITE ? brokenInRow + 1 : 0;
    if (brokenInRow >= FORGET_AFTER) {
      brokenInRow = 0;
      perceiver.reset();
    }
  }

  /** A planner need not wait for the sentence. */
  private void handOut(@Nullable PerceptionOutput action) {
    if (action != null) {
      actionOutput = action;
      actionNs = laneClock.nanoTime();
      actionThere = true; // release: the two above are seen with it
      doorbell.ring();
    }
  }

  @Override
  public void stop() {
    perceiver.stop();
  }

  @Override
  public void expired(long nowNs) {
    try {
      if (begun) {
        perceiver.cut();
        output = perceiver.output();
      }
    } catch (RuntimeException | LinkageError e) {
      fail(e);
    }
    finish();
  }

  /** A set that breaks the model must not break the next one. */
  private void fail(Throwable cause) {
    failure = cause;
    output = null;
    try {
      perceiver.reset();
    } catch (RuntimeException | LinkageError again) {
      cause.addSuppressed(again);
    }
  }

  private void finish() {
    doneNs = laneClock.nanoTime();
    leftNs = 0;
    state = State.DONE;
    doorbell.ring();
  }
}
