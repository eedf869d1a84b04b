package saccade.planner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class ActionChunkTest {
  @Test
  void isLinearBetweenStepCentresAndConstantOutside() {
    ActionChunk chunk =
        new ActionChunk(
            1000, 100, Maneuver.KEEP, new double[] {1, 2, -4}, new double[] {0, 0.1, 0.1});
    assertEquals(1, chunk.accelAt(0));
    assertEquals(1, chunk.accelAt(1050));
    assertEquals(1.5, chunk.accelAt(1100), 1e-12);
    assertEquals(-1, chunk.accelAt(1200), 1e-12);
    assertEquals(-4, chunk.accelAt(99_999));
    assertEquals(0.05, chunk.curvatureAt(1100), 1e-12);
    assertEquals(1300, chunk.endNs());
  }

  @Test
  void doesNotSeeLaterChangesOfItsArrays() {
    double[] accel = {1, 1};
    ActionChunk chunk = new ActionChunk(0, 1, Maneuver.KEEP, accel, new double[2]);
    accel[0] = 9;
    chunk.accelMps2()[0] = 9;
    assertEquals(1, chunk.accel(0));
  }

  @Test
  void refusesWhatIsNoPlan() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new ActionChunk(0, 1, Maneuver.KEEP, new double[2], new double[3]));
    assertThrows(
        IllegalArgumentException.class,
        () -> new ActionChunk(0, 1, Maneuver.KEEP, new double[] {Double.NaN}, new double[1]));
    assertThrows(
        IllegalArgumentException.class,
        () -> new ActionChunk(0, 0, Maneuver.KEEP, new double[1], new double[1]));
  }
}
