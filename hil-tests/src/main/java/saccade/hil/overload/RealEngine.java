package saccade.hil.overload;

import java.util.List;
import org.jspecify.annotations.Nullable;
import saccade.hil.bench.BenchStream;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.perception.PerceptionOutput;
import saccade.perception.SetInput;
import saccade.planner.GeometricReflex;
import saccade.planner.ReflexLimits;
import saccade.realtime.deadline.Decision;
import saccade.realtime.deadline.WorkShape;
import saccade.realtime.overload.Engine;

/** The shipped model on sets of a drive that were rendered before, and the geometric reflex. */
final class RealEngine implements Engine {
  private final ModelPerceiver model;
  private final WorkShape shape;
  private final BenchStream.Loop drive;
  private final SetInput input;
  private final @Nullable GeometricReflex eyes;
  private boolean running;
  private boolean acted;
  private int exit;
  private long sweeps;

  RealEngine(ModelPerceiver model, Rig rig, BenchStream.Loop drive) {
    this.model = model;
    this.shape = model.shape();
    this.drive = drive;
    this.input = new SetInput(rig.cameras().size());
    LidarModel lidar = rig.lidar();
    this.eyes =
        lidar == null
            ? null
            : new GeometricReflex(
                ReflexLimits.passengerCar(), GeometricReflex.Mode.ON, rows(lidar.baseFromLidar()));
  }

  private static double[] rows(Pose pose) {
    double[] r = pose.rotation();
    return new double[] {
      r[0], r[1], r[2], pose.x(), r[3], r[4], r[5], pose.y(), r[6], r[7], r[8], pose.z()
    };
  }

  @Override
  public WorkShape shape() {
    return shape;
  }

  @Override
  public List<String> kindNames() {
    return model.kindNames();
  }

  @Override
  public void begin(int set, Decision limits, long deadlineNs) {
    drive.fill(input, set);
    model.limit(limits);
    model.begin(input, deadlineNs);
    running = true;
    acted = false;
  }

  @Override
  public boolean step(long nowNs) {
    running = model.step(nowNs);
    if (!acted) {
      PerceptionOutput output = running ? model.actionOutput() : model.output();
      acted = output != null && output.hasAction();
      exit = output == null ? -1 : output.exitSlice();
    }
    return running;
  }

  @Override
  public int kind() {
    return model.hasRun() ? model.kindIndex() : -1;
  }

  @Override
  public int size() {
    return model.size();
  }

  @Override
  public boolean hasAction() {
    return acted;
  }

  @Override
  public int exit() {
    return exit;
  }

  @Override
  public boolean textWhole() {
    return !running && model.output().kind() == PerceptionOutput.Kind.COMPLETE;
  }

  @Override
  public void cut() {
    model.cut();
    if (running && !acted) {
      acted = model.output().hasAction();
      exit = model.output().exitSlice();
    }
    running = false;
  }

  @Override
  public void reflex(int set) {
    if (eyes != null) {
      eyes.sweep(
          drive.sweep(set), drive.points(set), ++sweeps * 1_000_000L, drive.speedMps(set), 0);
    }
  }

  /** Forgets earlier sets, for the next run. */
  void reset() {
    model.reset();
    running = false;
    acted = false;
  }
}
