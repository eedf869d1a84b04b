package saccade.hil.drive;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import saccade.nodes.pipeline.Perceiver;
import saccade.nodes.sensor.SensorTap;
import saccade.perception.CutReason;
import saccade.perception.PerceptionOutput;
import saccade.perception.SensorStatus;
import saccade.perception.SetInput;
import saccade.planner.ActionChunk;
import saccade.planner.ActionCodec;
import saccade.planner.Maneuver;
import saccade.planner.OutputCodec;
import saccade.realtime.schedule.SliceKind;

/**
 * A "model" that answers by rule from what the sensors really show: brakes at 6 m/s^2 when a LiDAR
 * point stands in the lane within 34 m. It is also the tap through which it sees, so blanking the
 * sensors blinds it.
 */
public final class LidarRule implements Perceiver, SensorTap {
  /** What its answers mean. */
  public static final OutputCodec CODEC = OutputCodec.saccadeNano();

  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final ActionCodec codec = new ActionCodec(CODEC.action());
  private final int lidar;
  private final SliceKind kind = new SliceKind("rule");
  private double nearestM = Double.POSITIVE_INFINITY;
  private long captureNs;
  private long sets;

  /**
   * @param lidar its number among the sensors
   */
  public LidarRule(int lidar) {
    this.lidar = lidar;
  }

  @Override
  public boolean pass(int sensor, long stampNs, MemorySegment payload, int byteLength) {
    if (sensor == lidar) {
      nearestM = Double.POSITIVE_INFINITY;
      for (int at = 0; at + 16 <= byteLength; at += 16) {
        double x = payload.get(F32, at) + 1.2;
        double y = payload.get(F32, at + 4);
        double z = payload.get(F32, at + 8) + 1.9;
        if (x > 4 && Math.abs(y) < 1.2 && z > 0.4 && z < 2.4) {
          nearestM = Math.min(nearestM, x - 3.8);
        }
      }
    }
    return true;
  }

  @Override
  public void begin(SetInput input, long deadlineNs) {
    captureNs = input.captureNs();
  }

  @Override
  public boolean step(long nowNs) {
    return false;
  }

  @Override
  public boolean describing() {
    return false;
  }

  @Override
  public SliceKind kind() {
    return kind;
  }

  @Override
  public void cut() {}

  @Override
  public PerceptionOutput output() {
    boolean brake = nearestM < 34;
    double[] accel = new double[10];
    Arrays.fill(accel, brake ? -6 : 0);
    ActionChunk plan =
        new ActionChunk(
            captureNs, 200_000_000L, brake ? Maneuver.BRAKE : Maneuver.KEEP, accel, new double[10]);
    float[] sure = new float[6];
    Arrays.fill(sure, 1);
    int[] silent = new int[CODEC.facts().facts().size()];
    Arrays.fill(silent, -1);
    return new PerceptionOutput(
        sets++,
        captureNs,
        PerceptionOutput.Kind.COMPLETE,
        CutReason.NONE,
        codec.encode(plan),
        silent,
        silent,
        "",
        sure,
        new float[silent.length],
        2,
        6,
        0,
        81,
        List.of(),
        SensorStatus.USED,
        SensorStatus.USED,
        List.of("lidar_top"),
        List.of(),
        List.of(),
        new PerceptionOutput.StageTimes(0, 0, 0, 0, 0));
  }

  @Override
  public void reset() {
    nearestM = Double.POSITIVE_INFINITY;
  }

  @Override
  public void close() {}
}
