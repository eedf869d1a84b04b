package saccade.nodes.pipeline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import saccade.perception.CutReason;
import saccade.perception.PerceptionOutput;
import saccade.perception.PerceptionOutput.StageTimes;
import saccade.perception.SensorStatus;
import saccade.perception.SetInput;
import saccade.planner.ActionChunk;
import saccade.planner.ActionCodec;
import saccade.planner.ActionCodecSpec;
import saccade.planner.Maneuver;
import saccade.planner.OutputCodec;
import saccade.realtime.clock.ManualClock;
import saccade.realtime.deadline.Decision;
import saccade.realtime.deadline.WorkShape;
import saccade.realtime.deadline.Worth;
import saccade.realtime.schedule.SliceKind;

/**
 * Has the shape of a model with three sensors and two blocks of layers, and takes time on a clock
 * that is cranked by hand: encode x 3, assemble, layers, action, text; {@code pace} times as long
 * as usual.
 */
final class ShapedPerceiver implements Perceiver {
  private static final int FACTS = OutputCodec.saccadeNano().facts().facts().size();
  private static final long MS = 1_000_000L;

  private final ManualClock time;
  private final List<SliceKind> kinds = new ArrayList<>();
  private final int[] actionIds;
  private final int[] tokens = {28, 28, 8};
  private int exit = 1;
  private int facts = FACTS;
  private int next;
  private int ran;
  private int size;
  private long captureNs;
  private long set = -1;
  private boolean done = true;
  private @Nullable PerceptionOutput output;
  double pace = 1;
  boolean breaksInText;
  @Nullable Worth worth;
  int stops;

  ShapedPerceiver(ManualClock time) {
    this.time = time;
    for (String name :
        List.of(
            "encode left",
            "encode right",
            "encode top",
            "assemble",
            "layers 0",
            "layers 1",
            "action",
            "text")) {
      kinds.add(new SliceKind(name));
    }
    double[] accel = new double[10];
    Arrays.fill(accel, 1);
    actionIds =
        new ActionCodec(ActionCodecSpec.saccadeNano())
            .encode(new ActionChunk(0, 200 * MS, Maneuver.ACCELERATE, accel, new double[10]));
  }

  @Override
  public WorkShape shape() {
    return new WorkShape(
        new int[] {0, 1, 2},
        new int[] {28, 28, 8},
        new int[] {28, 7, 8},
        new boolean[] {true, false, true},
        3,
        7,
        new int[] {4, 5},
        new int[] {2, 4},
        new boolean[] {true, true},
        kinds.size(),
        kinds.size() + 1,
        FACTS,
        FACTS / 3);
  }

  @Override
  public @Nullable Worth worth() {
    return worth;
  }

  @Override
  public void limit(Decision decision) {
    for (int i = 0; i < 3; i++) {
      tokens[i] = decision.tokens(i);
    }
    exit = decision.exit();
    facts = decision.facts();
  }

  @Override
  public void begin(SetInput input, long deadlineNs) {
    captureNs = input.captureNs();
    set++;
    next = 0;
    done = false;
  }

  @Override
  public boolean step(long nowNs) {
    while (next < 3 && tokens[next] == 0) {
      next++;
    }
    ran = next;
    int all = tokens[0] + tokens[1] + tokens[2];
    size = next == 4 || next == 5 ? all : next >= 6 ? 8 * (exit == 1 ? 6 : 2) : 0;
    double ms =
        switch (next) {
          case 0, 1, 2 -> 3;
          case 3 -> 0.5;
          case 4, 5 -> all * 0.1;
          case 6 -> 2;
          default -> facts;
        };
    time.advance(Math.round(ms * pace * MS));
    if (next == 7 && breaksInText) {
      throw new IllegalStateException("broken in its text");
    }
    next = next == 4 && exit == 0 ? 6 : next + 1;
    if (next == 8 || next == 7 && facts == 0) {
      output = answer(PerceptionOutput.Kind.COMPLETE);
      done = true;
      return false;
    }
    return true;
  }

  private PerceptionOutput answer(PerceptionOutput.Kind kind) {
    boolean action = kind != PerceptionOutput.Kind.CUT_SHORT_WITHOUT_ACTION;
    int[] said = new int[FACTS];
    Arrays.fill(said, -1);
    boolean whole = kind == PerceptionOutput.Kind.COMPLETE && facts > 0;
    return new PerceptionOutput(
        set,
        captureNs,
        kind,
        kind == PerceptionOutput.Kind.COMPLETE ? CutReason.NONE : CutReason.REQUESTED,
        action ? actionIds : new int[0],
        said,
        said.clone(),
        whole ? "Nothing ahead." : "",
        action ? new float[] {0.9f, 0.9f, 0.9f, 0.9f, 0.9f, 0.9f} : new float[0],
        new float[FACTS],
        exit,
        exit == 1 ? 6 : 2,
        tokens[0] + tokens[1] + tokens[2],
        64,
        List.of(),
        SensorStatus.USED,
        SensorStatus.USED,
        List.of("left", "right", "top"),
        List.of(),
        List.of(),
        new StageTimes(1, 1, 1, 1, 1));
  }

  @Override
  public boolean describing() {
    return next == 7;
  }

  @Override
  public @Nullable PerceptionOutput actionOutput() {
    return answer(PerceptionOutput.Kind.CUT_SHORT_WITH_ACTION);
  }

  @Override
  public SliceKind kind() {
    return kinds.get(ran);
  }

  @Override
  public List<SliceKind> kinds() {
    return kinds;
  }

  @Override
  public int kindIndex() {
    return ran;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public void stop() {
    stops++;
  }

  @Override
  public void cut() {
    if (!done) {
      done = true;
      output =
          answer(
              next == 7
                  ? PerceptionOutput.Kind.CUT_SHORT_WITH_ACTION
                  : PerceptionOutput.Kind.CUT_SHORT_WITHOUT_ACTION);
    }
  }

  @Override
  public PerceptionOutput output() {
    PerceptionOutput there = output;
    if (there == null) {
      throw new IllegalStateException("expected an ended set");
    }
    return there;
  }

  @Override
  public void reset() {
    done = true;
    next = 0;
  }

  @Override
  public void close() {}
}
