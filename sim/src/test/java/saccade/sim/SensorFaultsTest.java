package saccade.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SensorFaultsTest {
  private static final int FRAMES = 20_000;
  private static final SensorFaults FAULTS = SensorFaults.vehicle(5, 0.02, 0.01);

  @Test
  void noneChangesNothing() {
    assertTrue(SensorFaults.NONE.isNone());
    assertFalse(FAULTS.isNone());
    for (int n = 0; n < 100; n++) {
      assertEquals(0, SensorFaults.NONE.offsetNs(3, n));
      assertEquals(0, SensorFaults.NONE.delayNs(3, n));
      assertFalse(SensorFaults.NONE.lost(3, n));
    }
  }

  @Test
  void sharesAndDelaysAreAsAskedFor() {
    int late = 0;
    int lost = 0;
    for (int sensor = 0; sensor < 7; sensor++) {
      for (int n = 0; n < FRAMES; n++) {
        long delay = FAULTS.delayNs(sensor, n);
        assertTrue(delay == 0 || delay >= 40_000_000 && delay <= 120_000_000);
        assertFalse(delay > 0 && FAULTS.lost(sensor, n), "late and lost");
        late += delay > 0 ? 1 : 0;
        lost += FAULTS.lost(sensor, n) ? 1 : 0;
      }
    }
    assertEquals(0.02, late / (7.0 * FRAMES), 0.002);
    assertEquals(0.01, lost / (7.0 * FRAMES), 0.002);
  }

  @Test
  void phasesRollSlowlyAroundTheirMeanAndDifferBySensor() {
    SensorFaults quiet = new SensorFaults(5, 1_500_000, 1_000_000, 0, 0, 0, 0, 0);
    long[] phases = quiet.phasesNs(7);
    for (int sensor = 0; sensor < 7; sensor++) {
      long least = Long.MAX_VALUE;
      long most = 0;
      double sum = 0;
      for (int n = 0; n < FRAMES; n++) {
        long offset = quiet.offsetNs(sensor, n);
        assertTrue(Math.abs(quiet.offsetNs(sensor, n + 1) - offset) < 40_000, "a slow roll");
        least = Math.min(least, offset);
        most = Math.max(most, offset);
        sum += offset;
      }
      assertEquals(2_000_000, most - least, 10_000);
      assertEquals(phases[sensor], sum / FRAMES, 40_000);
    }
    boolean together = true;
    for (int n = 0; n < 400; n++) {
      together &=
          Math.abs(quiet.offsetNs(1, n) - quiet.offsetNs(0, n) - quiet.phaseStepNs()) < 100_000;
    }
    assertFalse(together, "each has a clock of its own");
  }

  @Test
  void jitterStaysInItsBounds() {
    SensorFaults shaky = new SensorFaults(1, 0, 0, 400_000, 0, 0, 0, 0);
    double sum = 0;
    for (int n = 0; n < FRAMES; n++) {
      long offset = shaky.offsetNs(2, n);
      assertTrue(offset >= 0 && offset <= 800_000);
      sum += offset;
    }
    assertEquals(shaky.phasesNs(3)[2], sum / FRAMES, 10_000);
  }

  @Test
  void theSeedDecides() {
    int differ = 0;
    for (int n = 0; n < 1000; n++) {
      SensorFaults again = SensorFaults.vehicle(5, 0.02, 0.01);
      assertEquals(FAULTS.offsetNs(1, n), again.offsetNs(1, n));
      assertEquals(FAULTS.delayNs(1, n), again.delayNs(1, n));
      SensorFaults other = SensorFaults.vehicle(6, 0.02, 0.01);
      differ += FAULTS.offsetNs(1, n) != other.offsetNs(1, n) ? 1 : 0;
    }
    assertTrue(differ > 900);
  }

  @Test
  void nonsenseIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> SensorFaults.vehicle(1, 0.6, 0.5));
    assertThrows(IllegalArgumentException.class, () -> SensorFaults.vehicle(1, -0.1, 0));
    assertThrows(IllegalArgumentException.class, () -> SensorFaults.vehicle(1, Double.NaN, 0));
    assertThrows(IllegalArgumentException.class, () -> new SensorFaults(1, -1, 0, 0, 0, 0, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> new SensorFaults(1, 0, 0, 0, 0, 5, 4, 0));
  }
}
