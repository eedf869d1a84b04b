package saccade.nodes.dashboard;

import java.util.Arrays;
import java.util.List;
import saccade.nodes.pipeline.Perceiver;
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
import saccade.realtime.schedule.SliceKind;

/** Says the same of every set: a braking car ahead, a plan that brakes into a curve. */
final class TalkingPerceiver implements Perceiver {
  static final String SENTENCE = "Straight road, a car at 14 m with brake lights on, closing.";

  private final SliceKind kind = new SliceKind("talk");
  private final int[] actionIds;
  private long captureNs;
  private long set = -1;

  TalkingPerceiver() {
    double[] accel = {-0.5, -1.5, -2.5, -3, -3, -2.5, -2, -1.5, -1, -0.5};
    double[] curvature = new double[10];
    Arrays.fill(curvature, 0.02);
    actionIds =
        new ActionCodec(ActionCodecSpec.saccadeNano())
            .encode(new ActionChunk(0, 200_000_000L, Maneuver.BRAKE, accel, curvature));
  }

  @Override
  public void begin(SetInput input, long deadlineNs) {
    captureNs = input.captureNs();
    set++;
  }

  @Override
  public boolean step(long nowNs) {
    return false;
  }

  @Override
  public boolean describing() {
    return true;
  }

  @Override
  public SliceKind kind() {
    return kind;
  }

  @Override
  public void cut() {}

  @Override
  public PerceptionOutput output() {
    boolean[] kept = new boolean[28];
    for (int i = 0; i < kept.length; i++) {
      kept[i] = (i * 7 + set) % 3 != 0;
    }
    int[] facts = {0, 0, 0, 1, 4, 0, 0, 2, 0, 5, 2, 0, 0, 0, 0, 0, 0, 1};
    float[] sure = new float[6];
    Arrays.fill(sure, 0.9f);
    return new PerceptionOutput(
        set,
        captureNs,
        PerceptionOutput.Kind.COMPLETE,
        CutReason.NONE,
        actionIds,
        new int[facts.length],
        facts,
        SENTENCE,
        sure,
        new float[facts.length],
        1,
        4,
        59,
        81,
        List.of(
            new CameraTokens("front_wide", SensorStatus.USED, kept, 18),
            new CameraTokens("front_tele", SensorStatus.USED, kept.clone(), 18)),
        SensorStatus.USED,
        SensorStatus.USED,
        List.of("front_wide", "front_tele", "lidar_top", "ego"),
        List.of(),
        List.of(),
        new StageTimes(14_000_000, 300_000, 12_000_000, 9_000_000, 11_000_000));
  }

  @Override
  public void reset() {}

  @Override
  public void close() {}
}
