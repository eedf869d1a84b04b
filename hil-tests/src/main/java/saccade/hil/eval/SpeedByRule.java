package saccade.hil.eval;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;
import saccade.hil.AroundModel;
import saccade.kernels.geometry.LidarModel;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.perception.PerceptionOutput;
import saccade.perception.SetInput;
import saccade.planner.ActionChunk;
import saccade.planner.ActionCodec;
import saccade.planner.DecodeOutcome;
import saccade.planner.GeometricReflex;
import saccade.planner.ReflexLimits;

/**
 * A driver to be beaten: steers as the model does, so that nobody wins by keeping a lane, and minds
 * its speed by a rule. With a LiDAR it brakes when something stands in its corridor nearer than a
 * threshold; without one it holds the speed that is asked for. It sees what the sensors of the set
 * say, and nothing of the truth; a red light it cannot see.
 */
final class SpeedByRule extends AroundModel {
  private static final double BRAKE_MPS2 = -6;
  private static final double MOST_MPS2 = 1.5;
  private static final double LEAST_MPS2 = -2; // of holding a speed
  private static final double GAIN_PER_S = 0.8;
  private static final double STANDING_MPS = 0.3;
  private static final double SLOWEST_TURN_MPS = 0.5;

  /** Gap that is braked for at a speed: 3 m, 0.6 s, and what stopping at 5 m/s^2 takes. */
  static final DoubleUnaryOperator THRESHOLD_M = speed -> 3 + 0.6 * speed + speed * speed / 10;

  private final ActionCodec codec;
  private final @Nullable GeometricReflex corridor; // only for the gap that it measures
  private double speedMps;
  private double setSpeedMps;
  private double gapM = GeometricReflex.FREE;

  /**
   * A driver.
   *
   * @param inner steers; stays the caller's to close
   * @param lidar what it brakes by; null: it cruises
   */
  SpeedByRule(ModelPerceiver inner, ActionCodec codec, @Nullable LidarModel lidar) {
    super(inner);
    this.codec = codec;
    this.corridor =
        lidar == null
            ? null
            : new GeometricReflex(
                ReflexLimits.passengerCar(), GeometricReflex.Mode.OFF, BenchRealData.matrix(lidar));
  }

  @Override
  public void begin(SetInput input, long deadlineNs) {
    if (input.hasEgo()) {
      speedMps = Math.max(0, input.speedMps());
      setSpeedMps = input.setSpeedMps();
    }
    GeometricReflex looking = corridor;
    if (looking != null) {
      var points = input.points();
      gapM = GeometricReflex.FREE;
      if (points != null) {
        double curvature =
            input.hasEgo() && speedMps > SLOWEST_TURN_MPS ? input.yawRateRadps() / speedMps : 0;
        looking.sweep(points, input.pointCount(), input.captureNs(), speedMps, curvature);
        gapM = looking.gapM();
      }
    }
    inner.session().limits().facts(0); // who steers need not describe
    inner.begin(input, deadlineNs);
  }

  @Override
  public boolean step(long nowNs) {
    return inner.step(nowNs);
  }

  @Override
  public PerceptionOutput output() {
    return byRule(inner.output());
  }

  @Override
  public @Nullable PerceptionOutput actionOutput() {
    PerceptionOutput action = inner.actionOutput();
    return action == null ? null : byRule(action);
  }

  /** Acceleration by rule, m/s^2. */
  static double accel(double gapM, double speedMps, double setSpeedMps) {
    return gapM < THRESHOLD_M.applyAsDouble(speedMps)
        ? BRAKE_MPS2
        : Math.clamp(GAIN_PER_S * (setSpeedMps - speedMps), LEAST_MPS2, MOST_MPS2);
  }

  private PerceptionOutput byRule(PerceptionOutput said) {
    if (!said.hasAction()
        || !(codec.decode(said.actionIds(), said.captureNs()) instanceof DecodeOutcome.Plan plan)) {
      return said;
    }
    ActionChunk steered = plan.chunk();
    double[] accel = new double[steered.steps()];
    Arrays.fill(accel, accel(gapM, speedMps, setSpeedMps));
    ActionChunk chunk =
        new ActionChunk(
            steered.captureNs(),
            steered.stepNs(),
            codec.maneuverOf(accel, speedMps < STANDING_MPS),
            accel,
            steered.curvature1pm());
    return new PerceptionOutput(
        said.set(),
        said.captureNs(),
        said.kind(),
        said.cutReason(),
        codec.encode(chunk),
        said.factIds(),
        said.factValues(),
        said.sentence(),
        said.actionConfidence(),
        said.factConfidence(),
        said.exitSlice(),
        said.exitLayer(),
        said.tokensKept(),
        said.tokensTotal(),
        said.cameras(),
        said.lidar(),
        said.ego(),
        said.sensorsUsed(),
        said.sensorsMissing(),
        said.faults(),
        said.times());
  }
}
