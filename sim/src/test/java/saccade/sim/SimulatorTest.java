package saccade.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;

/**
 * The same drive through {@link Simulator}, embedded and behind a server in the form of CARLA's
 * synchronous mode: whoever drives cannot tell them apart.
 */
class SimulatorTest {
  private static final double STEP_S = 0.05;
  private static final Rig RIG =
      new Rig(
          List.of(
              CameraModel.ofHorizontalFov("front", 112, 64, 1.5, Pose.of(1.6, 0, 1.5, 0, 0, 0)),
              CameraModel.ofHorizontalFov("left", 112, 64, 1.5, Pose.of(1, 1, 1.5, 0, 0, 1.5))),
          new LidarModel("top", Pose.of(1.2, 0, 1.9, 0, 0, 0), 8, 180, -0.4, 0.1, 80));

  private final Arena arena = Arena.ofAuto();

  private Simulator bridged(LockStepServer server) {
    return new LockStepBridge(RIG, server, STEP_S);
  }

  /** A set of sensor data of a simulator's present frame. */
  private MemorySegment[] sense(Simulator simulator) {
    MemorySegment[] all = new MemorySegment[RIG.cameras().size() + 1];
    for (int i = 0; i < RIG.cameras().size(); i++) {
      all[i] = arena.allocate(112 * 64 * 3);
      simulator.renderCamera(i, all[i]);
    }
    MemorySegment points = arena.allocate(8 * 180 * 16, 4);
    all[all.length - 1] = points.asSlice(0, simulator.renderLidar(points) * 16L);
    return all;
  }

  @Test
  void aDriveBehindAServerIsTheSameDrive() {
    Scenario scenario = Scenario.named("lead-brake");
    Simulator embedded = scenario.drive(RIG, 3);
    try (LockStepServer server = new LockStepServer(RIG, scenario, 3, STEP_S);
        LockStepBridge bridge = (LockStepBridge) bridged(server)) {
      assertEquals(embedded.setSpeedMps(), bridge.setSpeedMps());
      for (int set = 0; set < 12; set++) {
        double accel = set < 6 ? -1.5 : 1;
        double curvature = 0.01 * Math.sin(set);
        for (Simulator one : List.of(embedded, bridge)) {
          long before = one.frame();
          one.command(accel, curvature);
          // The embedded world has to take the server's steps, or the last bits differ.
          one.advance(STEP_S);
          one.advance(STEP_S);
          assertTrue(one.frame() > before);
        }
        assertEquals(embedded.timeS(), bridge.timeS(), 1e-9);
        assertEquals(embedded.odometry().speedMps(), bridge.odometry().speedMps());
        assertEquals(embedded.odometry().yawRateRps(), bridge.odometry().yawRateRps(), 1e-15);
        assertEquals(embedded.odometry().accelMps2(), bridge.odometry().accelMps2());
        MemorySegment[] ours = sense(embedded);
        MemorySegment[] theirs = sense(bridge);
        for (int i = 0; i < ours.length; i++) {
          assertEquals(-1, ours[i].mismatch(theirs[i]), "sensor " + i + " of set " + set);
        }
        assertTrue(ours[2].byteSize() > 100 * 16);
      }
      assertTrue(
          Math.abs(embedded.odometry().yawRateRps()) > 1e-3, "the sign of a turn was looked at");
      assertEquals(embedded.scoreboard(), bridge.scoreboard());
      assertEquals(embedded.done(), bridge.done());
      assertTrue(bridge.staleData() > 0, "frames that were not asked for went by");
    }
  }

  @Test
  void aFixedStepTakesWholeStepsAndNeverDrifts() {
    try (LockStepServer server = new LockStepServer(RIG, Scenario.named("empty-road"), 1, STEP_S);
        Simulator bridge = bridged(server)) {
      long start = bridge.frame();
      assertEquals(STEP_S, bridge.stepS());
      assertEquals(start, bridge.advance(0.03), "no step fits in");
      assertEquals(0, bridge.timeS(), 1e-12);
      assertEquals(start + 2, bridge.advance(0.12));
      // As the real-time source does: always up to an absolute time.
      double at = 0.13;
      for (int i = 0; i < 20; i++) {
        at += 0.033;
        bridge.advance(at - bridge.timeS());
        assertTrue(at - bridge.timeS() < STEP_S + 1e-9 && at > bridge.timeS() - 1e-9);
      }
      assertEquals(bridge.timeS(), (bridge.frame() - start) * STEP_S, 1e-9);
    }
  }

  @Test
  void commandsHoldFromTheNextStepOn() {
    for (Simulator simulator :
        List.of(
            Scenario.named("empty-road").drive(RIG, 1),
            bridged(new LockStepServer(RIG, Scenario.named("empty-road"), 1, STEP_S)))) {
      double speed = simulator.odometry().speedMps();
      simulator.command(-6, 0);
      assertEquals(speed, simulator.odometry().speedMps(), "nothing moves by itself");
      simulator.advance(0.5);
      assertTrue(simulator.odometry().speedMps() < speed - 1);
      assertThrows(IllegalArgumentException.class, () -> simulator.command(Double.NaN, 0));
      assertThrows(IllegalArgumentException.class, () -> simulator.advance(0));
      assertThrows(IllegalArgumentException.class, () -> simulator.advance(11));
      simulator.close();
    }
  }

  @Test
  void aLostServerIsSaid() {
    LockStepServer server = new LockStepServer(RIG, Scenario.named("empty-road"), 1, STEP_S);
    Simulator bridge = bridged(server);
    server.close();
    String message =
        assertThrows(IllegalStateException.class, () -> bridge.advance(0.1)).getMessage();
    assertTrue(message.contains("simulator lost") && message.contains("2000 ms"), message);
  }

  @Test
  void theEmbeddedOneTakesAnyStep() {
    Simulator simulator = Scenario.named("demo").drive(RIG, 1);
    assertEquals(0, simulator.stepS());
    assertEquals(RIG, simulator.rig());
    long frame = simulator.advance(0.0037);
    assertEquals(0.0037, simulator.timeS(), 1e-12);
    assertEquals(frame, simulator.frame());
    assertEquals("demo", Scenario.named("demo").name());
  }
}
