package saccade.realtime.clock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ManualClockTest {

  @Test
  void showsTheTimeItWasTurnedTo() {
    ManualClock clock = new ManualClock(5);
    assertEquals(5, clock.nanoTime());
    assertEquals(12, clock.advance(7));
    clock.set(20);
    assertEquals(20, clock.nanoTime());
  }

  @Test
  void neverGoesBack() {
    ManualClock clock = new ManualClock(5);
    assertThrows(IllegalArgumentException.class, () -> clock.advance(-1));
    assertThrows(IllegalArgumentException.class, () -> clock.set(4));
  }

  @Test
  void theSystemClockMovesForward() {
    long first = NanoClock.system().nanoTime();
    assertTrue(NanoClock.system().nanoTime() - first >= 0);
  }
}
