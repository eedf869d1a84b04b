package saccade.hil.drive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.nodes.sensor.SensorTap;
import saccade.sim.Scenario;

class SensorTroubleTest {
  private static final long PERIOD_NS = 100_000_000L;
  private static final int SETS = 1000;
  private static final Rig RIG =
      new Rig(
          List.of(
              CameraModel.ofHorizontalFov(
                  "small", 64, 32, Math.toRadians(90), Pose.of(1.6, 0, 1.5, 0, 0, 0))),
          Rig.twoCamera().lidar());

  private static SensorTrouble drive(long seed) {
    SensorTrouble trouble = new SensorTrouble(RIG, SensorTap.OPEN, 1, PERIOD_NS, seed);
    MemorySegment frame = MemorySegment.ofArray(new byte[16]);
    for (int set = 0; set < SETS; set++) {
      for (int sensor = 0; sensor <= RIG.cameras().size(); sensor++) {
        trouble.pass(sensor, 1 + set * PERIOD_NS, frame, 16);
      }
    }
    return trouble;
  }

  @Test
  void sharesAreWhatTheyAreCalledAndTheSameSeedIsTheSame() {
    SensorTrouble trouble = drive(3);
    double frames = SETS * 2.0;
    double out = 2 * SensorTrouble.OUT_NS / (double) PERIOD_NS;
    assertEquals(SensorTrouble.LATE, trouble.late() / frames, 0.015);
    assertEquals(SensorTrouble.TWICE, trouble.twice() / frames, 0.012);
    assertEquals(SensorTrouble.LOST, (trouble.lost() - out) / frames, 0.012);
    SensorTrouble again = drive(3);
    assertEquals(trouble.late(), again.late());
    assertEquals(trouble.lost(), again.lost());
    assertEquals(trouble.twice(), again.twice());
    assertTrue(drive(4).disturbed() != trouble.disturbed());
  }

  private static Driver driver(boolean trouble) {
    LidarRule rule = new LidarRule(RIG.cameras().size());
    return new Driver(
        RIG, rule, LidarRule.CODEC, PipelineOptions.tenHertz(), 50_000_000L, rule, -1, trouble);
  }

  /** Late frames and second copies go through the product's rings; its accounts must be right. */
  @Test
  void aDriveWithTroubleEndsWithEveryFrameAccountedFor() {
    DriveOutcome first = driver(true).drive(Scenario.named("lead-brake"), 5, 100, trace -> false);
    assertTrue(
        first.disturbed() > 40,
        "two drop-outs of twenty frames, and the shares: " + first.disturbed());
    assertEquals(
        0, driver(false).drive(Scenario.named("lead-brake"), 5, 100, trace -> false).disturbed());
    DriveOutcome again = driver(true).drive(Scenario.named("lead-brake"), 5, 100, trace -> false);
    assertEquals(first.way().line(), again.way().line(), "drawn from the seed");
    assertEquals(
        List.of(first.misses(), first.disturbed()), List.of(again.misses(), again.disturbed()));
  }
}
