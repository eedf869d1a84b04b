package saccade.nodes.sensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.nodes.dashboard.PageSeen;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.nodes.pipeline.RealTimeRun;
import saccade.nodes.sensor.FaultSwitch.Fault;
import saccade.planner.OutputCodec;
import saccade.realtime.ledger.DropReason;

/** Alone, and switched while a pipeline takes the simulator's frames. */
@Timeout(60)
final class FaultSwitchTest {
  private static final Rig RIG =
      new Rig(
          List.of(
              CameraModel.ofHorizontalFov("a", 32, 16, 1.5, Pose.of(1.6, 0, 1.5, 0, 0, 0)),
              CameraModel.ofHorizontalFov("b", 32, 16, 1.5, Pose.of(1.6, 0, 1.5, 0, 0, 1))),
          new LidarModel("top", Pose.of(1.2, 0, 1.9, 0, 0, 0), 4, 32, -0.4, 0.1, 80));

  private final FaultSwitch faults = new FaultSwitch(RIG, SensorTap.OPEN);

  private static MemorySegment frame(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return MemorySegment.ofArray(bytes);
  }

  private static byte[] bytes(MemorySegment frame) {
    return frame.toArray(ValueLayout.JAVA_BYTE);
  }

  @Test
  void lostFramesDoNotPassAndOthersDo() {
    faults.set("b", Fault.LOST);
    assertTrue(faults.pass(0, 0, frame(1), 1));
    assertFalse(faults.pass(1, 0, frame(1), 1));
    faults.set("b", Fault.NONE);
    assertTrue(faults.pass(1, 0, frame(1), 1));
    assertEquals(0, faults.touched(0));
    assertEquals(1, faults.touched(1));
  }

  @Test
  void blackIsBlackAsFarAsTheFrameGoes() {
    faults.set("a", Fault.BLACK);
    MemorySegment frame = frame(9, 8, 7, 6);
    assertTrue(faults.pass(0, 0, frame, 3));
    assertArrayEquals(new byte[] {0, 0, 0, 6}, bytes(frame));
  }

  @Test
  void aFrozenSensorRepeatsItsFirstFrameUntilItIsWell() {
    faults.set("top", Fault.FROZEN);
    faults.pass(2, 0, frame(1, 2), 2);
    MemorySegment longer = frame(5, 5, 5, 5, 5);
    faults.pass(2, 1, longer, 5);
    assertArrayEquals(new byte[] {1, 2, 1, 2, 1}, bytes(longer));
    MemorySegment shorter = frame(5);
    faults.pass(2, 2, shorter, 1);
    assertArrayEquals(new byte[] {1}, bytes(shorter));
    faults.set("top", Fault.NONE);
    MemorySegment well = frame(4, 4);
    faults.pass(2, 3, well, 2);
    assertArrayEquals(new byte[] {4, 4}, bytes(well));
    faults.set("top", Fault.FROZEN);
    faults.pass(2, 4, well, 2);
    MemorySegment after = frame(6, 6);
    faults.pass(2, 5, after, 2);
    assertArrayEquals(new byte[] {4, 4}, bytes(after), "not the frame of the last time");
  }

  @Test
  void onlyKnownSensorsAndTheirFaultsAreTaken() {
    String unknown =
        assertThrows(IllegalArgumentException.class, () -> faults.set("c", Fault.LOST))
            .getMessage();
    assertTrue(unknown.contains("[a, b, top, imu]") && unknown.contains("\"c\""), unknown);
    String black =
        assertThrows(IllegalArgumentException.class, () -> faults.set("top", Fault.BLACK))
            .getMessage();
    assertTrue(black.contains("LOST, LATE, FROZEN") && black.contains("BLACK"), black);
    assertEquals(Fault.NONE, faults.of(2));
  }

  @Test
  void theInertialUnitCanOnlyBeLost() {
    assertEquals(List.of(Fault.LOST), faults.possible(3));
    assertFalse(faults.imuLost());
    faults.set(FaultSwitch.IMU, Fault.LOST);
    assertTrue(faults.imuLost());
    assertEquals(1, faults.touched(3));
    assertThrows(IllegalArgumentException.class, () -> faults.set(FaultSwitch.IMU, Fault.BLACK));
  }

  /** Each switch as the pipeline sees it; afterwards every account balances. */
  @Test
  void buttonsChangeWhatThePipelineSees() throws InterruptedException {
    PageSeen seen = new PageSeen();
    try (SimulatorSource source = new SimulatorSource(RIG, "empty-road", 1, 10, SensorTap.OPEN)) {
      FaultSwitch buttons = source.faultSwitch();
      try (RealTimeRun run =
          new RealTimeRun(
              PipelineOptions.tenHertz(),
              source,
              seen.perceiver(),
              OutputCodec.saccadeNano(),
              source,
              seen,
              saccade.nodes.graph.HostPolicy.AS_IS)) {
        run.begin();
        run.startSource();
        until(() -> seen.has(0) && seen.has(1) && seen.has(2) && seen.brightest(0) > 0);
        buttons.set("a", Fault.BLACK);
        until(() -> seen.has(0) && seen.brightest(0) == 0);
        buttons.set("a", Fault.NONE);
        until(() -> seen.brightest(0) > 0);
        buttons.set("a", Fault.LOST);
        until(() -> !seen.has(0) && seen.has(1));
        assertTrue(run.pipeline().inlets().ring(0).ledger().dropped(DropReason.ABORTED) > 0);
        buttons.set("top", Fault.LOST);
        until(() -> !seen.has(2) && seen.has(1));
        buttons.set("a", Fault.NONE);
        buttons.set("top", Fault.NONE);
        until(() -> seen.has(0) && seen.has(2));
        buttons.set("b", Fault.LATE);
        until(() -> !seen.has(1) && seen.has(0));
        buttons.set("b", Fault.NONE);
        until(() -> seen.has(1));
        run.stop();
        assertNull(source.failure());
        assertEquals(List.of(), run.pipeline().imbalances());
        assertEquals(0, run.pipeline().inlets().ring(1).ledger().dropped(DropReason.ABORTED));
      }
    }
  }

  private static void until(BooleanSupplier done) throws InterruptedException {
    while (!done.getAsBoolean()) {
      Thread.sleep(5); // the class's time limit ends it
    }
  }
}
