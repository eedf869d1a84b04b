package saccade.nodes.pipeline;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import saccade.perception.CutReason;
import saccade.perception.PerceptionOutput;
import saccade.perception.PerceptionOutput.CameraTokens;
import saccade.perception.PerceptionOutput.StageTimes;
import saccade.perception.SensorStatus;
import saccade.perception.SetInput;
import saccade.planner.ActionChunk;
import saccade.planner.ActionCodec;
import saccade.planner.ActionCodecSpec;
import saccade.planner.Maneuver;
import saccade.planner.OutputCodec;
import saccade.realtime.schedule.SliceKind;

/** Says the same plan for every set, in a given number of slices; may throw or wait on demand. */
final class RulePerceiver implements Perceiver {
  private static final int FACTS = OutputCodec.saccadeNano().facts().facts().size();
  private final SliceKind kind = new SliceKind("rule");
  private final int[] actionIds;
  private final int slices;
  private final Runnable inSlice;
  private int left;
  private long set = -1;
  private long captureNs;
  private PerceptionOutput output;
  int resets;
  int begun;
  volatile @Nullable Error inCut; // thrown there

  /**
   * @param accelMps2 of the plan, all steps
   * @param slices a set takes
   * @param inSlice run in each slice: nothing, a wait, an exception
   */
  RulePerceiver(double accelMps2, int slices, Runnable inSlice) {
    double[] accel = new double[10];
    Arrays.fill(accel, accelMps2);
    Maneuver maneuver =
        accelMps2 < -0.7 ? Maneuver.BRAKE : accelMps2 > 0.3 ? Maneuver.ACCELERATE : Maneuver.KEEP;
    this.actionIds =
        new ActionCodec(ActionCodecSpec.saccadeNano())
            .encode(new ActionChunk(0, 200_000_000L, maneuver, accel, new double[10]));
    this.slices = slices;
    this.inSlice = inSlice;
  }

  static RulePerceiver of(double accelMps2) {
    return new RulePerceiver(accelMps2, 3, () -> {});
  }

  @Override
  public void begin(SetInput input, long deadlineNs) {
    set++;
    begun++;
    captureNs = input.captureNs();
    left = slices;
  }

  @Override
  public boolean step(long nowNs) {
    inSlice.run();
    left--;
    if (left > 0) {
      return true;
    }
    output = answer(PerceptionOutput.Kind.COMPLETE, CutReason.NONE);
    return false;
  }

  private PerceptionOutput answer(PerceptionOutput.Kind kindOfAnswer, CutReason reason) {
    boolean action = kindOfAnswer != PerceptionOutput.Kind.CUT_SHORT_WITHOUT_ACTION;
    int[] none = new int[FACTS];
    Arrays.fill(none, -1);
    return new PerceptionOutput(
        set,
        captureNs,
        kindOfAnswer,
        reason,
        action ? actionIds : new int[0],
        none,
        none,
        "",
        action ? new float[] {0.9f, 0.9f, 0.9f, 0.9f, 0.9f, 0.9f} : new float[0],
        new float[none.length],
        action ? 2 : -1,
        action ? 6 : 0,
        81,
        81,
        List.of(new CameraTokens("left", SensorStatus.USED, new boolean[28], 28)),
        SensorStatus.USED,
        SensorStatus.USED,
        List.of("left", "top"),
        List.of(),
        List.of(),
        new StageTimes(1, 1, 1, 1, action ? 1 : 0));
  }

  @Override
  public boolean describing() {
    return left <= 1;
  }

  @Override
  public SliceKind kind() {
    return kind;
  }

  @Override
  public void cut() {
    Error broken = inCut;
    if (broken != null) {
      throw broken;
    }
    if (left > 0) {
      left = 0;
      output = answer(PerceptionOutput.Kind.CUT_SHORT_WITHOUT_ACTION, CutReason.REQUESTED);
    }
  }

  @Override
  public PerceptionOutput output() {
    return output;
  }

  @Override
  public void reset() {
    left = 0;
    resets++;
  }

  @Override
  public void close() {}
}
